"""Graph to graph: `NETWORK@standard`, `@separable`, `@rank=8` and the like."""
