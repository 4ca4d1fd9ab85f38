"""Rows for programs, written as they are computed: CSV, JSON lines, Parquet."""
