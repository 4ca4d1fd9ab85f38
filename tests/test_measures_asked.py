"""Measures by name: ratios of nothing, bars, layers side by side, older names; wrong ones, word for word."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from catalogued import each
from measuring import add_measures, printed, rows_of, run

import costcalc
from costcalc import grid
from costcalc.analysis.compare.side_by_side import compare_networks
from costcalc.errors import UsageError
from costcalc.measures import NAMES, expressions
from costcalc.report.check.words import sentence
from costcalc.typed.budgets import options
from costcalc.typed.columns import read_columns


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The new entries in the table, and the small network in the working folder."""
    add_measures(monkeypatch, tmp_path)


VIEW = "costcalc: 1\nname: t\ninput: 8x8x4\nlayers:\n- v: {op: identity}\n"
"""Nothing moves: its intensity is 0 / 0."""


@pytest.mark.usefixtures("added")
def test_a_ratio_of_nothing_is_no_number() -> None:
    """Views and what runs in place move no byte: an empty cell in a report and in a sweep; on a grid, where so."""
    Path("v.yaml").write_text(VIEW, encoding="utf-8")

    assert costcalc.from_spec(VIEW).ledger()["intensity"] is None
    assert [""] * 2 == [row["intensity"] for row in rows_of("sweep", "v.yaml", "-r", "4,8", "--columns", "intensity")]
    assert [""] == [row["intensity"] for row in rows_of("report", "v.yaml", "--columns", "intensity")]
    for axis in (["-n", "1"], ["-n", "1,2"], ["-r", "8,9"]):
        for bound in ("--min-intensity", "--max-intensity"):
            assert len(axis[1].split(",")) == len(rows_of("sweep", "v.yaml", *axis, bound, "2"))
    (outcome,) = costcalc.check("v.yaml", min_intensity=2)
    assert (True, None, None) == (outcome.holds, outcome.room, outcome.room_percent)
    assert "v.yaml: intensity is a ratio of nothing, which breaks no budget" == sentence(outcome)
    assert "[[nan, 2.0]]" == str(grid.Ratio(grid.position([1, 6]), grid.position([0, 3])).matrix((1, 2)).tolist())


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


BARS = [
    ("report lenet5 --kind layers", "params", (PARAMS,)),
    ("report lenet5 --kind layers", "weight_bytes", (BYTES, PARAMS)),
    ("report lenet5 --kind layers", "weight_bytes,traffic_bytes", (BYTES, TRAFFIC)),
    ("report lenet5 --kind layers", "traffic_bytes,intensity", (TRAFFIC, "Mult-Adds per byte")),
    ("compare lenet5 nin --kind compare", "params", (PARAMS, PEAK)),
    ("compare lenet5 nin --kind compare", "weight_bytes", (BYTES, PARAMS, PEAK)),
    ("compare lenet5 nin --kind compare", "intensity,traffic_bytes", ("Mult-Adds per byte", TRAFFIC)),
]


@pytest.mark.parametrize("bars", each(BARS, BARS[1::3]), ids=lambda bars: f"{bars[0].split(' ')[0]} {bars[1]}")
def test_bars_show_what_is_asked_for_once(bars: tuple[str, str, tuple[str, ...]], tmp_path: Path) -> None:
    command, asked, heads = bars
    """The parameters beside another measure, not beside themselves; of two measures, the second in their place."""
    file = tmp_path / "bars.svg"
    text = printed(*command.split(), "--measure", asked)
    printed(*command.split(), "--measure", asked, "--plot", str(file))
    drawn = [
        text.partition(":")[0].removesuffix(" (logarithmic)")
        for text in re.findall(r">([^<>]+)</text>", file.read_text(encoding="utf-8"))
    ]

    assert [*heads[:2]] == re.split(" {2,}", text.split("\n\n")[1].splitlines()[0].strip())
    assert [*heads] == [text for text in drawn if text in (*heads, PARAMS, PEAK)]


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
    (["report", "lenet5", "--columns", "peak"], "unknown measure 'peak'", "did you mean 'peak_activation_bytes'?"),
    (
        ["compare", "lenet5", "nin", "--sort", "Mult-Adds per byte"],
        "no column 'Mult-Adds per byte'",
        "mean 'intensity'?",
    ),
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
    (
        ["report", "lenet5", "--measure", "params", "--columns", "params"],
        "--measure and --columns without a picture",
        "one of the two, or --plot FILE",
    ),
    (["sweep", "lenet5", "-r", "32", "--measure", "parms"], "unknown measure 'parms'", "did you mean 'params'?"),
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
    (["check", "lenet5", "--min-parms", "1"], "unknown budget 'min-parms'", "min-compression, min-intensity or min-"),
    (["sweep", "lenet5", "--min-top1", "7"], "min-top1 is no bound of a cost", "`costcalc list --min-top1`"),
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


@pytest.mark.parametrize("args", ["formula lenet5 --measure", "report lenet5 --columns", "separable lenet5 --columns"])
def test_what_is_refused_is_not_offered(args: str) -> None:
    """Accuracies belong to whole networks and are not computed: a misspelt measure is not one of them."""
    result = run(*args.split(), "tp1")

    assert "unknown measure 'tp1'" in result.stderr
    assert "top" not in result.stderr.replace("tp1", "")


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


@pytest.mark.parametrize("words", ["report lenet5", "list lenet5", "compare lenet5 nin", "sweep mobilenet_v1 -r 32,64"])
def test_measures_without_a_picture_are_columns(words: str) -> None:
    with_measure, with_columns = (
        run(*words.split(), option, "params,peak_bytes") for option in ("--measure", "--columns")
    )

    assert 0 == with_measure.exit_code, with_measure.output
    assert with_columns.stdout == with_measure.stdout
