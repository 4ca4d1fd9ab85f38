"""Drawings as text that others draw: Mermaid, which GitHub and GitLab show in Markdown, and Graphviz's dot."""
