"""Formulas on paper."""
