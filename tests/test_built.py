"""A graph built by hand has every report that a network of the catalogue has: nothing above it asks for a spec."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from catalogued import each

import costcalc
from costcalc.analysis.check.outcome import Subject, outcomes
from costcalc.analysis.compare.separable import separable_forms
from costcalc.analysis.compare.side_by_side import compare_networks
from costcalc.analysis.formula.network import network_formulas
from costcalc.analysis.sweep.plan import plan_sweep
from costcalc.analysis.sweep.rows import sweep_rows
from costcalc.counting import Counting
from costcalc.errors import Place
from costcalc.graph import INPUT, Builder, Graph
from costcalc.operators import REGISTRY, Shape
from costcalc.report import terminal_plot, write_plot
from costcalc.report.comparison import render_comparison, render_separable
from costcalc.report.formats import Format
from costcalc.report.formula.page import render_formula
from costcalc.typed.budgets import read_budgets
from costcalc.typed.columns import columns_named
from costcalc.words import By

NOWHERE = Place("", 1, 1)
COUNTING = Counting.of()


def again(name: str) -> costcalc.Network:
    """A network of the catalogue, put together once more by hand, node by node."""
    graph = costcalc.load(name).graph
    builder = Builder(graph.input)
    for node in graph.nodes:
        builder.add(node.operator, node.inputs, node.layer, node.block, node.stage, node.row, NOWHERE)
    return costcalc.from_graph(builder.finish(), name, costcalc.load(name).title)


def residual() -> Graph:
    """Two convolutions beside a residual: docs/measures.md has its figures."""
    builder = Builder(Shape((8, 8), 4))
    end = INPUT
    for layer, post_ops in (("first", ["bn", "relu"]), ("second", ["bn"])):
        end = builder.add(REGISTRY["conv"](out=4, k=3), (end,), layer, layer, layer, "conv", NOWHERE)
        for word in post_ops:
            end = builder.add(REGISTRY[word](), (end,), layer, layer, layer, "conv", NOWHERE)
    end = builder.add(REGISTRY["add"](), (INPUT, end), "sum", "sum", "sum", "add", NOWHERE)
    builder.add(REGISTRY["relu"](), (end,), "sum", "sum", "sum", "add", NOWHERE)
    return builder.finish()


BLOCK = costcalc.from_graph(residual(), "residual", "A block")


@pytest.mark.parametrize("by", By)
@pytest.mark.parametrize("format", Format)
def test_reports_are_those_of_the_catalogue(by: By, format: Format) -> None:
    """In every format, by every part: the same lines, but for settings that only the spec has."""
    expected = costcalc.load("mobilenet_v2").report(by=by).render(format).replace(", alpha 1", "").splitlines()
    found = again("mobilenet_v2").report(by=by).render(format).splitlines()
    if format is Format.JSON:
        start, end = expected.index(' "settings": {'), expected.index(' "transforms": [],')
        expected[start + 1 : end] = []
        place = found.index(' "transforms": [],')
        found[found.index(' "settings": {},') : place] = [' "settings": {']

    assert expected == found


def test_figures_of_the_worked_block() -> None:
    """Those of docs/measures.md, in which a spec declares the same block."""
    ledger = BLOCK.ledger()

    assert (18_432, 304, 1_216, 8_384) == tuple(
        ledger[name] for name in ("mult_adds", "params", "weight_bytes", "traffic_bytes")
    )
    assert (3_072, 3_072) == (ledger["activation_bytes"], ledger["peak_activation_bytes"])
    assert "A block, input 8x8x4" == BLOCK.report().title


DRAWN = ("mult_adds", "peak_activation_bytes", "intensity")
ENDINGS = ("svg", "png", "pdf")


@pytest.mark.parametrize("picture", each([*product(DRAWN, ENDINGS)], [*zip(DRAWN, ENDINGS, strict=True)]), ids="-".join)
def test_pictures(picture: tuple[str, str], tmp_path: Path) -> None:
    measure, ending = picture
    rows = BLOCK.report(columns=[measure, *(["params"] if measure != "params" else [])]).rows
    write_plot(rows, str(tmp_path / f"plot.{ending}"), None, "A block", measure)

    assert (tmp_path / f"plot.{ending}").stat().st_size > 1000
    assert "second" in terminal_plot(rows, None, "A block", measure, 80)


@pytest.mark.parametrize("format", Format)
def test_it_is_compared(format: Format) -> None:
    """With a network of the catalogue, its layers aligned, and in both forms of its convolutions."""
    other = costcalc.load("lenet5")
    found = compare_networks([("residual", BLOCK), ("lenet5", other)], {}, True, COUNTING)
    forms = separable_forms("residual", BLOCK, {}, COUNTING)

    assert [18_432, other.report().mult_adds] == [row["mult_adds"] for row in found.rows]
    assert "9216" in render_comparison(found, format).replace("9,216", "9216")
    assert ["first", "second"] == [row["name"] for row in forms.rows]
    assert "second" in render_separable(forms, format)


def test_it_is_swept_bounded_and_written_down() -> None:
    """Over its batch, its only setting; within budgets; as a formula; as a spec that costs the same."""
    columns = columns_named(["mult_adds", "peak_activation_bytes"])
    rows = sweep_rows(plan_sweep([BLOCK], {"batch": [1, 2**20]}, COUNTING, columns), skip_invalid=False).rows
    checked = outcomes(
        Subject("residual", "", COUNTING),
        BLOCK.ledger(),
        read_budgets({"max_traffic_bytes": "8kB"}, COUNTING.convention),
    )
    (formula,) = network_formulas([BLOCK], ["batch"], False, COUNTING, ["mult_adds", "peak_activation_bytes"])
    spec = costcalc.from_spec(BLOCK.resolved())

    assert [(18_432 * n, 3_072 * n) for n in (1, 2**20)] == [tuple(row.values())[-2:] for row in rows]
    assert [-384] == [outcome.room for outcome in checked]
    assert (18_432 * 7, 3_072 * 7) == formula.at(batch=7)
    assert "18432*batch" in render_formula(formula, "python").replace(" ", "")
    for name in set(costcalc.MEASURES) - {"flops"}:
        assert BLOCK.ledger()[name] == spec.ledger()[name], name


def test_a_setting_that_it_does_not_have() -> None:
    with pytest.raises(costcalc.UsageError, match="residual has no setting 'alpha'"):
        BLOCK.with_settings(alpha="0.5").report()
