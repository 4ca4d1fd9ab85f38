"""One table of measures: whatever stands in it, every command, format, budget and picture takes by name."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from test_docs import make

import costcalc
from costcalc import grid
from costcalc.analysis.compare.side_by_side import compare_networks
from costcalc.cli import main
from costcalc.errors import UsageError
from costcalc.measures import NAMES, TOTALS, Measure, Peak, Ratio, Unit, expressions, peak, ratio, summed
from costcalc.report.check.words import sentence
from costcalc.typed.budgets import options
from costcalc.typed.columns import read_columns

SMALL = """\
costcalc: 1
name: small
input: 8x8x4
layers:
- first: {op: conv, k: 3, out: 4, norm: bn, act: relu}
- second: {op: conv, k: 1, out: 8, bias: true}
- {op: gap}
"""
"""First: 9 x 4 x 4 = 144 weights and 8 of a norm; second: 4 x 8 = 32 weights and 8 biases."""
NEW = {
    "bytes_per_param": Measure("bytes per parameter", ratio("weight_bytes", "params"), "Bytes of one parameter."),
    "stored": Measure("stored bytes", summed("bytes(weights + biases, weight_bits)"), "Without norms.", Unit.BYTES),
    "widest": Measure("widest", peak("written"), "Most elements that one layer writes.", old_names=("fattest",)),
}
"""The entries that a test adds: a ratio, a sum in bytes, and a peak with an older name."""
FIRST, SECOND, WHOLE = (4, 576, 256), (4, 160, 512), (4, 736, 512)
"""Bytes per parameter, stored bytes at float32, and elements written, of the layers and of the network."""


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The new entries in the table, and the small network in the working folder."""
    for name, measure in NEW.items():
        monkeypatch.setitem(costcalc.MEASURES, name, measure)
    monkeypatch.chdir(tmp_path)
    Path("small.yaml").write_text(SMALL, encoding="utf-8")
    yield


def run(*args: str) -> Result:
    """A command that must not fail with a foreign exception."""
    result = CliRunner().invoke(main, args)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def printed(*args: str) -> str:
    """What a command prints that succeeds."""
    result = run(*args)

    assert (0, "") == (result.exit_code, result.stderr), args
    return result.stdout


def rows_of(*args: str) -> list[dict[str, str]]:
    """What a command prints as CSV."""
    return list(csv.DictReader(io.StringIO(printed(*args, "--format", "csv"))))


ASKED = ("--columns", "bytes_per_param,stored,widest")


def figures(row: dict[str, Any]) -> tuple[float, ...]:
    """The new figures of a row."""
    return tuple(float(row[name]) for name in NEW)


# One entry, found everywhere


@pytest.mark.usefixtures("added")
def test_a_new_measure_is_a_column_of_a_report() -> None:
    layers = rows_of("report", "small.yaml", *ASKED)
    document = json.loads(printed("report", "small.yaml", *ASKED, "-f", "json"))

    assert [FIRST, SECOND] == [figures(row) for row in layers[:2]]
    assert WHOLE == figures(document["totals"])
    assert ["second", "first", "gap1"] == [row["name"] for row in rows_of("report", "small.yaml", "--sort", "fattest")]
    assert ["first"] == [row["name"] for row in rows_of("report", "small.yaml", "--sort", "stored", "--top", "1")]


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize("format", ["table", "markdown", "csv", "json", "latex", "html"])
@pytest.mark.parametrize(
    "command",
    [
        ["report", "small.yaml"],
        ["report", "small.yaml", "--by", "operator"],
        ["list", "lenet5"],
        ["sweep", "small.yaml", "-r", "8,16"],
        ["compare", "small.yaml", "small.yaml@batch=2"],
        ["compare", "small.yaml", "small.yaml@batch=2", "--layers"],
        ["separable", "small.yaml"],
    ],
    ids=" ".join,
)
def test_a_new_measure_is_written_in_every_format(command: list[str], format: str) -> None:
    """Under its title for people, under its name for programs."""
    text = printed(*command, *ASKED, "--format", format)
    heads = ("bytes per parameter", "bytes_per_param", "standard_bytes_per_param")

    assert any(head in text.replace("\\_", "_") for head in heads)


