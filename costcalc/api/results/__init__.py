"""Results as `import costcalc` gives them: what the analyses found, and how a notebook shows it."""
