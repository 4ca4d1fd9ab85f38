"""The fields of operators in words: `list operators NAME`, and the page."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from costcalc.cli import main
from costcalc.operators import SCHEMAS
from costcalc.operators.about import MEANINGS, meaning
from costcalc.spec.loader import SECTIONS
from costcalc.spec.schema import schema
from costcalc.spec.variants import VARIANT_SECTIONS


def test_every_field_has_a_meaning_and_every_meaning_a_field() -> None:
    fields = {(op, field) for op, schema in SCHEMAS.items() for field in schema}
    used = {f"{op}.{field}" if f"{op}.{field}" in MEANINGS else field for op, field in fields}

    assert all(meaning(op, field) for op, field in fields)
    assert used == set(MEANINGS)


def test_the_fields_of_an_operator() -> None:
    done = CliRunner().invoke(main, ["list", "operators", "conv_transpose", "--format", "json"])
    rows = {row["field"]: row for row in json.loads(done.stdout)}

    assert [*SCHEMAS["conv_transpose"], "norm", "act", "dtype", "as"] == [*rows]
    assert ("c", "a whole number from 1", "(required)") == tuple(map(rows["out"].get, ("short", "takes", "default")))
    assert ("2", "same", "false") == tuple(rows[name]["default"] for name in ("k", "pad", "bias"))
    assert rows["output_pad"]["takes"] == "a whole number from 0"
    assert rows["groups"]["takes"] == "a whole number from 1, which divides the channels"


def test_what_is_no_operator() -> None:
    wrong = CliRunner().invoke(main, ["list", "operators", "dense"])
    two = CliRunner().invoke(main, ["list", "mobilenet", "conv"])

    assert (2, True) == (wrong.exit_code, wrong.stderr.endswith("did you mean 'linear'?\n"))
    assert (2, "Error: two words, mobilenet and conv") == (two.exit_code, two.stderr.splitlines()[0])


def test_show_prints_the_schema(tmp_path: Path) -> None:
    shown = CliRunner().invoke(main, ["show", "--schema"])
    CliRunner().invoke(main, ["show", "--schema", "--output", str(tmp_path / "s.json")])
    both = CliRunner().invoke(main, ["show", "--schema", "lenet5"])

    assert json.loads(shown.stdout) == schema() == json.loads((tmp_path / "s.json").read_text())
    assert {*SECTIONS} == {*schema()["properties"]}
    assert {*VARIANT_SECTIONS} == {*schema()["properties"]["variants"]["additionalProperties"]["properties"]}
    assert 2 == both.exit_code
    assert 2 == CliRunner().invoke(main, ["show"]).exit_code
