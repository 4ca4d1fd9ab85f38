"""Closed formulas of networks and operators."""
