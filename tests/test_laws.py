"""Laws that hold for every network of the catalogue."""

from __future__ import annotations

import csv
import io
import re
from functools import cache
from pathlib import Path

import pytest
from catalogued import SAMPLE, each

import costcalc
from costcalc.api import SpecError
from costcalc.counting import convention_names, load_convention
from costcalc.operators import REGISTRY, WORK
from costcalc.spec import catalogue
from costcalc.words import By

NETWORKS = [name for spec in catalogue.specs() for name in (spec.name, *spec.variants)]
ALIASES = [name for spec in catalogue.specs() for name in spec.also]


@cache
def network(name: str) -> costcalc.Network:
    """A network, opened once for all the conventions."""
    return costcalc.load(name)


@pytest.mark.parametrize("name", each(NETWORKS))
def test_rows_add_up_to_the_totals(name: str) -> None:
    """However the rows are cut."""
    ledger = costcalc.load(name).ledger()
    totals = ledger.whole
    for by in By:
        rows = ledger.entries(by)

        assert totals.total == sum(row.total for row in rows), by
        assert totals.params == sum(row.params for row in rows), by
        assert totals.weights == sum(row.weights for row in rows), by
        for measure in (*WORK, "traffic_bytes", "activation_bytes", "weight_bytes"):
            assert totals[measure] == sum(row[measure] for row in rows), (by, measure)
        assert totals["peak_activation_bytes"] == max(row["peak_activation_bytes"] for row in rows), by


@pytest.mark.parametrize("name", each(NETWORKS))
def test_printed_columns_add_up_to_the_printed_total(name: str) -> None:
    """Read back from the table: the figures of a column, added, are the figure at its foot."""
    lines = costcalc.load(name).report().render("table").splitlines()
    start, end = (index for index, line in enumerate(lines) if line.startswith("---"))
    figures = [re.findall(r"(?<![\w.,])[\d,]+(?= )", line) for line in lines[start + 1 : end]]
    foot = re.findall(r"(?<![\w.,])[\d,]+(?= )", lines[end + 1])

    def number(text: str) -> int:
        return int(text.replace(",", ""))

    for column in (0, 1):  # the total, the parameters
        assert number(foot[column]) == sum(number(row[column]) for row in figures)


@pytest.mark.parametrize("name", each(NETWORKS))
def test_cost_is_linear_in_the_batch(name: str) -> None:
    one = costcalc.load(name).report().totals
    three = costcalc.load(name, batch=3).report().totals

    assert 3 * one.total == three.total
    assert one.params == three.params
    assert 3 * one.peak_activation_bytes == three.peak_activation_bytes


@pytest.mark.parametrize("name", each(NETWORKS, sorted(SAMPLE)[::3]))
def test_dump_and_load_give_the_same_network(name: str, tmp_path: Path) -> None:
    once = costcalc.load(name)
    text = once.resolved()
    again = costcalc.from_spec(text)
    first, second = once.graph, again.graph

    assert [(node.operator, node.output) for node in first.nodes] == [(n.operator, n.output) for n in second.nodes]
    before, after = once.ledger(), again.ledger()
    for measure in costcalc.MEASURES:
        if measure != "flops":
            assert before[measure] == after[measure], measure


@pytest.mark.parametrize("name", ALIASES)
def test_library_names_lead_to_a_network(name: str) -> None:
    assert costcalc.load(name).report().params > 0


FIXED_GROUPS = {"micronet_m0", "espnetv2"}
"""Networks whose printed group counts do not divide every width."""


@pytest.mark.parametrize("name", [spec.name for spec in catalogue.specs()])
@pytest.mark.parametrize("alpha", ["0.5", "1.25", "1/3"])
def test_alpha_works_on_every_network(name: str, alpha: str) -> None:
    """Narrower is cheaper, wider is dearer; where fixed groups do not divide a width, the error says so."""
    plain = network(name).report().params
    try:
        scaled = costcalc.load(name, alpha=alpha).report().params
    except SpecError as error:
        assert name in FIXED_GROUPS
        assert "does not divide" in str(error)
        return

    assert scaled > plain if alpha == "1.25" else scaled < plain


@pytest.mark.parametrize("convention", convention_names())
def test_every_convention_knows_every_operator_or_says_so(convention: str) -> None:
    """A total is complete, or names what it leaves out."""
    chosen = load_convention(convention)
    for spec in catalogue.specs():
        report = network(spec.name).report(convention=convention)
        unknown = {node.operator.name for node in network(spec.name).graph.nodes} - {
            name for name in REGISTRY if chosen.knows(name)
        }

        assert set(report.left_out) == unknown
        assert report.status == ("partial" if unknown else "complete")


def test_paper_and_flops_know_every_operator() -> None:
    for name in ("paper", "flops"):
        assert ["unknown"] == [op for op in REGISTRY if not load_convention(name).knows(op)]


def test_csv_and_rows_are_the_same() -> None:
    report = costcalc.load("mobilenet_v2").report()
    parsed = list(csv.DictReader(io.StringIO(report.render("csv"))))

    assert [{key: str(value) for key, value in row.items()} for row in report.rows] == parsed


def peak(text: str) -> int:
    """The peak of a spec's body, in elements."""
    head = "costcalc: 1\nname: t\ninput: 4x4x2\nlayers:\n"
    return int(costcalc.from_spec(head + text).ledger(dtype="int8")["peak_activation_bytes"])


def test_peak_of_a_chain_is_the_largest_pair() -> None:
    """Input 32, then 16 x 8 = 128, then 16 x 4: the second pair is larger."""
    assert 128 + 64 == peak("- {op: conv, out: 8}\n- {op: conv, out: 4}\n")


def test_a_norm_behind_a_convolution_needs_no_memory_of_its_own() -> None:
    assert 32 + 128 == peak("- {op: conv, out: 8, norm: bn, act: relu}\n")


def test_a_residual_keeps_its_input_alive() -> None:
    """While the second convolution runs, its input, its output and the residual are alive."""
    text = "- a: {op: conv, out: 2}\n- b: {op: conv, out: 2}\n- c: {op: conv, out: 2}\n- {op: add, from: [a, c]}\n"

    assert 3 * 32 == peak(text)


def test_a_view_needs_no_memory() -> None:
    assert 32 + 128 == peak("- {op: conv, out: 8}\n- {op: flatten}\n- {op: linear, out: 1}\n")


def test_names_of_libraries_and_published_figures_come_last() -> None:
    """A report reads a file only up to what it asks for, and finds the same networks as in the whole file."""
    for spec in catalogue.specs():
        sections = re.findall(r"^(\w+):", spec.scope.source.text, re.MULTILINE)
        last = [*(["also"] if spec.also else []), *(["published"] if spec.published else [])]

        assert sections[len(sections) - len(last) :] == last
        assert catalogue.find(spec.name).names == (spec.name, *spec.variants)
        for name in list(spec.also)[:1]:
            assert catalogue.find(name).names == spec.names
