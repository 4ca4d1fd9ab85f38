"""The columns that a person asks for: measures, and figures that are published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from costcalc.counting import Convention
from costcalc.errors import UsageError, nearest, one_of, shown, text_of
from costcalc.measures import MEASURES, Measure, known_measures, measure_name, measure_of

PUBLISHED = {"top1": "published top-1 accuracy in per cent", "top5": "published top-5 accuracy in per cent"}
"""The figures that authors publish beside costs; more is better."""
FIELDS = ("kernel", "stride", "groups")
"""What a layer is, beside what it costs: columns of a report."""
IMAGENET = (1000, 1001)
"""Numbers of classes of a network for ImageNet, without and with one for the background."""


class Column(NamedTuple):
    """A column: the word that heads it, as it was asked for, and the measure or published figure that it shows."""

    word: str
    name: str

    @property
    def is_published(self) -> bool:
        """Whether it is quoted, not computed."""
        return self.name in PUBLISHED

    @property
    def is_field(self) -> bool:
        """Whether it says what a layer is, and is no figure."""
        return self.name in FIELDS

    @property
    def measure(self) -> Measure:
        """The measure. Not of a published figure."""
        return measure_of(self.name)

    @property
    def less_is_better(self) -> bool | None:
        """Which way is better, None where neither is by itself."""
        return False if self.is_published else self.measure.less_is_better


USUAL = ("params", "weight_bytes", "activation_bytes", "peak_activation_bytes", "traffic_bytes")
"""The measures of a network's row after the convention's total, unless others are asked for."""


def read_columns(
    asked: str | Sequence[str], convention: Convention, computed: bool = False, of_layers: bool = False
) -> tuple[Column, ...]:
    """Columns by name, `mult_adds,params,top1`, or a list of names; `of_layers`, also the fields of `FIELDS`.

    Raises UsageError for a wrong or repeated one; if all must be `computed`, published figures are not offered.
    """
    if not isinstance(asked, str | Sequence):
        raise UsageError(f"{shown(asked)} names no columns", expected="as 'params,top1', or a list of names")
    given = asked.split(",") if isinstance(asked, str) else asked
    words = [text_of(word, "column", "a name, as 'params'").strip() for word in given]
    found = tuple(
        Column(word, word) if of_layers and word in FIELDS else read_column(word, convention, computed)
        for word in words
    )
    for index, column in enumerate(found):
        if column.name in [other.name for other in found[:index]]:
            raise UsageError(f"the column '{column.word}' stands twice", expected="each column once")
    return found


def read_column(word: str, convention: Convention, computed: bool = False) -> Column:
    """One column by name. Raises UsageError as `read_columns` does."""
    plain = text_of(word, "column", "a name, as 'params'").replace("-", "_")
    if plain in PUBLISHED:
        return Column(plain, plain)
    if plain in FIELDS:
        raise UsageError(f"{plain} is said of layers", expected="a column of `costcalc report`, by layer or node")
    try:
        return Column(plain, measure_name(word, convention))
    except UsageError as error:
        if not error.message.startswith("unknown measure"):
            raise
        known = (*known_measures(convention), *(() if computed else PUBLISHED))
        raise UsageError(
            error.message, expected=one_of(known, 40), nearest=_headed(plain) or error.nearest or nearest(plain, known)
        ) from None


def _headed(word: str) -> str:
    """The measure that a table heads with these words, `peak` or `Mult-Adds per byte`; "" if it is none."""

    def plain(text: str) -> str:
        return text.lower().replace("-", "_").replace(" ", "_")

    return next((name for name, measure in MEASURES.items() if plain(measure.title) == plain(word)), "")


def read_drawn(asked: str | None, convention: Convention, usual: Sequence[str]) -> tuple[str, ...]:
    """The columns that a picture shows, by today's names: one, or two of which one is drawn against the other.

    Raises UsageError for others.
    """
    if asked is None:
        return tuple(usual)
    found = tuple(column.name for column in read_columns(asked, convention))
    if not 1 <= len(found) <= 2:
        raise UsageError(
            f"--measure: {len(found)} measures in one picture", expected="one, or two as params,peak_bytes"
        )
    return found


def columns_named(names: Sequence[str]) -> tuple[Column, ...]:
    """Columns by the names of measures."""
    return tuple(Column(name, name) for name in names)


def read_order(word: str | None, convention: Convention, words: Sequence[str]) -> Column | str | None:
    """What rows are ordered by: a column, or one of `words`. Raises UsageError for anything else."""
    if word is None or text_of(word, "column", "a name, as 'params'") in words:
        return word
    try:
        return read_column(word, convention)
    except UsageError as error:
        known = (*words, *known_measures(convention), *PUBLISHED)
        raise UsageError(
            f"no column '{word[:40]}' to sort by",
            expected=one_of(known, 40),
            nearest=_headed(word) or nearest(word, known),
        ) from error


NAMES = ("network", "title", "family")
"""Columns of names, of which none is better."""

Pair: TypeAlias = tuple[Column | str, Column | str]


def read_pair(asked: str | bool | None, convention: Convention, words: Sequence[str] = ()) -> Pair | None:
    """The two columns of a frontier; of a mere yes, the convention's total and top1.

    `words` are columns of numbers that are no measures, settings and years: of these less is better.
    Raises UsageError for others.
    """
    if asked is None or asked is False:
        return None
    if not isinstance(asked, str | bool):
        raise UsageError(f"pareto: {shown(asked)} names no columns", expected="as 'params,top1', or True")
    given = f"{convention.total},top1" if asked in (True, "-") else str(asked)
    numbers = [word for word in words if word not in NAMES]
    named = [word.strip() for word in given.split(",")]
    both = [word if word in numbers else read_column(word, convention) for word in named]
    if len(both) != 2:
        raise UsageError(f"a frontier over {len(both)} column{'s' * (len(both) > 1)}", expected="two, as params,top1")
    if both[0] == both[1]:
        raise UsageError(f"the column '{named[0]}' stands twice", expected="each column once")
    return both[0], both[1]
