"""Waterfalls between totals, and printed figures whose way of counting is found."""

from __future__ import annotations

import csv
import json
import time
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from catalogued import each
from click.testing import CliRunner, Result

import costcalc
from costcalc.analysis.explain.printed import read_printed
from costcalc.analysis.explain.waterfall import Line, Waterfall
from costcalc.api.explanations import explain
from costcalc.cli import main
from costcalc.counting import convention_names
from costcalc.counting.terms import AMOUNTS
from costcalc.errors import SpecError, UsageError
from costcalc.expression.terms import Term, terms

GOLDEN = Path(__file__).parent / "golden" / "explain" / "figures.csv"


def run(*args: str) -> Result:
    return CliRunner().invoke(main, ["explain", *args])


def steps(network: str, against: str, **words: Any) -> list[tuple[str, str, str, int | None, int | None]]:
    """The steps of a waterfall: operators, how often what, how many, and the amount."""
    rows = explain(network, against, **words).rows[1:-1]
    return [(row["step"], row["each"], row["of"], row["elements"], row["amount"]) for row in rows]  # type: ignore[misc]


# By hand, of MobileNetV1 at 224x224: 5,042,688 values leave its convolutions, 10,944 channels have a norm, the pool
# takes 7 x 7 x 1024 = 50,176 values and puts out 1,024, the classifier has 1,000 biases.
MOBILENET = {
    "fvcore": [("bn", "+2", "inputs", 5042688, 10085376), ("gap", "+1", "inputs", 50176, 50176)],
    "thop": [
        ("bn", "+4", "inputs", 5042688, 20170752),
        ("gap", "+1", "inputs", 50176, 50176),
        ("gap", "+1", "outputs", 1024, 1024),
    ],
    "ptflops": [
        ("bn", "+2", "inputs", 5042688, 10085376),
        ("relu", "+2", "outputs", 5042688, 10085376),
        ("gap", "+2", "inputs", 50176, 100352),
        ("linear", "+1", "additions", 1000, 1000),
    ],
    "torchinfo": [("bn", "+1", "norm_affine", 21888, 21888), ("linear", "+1", "biases", 1000, 1000)],
    "onnx_tool": [
        ("bn", "+1", "outputs", 5042688, 5042688),
        ("relu", "+1", "outputs", 5042688, 5042688),
        ("gap", "+1", "inputs", 50176, 50176),
        ("gap", "+4", "outputs", 1024, 4096),
        ("linear", "+1", "additions", 1000, 1000),
    ],
}
TOTALS = {"fvcore": 578875904, "thop": 588962304, "ptflops": 589012456, "torchinfo": 568763240, "onnx_tool": 578881000}
"""What the tools print: tests/golden/conventions."""


@pytest.mark.parametrize("tool", MOBILENET)
def test_mobilenet_term_by_term(tool: str) -> None:
    assert MOBILENET[tool] == steps("mobilenet_v1", tool)
    fall = explain("mobilenet_v1", tool).waterfalls[0]
    assert (568740352, TOTALS[tool], 0) == (fall.first, fall.last, fall.rest)


NETWORKS = (
    "lenet5", "mobilenet_v3_large", "shufflenet_v2", "espnetv2", "x3d_xs@gamma_d=1/2", "efficientnet_condconv_b0_4e",
    "torchvision/resnet18",
)  # fmt: skip


WORDS: list[dict[str, Any]] = [{}, {"batch": 3}, {"of": "params"}]
FALLS = [(network, words) for network in NETWORKS for words in WORDS]
FEW = FALLS[::4]


