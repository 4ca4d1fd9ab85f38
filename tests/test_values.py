"""Kinds of value: every operation of the language on every kind, wherever an expression may stand, on all numbers.

The suite runs a part of the whole product, another part for each place; what counts is that every answer is a figure or
a problem with a place, and that ints, grids and symbols agree.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
import sympy

from costcalc import symbols
from costcalc.analysis.formula.network import network_formulas
from costcalc.analysis.sweep.evaluate import evaluated
from costcalc.analysis.sweep.tiles import tiles
from costcalc.counting import Counting, load_convention
from costcalc.errors import CostcalcError, SpecError, UsageError
from costcalc.expression import ExpressionError, parse
from costcalc.expression.values import Kind, kind_of
from costcalc.graph import bind, expand, walk
from costcalc.grid import Differs, Grid, channel, position
from costcalc.network import InSpec, Network
from costcalc.operators import Shape
from costcalc.spec import catalogue
from costcalc.spec.loader import load_source
from costcalc.spec.model import Spec
from costcalc.spec.tree import Source

OPERANDS = ["3", "0", "0.5", "g", "g / 3", "x.h", "flag", "g == 2", "relu", "x", "tbl", "sizes", "nothing"]
"""Each kind of value: numbers (zero and fractions among them), conditions, a word, a shape, a table, a list, unset."""
ONE = [
    "{a}", "-{a}", "not {a}", "floor({a})", "ceil({a})", "round8({a})", "tbl[{a}]", "rows[{a}]", "{a}.c", "{a}.t",
    "{a}[1]", "1 if {a} else 2", "gcd({a}, 4)",
]  # fmt: skip
TWO = [
    *(f"{{a}} {sign} {{b}}" for sign in "+ - * / // % ** == != < <= > >= and or".split()),
    "min({a}, {b})", "max(1, 2, {a}, {b})", "exact_div({a}, {b})", "gcd({a}, {b})", "round_width({a}, {b})",
    "round_width(20, {a}, {b})", "{a} if flag else {b}", "{a} if g > 2 else {b}", "g if {a} == {b} else 8",
]  # fmt: skip
EXPRESSIONS = [
    *(form.format(a=a) for form in ONE for a in OPERANDS),
    *(form.format(a=a, b=b) for form in TWO for a, b in itertools.product(OPERANDS, repeat=2)),
]
POINTS = (2, 3, 8, 0, Fraction(1, 2))
NAMES: dict[str, Any] = {
    "flag": True,
    "relu": "relu",
    "x": Shape((8, 8), 6),
    "tbl": {1: 3, 2: "relu", "relu": 8, False: 5},
    "rows": {2: {1: 4}, 3: {1: "bn"}, 8: 1},
    "sizes": (1, 7),
    "nothing": None,
}


def on_number(text: str, g: Any) -> Any:
    """An expression's value, or ExpressionError."""
    try:
        return parse(text).evaluate({**NAMES, "g": g})
    except ExpressionError as error:
        assert str(error)
        assert 0 <= error.offset <= len(text), (text, error)
        assert "object" not in str(error) and "class" not in str(error), (text, error)
        return ExpressionError


def on_grid(text: str, points: list[Any], make: Any) -> dict[Any, Any]:
    """An expression at each of some points, walked part by part as a sweep does."""
    try:
        value = parse(text).evaluate({**NAMES, "g": make(points)})
        if kind_of(value) is Kind.CONDITION and not isinstance(value, bool):
            value = value.holds()
        shape = (len(points), len(points))
        if isinstance(value, Grid):
            assert value.side in ("channel", "position"), text
            cells = [Fraction(int(n), value.denominator) for n in value.numerators(value.side)]
            assert len(cells) == shape[0]
            return dict(zip(points, cells, strict=True))
    except Differs as split:
        found = {}
        for wanted in (True, False):
            found |= on_grid(text, [p for p, m in zip(points, split.mask, strict=True) if bool(m) is wanted], make)
        return found
    except ExpressionError as error:
        assert "object" not in str(error), (text, error)
        value = ExpressionError
    return dict.fromkeys(points, value)


