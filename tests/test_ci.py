"""The GitHub Action, the pre-commit hook and the project's own workflow: they name what exists, and their steps run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from checking import write_branches

import costcalc
from costcalc.cli.check import command as check
from costcalc.cli.sweep import command as sweep
from costcalc.report.check.records import CheckFormat

ROOT = Path(__file__).parent.parent


def document(name: str) -> Any:
    """A YAML file of the repository."""
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


ACTION = document("action.yml")
STEPS = {step["id"]: step for step in ACTION["runs"]["steps"] if "id" in step}
SCRIPTS = [step for step in ACTION["runs"]["steps"] if "run" in step]


def options_of(command: click.Command) -> set[str]:
    """Every option that a command takes."""
    return {option for param in command.params for option in param.opts}


# The action


def test_no_expression_is_put_into_a_shell_script() -> None:
    """Inputs reach scripts as variables, so that none can become a command."""
    assert [] == [step["name"] for step in SCRIPTS if "${{" in step["run"]]
    assert ["bash"] * len(SCRIPTS) == [step["shell"] for step in SCRIPTS]


def test_every_expression_names_what_exists_and_every_input_is_read() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    expressions = " ".join(re.findall(r"\$\{\{(.*?)\}\}", text))

    assert set(ACTION["inputs"]) == set(re.findall(r"inputs\.([\w-]+)", expressions))
    assert set(re.findall(r"steps\.(\w+)\.", expressions)) <= set(STEPS)
    for step, output in re.findall(r"steps\.(\w+)\.outputs\.([\w-]+)", expressions):
        assert output == "python-path" or f'echo "{output}=' in STEPS[step]["run"]


def test_every_variable_of_a_script_is_given() -> None:
    given_by_github = {"RUNNER_TEMP", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"}
    for step in SCRIPTS:
        used = set(re.findall(r"\$\{?([A-Z_]+)", step["run"]))

        assert set(step["env"]) - {"PYTHONUTF8", "GH_TOKEN"} <= used <= set(step["env"]) | given_by_github, step["name"]


def test_the_options_of_its_scripts_exist() -> None:
    for name, command in (("check", check), ("sweep", sweep)):
        used = set(re.findall(r"(?<![\w-])--[a-z-]+", STEPS[name]["run"]))

        assert used
        assert used <= options_of(command)
    assert ACTION["inputs"]["format"]["default"] in set(CheckFormat)


def test_the_docs_list_its_inputs_with_their_defaults() -> None:
    text = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([\w-]+)` \| .*? \| (.*?) \|$", text, flags=re.M))

    assert set(ACTION["inputs"]) == set(rows)
    for name in ("format", "plot", "artifact", "python-version"):
        assert ACTION["inputs"][name]["default"] == rows[name].strip("`")


class Runner:
    """Runs a step of the action as GitHub does: bash, stopping at the first error, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.summary = folder / "summary.md"
        self.output = folder / "output"
        self.costcalc = folder / "program"
        self.costcalc.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m costcalc "$@"\n')
        self.costcalc.chmod(0o755)
        self.work = folder / "work"
        self.work.mkdir()

    def run(self, step: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            **dict.fromkeys(STEPS[step]["env"], ""),
            "COSTCALC": str(self.costcalc),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_WORKSPACE": str(self.work),
            "RUNNER_TEMP": str(self.folder),
            "FORMAT": "github",
            **variables,
        }
        script = self.folder / "step.sh"
        script.write_text(STEPS[step]["run"])
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        return subprocess.run(shell, env=environment, cwd=self.work, capture_output=True, text=True, check=False)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_the_check_step_fails_where_a_budget_breaks(runner: Runner) -> None:
    """The log has the annotations, the summary the table."""
    done = runner.run("check", ARGS="mobilenet_v1\n  --max-mult-adds 300M --max-params 5M")

    assert 1 == done.returncode, done.stderr
    assert done.stdout.startswith("::error title=costcalc%3A mult_adds broken::mobilenet_v1: mult_adds 568,740,352 is")
    assert runner.summary.read_text().startswith("### 1 of 2 budgets does not hold\n\n| verdict ")


def test_the_check_step_reads_a_file_of_budgets(runner: Runner) -> None:
    """Its name may hold blanks and quotes."""
    config = runner.work / "my 'budgets'.toml"
    config.write_text('[[check]]\nnetwork = "mobilenet_v1"\nmax-params = "4.3M"\n')
    done = runner.run("check", CONFIG=config.name, FORMAT="table")

    assert (0, "the budget holds") == (done.returncode, done.stdout.splitlines()[0]), done.stderr
    assert runner.summary.read_text().startswith("### the budget holds\n")


