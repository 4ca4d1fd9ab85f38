"""Where memory goes: the maps alive at the peak, their places in one arena, and the picture of it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rewriting import bodies, written

import costcalc
from costcalc.analysis.memory import alive_at, maps_of, placement
from costcalc.cli.main import main
from costcalc.report.plots.memory import bands, named, peak_of
from costcalc.storage.place import Lifetime, Strategy, arena, place

RESIDUAL = """costcalc: 1
name: residual
input: 8x8x4
layers:
- first: {op: conv, k: 3, out: 4, norm: bn, act: relu}
- second: {op: conv, k: 3, out: 8}
- third: {op: conv, k: 1, out: 4, norm: bn}
- sum: {op: add, from: [first, third], act: relu}
- flat: {op: flatten}
"""
"""8 x 8 maps of 4 channels are 1024 bytes; the norms and activations lie in them, the flattened map as well."""


def run(*args: str) -> Any:
    """The program with these arguments."""
    return CliRunner().invoke(main, args)


def test_the_maps_of_a_block_by_hand() -> None:
    """Four steps, one a layer that writes; the sum is the output, by another name."""
    maps = maps_of(costcalc.from_spec(RESIDUAL).ledger())

    assert [
        ("input", 1024, 1, 1, "first"),
        ("first", 1024, 1, 4, "sum"),
        ("second", 2048, 2, 3, "third"),
        ("third", 1024, 3, 4, "sum"),
        ("sum", 1024, 4, 4, "output"),
    ] == [(one.name, one.bytes, one.first, one.last, one.last_reader) for one in maps]


def test_what_is_alive_at_the_peak_by_hand() -> None:
    table = costcalc.from_spec(RESIDUAL).report().explain_peak()

    assert [
        {"map": "first", "shape": "8x8x4", "format": "float32", "bytes": 1024, "percent": 25.0,
         "written_at": 1, "last_read_at": 4, "last_read_by": "sum"},
        {"map": "second", "shape": "8x8x8", "format": "float32", "bytes": 2048, "percent": 50.0,
         "written_at": 2, "last_read_at": 3, "last_read_by": "third"},
        {"map": "third", "shape": "8x8x4", "format": "float32", "bytes": 1024, "percent": 25.0,
         "written_at": 3, "last_read_at": 4, "last_read_by": "sum"},
    ] == table.rows  # fmt: skip
    assert "3 maps of 4,096 bytes are alive at step 3 of 4: the peak" in str(table)


def test_what_is_alive_at_a_layer() -> None:
    """The input is there before the first step; a layer that owns nothing is asked for like any other."""
    report = costcalc.from_spec(RESIDUAL).report()
    first, flat = report.explain_peak("first"), report.explain_peak("flat")

    assert [("input", 0), ("first", 1)] == [(row["map"], row["written_at"]) for row in first.rows]
    assert ["1", "4"] == [str(row["last_read_at"]) for row in first.rows]  # as it prints: True is 1
    assert "2,048 bytes are alive at step 1 of 4: the peak is 4,096 at third" in str(first)
    assert ["sum"] == [row["map"] for row in flat.rows]
    assert "output" == flat.rows[0]["last_read_by"]


def test_formats_of_maps_are_their_own() -> None:
    """The first map in int4, the input in int8: each fills whole bytes."""
    table = costcalc.from_spec(RESIDUAL).report(activations="first=int4,input=int8,float16").explain_peak("first")

    assert [("input", "int8", 256), ("first", "int4", 128)] == [
        (row["map"], row["format"], row["bytes"]) for row in table.rows
    ]


def test_maps_of_few_bits_fill_whole_bytes_each() -> None:
    """Two maps of three values of four bits are two bytes each, not three together."""
    text = "costcalc: 1\nname: t\ninput: 1x1x3\nlayers:\n- {op: conv, out: 3}\n"
    ledger = costcalc.from_spec(text).ledger(dtype="int4")

    assert 2 + 2 == ledger["peak_activation_bytes"] == sum(one.bytes for one in alive_at(ledger).maps)


@given(st.data(), st.sampled_from(["float32", "int4", "binary"]), st.sampled_from(["written", "minimal"]))
def test_what_is_alive_adds_up_to_the_figure(data: Any, dtype: str, schedule: str) -> None:
    """At the peak and at every layer, in every order and format."""
    ledger = costcalc.from_spec(written(data.draw(bodies()))).ledger(dtype=dtype, schedule=schedule)

    assert ledger["peak_activation_bytes"] == alive_at(ledger).bytes
    for name, layer in ledger.layers.items():
        assert layer["live_bytes"] == alive_at(ledger, name).bytes


@pytest.mark.parametrize("strategy", [None, *Strategy])
@given(data=st.data())
def test_no_two_maps_that_are_alive_together_overlap(data: Any, strategy: Strategy | None) -> None:
    schedule = data.draw(st.sampled_from(["written", "minimal"]))
    found = placement(costcalc.from_spec(written(data.draw(bodies()))).ledger(schedule=schedule), strategy)

    _check(found.maps, found.offsets)
    assert (
        found.peak
        <= found.arena
        == max(offset + one.bytes for one, offset in zip(found.maps, found.offsets, strict=True))
    )


def _check(maps: Any, offsets: Any) -> None:
    placed = list(zip(maps, offsets, strict=True))
    for index, (one, offset) in enumerate(placed):
        assert offset >= 0
        for other, below in placed[:index]:
            apart = one.last < other.first or other.last < one.first
            assert apart or offset + one.bytes <= below or below + other.bytes <= offset


@pytest.mark.parametrize("name", ["mobilenet_v2", "resnet50", "densenet121", "inception_v3", "nasnet_a_mobile"])
def test_placements_of_large_networks(name: str) -> None:
    """Valid, and the better of the two strategies where none is asked for."""
    ledger = costcalc.load(name).ledger()
    tried = {strategy: placement(ledger, strategy) for strategy in Strategy}
    for found in tried.values():
        _check(found.maps, found.offsets)
        assert found.arena >= found.peak

    assert min(found.arena for found in tried.values()) == placement(ledger).arena


def test_chains_need_no_more_than_their_peak() -> None:
    """Of a chain only two neighbours are alive: they lie at the two ends."""
    for name in ("vgg16", "mobilenet_v1", "alexnet"):
        found = placement(costcalc.load(name).ledger(), Strategy.SIZE)

        assert found.peak == found.arena


def test_the_gap_that_fits_best_by_hand() -> None:
    """By size: 8 at 0, then 5 beside it at 8, 4 beside the 8 alone at 8, 3 beside the 5: in the gap of 8 below it;
    2 beside the 5 and the 3: in the 5 left below, not above. The longest-lived first: the 2 at 0."""
    maps = [Lifetime(8, 1, 2), Lifetime(5, 2, 4), Lifetime(4, 1, 1), Lifetime(3, 4, 4), Lifetime(2, 3, 6)]

    assert (0, 8, 8, 0, 3) == place(maps, Strategy.SIZE).offsets
    assert (7, 2, 0, 7, 0) == place(maps, Strategy.LIFETIME).offsets
    assert 13 == arena(maps, place(maps, Strategy.SIZE).offsets)
    assert 15 == arena(maps, place(maps, Strategy.LIFETIME).offsets)
    assert Strategy.SIZE is place(maps).strategy


def test_a_smaller_gap_is_taken_before_a_larger_one() -> None:
    """At the third step 20 bytes are free at 0 and 18 at 39: what needs 16 lies in the 18, what needs 15 in the 20."""
    maps = [Lifetime(20, 1, 1), Lifetime(19, 1, 3), Lifetime(18, 1, 2), Lifetime(17, 1, 3), Lifetime(16, 3, 3)]

    assert (0, 20, 39, 57, 39) == place(maps, Strategy.SIZE).offsets
    assert (0, 20, 39, 57, 39, 0) == place([*maps, Lifetime(15, 3, 3)], Strategy.SIZE).offsets


def test_the_strategy_whose_arena_is_smaller_by_hand() -> None:
    """3 at 0 and 4 at 0 leave the 2 above both: 6; the longest first leave the 4 above all: 9. And 14 against 13."""
    sizes = [Lifetime(3, 0, 2), Lifetime(2, 2, 3), Lifetime(4, 3, 3)]
    lives = [Lifetime(5, 1, 3), Lifetime(6, 0, 0), Lifetime(5, 0, 3), Lifetime(3, 3, 3)]

    assert [(0, 4, 0), (0, 3, 5)] == [place(sizes, one).offsets for one in Strategy]
    assert [(0, 0, 6, 11), (5, 5, 0, 10)] == [place(lives, one).offsets for one in Strategy]
    assert ((0, 4, 0), Strategy.SIZE) == place(sizes)
    assert ((5, 5, 0, 10), Strategy.LIFETIME) == place(lives)
    assert ((), 0) == (place([]).offsets, arena([], ()))


def test_gaps_by_hand() -> None:
    """A gap of just the size is one; of two gaps the smaller, and of two that are as large the lower."""
    chain = [Lifetime(10, 0, 1), Lifetime(10, 1, 2), Lifetime(10, 2, 3)]
    middle = [Lifetime(15, 1, 4), Lifetime(14, 1, 2), Lifetime(13, 1, 2), Lifetime(12, 1, 4), Lifetime(11, 4, 4)]

    assert (0, 10, 0) == place(chain, Strategy.SIZE).offsets
    assert (0, 20, 35, 49, 62, 0) == place([Lifetime(20, 0, 1), *middle], Strategy.SIZE).offsets  # 20 below, 27 above
    assert (0, 27, 42, 56, 69, 0) == place([Lifetime(27, 0, 1), *middle], Strategy.SIZE).offsets  # 27 below and above
    assert (10, 0) == place([Lifetime(10, 0, 0), Lifetime(10, 0, 5)], Strategy.SIZE).offsets
    assert (9, 0) == place([Lifetime(3, 0, 1), Lifetime(9, 0, 1)], Strategy.LIFETIME).offsets


def test_the_table_of_a_placement() -> None:
    table = costcalc.from_spec(RESIDUAL).report().placement("size")

    assert ["input", "first", "second", "third", "sum"] == [row["map"] for row in table.rows]
    assert (4096, "size") == (table.document["arena_bytes"], table.document["strategy"])
    assert "arena 4,096 bytes, 1.000 times the 4,096 that are alive at the peak" in str(table)


@pytest.mark.parametrize("option", ["--explain-peak", "--explain-peak=first", "--place", "--place=lifetime"])
@pytest.mark.parametrize("format", ["table", "markdown", "csv", "json", "latex", "html"])
def test_every_format(option: str, format: str, tmp_path: Path) -> None:
    """The same maps in each; CSV and JSON hold the numbers."""
    file = tmp_path / "residual.yaml"
    file.write_text(RESIDUAL, encoding="utf-8")
    result = run("report", str(file), option, "--format", format)

    assert 0 == result.exit_code, result.stderr
    size = r"8$\times$8$\times$4" if format == "latex" else "8x8x4"
    assert "first" in result.stdout and size in result.stdout
    table = costcalc.load(file).report()
    word = option.partition("=")[2] or None
    rows = (table.explain_peak(word) if "explain" in option else table.placement(word)).rows
    if format == "json":
        assert rows == json.loads(result.stdout)["maps"]
    if format == "csv":
        read = list(csv.DictReader(io.StringIO(result.stdout)))
        assert [{key: str(value) for key, value in row.items()} for row in rows] == read


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--explain-peak=C4"], "no layer 'C4'"),
        (["--explain-peak=outptu"], "did you mean 'output'?"),
        (["--place=length"], "unknown strategy 'length'"),
        (["--place", "--explain-peak"], "--explain-peak does not go with --place"),
        (["--place", "--top", "3"], "--place does not go with --top"),
        (["--explain-peak", "--by", "stage"], "--explain-peak does not go with --by"),
        (["--explain-peak", "--columns", "params"], "--explain-peak does not go with --columns"),
        (["--place", "--training"], "--place does not go with --training"),
        (["--explain-peak", "--training"], "--explain-peak does not go with --training"),
        (["--place", "--kind", "memory"], "--place does not go with --kind"),
        (["--kind", "memory", "--measure", "params"], "kind memory does not draw params"),
        (["--kind", "memory", "--sort", "params"], "--kind memory does not go with --sort"),
    ],
)
def test_wrong_use(args: list[str], message: str) -> None:
    result = run("report", "lenet5", *args)

    assert 2 == result.exit_code
    assert message in result.stderr
    assert "" == result.stdout


def test_a_picture_of_live_memory(tmp_path: Path) -> None:
    """The peak and the largest maps are named; `--kind layers` draws bars of the same measure."""
    picture = tmp_path / "x.svg"
    for more in ([], ["--kind", "memory"], ["--place"]):
        result = run("report", "mobilenet_v2", "--plot", str(picture), "--measure", "live_bytes", *more)

        assert 0 == result.exit_code, result.stderr
        text = picture.read_text(encoding="utf-8")
        assert "peak 6.021 MB at bottleneck2.dwconv1, step 5" in text
        assert "bottleneck2.conv1  4.817 MB" in text
    run("report", "mobilenet_v2", "--plot", str(picture), "--measure", "live_bytes", "--kind", "layers")
    assert "step 5" not in picture.read_text(encoding="utf-8")


def test_no_map_is_larger_than_those_that_a_picture_names() -> None:
    rows = costcalc.load("inception_v3").report().steps
    found = bands(rows)
    largest = named(rows, found)

    peak = peak_of(rows)
    elsewhere = [band.bytes for band in largest if not band.start <= peak < band.stop]
    assert min(elsewhere) >= max(band.bytes for band in found if band not in largest)


def test_a_picture_says_the_formats_that_occur() -> None:
    report = costcalc.load("mobilenet_v2").report(activations="bottleneck*=int4")

    assert report.memory_note.endswith("; live float32 and int4 activations")


def test_the_input_is_a_map_with_a_format_too() -> None:
    """Its own, where it has one, and the only one where nothing else is written."""
    network = costcalc.from_spec("costcalc: 1\nname: x\ninput: 8x8x3\nlayers:\n- {op: identity}\n")
    report = network.report()
    told = costcalc.load("mobilenet_v2").report(activations="input=uint8,*=int4").render("table")

    assert report.memory_note.endswith("; live float32 activations")
    assert "saved float32 activations 0 B" in network.report(training=True).render("table")
    assert "1 map of 768 bytes is alive at step 1 of 1" in report.explain_peak().render("table")
    assert "1 map in one arena" in report.placement().render("table")
    assert "uint8 and int4 activations" in told


def test_live_memory_in_the_terminal() -> None:
    result = run("report", "lenet5", "--kind", "memory")

    assert 0 == result.exit_code
    assert "fours.conv1     38.93 kB" in result.stdout


@given(st.data())
def test_the_bands_of_a_picture_are_the_memory(data: Any) -> None:
    """At each step they lie on each other without gaps, as high as what is alive."""
    rows = costcalc.from_spec(written(data.draw(bodies()))).report(schedule="minimal").steps
    found = bands(rows)
    for step, row in enumerate(rows):
        here = sorted((band.below[step - band.start], band.bytes) for band in found if band.start <= step < band.stop)
        assert [below for below, _ in here] == [sum(size for _, size in here[:place]) for place in range(len(here))]
        assert row["live_bytes"] == sum(size for _, size in here)
    assert set(named(rows, found)) <= set(found)
    assert rows[peak_of(rows)]["live_bytes"] == max(row["live_bytes"] for row in rows)