@pytest.mark.usefixtures("added")
def test_a_new_measure_is_a_column_of_a_sweep() -> None:
    """As rows, as a stream of lines, and as Parquet; ordered by it, cut by it."""
    import pyarrow.parquet

    command = ["sweep", "small.yaml", "-r", "8,16", *ASKED]
    lines = [json.loads(line) for line in printed(*command, "-f", "jsonl").splitlines()]
    printed(*command, "-o", "points.parquet")
    points = pyarrow.parquet.read_table("points.parquet").to_pylist()
    expected = [WHOLE, (4, 736, 2048)]

    assert expected == [figures(row) for row in rows_of(*command)]
    assert expected == [figures(row) for row in lines]
    assert expected == [figures(row) for row in points]
    assert expected == [figures(row) for row in rows_of(*command, "--sort", "widest")]
    assert [WHOLE] == [figures(row) for row in rows_of(*command, "--pareto", "widest,stored")]


@pytest.mark.usefixtures("added")
def test_a_new_measure_is_a_budget() -> None:
    """Most and least, on the command line, in a file, of a list and of a sweep; by its older name as well."""
    sweep = ["sweep", "small.yaml", "-r", "8,16", *ASKED]
    Path("costcalc.toml").write_text(
        '[[check]]\nnetwork = "small.yaml"\nmax-stored = "0.7kB"\nmin-bytes-per-param = 3.5\nmax-fattest = 512\n',
        encoding="utf-8",
    )
    outcomes = costcalc.check("small.yaml", max_widest=511, min_stored=736, min_bytes_per_param="4.5")

    assert [("widest", -1), ("stored", 0), ("bytes_per_param", Fraction(-1, 2))] == [
        (outcome.budget.measure, outcome.room) for outcome in outcomes
    ]
    assert ["broken", "holds", "holds"] == [row["verdict"] for row in json.loads(run("check", "-f", "json").stdout)]
    assert [WHOLE] == [figures(row) for row in rows_of(*sweep, "--max-widest", "1k")]
    assert [2048] == [figures(row)[2] for row in rows_of(*sweep, "--min-widest", "1k")]
    assert 2 == len(rows_of(*sweep, "--min-bytes-per-param", "4"))
    assert ["widest"] == [row["binds"] for row in rows_of(*sweep, "--max-widest", "1k", "--best", "-a", "1")]
    assert "lenet5" in [row["network"] for row in rows_of("list", "lenet", "--max-stored", "240kB", *ASKED)]


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize("format", ["table", "markdown", "csv", "json", "latex", "html", "github", "junit"])
def test_a_check_of_both_kinds_of_bounds_in_every_format(format: str) -> None:
    """Broken ones, a ratio and a count among them; every row of the records has the same columns."""
    result = run("check", "small.yaml", "--max-widest", "1", "--min-bytes-per-param", "5", "--format", format)

    assert (1, "") == (result.exit_code, result.stderr)
    assert "widest" in result.stdout.replace("\\_", "_")


@pytest.mark.usefixtures("added")
def test_a_new_measure_is_compared() -> None:
    """Of networks, of aligned layers and of forms of convolutions, with ratios."""
    both = rows_of("compare", "small.yaml", "small.yaml@batch=2", *ASKED)
    pairs = rows_of("compare", "small.yaml", "small.yaml@batch=2", *ASKED, "--layers")
    (form,) = rows_of("separable", "small.yaml", *ASKED)

    assert [WHOLE, (4, 736, 1024)] == [figures(row) for row in both]
    assert ["1.0", "2.0"] == [row["widest_ratio"] for row in both]
    assert ["256", "512"] == [row["widest_difference"] for row in pairs[:2]]
    assert ("576", str(4 * (9 * 4 + 4 * 4))) == (form["standard_stored"], form["separable_stored"])


