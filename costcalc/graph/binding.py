"""Settings: a spec's defaults, a variant's values, and what the person asked for, as exact numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from costcalc import expression, quantity
from costcalc.errors import Problem, QuantityError, SpecError, UsageError, nearest, one_of, written
from costcalc.expression.values import LIST, NUMBER, ExpressionError, Source, kind_of, require, truth
from costcalc.graph.names import Layer
from costcalc.operators import Shape
from costcalc.spec.check import SIZE, WORDS, at, rounding
from costcalc.spec.model import Cell, Scope, Spec, Statement, Variant, WidthRule
from costcalc.spec.settings import LENGTH, MOST_SIDE, check_value, exact, sides
from costcalc.spec.written import Facts, merged

POSITION_SETTINGS = ("resolution", "beta")
"""Settings that change the number of positions; all other numbers change the channels."""

_LENGTH = f"of at most {quantity.LONGEST_NUMBER} characters"


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
    scope: Scope  # of the layers
    widths: dict[str, WidthRule]
    is_default: bool  # no setting departs from the file's own: the written input sizes must hold
    asked: dict[str, Any]  # the settings that a person gave another value
    written: Facts  # how the library writes operators

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
    called = name or spec.name
    chain, stated, settings = spec.chain(called), spec.sections_of(called), spec.settings_of(called)
    own = dict(settings)
    for key, value in (overrides or {}).items():
        if value is not None:
            settings[key] = checked(spec, key, value, name)
    settings.update(swept or {})
    asked = {*(overrides or {})} - {*(swept or {})}
    names: dict[str, Any] = {**WORDS, **spec.words, **spec.tables, **settings}
    is_default = not swept and settings == own and (not chain or chain[-1].has_table)
    shape = _input(stated.input or spec.input, settings, names)
    names["input"] = shape
    for key, cell in (stated.lets or {}).items():
        names[key] = evaluate(cell, names)
    return Binding(
        spec=spec,
        name=called,
        title=spec.title_of(called),
        year=stated.year or "",
        settings=settings,
        input=shape,
        names=names,
        layers=stated.layers or (),
        scope=stated.scope or spec.scope,
        widths=stated.widths or {},
        is_default=is_default,
        asked={key: settings[key] for key in own if key in asked and settings[key] != own[key]},
        written=_written(spec, called, chain),
    )


def _written(spec: Spec, name: str, chain: list[Variant]) -> Facts:
    """How a name's library writes operators: what the name says itself comes before what holds for the library."""
    library = spec.written.get(name.partition("/")[0], {}) if "/" in name else {}
    return merged([*(variant.written for variant in reversed(chain)), library])


def checked(spec: Spec, key: str, given: Any, name: str = "") -> Any:
    """A setting's value, exact, of a spec's network `name`.

    Raises UsageError for an unknown setting or a value that it does not take.
    """
    if key not in spec.settings:
        raise UsageError(
            f"{name or spec.name} has no setting '{key}'",
            expected=one_of(spec.settings),
            nearest=nearest(key, spec.settings),
        )
    value = exact(given)
    if value is None:
        expected = f"a number as 0.75 or 6/7, {LENGTH}, true, false or a word"
        if key == "resolution":
            expected = "a side as 224, or HxW as '224x192'"
        raise UsageError(f"{key}: '{written(given)[:40]}' is not a value", expected=expected)
    check_value(spec.settings[key], value, given)
    return value


