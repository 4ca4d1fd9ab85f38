"""Budgets: what holds and what breaks, from options and from a file, in every format."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from checking import CONFIG, TINY, repository, run

import costcalc
from costcalc.counting import load_convention
from costcalc.report.check.records import CheckFormat, render_check


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a repository, as the working folder."""
    return repository(tmp_path, monkeypatch)


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

verdict  network       settings  measure          limit     computed          room  room %  convention  dtype
-------  ------------  --------  ---------  -----------  -----------  ------------  ------  ----------  -------
broken   mobilenet_v1            mult_adds  300,000,000  568,740,352  -268,740,352  -89.58  paper       float32
holds    mobilenet_v1            params       4,300,000    4,231,976        68,024    1.58  paper       float32

mobilenet_v1, mult_adds: most by separable3.conv1 51,380,224 (9.03 %), separable5.conv1 51,380,224 (9.03 %), \
separable7.conv1 51,380,224 (9.03 %)
convention paper: multiply-adds of convolutions, linear layers and matrix products
"""
    )


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


def test_markdown_draws_the_base_branch_behind(folder: Path) -> None:
    """A curve for each measure of a person's own spec, over alpha; the catalogue's are the same in both branches."""
    (folder / "base").mkdir()
    spec = "costcalc: 1\nname: t\ninput: 8x8x3\nsettings: {alpha: {default: 1}}\nwidths: {scale: alpha, round: floor}\n"
    spec += "layers:\n- {op: conv, k: 1, out: 16}\n- {op: conv, k: 1, out: 8}\n"
    (folder / "t.yaml").write_text(spec, encoding="utf-8")
    (folder / "base" / "t.yaml").write_text(spec.replace("16", "8"), encoding="utf-8")
    words = ("t.yaml", "lenet5", "--max-params", "1k", "--max-mult-adds", "1M", "-f", "markdown")
    plain, drawn = run(*words), run(*words, "--base", "base")

    assert drawn.stdout.startswith(plain.stdout)
    assert 2 == drawn.stdout.count("```mermaid\n") == drawn.stdout.count("; grey: the base branch\n")
    # at alpha 1/4: 3 x 4 + 4 x 8 against 3 x 2 + 2 x 8 weights
    assert '  line "base branch" [22, 44, 66, 88]\n  line "this branch" [44, 88, 132, 176]\n' in drawn.stdout
    assert "\nt.yaml: params by the convention paper; grey: the base branch\n" in drawn.stdout
    assert plain.exit_code == drawn.exit_code


def test_curves_keep_the_settings_of_the_check(folder: Path) -> None:
    """Where alpha is set, they are drawn over the resolution, which the parameters do not depend on."""
    text = run(
        *("./tiny.yaml", "--alpha", "1", "--max-mult-adds", "9M", "--max-params", "9M"), "-f", "markdown", "--base", "."
    ).stdout

    assert 1 == text.count("```mermaid\n")
    assert '  x-axis "resolution multiplier β" ["4/7", "5/7", "6/7", "1"]\n' in text
    assert "tiny.yaml, alpha 1: mult\\_adds by the convention paper; grey: the base branch\n" in text


def test_a_base_branch_that_is_wrong_breaks_no_check(folder: Path) -> None:
    (folder / "base").mkdir()
    (folder / "base" / "tiny.yaml").write_text("costcalc: 1\nname: x\n", encoding="utf-8")
    result = run("tiny.yaml", "--max-mult-adds", "9M", "-f", "markdown", "--base", "base")

    assert 0 == result.exit_code, result.stderr
    assert "; the base branch is left out: base/tiny.yaml:1:1: " in result.stdout


def test_the_base_branch_is_for_markdown(folder: Path) -> None:
    assert run("lenet5", "--max-params", "1M", "--base", ".").stderr == (
        "Error: --base with --format table\n  expected: --format markdown\n"
    )
