"""Rows to text and pictures: a folder per way out. None of them computes a cost."""
