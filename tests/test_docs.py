"""The documentation is executed: commands, outputs, generated pages."""

from __future__ import annotations

import contextlib
import re
import shlex
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from importlib.metadata import version
from itertools import chain
from pathlib import Path

import pytest
from click.testing import CliRunner
from make import makers
from making_console import examples, in_a_shell, with_outputs

import costcalc
from costcalc.cli.main import COMMANDS, main
from costcalc.graph import bind, expand
from costcalc.recipes import load_recipe
from costcalc.spec import catalogue
from costcalc.spec.loader import load_source
from costcalc.spec.tree import Source
from costcalc.typed.devices import load_device

ROOT = Path(__file__).parent.parent


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


CONSTRAINTS = ROOT / "constraints.txt"


def pinned(package: str) -> set[str]:
    """The versions of a package that the development set has, one for each range of Pythons."""
    return set(re.findall(rf"^{package}==([^ \n]+)", CONSTRAINTS.read_text(encoding="utf-8"), re.MULTILINE))


SLOW = {"index.csv", "mobilenets.svg", "sixteen.svg", "vgg16.svg"}
"""The structures of all networks, of which test_identify.py builds some by default; pictures of two kinds stay."""


def _heavy(path: Path) -> tuple[pytest.MarkDecorator, ...]:
    return (pytest.mark.slow,) if path.name in SLOW else ()


@pytest.mark.parametrize(
    ("path", "made"), [pytest.param(*item, id=item[0].name, marks=_heavy(item[0])) for item in makers().items()]
)
def test_generated_page_is_current(path: Path, made: Callable[[], str]) -> None:
    """`python docs/make.py` would change nothing. Another Matplotlib than the pinned one sets texts a hair apart."""
    text, current = made(), path.read_text(encoding="utf-8")
    if "matplotlib" in current[:2000].lower() and version("matplotlib") not in pinned("matplotlib"):
        text, current = (re.sub(r"-?[0-9]+(\.[0-9]+)*", "0", drawn)[:500] for drawn in (text, current))

    assert current == text


def test_every_dependency_is_pinned() -> None:
    """constraints.txt holds what pyproject.toml asks for, at a version that it allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for wanted in (*project["dependencies"], *chain(*project["optional-dependencies"].values())):
        name, least = wanted.lower().split(">=")

        assert pinned(name), name
        assert all(numbers(found) >= numbers(least) for found in pinned(name)), name


def numbers(text: str) -> list[int]:
    """A version as numbers."""
    return [int(part) for part in text.split(".")]


def at_hand(command: str, folder: Path) -> str:
    """What a command prints, without a process of its own; what a pipe leads to is left to the shell."""
    first, pipe, rest = command.partition(" | ")
    if {*first} & {*"<>;&$`|"}:
        return in_a_shell(command, folder)
    with contextlib.chdir(folder):
        result = CliRunner().invoke(main, shlex.split(first)[1:], prog_name="costcalc")
    if not pipe:
        return result.stdout + result.stderr
    done = subprocess.run(["sh", "-c", rest], input=result.stdout, capture_output=True, text=True, check=True)
    return done.stdout + result.stderr


CONSOLE = sorted({*PAGES} - {*makers()})


@pytest.mark.parametrize("page", CONSOLE, ids=lambda page: page.name)
def test_console_blocks_print_what_they_show(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert with_outputs(text, at_hand) == text


@pytest.mark.slow
@pytest.mark.parametrize("page", CONSOLE, ids=lambda page: page.name)
def test_console_blocks_print_so_in_a_shell(page: Path) -> None:
    """Each command in a process of its own, as a reader runs it."""
    text = page.read_text(encoding="utf-8")

    assert with_outputs(text) == text


def test_an_output_that_is_old_is_noticed() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8").replace("568,740,352", "568,740,353", 1)

    assert "568,740,353" not in with_outputs(text[: text.index("$ costcalc sweep")] + "```\n", at_hand)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_specs_in_the_docs_are_specs(page: Path, tmp_path: Path) -> None:
    """All of them; the one that shows an error is shown with it."""
    for language, body in examples(page.read_text(encoding="utf-8")):
        if language == "yaml" and "\ndevice:" in body:
            (tmp_path / "device.yaml").write_text(body, encoding="utf-8")
            load_device(str(tmp_path / "device.yaml"))
        elif language == "yaml" and "\nrecipe:" in body:
            (tmp_path / "recipe.yaml").write_text(body, encoding="utf-8")
            load_recipe(str(tmp_path / "recipe.yaml"))
        elif language == "yaml" and "costcalc: 1" in body and not ("# wrong" in body or "convention:" in body):
            expand(bind(load_source(Source.of(page.name, body), catalogue.find_blocks)))


@pytest.fixture
def own_measures() -> Iterator[None]:
    """What is added to the table of measures is gone afterwards."""
    before = dict(costcalc.MEASURES)
    yield
    costcalc.MEASURES.clear()
    costcalc.MEASURES.update(before)


PYTHON = [
    pytest.param(body, id=f"{page.name}{number}")
    for page in PAGES
    for number, (language, body) in enumerate(examples(page.read_text(encoding="utf-8")))
    if language == "python"
]


@pytest.mark.usefixtures("own_measures")
@pytest.mark.parametrize("body", PYTHON)
def test_python_in_the_docs_runs(body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # some write a file

    exec(compile(body, "docs", "exec"), {})


def test_every_command_is_in_the_table() -> None:
    page = (ROOT / "docs" / "usage.md").read_text(encoding="utf-8")

    assert [] == [command for command in COMMANDS if f"| `costcalc {command}" not in page]


def test_ci_runs_the_command_of_the_readme() -> None:
    command = (
        "python3 -m venv .venv && .venv/bin/pip install -q -c constraints.txt '.[test]' && .venv/bin/pytest -q -n auto"
    )

    assert command in (ROOT / "README.md").read_text(encoding="utf-8")
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert command.split(" && ") == [line for line in lines if line in command.split(" && ")]


def test_every_dependency_says_why() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    extras = [name for group in project["optional-dependencies"].values() for name in group]
    for name in (*project["dependencies"], *extras):
        plain = re.split(r"[<>=\[]", name)[0].lower()

        assert plain in listed or plain.startswith("types-"), plain


def test_docstrings_examples() -> None:
    """The examples in the package's docstrings."""
    import doctest

    from costcalc import api

    for module in (costcalc, api):
        result = doctest.testmod(module)

        assert result.attempted
        assert not result.failed
