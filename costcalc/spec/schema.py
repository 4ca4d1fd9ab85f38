"""A JSON Schema (draft-07) of the spec format, for editors, made from the operators' field rules.

It completes words, explains fields, and refuses what is wrong whatever the names in the file mean: unknown sections and
fields, numbers out of range, lists where none may stand. Any text may be an expression, so what a text means it leaves
to `costcalc` itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from costcalc.operators import REGISTRY, SCHEMAS, WRITTEN, FieldRule
from costcalc.operators.about import purpose
from costcalc.operators.fields import FLAG, Kind
from costcalc.spec.described import COLUMNS, FieldWords, every_rule, fields_in_words, fields_of_every_operator
from costcalc.spec.loader import FIGURES, SECTIONS
from costcalc.spec.patches import SIDES
from costcalc.spec.settings import IMPLICIT
from costcalc.spec.statements import SHORT
from costcalc.spec.uses import BLOCK_SECTIONS, FORMAT
from costcalc.spec.variants import LIBRARY_SECTIONS, VARIANT_SECTIONS
from costcalc.spec.written import AS

Schema: TypeAlias = dict[str, Any]

DRAFT = "http://json-schema.org/draft-07/schema#"
_TEXT: Schema = {"type": ["string", "number"]}
_EXPRESSION: Schema = {"type": "string", "minLength": 1, "description": "an expression, or _ where none applies"}
_SCALAR: Schema = {"type": ["string", "number", "boolean"]}
_NAME: Schema = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$"}
_NAMES: Schema = {"type": "array", "items": _NAME}
_SIZES: Schema = {
    "description": "HxWxC: height x width x channels; TxHxWxC for video",
    "anyOf": [
        {"type": "string"},
        {"type": "array", "minItems": 2, "maxItems": 4, "items": {"type": ["integer", "string"]}},
    ],
}
_COLUMNS: dict[str, Schema] = {
    "op": _NAME,
    "in": {"type": ["string", "integer"]},
    "n": {"anyOf": [{"type": "integer", "minimum": 0}, _EXPRESSION]},
    "name": {"type": "string", "pattern": "^([A-Za-z][A-Za-z0-9_]*|_)$"},
    "from": {"anyOf": [{"type": "string"}, {"type": "array", "minItems": 1, "items": {"type": "string"}}]},
    "when": _SCALAR,
    "output": {"type": ["string", "integer"]},
}


def schema() -> Schema:
    """The schema of a spec, and of a file of shared blocks, which has `blocks` and no `layers`."""
    return {
        "$schema": DRAFT,
        "title": "costcalc spec",
        "type": "object",
        "properties": {name: _SECTIONS.get(name, {}) for name in (*SECTIONS, *BLOCK_SECTIONS)},
        "additionalProperties": False,
        "required": ["costcalc"],
        "if": {"anyOf": [{"required": [name]} for name in ("layers", "name", "input")]},
        "then": {"required": ["name", "input", "layers"]},
        "else": {"required": ["blocks"], "propertyNames": {"enum": [*BLOCK_SECTIONS]}},
        "definitions": {
            "cell": {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]},
            "row": _row(),
            "entry": _entry(),
            "named_entry": _named_entry(),
            "layers": _layers(),
            "columns": {
                "properties": {name: {**_COLUMNS[name], "description": means} for name, means in COLUMNS.items()}
            },
            "fields": {"properties": _every()},
            "defaults": _defaults(),
            **{f"fields_{name}": {"properties": _own(name)} for name in REGISTRY},
            **{f"op_{name}": _operator(name) for name in REGISTRY},
        },
    }


def _reference(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _mapping(of: Schema, about: str = "") -> Schema:
    return {"type": "object", "additionalProperties": of, **({"description": about} if about else {})}


def _closed(properties: dict[str, Schema], *required: str) -> Schema:
    """A mapping with these keys alone."""
    closed = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**closed, "required": [*required]} if required else closed


def _field(kind: Kind) -> Schema:
    """What a field of this kind takes."""
    if kind is FLAG:
        return {"anyOf": [{"type": "boolean"}, {"type": "integer", "minimum": 0, "maximum": 1}, _EXPRESSION]}
    choices: list[Schema] = [{"enum": [*kind.words]}] if kind.words else []
    if kind.least is not None:
        number = {"type": "integer", "minimum": kind.least}
        choices.append(number)
        if kind.per_dimension:
            choices.append({"type": "array", "minItems": 1, "items": {"anyOf": [number, _EXPRESSION]}})
    return {"anyOf": [*choices, _EXPRESSION]}


def _fields(words: list[FieldWords], rules: Mapping[str, FieldRule]) -> dict[str, Schema]:
    """Fields by their long and short names, with what they mean."""
    found = {}
    for field in words:
        default = f" (default: {field.default})" if field.default else ""
        made = {"description": f"{field.means}{default}; {field.takes}", **_field(rules[field.name].kind)}
        found.update({name: made for name in (field.name, field.short) if name})
    return found


def _every() -> dict[str, Schema]:
    """The fields that any operator's row can have."""
    rules = every_rule()
    word = {"enum": [*WRITTEN]}
    found = _fields(fields_of_every_operator(), rules)
    found[AS]["anyOf"] = [word, {"type": "array", "minItems": 1, "items": word}]
    return found


