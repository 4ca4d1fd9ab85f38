"""Budgets: what holds and what breaks, from options and from a file, in every format; wrong input, word for word."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

import costcalc
from costcalc.cli import main
from costcalc.counting import convention_names, load_convention
from costcalc.errors import one_of
from costcalc.report.check.records import CheckFormat, render_check
from costcalc.typed.budgets import main_options
from costcalc.typed.config import CHECK_KEYS

TINY = """\
costcalc: 1
name: tiny
input: 8x8x4
blocks:
  pair:
    args: [c]
    body:
    - {op: conv, k: 1, out: c}
    - {op: conv, k: 1, out: c}
layers:
  columns: [op,   c, k]
  rows:
  - [pair,        4, _]
  - [conv,        4, 3]
  - [gap,         _, _]
"""
"""Mult-Adds: 64 positions x 4 x 4 = 1024 for each of the pair, 9 times that for the 3x3, 12 at its last row."""


def run(*args: str, stdin: str | None = None) -> Result:
    """`costcalc check`, as if piped."""
    return CliRunner().invoke(main, ["check", *args], input=stdin)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a repository, as the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    (tmp_path / ".git").mkdir()
    (tmp_path / "tiny.yaml").write_text(TINY)
    return tmp_path


@pytest.mark.parametrize(
    ("option", "least"),
    [
        ("--max-mult-adds", 568_740_352),
        ("--max-params", 4_231_976),
        ("--max-weight-bytes", 16_927_904),
        ("--max-activation-bytes", 20_178_848),
        ("--max-peak-activation-bytes", 4_816_896),
        ("--max-traffic-bytes", 57_883_712),
    ],
)
def test_the_limit_itself_holds(option: str, least: int) -> None:
    """MobileNetV1: a budget of what it costs holds with no room, one less is broken by one."""
    exact, less = run("mobilenet_v1", option, str(least), "-f", "json"), run("mobilenet_v1", option, str(least - 1))

    assert (0, 1) == (exact.exit_code, less.exit_code), exact.stderr
    (row,) = json.loads(exact.stdout)
    assert ("holds", least, least, 0) == (row["verdict"], row["limit"], row["computed"], row["room"])
    assert less.stdout.startswith("the budget does not hold\n")


def test_flops_under_a_convention_that_counts_them() -> None:
    assert 0 == run("mobilenet_v1", "--max-flops", "1137480704", "-c", "two_per_mac").exit_code
    assert 1 == run("mobilenet_v1", "--max-flops", "1137480703", "-c", "two_per_mac").exit_code


def test_settings_transforms_and_dtype() -> None:
    """At alpha 0.5 and 160: 76,524,800 Mult-Adds, 1,331,592 parameters, one byte each in int8."""
    args = ("--max-mult-adds", "76524800", "--max-weight-bytes", "1331592", "-d", "int8", "-f", "json")
    rows = json.loads(run("mobilenet_v1@alpha=0.5@resolution=160", *args).stdout)

    assert [0, 0] == [row["room"] for row in rows]
    assert rows == json.loads(run("mobilenet_v1", "-a", "0.5", "-r", "160", *args).stdout)
    assert {"alpha 0.5, resolution 160"} == {row["settings"] for row in rows}
    assert 1 == run("mobilenet_v1", "mobilenet_v1@standard", "--max-mult-adds", "569M").exit_code


def test_the_help_has_examples_and_fits() -> None:
    lines = run("--help").stdout.splitlines()

    assert "  costcalc check mobilenet_v2 --max-mult-adds 300M --max-params 3.5M" in lines
    assert any("--max-MEASURE" in line for line in lines)
    assert max(map(len, lines)) <= 80


def test_the_table_says_by_how_much() -> None:
    assert run("mobilenet_v1", "--max-mult-adds", "300M", "--max-params", "4.3M").stdout == (
        """\
1 of 2 budgets does not hold

verdict  network       settings  measure          limit     computed          room  room_percent  convention  dtype
-------  ------------  --------  ---------  -----------  -----------  ------------  ------------  ----------  -------
broken   mobilenet_v1            mult_adds  300,000,000  568,740,352  -268,740,352        -89.58  paper       float32
holds    mobilenet_v1            params       4,300,000    4,231,976        68,024          1.58  paper       float32