@pytest.mark.parametrize("fall", each(FALLS, FEW), ids=str)
def test_every_waterfall_closes(fall: tuple[str, dict[str, Any]]) -> None:
    """The steps lead to the total that a report prints, from a simple convention as from one with many quirks."""
    network, words = fall
    of = words.get("of", "total")
    settings = {key: value for key, value in words.items() if key != "of"}
    names = convention_names()
    figures = {}
    one = costcalc.load(network, **settings)
    for name in names:
        totals = one.ledger(convention=name)
        figures[name] = totals["params"] if of == "params" else totals[totals.total]
    for start in ("thop",) if words else ("paper", "torchmeter_flops"):
        for found in explain(network, names, convention=start, **words).waterfalls:
            assert (figures[start], figures[found.end]) == (found.first, found.last)
            assert found.last - found.first == sum(line.amount for line in found.lines)
            assert all(line.amount == line.each * line.elements for line in found.lines)


def test_a_sum_that_does_not_close_shows() -> None:
    assert Waterfall("a", 1, (Line("bn", 2),), "b", 4).rest == 1


def test_there_and_back() -> None:
    there, back = (
        explain("mobilenet_v2", to, convention=start).waterfalls[0]
        for start, to in (("thop", "ptflops"), ("ptflops", "thop"))
    )
    assert sorted(line.amount for line in there.lines) == sorted(-line.amount for line in back.lines)
    assert there.lines


def test_parameters_of_keras() -> None:
    assert [("bn", "+1", "norm_statistics", 21888, 21888)] == steps("mobilenet_v1", "keras", of="params")
    halves = steps("mobilenet_v1", "slim_mobilenet_v1", of="params")
    assert ("bn", "-1/2", "norm_affine", 21888, -10944) in halves


def split(text: str) -> list[tuple[str, str]]:
    return [tuple(term) for term in terms(text, AMOUNTS)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("macs", [("1", "macs")]),
        ("(1 + affine) * inputs", [("(1 + affine)", "inputs")]),
        ("2 * (macs + additions) - outputs", [("2", "macs"), ("2", "additions"), ("-(1)", "outputs")]),
        ("weights * outputs / y.c", [("1", "weights * outputs / y.c")]),
        ("macs / groups", [("1 / groups", "macs")]),
        ("max(macs, inputs)", [("1", "max(macs, inputs)")]),
        ("7", [("7", "1")]),
        (
            "inputs if dimensions == 2 else 2 * outputs",
            [("(1) if dimensions == 2 else 0", "inputs"), ("0 if dimensions == 2 else (2)", "outputs")],
        ),
    ],
)
def test_terms_of_a_rule(rule: str, expected: list[tuple[str, str]]) -> None:
    assert expected == split(rule)


def test_very_many_terms_are_one() -> None:
    rule = " * ".join(["(macs + inputs)"] * 9)
    assert (Term("1", rule),) == terms(rule, AMOUNTS)


def test_a_convention_of_ones_own(tmp_path: Path) -> None:
    """Bytes, conditions and quotients that are rounded down are terms as well."""
    file = tmp_path / "ours.yaml"
    file.write_text(
        "costcalc: 1\nconvention: ours\nbase: paper\ncounts:\n"
        "  conv: macs + 10 * (read_bytes + weight_bytes) if side == 5 else 2 * macs - inputs\n"
        "  avgpool: outputs // 2 + 3\n"
    )
    (fall,) = explain("lenet5", str(file)).waterfalls
    total = costcalc.load("lenet5").ledger(convention=str(file))["mult_adds"]
    assert (total, 0) == (fall.last, fall.rest)
    assert {"read_bytes", "weight_bytes", "(outputs // 2)", "1"} <= {line.of for line in fall.lines}
    assert ("avgpool", Fraction(3), 2) in [(line.name, line.each, line.elements) for line in fall.lines]


def test_a_printed_total_at_either_end() -> None:
    to = explain("mobilenet_v1", "579M").waterfalls[0]
    assert ["bn", "gap", "printed as 579M"] == [line.name for line in to.lines]
    assert (579_000_000, 0, 124_096) == (to.last, to.rest, to.lines[-1].amount)
    back = explain("mobilenet_v1", "paper", total="579M").waterfalls[0]
    assert (579_000_000, 568_740_352, 0) == (back.first, back.last, back.rest)


