"""Texts of strangers inside Mermaid and dot."""

from __future__ import annotations

from costcalc.escape import printable

_LIKES = str.maketrans('"`;', "'',")


def mermaid_text(text: str) -> str:
    """A text in double quotes. Quotes, and what could begin a comment, an entity or a fence, become their likes.

    Source: mermaid's xychart.jison, flow.jison, utils.ts (encodeEntities) and diagram-api/comments.ts: a string ends at
    a quote, `%%` begins a comment or a directive, `#word;` is a character, and nothing escapes any of them.
    """
    return f'"{_plain(text)}"'


def _plain(text: str) -> str:
    shown = printable(text).translate(_LIKES)
    while "%%" in shown:
        shown = shown.replace("%%", "% %")
    return shown or " "


def mermaid_label(lines: list[str]) -> str:
    """Lines in a node of a flow chart, which is HTML."""
    signs = {"&": "#amp;", "<": "#lt;", ">": "#gt;", "#": "#35;"}
    shown = ["".join(signs.get(sign, sign) for sign in _plain(line)) for line in lines]
    return f'"{"<br/>".join(shown)}"'


def fenced(source: str) -> str:
    """A Mermaid diagram as a block of Markdown."""
    return f"```mermaid\n{source}```\n"


def dot_text(text: str) -> str:
    """A text in double quotes. Source: graphviz's lang.html: a quote and a backslash are escaped."""
    return '"' + printable(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
