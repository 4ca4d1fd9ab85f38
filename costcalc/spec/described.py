"""What a row of a spec can say, in words: the columns of every row, and the fields of its operator."""

from __future__ import annotations

from typing import NamedTuple

from costcalc.operators import REGISTRY, SCHEMAS, WRITTEN, FieldRule
from costcalc.operators.about import default_text, meaning
from costcalc.operators.fields import one_word
from costcalc.spec.fields import rule_of
from costcalc.spec.statements import DTYPE, POST_OPS, SHORT
from costcalc.spec.written import AS

COLUMNS = {
    "op": "the operator, or a block",
    "in": "the size that arrives, which is checked",
    "n": "copies, one after the other; the stride acts on the first alone",
    "name": "a name, for `from` and for reports",
    "from": "the rows whose outputs it takes, if not the one above",
    "when": "a condition: without it, the row is left out",
    "output": "the size that leaves, which is checked",
}
"""The columns that belong to every row."""
_OF_EVERY_OPERATOR = {
    "norm": "a norm after it",
    "act": "an activation after it",
    "dtype": "the number format of its weights and its output",
    "as": "how a library writes it, its norm and its activation",
}


class FieldWords(NamedTuple):
    """A field of an operator as a person reads it; `default` is "" if there is none, or one that depends on others."""

    name: str
    short: str
    takes: str
    required: bool
    default: str
    means: str


def fields_in_words(op: str) -> list[FieldWords]:
    """The fields that a row of this operator can have: its own, then those of every operator."""
    defaults = REGISTRY[op].declared
    short = {long: word for word, long in SHORT.items()}
    own = [
        FieldWords(
            name,
            short.get(name, ""),
            _takes(rule),
            rule.required,
            "" if rule.required else default_text(defaults[name]),
            meaning(op, name),
        )
        for name, rule in SCHEMAS[op].items()
    ]
    return own + fields_of_every_operator()


def fields_of_every_operator() -> list[FieldWords]:
    """The fields that any operator's row can have."""
    return [
        FieldWords(name, "", _takes(rule), False, "none" if name in POST_OPS else "", _OF_EVERY_OPERATOR[name])
        for name, rule in every_rule().items()
    ]


def _takes(rule: FieldRule) -> str:
    if rule.name == DTYPE:
        return "a word of `costcalc list dtypes`"
    return rule.kind.expected + (", which divides the channels" if rule.divides else "")


def every_rule() -> dict[str, FieldRule]:
    """The rules of the fields that any operator's row can have."""
    written = FieldRule(AS, one_word(WRITTEN))
    return {name: rule_of("", name) or written for name in _OF_EVERY_OPERATOR}
