"""The command line as a person uses it."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from catalogued import each
from click.testing import CliRunner, Result

from costcalc.cli import main
from costcalc.report.formats import Format

SNAPSHOTS = Path(__file__).parent / "snapshots"


def run(*args: str, stdin: str | bytes | None = None) -> Result:
    """A command, as if piped."""
    return CliRunner().invoke(main, list(args), input=stdin)


@pytest.mark.parametrize("format", [str(format) for format in Format])
@pytest.mark.parametrize("by", ["layer", "operator"])
def test_report_in_every_format(format: str, by: str, update: bool) -> None:
    result = run("report", "mobilenet_v1", "--alpha", "0.25", "--by", by, "--format", format)

    assert 0 == result.exit_code, result.stderr
    expected = SNAPSHOTS / f"mobilenet_v1_{by}.{format}"
    if update:
        SNAPSHOTS.mkdir(exist_ok=True)
        expected.write_text(result.stdout, encoding="utf-8")
    assert expected.read_text(encoding="utf-8") == result.stdout


def test_json_has_the_stable_keys() -> None:
    document = json.loads(run("report", "mobilenet_v1", "--format", "json").stdout)

    assert ("mobilenet_v1", "224x224x3", 1, "float32", "paper") == tuple(
        document[key] for key in ("network", "input", "batch", "dtype", "convention")
    )
    assert {"alpha": "1", "beta": "1", "resolution": 224, "classes": 1000} == {
        key: document["settings"][key] for key in ("alpha", "beta", "resolution", "classes")
    }
    totals = document["totals"]
    assert (568740352, 4231976, 21888, 16927904) == tuple(
        totals[key] for key in ("mult_adds", "params", "buffers", "weight_bytes")
    )
    first = {
        "name": "conv1", "op": "conv", "input": "224x224x3", "output": "112x112x32",
        "mult_adds": 10838016, "params": 928, "weight_bytes": 3712, "output_bytes": 1605632,
    }  # fmt: skip
    assert first == {key: document["layers"][0][key] for key in first}


def test_shares_of_table_2() -> None:
    """The shares that the MobileNet paper prints in its Table 2 (1.91 for its misprint 1.19)."""
    lines = run("report", "mobilenet_v1", "--by", "operator").stdout.splitlines()
    shares = {line.split("  ")[0]: line.split() for line in lines if line.count(",") > 1}

    assert ("94.86", "74.59") == (shares["conv 1x1"][4], shares["conv 1x1"][7])
    assert ("3.06", "1.06") == (shares["dwconv 3x3"][4], shares["dwconv 3x3"][7])
    assert "1.91" in next(line for line in lines if line.startswith("conv 3x3"))
    assert "0.02" in next(line for line in lines if line.startswith("conv 3x3"))
    assert ("0.18", "24.33") == tuple(
        next(line for line in lines if line.startswith("linear")).split()[i] for i in (3, 6)
    )


@pytest.mark.parametrize(
    ("network", "least", "most"),
    [
        ("alexnet", 200e6, 250e6),
        ("vgg16", 500e6, 560e6),
        ("googlenet", 27.95e6, 28.05e6),
        ("squeezenet1_0", 4.99e6, 5.0e6),
    ],
)
def test_parameter_bytes(network: str, least: float, most: float) -> None:
    document = json.loads(run("report", network, "-f", "json").stdout)

    assert least < document["totals"]["weight_bytes"] < most


def test_a_spec_from_standard_input(tmp_path: Path) -> None:
    text = "costcalc: 1\nname: mine\ninput: 64x64x3\nlayers:\n- {op: conv, k: 3, out: 4}\n"
    document = json.loads(run("report", "-", "-f", "json", stdin=text).stdout)

    assert 442_368 == document["totals"]["mult_adds"]
    (tmp_path / "mine.yaml").write_text(text)
    assert document == json.loads(run("report", str(tmp_path / "mine.yaml"), "-f", "json").stdout)


def test_the_standard_width_rule(tmp_path: Path) -> None:
    """A file without a rule: every channel count but the last, times alpha, to multiples of 8; untouched at 1."""
    text = "costcalc: 1\nname: mine\ninput: 8x8x3\nlayers:\n- {op: conv, out: 20}\n- {op: conv, out: 10}\n"

    def widths(alpha: str) -> list[str]:
        document = json.loads(run("report", "-", "-a", alpha, "-f", "json", stdin=text).stdout)
        return [layer["output"] for layer in document["layers"]]

    assert ["8x8x20", "8x8x10"] == widths("1")
    assert ["8x8x16", "8x8x10"] == widths("0.75")


def test_the_standard_width_rule_spares_only_the_classes() -> None:
    """Where the last row's width is final, no other row is spared."""
    text = (
        "costcalc: 1\nname: mine\ninput: 8x8x3\nsettings: {classes: 10}\nlayers:\n- {op: conv, out: 64}\n"
        "- {op: conv, out: 64}\n- {op: gap}\n- {op: linear, out: =classes}\n"
    )
    document = json.loads(run("report", "-", "-a", "0.5", "-f", "json", stdin=text).stdout)

    assert ["8x8x32", "8x8x32", "1x1x32", "1x1x10"] == [layer["output"] for layer in document["layers"]]