@pytest.mark.usefixtures("added")
def test_a_new_measure_has_a_formula() -> None:
    """Of a network and of an operator, as text, LaTeX and a program."""
    formula = costcalc.formula("small.yaml", measures="stored,widest,bytes_per_param", smooth=True)
    program: dict[str, Any] = {}
    exec(printed("formula", "small.yaml", "--measure", "stored,widest", "-f", "python"), program)

    assert (736, 512, 4) == formula.at()
    assert (736, 512) == (program["stored"](1), program["widest"](1, 1))
    assert "4*M*N*k**2" == str(costcalc.formula("conv", measures=["stored"]).figures["stored"])
    assert "stored bytes" in printed("formula", "conv", "--measure", "stored")
    assert "stored bytes" in printed("formula", "conv", "--measure", "stored", "-f", "latex")


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize("drawn", [*NEW, "fattest", "params,stored", "widest,bytes_per_param"])
@pytest.mark.parametrize(
    "command",
    [
        ["report", "small.yaml"],
        ["sweep", "mobilenet_v1", "-a", "0.5,1"],
        ["sweep", "mobilenet_v1", "-a", "0.5,1", "--columns", "fattest,params"],
        ["compare", "small.yaml", "lenet5"],
        ["list", "lenet"],
    ],
    ids=" ".join,
)
def test_a_new_measure_is_drawn(command: list[str], drawn: str) -> None:
    """Alone and against another, into a file and in the terminal."""
    printed(*command, "--measure", drawn, "--plot", "drawn.svg")
    texts = Path("drawn.svg").read_text(encoding="utf-8")
    shown = printed(*command, "--measure", drawn, "--kind", "terminal")
    for word in drawn.split(","):
        title = NEW["widest" if word == "fattest" else word].title if word != "params" else "parameters"

        assert title in texts
        assert title in shown


@pytest.mark.usefixtures("added")
def test_a_new_measure_is_listed_and_documented() -> None:
    """With its title, unit, expression and definition; on the page with a worked example."""
    listed = {row["measure"]: row for row in rows_of("list", "measures")}
    page = make().measures_page()

    for name, measure in NEW.items():
        assert (str(measure.counted_in), str(measure.how)) == (listed[name]["unit"], listed[name]["of a network"])
        assert f"### {name}\n\n{measure.about}\n" in page
        assert f"`{measure.how}`" in page
    assert "- in the block: 1,216 / 304 = 4.000\n" in page
    assert "- in the block: the largest of 256 of first, 256 of second, 256 of sum: 256\n" in page
    assert "Measures by name" in printed("report", "--help")
    assert "fattest" == listed["widest"]["also"]


# Every measure, on every kind of number


SAMPLE = ["mobilenet_v1", "mobilenet_v3_small", "shufflenet_v1", "densenet121", "googlenet"]


def plain(value: Any) -> Any:
    """A figure as an exact number, None of nothing."""
    return None if value is None else Fraction(value)


@pytest.mark.parametrize("name", SAMPLE)
@pytest.mark.parametrize("dtype", ["float32", "int4"])
def test_grids_have_every_measure_of_the_report(name: str, dtype: str) -> None:
    """Networks with views, operators in place, joins and copies; ratios to the last bit of the nearest float."""
    measures = [measure for measure in costcalc.MEASURES if measure != "flops"]
    axes = {"alpha": ["1", "2"], "resolution": [224, 256]}
    for row in costcalc.sweep(name, axes=axes, dtype=dtype, columns=measures).rows:
        ledger = costcalc.load(name, alpha=row["alpha"], resolution=row["resolution"]).ledger(dtype=dtype)
        for measure in measures:
            exact = ledger[measure]

            assert (float(exact) if isinstance(exact, Fraction) else exact) == row[measure], measure


@pytest.mark.parametrize("name", ["mobilenet_v1", "squeezenet1_1", "lenet5"])
def test_symbols_have_every_measure_of_the_report(name: str) -> None:
    """With numbers put in, where the formula holds."""
    measures = [measure for measure in costcalc.MEASURES if measure != "flops"]
    formula = costcalc.formula(name, measures=measures, dtype="int8")
    points = [{"alpha": "1"}, {"alpha": "2"}]
    for point in points:
        ledger = costcalc.load(name, **point).ledger(dtype="int8")

        assert formula.holds(**point)
        assert [plain(ledger[measure]) for measure in measures] == [plain(value) for value in formula.at(**point)]


