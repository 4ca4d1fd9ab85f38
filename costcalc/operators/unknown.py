"""What no rule is known for."""

from __future__ import annotations

from costcalc.operators.base import Operator, operator


@operator("unknown")
class Unknown(Operator):
    """An operator of a model file that costcalc does not know: it counts as nothing, and makes every total partial.

    Shapes: any -> the same.
    Source: none; `--allow-unknown`, docs/model-files.md.
    """

    __slots__ = ()
