"""Which layers a pattern of a recipe means."""

from __future__ import annotations

from fnmatch import fnmatchcase

from costcalc.quantity import Quantity

ALL = "all "
"""What stands before an operator or a family in a pattern: `all conv`."""


def is_name(pattern: str) -> bool:
    """Whether a pattern can mean no layer but the one that is called so."""
    return bool(pattern) and not pattern.startswith(ALL) and not any(sign in pattern for sign in "*?[")


def matches_name(pattern: str, layer: str) -> bool:
    """Whether a pattern means a layer by its name; the empty one and * mean every layer."""
    return pattern in ("", "*", layer) or (not pattern.startswith(ALL) and fnmatchcase(layer, pattern))


def overlap(first: str, second: str, layer: str) -> tuple[str, str]:
    """What is wrong with two patterns that match one layer, and what is expected."""
    message = f"'{first[:40]}' and '{second[:40]}' both match {layer}"
    return message, "patterns that share no layer; * is for all others"


def too_few_weights(layer: str, weights: Quantity, entries: Quantity) -> tuple[str, str]:
    """What is wrong with a codebook of more values than a layer has weights, and what is expected."""
    return f"{layer} has {weights} weights, the codebook {entries} values", "a codebook no larger than the layer"


def too_long_rows(layer: str, columns: Quantity, bits: Quantity, what: str = "weights") -> tuple[str, str]:
    """What is wrong with indices that cannot tell all of a row's weights, or blocks, and what is expected."""
    return f"rows of {layer} have {columns} {what}, {bits} bits tell {2**bits}", "more bits of an index"


def too_many_entries(layer: str, entries: Quantity, bits: Quantity, elements: int) -> tuple[str, str]:
    """What is wrong with pointers that cannot point behind so many entries, and what is expected."""
    each = "" if elements == 1 else f" in each of {elements} elements"
    return (
        f"{layer} has {entries} entries{each}, a pointer of {bits} bits counts to {2**bits - 1}",
        "more bits of a pointer, as csr:16:32 or columns:4:20:64",
    )