@pytest.mark.parametrize("convention", ["paper", "flops"])
def test_a_measure_of_layers_makes_that_of_the_network(convention: str) -> None:
    """Sums add up, peaks are the largest, a network's ratio is that of its own two measures."""
    for name in SAMPLE[:3]:
        ledger = costcalc.load(name).ledger(convention)
        for measure, entry in costcalc.MEASURES.items():
            if measure in TOTALS and measure != ledger.total:
                continue
            parts = [layer[measure] for layer in ledger.layers.values()]
            if isinstance(entry.how, Ratio):
                assert Fraction(ledger[entry.how.over], ledger[entry.how.under]) == ledger[measure]
            else:
                assert (max if isinstance(entry.how, Peak) else sum)(parts) == ledger[measure]


@pytest.mark.usefixtures("added")
def test_a_ratio_of_nothing_is_no_number() -> None:
    """Views and what runs in place move no byte: an empty cell in a report and in a sweep; on a grid, where so."""
    text = "costcalc: 1\nname: t\ninput: 8x8x4\nlayers:\n- v: {op: identity}\n"
    Path("v.yaml").write_text(text, encoding="utf-8")

    assert costcalc.from_spec(text).ledger()["intensity"] is None
    assert [""] * 2 == [row["intensity"] for row in rows_of("sweep", "v.yaml", "-r", "4,8", "--columns", "intensity")]
    assert [""] == [row["intensity"] for row in rows_of("report", "v.yaml", "--columns", "intensity")]
    for axis in (["-n", "1"], ["-n", "1,2"], ["-r", "8,9"]):
        for bound in ("--min-intensity", "--max-intensity"):
            assert len(axis[1].split(",")) == len(rows_of("sweep", "v.yaml", *axis, bound, "2"))
    (outcome,) = costcalc.check("v.yaml", min_intensity=2)
    assert (True, None, None) == (outcome.holds, outcome.room, outcome.room_percent)
    assert "v.yaml: intensity is a ratio of nothing, which breaks no budget" == sentence(outcome)
    assert "[[nan, 2.0]]" == str(grid.Ratio(grid.position([1, 6]), grid.position([0, 3])).matrix((1, 2)).tolist())


VIEW = "costcalc: 1\nname: t\ninput: 8x8x4\nlayers:\n- v: {op: identity}\n"
"""Nothing moves: its intensity is 0 / 0."""


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize("bound", ["--min-intensity", "--max-intensity"])
def test_a_ratio_of_nothing_breaks_no_budget(bound: str) -> None:
    """Alike in a check, in a list of points, and on a grid where other points have a figure."""
    Path("v.yaml").write_text(VIEW, encoding="utf-8")
    (outcome,) = json.loads(printed("check", "v.yaml", bound, "1", "-f", "json"))
    words = printed("check", "v.yaml", bound, "1", "-f", "github")

    assert ("holds", None, None, None) == tuple(outcome[key] for key in ("verdict", "computed", "room", "room_percent"))
    assert "v.yaml: intensity is a ratio of nothing, which breaks no budget" in words
    assert ["4", "8"] == [row["resolution"] for row in rows_of("sweep", "v.yaml", "-r", "4,8", bound, "1")]


def test_budgets_on_a_grid_where_some_ratios_are_of_nothing() -> None:
    """1 / 0 and 0 / 0 break nothing; 6 / 3 is 2."""
    from costcalc.analysis.sweep.evaluate import _keeps
    from costcalc.typed.budgets import read_budget

    ratios = grid.Ratio(grid.position([1, 0, 6]), grid.position([0, 0, 3]))
    kept = [_keeps(ratios, read_budget(name, 1), (1, 3)).tolist() for name in ("max-intensity", "min-intensity")]

    assert [[[True, True, False]], [[True, True, True]]] == kept