@pytest.mark.parametrize(
    "words",
    ["mobilenet_v1 --max-params 5M; touch hacked", "$(touch hacked)", "`touch hacked`", "* --max-params 5M", "'a b'"],
)
def test_words_of_an_input_are_only_words(words: str, runner: Runner) -> None:
    (runner.work / "mobilenet_v1").write_text("what * would become")
    done = runner.run("check", ARGS=words)

    assert 2 == done.returncode
    assert "Error:" in done.stderr
    assert ["mobilenet_v1"] == [file.name for file in runner.work.iterdir()]
    assert not runner.summary.exists()


def test_the_sweep_step_draws_into_a_file_and_the_summary(runner: Runner) -> None:
    runner.summary.write_text("a line before\n")
    done = runner.run("sweep", SWEEP="mobilenet_v1 --alpha 0.5:1:0.25 --resolution 160,224", PLOT="my plot.svg")

    assert 0 == done.returncode, done.stderr
    assert "<svg" in (runner.work / "my plot.svg").read_text()
    summary = runner.summary.read_text()
    assert summary.startswith("a line before\n\n```mermaid\n%%{init: ")
    assert '  line "resolution 224" [149.49709, 325.40045, 568.74035]\n```\n\nmobilenet\\_v1, convention' in summary
    assert "\n\nmobilenet\\_v1: 6 points\n\n| network " in summary
    assert "a line before" + (runner.folder / "costcalc.md").read_text() == summary.replace("before\n", "before")


@pytest.mark.slow
def test_a_sweep_of_more_lines_than_a_chart_holds_is_a_table(runner: Runner) -> None:
    done = runner.run("sweep", SWEEP="mobilenet_v1 --alpha 0.5,1 --resolution 96:224:8", PLOT="plot.svg")

    assert 0 == done.returncode
    assert "17 lines in one chart" in done.stderr
    assert "mermaid" not in runner.summary.read_text()
    assert "mobilenet\\_v1: 34 points" in runner.summary.read_text()


def test_a_wrong_sweep_fails(runner: Runner) -> None:
    assert 2 == runner.run("sweep", SWEEP="mobilnet_v1 --alpha 0.5,1", PLOT="plot.svg").returncode


@pytest.mark.slow
def test_both_steps_draw_the_base_branch_behind(runner: Runner) -> None:
    write_branches(runner.work, runner.work / "the base")
    check = runner.run("check", ARGS="scaled.yaml --max-params 1k", BASE="the base")
    sweep = runner.run("sweep", SWEEP="scaled.yaml --alpha 0.5,1", PLOT="plot.svg", BASE="the base")
    summary = runner.summary.read_text()

    assert (0, 0) == (check.returncode, sweep.returncode), check.stderr + sweep.stderr
    assert '  line "base branch" [22, 44, 66, 88]\n' in summary
    assert '  line "base branch" [2.816, 5.632]\n' in summary


@pytest.mark.parametrize(
    ("known", "method", "last"), [("", "POST", "9/comments"), ("12\n34\n", "PATCH", "comments/34")]
)
def test_the_comment_step_writes_one_comment(known: str, method: str, last: str, runner: Runner) -> None:
    """With a stand-in for GitHub's own program that notes what it is asked; a comment of before is written anew."""
    asked = runner.folder / "asked"
    (runner.folder / "gh").write_text(
        f'#!/bin/sh\necho "$@" >> {shlex.quote(str(asked))}\n'
        f"case $2 in --method) ;; *) printf {shlex.quote(known)} ;; esac\n"
    )
    (runner.folder / "gh").chmod(0o755)
    (runner.folder / "costcalc.md").write_text("### the budget holds\n")
    done = runner.run(
        "comment", COMMENTS="repos/o/r/issues/9/comments", ONE="repos/o/r/issues/comments",
        PATH=f"{runner.folder}:{os.environ['PATH']}",
    )  # fmt: skip
    first, second = asked.read_text().splitlines()

    assert 0 == done.returncode, done.stderr
    assert first.startswith("api repos/o/r/issues/9/comments --paginate --jq ")
    assert re.fullmatch(rf"api --method {method} \S+/{last} --field body=@\S+/comment.md", second)
    assert "<!-- costcalc -->\n### the budget holds\n" == (runner.folder / "comment.md").read_text()


