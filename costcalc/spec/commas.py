"""Texts that YAML cuts: inside `[...]` and `{...}` a comma ends a text that has no quotes, and so does a bracket."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

MOST_PIECES = 24
"""Into so many pieces a text may be cut to be known again."""
_OPENING, _CLOSING = "([{", ")]}"


def cut_by_commas(texts: Sequence[str | None]) -> Iterator[tuple[int, int]]:
    """The first and the last of the neighbours that were one text: `max(8` and `w)`. None is no text without quotes."""
    first = 0
    while first < len(texts):
        last, level = first, _opened(texts[first])
        while level > 0 and last - first < MOST_PIECES and last + 1 < len(texts) and texts[last + 1] is not None:
            last += 1
            level += _opened(texts[last])
        if level == 0 and last > first:
            yield first, last
            first = last
        first += 1


def _opened(text: str | None) -> int:
    return text.count("(") - text.count(")") if text else 0


def cut_by_bracket(line: str, at: int) -> tuple[int, int] | None:
    """Where in a line the text starts and ends that a bracket at `at` ended: `sizes[2]`. None if none did."""
    if line[at : at + 1] not in ("[", "{") or line[:at].rstrip()[-1:] in ("", ",", ":", *"[{"):
        return None
    start = max(line.rfind(sign, 0, at) for sign in (",", ": ", "[", "{")) + 1
    start += len(line[start:at]) - len(line[start:at].lstrip())
    if line[start:at].rstrip() in ("-", "?"):  # the next entry of a list: what stood open before is to be told
        return None
    level, end = 0, start
    while end < len(line) and (level > 0 or line[end] not in ",]}"):
        level += (line[end] in _OPENING) - (line[end] in _CLOSING)
        end += 1
    return start, start + len(line[start:end].rstrip())
