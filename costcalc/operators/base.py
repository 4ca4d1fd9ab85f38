"""What every operator is made of: shapes, counters, fields, and the registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar, dataclass_transform

from costcalc.errors import OperatorError
from costcalc.operators.fields import Extent, FieldRule, count, extent, flag, number, padding, rules_of, word
from costcalc.quantity import Quantity, product


@dataclass(frozen=True, slots=True)
class Shape:
    """A feature map of one sample: positions (frames, height, width, as many as there are) and channels."""

    spatial: tuple[Quantity, ...]
    channels: Quantity

    @property
    def c(self) -> Quantity:
        return self.channels

    @property
    def w(self) -> Quantity | None:
        return self.spatial[-1] if self.spatial else None

    @property
    def h(self) -> Quantity | None:
        return self.spatial[-2] if len(self.spatial) > 1 else None

    @property
    def t(self) -> Quantity | None:
        return self.spatial[-3] if len(self.spatial) > 2 else None

    @property
    def positions(self) -> Quantity:
        """Number of positions: height x width."""
        return product(self.spatial)

    @property
    def elements(self) -> Quantity:
        """Number of values: height x width x channels."""
        return self.positions * self.channels

    def __str__(self) -> str:
        return "x".join(str(size) for size in (*self.spatial, self.channels))


class Counters(NamedTuple):
    """Primitive work of one sample, and stored numbers.

    `macs` are multiply-accumulates; `exponentials` are powers and roots as well. `weights`, `biases` and
    `norm_affine` (scale and shift) are learned; `norm_statistics` (running mean and variance) are not.
    """

    macs: Quantity = 0
    multiplications: Quantity = 0
    additions: Quantity = 0
    comparisons: Quantity = 0
    divisions: Quantity = 0
    exponentials: Quantity = 0
    weights: Quantity = 0
    biases: Quantity = 0
    norm_affine: Quantity = 0
    norm_statistics: Quantity = 0


COUNTERS = Counters._fields
WORK = COUNTERS[:6]
STORED = COUNTERS[6:]


class Keeps(StrEnum):
    """The feature maps that an operator keeps from the forward pass, because its gradient is computed from them."""

    NOTHING = "nothing"
    INPUT = "its input"
    EACH_OTHER = "each input, for the gradient of another one"
    RESULT = "its result"
    BOTH = "its input and its result"


class Kept(NamedTuple):
    """Numbers that an operator keeps beside feature maps.

    `values` of a sample are as wide as activations, `statistics` of a sample, and `shared` ones of the whole batch, as
    wide as partial sums; `indices` of a sample take 64 bits.
    """

    values: Quantity = 0
    statistics: Quantity = 0
    shared: Quantity = 0
    indices: Quantity = 0


class Geometry(NamedTuple):
    """The window that an operator slides, and its groups: what a row of a paper's table says beside the width."""

    kernel: Extent | None = None
    stride: Extent | None = None
    groups: Quantity | None = None


class Operator:
    """A shape rule and a cost rule. Subclasses are registered with `@operator(name)`."""

    __slots__ = ()

    name: ClassVar[str]
    family: ClassVar[str]  # what rules know it under; the module that it lives in unless it says: conv, pool, norm ...
    inputs: ClassVar[int | None] = 1  # None: two or more; 0: nothing, not even the input
    in_place: ClassVar[bool] = False  # may overwrite its input, so needs no memory of its own
    is_view: ClassVar[bool] = False  # only reads its input's memory differently
    keeps: ClassVar[Keeps] = Keeps.NOTHING  # in training, as PyTorch's derivatives.yaml has it
    draws_a_mask: ClassVar[bool] = False  # in training, when it is no view
    learns: ClassVar[bool] = False  # has weights, scales or shifts

    def shape(self, *xs: Shape) -> Shape:
        """Output shape for the input shapes."""
        return xs[0]

    def cost(self, *shapes: Shape) -> Counters:
        """Work and stored numbers, given the input shapes and, last, the output shape."""
        return Counters()

    def workspace(self, *shapes: Shape) -> Quantity:
        """Values of one sample that are copied for a matrix product, given the same shapes as `cost`."""
        return 0

    def geometry(self, *xs: Shape) -> Geometry:
        """Its window and groups, given the input shapes."""
        return Geometry(*(getattr(self, name) if name in self.declared else None for name in ("k", "stride", "groups")))

    def sees_one_position(self) -> bool:
        """Whether it is a convolution that sees one position at a time: 1x1, grouped or not."""
        return False

    def is_learned(self) -> bool:
        """Whether it has parameters as its fields are."""
        return self.learns

    def kept_maps(self) -> Keeps:
        """The feature maps that training keeps, as its fields are."""
        return self.keeps

    def kept(self, *shapes: Shape) -> Kept:
        """What training keeps beside feature maps, given the same shapes as `cost`."""
        return Kept()

    # What a frozen dataclass would generate for each class by itself, which is half of the start of a report.

    declared: ClassVar[Mapping[str, Any]] = {}  # the fields, each with its default

    def __init__(self, *args: Any, **given: Any) -> None:
        if args:
            given = {**dict(zip(self.declared, args, strict=False)), **given}
        values = {**self.declared, **given}
        if len(values) > len(self.declared) or len(args) > len(self.declared):
            raise TypeError(f"{type(self).__name__} takes {', '.join(self.declared) or 'no fields'}")
        put = object.__setattr__
        for name, value in values.items():
            if value is MISSING:
                raise TypeError(f"{type(self).__name__} needs {name}")
            put(self, name, value)

    @property
    def values(self) -> tuple[Any, ...]:
        """The values of its fields, in their order."""
        return tuple(getattr(self, name) for name in self.declared)

    def __setattr__(self, name: str, value: Any) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.values == other.values

    def __hash__(self) -> int:
        return hash((type(self), self.values))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.values

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.declared)
        return f"{type(self).__name__}({shown})"

    def kind(self) -> str:
        """The word under which reports add up layers of this kind, such as `conv 1x1`."""
        return self.name