mobilenet_v1, mult_adds: most by separable3.conv1 51,380,224 (9.03 %), separable5.conv1 51,380,224 (9.03 %), \
separable7.conv1 51,380,224 (9.03 %)
convention paper: multiply-adds of convolutions, linear layers and matrix products
"""
    )


CONFIG = """\
[[check]]
network = "tiny.yaml"
max-mult-adds = 11_263
max-params = "1k"

[[check]]
network = "mobilenet_v1"
settings = {alpha = 0.5}
max-params = "1M"
"""


@pytest.mark.parametrize("format", [str(format) for format in CheckFormat])
def test_every_format(format: str, folder: Path) -> None:
    """The same outcome in each; to a file as well."""
    (folder / "costcalc.toml").write_text(CONFIG)
    result = run("-f", format)

    assert 1 == result.exit_code, result.stderr
    plain = result.stdout.replace(",", "").replace("\\_", "_")
    for word in ("tiny.yaml", "mobilenet_v1", "11264", "1331592"):
        assert word in plain, word
    assert (1, "") == (run("-f", format, "-o", "out").exit_code, run("-f", format, "-o", "out").stdout)
    assert result.stdout == (folder / "out").read_text()


def test_json_and_csv_carry_raw_figures(folder: Path) -> None:
    (folder / "costcalc.toml").write_text(CONFIG)
    rows = json.loads(run("-f", "json").stdout)
    table = list(csv.DictReader(io.StringIO(run("-f", "csv").stdout)))

    assert [("mult_adds", 11263, 11264, -1), ("params", 1000, 176, 824), ("params", 1000000, 1331592, -331592)] == [
        (row["measure"], row["limit"], row["computed"], row["room"]) for row in rows
    ]
    assert [-0.01, 82.4, -33.16] == [row["room_percent"] for row in rows]
    assert list(rows[0]) == list(table[0])
    assert [row["computed"] for row in rows] == [int(row["computed"]) for row in table]
    assert {"layer": "conv1", "cost": 9216, "file": "tiny.yaml", "line": 14} == rows[0]["dearest"][0]
    assert table[0]["dearest"].startswith("conv1 9216; pair1.conv1 1024")


def test_markdown_is_fit_for_a_comment(folder: Path) -> None:
    (folder / "costcalc.toml").write_text(CONFIG)
    lines = run("-f", "markdown").stdout.splitlines()

    assert "### 2 of 3 budgets do not hold" == lines[0]
    assert 2 == sum(line.startswith("| **broken** | ") for line in lines)
    assert 1 == sum(line.startswith("| holds ") for line in lines)


def test_github_marks_the_lines_that_cost_most(folder: Path) -> None:
    """An error on the costliest line of the person's own spec, on the budget's line for the catalogue's networks."""
    (folder / "costcalc.toml").write_text(CONFIG)

    assert run("-f", "github").stdout == (
        "::error file=tiny.yaml,line=14,col=6,title=costcalc%3A mult_adds broken::tiny.yaml: mult_adds 11,264 is 1"
        " (0.01 %25) above the budget of 11,263%0Athis line: conv1 9,216 (81.82 %25)\n"
        "::warning file=tiny.yaml,line=8,col=12,title=costcalc%3A mult_adds broken::tiny.yaml: mult_adds 11,264 is 1"
        " (0.01 %25) above the budget of 11,263%0Athis line: pair1.conv1 1,024 (9.09 %25)\n"
        "::warning file=tiny.yaml,line=9,col=12,title=costcalc%3A mult_adds broken::tiny.yaml: mult_adds 11,264 is 1"
        " (0.01 %25) above the budget of 11,263%0Athis line: pair1.conv2 1,024 (9.09 %25)\n"
        "holds: tiny.yaml: params 176 leaves 824 (82.40 %) of the budget of 1,000\n"
        "::error file=costcalc.toml,line=9,col=14,title=costcalc%3A params broken::mobilenet_v1, alpha 0.5: params"
        " 1,331,592 is 331,592 (33.16 %25) above the budget of 1,000,000%0Amost by linear1 513,000 (38.53 %25),"
        " separable13.conv1 263,168 (19.76 %25), separable12.conv1 132,096 (9.92 %25)\n"
        "2 of 3 budgets do not hold\n"
    )


