"""A repository with a small network and its budgets, for the tests of check."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from costcalc.cli import main

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


SCALED = """\
costcalc: 1
name: scaled
input: 8x8x3
settings: {alpha: {default: 1}}
widths: {scale: alpha, round: floor}
layers:
- {op: conv, k: 1, out: 16}
- {op: conv, k: 1, out: 8}
"""
"""Mult-Adds: 64 (3 x 16 + 16 x 8), parameters: 3 x 16 + 16 + 16 x 8 + 8; with 8 instead of 16 in the base branch."""


def write_branches(here: Path, base: Path) -> None:
    """`scaled.yaml` as it is here, and as it was in the base branch."""
    base.mkdir()
    (here / "scaled.yaml").write_text(SCALED, encoding="utf-8")
    (base / "scaled.yaml").write_text(SCALED.replace("16", "8"), encoding="utf-8")


def run(*args: str, stdin: str | None = None) -> Result:
    """`costcalc check`, as if piped."""
    return CliRunner().invoke(main, ["check", *args], input=stdin)


def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a repository, as the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    (tmp_path / ".git").mkdir()
    (tmp_path / "tiny.yaml").write_text(TINY)
    return tmp_path


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
