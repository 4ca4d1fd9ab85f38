"""One table of measures: an entry is found everywhere, and grids and symbols have the figures of reports."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from catalogued import each
from making_pages import measures_page
from measuring import NEW, add_measures, printed, rows_of, run

import costcalc
from costcalc.measures import TOTALS, Peak, Ratio


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The new entries in the table, and the small network in the working folder."""
    add_measures(monkeypatch, tmp_path)


FIRST, SECOND, WHOLE = (4, 576, 256), (4, 160, 512), (4, 736, 512)
"""Bytes per parameter, stored bytes at float32, and elements written, of the layers and of the network."""


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
    assert "lenet5" in [row["network"] for row in rows_of("list", "lenet5", "--max-stored", "240kB", *ASKED)]


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


MEASURED = (*NEW, "fattest", "params,stored", "widest,bytes_per_param")
COMMANDS = (
    "report small.yaml", "sweep small.yaml -a 0.5,1", "sweep small.yaml -a 0.5,1 --columns fattest,params",
    "compare small.yaml lenet5", "list squeezenet1",
)  # fmt: skip
PICTURES = [(command, drawn) for command in COMMANDS for drawn in MEASURED]
FEW = [(COMMANDS[at % len(COMMANDS)], drawn) for at, drawn in enumerate([*MEASURED, *MEASURED[:4]])]


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize("picture", each(PICTURES, FEW), ids=" ".join)
def test_a_new_measure_is_drawn(picture: tuple[str, str]) -> None:
    """Alone and against another, into a file and in the terminal."""
    command, drawn = picture[0].split(" "), picture[1]
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
    page = measures_page()

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
FEW = ["mobilenet_v3_small", "shufflenet_v1", "googlenet"]


def plain(value: Any) -> Any:
    """A figure as an exact number, None of nothing."""
    return None if value is None else Fraction(value)


@pytest.mark.parametrize("name", each(SAMPLE, FEW))
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