def _own(op: str) -> dict[str, Schema]:
    """The fields that are an operator's own."""
    return _fields(fields_in_words(op)[: len(SCHEMAS[op])], SCHEMAS[op])


def _operator(op: str) -> Schema:
    """A row of an operator: its fields and the columns of every row, and nothing else."""
    names = {"enum": [*_own(op), *_every(), *_COLUMNS, *SIDES]}
    parts = [_reference(f"fields_{op}"), _reference("fields"), _reference("columns")]
    return {"description": purpose(op), "propertyNames": names, "allOf": parts}


def _defaults() -> Schema:
    """The section `defaults`: of operators, their fields."""
    each = {
        name: {
            "type": "object",
            "propertyNames": {"enum": [*_own(name), *_every()]},
            "allOf": [_reference(f"fields_{name}"), _reference("fields")],
        }
        for name in REGISTRY
    }
    return {**_closed(each), "description": "values of an operator's fields wherever this file does not write them"}


def _row() -> Schema:
    """An operator or a block with its fields, in a table or a change; of a block's arguments nothing is known."""
    return {
        "type": "object",
        "required": ["op"],
        "properties": {
            "op": {"anyOf": [{"enum": [*REGISTRY]}, _NAME], "description": COLUMNS["op"]},
            **{side: {} for side in SIDES},
        },
        "additionalProperties": _reference("cell"),
        "allOf": [
            {"if": {"properties": {"op": {"const": name}}, "required": ["op"]}, "then": _reference(f"op_{name}")}
            for name in REGISTRY
        ],
    }


def _entry() -> Schema:
    """A row of a table or a body; an operator there has none beside it."""
    is_operator = {"properties": {"op": {"enum": [*REGISTRY]}}, "required": ["op"]}
    none_beside = {"not": {"anyOf": [{"required": [side]} for side in SIDES]}}
    return {"allOf": [_reference("row")], "if": is_operator, "then": none_beside}


def _named_entry() -> Schema:
    """`{op: ...}`, or `name: {op: ...}`."""
    named = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "propertyNames": _NAME,
        "additionalProperties": _reference("entry"),
    }
    return {"type": "object", "if": {"required": ["op"]}, "then": _reference("entry"), "else": named}


def _layers() -> Schema:
    """A table of columns and rows, or a list of entries."""
    row = {
        "type": "array",
        "minItems": 1,
        "items": {"anyOf": [_reference("cell"), _mapping(_reference("cell"), "what the columns do not say")]},
    }
    is_row = {"if": {"type": "array"}, "then": row, "else": _reference("named_entry")}
    columns = {"type": "array", "items": _NAME, "uniqueItems": True, "contains": {"const": "op"}}
    columns["description"] = f"op, {', '.join(SHORT)}, k, or any field of an operator or argument of a block"
    table = _closed({"columns": columns, "rows": {"type": "array", "minItems": 1, "items": is_row}}, "columns", "rows")
    entries = {"type": "array", "minItems": 1, "items": _reference("named_entry")}
    return {"if": {"type": "array"}, "then": entries, "else": table}