def test_output_file(tmp_path: Path) -> None:
    file = tmp_path / "report.csv"
    result = run("report", "mobilenet_v1", "-f", "csv", "-o", str(file))

    assert (0, "") == (result.exit_code, result.stdout)
    assert run("report", "mobilenet_v1", "-f", "csv").stdout == file.read_text()


@pytest.mark.parametrize("where", ["missing/report.csv", ".", "plain/report.csv"])
def test_output_that_cannot_be_written(where: str, tmp_path: Path) -> None:
    """An error, and nothing half-written is left."""
    (tmp_path / "plain").write_text("a file")
    before = sorted(path.name for path in tmp_path.iterdir())
    result = run("report", "mobilenet_v1", "-o", str(tmp_path / where))

    assert 2 == result.exit_code
    assert "a file that can be written" in result.stderr
    assert before == sorted(path.name for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["report", "mobilenet_v7"], "did you mean 'mobilenet_v"),
        (["report", "MobileNet-V2"], "did you mean 'mobilenet_v2'?"),
        (["report", "torchvision/alexnt"], "did you mean 'torchvision/alexnet'?"),
        (["report", "nowhere.yaml"], "nowhere.yaml: no such file or directory"),
        (["report", "."], "is a directory"),
        (["report", "mobilenet_v1", "-a", "0"], "alpha: 0 is out of range"),
        (["report", "mobilenet_v1", "-a", "-1"], "alpha: '-1' is not a value"),
        (["report", "mobilenet_v1", "-a", "1/0"], "alpha: '1/0' is not a value"),
        (["report", "mobilenet_v1", "-a", "1e9"], "alpha: '1e9' is not a value"),
        (["report", "mobilenet_v1", "-a", "1000"], "alpha: 1000 is out of range"),
        (["report", "mobilenet_v1", "-b", "0"], "beta: 0 is out of range"),
        (["report", "mobilenet_v1", "-b", "0.001"], "the input would be 0x0"),
        (["report", "mobilenet_v1", "-r", "0"], "resolution: 0 is out of range"),
        (["report", "mobilenet_v1", "-r", "-5"], "resolution: '-5' is not a value"),
        (["report", "mobilenet_v1", "-r", "1.5"], "resolution: 1.5 is out of range"),
        (["report", "mobilenet_v1", "-r", "99999999"], "resolution: 99999999 is out of range"),
        (["report", "mobilenet_v1", "-r", "2x3x4"], "resolution: 2x3x4 does not fit"),
        (["report", "mobilenet_v1", "-n", "0"], "batch: 0 is out of range"),
        (["report", "mobilenet_v1", "-s", "clases=3"], "did you mean 'classes'?"),
        (["report", "mobilenet_v1", "-s", "classes"], "is not name=value"),
        (["report", "mobilenet_v1", "-s", "classes=a b"], "classes: 'a b' is not a value"),
        (["report", "mobilenet_v1", "-s", "classes=0"], "out: 'classes' is 0"),
        (["report", "mobilenet_v1", "-s", "classes=1.5"], "a whole number"),
        (["report", "mobilenet_v1", "-s", "alpha=1", "-a", "2"], "alpha is set twice"),
        (["report", "shufflenet_v1", "-s", "groups=5"], "groups: 5 is not one of its values"),
        (["report", "mobilenet_v1", "-c", "papr"], "did you mean 'paper'?"),
        (["report", "mobilenet_v1", "--by", "lyer"], "'lyer' is not one of"),
        (["report", "alexnet", "-r", "20"], "does not fit"),
        (["reprot", "alexnet"], "Did you mean 'report'?"),
        (["list", "mobilnet"], "no network with 'mobilnet'"),
        (["verify", "mobilenet_v7"], "did you mean 'mobilenet_v"),
        (["report", "bytes.yaml"], "bytes.yaml:1:8: byte 0xff is not UTF-8"),
        (["report", "large.yaml"], "larger than 1000000 bytes"),
        (["report", "a\x00.yaml"], "is not a path"),
    ],
)
def test_wrong_use(args: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2, one message, no traceback."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bytes.yaml").write_bytes(b"costc: \xff")
    (tmp_path / "large.yaml").write_bytes(b"x" * 2_000_000)
    result = run(*args)

    assert (2, "") == (result.exit_code, result.stdout)
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_list() -> None:
    result = run("list", "shufflenet_v1", "-f", "json")
    rows = json.loads(result.stdout)

    assert {"network": "shufflenet_v1", "mult_adds": 137460672} == {
        key: rows[0][key] for key in ("network", "mult_adds")
    }
    assert "torchvision/alexnet" in run("list", "torchvision/alex").stdout
    assert "torchvision/alexnet" not in run("list", "alex").stdout