@pytest.mark.usefixtures("added")
def test_a_formula_of_a_ratio_of_nothing() -> None:
    """Of the whole it is refused; a layer that moves nothing has an empty cell, null, or no equation."""
    Path("v.yaml").write_text(VIEW, encoding="utf-8")
    layers = ["formula", "lenet5", "--measure", "intensity", "--layers", "-a", "1"]
    cells = {row["layer"]: row["intensity"] for row in rows_of(*layers)}
    nulls = {row["layer"]: row["intensity"] for row in json.loads(printed(*layers, "-f", "json"))["layers"]}

    assert "intensity of t is a ratio of nothing" in run("formula", "v.yaml", "--measure", "intensity").stderr
    assert ("", None) == (cells["squash"], nulls["squash"])
    assert "nan" not in printed(*layers, "-f", "latex").lower()


PARAMS, PEAK, BYTES, TRAFFIC = "parameters", "peak activations", "weight bytes", "traffic"


@pytest.mark.parametrize(
    ("command", "asked", "heads"),
    [
        ("report lenet5 --kind layers", "params", [PARAMS]),
        ("report lenet5 --kind layers", "weight_bytes", [BYTES, PARAMS]),
        ("report lenet5 --kind layers", "weight_bytes,traffic_bytes", [BYTES, TRAFFIC]),
        ("report lenet5 --kind layers", "traffic_bytes,intensity", [TRAFFIC, "Mult-Adds per byte"]),
        ("compare lenet5 nin --kind compare", "params", [PARAMS, PEAK]),
        ("compare lenet5 nin --kind compare", "weight_bytes", [BYTES, PARAMS, PEAK]),
        ("compare lenet5 nin --kind compare", "intensity,traffic_bytes", ["Mult-Adds per byte", TRAFFIC]),
    ],
)
def test_bars_show_what_is_asked_for_once(command: str, asked: str, heads: list[str], tmp_path: Path) -> None:
    """The parameters beside another measure, not beside themselves; of two measures, the second in their place."""
    file = tmp_path / "bars.svg"
    text = printed(*command.split(), "--measure", asked)
    printed(*command.split(), "--measure", asked, "--plot", str(file))
    drawn = [text.partition(":")[0] for text in re.findall(r">([^<>]+)</text>", file.read_text(encoding="utf-8"))]

    assert heads[:2] == re.split(" {2,}", text.split("\n\n")[1].splitlines()[0].strip())
    assert heads == [text for text in drawn if text in (*heads, PARAMS, PEAK)]


@pytest.mark.parametrize(
    ("columns", "differing"),
    [("mult_adds", 0), ("mult_adds,input_bytes", 1), ("additions", 1)],
)
def test_layers_that_differ_in_a_column_are_shown(columns: str, differing: int) -> None:
    """A sum of the kinds and costs of before may hide that one pooling takes a larger window."""
    spec = "costcalc: 1\nname: {}\ninput: {}x8\nlayers:\n- p: {{op: avgpool, k: {}, stride: {}, pad: 0}}\n"
    first, second = (costcalc.from_spec(spec.format("n", *rest)) for rest in (("8x8", 2, 2), ("11x11", 5, 2)))
    counting = costcalc.Counting.of()
    asked = read_columns(columns, counting.convention)
    found = compare_networks([("first", first), ("second", second)], {}, True, counting, asked)

    assert differing == sum(not row["equal"] for row in found.layers)


@pytest.mark.usefixtures("added")
def test_aligned_layers_have_ratios() -> None:
    """In a table as in JSON; published figures stand beside the totals."""
    command = ["compare", "mobilenet_v1", "mobilenet_v1@alpha=0.5", "--layers", "--columns", "weight_bytes,top1"]
    row = next(line for line in printed(*command).splitlines() if line.startswith("linear1"))
    totals = json.loads(printed(*command, "-f", "json"))["networks"]

    assert ["linear1", "linear", "1x1x1000", "4.100", "MB", "2.052", "MB", "-2,048,000", "0.500"] == row.split()
    assert [70.6, 63.7] == [network["top1"] for network in totals]


