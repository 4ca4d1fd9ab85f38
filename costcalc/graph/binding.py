"""Settings: a spec's defaults, a variant's values, and what the person asked for, as exact numbers."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from costcalc import expression, quantity
from costcalc.errors import CostcalcError, Problem, QuantityError, SpecError, UsageError, nearest, one_of
from costcalc.expression import ExpressionError
from costcalc.graph.names import Layer
from costcalc.operators import Shape
from costcalc.spec.check import SIZE, WORDS, at
from costcalc.spec.model import Cell, Spec, Statement, Variant, WidthRule
from costcalc.spec.read import plain_value

MOST_SCALE = 64
MOST_SIDE = 1 << 16
MOST_BATCH = 1 << 20
POSITION_SETTINGS = ("resolution", "beta")
"""Settings that change the number of positions; all other numbers change the channels."""


class Binding(NamedTuple):
    """A spec with every setting given a value."""

    spec: Spec
    name: str
    title: str
    year: str
    settings: dict[str, Any]
    input: Shape
    names: dict[str, Any]  # everything that an expression of the file can see
    layers: tuple[Statement, ...]
    widths: dict[str, WidthRule]
    is_default: bool  # no setting departs from the file's own: the written input sizes must hold
    asked: dict[str, Any]  # the settings that a person gave another value

    @property
    def batch(self) -> int:
        """Samples at a time."""
        return int(self.settings["batch"])


def bind(
    spec: Spec,
    name: str = "",
    overrides: Mapping[str, Any] | None = None,
    swept: Mapping[str, Any] | None = None,
) -> Binding:
    """Give every setting of a spec (or of its variant `name`) a value; `swept` values are grids or symbols, unchecked.

    Raises UsageError for an unknown setting or a value out of range, SpecError if the file's own derived values
    cannot be computed.
    """
    chain = _chain(spec, name or spec.name)
    settings = {key: setting.default for key, setting in spec.settings.items()}
    for variant in chain:
        settings.update(variant.settings)
    own = dict(settings)
    for key, value in (overrides or {}).items():
        if value is not None:
            settings[key] = checked(spec, key, value, settings)
    settings.update(swept or {})
    asked = {*(overrides or {})} - {*(swept or {})}
    sections = [variant.sections for variant in chain]

    def last(values: list[Any], otherwise: Any) -> Any:
        return next((value for value in reversed(values) if value is not None), otherwise)

    names: dict[str, Any] = {**WORDS, **spec.words, **spec.tables, **settings}
    input_cell: Cell = last([section.input for section in sections], spec.input)
    is_default = not swept and settings == own and (not chain or chain[-1].sections.layers is not None)
    shape = _input(input_cell, settings, names)
    names["input"] = shape
    for key, cell in spec.lets.items():
        names[key] = evaluate(cell, names)
    layers = last([section.layers for section in sections], spec.layers)
    return Binding(
        spec=spec,
        name=name or spec.name,
        title=last([section.title for section in sections], spec.title or spec.name),
        year=last([section.year for section in sections], spec.year),
        settings=settings,
        input=shape,
        names=names,
        layers=layers,
        widths=last([section.widths for section in sections], spec.widths),
        is_default=is_default,
        asked={key: settings[key] for key in own if key in asked and settings[key] != own[key]},
    )


def _chain(spec: Spec, name: str) -> list[Variant]:
    """The variants that a name is built on, the deepest first."""
    chain: list[Variant] = []
    while name != spec.name:
        variant = spec.variants.get(name) or spec.also[name]
        chain.append(variant)
        name = variant.base or spec.name
    return chain[::-1]


def checked(spec: Spec, key: str, given: Any, settings: Mapping[str, Any]) -> Any:
    """A setting's value, exact. Raises UsageError for an unknown setting or a value out of range."""
    if key not in spec.settings:
        raise UsageError(
            f"{spec.name} has no setting '{key}'", expected=one_of(spec.settings), nearest=nearest(key, spec.settings)
        )
    value = exact(given)
    if value is None:
        raise UsageError(f"{key}: '{given}' is not a value", expected="a number as 0.75 or 6/7, true, false or a word")
    if key in ("alpha", "beta"):
        if not quantity.is_exact(value) or not 0 < value <= MOST_SCALE:
            raise UsageError(
                f"{key}: {_shown(given)} is out of range", expected=f"a number above 0, at most {MOST_SCALE}"
            )
    elif key == "batch":
        if type(value) is not int or not 0 < value <= MOST_BATCH:
            raise UsageError(
                f"batch: {_shown(given)} is out of range", expected=f"a whole number from 1 to {MOST_BATCH}"
            )
    elif key == "resolution":
        sides = (
            [int(side) for side in value.split("x")] if isinstance(value, str) and SIZE.fullmatch(value) else [value]
        )
        if not all(type(side) is int and 0 < side <= MOST_SIDE for side in sides):
            raise UsageError(
                f"resolution: {_shown(given)} is out of range", expected=f"a whole number from 1 to {MOST_SIDE}, or HxW"
            )
    else:
        _check_kind(spec, key, value, settings[key], given)
    return value


