"""Fields of operators: each carries what it takes, and the rest of the program reads it from there."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import costcalc
from costcalc.errors import OperatorError, Place, SpecError
from costcalc.graph import INPUT, Builder
from costcalc.operators import REGISTRY, SCHEMAS, Operator, Shape
from costcalc.operators.base import operator
from costcalc.operators.examples import LETTERS, example_of, inputs, lettered
from costcalc.operators.fields import Extent, Padding, count, extent, flag, number, padding, word
from costcalc.quantity import Quantity, exact_div

NOWHERE = Place("", 0, 0)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_field_is_declared(name: str) -> None:
    """One that is only annotated, or has a plain default, would be no field of the row."""
    annotated = {
        field
        for cls in REGISTRY[name].__mro__
        for field in inspect.get_annotations(cls)
        if field
        not in (
            "name",
            "family",
            "inputs",
            "in_place",
            "is_view",
            "keeps",
            "draws_a_mask",
            "learns",
            "declared",
            "each",
        )
    }

    assert annotated == set(SCHEMAS[name])


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_no_operator_can_be_given_more_than_its_fields(name: str) -> None:
    one = REGISTRY[name](**_example(name))

    assert not hasattr(one, "__dict__")
    assert one == REGISTRY[name](**_example(name))
    assert hash(one) == hash(REGISTRY[name](**_example(name)))
    assert all(repr(one) != repr(REGISTRY[other](**_example(other))) for other in REGISTRY if other != name)


def _example(name: str) -> Any:
    return {field: lettered(value, lambda letter: 2) for field, value in example_of(name).items()}


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_example_runs(name: str) -> None:
    """The letters that operators are shown with are known, and what must be written has one."""
    letters = dict.fromkeys(LETTERS, 12) | {"k": 3, "s": 2, "p": 1, "g": 4, "n": 4}
    fields = {field: lettered(value, letters.__getitem__) for field, value in example_of(name).items()}
    if name == "reshape":
        fields = {"size": (12, 12)}
    shapes = inputs(name, letters.__getitem__)

    assert {field for field, rule in SCHEMAS[name].items() if rule.required} <= set(fields)
    assert all(type(part) is not str or part in ("same", "bilinear") for part in fields.values())
    assert isinstance(REGISTRY[name](**fields).shape(*shapes), Shape)


DIVIDING = [(op, field) for op, schema in SCHEMAS.items() for field, rule in schema.items() if rule.divides]


@pytest.mark.parametrize(("op", "field"), DIVIDING)
def test_the_field_that_does_not_divide_is_at_fault(op: str, field: str) -> None:
    """5 parts of 12 channels."""
    builder = Builder(Shape((12, 12), 12))
    fields = {**{name: lettered(value, lambda letter: 12) for name, value in example_of(op).items()}, field: 5}
    ends = (INPUT,) * (2 if REGISTRY[op].inputs is None else 1)

    with pytest.raises(OperatorError, match="does not divide") as caught:
        builder.add(REGISTRY[op](**fields), ends, "", "", "", "", NOWHERE)

    assert field == caught.value.field


def test_what_divides_is_known() -> None:
    found = {"conv", "conv_transpose", "dynamic_conv", "shuffle", "split", "gn", "softmax", "matmul"}

    assert found == {op for op, _ in DIVIDING}


@pytest.fixture
def own_operator() -> Iterator[str]:
    """An operator with a field of every kind, none of which has a name that the program could know."""

    @operator("own")
    class Own(Operator):
        """Every kind of field."""

        slices: Quantity = count(divides=True)
        offset: Quantity = number(default=0)
        reach: Extent = extent(default=1)
        border: Padding = padding(default="valid")
        fast: bool = flag(default=False)
        order: str = word("nearest", "bilinear", default="nearest")

        def shape(self, *xs: Shape) -> Shape:
            exact_div(xs[0].channels, self.slices)
            return xs[0]

    yield "own"
    del REGISTRY["own"], SCHEMAS["own"]


def cost_of(entry: str, folder: Path) -> Any:
    """The JSON of a network of the operator, after a node whose name is a word too."""
    file = folder / "mine.yaml"
    file.write_text(
        f"costcalc: 1\nname: mine\ninput: 8x8x8\nlayers:\n- same: {{op: identity}}\n- {{op: own, {entry}}}\n"
    )
    return json.loads(costcalc.load(file).report().render("json"))


SIZE = "a whole number from {}, or one per dimension as 1x7"


@pytest.mark.parametrize(
    ("entry", "message", "expected"),
    [
        ("slices: 0", "slices is 0", "a whole number from 1"),
        ("slices: 2x2", "slices: '2x2' is a list, 2x2", "a whole number from 1"),
        ("slices: 5", "own: 8 does not divide by 5", ""),
        ("slices: 2, offset: -1", "offset is -1", "a whole number from 0"),
        ("slices: 2, reach: 0", "reach is 0", SIZE.format(1)),
        ("slices: 2, reach: 1x0", "reach: '1x0' is a list, 1x0", SIZE.format(1)),
        ("slices: 2, border: 1/2", "border: '1/2' is 0.5", "same, valid, " + SIZE.format(0)),
        ("slices: 2, border: nearest", "border is nearest", "same, valid, " + SIZE.format(0)),
        ("slices: 2, fast: 2", "fast is 2", "true or false"),
        ("slices: 2, order: 2", "order is 2", "bilinear or nearest"),
        ("slices: 2, order: middle", "unknown name 'middle'", "bilinear or nearest"),
        ("offset: 2", "own needs a value for 'slices'", "'slices'"),
    ],
)
def test_a_new_operator_is_checked_by_its_fields(
    own_operator: str, tmp_path: Path, entry: str, message: str, expected: str
) -> None:
    """Nothing but the class is written for it."""
    with pytest.raises(SpecError) as caught:
        cost_of(entry, tmp_path)

    assert [(message, expected)] == [(problem.message, problem.expected) for problem in caught.value.problems]


def test_a_new_operator_takes_what_fits(own_operator: str, tmp_path: Path) -> None:
    """A word of a field means the word, also where a node has its name."""
    found = cost_of("slices: 2, offset: 3, reach: 1x2, border: same, fast: true, order: bilinear", tmp_path)

    assert ["identity", "own"] == [layer["op"] for layer in found["layers"]]
