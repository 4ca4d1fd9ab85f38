"""Which layers a pattern of a recipe means."""

from __future__ import annotations

from fnmatch import fnmatchcase

ALL = "all "
"""What stands before an operator or a family in a pattern: `all conv`."""


def matches_name(pattern: str, layer: str) -> bool:
    """Whether a pattern means a layer by its name; the empty one and * mean every layer."""
    return pattern in ("", "*", layer) or (not pattern.startswith(ALL) and fnmatchcase(layer, pattern))


def overlap(first: str, second: str, layer: str) -> tuple[str, str]:
    """What is wrong with two patterns that match one layer, and what is expected."""
    message = f"'{first[:40]}' and '{second[:40]}' both match {layer}"
    return message, "patterns that share no layer; * is for all others"