def test_github_names_files_from_the_repository(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the command runs, and with every sign escaped that would end a property."""
    (folder / "a,b: 100%").mkdir()
    (folder / "a,b: 100%" / "tiny.yaml").write_text(TINY)
    monkeypatch.chdir(folder / "a,b: 100%")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(folder))
    line = run("./tiny.yaml", "--max-mult-adds", "1", "-f", "github").stdout.splitlines()[0]

    assert line.startswith(
        "::error file=a%2Cb%3A 100%25/tiny.yaml,line=14,col=6,title=costcalc%3A mult_adds broken::./tiny"
    )


def test_a_line_that_makes_many_layers_is_marked_once() -> None:
    """All thirteen pointwise convolutions of MobileNetV1 stand in one line."""
    spec = Path(__file__).parent.parent / "specs" / "networks" / "mobilenet_v1.yaml"
    lines = run(str(spec), "--max-mult-adds", "1M", "-f", "github").stdout.splitlines()

    assert 1 == sum(line.startswith("::") for line in lines)
    assert lines[0].endswith("this line: separable1.conv1 and 12 more 539,492,352 (94.86 %25)")


def test_control_characters_cannot_make_a_line_of_their_own(folder: Path) -> None:
    """A name that holds a line break stays on its line, so that it cannot become a workflow command."""
    (folder / "a\n::error ::x.yaml").write_text(TINY)
    result = run("./a\n::error ::x.yaml", "--max-mult-adds", "1G", "-f", "github")

    assert ["holds: ./a ::error ::x.yaml: mult_adds 11,264", "the budget holds"] == [
        line.partition(" leaves")[0] for line in result.stdout.splitlines()
    ]


def test_junit(folder: Path) -> None:
    """What consumers read: suites and cases with their counts, and the failure's message."""
    (folder / "costcalc.toml").write_text(CONFIG)
    root = ElementTree.fromstring(run("-f", "junit").stdout)

    assert ("testsuites", "3", "2", "0") == (root.tag, *(root.get(key) for key in ("tests", "failures", "errors")))
    assert [("tiny.yaml", "2", "1"), ("mobilenet_v1, alpha 0.5", "1", "1")] == [
        (suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in root.findall("testsuite")
    ]
    cases = root.findall("testsuite/testcase")
    assert ["max-mult-adds", "max-params", "max-params"] == [case.get("name") for case in cases]
    assert [True, False, True] == [case.find("failure") is not None for case in cases]
    failure = cases[0].find("failure")
    assert failure is not None
    assert "tiny.yaml: mult_adds 11,264 is 1 (0.01 %) above the budget of 11,263" == failure.get("message")
    assert "tiny.yaml:14:6: conv1 9,216" in (failure.text or "")


def test_junit_escapes_what_xml_does_not_take(folder: Path) -> None:
    (folder / 'a<&"\x01ü.yaml').write_text(TINY)
    text = run('./a<&"\x01ü.yaml', "--max-mult-adds", "1", "-f", "junit").stdout

    assert text.isascii()
    suite = ElementTree.fromstring(text).find("testsuite")
    assert suite is not None and './a<&" ü.yaml' == suite.get("name")


def test_a_total_that_leaves_something_out_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the budget, but with an operator that the convention has no rule for."""
    paper = load_convention("paper")
    monkeypatch.setattr("costcalc.counting.load_convention", lambda name: paper._replace(ignores=frozenset({"norm"})))
    outcomes = costcalc.check("mobilenet_v1", max_mult_adds="1G", max_params="5M")

    assert ["partial", "holds"] == [outcome.verdict for outcome in outcomes]
    assert "mult_adds 568,740,352 is not all: the convention has no rule for relu, gap, softmax" in render_check(
        outcomes, "github"
    )


def test_the_python_interface() -> None:
    """Rows, and exact numbers: budgets by the names of the options."""
    outcomes = costcalc.check("mobilenet_v1", max_mult_adds=568_740_351, max_params="4.3M", max_flops=None)

    assert [(-1, False), (68_024, True)] == [(outcome.room, outcome.holds) for outcome in outcomes]
    assert ["mult_adds", "params"] == [outcome.budget.measure for outcome in outcomes]
    with pytest.raises(costcalc.UsageError, match="unknown budget 'max_parms'"):
        costcalc.check("mobilenet_v1", max_parms=3)


def test_the_interface_in_the_docs_runs(root: Path) -> None:
    import re

    (body,) = re.findall(r"^```python\n(.*?)^```$", (root / "docs" / "ci.md").read_text(), flags=re.S | re.M)
    exec(compile(body, "ci.md", "exec"), {})


# The file of budgets


def test_the_file_is_found_above_up_to_the_repository(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths in it are relative to it; nothing is read outside the repository."""
    (folder / "costcalc.toml").write_text(CONFIG)
    (folder / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(folder / "deep" / "er")
    rows = json.loads(run("-f", "json").stdout)

    assert ["../../tiny.yaml", "../../tiny.yaml", "mobilenet_v1"] == [row["network"] for row in rows]
    assert rows == json.loads(run("-f", "json", "--config", "../../costcalc.toml").stdout)
    (folder / "deep" / ".git").write_text("gitdir: elsewhere")
    assert 2 == run().exit_code


def test_pyproject_holds_budgets_too(folder: Path) -> None:
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "x"\n[tool.costcalc]\ndtype = "int8"\nconvention = "two_per_mac"\n'
        '[[tool.costcalc.check]]\nnetwork = "./tiny.yaml"\nmax-flops = 22_528\nmax-weight-bytes = "176B"\n'
        '[[tool.costcalc.check]]\nnetwork = "tiny.yaml@alpha=1"\ndtype = "int16"\nconvention = "paper"\n'
        'max-mult-adds = "11.264k"\nmax-weight-bytes = 352\n'
    )
    rows = json.loads(run("-f", "json").stdout)

    assert [0, 0, 0, 0] == [row["room"] for row in rows]
    assert ["two_per_mac", "two_per_mac", "paper", "paper"] == [row["convention"] for row in rows]
    assert ["int8", "int8", "int16", "int16"] == [row["dtype"] for row in rows]


def test_a_pyproject_without_budgets_is_passed_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "costcalc.toml").write_text(CONFIG)
    (folder / "part").mkdir()
    (folder / "part" / "pyproject.toml").write_text('[project]\nname = "costcalc-user"\n')
    monkeypatch.chdir(folder / "part")

    assert 1 == run().exit_code


@pytest.mark.parametrize(
    ("settings", "mult_adds"),
    [
        ("{alpha = 0.75, resolution = 192}", 239_273_472),
        ('{alpha = "3/4", beta = "6/7"}', 239_273_472),
        ("{alpha = 0.5, resolution = 160}", 76_524_800),
        ("{classes = 1_0}", 567_726_592),
    ],
)
def test_settings_are_exact(settings: str, mult_adds: int, folder: Path) -> None:
    """0.75 is 3/4, not the float beside it; figures of the golden files."""
    (folder / "costcalc.toml").write_text(
        f'[[check]]\nnetwork = "mobilenet_v1"\nsettings = {settings}\nmax-mult-adds = {mult_adds}\n'
    )
    (row,) = json.loads(run("-f", "json").stdout)

    assert (mult_adds, 0) == (row["computed"], row["room"])


EXPECTED_COUNT = "  expected: a count, as 300M or 3,500,000: k, M, G (or B) and T are powers of 1000\n"
EXPECTED_BYTES = (
    "  expected: a number of bytes, as 14MB or 512KiB: B, kB, MB, GB, TB (powers of 1000),"
    " KiB, MiB, GiB, TiB (of 1024)\n"
)
EXPECTED_NETWORK = "  expected: a name that `costcalc list` shows, a path to a spec, or - for standard input\n"
EXPECTED_ONE_WAY = "  expected: a NETWORK with its budgets on the command line, or all of it in a file\n"
LIMITS = one_of(["fits", *main_options()], 40)
"""Every bound that messages name, of every measure of the table."""


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ["mobilenet_v1"],
            "Error: no budget\n  expected: " + one_of([f"--{one}" for one in ("fits", *main_options())], 20) + "\n",
        ),
        (["mobilenet_v1", "--max-params", "300Q"], "Error: max-params: '300Q': unknown unit 'Q'\n" + EXPECTED_COUNT),
        (["mobilenet_v1", "--max-mult-adds", "-5"], "Error: max-mult-adds: '-5' is below zero\n" + EXPECTED_COUNT),
        (["mobilenet_v1", "--max-params", ""], "Error: max-params: '' is no quantity\n" + EXPECTED_COUNT),
        (["mobilenet_v1", "--max-params", "1.5"], "Error: max-params: '1.5' is not a whole number\n" + EXPECTED_COUNT),
        (
            ["mobilenet_v1", "--max-params", "3MB"],
            "Error: max-params: '3MB': unknown unit 'MB'\n" + EXPECTED_COUNT + "  did you mean '3M'?\n",
        ),
        (
            ["mobilenet_v1", "--max-weight-bytes", "14M"],
            "Error: max-weight-bytes: '14M': unknown unit 'M'\n" + EXPECTED_BYTES + "  did you mean '14MB'?\n",
        ),
        (
            ["mobilenet_v1", "--max-flops", "1G"],
            "Error: max-flops: the convention paper counts mult_adds, not flops\n"
            "  expected: max-mult-adds or a convention that counts flops\n",
        ),
        (
            ["lenet5", "--max-flops", "1G", "-c", "connections"],
            "Error: max-flops: the convention connections counts connections, not flops\n"
            "  expected: a convention that counts flops\n",
        ),
        (
            ["mobilnet_v1", "--max-params", "3M"],
            "Error: no network 'mobilnet_v1'\n" + EXPECTED_NETWORK + "  did you mean 'mobilenet_v1'?\n",
        ),
        (["--max-params", "1M", "-a", "1"], "Error: --max-params, --alpha without a NETWORK\n" + EXPECTED_ONE_WAY),
        (["-d", "int8", "-s", "classes=3"], "Error: --set, --dtype without a NETWORK\n" + EXPECTED_ONE_WAY),
        (
            ["mobilenet_v1", "--config", "x.toml", "--max-params", "1M"],
            "Error: NETWORK, --max-params beside --config\n" + EXPECTED_ONE_WAY,
        ),
        (
            ["--config", "nowhere.toml"],
            "Error: nowhere.toml: no such file or directory\n  expected: a TOML file that can be read\n",
        ),
        (["--config", "."], "Error: .: is a directory\n  expected: a TOML file that can be read\n"),
        (
            [],
            "Error: no NETWORK, and no costcalc.toml or [tool.costcalc] in pyproject.toml here or above\n"
            "  expected: a network and budgets, as `costcalc check mobilenet_v1 --max-mult-adds 300M`,"
            " or such a file\n",
        ),
        (
            ["mobilenet_v1", "--max-params", "3M", "-o", "none/out"],
            "Error: none/out: no such file or directory\n  expected: a file that can be written\n",
        ),
    ],
)
def test_wrong_use(args: list[str], message: str, folder: Path) -> None:
    """Exit code 2 and the whole message."""
    result = run(*args)

    assert (2, "", message) == (result.exit_code, result.stdout, result.stderr)


