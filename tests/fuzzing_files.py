"""What the fuzzing tests feed to costcalc beside networks: conventions, recipes, devices, and names in a spec's file.

Each is right but for a few lines; those have values of every kind.
"""

from __future__ import annotations

from typing import Any

from fuzzing import JUNK, Draw, _quoted, conditions, counts, pick, seldom
from hypothesis import strategies as st

from costcalc.counting.names import ABOUT
from costcalc.operators import REGISTRY

_RATES = (
    "0.1", "2:4", "0.1:blocks:4x4", "0.5:channels", "0.1:inputs:0.35", "int8", "6", "int8:channel:zero", "float16", "5",
    "5:fitting", "relative:4", "columns:4:16", "csr:16:32", "bitmap", "dense", "4.4:3.7", "3/4+1/4", "entropy+3/4+1/4",
    "1/3+1/7", "bwn", "xnor", "none", "8", "filters:8", "tucker:64:64", "filters:energy:0.9:5+3+1", "energy:0.9:0+0",
    "density", "bits", "rank", "density_a", "bits:channel", "rank:2", "0.5:blocks:bits", "1:1:1:1:1", "::", "+", "1+",
)  # fmt: skip
_PATTERNS = ("conv1", "conv*", "all conv", "all linear", "'*'", "linear1", "all zz", "'[a'", "'?'", "conv1.x")


def _value(draw: Draw, *right: str) -> str:
    """A value that fits, or anything."""
    return str(draw(st.sampled_from(JUNK))) if seldom(draw) else _quoted(str(pick(draw, *right)))


@st.composite
def conventions(draw: Any) -> str:
    """A convention: rules of numbers, at times of conditions, shapes and words."""
    names = (*ABOUT, "x.c", "y.h", "0.5", "1/3")

    def rule() -> str:
        return _value(
            draw, draw(counts(names)), draw(counts(names)), draw(conditions(names)), "x", "relu", "inputs / 3"
        )

    lines = ["costcalc: 1", "convention: drawn", f"total: {_value(draw, 'macs', 'flops')}", "counts:"]
    ops = draw(st.lists(st.sampled_from(sorted(REGISTRY)), min_size=1, max_size=4, unique=True))
    lines += [f"  {op}: {rule()}" for op in dict.fromkeys(["conv", "linear", *ops])]
    if seldom(draw, 3):
        lines.append(f"base: {_value(draw, 'paper', 'fvcore')}")
    if seldom(draw, 3):
        lines.append(f"params: {rule()}")
    if seldom(draw, 3):
        lines.append(f"per: {_value(draw, 'image', 'batch')}")
    if seldom(draw, 3):
        lines.append(pick(draw, "ignores: [relu, bn]", "ignores: [conv]", "ignores: x", "source: {a: b}", "title: [1]"))
    return "\n".join(lines) + "\n"


@st.composite
def recipes(draw: Any) -> str:
    """A recipe of steps, for all layers or by their names."""
    kinds = ("prune", "quantise", "share", "encode", "huffman", "binarise", "factorise")
    lines = ["costcalc: 1", "recipe: drawn", "steps:"]
    for _ in range(draw(st.integers(1, 3))):
        kind = _value(draw, *kinds)
        if seldom(draw, 2):
            lines.append(f"- {kind}: {_value(draw, *_RATES)}")
        else:
            patterns = draw(st.lists(st.sampled_from(_PATTERNS), min_size=1, max_size=3, unique=True))
            lines += [f"- {kind}:", *(f"    {pattern}: {_value(draw, *_RATES)}" for pattern in patterns)]
    return "\n".join(lines) + "\n"


@st.composite
def devices(draw: Any) -> str:
    """A device with quantities."""
    amounts = ("1MiB", "0", "-1MiB", "1e3kB", "320KiB", "9" * 60 + "MiB", "1")
    lines = ["costcalc: 1", "device: drawn", f"kind: {_value(draw, 'mcu', 'gpu')}"]
    lines += [f"{key}: {_value(draw, *amounts)}" for key in ("ram", "flash", "on_chip", "bandwidth")]
    speeds = pick(draw, "{float32: 1M}", "{int8: 1x}", "{int9: 1M}", "[1]", "{int8: [1]}")
    return "\n".join([*lines, f"macs_per_second: {speeds}", f"recalled: [{_value(draw, 'ram', 'flash')}]"]) + "\n"


FILES = {
    "report {net} -c {file} --by node": conventions(),
    "explain {net} --against {file},fvcore": conventions(),
    "sweep {net} -a 0.5,1 -c {file}": conventions(),
    "compress {net}@recipe={file}": recipes(),
    "compare {net} {net}@recipe={file}@density=0.3": recipes(),
    "check {net} --fits {file} -f json": devices(),
}
"""A command that opens a file, and the file."""
