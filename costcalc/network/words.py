"""Names for blocks and the entries in them, as people use them."""

from __future__ import annotations

from collections.abc import Sequence

from costcalc.network.sections import X
from costcalc.operators import REGISTRY

_JOINS = ("add", "concat", "mul", "maximum")


def block_name(ops: Sequence[str], taken: set[str]) -> str:
    """A name for a block of these operators, that is not taken yet, nor an operator's."""
    base = _kind(ops)
    name, number = base, 1
    while name in taken or name in REGISTRY:
        number += 1
        name = f"{base}{number}"
    taken.add(name)
    return name


def _kind(ops: Sequence[str]) -> str:
    convs = [op for op in ops if op in ("conv", "dwconv")]
    if len(ops) == 1:
        return "shortcut" if ops[0] == "conv" else f"optional_{ops[0]}"
    if "matmul" in ops:
        return "encoder" if "ln" in ops else "attention"
    if {"shuffle", "split", "select"} & set(ops):
        return "unit"
    if "constant" in ops:
        return "tokens"
    if "add" in ops and len(convs) >= 2:
        plain = "dwconv" not in ops and ops.count("conv") in (2, 3) and "conv" == ops[1] != ops[2]
        return "basic" if plain else "bottleneck"
    if "concat" in ops:
        return "fire" if ops.count("conv") == 3 else "inception" if ops.count("conv") > 3 else "branches"
    if "dwconv" in ops and "conv" in ops:
        return "separable"
    return "part"


def source_names(ops: Sequence[str], sources: Sequence[tuple[int, ...] | None]) -> dict[int, str]:
    """Names for the entries of a block that others take by name."""
    found: dict[int, str] = {}
    for user, several in enumerate(sources):
        inner = [source for source in several or () if source != X]
        for place, source in enumerate(inner):
            if source not in found:
                found[source] = _fresh(_word(ops, sources, user, source, place, len(inner)), found)
    return found


def _word(
    ops: Sequence[str], sources: Sequence[tuple[int, ...] | None], user: int, source: int, place: int, count: int
) -> str:
    if ops[user] == "add":
        return "shortcut" if sources[source] == (X,) and count > 1 else "main"
    if ops[user] == "split" and ops[source] in ("conv", "linear"):
        return "qkv"
    if ops[user] == "mul":
        return "main" if place == 0 else "scale"
    if ops[user] == "concat":
        return ("left", "right")[place] if count == 2 else f"branch{place + 1}"
    return ops[source] if ops[source] not in _JOINS else "joined"


def _fresh(word: str, found: dict[int, str]) -> str:
    """The word, with a letter's number after it if it is taken; no name is that of an unnamed entry (conv1)."""
    name, number = f"{word}_map" if word in ("conv", "x", "input") else word, 1
    while name in found.values():
        number += 1
        name = f"{word}_{number}"
    return name
