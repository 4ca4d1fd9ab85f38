"""HTML: tables that can be sorted, drawings as SVG, and whole documents that need nothing from elsewhere."""