def test_a_total_of_other_settings_is_steps() -> None:
    (fall,) = explain("mobilenet_v1", "418M").waterfalls
    assert ["resolution 192", "printed as 418M"] == [line.name for line in fall.lines]
    assert (418_121_728 - 568_740_352, 0) == (fall.lines[0].amount, fall.rest)


def test_what_nothing_gives_is_unexplained() -> None:
    (fall,) = explain("mobilenet_v1", "575M").waterfalls
    assert ("unexplained", 0) == (fall.lines[-1].name, fall.rest)


@pytest.mark.parametrize(
    ("text", "total", "way"),
    [
        ("4.12G", 4_124_999_999, ""),
        ("4.12G", 4_115_000_000, ""),
        ("4.12G", 4_129_000_000, "cut off"),
        ("4.12G", 4_111_000_000, "rounded up"),
        ("4.12G", 4_423_000_000, "G is 1024^3"),
        ("4.12G", 4_130_000_000, None),
        ("4.12 GMac", 4_120_000_000, ""),
        ("4.12e9", 4_124_000_000, ""),
        ("15300M", 15_346_630_656, "in 3 digits"),
        ("300M", 314_000_000, "in 1 digit"),
        ("4231976", 4_231_976, ""),
        ("4,231,976", 4_231_977, None),
        ("3.4M", 3_469_760, "cut off"),
    ],
)
def test_digits(text: str, total: int, way: str | None) -> None:
    found = read_printed(text).way(total)
    assert way == (found.way if found else None)


def test_a_figure_has_its_value() -> None:
    assert Decimal(25_600_000) == read_printed("25.6M").value


PRINTED = {
    f"{row['network']} {row['printed']} {row['convention']}": row
    for row in csv.DictReader(GOLDEN.read_text(encoding="utf-8").splitlines())
}
MISSED = [
    "mobilenet_v1 76M weights_only",
    "mobilenet_v1 568M conv_only",
    "mobilenet_v1 569M slim_mobilenet_v1",
    "x3d_xs 0.60G paper",
]


@pytest.mark.parametrize("name", each(PRINTED, [*[*PRINTED][::8], *MISSED[:1]]))
def test_the_known_way_comes_first(name: str) -> None:
    """Of forty published totals, with nothing but the network's name.

    The missed ones print the same digits in a way that departs less: MobileNetV1's 76M and X3D-XS's 0.60G without the
    classifier, the 568M of one class with any other number of them, TF-slim's 569M with 1000 classes for 1001.
    """
    row = PRINTED[name]
    first = explain(row["network"], total=row["printed"]).found[0].readings[0]
    ways = {"settings": first.point.settings.way, "digits": first.digits.way}
    right = row["convention"] in first.conventions and not first.changes

    assert (name not in MISSED) == (right and all(row[key] == ways[key] for key in ways))


def test_there_are_forty_printed_totals() -> None:
    assert (40, 40) == (len(PRINTED), len(GOLDEN.read_text(encoding="utf-8").splitlines()) - 1)
    assert {*MISSED} <= {*PRINTED}


def test_a_total_is_found_in_two_seconds() -> None:
    start = time.process_time()
    found = explain("torchvision/resnet50", total="4.12G").found[0]
    assert time.process_time() - start < 2
    assert "ptflops_nofunc" in {reading.conventions[0] for reading in found.readings if reading.departures == 0}
    assert found.miss is not None


def test_departures_are_in_order() -> None:
    departures = [reading.departures for reading in explain("mobilenet_v2", total="300M").found[0].readings]
    assert departures == sorted(departures)
    assert len(set(departures)) > 1


def test_both_figures_at_the_same_settings() -> None:
    """At alpha 0.5 MobileNetV1 has 149M Mult-Adds and 1.3M parameters, arXiv:1704.04861, Table 6."""
    found = explain("mobilenet_v1", total="149M", params="1.3M").found
    assert ["alpha 0.5"] * 2 == [one.readings[0].point.settings.way for one in found]


