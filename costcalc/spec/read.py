"""Small readers shared by the sections of a spec: node to cell, word, mapping, number."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any

from costcalc import expression
from costcalc.errors import Place
from costcalc.spec.model import Cell
from costcalc.spec.problems import Problems
from costcalc.spec.tree import Mapping, Node, Scalar, Sequence

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
NETWORK_NAME = re.compile(r"[a-z0-9][a-z0-9_.]*")
_FORMS = {NETWORK_NAME: "lower-case letters, digits, _ and ., as mobilenet_v1"}
ANY_NETWORK_NAME = re.compile(rf"{NETWORK_NAME.pattern}|{NAME.pattern}/[^/\s]+")
"""Of a network of a file, or of a library, as keras/MobileNetV2."""
MOST_CHARACTERS = 80
"""Of a name."""
MAX_ITEMS = 256  # DenseNet-264 joins 65 maps


def as_name(text: str, otherwise: str) -> str:
    """A text of a stranger as a name in a spec that we write; it is put after `otherwise` if it begins like none."""
    plain = re.sub("[^A-Za-z0-9_]", "_", text)
    return (plain if NAME.fullmatch(plain) else f"{otherwise}_{plain}")[:MOST_CHARACTERS]


def cell(node: Node, problems: Problems) -> Cell:
    """A scalar (or a short list of scalars) as a cell; a leading `=` makes it final."""
    if isinstance(node, Scalar):
        text = node.text.strip()
        if text.startswith("="):
            return Cell(text[1:].strip(), node.place, final=True)
        if not text:
            problems.add(node, "an empty value", "a value, or _ where none applies")
            return Cell("_", node.place)
        return Cell(text, node.place)
    if isinstance(node, Sequence) and 0 < len(node.items) <= MAX_ITEMS:
        items = tuple(cell(item, problems) for item in node.items)
        if all(item.items is None for item in items):
            return Cell("", node.place, items=items)
    problems.add(node, "a value is expected here", "a word, a number, an expression or a short list of them")
    return Cell("_", node.place)


def is_blank(node: Node) -> bool:
    """Whether a cell is `_`: its column does not apply."""
    return isinstance(node, Scalar) and node.text.strip() == "_"


def word(node: Node | None, problems: Problems, what: str, pattern: re.Pattern[str] = NAME) -> str:
    """A name; "" (and a problem) if the node is none."""
    if isinstance(node, Scalar) and pattern.fullmatch(node.text) and len(node.text) <= MOST_CHARACTERS:
        return node.text
    if node is not None:
        problems.add(node, f"{what} must be a name", _FORMS.get(pattern, "a letter, then letters, digits or _"))
    return ""


def text(node: Node | None, problems: Problems, what: str) -> str:
    """Any text, on one line and without control characters."""
    if node is None:
        return ""
    if isinstance(node, Scalar):
        plain = node.text if node.text.isprintable() else "".join(c if c.isprintable() else " " for c in node.text)
        return " ".join(plain.split())
    problems.add(node, f"{what} must be a text")
    return ""


def mapping(node: Node | None, problems: Problems, what: str) -> Mapping:
    """A mapping; an empty one (and a problem) if the node is something else."""
    if isinstance(node, Mapping):
        return node
    if node is not None:
        problems.add(node, f"{what} must be a mapping", "lines of `key: value`")
    return Mapping({}, node.place if node else Place("", 1, 1))


def sequence(node: Node | None, problems: Problems, what: str) -> tuple[Node, ...]:
    """A list's items; none (and a problem) if the node is something else."""
    if isinstance(node, Sequence):
        return node.items
    if node is not None:
        problems.add(node, f"{what} must be a list", "lines of `- item`, or [item, item]")
    return ()


def known_keys(node: Mapping, known: Collection[str], problems: Problems, what: str) -> None:
    """Report each key that nobody reads."""
    for key, (scalar, _) in node.entries.items():
        if key not in known:
            note = (
                ""
                if NETWORK_NAME.fullmatch(key.lower())
                else "inside {...} a comma ends the value: quote a text with commas"
            )
            problems.unknown(scalar, f"{what} key", key, known, note=note)


def number(node: Node | None, problems: Problems, what: str) -> Any:
    """An exact number (`3`, `0.75`, `6/7`); None (and a problem) if it is none."""
    if isinstance(node, Scalar):
        try:
            return expression.number(node.text)
        except ValueError:
            pass
    if node is not None:
        problems.add(node, f"{what} must be a number", "as 3, 0.75 or 6/7")
    return None


def value(node: Node | None, problems: Problems, what: str) -> Any:
    """A setting's value: an exact number, true, false, or a word."""
    if isinstance(node, Scalar):
        read = plain_value(node.text)
        if read is not None:
            return read
    if node is not None:
        expected = "a number from 0, as 0.75 or 6/7, or a word of letters, digits and _"
        problems.add(node, f"{what} must be a number, true, false or a word", expected)
    return None


_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_SIZE = re.compile(r"[0-9]{1,6}(x[0-9]{1,6})+")


def plain_value(text: str) -> Any:
    """A setting's value from its text, or None if the text is none."""
    text = text.strip()
    if text in ("true", "false"):
        return text == "true"
    try:
        return expression.number(text)
    except ValueError:
        return text if _WORD.fullmatch(text) or _SIZE.fullmatch(text) else None


def each(
    node: Node | None,
    problems: Problems,
    what: str,
    read: Callable[[str, Scalar, Node], Any],
    pattern: re.Pattern[str] = NAME,
) -> dict[str, Any]:
    """Read every entry of a mapping of names."""
    found = {}
    for key, (scalar, value_node) in mapping(node, problems, f"`{what}`").entries.items():
        if word(scalar, problems, f"a name in `{what}`", pattern):
            found[key] = read(key, scalar, value_node)
    return found
