"""Names of rows, of a body's entries and of copies: each stands for one, whoever gave it."""

from __future__ import annotations

from pathlib import Path

import pytest

import costcalc
from costcalc.errors import SpecError

HEAD = "costcalc: 1\nname: net\ninput: 8x8x4\n"


def layers(tmp_path: Path, text: str, **settings: object) -> dict[str, int]:
    """The Mult-Adds of each layer of a spec."""
    file = tmp_path / "net.yaml"
    file.write_text(HEAD + text, encoding="utf-8")
    ledger = costcalc.load(str(file), **settings).ledger()
    return {name: entry["mult_adds"] for name, entry in ledger.layers.items()}


def test_an_automatic_name_passes_over_those_given(tmp_path: Path) -> None:
    """Whether the row with the name stands above, below, or is left out; `from` names the rows that a report shows."""
    named = """
settings: {wide: false}
layers:
- conv1: {op: conv, k: 3, c: =8}
- {op: conv, k: 1, c: =16}
- conv4: {op: conv, k: 1, c: =2, when: wide}
- {op: conv, k: 1, n: 2, c: =32, from: conv1}
- conv3: {op: conv, k: 1, c: =5, from: conv2}
- {op: relu, from: conv6}
"""
    expected = {"conv1": 9 * 4 * 8, "conv2": 8 * 16, "conv5": 8 * 32, "conv6": 32 * 32, "conv3": 16 * 5, "relu1": 0}
    assert {name: 64 * cost for name, cost in expected.items()} == layers(tmp_path, named)
    assert [*expected] == [name for name in layers(tmp_path, named, wide=True) if name != "conv4"]


def test_inside_a_block_and_across_operators(tmp_path: Path) -> None:
    """In each use of it; a block may be called as another operator's rows are."""
    inside = """
blocks:
  pair: {body: [{conv1: {op: conv, k: 1, out: 8}}, {op: conv, k: 3, out: 8}, {op: add, from: [conv1, conv2]}]}
  conv1: {body: [{op: relu}]}
layers: [{op: pair, n: 2}, {op: conv1}, {op: conv, k: 1, n: 11, c: 8}]
"""
    found = layers(tmp_path, inside)
    copies = [f"pair{use}.{name}" for use in (1, 2) for name in ("conv1", "conv2", "add1")]
    convs = [f"conv{number}" for number in (*range(1, 11), 12)]
    assert [*copies, "conv11.relu1", *convs] == [*found]
    assert [64 * 4 * 8, 64 * 9 * 64, 0, 64 * 64, 64 * 9 * 64, 0] == [found[name] for name in copies]


def test_a_written_out_spec_reads_back(tmp_path: Path) -> None:
    text = "layers: [{conv1: {op: conv, k: 3, c: 8}}, {op: conv, k: 1, c: 4}, {op: conv, k: 3, c: 8, from: conv1}]\n"
    found = layers(tmp_path, text)
    again = tmp_path / "again.yaml"
    again.write_text(costcalc.load(str(tmp_path / "net.yaml")).resolved(), encoding="utf-8")
    assert found == {name: one["mult_adds"] for name, one in costcalc.load(str(again)).ledger().layers.items()}
    assert ["conv1", "conv2", "conv3"] == [*found]


def test_changes_of_rows_call_them_as_a_report_does(tmp_path: Path) -> None:
    text = """
layers: [{conv1: {op: conv, k: 1, c: 8}}, {op: conv, k: 1, c: 8}, {op: conv, k: 1, c: 8}]
variants:
  other: {rows: {conv2: {k: 3}}}
"""
    layers(tmp_path, text)
    found = costcalc.load(f"{tmp_path / 'net.yaml'}:other").ledger().layers
    assert [64 * 4 * 8, 64 * 9 * 64, 64 * 64] == [one["mult_adds"] for one in found.values()]


@pytest.mark.parametrize(
    "rows",
    [
        "[{conv2: {op: conv, k: 1, c: 8, n: 2}}, {conv2_1: {op: conv, k: 1, c: 8}}]",
        "[{conv2_1: {op: conv, k: 1, c: 8}}, {conv2: {op: conv, k: 1, c: 8, n: 2}}]",
        "[{conv2_1: {op: conv, k: 1, c: 8, when: alpha > 0}}, {conv2_1: {op: conv, k: 1, c: 8, when: batch > 0}}]",
    ],
)
def test_a_copy_named_as_another_entry(tmp_path: Path, rows: str) -> None:
    """Of rows and inside a block: an error at the second one."""
    for text in (f"layers: {rows}\n", f"blocks: {{pair: {{body: {rows}}}}}\nlayers: [{{op: pair}}]\n"):
        with pytest.raises(SpecError, match="'conv2_1' is the name of an entry above") as caught:
            layers(tmp_path, text)
        (problem,) = caught.value.problems
        assert problem.place and "conv" == problem.place.text[problem.place.column - 1 :][: problem.place.length]
        assert problem.place.column > (HEAD + text).splitlines()[problem.place.line - 1].index("}}, {")
