"""A network before and after a recipe, by layer and by step; the rates that reach a size; the rates of real weights."""
