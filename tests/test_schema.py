"""The JSON Schema of the spec format: what costcalc reads it takes, and what is wrong in form it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from costcalc.spec.schema import schema

jsonschema = pytest.importorskip("jsonschema", reason="a dependency of the extra `test`")
SPECS = Path(__file__).parent.parent / "specs"
FILES = sorted([*(SPECS / "networks").rglob("*.yaml"), *(SPECS / "blocks").rglob("*.yaml"), SPECS / "start.yaml"])


@pytest.fixture(scope="module")
def validator() -> Any:
    jsonschema.Draft7Validator.check_schema(schema())
    return jsonschema.Draft7Validator(schema())


def read(text: str) -> Any:
    """What an editor hands to the schema; keys are texts in JSON."""
    return json.loads(json.dumps(yaml.load(text, yaml.CSafeLoader), default=str))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_file_of_the_catalogue(file: Path, validator: Any) -> None:
    problems = validator.iter_errors(read(file.read_text(encoding="utf-8")))

    assert [] == [f"{'/'.join(map(str, one.absolute_path))}: {one.message[:200]}" for one in problems]


GOOD = """\
costcalc: 1
name: mine
input: 32x32x3
layers:
- {op: conv, c: 8, k: 1x7, pad: [1, 2], act: relu}
- {op: linear, out: 10, bias: false}
also:
  lib: {let: {stem: 8}, rows: {linear: {before: {op: dropout}}, conv: {op: relu, after: [{op: bn}, a: {op: gap}]}}}
  lib/mine: {alpha: 2}
"""


def test_a_spec_without_layers_yet_is_no_file_of_blocks(validator: Any) -> None:
    """Else an editor would mark every line but the first."""
    problems = validator.iter_errors(read(GOOD.partition("layers:")[0]))

    assert ["'layers' is a required property"] == [problem.message for problem in problems]


def test_a_spec_that_is_right(validator: Any) -> None:
    assert validator.is_valid(read(GOOD))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("costcalc: 1", "costcalc: 2"),
        ("costcalc: 1\n", ""),
        ("input: 32x32x3\n", ""),
        ("input:", "inputs:"),
        ("name: mine", "name: My Net"),
        ("k: 1x7", "kernel: 3"),
        ("k: 1x7", "k: 0"),
        ("c: 8", "c: -8"),
        ("c: 8", "c: [8, 8]"),
        ("bias: false", "bias: 3"),
        ("act: relu", "act: 6"),
        ("act: relu", "as: sign"),
        ("op: linear, ", ""),
        ("layers:", "defaults: {con: {k: 3}}\nlayers:"),
        ("layers:", "defaults: {conv: {kernel: 3}}\nlayers:"),
        ("layers:", "blocks: {conv: {body: [{op: relu}]}}\nlayers:"),
        ("layers:", "blocks: {mine: {arg: [c], body: [{op: relu}]}}\nlayers:"),
        ("layers:", "published: [{params: 3M}]\nlayers:"),
        ("layers:", "settings: {groups: {defualt: 3}}\nlayers:"),
        ("before: {op: dropout}", "before: dropout"),
        ("after: [{op: bn}", "after: [{k: 3}"),
        ("before:", "befor:"),
        ("{let: {stem: 8}", "{title: Mine"),
        ("act: relu}", "before: {op: relu}}"),
        ("layers:\n", "layers:\n  columns: [op, op]\n  rows:\n  - [relu, relu]\nlet:\n"),
        ("layers:\n", "layers: []\nlet:\n"),
    ],
)
def test_what_is_wrong_in_form_is_refused(right: str, wrong: str, validator: Any) -> None:
    text = GOOD.replace(right, wrong, 1).partition("\nlet:\n")[0]

    assert text != GOOD
    assert not validator.is_valid(read(text))
