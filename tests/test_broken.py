"""Every mistake that a person can make in a spec, with its whole message. `pytest --update` rewrites the messages."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from costcalc.cli import main

BROKEN = Path(__file__).parent / "broken"
FILES = sorted(BROKEN.glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_message(file: Path, update: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2, nothing on stdout, the message word for word, within a second."""
    monkeypatch.chdir(BROKEN)
    start = time.process_time()

    result = CliRunner().invoke(main, ["report", f"./{file.name}"])

    assert time.process_time() - start < 1
    assert (2, "") == (result.exit_code, result.stdout)
    expected = file.with_suffix(".txt")
    if update:
        expected.write_text(result.stderr, encoding="utf-8")
    assert expected.read_text(encoding="utf-8") == result.stderr


def test_every_message_belongs_to_a_file() -> None:
    assert [file.stem for file in FILES] == sorted(file.stem for file in BROKEN.glob("*.txt"))


def test_every_message_names_its_place() -> None:
    """file:line:column on the first line."""
    for file in FILES:
        first = file.with_suffix(".txt").read_text(encoding="utf-8").split("\n")[0]

        assert first.startswith(f"./{file.name}:"), first