def test_the_last_layer_may_be_left_out() -> None:
    """fbnetv3_20g's 101M parameters, as its model file prints them, lack the classifier's."""
    (found,) = explain("fbnetv3_20g", params="101M").found
    assert [("without the last layer",), 101_364_696] == [found.readings[0].ways, found.readings[0].total]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["lenet5"], "there is nothing to explain"),
        (["lenet5", "--against", "fvcor"], "did you mean 'fvcore'?"),
        (["lenet5", "--against", "fvcore,"], "a name is empty"),
        (["lenet5", "--against", "all"], "a table of their own"),
        (["lenet5", "--against", "5x"], "'5x' is no figure"),
        (["lenet5", "--total", "much"], "'much' is no figure"),
        (["lenet5", "--total", "0"], "'0' is no count"),
        (["lenet5", "--total", "1e99"], "'1e99' is too large"),
        (["lenet5", "--params", "1.5"], "'1.5' is no count"),
        (["lenet5", "--total", "1M", "--plot", "x.svg"], "there is no waterfall"),
        (["lenet5", "--against", "fvcore", "--top", "3"], "a waterfall has all its lines"),
        (["lenet5", "--against", "fvcore", "--params", "1M"], "the waterfall is of the total"),
        (["lenet5", "--of", "params", "--params", "60k"], "there is no waterfall"),
        (["lenet6", "--against", "fvcore"], "did you mean 'lenet5'?"),
        (["lenet5", "--against", "fvcore", "--plot", "x.gif"], "is no picture"),
    ],
)
def test_errors(args: list[str], message: str) -> None:
    result = run(*args)
    assert (2, "") == (result.exit_code, result.stdout)
    assert message in result.stderr


def test_errors_in_python(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unknown figure 'totl'"):
        explain("lenet5", "fvcore", of="totl")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("costcalc: 1\nconvention: wrong\nbase: paper\ncounts: {conv: mac}\n")
    with pytest.raises(SpecError, match="unknown counter 'mac'"):
        explain("lenet5", str(wrong))


def test_every_format() -> None:
    texts = {
        format: run("mobilenet_v1", "--against", "fvcore,torchinfo", "--format", format).stdout
        for format in ("table", "markdown", "csv", "json", "latex", "html")
    }
    assert all("10,085,376" in texts[format] for format in ("table", "markdown", "latex", "html"))
    rows = list(csv.DictReader(texts["csv"].splitlines()))
    assert ["fvcore"] * 4 + ["torchinfo"] * 4 == [row["to"] for row in rows]
    falls = json.loads(texts["json"])["waterfalls"]
    assert [2, 2] == [len(fall["steps"]) for fall in falls]
    assert all(fall["first"] + sum(step["amount"] for step in fall["steps"]) == fall["last"] for fall in falls)


def test_figures_in_every_format() -> None:
    for format in ("table", "markdown", "latex", "html", "csv"):
        assert "568740352" in run("mobilenet_v1", "--total", "569M", "-f", format).stdout.replace(",", "")
    (figure,) = json.loads(run("mobilenet_v1", "--total", "569M", "-f", "json", "--top", "1").stdout)["figures"]
    assert ["paper", 568740352, 0] == [figure["readings"][0][key] for key in ("convention", "total", "departures")]
    assert len(figure["readings"]) == 1
    assert "none" in run("lenet5", "--total", "9T").stdout
    assert run("lenet5", "--total", "9T", "-f", "csv").stdout.startswith("figure,printed,convention")


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_picture(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"fall.{ending}"
    result = run("mobilenet_v1", "--against", "fvcore,flops", "--plot", str(file))
    assert (0, "") == (result.exit_code, result.stderr)
    data = file.read_bytes()
    assert len(data) > 5000
    if ending == "svg":
        assert b"+10,085,376" in data
        assert b"paper to fvcore: +10,135,552" in data
