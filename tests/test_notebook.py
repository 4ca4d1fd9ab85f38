"""Results in a notebook: a line, HTML, a picture, a data frame; numbers in and out; wrong types are UsageErrors."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from catalogued import each

import costcalc
from costcalc.errors import UsageError
from costcalc.typed.page import read_page

RESULTS: dict[str, Callable[[], Any]] = {
    "network": lambda: costcalc.load("lenet5"),
    "report": lambda: costcalc.load("lenet5").report(),
    "ledger": lambda: costcalc.load("lenet5").ledger(),
    "peak": lambda: costcalc.load("lenet5").report().explain_peak(),
    "sweep": lambda: costcalc.sweep("mobilenet_v1", axes={"alpha": [0.5, 1], "beta": ["6/7", 1]}),
    "widest": lambda: costcalc.widest("mobilenet_v1", {"alpha": "0.5,1"}, max_params="3M"),
    "compare": lambda: costcalc.compare("lenet5", "lenet_300_100"),
    "identify": lambda: costcalc.identify("lenet_300_100"),
    "separable": lambda: costcalc.separable("lenet5_dense"),
    "formula": lambda: costcalc.formula("lenet_300_100"),
    "advise": lambda: costcalc.advise("lenet5"),
    "check": lambda: costcalc.check("lenet5", max_params="1M", max_mult_adds=10),
    "verify": lambda: costcalc.verify("lenet5"),
    "explain": lambda: costcalc.explain("lenet_300_100", "fvcore"),
    "find": lambda: costcalc.explain("mobilenet_v1", total="569M"),
    "compress": lambda: costcalc.compress("lenet_300_100@prune=0.5"),
    "reached": lambda: costcalc.compress_to("lenet_300_100@prune=0.5", "70kB"),
    "networks": lambda: costcalc.networks("lenet_"),
}
DRAWN = ("network", "report", "ledger", "sweep", "compare", "separable", "formula", "explain", "compress", "networks")


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_one_line_a_table_html_and_a_data_frame(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    result = RESULTS[name]()
    frames = SimpleNamespace(DataFrame=lambda rows: rows)
    monkeypatch.setitem(sys.modules, "pandas", frames)
    frame = result.to_dataframe()

    assert re.fullmatch(r"<[A-Z]\w+ [^\n]{3,150}>", repr(result))
    assert "<" in result._repr_html_() and repr(result) not in result._repr_html_()
    assert frame and all(isinstance(row, dict) for row in frame)
    assert not [value for row in frame for value in row.values() if isinstance(value, Fraction)]
    if name != "network":
        assert len(str(result).splitlines()) > 2
        assert list(frame[0]) == list(result.rows[0])


def test_a_measure_is_a_line() -> None:
    assert repr(costcalc.MEASURES["params"]) == "<Measure params: sum of params>"


@pytest.mark.parametrize("name", each(DRAWN, ("network", "sweep", "formula", "compress")))
def test_a_result_is_drawn(name: str, tmp_path: Path) -> None:
    """As SVG for the notebook, and into a file."""
    file = tmp_path / "drawn.svg"
    plot = RESULTS[name]().plot(str(file))

    assert "</svg>" in plot._repr_svg_() and "</svg>" in file.read_text()
    assert repr(plot).startswith("<Plot of ")
    plot.save(str(file), title="Another title", size="5x6")
    assert "Another title" in file.read_text() and 'width="360pt" height="432pt"' in file.read_text()
    with pytest.raises(UsageError, match=r"drawn.sgv"):
        plot.save(str(tmp_path / "drawn.sgv"))


def test_charts_are_rendered_as_on_the_command_line() -> None:
    """Of what has a chart there: bars of layers and of networks, lines of a sweep."""
    for name, kind in (("report", "bar"), ("compare", "bar"), ("sweep", "line")):
        chart = RESULTS[name]().render("mermaid")
        assert chart.startswith("```mermaid\n") and f"\n  {kind} " in chart
        assert "convention paper" in chart.splitlines()[-1]
    with pytest.raises(UsageError, match=r"unknown format 'mermaid'"):
        RESULTS["networks"]().render("mermaid")


def test_figures_and_measures_are_html() -> None:
    ledger = costcalc.load("lenet_300_100").ledger()

    for entry, params in ((ledger.layers["linear1"], "235,500"), (ledger.whole, "266,610")):
        assert f"<h2>{entry.name}" in entry._repr_html_()
        assert f"<tr><td>params</td><td>{params}</td></tr>" in entry._repr_html_()
    assert "<td>ratio</td>" in costcalc.MEASURES["intensity"]._repr_html_()
    assert len(costcalc.MEASURES) == costcalc.MEASURES._repr_html_().count("<tr><td>")


def test_values_are_one_line_too() -> None:
    network = costcalc.load("mobilenet_v1", alpha=0.5)
    ledger = network.ledger()

    assert "<Network mobilenet_v1, input 224x224x3, alpha 0.5>" == repr(network)
    assert "<Ledger 30 layers, convention paper, float32>" == repr(ledger)
    assert "<Entry conv1, conv, 112x112x16>" == repr(ledger.layers["conv1"])
    assert "<Counting: convention paper, float32>" == repr(ledger.counting)
    (outcome,) = costcalc.check("lenet5", max_params=10)
    assert "<Outcome lenet5: max-params 10, computed 60000, broken>" == repr(outcome)
    for value in (network.graph, network.declaration, network.bound, ledger.counting.convention):
        assert len(repr(value)) < 80


def test_a_formula_is_typeset() -> None:
    formula = costcalc.formula("lenet_300_100", measures="params", smooth=True)

    assert formula._repr_latex_().startswith("$$\n\\begin{aligned}\n\\text{params} &= ")
    assert "\\text{params} &amp;= " in formula._repr_html_()


def test_no_data_frame_without_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match=r"a data frame needs pandas\n  expected: `pip install pandas`, or .rows"):
        costcalc.networks("lenet_").to_dataframe()


def test_settings_are_numbers_in_and_out() -> None:
    """A row's settings go back into `load` as they are, exactly; numbers of other libraries are numbers."""
    swept = costcalc.sweep("mobilenet_v1", axes={"alpha": ["0.75", 1], "beta": ["6/7"]})

    assert [(0.75, Fraction(6, 7), 192), (1, Fraction(6, 7), 192)] == [
        (row["alpha"], row["beta"], row["resolution"]) for row in swept.rows
    ]
    for row in swept.rows:
        again = costcalc.load("mobilenet_v1", alpha=row["alpha"], beta=row["beta"])
        assert row["mult_adds"] == again.report().mult_adds
    for half in (0.5, "0.5", Fraction(1, 2), Decimal("0.5"), np.float32(0.5), np.float64(0.5)):
        assert 1_331_592 == costcalc.load("mobilenet_v1", alpha=half, resolution=np.int64(160)).report().params
    with pytest.raises(UsageError, match=r"alpha: .* is not a value"):
        costcalc.load("mobilenet_v1", alpha=np.float32("nan"))


