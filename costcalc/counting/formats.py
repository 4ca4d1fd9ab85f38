"""Which number format holds what: one for all layers, or by the names of layers."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import NamedTuple

from costcalc.dtypes import Dtype
from costcalc.errors import UsageError, nearest, one_of, word_of, written

INPUT_LAYER = "input"
"""The name under which the network's own input has a format."""
_EXPECTED = "a dtype, or PATTERN=DTYPE by the names of layers, as conv1=float32,*=int4"
_MOST_PATTERNS = 1_000


class FormatRule(NamedTuple):
    """The formats of one kind of tensor.

    The first pattern that matches a layer's name decides, then what the layer's own row declares, then the default.
    """

    default: Dtype
    patterns: tuple[tuple[str, Dtype], ...] = ()
    text: str = ""

    def of(self, layer: str, declared: Dtype | None = None) -> Dtype:
        """The format of a layer's tensor."""
        for pattern, dtype in self.patterns:
            if fnmatchcase(layer, pattern):
                return dtype
        return declared or self.default

    def unmatched(self, layers: set[str]) -> str:
        """The first pattern that no layer's name matches, "" if there is none."""
        for pattern, _ in self.patterns:
            if pattern not in layers and not any(fnmatchcase(layer, pattern) for layer in layers):
                return pattern
        return ""

    def __str__(self) -> str:
        return self.text or str(self.default)


def read_formats(text: str | None, what: str, default: Dtype) -> FormatRule:
    """The formats that `int8` or `conv1=float32,*=int4` asks for; `what` names them in errors. Of None, the default.

    Raises UsageError for an unknown dtype, a pattern that stands twice, or two defaults.
    """
    if text is None:
        return FormatRule(default)
    found = default
    patterns: dict[str, Dtype] = {}
    alone = 0
    items = [item.strip() for item in written(text).split(",")]
    if len(items) > _MOST_PATTERNS:
        raise UsageError(f"{what}: {len(items)} patterns", expected=f"at most {_MOST_PATTERNS}")
    for item in items:
        pattern, equals, word = item.rpartition("=")
        pattern = pattern.strip()
        if not word or (equals and not pattern):
            raise UsageError(f"{what}: '{item[:40]}' is no format", expected=_EXPECTED)
        try:
            dtype = word_of(Dtype, word.strip(), "dtype")
        except UsageError as error:
            raise UsageError(f"{what}: {error.message}", expected=error.expected, nearest=error.nearest) from None
        if equals and pattern in patterns:
            raise UsageError(f"{what}: the pattern '{pattern[:40]}' stands twice", expected="each pattern once")
        if equals:
            patterns[pattern] = dtype
        else:
            found, alone = dtype, alone + 1
    if alone > 1:
        raise UsageError(f"{what}: two formats for all layers", expected=_EXPECTED)
    return FormatRule(found, tuple(patterns.items()), ",".join(items))


def check_patterns(what: str, rule: FormatRule, layers: set[str], network: str = "") -> None:
    """Raise UsageError for a pattern that matches no layer, with the nearest name; `network` if of several."""
    if pattern := rule.unmatched(layers):
        raise UsageError(
            f"{what}: no layer{network and f' of {network}'} matches '{pattern[:40]}'",
            expected=one_of(layers),
            nearest=nearest(pattern, layers),
        )
