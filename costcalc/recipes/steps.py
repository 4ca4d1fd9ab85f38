"""The steps of a recipe, and how each is written: `prune=0.1`, `quantise=int8`, `fc6=0.09,*=0.5` by layers."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple

from costcalc.dtypes import Dtype
from costcalc.errors import Place, Problem, SpecError, UsageError, nearest, one_of
from costcalc.quantity import Quantity, as_text
from costcalc.recipes import rates, words

MOST_RULES = 1_000


class Kind(StrEnum):
    """What a step does to a layer."""

    PRUNE = "prune"
    QUANTISE = "quantise"
    SHARE = "share"
    ENCODE = "encode"
    HUFFMAN = "huffman"
    BINARISE = "binarise"
    FACTORISE = "factorise"


class Target(NamedTuple):
    """What a rule asks of a layer: fields of its compression, the format of its maps, its ranks and scheme, the
    share of its channels that stays, or the energy that its factors keep; `is_fitting`, only of a layer that a codebook
    fits."""

    rates: Mapping[str, Any]
    maps: Dtype | None = None
    ranks: tuple[Quantity, ...] = ()
    scheme: str = ""
    channels: Quantity | None = None
    energy: int | Fraction | None = None
    is_fitting: bool = False


UNCHANGED = Target({})


class Rule(NamedTuple):
    """What the layers of a pattern get; the pattern "" stands for all that the step is meant for.

    `place` is where a file says it, None on the command line.
    """

    pattern: str
    text: str
    place: Place | None = None


class RecipeStep(NamedTuple):
    """One step: its kind, and what each pattern of layers gets; `values` are those of rates that are left open."""

    kind: Kind
    rules: tuple[Rule, ...]
    values: tuple[tuple[str, Quantity], ...] = ()

    @property
    def open(self) -> tuple[str, ...]:
        """The rates that its rules leave open, whether they have values or not."""
        return rates.names_in(rule.text for rule in self.rules)

    def with_values(self, values: rates.Values) -> RecipeStep:
        """The step with values for the rates that are left open."""
        own = self.open
        return self._replace(values=tuple((key, value) for key, value in values.items() if key in own))

    def __str__(self) -> str:
        return ",".join(f"{rule.pattern}={rule.text}" if rule.pattern else rule.text for rule in self.rules)

    def storage_rules(self) -> dict[str, str]:
        """Its rules that say how weights are stored, numbers in the places of open rates: pattern to text.

        Rules that take channels or make factors say nothing of it: beside others they keep all weights.
        """
        cut = {rule.pattern for rule in self.rules if self.target(rule).channels is not None}
        if self.kind is Kind.FACTORISE or len(cut) == len(self.rules):
            return {}
        values = {key: as_text(value) for key, value in self.values}
        return {rule.pattern: "1" if rule.pattern in cut else _filled(rule.text, values) for rule in self.rules}

    def target(self, rule: Rule) -> Target:
        """What a rule asks for. Raises UsageError, or SpecError at its place in a file: for an open rate as well."""
        try:
            return self.read(rule)
        except UsageError as error:
            raise self.refused(rule, error.message, error.expected, error.nearest) from None

    def read(self, rule: Rule) -> Target:
        """What a rule asks for. Raises UsageError wherever it stands."""
        return Target(**_READERS[self.kind](rule.text, dict(self.values)))

    def check(self) -> None:
        """Raise as `target` does for a rule that is wrong, whatever the values of open rates."""
        tried = self.with_values(rates.stand_ins(self.open))
        for rule in self.rules:
            tried.target(rule)

    def refused(self, rule: Rule, message: str, expected: str = "", near: str = "") -> SpecError | UsageError:
        """The error that a rule is, for whoever raises it."""
        if rule.place is not None:
            return SpecError([Problem(rule.place, f"{self.kind}: {message}", expected, near)])
        return UsageError(f"@{self.kind}: {message}", expected=expected, nearest=near)


def _filled(text: str, values: Mapping[str, str]) -> str:
    return ":".join(values.get(part, part) for part in rates.PARTS.split(text.strip()))


class Figure(NamedTuple):
    """A figure that is printed for a recipe: of a layer or of the network, after all steps or those up to a kind."""

    figures: dict[str, str]
    layer: str
    after: str
    at: str
    because: str
    place: Place


class Recipe(NamedTuple):
    """A recipe: its steps, and for which network its figures are printed."""

    name: str
    title: str
    source: str
    network: str
    steps: tuple[RecipeStep, ...]
    published: tuple[Figure, ...] = ()

    def __str__(self) -> str:
        return self.name

    @property
    def open(self) -> tuple[str, ...]:
        """The rates that its steps leave open."""
        return tuple(dict.fromkeys(name for step in self.steps for name in step.open))

    def with_values(self, values: rates.Values) -> Recipe:
        """The recipe with values for the rates that its steps leave open."""
        return self._replace(steps=tuple(step.with_values(values) for step in self.steps))

    def __hash__(self) -> int:
        return hash((self.name, self.steps))


KINDS = tuple(str(kind) for kind in Kind)
_READERS = {
    Kind.PRUNE: words.pruned,
    Kind.QUANTISE: words.quantised,
    Kind.SHARE: words.shared,
    Kind.ENCODE: words.encoded,
    Kind.HUFFMAN: words.coded,
    Kind.BINARISE: words.binarised,
    Kind.FACTORISE: words.factorised,
}
USAGE = {
    Kind.PRUNE: words.PRUNE,
    Kind.QUANTISE: words.QUANTISE,
    Kind.SHARE: words.SHARE,
    Kind.ENCODE: words.ENCODE,
    Kind.HUFFMAN: words.HUFFMAN,
    Kind.BINARISE: words.BINARISE,
    Kind.FACTORISE: words.FACTORISE,
}
"""How each kind is written."""


def read_inline(kind: str, text: str) -> RecipeStep:
    """A step as it stands after `@`: one text for all layers, or PATTERN=TEXT,... by their names.

    Raises UsageError for a wrong text, a pattern that stands twice, or two texts for all layers.
    """
    chosen = Kind(kind)
    items = [item.strip() for item in text.split(",")]
    if len(items) > MOST_RULES:
        raise UsageError(f"@{kind}: {len(items)} patterns", expected=f"at most {MOST_RULES}")
    rules: dict[str, Rule] = {}
    for item in items:
        pattern, equals, value = (part.strip() for part in item.rpartition("="))
        if not value or (equals and not pattern):
            raise UsageError(f"@{kind}: nothing is given", expected=f"{USAGE[chosen]}; or PATTERN=... by layers")
        if pattern in rules or (not pattern and "*" in rules) or (pattern == "*" and "" in rules):
            pattern = pattern if pattern in rules else ""
            what = f"the pattern '{pattern[:40]}' stands twice" if pattern else "two values for all layers"
            raise UsageError(f"@{kind}: {what}", expected="each pattern once, and * for all other layers")
        rules[pattern] = Rule(pattern, value)
    if "" in rules and len(rules) > 1:
        rules["*"] = rules.pop("")._replace(pattern="*")
    step = RecipeStep(chosen, tuple(rules.values()))
    step.check()
    return step


def kind_of(word: str) -> Kind:
    """A kind by its word. Raises UsageError with the nearest one."""
    try:
        return Kind(word)
    except ValueError:
        near = nearest(word, KINDS)
        raise UsageError(f"unknown step '{word[:40]}'", expected=one_of(KINDS), nearest=near) from None
