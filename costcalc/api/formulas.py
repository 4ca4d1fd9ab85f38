"""Closed formulas."""
def formula(*a, **k): raise NotImplementedError
