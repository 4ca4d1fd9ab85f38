"""How a library writes an operator down: counters that hook modules see some of them and not others."""

from __future__ import annotations

from enum import StrEnum


class Written(StrEnum):
    """The ways to write an operator in a framework; the same work, but not every counter sees it."""

    MODULE = "module"
    FUNCTIONAL = "functional"
    OPERATOR = "operator"
    METHOD = "method"
    ABSENT = "absent"

    @property
    def about(self) -> str:
        """What it looks like."""
        return _ABOUT[self]


_ABOUT = {
    Written.MODULE: "a module of the framework itself, as nn.ReLU6(), nn.AdaptiveAvgPool2d(1)",
    Written.FUNCTIONAL: "a function, as F.relu6(x), torch.add(x, y); or a module of the library's own around one",
    Written.OPERATOR: "a sign of the language, as x + y, x * y, x @ y",
    Written.METHOD: "a method of the tensor, as x.mean([2, 3]), x.sigmoid()",
    Written.ABSENT: "not in the code: the softmax that the loss holds",
}
WRITTEN = tuple(str(word) for word in Written)
_SIGNS = ("add", "mul", "matmul")


def usually(op: str) -> Written:
    """How an operator is written unless somebody says otherwise: as torchvision does, with a sign or a module."""
    return Written.OPERATOR if op in _SIGNS else Written.MODULE
