"""Budgets beside costs, for people and for programs of continuous integration."""
