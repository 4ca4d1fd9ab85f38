"""Tables laid out for a screen: any width, colour or none, piped or not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from costcalc.cli.main import main
from costcalc.escape import without_colour
from costcalc.report.tables.fit import Records, fit
from costcalc.report.tables.table import record_table

PLAIN = {"NO_COLOR": None, "TERM": "xterm-256color"}


def run(*args: str, **environment: str | None) -> str:
    """What a command prints when piped, with these variables."""
    result = CliRunner().invoke(main, args, env={**PLAIN, **environment})
    assert result.exit_code in (0, 1), result.output
    return result.stdout


@pytest.mark.parametrize("columns", [40, 60])
@pytest.mark.parametrize(
    ("command", "figure"),
    [
        ("report mobilenet_v2 --top 3", "300,774,272"),
        ("report lenet5 --by operator", "326,520"),
        ("report lenet5 --columns params,peak_bytes,intensity", "60,000"),
        ("list lenet", "326,520"),
        ("compare nin lenet5", "1,100,188,800"),
        ("sweep nin -a 1 --columns mult_adds,params", "1,100,188,800"),
        ("verify lenet5", "60,000"),
        ("check lenet5 --max-params 59k", "60,000"),
        ("separable lenet5", "117,600"),
    ],
    ids=lambda value: value.partition(" ")[0],
)
def test_narrow_tables_fit_with_whole_figures(columns: int, command: str, figure: str) -> None:
    text = run(*command.split(), COLUMNS=str(columns))

    assert max(map(len, text.splitlines())) <= columns
    assert figure in text
    assert "…" not in text


def test_a_name_without_room_stands_above_its_row() -> None:
    """Whole, and once where it would stand in several rows; names that have room stay where they are."""
    names = ["mobilenet_v1", "mobilenet_v3_large_minimalistic", "resnet50"]
    records = Records(["network", "params"], [[name, "4,231,976"] for name in names], [False, True])
    text = without_colour(record_table("title", records, [], 34, terminal=True))

    assert "\n mobilenet_v3_large_minimalistic\n" in text
    assert ["mobilenet_v1  4,231,976", "resnet50      4,231,976"] == re.findall(r"^ (\S+ +4,.*?) *$", text, re.M)

    repeated = records._replace(rows=[[names[1], str(figure)] for figure in (4, 5, 6)])
    text = without_colour(record_table("title", repeated, [], 34, terminal=True))
    assert ["params", names[1], "4", "5", "6"] == re.findall(r"^ +([a-z\d]\S*) *$", text, re.M)


def test_no_figure_and_no_name_is_cut_at_any_width() -> None:
    names = ["C1", "S2.affine1", "threes.conv1", "separable13.dwconv1"]
    rows = [[name, "a kind of text", "326,520", "60,000", str(number)] for number, name in enumerate(names)]
    headings = ["layer", "about", "Mult-Adds", "params", "resolution"]
    for repeated in (1, 2):
        every = [row for row in rows for _ in range(repeated)]
        for optional in ((), ("about", "params")):
            for width in range(22, 70):
                records = Records(headings, every, [False, False, True, True, True], optional)
                text = without_colour(record_table("", records, [], width, terminal=True))

                assert len(every) == text.count("326,520"), text
                assert text.count("60,0") == text.count("60,000") in (0, len(every)), text
                assert all(name in text for name in names), text


def test_the_settings_and_the_cost_of_a_sweep_stay() -> None:
    text = run("sweep", "lenet5", "-a", "1", "-r", "32", "--columns", "mult_adds,params,top1", COLUMNS="40")

    assert ["lenet5", "1", "32", "326,520"] in [line.split() for line in text.splitlines()]
    assert "not shown at this width: params convention" in " ".join(text.split())


def test_a_long_heading_is_broken_where_nothing_else_helps() -> None:
    headings = ["alpha", "resolution", "mult_adds"]
    fitted = fit(Records(headings, [["1", "224", "568,740,352"]], [True] * 3, kept=headings), 30)

    assert ["alpha", "resolu-\ntion", "mult_adds"] == fitted.records.headings
    assert fitted.width <= 30


def test_of_two_columns_with_one_heading_the_last_goes() -> None:
    """The ratio of the Mult-Adds stays beside them."""
    line = next(line for line in run("compare", "nin", "lenet5", COLUMNS="44").splitlines() if "lenet5 " in line)

    assert ["lenet5", "*", "326,520", "0.000297"] == line.split()


def test_figures_are_whole_where_nothing_fits() -> None:
    text = run("report", "mobilenet_v1", "--top", "1", COLUMNS="20")

    assert "568,740,352" in text
    assert "…" not in text


def test_forced_colour_is_that_of_a_terminal() -> None:
    """When piped; `COLUMNS` alone lays out the same table without colour, and NO_COLOR takes nothing else away."""
    coloured = run("report", "mobilenet_v1", COLUMNS="100", FORCE_COLOR="1")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)

    assert "\x1b[" in coloured
    assert "███" in plain
    assert plain == run("report", "mobilenet_v1", COLUMNS="100")
    assert plain == run("report", "mobilenet_v1", COLUMNS="100", FORCE_COLOR="1", NO_COLOR="1")
    assert plain == run("report", "mobilenet_v1", COLUMNS="100", FORCE_COLOR="0")
    assert coloured == run("report", "mobilenet_v1", COLUMNS="100", FORCE_COLOR="1", NO_COLOR="")


@pytest.mark.parametrize("columns", ["60", "120"])
def test_a_dumb_terminal_has_the_same_table(columns: str) -> None:
    assert run("report", "mobilenet_v1", COLUMNS=columns) == run("report", "mobilenet_v1", COLUMNS=columns, TERM="dumb")


@pytest.mark.parametrize("columns", ["kernel", "kernel,mult_adds"])
def test_bars_stand_after_a_figure_or_not_at_all(columns: str) -> None:
    """Of words alone there is nothing to draw."""
    result = CliRunner().invoke(main, ["report", "lenet5", "--columns", columns], env={**PLAIN, "COLUMNS": "100"})

    assert 0 == result.exit_code
    assert ("mult_adds" in columns) == ("█" in result.stdout)


def test_a_report_names_the_columns_without_room() -> None:
    """Above all those that were asked for."""
    asked = ("report", "lenet5", "--columns", "mult_adds,params,weight_bytes,intensity")

    text = " ".join(run(*asked, COLUMNS="44").split())

    assert "not shown at this width: input, op, output, Mult-Adds per byte " in text
    assert "not shown" not in run(*asked, COLUMNS="200") + run("report", "lenet5", COLUMNS="200")


@pytest.mark.parametrize("environment", [{}, {"COLUMNS": "many"}, {"COLUMNS": "-1"}, {"COLUMNS": "0"}])
def test_a_piped_table_is_plain(environment: dict[str, str]) -> None:
    text = run("report", "lenet5", **environment)

    assert "█" not in text
    assert "-----" in text


def test_a_file_is_plain_whatever_the_screen(tmp_path: Path) -> None:
    file = f"{tmp_path}/report.txt"
    run("report", "lenet5", "--output", file, COLUMNS="40", FORCE_COLOR="1")
    assert run("report", "lenet5") == Path(file).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("command", "word", "colour"),
    [
        ("check nin --max-params 1M", "broken", "1;31"),
        ("check nin --max-params 8M", "holds", "1;32"),
        ("verify lenet5", "exact", "32"),
        ("verify mobilenet_v1", "differs", "33"),
    ],
)
def test_verdicts_in_colour_and_words(command: str, word: str, colour: str) -> None:
    assert re.search(rf"\x1b\[{colour}m{word}", run(*command.split(), COLUMNS="120", FORCE_COLOR="1"))
    assert word in run(*command.split(), NO_COLOR="1")
