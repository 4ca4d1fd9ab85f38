"""`costcalc new`: a spec to start from."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from costcalc.cli import main


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


def test_it_reports_at_once() -> None:
    """Under its own name, with its settings, and without a note."""
    made = run("new", "my_net")
    shown = run("report", "my_net.yaml", "--alpha", "0.5", "--set", "classes=10")

    said = "my_net.yaml is written; `costcalc report my_net.yaml` says what it costs\n"
    assert (0, said) == (made.exit_code, made.stdout)
    assert (0, "my_net, input 224x224x3, alpha 0.5, classes 10") == (shown.exit_code, shown.stdout.splitlines()[0])
    assert "1x1x10 " in shown.stdout
    assert "note:" not in shown.stdout
    assert "mine" not in Path("my_net.yaml").read_text()


@pytest.mark.parametrize("name", ["net", "net.yaml", "../{folder}/net", "none/../net"])
def test_a_file_that_is_there_stays(name: str, folder: Path) -> None:
    Path("net.yaml").write_text("mine")
    name = name.format(folder=folder.name)

    refused = run("new", name)

    assert (2, "mine") == (refused.exit_code, Path("net.yaml").read_text())
    assert "--force" in refused.stderr
    assert 0 == run("new", name, "--force").exit_code
    assert "costcalc: 1" in Path("net.yaml").read_text()
    assert ["net.yaml"] == [file.name for file in folder.iterdir()]


@pytest.mark.parametrize(
    ("name", "message"),
    [("My Net", "did you mean 'my_net'?"), ("none/net", "no such file"), ("", "'.yaml' is no name of a network")],
)
def test_what_cannot_be_written(name: str, message: str, folder: Path) -> None:
    refused = run("new", name)

    assert (2, []) == (refused.exit_code, [*folder.iterdir()])
    assert message in refused.stderr
