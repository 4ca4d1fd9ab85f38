"""Rows that the tests of pictures draw."""

from __future__ import annotations

from typing import Any

from click.testing import CliRunner, Result

from costcalc import api
from costcalc.cli import main

Rows = list[dict[str, Any]]


def run(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


def swept(*networks: str, total: str = "mult_adds", **axes: str) -> Rows:
    return [dict(row) for row in api.sweep(*networks, axes=axes, columns=[total, "params", "top1"]).drawn_rows]


TWO = swept("mobilenet_v1", "mobilenet_v2", alpha="0.5,0.75,1", resolution="128:224:32")
ACCURACY = swept("mobilenet_v2", alpha="0.35,0.5,0.75,1,1.3,1.4", resolution="96:224:32")