CHECK = '[[check]]\nnetwork = "mobilenet_v1"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "w.toml:1:1: no check\n  expected: [[check]], then a network and a budget\n"),
        (
            "check = []",
            "w.toml:1:9: no check\n    1 | check = []\n      |         ^^\n"
            "  expected: [[check]], then a network and a budget\n",
        ),
        (
            '[check]\nnetwork = "vgg16"',
            "w.toml:1:1: `check` is not a list of tables\n    1 | [check]\n      | ^^^^^^^\n"
            "  expected: [[check]], in two brackets\n",
        ),
        (
            CHECK,
            f"w.toml:1:1: a check without a budget\n    1 | [[check]]\n      | ^^^^^^^^^\n  expected: {LIMITS}\n",
        ),
        (
            '[[check]]\nmax-params = "3M"',
            "w.toml:1:1: a check without a network\n    1 | [[check]]\n      | ^^^^^^^^^\n"
            '  expected: network = "mobilenet_v1", or a path to a spec\n',
        ),
        (
            CHECK + 'max-params = "300Q"',
            "w.toml:3:14: max-params: '300Q': unknown unit 'Q'\n"
            '    3 | max-params = "300Q"\n      |              ^^^^^^\n' + EXPECTED_COUNT,
        ),
        (
            CHECK + "max-params = [3]",
            "w.toml:3:14: max-params is not a quantity\n    3 | max-params = [3]\n      |              ^^^\n"
            '  expected: a number or a text, as max-params = "300M"\n',
        ),
        (
            CHECK + "max-params = 5000000\nmax-parms = 3",
            "w.toml:4:1: unknown key 'max-parms'\n    4 | max-parms = 3\n      | ^^^^^^^^^\n"
            f"  expected: {one_of([*CHECK_KEYS, *main_options()], 40)}\n"
            "  did you mean 'max-params'?\n",
        ),
        (
            'chekc = 1\nconvention = "papr"\n' + CHECK + "max-params = 1",
            "w.toml:1:1: unknown key 'chekc'\n    1 | chekc = 1\n      | ^^^^^\n"
            "  expected: accumulators, activations, check, checkpoint, convention, dtype, optimizer, schedule or"
            " weights\n"
            "  did you mean 'check'?\n"
            "w.toml:2:14: unknown convention 'papr'\n"
            '    2 | convention = "papr"\n      |              ^^^^^^\n'
            f"  expected: {one_of(convention_names(), 40)}\n  did you mean 'paper'?\n",
        ),
        (
            CHECK + "max-flops = 1",
            "w.toml:3:13: max-flops: the convention paper counts mult_adds, not flops\n"
            "    3 | max-flops = 1\n      |             ^\n"
            "  expected: max-mult-adds or a convention that counts flops\n",
        ),
        (
            '[[check]]\nnetwork = 5\ndtype = "int9"\nsettings = 5\nmax-params = 1',
            "w.toml:2:11: network is not a text\n    2 | network = 5\n      |           ^\n"
            '  expected: a text in quotes, as network = "..."\n'
            "w.toml:3:9: unknown dtype 'int9'\n    3 | dtype = \"int9\"\n      |         ^^^^^^\n"
            "  expected: bfloat16, binary, float16, float32, float4_e2m1, float64, float8_e4m3, float8_e5m2, int12,"
            " int16, int2, int3, ... (24 in all)\n"
            "  did you mean 'int8'?\n"
            "w.toml:4:12: `settings` is not a table\n    4 | settings = 5\n      |            ^\n"
            "  expected: a table, as {alpha = 0.5}\n",
        ),
        (
            '[[check]]\nnetwork = "mobilnet_v1"\nmax-params = "3Q"',
            "w.toml:2:11: no network 'mobilnet_v1'\n"
            '    2 | network = "mobilnet_v1"\n      |           ^^^^^^^^^^^^^\n'
            + EXPECTED_NETWORK
            + "  did you mean 'mobilenet_v1'?\n"
            "w.toml:3:14: max-params: '3Q': unknown unit 'Q'\n"
            '    3 | max-params = "3Q"\n      |              ^^^^\n' + EXPECTED_COUNT,
        ),
        (
            '[[check]]\nnetwork = "none.yaml"\nmax-params = 1',
            "w.toml:2:11: none.yaml: no such file or directory\n"
            '    2 | network = "none.yaml"\n      |           ^^^^^^^^^^^\n'
            "  expected: a spec file that can be read\n",
        ),
        (
            '[[check]]\nnetwork = "mobilenet_v1@standrd"\nmax-params = 1',
            "w.toml:2:11: unknown transform 'standrd'\n"
            '    2 | network = "mobilenet_v1@standrd"\n      |           ^^^^^^^^^^^^^^^^^^^^^^\n'
            "  expected: fold-norm, no-se, pointwise-first, rank=R, separable, spatial or standard,"
            " or a setting as alpha=0.75, or a recipe's step as prune=0.1\n  did you mean 'standard'?\n",
        ),
        (
            '[[check]]\nnetwork = "alexnet@no-se"\nmax-params = 1',
            "w.toml:2:11: @no-se changes nothing in this network\n"
            '    2 | network = "alexnet@no-se"\n      |           ^^^^^^^^^^^^^^^\n'
            "  expected: a `mul` of a feature map with 1x1 gates made from its own global pooling\n",
        ),
        (
            CHECK + "max-params = 1\nsettings = {classes = 10, wdith = 3}",
            "w.toml:4:27: mobilenet_v1 has no setting 'wdith'\n"
            "    4 | settings = {classes = 10, wdith = 3}\n      |                           ^^^^^^^^^\n"
            "  expected: alpha, batch, beta, body, classes or resolution\n",
        ),
        (
            CHECK + "max-params = 1\n[check.settings]\nbeta = 1\nalpha = [1]",
            "w.toml:6:9: alpha is not a value\n    6 | alpha = [1]\n      |         ^^^\n"
            '  expected: a number as 0.75 or "6/7", true, false or a word\n',
        ),
        (
            '[[check]]\nnetwork = "alexnet"\nsettings.resolution = 20\nmax-params = 1',
            "specs/networks/alexnet.yaml:27:28: a window of 3 does not fit into 1 + 0 + 0 positions\n"
            "   27 |   - [27x27x256,   maxpool, 3,  2, 0,    _,        _,      _,    _]\n"
            "      |                            ^\n"
            "  note: the input is 1x1x256; at resolution 20; asked for in w.toml:2:11\n",
        ),
        (
            "[[check]\n",
            "w.toml:1:8: not TOML: expected ']]' at the end of an array declaration\n"
            "    1 | [[check]\n      |        ^\n",
        ),
        (
            'a = "x',
            'w.toml:1:7: not TOML: unterminated string at the end of the file\n    1 | a = "x\n      |       ^\n',
        ),
    ],
)
def test_a_wrong_file(text: str, message: str, folder: Path) -> None:
    """Exit code 2, nothing on stdout, every error of the file with its place."""
    (folder / "w.toml").write_text(text)
    result = run("--config", "w.toml")

    assert (2, "") == (result.exit_code, result.stdout)
    assert message == result.stderr