def test_expressions_speak_of_known_names() -> None:
    """Every name in a measure's expression is one of the documented ones."""
    from costcalc.expression import parse

    for text in expressions():
        assert {name for name, _ in parse(text, of_costs=True).names} <= set(NAMES), text


# Older names, and what is wrong


def test_older_names_are_read() -> None:
    """`peak_bytes`, everywhere; a column is headed as it was asked for."""
    peak_of = str(costcalc.load("lenet5").ledger()["peak_activation_bytes"])

    assert peak_of == max(
        (row["peak_bytes"] for row in rows_of("report", "lenet5", "--columns", "peak_bytes")), key=int
    )
    assert [peak_of] == [row["peak_bytes"] for row in rows_of("sweep", "lenet5", "-a", "1", "--columns", "peak-bytes")]
    assert [] == rows_of("sweep", "lenet5", "-a", "1", "--columns", "peak_bytes", "--max-peak-bytes", "38kB")
    assert "max-peak-bytes" in options()
    assert (38928,) == costcalc.formula("lenet5", measures="peak_bytes").at()


WRONG = [
    (["report", "lenet5", "--columns", "parms"], "unknown measure 'parms'", "did you mean 'params'?"),
    (["report", "lenet5", "--sort", "intensty"], "unknown measure 'intensty'", "did you mean 'intensity'?"),
    (["report", "lenet5", "--kind", "layers", "--measure", "parms"], "unknown measure 'parms'", "'params'?"),
    (["report", "lenet5", "--columns", "params,params"], "the column 'params' stands twice", "each column once"),
    (["report", "lenet5", "--columns", "peak_bytes,peak_activation_bytes"], "stands twice", "each column once"),
    (["report", "lenet5", "--columns", "top1"], "top1 is a figure of whole networks", "a measure of layers"),
    (["report", "lenet5", "--sort", "top1"], "top1 is a figure of whole networks", "a measure of layers"),
    (["report", "lenet5", "--kind", "layers", "--measure", "top1"], "top1 is a figure of whole networks", "a measure"),
    (["report", "lenet5", "--columns", "flops"], "flops: the convention paper counts mult_adds", "a convention"),
    (["report", "lenet5", "--columns", ""], "unknown measure ''", "activation_bytes"),
    (["separable", "lenet5", "--columns", "top1"], "top1 is a figure of whole networks", "a measure of layers"),
    (["separable", "lenet5", "--columns", "parms"], "unknown measure 'parms'", "did you mean 'params'?"),
    (["list", "lenet", "--columns", "top2"], "unknown measure 'top2'", "did you mean 'top5'?"),
    (["list", "lenet", "--sort", "famly"], "no column 'famly' to sort by", "did you mean 'family'?"),
    (["list", "lenet", "--pareto", "params"], "a frontier over 1 column", "two, as params,top1"),
    (["list", "lenet", "--max-parms", "1"], "unknown budget 'max-parms'", "did you mean 'max-params'?"),
    (["sweep", "lenet5", "-a", "1", "--columns", "parms"], "unknown measure 'parms'", "did you mean 'params'?"),
    (["sweep", "lenet5", "-a", "1", "--max-top1", "70"], "unknown budget 'max-top1'", "max-params"),
    (["sweep", "lenet5", "-a", "1", "--max-intensity", "10MB"], "'10MB' is no ratio", "a number, as 10 or 2.5"),
    (["sweep", "lenet5", "-a", "1", "--kind", "alpha", "--measure", "a"], "unknown measure 'a'", "activation_bytes"),
    (["sweep", "lenet5", "-a", "1,2", "--kind", "alpha", "--measure", "top1"], "no column 'top1' to draw", "params"),
    (["sweep", "lenet5", "-a", "1", "--kind", "alpha", "--measure", "params,macs,top1"], "3 measures", "one, or two"),
    (["compare", "lenet5", "nin", "--columns", "parms"], "unknown measure 'parms'", "did you mean 'params'?"),
    (["compare", "lenet5", "nin", "--sort", "parms"], "no column 'parms' to sort by", "did you mean 'params'?"),
    (["formula", "lenet5", "--measure", "parms"], "unknown measure 'parms'", "did you mean 'params'?"),
    (["formula", "lenet5", "--measure", "top1"], "top1 is published, not computed", "a measure"),
    (
        ["formula", "identity", "--measure", "intensity"],
        "intensity of identity is a ratio of nothing",
        "another measure",
    ),
    (["compare", "lenet5", "nin", "--layers", "--columns", "top1"], "top1 is a figure of whole networks", "a measure"),
    (["report", "lenet5", "--measure", "params"], "--measure without a picture", "--plot FILE, or --kind KIND"),
    (["list", "lenet", "--measure", "params"], "--measure without a picture", "--plot FILE, or --kind KIND"),
    (
        ["sweep", "lenet5", "-r", "32", "--measure", "parms"],
        "--measure without a picture",
        "--plot FILE, or --kind KIND",
    ),
    (["compare", "lenet5", "nin", "--measure", "params"], "--measure without a picture", "--plot FILE, or --kind KIND"),
    (["list", "measures", "--sort", "params"], "--sort with a list of measures", "`costcalc list measures`, --format"),
    (["list", "dtypes", "--max-params", "1"], "--max-params with a list of dtypes", "`costcalc list dtypes`, --format"),
    (["list", "measures", "--kind", "catalogue"], "--kind with a list of measures", "`costcalc list measures`"),
    (["list", "measure"], "no network with 'measure'", "did you mean 'measures'?"),
    (["report", "lenet5", "--kind", "scatter", "--measure", "params"], "kind scatter: one measure", "two, as params"),
    (["list", "lenet", "--kind", "scatter"], "kind scatter: one measure", "two, as params,peak_bytes"),
    (
        ["sweep", "mobilenet_v1", "-a", "0.5,1", "--kind", "alpha", "--measure", "params,peak_bytes"],
        "kind alpha: peak_activation_bytes is a second measure",
        "one measure, or kind scatter",
    ),
    (
        ["sweep", "mobilenet_v1", "-a", "0.5,1", "--kind", "accuracy", "--measure", "params,macs"],
        "kind accuracy: macs is a second measure",
        "one measure, or kind scatter",
    ),
    (["check", "lenet5", "--min-intensty", "1"], "unknown budget 'min-intensty'", "did you mean 'min-intensity'?"),
    (["check", "lenet5", "--max-params", "1.5"], "'1.5' is not a whole number", "a count, as 300M"),
    (["check", "lenet5", "--max-weight-bytes", "3M"], "unknown unit 'M'", "did you mean '3MB'?"),
]


