"""Names of libraries: each is a name there, and costs what the library's own network costs."""

from __future__ import annotations

import csv

import pytest
from catalogued import each
from golden.libraries import names
from test_golden import GOLDEN, TOTALS, read_rows

import costcalc
from costcalc.analysis.identify.index import read_index

KNOWN = names.known_names()
COUNTS = {row["network"]: row for row in read_rows([GOLDEN / "libraries" / "counts.csv"])}
SAMPLE = {"timm/tinynet_e", "timm/resnet10t", "timm/mobilenetv1_100h", "keras/MobileNetV3Small_minimalistic"}
"""Small ones, of different families."""


def test_every_name_is_a_name_of_the_library() -> None:
    listed = {f"{row['library']}/{row['name']}" for row in read_rows([GOLDEN / "libraries" / "names.csv"])}

    assert set() == KNOWN - listed


def test_every_name_has_a_count() -> None:
    assert set() == KNOWN - {*COUNTS} - {row["network"] for row in TOTALS}


def test_mult_adds_and_weights_are_the_libraries() -> None:
    """Of all names, as `specs/index.csv` has them."""
    found = {one.network: (one.macs, one.weights) for one in read_index()}

    expected = {name: (int(row["mult_adds"]), int(row["weights"])) for name, row in COUNTS.items()}
    assert expected == {name: found[name] for name in expected}


@pytest.mark.parametrize("name", each(sorted(COUNTS), SAMPLE))
def test_input_and_params_are_the_libraries(name: str) -> None:
    network, row = costcalc.load(name), COUNTS[name]
    totals = network.report().totals

    assert (int(row["mult_adds"]), int(row["params"])) == (totals.total, totals.params)
    assert [int(row["input"])] * 2 == [*network.graph.input.spatial]


def test_names_are_listed_by_family(capsys: pytest.CaptureFixture[str]) -> None:
    names.main(["timm", "vgg"])

    assert "timm, vgg: costcalc has 8 of 8\n  * vgg11\n" in capsys.readouterr().out


def test_families_hold_every_name_once() -> None:
    with (names.HERE / "names.csv").open(encoding="utf-8") as lines:
        rows = [*csv.reader(line for line in lines if line[0] != "#")][1:]

    assert sorted(map(tuple, rows)) == sorted(
        (one.library, one.name, name) for one in names.families() for name in one.names
    )