REGISTRY: dict[str, type[Operator]] = {}
SCHEMAS: dict[str, dict[str, FieldRule]] = {}
_O = TypeVar("_O", bound=Operator)


@dataclass_transform(frozen_default=True, field_specifiers=(count, number, extent, padding, flag, word))
def with_fields(cls: type[_O]) -> type[_O]:
    """Make a class with declared fields (`costcalc.operators.fields`) a dataclass, whose methods `Operator` has."""
    made = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    made.declared = {field.name: field.default for field in fields(made)}  # type: ignore[arg-type]
    return made


@dataclass_transform(frozen_default=True, field_specifiers=(count, number, extent, padding, flag, word))
def operator(name: str) -> Callable[[type[_O]], type[_O]]:
    """Register an operator class under the word that specs use; its declared fields are the schema of its row."""

    def register(cls: type[_O]) -> type[_O]:
        if name in REGISTRY:
            raise ValueError(f"operator {name!r} is registered twice")
        made = with_fields(cls) if any(isinstance(value, Field) for value in vars(cls).values()) else cls
        made.name = name
        if "family" not in vars(cls):
            made.family = cls.__module__.rpartition(".")[2]
        REGISTRY[name] = made
        SCHEMAS[name] = rules_of(getattr(made, "__dataclass_fields__", {}).values())
        return made

    return register


class _Work(Protocol):
    """What is done for a value, as `Counters` name it."""

    @property
    def multiplications(self) -> Quantity: ...
    @property
    def additions(self) -> Quantity: ...
    @property
    def comparisons(self) -> Quantity: ...
    @property
    def divisions(self) -> Quantity: ...
    @property
    def exponentials(self) -> Quantity: ...


def for_each(values: Quantity, work: _Work) -> Counters:
    """The same work for each of so many values."""
    return Counters(
        multiplications=work.multiplications * values,
        additions=work.additions * values,
        comparisons=work.comparisons * values,
        divisions=work.divisions * values,
        exponentials=work.exponentials * values,
    )


@with_fields
class PerValue(Operator):
    """So much work for each value that comes out: its fields say how much."""

    multiplications: Quantity = number(default=0, example="n")
    additions: Quantity = number(default=0)
    comparisons: Quantity = number(default=0)
    divisions: Quantity = number(default=0)
    exponentials: Quantity = number(default=0)

    def cost(self, *shapes: Shape) -> Counters:
        return for_each(shapes[-1].elements, self)


def sizes_of(value: Extent, dimensions: int) -> tuple[Quantity, ...]:
    """The sizes as they are given, or one for each dimension."""
    return value if isinstance(value, tuple) else (value,) * dimensions


def spread(value: Extent, dimensions: int, field: str) -> tuple[Quantity, ...]:
    """One size per dimension. Raises OperatorError if the number of sizes does not fit."""
    sizes = sizes_of(value, dimensions)
    if len(sizes) != dimensions:
        raise OperatorError(f"{field} has {len(sizes)} sizes, the input has {dimensions} dimensions", field=field)
    return sizes


def extent_word(value: Extent, dimensions: int = 2) -> str:
    """A kernel size as people write it: 3 -> `3x3`, (1, 7) -> `1x7`."""
    return "x".join(str(size) for size in sizes_of(value, dimensions))