def _check_kind(spec: Spec, key: str, value: Any, default: Any, given: Any) -> None:
    choices = spec.settings[key].choices
    if choices and value not in choices:
        raise UsageError(
            f"{key}: {_shown(given)} is not one of its values",
            expected=one_of(map(str, choices)),
            nearest=nearest(str(given), map(str, choices)),
        )
    if isinstance(default, bool) != isinstance(value, bool):
        raise UsageError(
            f"{key}: {_shown(given)} does not fit",
            expected="true or false" if isinstance(default, bool) else "a number",
        )
    if isinstance(default, str) != isinstance(value, str):
        raise UsageError(
            f"{key}: {_shown(given)} does not fit", expected="a number" if not isinstance(default, str) else "a word"
        )
    if quantity.is_exact(value) and not -quantity.LIMIT < value < quantity.LIMIT:
        raise UsageError(f"{key}: {_shown(given)} is out of range", expected="a number below 2^62")


def exact(value: Any) -> Any:
    """A setting's value as an exact number, bool or word; None if it is none of these. Floats are read as printed."""
    if isinstance(value, bool | int | Fraction):
        return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value
    return plain_value(str(value)) if isinstance(value, str | float) else None


def _shown(value: Any) -> str:
    return str(value)[:40]


def _input(cell: Cell, settings: dict[str, Any], names: dict[str, Any]) -> Shape:
    """The input's shape, at `resolution` and times `beta`; sizes between two positions go to the nearer one."""
    if cell.items is None and SIZE.fullmatch(cell.text):
        sizes = [int(size) for size in cell.text.split("x")]
    else:
        sizes = [whole(item, evaluate(item, names)) for item in cell.items or (cell,)]
    if not 2 <= len(sizes) <= 4 or not all(map(_is_side, sizes)):
        raise SpecError([Problem(cell.place, "this is no input size", "HxWxC or TxHxWxC, as 224x224x3, each above 0")])
    *spatial, channels = sizes
    plane = min(2, len(spatial))
    asked = settings["resolution"]
    if asked is not None:
        sides = [int(side) for side in asked.split("x")] if isinstance(asked, str) else [asked]
        if len(sides) not in (1, plane):
            raise UsageError(f"resolution: {asked} does not fit an input of {cell.text}", expected="one side, or HxW")
        spatial[-plane:] = sides * plane if len(sides) == 1 else sides
    else:
        square = all(quantity.holds(quantity.same(side, spatial[-1])) for side in spatial[-plane:])
        settings["resolution"] = spatial[-1] if square else "x".join(map(str, spatial[-plane:]))
    names["resolution"] = settings["resolution"]
    spatial[-plane:] = [quantity.floor_div(2 * side * settings["beta"] + 1, 2) for side in spatial[-plane:]]
    if not all(map(_is_side, spatial)):
        raise UsageError(f"the input would be {'x'.join(map(str, spatial))}", expected=f"sides from 1 to {MOST_SIDE}")
    return Shape(tuple(spatial), channels)


def _is_side(size: Any) -> bool:
    return quantity.within(size, 1, MOST_SIDE)


def evaluate(cell: Cell, names: Mapping[str, Any]) -> Any:
    """The value of a cell. Raises SpecError at its place."""
    try:
        return expression.parse(cell.text).evaluate(names)
    except ExpressionError as error:
        near = nearest(error.unknown, names) if error.unknown else ""
        raise SpecError([Problem(at(cell, error), error.message, error.expected, near)]) from None
    except CostcalcError as error:
        raise SpecError([Problem(cell.place, str(error))]) from None


def whole(cell: Cell, value: Any) -> Any:
    """`value` if it is a whole number. Raises SpecError at the cell's place."""
    try:
        return quantity.whole(value)
    except QuantityError as error:
        raise SpecError([Problem(cell.place, f"'{cell.text}' is {error}", "a whole number")]) from None


def scaled(cell: Cell, value: Any, rule: WidthRule | None, names: Mapping[str, Any]) -> Any:
    """A width or depth by its rule: times the scale, then rounded once."""
    if rule is None or isinstance(value, str):
        return value
    product = value * evaluate(rule.scale, names)
    if isinstance(product, Fraction):
        product = exact(product)
    if rule.round.text in expression.FUNCTIONS:
        return expression.FUNCTIONS[rule.round.text][0](product)
    return quantity.named(evaluate(rule.round, Layer(names, w=product)))
