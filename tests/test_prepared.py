"""Answers that a wheel holds: the same as those that are worked out, and given while their sources are as they were."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import costcalc
from costcalc import prepare, prepared
from costcalc.cli import main
from costcalc.spec import catalogue


@pytest.fixture(autouse=True)
def forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test looks at the sources itself."""
    monkeypatch.setattr(prepared, "_is_current", prepared._is_current.__wrapped__)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of one module and one spec, with an answer about them."""
    folder = tmp_path / "costcalc"
    for name, text in (("engine.py", "TWO = 2\n"), ("specs/networks/a.yaml", "name: a\n"), ("cli/list.py", "")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(prepared, "PACKAGE", folder)
    answers(folder, {"a": [1, 2]})
    return folder


def answers(folder: Path, known: dict[str, Any]) -> None:
    """Put answers into a package."""
    for name, answer in known.items():
        file = folder / prepared.FOLDER / f"{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(prepared.sealed(json.dumps(answer).encode()))
    (folder / prepared.FOLDER / prepared.SUMS).write_text(prepared.sums(), encoding="utf-8")


def test_an_answer_is_given(package: Path) -> None:
    assert prepared.answer("a") == [1, 2]


def test_what_was_not_prepared_is_none(package: Path) -> None:
    assert prepared.answer("b") is None
    assert prepared.answer("a", "b") is None


@pytest.mark.parametrize("name", ["../a", "/a", "", "..", "A", "a/../a", "."])
def test_a_name_stays_within_the_folder(package: Path, name: str) -> None:
    assert prepared.answer(name) is None


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("engine.py", "TWO = 3\n"),
        ("engine.py", "TWO = 20\n"),
        ("specs/networks/a.yaml", "name: b\n"),
        ("specs/networks/b.yaml", ""),
        ("further/module.py", ""),
        ("prepared/sources.txt", ""),
        ("prepared/sources.txt", "\udcff"),
    ],
)
def test_a_changed_source_is_noticed(package: Path, file: str, text: str) -> None:
    (package / file).parent.mkdir(exist_ok=True)
    (package / file).write_text(text, encoding="utf-8", errors="surrogateescape")

    assert prepared.answer("a") is None


def test_a_source_that_is_gone_is_noticed(package: Path) -> None:
    (package / "engine.py").unlink()

    assert prepared.answer("a") is None


@pytest.mark.parametrize("text", [b"", b"\n", b"[]", b"00000000\n[1, 2]", b"\xff", prepared.sealed(b"[1, 2]")[:-1]])
def test_a_damaged_answer_is_none(package: Path, text: bytes) -> None:
    (package / "prepared" / "a.json").write_bytes(text)

    assert prepared.answer("a") is None


def test_no_source_is_read_where_nothing_was_prepared(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (package / "prepared" / "sources.txt").unlink()
    monkeypatch.setattr(prepared, "sums", pytest.fail)

    assert prepared.answer("a") is None


def test_what_the_command_line_alone_does_changes_no_answer(package: Path) -> None:
    (package / "cli" / "list.py").write_text("import os\n", encoding="utf-8")

    assert prepared.answer("a") == [1, 2]


def test_sums_of_a_wheel_are_those_of_the_checkout(package: Path) -> None:
    inside = prepared.sums()
    (package / "specs").rename(package.parent / "specs")

    assert inside == prepared.sums()


def run(*words: str) -> str:
    """What the program prints."""
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    return done.output


SHORT = ("lenet5", "mobilenet_v1", "x3d_xs")


@pytest.fixture
def prepares(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The answers of a short catalogue, for some of its networks, as a wheel would hold them."""
    files = ("lenet", "mobilenet_v1", "x3d")
    monkeypatch.setattr(catalogue, "specs", lambda: tuple(catalogue._network_file(name, True) for name in files))
    monkeypatch.setattr(prepared, "PACKAGE", tmp_path)
    known = short_answers()
    (tmp_path / "specs").mkdir()
    (tmp_path / "engine.py").write_text("", encoding="utf-8")
    return dict(known)


