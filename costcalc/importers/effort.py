"""What a walk may take: a file of any size computes few numbers, and its tensors have few dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costcalc.importers.program import MOST_DIMS, Operation, Program
from costcalc.importers.sizes import Constant, Known
from costcalc.importers.tensors import Tensor

MOST_FOLDED = 2**18
"""So many numbers may be computed from constants, where shapes need a few; and so many sizes of uncommon tensors."""
_COMMON = 8


class Effort:
    """The numbers that a walk has computed from constants so far, and those that it has read."""

    def __init__(self) -> None:
        self.folded = 0
        self.read: set[str] = set()

    def spend(self, program: Program, operation: Operation, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        """Count an operator. Raises SpecError where it is too much; reading what the file has, once, is free."""
        made = [value for value in outputs if isinstance(value, Constant)]
        for name, value in zip(operation.inputs, inputs, strict=True):
            if made and isinstance(value, Constant) and value.values is not None:
                self.folded += len(value.values) if name in self.read else 0
                self.read.add(name)
        given = {id(value.values) for value in inputs if isinstance(value, Constant)}
        new = [one.values for one in made if one.values is not None and id(one.values) not in given]
        self.folded += sum(len(values) for values in new if not isinstance(values, Known))
        for rank in (len(value.dims) for value in outputs if isinstance(value, Tensor | Constant)):
            if rank > MOST_DIMS:
                raise program.wrong(operation, f"a tensor of {rank} dimensions", f"at most {MOST_DIMS}")
            self.folded += 2 * rank if rank > _COMMON else 0
        if self.folded > MOST_FOLDED:
            message = f"more than {MOST_FOLDED:,} numbers and sizes are computed from constants"
            raise program.wrong(operation, message, "a file with them folded")