@pytest.mark.parametrize("make", [channel, position])
def test_numbers_and_grids_agree(make: Any) -> None:
    """Every form on every kind: the same value or the same refusal at each point of a grid."""
    for text in EXPRESSIONS:
        expected = {g: on_number(text, g) for g in POINTS}
        if "g" not in text.replace("flag", "").replace("nothing", ""):
            continue

        assert expected == on_grid(text, list(POINTS), make), text


def test_numbers_and_symbols_agree() -> None:
    """At its point a symbol has the number's value, and where a number has none it is refused or left undecided."""
    g = sympy.Symbol("g", rational=True)
    for text, point in itertools.product(EXPRESSIONS, POINTS[:4]):
        expected = on_number(text, point)
        with symbols.traced({g: point}) as trace:
            try:
                value = parse(text).evaluate({**NAMES, "g": g})
            except symbols.Undetermined:
                continue
            except ExpressionError:
                value = ExpressionError
            else:
                if isinstance(value, sympy.Basic):
                    value = trace.at_point(value)
                    value = bool(value) if value in (sympy.true, sympy.false) else symbols.exact(value)

        whole = all(one.what.xreplace(trace.values).is_integer for one in trace.assumptions if one.kind == "whole")
        assert expected == value or not whole, (text, point, expected, value)


BY_HAND = {
    "3 <= 3": True, "3 < 3": False, "3 >= 3": True, "3 > 3": False, "3 == 3": True, "3 != 3": False,
    "flag and 0": False, "flag or 0": True, "not 0": True, "1 if 0 else 2": 2, "relu == 3": False, "flag != relu": True,
    "7 - -4": 11, "7 / 4": Fraction(7, 4), "-7 // 2": -4, "-7 % 4": 1, "2 ** 3": 8, "2 ** -1": Fraction(1, 2),
    "floor(-3.5)": -4, "ceil(-3.5)": -3, "min(3, 1, 2)": 1, "max(3, 1, 2)": 3, "gcd(12, 18)": 6, "exact_div(12, 4)": 3,
    "round8(11)": 16, "round_width(20, 8)": 24, "round_width(3, 8)": 8, "round_width(3, 8, 4)": 4,
    "x.h * x.c": 48, "tbl[flag]": 3, "rows[3][1]": "bn", "2 ** 62": 2**62, "1 / 2 ** 62": Fraction(1, 2**62),
    "2 ** 62 + 1": ExpressionError, "-(2 ** 62) - 1": ExpressionError, "1 / 2 ** 62 / 2": ExpressionError,
}  # fmt: skip


def test_by_hand() -> None:
    assert BY_HAND == {text: on_number(text, 3) for text in BY_HAND}