def test_the_install_step_installs_the_actions_own_checkout(runner: Runner) -> None:
    """With a stand-in for Python that notes what it is asked, and makes a venv as it does on Linux."""
    python, asked = runner.folder / "python", runner.folder / "asked"
    python.write_text(
        f'#!/bin/sh\necho "$@" >> {shlex.quote(str(asked))}\n'
        f'if [ "$2" = venv ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; fi\n'
    )
    python.chmod(0o755)
    done = runner.run("install", PYTHON=str(python), SOURCE=str(ROOT))

    assert 0 == done.returncode, done.stderr
    assert [f"-m venv {runner.folder}/costcalc", f"-m pip install --quiet --disable-pip-version-check {ROOT}"] == (
        asked.read_text().splitlines()
    )
    assert f"costcalc={runner.folder}/costcalc/bin/costcalc\n" == runner.output.read_text()


# The hook


def test_the_hook_runs(tmp_path: Path) -> None:
    """Its entry is a command of the package, and runs in a repository with budgets."""
    (hook,) = document(".pre-commit-hooks.yaml")
    program, *arguments = shlex.split(hook["entry"])
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    (tmp_path / "costcalc.toml").write_text('[[check]]\nnetwork = "mobilenet_v1"\nmax-params = "4M"\n')

    assert ("costcalc-check", "python", False) == (hook["id"], hook["language"], hook["pass_filenames"])
    assert program in scripts
    done = subprocess.run(
        [sys.executable, "-m", program, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (1, "the budget does not hold") == (done.returncode, done.stdout.splitlines()[0])


@pytest.mark.parametrize(
    ("file", "runs"),
    [
        ("costcalc.toml", True),
        ("part/pyproject.toml", True),
        ("nets/mine.yaml", True),
        ("nets/mine.yml", True),
        ("main.py", False),
        ("other.toml", False),
    ],
)
def test_the_hook_runs_for_files_that_matter(file: str, runs: bool) -> None:
    (hook,) = document(".pre-commit-hooks.yaml")

    assert runs is (re.search(hook["files"], file) is not None)


def test_the_docs_name_the_hook() -> None:
    assert "- id: costcalc-check\n" in (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")


# The project's own workflow


def test_the_workflow_runs_the_tests_on_every_python_of_the_package() -> None:
    jobs = document(".github/workflows/ci.yml")["jobs"]
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    pythons = [name.rpartition(" ")[2] for name in classifiers if re.search(r":: 3\.\d+$", name)]

    assert pythons == jobs["tests"]["strategy"]["matrix"]["python"]
    assert {"run": ".ci/run"} in jobs["tests"]["steps"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


PYTHON = """\
#!/bin/sh
# python3 -m venv FOLDER: programs that tell that they ran; $FAILS does not succeed
mkdir -p "$3/bin"
for name in pip uv pytest ruff mypy; do
    printf '#!/bin/sh\\necho %s\\n[ %s != "$FAILS" ]\\n' $name $name >"$3/bin/$name"
    chmod +x "$3/bin/$name"
done
"""


@pytest.mark.parametrize(
    ("command", "programs"),
    [
        (["run"], "pip pytest ruff mypy"),
        (["versions", "lowest"], "pip uv pytest"),
        (["versions", "newest"], "pip uv pytest"),
    ],
)
def test_nothing_runs_after_what_fails(command: list[str], programs: str, tmp_path: Path) -> None:
    """Not even where the later steps would succeed: no tests is no pass."""
    copied = Path(shutil.copytree(ROOT / ".ci", tmp_path / ".ci"))
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin" / "python3"
    python.write_text(PYTHON)
    python.chmod(0o755)
    for fails in ["", *programs.split()]:
        given = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "FAILS": fails, "TMPDIR": str(tmp_path)}
        done = subprocess.run(
            [copied / command[0], *command[1:]], env=given, capture_output=True, text=True, check=False
        )
        ran = done.stdout.split()

        assert done.returncode == (1 if fails else 0), (fails, done.stderr)
        assert ran[-1] == (fails or programs.rsplit(maxsplit=1)[-1])
        assert set(ran) <= set(programs.split())


def test_the_workflow_uses_the_action_with_its_own_inputs(runner: Runner) -> None:
    """And the sweep that it asks for can be drawn."""
    steps = document(".github/workflows/ci.yml")["jobs"]["budgets"]["steps"]
    (used,) = [step["with"] for step in steps if step["uses"] == "./"]

    assert set(used) <= set(ACTION["inputs"])
    assert (ROOT / used["config"]).is_file()
    assert 0 == runner.run("sweep", SWEEP=used["sweep"], PLOT=used["plot"]).returncode


def test_the_projects_own_budgets_hold_and_leave_no_room() -> None:
    """They are what the networks cost, so that the smallest growth is seen."""
    outcomes = costcalc.check_config(str(ROOT / "costcalc.toml"))

    assert len(outcomes) > 10
    assert [] == [str(outcome.subject) for outcome in outcomes if outcome.room != 0]