WRONG: tuple[Any, ...] = (None, 5, 2.5, True, b"x", [1], {"a": 1}, object())
CALLS: dict[str, Callable[[Any], object]] = {
    "load": costcalc.load,
    "alpha": lambda wrong: costcalc.load("lenet5", alpha=wrong),
    "by": lambda wrong: costcalc.load("lenet5").report(by=wrong),
    "columns": lambda wrong: costcalc.load("lenet5").report(columns=wrong),
    "sort": lambda wrong: costcalc.load("lenet5").report(sort=wrong),
    "top": lambda wrong: costcalc.load("lenet5").report(top=wrong),
    "convention": lambda wrong: costcalc.load("lenet5").ledger(convention=wrong),
    "measure": lambda wrong: costcalc.load("lenet5").ledger()[wrong],
    "layer": lambda wrong: costcalc.load("lenet5").report().explain_peak(wrong),
    "sweep": lambda wrong: costcalc.sweep(wrong, axes={"alpha": [1]}),
    "axes": lambda wrong: costcalc.sweep("lenet5", axes=wrong),
    "target": lambda wrong: costcalc.sweep_to(wrong, "lenet5", axes={"alpha": [1]}, format="csv"),
    "widest": lambda wrong: costcalc.widest(wrong, max_params="1M"),
    "compare": lambda wrong: costcalc.compare("lenet5", wrong),
    "pareto": lambda wrong: costcalc.compare("lenet5", "nin", pareto=wrong),
    "identify": costcalc.identify,
    "separable": costcalc.separable,
    "formula": costcalc.formula,
    "open": lambda wrong: costcalc.formula("lenet_300_100", open=wrong),
    "advise": costcalc.advise,
    "check": lambda wrong: costcalc.check(wrong, max_params="1M"),
    "settings": lambda wrong: costcalc.check("lenet5", max_params="1M", settings=wrong),
    "fits": lambda wrong: costcalc.check("lenet5", fits=wrong),
    "verify": costcalc.verify,
    "explain": costcalc.explain,
    "against": lambda wrong: costcalc.explain("lenet5", wrong),
    "compress": costcalc.compress,
    "weights": costcalc.compress_weights,
    "word": costcalc.networks,
    "family": lambda wrong: costcalc.networks("lenet", wrong),
    "year": lambda wrong: costcalc.networks("lenet", year=wrong),
    "flag": lambda wrong: costcalc.formula("lenet_300_100", smooth=np.array([wrong, wrong], dtype=object)),
    "axis": lambda wrong: costcalc.widest("lenet5", np.array([wrong, wrong], dtype=object), max_params="1M"),
    "from_graph": lambda wrong: costcalc.from_graph(wrong, "built"),
    "name of a graph": lambda wrong: costcalc.from_graph(costcalc.load("lenet5").graph, wrong),
    "from_spec": costcalc.from_spec,
    "from_onnx": costcalc.from_onnx,
    "from_keras": costcalc.from_keras,
    "surrogate": lambda wrong: costcalc.from_keras("\ud800"),
    "structured": lambda wrong: costcalc.load("lenet5").resolved(wrong),
    "short": lambda wrong: costcalc.load("lenet5").report().render(short=wrong),
    "terminal": lambda wrong: costcalc.load("lenet5").report().render(terminal=wrong),
    "width": lambda wrong: costcalc.load("lenet5").report().render(width=wrong),
    "width of rows": lambda wrong: costcalc.networks("lenet_").render(width=wrong, terminal=True),
    "terminal of rows": lambda wrong: costcalc.networks("lenet_").render(terminal=wrong),
    "title": lambda wrong: read_page(title=wrong),
    "size": lambda wrong: read_page(size=wrong),
    "width of a formula": lambda wrong: costcalc.formula("conv").render(width=wrong),
}
MEANT = {
    "alpha": (None, 5, 2.5), "top": (None, 5), "pareto": (None, True), "columns": (None,), "sort": (None,),
    "against": (WRONG[5],), "convention": (None,), "layer": (None,), "settings": (None,), "family": (None,),
    "year": (None,), "structured": (None, True), "short": (True,), "terminal": (True,), "terminal of rows": (True,),
    "width": (None, 5), "width of rows": (None, 5), "width of a formula": (None, 5),
    "title": (None,), "size": (None,),
}  # fmt: skip
"""What is right: numbers, a mere yes, and nothing where nothing need be asked for."""