_RULE = _closed({"scale": _SCALAR, "round": _SCALAR})
_WIDTHS: Schema = {
    "description": "how channel counts follow alpha: `scale` times each, then rounded by `round`; or a rule by column",
    "type": "object",
    "if": {"anyOf": [{"required": ["scale"]}, {"required": ["round"]}]},
    "then": _RULE,
    "else": {"additionalProperties": _RULE},
}
_WRITTEN: Schema = {"type": "object", "additionalProperties": {"enum": [*WRITTEN]}}
_SETTING: Schema = {
    "if": {"type": "object"},
    "then": _closed({"default": _SCALAR, "about": _TEXT, "choices": {"type": "array", "items": _SCALAR}}),
    "else": _SCALAR,
}
_BESIDE: dict[str, Schema] = {
    side: {
        "description": f"what is added {side} it, {{op: ...}} or a list of them",
        "if": {"type": "array"},
        "then": {"items": _reference("named_entry")},
        "else": _reference("named_entry"),
    }
    for side in SIDES
}
_CHANGE: Schema = {
    "if": {"type": "object", "required": ["op"]},
    "then": {"allOf": [_reference("row")], "properties": _BESIDE},
    "else": {
        "anyOf": [
            {"enum": ["none", "_"]},
            {"type": "object", "properties": _BESIDE, "additionalProperties": _reference("cell")},
        ]
    },
}
_LIBRARY: dict[str, Schema] = {
    "widths": _WIDTHS,
    "let": _mapping(_reference("cell"), "names of the file's `let`, defined anew"),
    "defaults": _reference("defaults"),
    "rows": _mapping(_CHANGE, "changes of rows by their names: other fields, another operator, none, rows beside it"),
}
_VARIANT: Schema = {
    "description": "settings, and the sections that it states for itself",
    "type": ["object", "null"],
    "properties": {
        "title": _TEXT, "about": _TEXT, "year": _TEXT, "input": _SIZES, "layers": _reference("layers"),
        "as": _WRITTEN, "variant": _reference("cell"), **_LIBRARY,
    },
    "additionalProperties": _reference("cell"),
}  # fmt: skip
_ALSO: Schema = {
    "description": "libraries' names, as torchvision/mobilenet_v2, and what holds for all names of a library",
    "type": "object",
    "patternProperties": {
        "/": _VARIANT,
        "^[^/]*$": {
            "type": "object",
            "properties": {**_LIBRARY, **dict.fromkeys(sorted({*VARIANT_SECTIONS} - {*LIBRARY_SECTIONS}), False)},
            "additionalProperties": _reference("cell"),
        },
    },
}
_FIGURE: Schema = {
    "type": "object",
    "properties": {
        **dict.fromkeys((*FIGURES, "at", "counts", "transform", *IMPLICIT), _TEXT),
        "variant": _TEXT,
        "because": {"anyOf": [_TEXT, _mapping(_TEXT)]},
        "columns": _NAMES,
        "rows": {"type": "array", "items": {"type": "array"}},
    },
    "additionalProperties": _SCALAR,
    "if": {"required": ["rows"]},
    "then": {"required": ["columns"]},
    "else": {"required": ["at"]},
}
_BLOCK = _closed(
    {
        "about": _TEXT,
        "args": {
            "type": "array",
            "items": {"anyOf": [_NAME, {**_mapping(_reference("cell")), "minProperties": 1, "maxProperties": 1}]},
            "description": "names, or {name: default}",
        },
        "inputs": {**_NAMES, "minItems": 1},
        "body": {"type": "array", "minItems": 1, "items": _reference("named_entry")},
    },
    "body",
)
_SECTIONS: dict[str, Schema] = {
    "costcalc": {"const": int(FORMAT), "description": "the version of the format"},
    "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_.]*$", "maxLength": 80},
    "title": _TEXT,
    "family": _NAME,
    "year": _TEXT,
    "source": _mapping(_TEXT, "the paper, the table, the code"),
    "input": _SIZES,
    "settings": _mapping(_SETTING, "what a person may set, beside alpha, beta, resolution and batch"),
    "widths": _WIDTHS,
    "depths": _RULE,
    "let": _mapping(_reference("cell"), "names for derived values, each from those above it"),
    "tables": _mapping({"type": ["object", "array"]}, "look-ups, as channels[groups]"),
    "defaults": _reference("defaults"),
    "use": {"anyOf": [_TEXT, {"type": "array", "items": {"type": "string"}}], "description": "files of shared blocks"},
    "blocks": {
        "type": "object",
        "propertyNames": {**_NAME, "not": {"enum": [*REGISTRY]}},
        "additionalProperties": _BLOCK,
    },
    "layers": _reference("layers"),
    "variants": _mapping(_VARIANT, "names for combinations of settings"),
    "as": _mapping(_WRITTEN, "how libraries write operators"),
    "also": _ALSO,
    "published": {"type": "array", "items": _FIGURE, "description": "figures as printed, with their place"},
}
