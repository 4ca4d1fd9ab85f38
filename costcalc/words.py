"""Words by which people ask, beside the names of networks, measures and conventions; the command line offers them."""

from __future__ import annotations

from enum import StrEnum

COUNTING_WORDS = (
    "convention", "dtype", "weights", "activations", "accumulators", "schedule", "optimizer", "checkpoint",
)  # fmt: skip
"""The names by which people say how to count, the same in every command and function."""
LISTS = ("measures", "operators", "blocks", "conventions", "transforms", "recipes", "dtypes", "devices")
"""What can be listed beside networks, each with its definition."""
PIPED = "<stdin>"
"""How the command line hands on the `-` of `-@standard` and `-:small`, which look like options."""


class By(StrEnum):
    """What a part of a network is."""

    LAYER = "layer"
    BLOCK = "block"
    STAGE = "stage"
    OPERATOR = "operator"
    NODE = "node"


class Schedule(StrEnum):
    """The order of execution."""

    WRITTEN = "written"
    MINIMAL = "minimal"


class Optimizer(StrEnum):
    """What steps along the gradients."""

    SGD = "sgd"
    MOMENTUM = "momentum"
    ADAM = "adam"
    ADAMW = "adamw"

    @property
    def values(self) -> int:
        """Numbers of state for each parameter: the velocity; Adam's means of the gradient and of its square."""
        return {Optimizer.SGD: 0, Optimizer.MOMENTUM: 1, Optimizer.ADAM: 2, Optimizer.ADAMW: 2}[self]