def test_a_wrong_spec_is_told_as_everywhere(folder: Path) -> None:
    """The error of the spec itself, wherever the file of budgets lies."""
    (folder / "nets").mkdir()
    (folder / "nets" / "wrong.yaml").write_text(TINY.replace("conv,        4, 3", "cnov,        4, 3"))
    (folder / "costcalc.toml").write_text('[[check]]\nnetwork = "nets/wrong.yaml"\nmax-params = 1\n')
    result = run()

    assert 2 == result.exit_code
    assert result.stderr.startswith("nets/wrong.yaml:14:6: unknown operator 'cnov'\n")


@pytest.mark.parametrize("network", ["-", "-@standard", "<stdin>@standard", "-@alpha=0.5"])
def test_a_file_reads_no_standard_input(network: str, folder: Path) -> None:
    """What is piped to a job is not for its file of budgets, and may never end."""
    (folder / "costcalc.toml").write_text(f'[[check]]\nnetwork = "{network}"\nmax-params = 1\n')
    result = run(stdin=(folder / "tiny.yaml").read_text())

    assert (2, "") == (result.exit_code, result.stdout)
    assert result.stderr.startswith("costcalc.toml:2:11: a file of budgets reads no standard input\n")


def test_two_files_in_one_folder(folder: Path) -> None:
    (folder / "costcalc.toml").write_text(CONFIG)
    (folder / "pyproject.toml").write_text(CONFIG.replace("[[check]]", "[[tool.costcalc.check]]"))
    result = run()

    assert (2, "") == (result.exit_code, result.stdout)
    assert result.stderr == (
        "Error: both costcalc.toml and pyproject.toml have budgets\n  expected: one of them, or --config FILE\n"
    )
    assert 1 == run("--config", "pyproject.toml").exit_code


def test_a_pyproject_named_without_budgets(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[project]\n")
    result = run("--config", "pyproject.toml")

    assert (2, "") == (result.exit_code, result.stdout)
    assert result.stderr == (
        "pyproject.toml:1:1: no table [tool.costcalc]\n    1 | [project]\n      | ^\n"
        "  expected: [[tool.costcalc.check]]\n"
    )
