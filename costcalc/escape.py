"""Texts of strangers on their way out: on one line, with nothing in them that a terminal, a log or a format obeys.

A name, a title or a path may hold anything. Every way out goes through one of these functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

# Patterns are compiled when they are first needed, which most commands never do.
_COMMAND = r"(?m)^((?:\x1b\[[0-9;]*m|\s)*):(?=:)"  # of GitHub, at the start of a line
_STRAY = r"##(?=[A-Za-z]*\[)"  # of GitHub, Azure and TeamCity, anywhere


class Markup(str):
    """A text of our own that is markup already, as `**broken**`."""

    __slots__ = ()


def printable(text: str) -> str:
    """The text on one line, of the same length: a blank for every character that is not printed.

    Logs of CI take `::error::` at the start of a line, and `##[error]` anywhere, for commands: they lose a character.
    """
    plain = text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
    return without_commands(plain) if "::" in plain or "##" in plain else plain


def without_commands(text: str) -> str:
    """Lines that have been wrapped or coloured, none of which a CI log takes for a command."""
    return re.sub(_STRAY, "# ", re.sub(_COMMAND, r"\1 ", text))


_COLOUR = r"\x1b\[[0-9;]*m"


def without_colour(text: str) -> str:
    """The text without the sequences that colour it on a terminal."""
    return re.sub(_COLOUR, "", text)


_MARKDOWN = r"[\\`<\[\]|&~$]|(?<![^\W_])_|_(?![^\W_])|\*(?! )|(?<=\S)\*"


def markdown(text: str) -> str:
    """Plain text inside a line or a cell of GitHub's Markdown; signs that do nothing where they stand are left."""
    return text if isinstance(text, Markup) else re.sub(_MARKDOWN, r"\\\g<0>", printable(text))


def markdown_line(text: str) -> str:
    """A paragraph of one line: neither a heading nor an item of a list, whatever it begins with."""
    line = "".join("\\" + c if c in "\\`*_<>[]|&~$" else c for c in printable(text)).strip()
    number = re.match(r"\d{1,9}(?=[.)](\s|$))", line)
    if number:
        return f"{number[0]}\\{line[number.end() :]}"
    return f"\\{line}" if line.startswith(("#", "+", "=", "-")) else line


def html(text: str) -> str:
    """Plain text inside an element or an attribute of HTML."""
    from html import escape

    return escape(printable(text))


def html_table(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A title, and cells under headings, as a piece of HTML that ends in a newline; whole numbers are grouped."""

    def cell(text: str) -> str:
        return f"<td>{html(f'{int(text):,}' if text.isdecimal() else text)}</td>"

    head = "".join(f"<th>{html(heading)}</th>" for heading in headings)
    body = "\n".join(f"<tr>{''.join(map(cell, row))}</tr>" for row in rows)
    return f"<h2>{html(title)}</h2>\n<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n"


_LATEX = {
    "\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "α": r"$\alpha$", "β": r"$\beta$", "γ": r"$\gamma$", "·": r"$\cdot$", "×": r"$\times$",
    "²": "$^2$", "³": "$^3$", "≤": r"$\leq$", "≥": r"$\geq$", "≠": r"$\neq$",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}  # fmt: skip


def latex(text: str) -> str:
    """Plain text in LaTeX."""
    return "".join(_LATEX.get(c, c) for c in printable(text))


def csv_value(value: Any) -> Any:
    """A value of a CSV file: a text on one line, anything else as it is."""
    return printable(value) if isinstance(value, str) else value


def json_text(document: Any, indent: int | None = None) -> str:
    """JSON in ASCII that holds every character, and that no terminal and no log obeys. A fraction is its decimal."""
    import json

    text = re.sub(_STRAY, r"\\u0023#", json.dumps(document, indent=indent, default=float))
    return text.replace("\x7f", "\\u007f")


def yaml_quoted(text: str) -> str:
    """A text in double quotes, as YAML reads it back."""
    plain = "".join("\\" + c if c in '\\"' else c if c.isprintable() else f"\\U{ord(c):08x}" for c in text)
    return '"' + re.sub(_STRAY, r"\\x23#", plain) + '"'


def github_data(text: str) -> str:
    """The message of a GitHub workflow command; it may have several lines."""
    lines = "\n".join(map(printable, text.split("\n")))
    return lines.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def github_property(text: str) -> str:
    """The value of a property of a GitHub workflow command."""
    data = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A").replace(":", "%3A").replace(",", "%2C")
    return printable(data)
