"""Where an error is said to be: lines as editors count them, carets under what is meant, and what led there."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from costcalc.cli import main
from costcalc.errors import Place, Problem, SpecError, UsageError
from costcalc.spec import catalogue
from costcalc.spec.document import read_document
from costcalc.spec.loader import load_source
from costcalc.spec.problems import Problems
from costcalc.spec.tree import Source

HEAD = "costcalc: 1\nname: mine\ninput: 8x8x8\n"
BREAKS = ["\n", "\r\n", "\r"]
NO_BREAKS = ["\x85", "\u2028", "\u2029"]


@given(
    st.lists(st.tuples(st.sampled_from(["x", "é", "深", "😀", "", *NO_BREAKS]), st.sampled_from(BREAKS)), max_size=6)
)
def test_lines_are_those_of_an_editor(lines: list[tuple[str, str]]) -> None:
    """A break is \\n, \\r\\n or \\r, and nothing else; the excerpt is the line that is meant."""
    before = "".join(f"# {text}{text}{end}" for text, end in lines)

    with pytest.raises(SpecError) as error:
        load_source(Source.of("f.yaml", before + HEAD + "layers:\n- {op: rleu}\n"), catalogue.find_blocks)

    place = error.value.problems[0].place
    expected = len(before.replace("\r\n", "\n").replace("\r", "\n").split("\n")) + 4
    assert ("- {op: rleu}", expected, 8) == (place.text, place.line, place.column)


def test_a_character_that_is_no_text(tmp_path: Path) -> None:
    """Its place counts characters, not bytes, in texts and in what is no UTF-8 alike."""
    with pytest.raises(SpecError) as error:
        read_document(Source.of("f.yaml", "a: é\rb: 深é\f"), Problems())
    assert str(error.value).startswith("f.yaml:2:6: not YAML: a character that may not stand")

    file = tmp_path / "f.yaml"
    file.write_bytes("\ufeffa: é\rb: 深é".encode() + b"\xff")
    with pytest.raises(UsageError) as usage:
        catalogue.read_source(str(file))
    assert str(usage.value).startswith(f"{file}:2:6: byte 0xff is not UTF-8")


def cells(text: str) -> int:
    """The cells that a terminal gives a text, by the Unicode tables."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in text)


@given(
    st.text(st.sampled_from("ab\t深ネe\u0301é"), max_size=90), st.text(st.sampled_from("ab深e"), min_size=1, max_size=5)
)
def test_the_caret_stands_under_what_is_meant(before: str, meant: str) -> None:
    """Whatever stands before it: tabs, wide and combining characters, a line too long to show."""
    text = f"{before}{meant} and more"
    problem = Problem(Place("f.yaml", 7, len(before) + 1, len(meant), text), "wrong")

    shown, caret = str(problem).splitlines()[1:3]

    at = shown.index(" and more")
    assert cells(shown[:at]) == cells(caret)
    assert caret.count("^") == cells(meant)


BLOCKS = """blocks:
  inner: {args: [c], body: [{op: conv, out: c, groups: 4}]}
  outer: {args: [c], body: [{op: relu},
                            {op: inner, c: c}]}
widths: {scale: alpha, round: floor}
layers:
- {op: outer, c: 8, n: 2}
- {op: conv, out: 8}
"""


@pytest.mark.parametrize(
    ("value", "meant"),
    [("4 + zz", "zz"), ("'4 + zz'", "zz"), ("=4+zz", "zz"), ('"4 \\x2b zz"', '"4 \\x2b zz"'), ("4 +\n    zz", "4 +")],
)
def test_the_caret_in_an_expression(value: str, meant: str) -> None:
    """Under the name, or under the whole cell where the text stands otherwise in the file."""
    with pytest.raises(SpecError) as error:
        load_source(Source.of("f.yaml", f"{HEAD}layers:\n- op: conv\n  out: {value}\n"), catalogue.find_blocks)

    place = error.value.problems[0].place
    assert (6, meant) == (place.line, place.text[place.column - 1 : place.column - 1 + place.length])


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        (["mine.yaml", "--alpha", "0.7"], "alpha 0.7"),
        (["mine.yaml@alpha=0.7", "-r", "16"], "alpha 0.7, resolution 16"),
        (["mine.yaml", "--alpha", "0.7", "--beta", "1"], "alpha 0.7"),  # beta as it is anyway
    ],
)
def test_what_led_to_a_problem_in_a_block(
    words: list[str], chosen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows that called it, from the inside out, and the settings that a person chose."""
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text(HEAD + BLOCKS)

    result = CliRunner().invoke(main, ["report", *words])

    rows = "mine.yaml:7, mine.yaml:10"
    last = result.stderr.splitlines()[-1]
    assert (2, True) == (result.exit_code, last.endswith(f"; in outer1.inner1, called from {rows}; at {chosen}")), last


def test_a_row_of_the_table_names_the_setting_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = "widths: {scale: alpha, round: floor}\nlayers:\n- {op: conv, out: 8}\n- {op: conv, out: 8, groups: 4}\n"
    Path("mine.yaml").write_text(HEAD + rows)

    result = CliRunner().invoke(main, ["report", "mine.yaml", "--alpha", "0.7"])

    assert result.stderr.splitlines()[-1] == "  note: the input is 8x8x5; at alpha 0.7"


@pytest.mark.parametrize("words", [["report", "mine.yaml", "-s", "d=1"], ["sweep", "mine.yaml", "-s", "d=1,2"]])
def test_a_file_that_does_not_hold_as_it_is_written(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A figure in the message is not what the person has just set: it says whose it is."""
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text(f"{HEAD}settings: {{d: 9}}\nlayers:\n- {{op: conv, out: 8, k: d, pad: valid}}\n")

    result = CliRunner().invoke(main, words)

    note = "at its own settings, with which it is checked before d is set"
    assert (2, True) == (result.exit_code, "a window of 9" in result.stderr), result.stderr
    assert result.stderr.splitlines()[-1] == f"  note: the input is 8x8x8; {note}"


@pytest.mark.parametrize("text", ["- a\n", "word\n", "1\n"])
def test_a_block_file_that_is_no_mapping_is_one_problem(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("blocks.yaml").write_text(text)
    Path("mine.yaml").write_text(f"{HEAD}use: ./blocks.yaml\nlayers:\n- {{op: relu}}\n")

    lines = CliRunner().invoke(main, ["report", "mine.yaml"]).stderr.splitlines()

    assert ["blocks.yaml:1:1: a block file must be a mapping"] == [line for line in lines if line.startswith("blocks")]
    assert 4 == len(lines)
