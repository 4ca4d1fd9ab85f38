"""Sweeps written as they are computed: the same rows in every format, whole files, and the search within budgets."""

from __future__ import annotations

import csv
import gc
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from catalogued import each
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import costcalc
from costcalc.cli import main
from costcalc.report.data import stream

SWEEPS: list[tuple[tuple[str, ...], dict[str, Any]]] = [
    (("mobilenet_v1",), {"alpha": "0.25:1:0.25", "resolution": "128:224:32"}),
    (("mobilenet_v1@alpha=0.5", "mobilenet_v2"), {"resolution": [96, 224]}),
    (("alexnet", "vgg16"), {"resolution": [20, 224], "beta": ["1", "6/7"]}),
    (("shufflenet_v1",), {"groups": [1, 3], "alpha": ["1/2", 1], "batch": [1, 2]}),
    (("vgg16@alpha=0.5@separable",), {"norm": ["none", "bn"], "resolution": [224, 320]}),
]


def written(file: Path) -> list[dict[str, Any]]:
    """The rows of a file as Python values; in CSV all are text."""
    if file.suffix == ".csv":
        return list(csv.DictReader(io.StringIO(file.read_text())))
    if file.suffix == ".jsonl":
        return [json.loads(line) for line in file.read_text().splitlines()]
    rows: list[dict[str, Any]] = pyarrow.parquet.read_table(file).to_pylist()
    return rows


WAYS = [(ending, points) for ending in ("csv", "jsonl", "parquet") for points in (1, 3, 1 << 16)]
CASES = [(number, *way) for number in range(len(SWEEPS)) for way in WAYS]
SQUARE = [(number, *WAYS[at % len(WAYS)]) for number in range(len(SWEEPS)) for at in (number, number + 5)]
"""Each sweep, each ending and each size of the blocks, no two of them always together."""


