"""Specs for the tests of what strangers write."""

from __future__ import annotations

from click.testing import CliRunner, Result

from costcalc.cli import main

SPEC = """costcalc: 1
name: mine
input: 8x8x3
layers:
- {op: conv, k: 3, out: 4}
- {op: cnov, out: 2}
"""
GOOD = SPEC.replace("cnov, out: 2", "gap")


def run(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))
