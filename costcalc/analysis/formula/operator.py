"""The formula of an operator by itself, or of the depthwise-separable pair, in letters for its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy

from costcalc import symbols
from costcalc.analysis.formula.definitions import unrounded
from costcalc.analysis.formula.record import Cost, Formula, check_figures, figure_of
from costcalc.counting import Counting
from costcalc.errors import Place, QuantityError, UsageError, nearest, one_of, written
from costcalc.graph import INPUT, Builder
from costcalc.ledger import Ledger
from costcalc.operators import REGISTRY, SCHEMAS, Operator, Shape
from costcalc.operators.conv import Conv
from costcalc.operators.examples import LETTERS, example_of, inputs, lettered
from costcalc.operators.fields import COUNT, Kind
from costcalc.quantity import as_text
from costcalc.spec.check import SIZE
from costcalc.spec.fields import fitted
from costcalc.spec.read import plain_value
from costcalc.transform.separable import split

SEPARABLE = "separable"
"""The depthwise convolution and the 1x1 convolution that stand for one `conv`."""
_DETAILS = ("stride", "groups", "bias")
"""Fields that keep their default unless they are opened or given."""


def is_operator(name: str) -> bool:
    """Whether a formula of this name is an operator's."""
    return name in REGISTRY or name == SEPARABLE


def check_kinds(names: Sequence[str]) -> None:
    """Raise UsageError if an operator is to be compared with a network."""
    if len({is_operator(name) for name in names}) > 1:
        operator, network = sorted(names, key=is_operator, reverse=True)
        raise UsageError(
            f"{operator} is an operator, {network} a network",
            expected="two operators, as separable and conv, or two networks",
        )


def operator_formula(
    name: str,
    settings: Mapping[str, Any],
    opened: Sequence[str],
    smooth: bool,
    counting: Counting,
    measures: Sequence[str],
) -> Formula:
    """What an operator costs in the letters of the counting rules: H, W, M, N, k ...

    `settings` gives fields or letters a value; `opened` names fields that keep their default otherwise (stride).
    Raises UsageError for a field that the operator does not have or a value that it does not take.
    """
    op = "conv" if name == SEPARABLE else name
    fields, numbers = _given(name, op, settings, opened)

    def number(letter: str) -> Any:
        return numbers.get(letter, sympy.Symbol(letter, integer=True, positive=True))

    def shown(value: Any) -> sympy.Expr:
        found = figure_of(value)
        return sympy.factor(unrounded(found) if smooth else found)

    with symbols.traced() as trace:
        operator = REGISTRY[op](**{key: lettered(value, number) for key, value in fields.items()})
        chain = split(operator) if name == SEPARABLE and isinstance(operator, Conv) else (operator,)
        shapes = inputs(op, number)
        ledger = _ledger(chain, shapes, counting)
        figures = {measure: shown(ledger[measure]) for measure in measures}
        check_figures(name, figures)
        layers = [
            Cost(layer, entry.op, {measure: shown(entry[measure]) for measure in measures})
            for layer, entry in ledger.layers.items()
        ]
    output = ledger.graph.nodes[-1].output
    letters = frozenset().union(*(value.free_symbols for value in figures.values()))
    free = sorted(letters, key=lambda symbol: LETTERS.index(symbol.name))
    return Formula(
        name=name,
        title=_title(name, chain, shapes, fields, numbers),
        counting=counting,
        smooth=smooth,
        open={symbol.name: None for symbol in free},
        figures=figures,
        layers=tuple(layers),
        definitions=(),
        assumptions=trace.assumptions,
        positions=(),
        left_out=tuple(part.name for part in chain if not counting.convention.knows(part.name)),
        trace=trace,
        letters={symbol.name: symbol for symbol in free},
        output=Shape(tuple(map(shown, output.spatial)), shown(output.channels)),
    )


def _title(
    name: str, chain: Sequence[Operator], shapes: tuple[Shape, ...], fields: dict[str, Any], numbers: dict[str, Any]
) -> str:
    made_of = f"{name} ({' then '.join(part.name for part in chain)})" if chain[1:] else name
    settings = [
        f"{key} {as_text(numbers.get(value, value) if isinstance(value, str) else value)}"
        for key, value in fields.items()
    ]
    return ", ".join([f"{made_of}: input {' + '.join(map(str, shapes))}", *settings])


def _given(
    name: str, op: str, settings: Mapping[str, Any], opened: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The operator's fields, a letter where a number is open, and the letters that are given a number."""
    example = example_of(op)
    schema = SCHEMAS[op]
    letters = {letter: key for key, letter in example.items() if isinstance(letter, str) and letter in LETTERS}
    known = [*schema, *dict.fromkeys(("H", "W", "M", *letters))]
    for key in (*settings, *opened):
        if key not in known:
            raise UsageError(f"{name} has no '{key[:40]}'", expected=one_of(known, 20), nearest=nearest(key, known))
    opened = [letters.get(key, key) for key in opened]
    fields: dict[str, Any] = {}
    numbers: dict[str, Any] = {}
    for key, text in settings.items():
        field = letters.get(key, key)
        value = _typed(schema[field].kind if field in schema else COUNT, key, text)
        if {key, field} & set(opened):
            raise UsageError(f"{key} is given a value and left open", expected="one of the two")
        if example.get(field, field) in LETTERS:
            numbers[example.get(field, field)] = value
        fields |= {field: value} if field in schema else {}
    for field, letter in example.items():
        if field not in fields and (field not in _DETAILS or field in opened or schema[field].required):
            fields[field] = letter
    for field in opened:
        if field in schema and not isinstance(fields.get(field), str | tuple):
            raise UsageError(f"{name}: {field} cannot be left open", expected=one_of(letters.values()))
    return fields, numbers


def _typed(kind: Kind, key: str, given: Any) -> Any:
    """A field's value from its text. Raises UsageError if the field does not take it."""
    value = plain_value(written(given).lower() if isinstance(given, bool) else written(given))
    if isinstance(value, str) and SIZE.fullmatch(value):
        value = tuple(map(int, value.split("x")))
    try:
        return fitted(kind, value, written(given))
    except QuantityError:
        raise UsageError(f"{key}: '{written(given)[:40]}' does not fit", expected=kind.expected) from None


def _ledger(chain: Sequence[Operator], shapes: tuple[Shape, ...], counting: Counting) -> Ledger:
    """What operators one after the other cost; the first takes all the shapes, each as it arrives from outside."""
    nowhere = Place("", 0, 0)
    builder = Builder(shapes[0])
    ends = (INPUT, *(builder.resume(shape, nowhere) for shape in shapes[1:]))
    for part in chain:
        ends = (builder.add(part, ends, part.name, part.name, part.name, part.name, nowhere),)
    return Ledger(builder.finish(), counting)