@pytest.mark.parametrize(("args", "message", "expected"), WRONG, ids=[" ".join(args) for args, *_ in WRONG])
def test_wrong_measures(args: list[str], message: str, expected: str) -> None:
    """What is wrong, what was expected, the nearest name; exit code 2."""
    result = run(*args)

    assert (2, "") == (result.exit_code, result.stdout)
    assert result.stderr.startswith("Error: ")
    assert message in result.stderr.splitlines()[0]
    assert expected in result.stderr


def test_wrong_measures_in_python() -> None:
    for wrong in (
        lambda: costcalc.load("lenet5").report(columns="parms"),
        lambda: costcalc.sweep("lenet5", axes={"alpha": "1"}, columns=["parms"]),
        lambda: costcalc.compare("lenet5", "nin", columns="parms"),
        lambda: costcalc.separable("lenet5", columns="parms"),
        lambda: costcalc.formula("lenet5", measures="parms"),
    ):
        with pytest.raises(UsageError, match="unknown measure 'parms'") as raised:
            wrong()
        assert raised.value.nearest == "params"


@pytest.mark.parametrize("name", ["nonsense", "flops", "top1"])
def test_a_ledger_knows_its_measures_only(name: str) -> None:
    """Neither a wrong name nor the total of another convention gives the total of this one."""
    with pytest.raises(UsageError, match=name):
        costcalc.load("lenet5").ledger()[name]


def test_a_ledger_reads_older_names() -> None:
    ledger = costcalc.load("lenet5").ledger()

    assert ledger["peak_activation_bytes"] == ledger["peak_bytes"]