def test_show() -> None:
    """The source as written; the resolved spec, itself a spec of the same cost."""
    root = Path(__file__).parent.parent
    assert (root / "specs/networks/alexnet.yaml").read_text() == run("show", "alexnet", "--source").stdout
    shown = run("show", "mobilenet_v2", "-a", "0.5").stdout
    document = json.loads(run("report", "-", "-f", "json", stdin=shown).stdout)

    assert 97131840 == document["totals"]["mult_adds"]


def test_every_help_has_an_example() -> None:
    for command in ("compare", "list", "report", "separable", "show", "verify"):
        help = run(command, "--help").stdout

        assert f"  costcalc {command}" in help
        assert max(map(len, help.splitlines())) <= 80


def test_completion_offers_networks_and_files() -> None:
    environment = {
        **os.environ,
        "_COSTCALC_COMPLETE": "bash_complete",
        "COMP_WORDS": "costcalc report mobilenet_v",
        "COMP_CWORD": "2",
    }
    code = "from costcalc.cli import main; main(prog_name='costcalc')"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)

    assert "plain,mobilenet_v1" in done.stdout.splitlines()


def on_a_terminal(columns: int, *args: str, **environment: str) -> str:
    """What a person sees: the output of a real terminal that many columns wide."""
    main_end, other_end = pty.openpty()
    code = "from costcalc.cli import main; main(prog_name='costcalc')"
    variables = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns), **environment}
    if "NO_COLOR" not in environment:
        variables.pop("NO_COLOR")
    process = subprocess.Popen([sys.executable, "-c", code, *args], stdout=other_end, env=variables)
    os.close(other_end)
    seen = b""
    try:
        while chunk := os.read(main_end, 65536):
            seen += chunk
    except OSError:  # Linux says so when the other end has closed
        pass
    os.close(main_end)
    assert 0 == process.wait()
    return seen.decode().replace("\r\n", "\n")


def plain_lines(text: str) -> list[str]:
    """The lines of a terminal's output without its colours."""
    return [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip() for line in text.splitlines()]


WHOLE = {
    "list mobilenet": ["568,740,352", "4,231,976", "1,148,479,168"],
    "verify mobilenet_v1": ["568,740,352", "cut off", "differs [1]", "[1] the figure with ImageNet's 1000 classes"],
    "sweep mobilenet_v1 -a 0.5,1 -r 160,224": ["568,740,352", "76,524,800", "2,408,448"],
}
FITTED = [(command, columns) for command in WHOLE for columns in (80, 100, 132)]


@pytest.mark.parametrize("case", each(FITTED, [FITTED[at] for at in (0, 3, 4, 8)]), ids=str)
def test_records_fit_the_terminal_with_whole_figures(case: tuple[str, int]) -> None:
    command, columns = case
    args, figures = command.split(" "), WHOLE[command]
    lines = plain_lines(on_a_terminal(columns, *args))

    assert max(map(len, lines)) <= columns
    assert [] == [figure for figure in figures if not any(figure in line for line in lines)]
    assert not any("…" in line for line in lines)


@pytest.mark.parametrize("columns", [80, 132])
def test_a_column_without_room_is_named(columns: int) -> None:
    lines = plain_lines(on_a_terminal(columns, "list", "mobilenet"))

    assert any(line == "not shown at this width: family, paper" for line in lines) == (columns == 80)


@pytest.mark.parametrize("columns", [80, 120, 200])
def test_the_terminal_table_fits(columns: int) -> None:
    """Colour and bars, no line longer than the terminal, more columns on a wider one."""
    seen = on_a_terminal(columns, "report", "mobilenet_v2")
    lines = plain_lines(seen)

    assert "\x1b[" in seen
    assert "█" in seen
    assert max(map(len, lines)) <= columns
    assert any("300,774,272" in line for line in lines)
    assert [columns >= 120] == ["input" in line for line in lines if line.strip().startswith("layer")]


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_without_colour_a_terminal_has_the_same_columns_and_bars(environment: dict[str, str]) -> None:
    coloured = on_a_terminal(80, "report", "mobilenet_v1")
    plain = on_a_terminal(80, "report", "mobilenet_v1", **environment)

    assert "\x1b[" not in plain
    assert plain_lines(coloured) == plain_lines(plain)


def test_a_reader_that_stops_early_is_no_error() -> None:
    done = subprocess.run(
        [f"{sys.executable} -m costcalc report googlenet --by node -f json | head -1"],
        shell=True, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert "" == done.stderr