@pytest.mark.parametrize("name", CALLS)
def test_wrong_types_are_usage_errors(name: str) -> None:
    """Never a TypeError of Python's own; the message names what was handed over, or what was expected."""
    for wrong in WRONG:
        if not any(wrong is right for right in MEANT.get(name, ())):
            with pytest.raises(costcalc.CostcalcError, match=r"."):
                CALLS[name](wrong)


SMALL = """
costcalc: 1
name: small
input: 8x8x3
settings: {alpha: {default: 1}}
widths: {scale: alpha, round: floor}
layers:
- conv1: {op: conv, k: 3, c: 8}
- gap1: {op: gap}
- linear1: {op: linear, c: 10}
"""
TAKES: dict[str, Callable[[Any], Any]] = {
    "compare": lambda network: costcalc.compare("lenet5", network, columns="params").rows[1],
    "sweep": lambda network: costcalc.sweep(network, axes={"alpha": [0.5, 1]}).rows,
    "widest": lambda network: costcalc.widest(network, {"alpha": [0.5, 1]}, max_params="1M").rows,
    "check": lambda network: costcalc.check(network, settings={"alpha": 2}, max_params=1).rows,
    "formula": lambda network: costcalc.formula(network, against=network).rows,
    "separable": lambda network: costcalc.separable(network, alpha=2).rows,
    "explain": lambda network: costcalc.explain(network, "fvcore", alpha=2).rows,
    "advise": lambda network: costcalc.advise(network, alpha=2).rows,
    "compress": lambda network: costcalc.compress(network, "deep_compression", alpha=2).rows,
    "compress_to": lambda network: costcalc.compress_to(network, 1500, recipe="deep_compression").rows,
    "identify": lambda network: [costcalc.identify(network).render()],
}