PLACES = {
    "let": "let: {{v: '{e}'}}\nlayers:\n- {{op: conv, out: v}}",
    "count": "layers:\n- {{op: conv, out: '{e}'}}",
    "final": "layers:\n  columns: [op, c]\n  rows:\n  - [conv, '={e}']\n  - [conv, '{e}']\n  - [relu, _]",
    "number": "layers:\n- {{op: upsample, factor: '{e}'}}",
    "extent": "layers:\n- {{op: conv, out: 8, k: '{e}', stride: '{e}'}}",
    "list": "layers:\n- {{op: conv, out: 8, k: ['{e}', 1]}}",
    "padding": "layers:\n- {{op: maxpool, k: 1, pad: '{e}'}}",
    "flag": "layers:\n- {{op: conv, out: 8, bias: '{e}'}}",
    "word": "layers:\n- {{op: conv, out: 8, act: '{e}'}}",
    "when": "layers:\n- {{op: relu}}\n- {{op: conv, out: 8, when: '{e}'}}",
    "n": "layers:\n- {{op: relu}}\n- {{op: conv, out: 8, n: '{e}'}}",
    "in": "layers:\n- {{op: conv, out: 8, in: '{e}'}}",
    "output": "layers:\n- {{op: conv, out: 8, output: '{e}'}}",
    "from": "layers:\n- {{op: conv, out: 8, from: '{e}'}}",
    "scale": "widths: {{scale: '{e}', round: floor}}\nlayers:\n- {{op: conv, out: 8}}\n- {{op: conv, out: 8}}",
    "round": "widths: {{scale: alpha, round: '{e}'}}\nlayers:\n- {{op: conv, out: 8}}\n- {{op: conv, out: 8}}",
    "depth": "depths: {{scale: '{e}', round: '{e}'}}\nlayers:\n- {{op: relu, n: 2}}",
    "input": "layers:\n- {{op: relu}}",  # and the input is the expression
    "sides": "layers:\n- {{op: relu}}",
    "key": "tables: {{t: {{'{e}': 3}}}}\nlayers:\n- {{op: conv, out: 't[g]'}}",
    "entry": "tables: {{t: {{2: '{e}'}}}}\nlayers:\n- {{op: conv, out: 't[g]'}}",
    "default": "settings: {{h: '{e}', alpha: '{e}', resolution: '{e}'}}\nlayers:\n- {{op: conv, out: h}}",
    "choices": "settings: {{h: {{default: '{e}', choices: ['{e}', 3]}}}}\nlayers:\n- {{op: conv, out: h}}",
    "variant": "variants: {{b: {{resolution: '{e}', g: '{e}', batch: '{e}'}}}}\nlayers:\n- {{op: conv, out: g}}",
    "published": "layers:\n- {{op: relu}}\npublished:\n- {{g: '{e}', alpha: '{e}', top1: '{e}', at: here}}",
    "argument": "blocks: {{b: {{args: [a], body: [{{op: conv, out: a, k: a}}]}}}}\nlayers:\n- {{op: b, a: '{e}'}}",
    "used": "blocks:\n  b: {{args: [a], body: [{{op: conv, out: a * 2, when: a}}]}}\nlayers:\n- {{op: b, a: '{e}'}}",
    "argument default": "blocks: {{b: {{args: [a: '{e}'], body: [{{op: conv, out: a}}]}}}}\nlayers:\n- {{op: b}}",
    "defaults": "defaults: {{conv: {{k: '{e}', bias: '{e}', act: '{e}'}}}}\nlayers:\n- {{op: conv, out: 8}}",
}
"""Every place of a spec where an expression stands, or a value that is read like one."""
HEAD = """costcalc: 1
name: a
input: {input}
settings: {{g: 2, flag: true}}
tables: {{tbl: {{1: 3, 2: relu, relu: 8}}, rows: {{2: {{1: 4}}}}}}
"""
SHORT = [text for text in EXPRESSIONS if "nothing" not in text and "sizes" not in text]


def spec_with(place: str, text: str) -> str:
    """A spec with an expression at a place."""
    size = {"input": f"'{text}'", "sides": f"['{text}', '{text}', 3]"}.get(place, "8x8x6")
    head, body = HEAD.format(input=size), PLACES[place].format(e=text)
    for section in ("settings", "tables"):  # the place's own section takes the entries of the common one
        if body.startswith(f"{section}: {{"):
            line = next(line for line in head.split("\n") if line.startswith(section))
            head = head.replace(line + "\n", "")
            body = f"{line[:-1]}, {body.removeprefix(f'{section}: {{')}"
    return head + body + "\n"


def answers(text: str) -> Iterator[str]:
    """What a report, a sweep and a formula make of a spec; whoever raises anything foreign fails the test."""
    try:
        spec = load_source(Source.of("a.yaml", text), catalogue.find_blocks)
    except SpecError as error:
        yield placed(error)
        return
    for name in spec.names:
        yield from (attempt(reported, spec, name), attempt(swept, spec, name), attempt(formulated, spec, name))


def placed(error: SpecError) -> str:
    """The message, which must have a place and speak of no object."""
    assert all(problem.place.line and problem.place.column for problem in error.problems)
    assert " object at " not in str(error) and "<class" not in str(error) and "_0" not in str(error), error
    return str(error)


def attempt(function: Any, spec: Spec, name: str) -> str:
    try:
        return str(function(spec, name))
    except SpecError as error:
        return placed(error)
    except CostcalcError as error:
        assert isinstance(error, UsageError), repr(error)
        assert " object at " not in str(error), error
        return str(error)


def reported(spec: Spec, name: str) -> int:
    return sum(row.counters.weights for row in walk(expand(bind(spec, name))))