@pytest.mark.parametrize("case", each(CASES, SQUARE), ids=str)
def test_the_rows_are_those_of_the_sweep(
    case: tuple[int, str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the size of the blocks; points without a network are left out and told."""
    number, ending, points = case
    networks, axes = SWEEPS[number]
    monkeypatch.setattr(stream, "BLOCK", points)
    file = tmp_path / f"sweep.{ending}"
    swept = costcalc.sweep(*networks, axes=axes, skip_invalid=True)

    told = costcalc.sweep_to(str(file), *networks, axes=axes, skip_invalid=True)

    expected: list[dict[str, Any]] = swept.written
    if ending == "csv":
        expected = [{key: "" if value is None else str(value) for key, value in row.items()} for row in expected]
    assert expected == written(file)
    assert bool(told) == bool(swept.invalid) == ("alexnet" in networks)


def test_processes_keep_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BLOCK", 7)
    axes = {"alpha": "0.05:1:0.05", "resolution": "128:224:32"}
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    heard: list[tuple[int, int]] = []

    costcalc.sweep_to(str(one), "mobilenet_v2", axes=axes)
    costcalc.sweep_to(
        str(two), "mobilenet_v2", axes=axes, jobs=2, advance=lambda done, points: heard.append((done, points))
    )

    assert one.read_bytes() == two.read_bytes()
    assert (80, 80) == heard[-1]
    assert 81 == len(one.read_text().splitlines())


def run(*args: str) -> str:
    """What a command prints, as if piped."""
    result = CliRunner().invoke(main, ["sweep", *args])
    assert (0, "") == (result.exit_code, result.stderr)
    return result.stdout


def test_the_ending_says_the_format(tmp_path: Path) -> None:
    starts = {
        "csv": "network,alpha",
        "jsonl": '{"network": ',
        "json": "[\n {",
        "md": "mobilenet\\_v1",
        "html": "<!doctype html>",
    }

    for ending, start in starts.items():
        file = tmp_path / f"sweep.{ending}"
        run("mobilenet_v1", "-a", "0.5,1", "-o", str(file))
        assert file.read_text().startswith(start)


def test_an_ending_that_the_command_cannot_write(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["report", "lenet5", "-o", str(tmp_path / "a.parquet")])

    assert (2, []) == (result.exit_code, list(tmp_path.iterdir()))
    assert (
        "a.parquet: report writes no parquet\n  expected: --format csv, html, json, latex, markdown, mermaid or table"
        in result.stderr
    )


def test_a_budget_keeps_the_points_within(tmp_path: Path) -> None:
    """Of the sixteen models of the MobileNet paper, those of at most 150M."""
    grid = ["mobilenet_v1", "-a", "0.25:1:0.25", "-r", "128:224:32", "--max-mult-adds", "150M"]
    found = [json.loads(line) for line in run(*grid, "-f", "jsonl").splitlines()]

    assert 9 == len(found)
    assert 149_497_088 == max(row["mult_adds"] for row in found)
    assert "9 points within max-mult-adds 150M" in run(*grid)


def test_an_interrupt_leaves_no_half_file(tmp_path: Path) -> None:
    hear = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # a job in the background is deaf
    code = f"{hear}; from costcalc.cli import main; main(prog_name='costcalc')"
    grid = ["mobilenet_v1", "-a", "0.0001:1:0.0001", "-r", "32:10031:1", "-o", str(tmp_path / "big.csv")]
    process = subprocess.Popen([sys.executable, "-c", code, "sweep", *grid], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not any(file.stat().st_size for file in tmp_path.iterdir()):  # until something has been written
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    assert (130, "ended by SIGINT") == (process.returncode, errors.strip())
    assert [] == list(tmp_path.iterdir())


def test_a_reader_that_stops_early_is_no_error() -> None:
    grid = "mobilenet_v1 -a 0.001:1:0.001 -r 100:1099:1 -f csv"
    command = f'"{sys.executable}" -m costcalc sweep {grid} | head -2'
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True, env={**os.environ})

    assert ("", 2) == (done.stderr, len(done.stdout.splitlines()))


@pytest.mark.parametrize("file", ["no/such/folder/a.csv", "."])
def test_a_file_that_cannot_be_written(file: str, tmp_path: Path) -> None:
    with pytest.raises(costcalc.UsageError, match="expected: a file that can be written"):
        costcalc.sweep_to(str(tmp_path / file), "mobilenet_v1", axes={"alpha": "1"}, format="csv")


def test_what_is_not_whole_does_not_look_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a point has no network, Arrow writes no footer when it lets go, nor into a file that is closed."""
    ignored: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", ignored.append)
    out = io.BytesIO()
    for target in (out, str(tmp_path / "a.parquet")):
        with pytest.raises(costcalc.UsageError, match="a window of 5 does not fit"):
            costcalc.sweep_to(target, "lenet5", axes={"resolution": [32, 4]}, format="parquet")
    gc.collect()

    assert [] == ignored
    assert b"PAR1" == out.getvalue()  # the head alone


def test_a_figure_past_int64() -> None:
    """Exact as text; Parquet cannot hold it, and says so."""
    axes = {"alpha": ["64"], "resolution": ["65536"], "batch": [1 << 20]}
    out = io.BytesIO()
    costcalc.sweep_to(out, "vgg16", axes=axes, format="csv")
    row = next(csv.DictReader(io.StringIO(out.getvalue().decode())))
    totals = costcalc.load("vgg16", alpha=64, resolution=65536, batch=1 << 20).report().totals

    assert totals.total == int(row["mult_adds"]) > 2**63
    with pytest.raises(costcalc.UsageError, match="mult_adds is past 2\\^63, more than Parquet holds"):
        costcalc.sweep_to(io.BytesIO(), "vgg16", axes=axes, format="parquet")


@settings(max_examples=settings().max_examples // 2)
@given(
    st.sampled_from(["mobilenet_v1", "mobilenet_v2", "shufflenet_v2_x1_0", "vgg16"]),
    st.integers(5, 60).map(lambda millions: millions * 10_000_000),
    st.integers(1, 40).map(lambda millions: millions * 500_000),
)
def test_the_widest_settings_fit_and_the_next_ones_do_not(network: str, mult_adds: int, params: int) -> None:
    axes = {"alpha": "0.1:2:0.1", "resolution": "96:256:32"}
    budget = {"mult_adds": mult_adds, "params": params}
    every = costcalc.sweep(network, axes=axes, skip_invalid=True).rows
    fitting = {(float(row["alpha"]), row["resolution"]) for row in every if all(row[k] <= budget[k] for k in budget)}
    try:
        found = costcalc.widest(network, axes, max_mult_adds=mult_adds, max_params=params).rows
    except costcalc.UsageError as error:
        assert "fits: the cheapest has" in error.message
        found = []

    widest = {
        point
        for point in fitting
        if not any(other != point and other[0] >= point[0] and other[1] >= point[1] for other in fitting)
    }
    assert widest == {(float(row["alpha"]), row["resolution"]) for row in found}
    assert all(set(row["binds"].split(" and ")) <= {*budget, "end of the grid"} for row in found)


def test_the_search_without_a_grid() -> None:
    """At 224, 150M are MobileNetV1's published 0.5; three million parameters stop the width at 128 first."""
    rows = costcalc.widest("mobilenet_v1", max_mult_adds="150M", max_params="3M").rows
    by_side = {row["resolution"]: row for row in rows}

    assert (0.5, 149_497_088, "mult_adds") == tuple(by_side[224][key] for key in ("alpha", "mult_adds", "binds"))
    assert "params" in by_side[128]["binds"]
    assert "mobilenet_v1: the widest within max-mult-adds 150M" in run(
        "mobilenet_v1", "--best", "--max-mult-adds", "150M"
    )
