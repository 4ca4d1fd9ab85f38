"""What the fields of operators mean, in words: for tables, for the generated page, and for editors."""

from __future__ import annotations

from typing import Any

from costcalc.operators.base import REGISTRY

MEANINGS = {
    "out": "output channels",
    "k": "kernel: positions that a window spans in each dimension",
    "stride": "step of the window",
    "maxpool.stride": "step of the window; unless written, the kernel",
    "avgpool.stride": "step of the window; unless written, the kernel",
    "pad": "positions added around: as many as keep the size at stride 1 (`same`), none (`valid`), or so many",
    "dilation": "distance of the positions that a kernel sees",
    "groups": "groups of channels, each seen by itself",
    "shuffle.groups": "groups of channels that are dealt out across one another",
    "gn.groups": "groups of channels that are normalised together",
    "bias": "whether a learned number is added to each output channel",
    "shared": "whether the weights are another layer's, and count there",
    "prelu.shared": "whether one slope serves all channels",
    "multiplier": "filters for each input channel",
    "output_pad": "positions added to the output at its end",
    "channel_conv.k": "length of the kernel along the channels",
    "channel_conv.stride": "step along the channels",
    "window": "size of the kernel over positions",
    "maps": "output maps, laid one after the other along the channels",
    "heads": "independent parts of the channels",
    "transpose": "whether the second input is transposed: scores of attention",
    "windows": "windows of positions, each multiplied by itself",
    "along": "the dimension that grows",
    "start": "the first channel",
    "stop": "the channel before which it ends; unless written, the end",
    "parts": "equal parts of the channels",
    "part": "which of the parts, from 0",
    "gather.out": "channels that are picked",
    "size": "positions of the output in each dimension",
    "pad.size": "positions added around: one number, one per dimension, or [before, after, ...]",
    "crop.size": "positions taken away around: one number, one per dimension, or [before, after, ...]",
    "lrn.size": "neighbouring channels that are summed",
    "upsample.size": "positions of the output, for `scale`",
    "channels": "output channels",
    "pad.channels": "channels of zeros that are appended",
    "scale": "whether a factor is learned for each channel",
    "upsample.scale": "times as many positions in each dimension",
    "shift": "whether a summand is learned for each channel",
    "affine": "whether a scale and a shift are learned for each channel",
    "mode": "how new positions come about",
    "ceil": "whether sizes are rounded up, as Caffe does",
    "how": "what is made of the values",
    "rnn.out": "numbers of the hidden state",
    "lstm.out": "numbers of the hidden state",
    "gru.out": "numbers of the hidden state",
    "directions": "2 for a bidirectional layer",
    "biases": "vectors of biases for each gate",
    "learned": "how many of the values are learned; unless written, all",
    "entries": "rows of the table",
    "embedding.out": "numbers of each row",
    "multiplications": "multiplications for each value",
    "additions": "additions for each value",
    "comparisons": "comparisons for each value",
    "divisions": "divisions for each value",
    "exponentials": "powers and roots for each value",
}
"""By field, or by operator and field where one operator's is another thing."""


def meaning(op: str, field: str) -> str:
    """What a field of an operator means."""
    return MEANINGS.get(f"{op}.{field}") or MEANINGS[field]


def purpose(op: str) -> str:
    """What an operator does: the first sentence of its description."""
    return first_sentence(REGISTRY[op].__doc__)


def first_sentence(doc: str | None) -> str:
    """The first sentence of a docstring, on one line."""
    return " ".join((doc or "").split("\n\n")[0].split())


def default_text(value: Any) -> str:
    """A field's default as a spec writes it; "" for one that depends on other fields."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
