"""Costs beside budgets."""