@pytest.mark.parametrize("name", TAKES)
def test_a_network_is_named_by_path_or_handed_over(name: str, tmp_path: Path) -> None:
    """A name, a path and a network that is open are one and the same, also in what rows call it."""
    file = tmp_path / "small.yaml"
    file.write_text(SMALL)

    answers = [TAKES[name](given) for given in (str(file), file, costcalc.load(file))]

    assert answers[0] and answers == 3 * answers[:1]


def test_networks_that_are_handed_over() -> None:
    """They are called after their settings; a setting stands once; one that cannot be swept says so."""
    network = costcalc.from_spec(SMALL, "separable", alpha=2)
    built = costcalc.from_graph(network.graph, "built")

    rows = costcalc.compare(network, built, costcalc.load("lenet5", alpha="1/2")).rows
    assert ["small@separable@alpha=2", "built", "lenet5@alpha=1/2"] == [row["network"] for row in rows]
    assert rows[0]["params"] == rows[1]["params"] == network.report().params
    for wrong in (
        lambda: costcalc.compare(network, "lenet5", alpha=1),
        lambda: costcalc.sweep(network, axes={"alpha": [1]}),
    ):
        with pytest.raises(UsageError, match=r"alpha is set twice"):
            wrong()
    with pytest.raises(UsageError, match=r"built has no setting 'alpha'\n  expected: batch: the graph was built"):
        costcalc.sweep(built, axes={"alpha": [0.5, 1]})
    with pytest.raises(UsageError, match=r"<Network built, input 8x8x3> a network"):
        costcalc.formula("conv", against=built)


def test_names_in_what_comes_back() -> None:
    """A whole float is a whole number; the name under which a size is reached can be typed."""
    network = costcalc.load("lenet_300_100@prune=0.5", batch=2.0)

    assert "<Network lenet_300_100@prune=0.5, input 28x28x1, batch 2>" == repr(network)
    title, *_ = costcalc.compress_to(network, "70kB").render().splitlines()
    assert "lenet_300_100@prune=0.5@batch=2 in 70.00 kB" == title


def test_nothing_named() -> None:
    """Neither a network nor a budget nor a value: said in words of Python."""
    for call, message in (
        (lambda: costcalc.check(max_params=4), "no network to check"),
        (lambda: costcalc.check("lenet5"), r"no budget\n  expected: fits, max_accumulator_bytes, "),
        (lambda: costcalc.widest("lenet5"), r"no budget\n  expected: a bound, as max_mult_adds='150M'"),
        (lambda: costcalc.widest([], max_params=4), r"\[\] names no networks"),
        (lambda: costcalc.sweep(axes={"alpha": [1]}), "no network to sweep"),
        (lambda: costcalc.sweep("lenet5", axes={"alpha": []}), "alpha: no value"),
    ):
        with pytest.raises(UsageError, match=message):
            call()


def test_the_table_of_measures_is_one_line() -> None:
    shown = repr(costcalc.MEASURES)

    assert shown.startswith(f"<{len(costcalc.MEASURES)} measures: mult_adds, ")
    assert len(shown) < 100
