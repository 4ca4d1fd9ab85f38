"""Which network of the catalogue a network is, or resembles."""
