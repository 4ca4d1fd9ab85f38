"""A table with new measures, and what commands print of them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import costcalc
from costcalc.cli import main
from costcalc.measures import Measure, Unit, peak, ratio, summed

SMALL = """\
costcalc: 1
name: small
input: 8x8x4
layers:
- first: {op: conv, k: 3, out: 4, norm: bn, act: relu}
- second: {op: conv, k: 1, out: 8, bias: true}
- {op: gap}
"""
"""First: 9 x 4 x 4 = 144 weights and 8 of a norm; second: 4 x 8 = 32 weights and 8 biases."""


NEW = {
    "bytes_per_param": Measure("bytes per parameter", ratio("weight_bytes", "params"), "Bytes of one parameter."),
    "stored": Measure("stored bytes", summed("bytes(weights + biases, weight_bits)"), "Without norms.", Unit.BYTES),
    "widest": Measure("widest", peak("written"), "Most elements that one layer writes.", old_names=("fattest",)),
}
"""The entries that a test adds: a ratio, a sum in bytes, and a peak with an older name."""


def add_measures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The new entries in the table, and the small network in the working folder."""
    for name, measure in NEW.items():
        monkeypatch.setitem(costcalc.MEASURES, name, measure)
    monkeypatch.chdir(tmp_path)
    Path("small.yaml").write_text(SMALL, encoding="utf-8")


def run(*args: str) -> Result:
    """A command that must not fail with a foreign exception."""
    result = CliRunner().invoke(main, args)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def printed(*args: str) -> str:
    """What a command prints that succeeds."""
    result = run(*args)

    assert (0, "") == (result.exit_code, result.stderr), args
    return result.stdout


def rows_of(*args: str) -> list[dict[str, str]]:
    """What a command prints as CSV."""
    return list(csv.DictReader(io.StringIO(printed(*args, "--format", "csv"))))
