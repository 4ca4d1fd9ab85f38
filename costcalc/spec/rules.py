"""The sections `widths` and `depths`: how channel counts and repeats follow the settings."""

from __future__ import annotations

from costcalc.spec import read
from costcalc.spec.model import EVERY_WIDTH, Cell, WidthRule
from costcalc.spec.problems import Problems
from costcalc.spec.tree import Mapping, Node, Scalar


def _rule(node: Mapping, problems: Problems) -> WidthRule:
    read.known_keys(node, ("scale", "round"), problems, "width")
    scale, rounding = node.get("scale"), node.get("round")
    return WidthRule(
        read.cell(scale, problems) if scale else Cell("alpha", node.place),
        read.cell(rounding, problems) if rounding else Cell("round8", node.place),
    )


def read_widths(node: Node | None, problems: Problems) -> dict[str, WidthRule]:
    """One rule for every channel count, or a rule for each column named."""
    content = read.mapping(node, problems, "`widths`")
    if not content.entries:
        return {}
    if all(isinstance(value, Scalar) for _, value in content.entries.values()):
        return {EVERY_WIDTH: _rule(content, problems)}
    return read.each(
        content, problems, "widths", lambda key, _, v: _rule(read.mapping(v, problems, f"width {key}"), problems)
    )


def read_depths(node: Node | None, problems: Problems) -> WidthRule | None:
    """The rule of column n."""
    return _rule(read.mapping(node, problems, "`depths`"), problems) if node is not None else None
