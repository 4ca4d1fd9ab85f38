"""Exact counts of other implementations, compared with ==."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

import costcalc

GOLDEN = Path(__file__).parent / "golden"


def read_rows(files: Iterable[Path]) -> list[dict[str, str]]:
    """The rows of CSV files; lines that begin with # are remarks."""
    rows = []
    for file in sorted(files):
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        rows.extend({**row, "file": file.name} for row in csv.DictReader(lines))
    return rows


def settings_of(text: str) -> dict[str, Any]:
    """`alpha=0.5 resolution=160` as keyword arguments."""
    return dict(pair.split("=") for pair in text.split())


def name_of(row: dict[str, str]) -> str:
    """How pytest names the row."""
    return "-".join(filter(None, [row.get("reference", ""), row["network"], row["settings"]])).replace(" ", "-")


TOTALS = read_rows(file for file in GOLDEN.glob("*.csv") if not file.name.endswith(".layers.csv"))
LAYERS = read_rows(GOLDEN.glob("*.layers.csv"))


@pytest.mark.parametrize("row", TOTALS, ids=name_of)
def test_totals(row: dict[str, str]) -> None:
    """Equal to the last unit, in multiply-adds and parameters (a blank cell: the source does not say)."""
    totals = costcalc.load(row["network"], **settings_of(row["settings"])).report().totals

    for figure, found in (("mult_adds", totals.total), ("params", totals.params)):
        assert not row[figure] or int(row[figure]) == found, (figure, row["source"])
    assert row["mult_adds"] or row["params"]


@pytest.mark.parametrize("row", LAYERS, ids=name_of)
def test_layers(row: dict[str, str]) -> None:
    """The same layers: as many of each cost and number of weights."""
    expected = Counter(
        (int(line["macs"]), int(line["weights"])) for line in read_rows([GOLDEN / "layers" / f"{row['reference']}.csv"])
    )
    report = costcalc.load(row["network"], **settings_of(row["settings"])).report(by="node")

    assert expected == Counter((layer.total, layer.weights) for layer in report.layers if layer.total)


def test_every_layer_file_is_used() -> None:
    assert {file.stem for file in (GOLDEN / "layers").glob("*.csv")} == {row["reference"] for row in LAYERS}


def test_there_is_something_to_compare() -> None:
    """An empty folder is no success."""
    assert len(TOTALS) > 40
    assert len(LAYERS) > 10