def _input(cell: Cell, settings: dict[str, Any], names: dict[str, Any]) -> Shape:
    """The input's shape, at `resolution` and times `beta`; sizes between two positions go to the nearer one."""
    value = evaluate(cell, names)
    sizes = list(value) if kind_of(value) is LIST else [whole(cell, names)]
    if not 2 <= len(sizes) <= 4 or not all(map(_is_side, sizes)):
        raise SpecError([Problem(cell.place, "this is no input size", "HxWxC or TxHxWxC, as 224x224x3, each above 0")])
    *spatial, channels = sizes
    plane = min(2, len(spatial))
    asked = settings["resolution"]
    if asked is not None:
        wanted = sides(asked)
        if len(wanted) not in (1, plane):
            raise UsageError(f"resolution: {asked} does not fit an input of {cell.shown}", expected="one side, or HxW")
        spatial[-plane:] = wanted * plane if len(wanted) == 1 else wanted
    else:
        settings["resolution"] = _resolution(spatial[-plane:])
    names["resolution"] = settings["resolution"]
    plane_sides = {id(side): scaled_side(side, settings["beta"]) for side in spatial[-plane:]}
    spatial[-plane:] = [plane_sides[id(side)] for side in spatial[-plane:]]
    if not all(map(_is_side, spatial)):
        raise UsageError(
            f"the input would be {'x'.join(map(quantity.as_text, spatial))}", expected=f"sides from 1 to {MOST_SIDE}"
        )
    return Shape(tuple(spatial), channels)


def scaled_side(side: Any, beta: Any) -> Any:
    """A side of the input times the resolution multiplier, to the nearer position; of a size as 224x192, each."""
    if isinstance(side, str):
        return "x".join(str(scaled_side(int(part), beta)) for part in side.split("x"))
    return quantity.floor_div(2 * side * beta + 1, 2)


def _resolution(spatial: list[Any]) -> Any:
    """The side of a square input, the word HxW of another one; None if that word would differ with the settings."""
    if all(quantity.holds(quantity.same(side, spatial[-1])) for side in spatial):
        return spatial[-1]
    return "x".join(map(str, spatial)) if all(map(quantity.is_exact, spatial)) else None


def _is_side(size: Any) -> bool:
    return quantity.within(size, 1, MOST_SIDE)


def evaluate(cell: Cell, names: Mapping[str, Any]) -> Any:
    """The value of a cell, of whatever kind. Raises SpecError at its place."""
    if cell.items is not None:
        return tuple(whole(item, names) for item in cell.items)
    text = cell.text
    if "x" in text and text[:1].isdigit() and SIZE.fullmatch(text):
        return tuple(int(size) for size in text.split("x"))
    try:
        return expression.parse(text).evaluate(names)
    except ExpressionError as error:
        raise _placed(cell, error, names) from None


def condition(cell: Cell, names: Mapping[str, Any]) -> bool:
    """Whether a cell's condition holds. Raises SpecError at its place if it is none."""
    value = evaluate(cell, names)
    if type(value) is bool:
        return value
    try:
        return truth(value, Source(cell.shown))
    except ExpressionError as error:
        raise _placed(cell, error, names) from None


def number(cell: Cell, names: Mapping[str, Any]) -> Any:
    """A cell's number. Raises SpecError at its place if it is none."""
    value = evaluate(cell, names)
    if type(value) is int:
        return value
    try:
        return require(NUMBER, value, Source(cell.shown))
    except ExpressionError as error:
        raise _placed(cell, error, names) from None


def whole(cell: Cell, names: Mapping[str, Any]) -> Any:
    """A cell's whole number. Raises SpecError at its place if it is none."""
    return whole_value(cell, number(cell, names))


def whole_value(cell: Cell, value: Any) -> Any:
    """A number that comes from a cell, if it is whole. Raises SpecError at the cell's place."""
    try:
        return quantity.whole(value)
    except QuantityError:
        message = f"'{cell.shown}' is {quantity.as_text(value)}"
        raise SpecError([Problem(cell.place, message, "a whole number")]) from None


def _placed(cell: Cell, error: ExpressionError, names: Mapping[str, Any]) -> SpecError:
    near = nearest(error.unknown, names) if error.unknown else ""
    return SpecError([Problem(at(cell, error), error.message, error.expected, near)])


def scaled(value: Any, rule: WidthRule | None, names: Mapping[str, Any]) -> Any:
    """A width or depth by its rule: times the scale, then rounded once. What is no number stays as it is."""
    if rule is None or kind_of(value) is not NUMBER:
        return value
    product = value * number(rule.scale, names)
    if quantity.is_exact(product):
        product = exact(product)
    cell = rounding(rule)
    if cell is not rule.round:
        return number(cell, {"w": product})
    return quantity.named(number(cell, Layer(names, w=product)))