def swept(spec: Spec, name: str) -> str:
    """At three values of g by two of the resolution; each must be what a report has there."""
    (tile,) = tiles({"g": [2, 3, 8], "resolution": [8, 9]}, 100)
    measures = ("mult_adds", "params", "weight_bytes", "peak_activation_bytes", "traffic_bytes")
    block = evaluated(Network(InSpec(spec, name, is_complete=True)), Counting.of(), tile, measures)
    for (row, g), (column, side) in itertools.product(enumerate((2, 3, 8)), enumerate((8, 9))):
        alone = attempt(partial(_total, g=g, side=side), spec, name)
        if block.valid[row, column]:
            assert alone == str(block.figures["params"][row, column]), (g, side, alone)
        else:
            assert not alone.isdecimal(), (g, side, alone)
    return str([gone.reason for gone in block.invalid])


def _total(spec: Spec, name: str, g: int, side: int) -> int:
    convention = load_convention("paper")
    return sum(convention.count_params(row) for row in walk(expand(bind(spec, name, {"g": g, "resolution": side}))))


def formulated(spec: Spec, name: str) -> str:
    network = Network(InSpec(spec, name, is_complete=True))
    (formula,) = network_formulas([network], ["g"], False, Counting.of(), ["mult_adds", "params"])
    assert tuple((formula.reported or {}).values()) == formula.at()
    for g in (1, 2, 3, 0, Fraction(1, 2)):
        if formula.holds(g=g):
            assert _total_formula(spec, name, g) == formula.at(g=g), g
    return str(formula.figures["mult_adds"])


def _total_formula(spec: Spec, name: str, g: Any) -> tuple[int, int]:
    convention = load_convention("paper")
    binding = bind(spec, name, {"g": g})
    rows = walk(expand(binding))
    return sum(map(convention.count, rows)) * binding.batch, sum(map(convention.count_params, rows))


@pytest.mark.parametrize("place", PLACES)
def test_every_place_takes_every_kind_or_says_why_not(place: str) -> None:
    """Each operand by itself, and some of the forms: others at each place."""
    start = list(PLACES).index(place)
    step = 97
    for text in [*OPERANDS[:-2], *SHORT[start::step]]:
        for answer in answers(spec_with(place, text)):
            assert answer, text


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_the_whole_product(place: str) -> None:
    """Every form on every kind at every place: some minutes."""
    for text in SHORT:
        for answer in answers(spec_with(place, text)):
            assert answer, text


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("macs + relu", "unknown counter 'relu'"),
        ("macs > 5", "'macs > 5' is false"),
        ("not macs", "'not macs' is false"),
        ("macs.c", "'macs' is 1"),
        ("macs[1]", "'macs' is 1"),
        ("-(macs == 1)", "'macs == 1' is true"),
        ("macs / 0", "1 / 0 cannot be evaluated"),
        ("[macs, 2]", "not part of the language"),
    ],
)
def test_rules_of_a_convention(rule: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are checked when they are read, whatever network is counted."""
    text = f"costcalc: 1\nconvention: mine\ntotal: mine\ntitle: mine\ncounts:\n  conv: {rule}\nparams: {rule}\n"
    monkeypatch.setattr(catalogue, "find_file", lambda kind, name: Source.of("mine.yaml", text))

    with pytest.raises(SpecError) as raised:
        load_convention.__wrapped__("mine")

    assert [6, 7] == [problem.place.line for problem in raised.value.problems]
    assert message in str(raised.value)


def test_a_rule_that_has_no_number_for_some_counters() -> None:
    """A case that the trial with ones does not meet is a problem at the rule all the same."""
    text = "costcalc: 1\nconvention: mine\ntotal: mine\ncounts: {conv: 1 if macs == 1 else macs > 1}\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "find_file", lambda kind, name: Source.of("mine.yaml", text))
        convention = load_convention.__wrapped__("mine")
    spec = load_source(Source.of("a.yaml", spec_with("count", "8")), catalogue.find_blocks)

    with pytest.raises(SpecError, match="'1 if macs == 1 else macs > 1' is true"):
        convention.count(walk(expand(bind(spec)))[0])
