"""How a network is trained, as far as memory and work depend on it: the optimiser, and checkpoints."""

from __future__ import annotations

from math import isqrt
from typing import NamedTuple

from costcalc.errors import UsageError, nearest, word_of, written
from costcalc.words import Optimizer


class Checkpoint(NamedTuple):
    """Where the forward pass is cut into segments: every so many layers, 0 for the square root of their number."""

    every: int = 0

    def layers_each(self, layers: int) -> int:
        """Layers of a segment, of a network of so many."""
        return self.every or isqrt(layers - 1) + 1

    def __str__(self) -> str:
        return f"every={self.every}" if self.every else "sqrt"


class Steps(NamedTuple):
    """How a network is trained."""

    optimizer: Optimizer = Optimizer.SGD
    checkpoint: Checkpoint | None = None

    def __str__(self) -> str:
        """What is not usual, as `optimizer adam, checkpoint every=4`."""
        words = [] if self.optimizer is Optimizer.SGD else [f"optimizer {self.optimizer}"]
        return ", ".join([*words, *([f"checkpoint {self.checkpoint}"] if self.checkpoint else [])])


_EXPECTED = "every=K, a checkpoint at every K layers, or sqrt"


def read_steps(optimizer: str | None, checkpoint: str | None) -> Steps:
    """How to train, by the words that people use. Raises UsageError for unknown ones."""
    chosen = Optimizer.SGD if optimizer is None else word_of(Optimizer, optimizer, "optimizer")
    return Steps(chosen, None if checkpoint is None else _checkpoint(written(checkpoint).strip()))


def _checkpoint(text: str) -> Checkpoint:
    if text == "sqrt":
        return Checkpoint()
    word, equals, number = (part.strip() for part in text.partition("="))
    if word != "every" or not equals:
        near = nearest(word, ("every", "sqrt")).replace("every", "every=2")
        raise UsageError(f"unknown checkpoint '{text[:40]}'", expected=_EXPECTED, nearest=near)
    if not number.isascii() or not number.isdecimal() or len(number) > 9 or int(number) < 1:
        raise UsageError(
            f"checkpoint: '{number[:40]}' is no number of layers",
            expected="a whole number from 1 to 999999999, as every=4",
        )
    return Checkpoint(int(number))
