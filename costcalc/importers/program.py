"""What a model file says, whatever its format: operators in order, the tensors between them, what is stored.

A reader of a format makes a `Program`; nothing of the weights' bytes is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from costcalc.errors import Place, Problem, SpecError

MOST_NODES = 50_000
MOST_DIMS = 16
_MANY = 16
MOST_SIZE = 2**40
MOST_VALUES = 4096
"""So many values of a stored tensor are read, where the arithmetic of shapes needs them."""
_MOST_TEXT = 400
"""So much of a message is shown: a file's words and lists have any length."""


class Operation(NamedTuple):
    """One operator of the file. An input that is left out is "". `scope` is the module it came from, if the file says.

    `attributes` hold ints, floats, texts, tuples of them, `Stored` tensors, `Ref`s to tensors and `Program`s (bodies).
    """

    op: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    at: int  # its place in the file
    scope: str = ""


class Ref(NamedTuple):
    """A tensor as one of an operator's attributes, by its name."""

    name: str


class Stored(NamedTuple):
    """A tensor that the file stores, or describes: its values only if they are few and the file has them.

    It is not `learned` where the file says so, as of a norm's running mean.
    """

    name: str
    dims: tuple[int, ...]
    dtype: str
    values: tuple[Any, ...] | None = None
    learned: bool = True


class Declared(NamedTuple):
    """An input of the network: dims are sizes, or names of sizes that the file leaves open ("" if it has no name).

    `layout` says which dimensions are positions and which is the channels, where the format knows.
    """

    name: str
    dims: tuple[int | str, ...]
    dtype: str
    layout: tuple[tuple[int, ...], int | None] | None = None


class Program(NamedTuple):
    """A model file. `operations` run in their order; every name stands for one tensor."""

    file: str
    name: str
    operations: tuple[Operation, ...]
    stored: Mapping[str, Stored]
    inputs: tuple[Declared, ...]
    outputs: tuple[str, ...]
    known: Mapping[str, tuple[int | str, ...]] = {}  # dims of inner tensors, where the file says them
    format: str = ""
    hierarchy: Callable[[str], tuple[str, str]] | None = None  # block and stage by a layer's name, if not by its dots

    def place(self, operation: Operation | None = None, what: str = "") -> Place:
        """Where an operator stands; of the whole file without one."""
        if operation is None:
            return Place(self.file, 0, 0, node=what or "model")
        label = operation.name or ", ".join(operation.outputs[:40])
        return Place(self.file, operation.at + 1, 1, node=f"{operation.op[:60]} '{label[:80]}'")

    def wrong(self, operation: Operation | None, message: str, expected: str = "", nearest: str = "") -> SpecError:
        """An error at an operator, or of the file."""
        short = message if len(message) <= _MOST_TEXT else f"{message[:_MOST_TEXT]} ..."
        return SpecError([Problem(self.place(operation), short, expected, nearest)])


def checked(program: Program) -> Program:
    """The program with its operators in an order in which they can run.

    Raises SpecError for tensors that nobody makes or several do, circles, and sizes out of range.
    """
    if len(program.operations) > MOST_NODES:
        raise program.wrong(None, f"{len(program.operations):,} operators", f"at most {MOST_NODES:,}")
    taken = sum(len(one.inputs) for one in program.operations if len(one.inputs) > _MANY)
    if taken > MOST_NODES:
        message = f"operators of more than {_MANY} inputs take {taken:,} tensors"
        raise program.wrong(None, message, f"at most {MOST_NODES:,}")
    shapes: list[tuple[str, tuple[int | str, ...]]] = [(one.name, one.dims) for one in program.inputs]
    shapes += [(one.name, one.dims) for one in program.stored.values()]
    for name, dims in shapes:
        if len(dims) > MOST_DIMS or any(isinstance(size, int) and not 0 <= size <= MOST_SIZE for size in dims):
            raise program.wrong(None, f"'{name[:80]}' has sizes out of range", f"{MOST_DIMS} sizes from 0 to 2^40")
    makers: dict[str, Operation] = {}
    for operation in program.operations:
        for output in operation.outputs:
            if output and output in makers:
                raise program.wrong(operation, f"'{output[:80]}' is made twice")
            makers[output] = operation
    return program._replace(operations=tuple(_in_order(program, makers)))


def _in_order(program: Program, makers: Mapping[str, Operation]) -> list[Operation]:
    have = {"", *program.stored, *(one.name for one in program.inputs)}
    found: list[Operation] = []
    begun: set[int] = set()
    for first in program.operations:
        stack = [first]
        while stack:
            operation = stack[-1]
            missing = [name for name in operation.inputs if name not in have]
            if not missing:
                stack.pop()
                if operation.at not in begun or operation.outputs[0] not in have:
                    found.append(operation)
                    have.update(operation.outputs)
                begun.add(operation.at)
                continue
            if operation.at in begun:
                raise program.wrong(operation, "the operator takes what is made from its own output")
            begun.add(operation.at)
            for name in missing:
                if name not in makers:
                    raise program.wrong(operation, f"nothing makes its input '{name[:80]}'")
                if makers[name].at in begun:
                    raise program.wrong(operation, "the operator takes what is made from its own output")
                stack.append(makers[name])
    for name in program.outputs:
        if name not in have:
            raise program.wrong(None, f"nothing makes the output '{name[:80]}'")
    return found
