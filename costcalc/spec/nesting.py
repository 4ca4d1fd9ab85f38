"""How deep a text goes on to nest, found without a parser.

A parser reads ahead of what it hands out, and some have a limit of their own on nesting: that must not decide what a
person is told.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""[ \t\n]+ | \#[^\n]* | , | [-?:](?=[ \t\n]|\Z)
    | "(?:[^"\\]+|\\.)*+" | '(?:[^']+|'')*+'
    | (?P<opening> [\[{] )
    | (?P<closing> [\]}] )""",
    re.VERBOSE | re.DOTALL,
)
_PLAIN = re.compile(r"(?:(?!:[ \t\n]|[ \t]\#)[^\n])++")  # text without quotes, outside of brackets
_PLAIN_INSIDE = re.compile(r"(?:(?!:[ \t\n]|[ \t]\#)[^\n,\[\]{}])++")


def opened_too_deep(text: str, start: int, stop: int, open_brackets: int, limit: int) -> int | None:
    """Where, from `start` on and before `stop`, more than `limit` more brackets of YAML are open than at `start`.

    `open_brackets` are open at `start`. None if that is nowhere, or the text stops being YAML before."""
    at, level = start, 0
    while at < min(stop, len(text)):
        match = _TOKEN.match(text, at)
        if match is None:
            if text[at] in "\"'":
                return None  # a quote that does not end
            match = (_PLAIN_INSIDE if level + open_brackets > 0 else _PLAIN).match(text, at)
        if match is None:
            return None
        if match.lastgroup == "opening":
            level += 1
            if level > limit:
                return at
        elif match.lastgroup == "closing":
            level -= 1
        at = match.end()
    return None