short_answers = cache(lambda: dict(prepare.answers()))
"""Of the short catalogue."""


@pytest.mark.parametrize(
    "words",
    [
        *(("report", name) for name in SHORT),
        *(
            ("report", "lenet5", "--format", format)
            for format in ("markdown", "latex", "html", "csv", "json", "mermaid")
        ),
        ("list",),
        ("list", "LeNet", "--format", "json"),
        ("list", "--family", "lenet"),
        ("list", "slowfast"),
        ("list", "keras/mob", "--format", "csv"),
        ("verify", "--format", "csv"),
    ],
    ids=" ".join,
)
def test_prepared_is_worked_out(words: tuple[str, ...], prepares: dict[str, Any], tmp_path: Path) -> None:
    """Whatever is asked for, the text is the same to the last sign."""
    worked_out = run(*words)
    answers(tmp_path, prepares)

    assert worked_out == run(*words)


def test_the_prepared_is_what_is_shown(prepares: dict[str, Any], tmp_path: Path) -> None:
    """It is read: a wrong one shows."""
    prepares["tables/lenet5"] = prepares["tables/lenet5"]._replace(title="another title")
    prepares["networks"]["note"] = "another note"
    prepares["checks"] = prepares["checks"][:1]
    answers(tmp_path, prepares)

    assert "another title" in run("report", "lenet5")
    assert "another note" in run("list")
    assert len(costcalc.verify()) == 1
    assert "another title" not in run("report", "lenet5", "--by", "stage")
    assert "another note" not in run("list", "--sort", "params")


ALONE = """
import sys
class Missing:
    def find_spec(self, name, *rest):
        if name in ("numpy", "click", "rich", "tabulate", "sympy", "matplotlib"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
from costcalc import prepare
from costcalc.spec import catalogue
files = [catalogue._network_file(name, True) for name in ("lenet", "x3d")]
catalogue.specs = lambda: files
print(sorted(dict(prepare.answers())))
"""


def test_a_build_needs_nothing_but_pyyaml() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=True)

    assert "tables/lenet5" in done.stdout


LIGHT = """
import sys
from costcalc import prepared
from costcalc.cli import main
prepared.answer = lambda *names: {"rows": [ROW], "note": ""} if names == ("networks",) else TABLE
main.main(sys.argv[1:], standalone_mode=False)
heavy = {"yaml", "rich", "costcalc.measures", "costcalc.operators", "costcalc.network"}
print(sorted(heavy & {*sys.modules}))
"""
ROW = {"network": "lenet5", "title": "", "family": "lenet", "year": 1998, "input": "", "classes": 10, "params": 1}
TABLE = ["", ["layer"], [False], [0], [["conv1"]], ["total"], [1.0], []]


@pytest.mark.parametrize("words", [["list"], ["list", "lenet"], ["list", "--family", "lenet"], ["report", "lenet5"]])
def test_what_was_prepared_is_shown_without_what_would_work_it_out(words: list[str]) -> None:
    code = LIGHT.replace("ROW", repr(ROW)).replace("TABLE", repr(TABLE))
    own = dict(os.environ)  # without what readline says of this terminal
    done = subprocess.run([sys.executable, "-c", code, *words], env=own, capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.splitlines()[-1]


@pytest.mark.slow
def test_every_answer_is_worked_out_for_the_whole_catalogue(tmp_path: Path) -> None:
    """What the build writes for each network is its report."""
    prepare.write(tmp_path)

    for file in (tmp_path / "tables").iterdir():
        assert json.loads(file.read_bytes().partition(b"\n")[2])[0] == costcalc.load(file.stem).report().title
    assert json.loads((tmp_path / "checks.json").read_bytes().partition(b"\n")[2]) == [
        check.as_dict() for check in costcalc.verify()
    ]
