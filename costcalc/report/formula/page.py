"""Formulas on paper: as text, in every format of a report, and as Python source."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

import sympy

from costcalc.analysis.formula.definitions import Definition
from costcalc.analysis.formula.polynomial import condensed, is_short
from costcalc.analysis.formula.record import Formula
from costcalc.errors import UsageError, width_of, word_of
from costcalc.escape import printable, without_commands
from costcalc.measures import is_of_bytes, measure_of
from costcalc.quantity import as_text
from costcalc.report.formats import document_text, render_records
from costcalc.report.formula.words import (
    Words,
    assumption_words,
    plain,
    signs,
    sum_lines,
    sum_of,
    summands,
)
from costcalc.symbols import ROUND_WIDTH, Expr, Kind

WIDTH = 100
_LEAST_WIDTH = 20
"""Columns of a formula that is not on a terminal."""
_MOST_ASSUMPTIONS = 12


class FormulaFormat(StrEnum):
    """How a formula is written."""

    TABLE = "table"
    MARKDOWN = "markdown"
    CSV = "csv"
    JSON = "json"
    LATEX = "latex"
    HTML = "html"
    PYTHON = "python"


def render_formula(
    formula: Formula,
    format: str = "table",
    layers: bool = False,
    width: int | None = None,
    terminal: bool = False,
    ascii_only: bool = False,
) -> str:
    """A formula as text, ending in a newline; a row for each layer with `layers`.

    `ascii_only` writes alpha and ** for α and ². Raises UsageError for layers of two networks or as Python.
    """
    chosen = word_of(FormulaFormat, format, "format")
    if layers and (formula.against is not None or chosen is FormulaFormat.PYTHON):
        other = "--against" if formula.against is not None else "--format python"
        raise UsageError(f"--layers does not go with {other}", expected="one of the two")
    words = plain if ascii_only else signs
    match chosen:
        case FormulaFormat.PYTHON:
            from costcalc.report.formula.python import python_source

            return python_source(formula, [heading(formula), *notes(formula, plain)])
        case FormulaFormat.LATEX:
            from costcalc.report.formula.latex import latex_source

            return latex_source(formula, layers, [heading(formula), *notes(formula, plain)])
        case FormulaFormat.JSON:
            return document_text(formula_document(formula, layers))
        case FormulaFormat.TABLE if not layers:
            return _page(formula, max(width_of(width) or WIDTH, _LEAST_WIDTH), words)
    words = plain if chosen is FormulaFormat.CSV else words
    records = _layer_records(formula, words) if layers else _records(formula, words)
    named = _equations(formula.definitions, words) if layers and not formula.smooth else []
    remarks = [*named, *notes(formula, words)]
    return render_records(records, chosen, heading(formula), remarks, width, terminal)


def heading(formula: Formula) -> str:
    """What the formula is of, and what is open."""
    how = ", without rounding" if formula.smooth else ""
    return printable(f"{formula.title}{how}")


def _page(formula: Formula, width: int, words: Words) -> str:
    """The formula for people: definitions, totals, what must hold."""
    parts = [heading(formula)]
    if formula.output is not None:
        parts.append(f"output {' x '.join(map(words, (*formula.output.spatial, formula.output.channels)))}")
    if formula.definitions and not formula.smooth:
        parts.append("\n".join(_equations(formula.definitions, words)))
    parts.append(_totals(formula, width, words))
    if formula.against is not None:
        parts += [heading(formula.against), _totals(formula.against, width, words), _ratios(formula, width, words)]
    parts.append("\n".join(line for note in notes(formula, words) for line in textwrap.wrap(note, width)))
    return without_commands("\n\n".join(parts) + "\n")


def _equations(definitions: Iterable[Definition], words: Words) -> list[str]:
    found = [(words(name), words(value)) for name, value in definitions]
    longest = max((len(name) for name, _ in found), default=0)
    return [f"{name.ljust(longest)} = {_bare(value)}" for name, value in found]


def _bare(text: str) -> str:
    """A text without brackets around the whole of it."""
    return text[1:-1] if text.startswith("(") and text.endswith(")") and " if " in text else text


def _totals(formula: Formula, width: int, words: Words) -> str:
    titles = {name: measure_of(name).title for name in formula.figures}
    longest = max(map(len, titles.values()))
    sums = [
        _sum(f"{titles[name].ljust(longest)} =", summands(value, formula.positions, words), width)
        for name, value in formula.figures.items()
    ]
    return ("\n\n" if any("\n" in text for text in sums) else "\n").join(sums)


def _sum(start: str, terms: Sequence[str], width: int) -> str:
    """`start` and a sum after it; if one line does not hold it, a line for each bracket."""
    whole = f"{start} {sum_of(terms)}"
    if len(whole) <= width:
        return whole
    return "\n".join([start, *(_wrapped(line, width) for line in sum_lines(terms, width - 6))])


def _wrapped(line: str, width: int) -> str:
    """A line of a sum; what is too long goes on below, at a sign."""
    indent = " " * (4 if line.startswith(("+ ", "- ")) else 6)
    unbroken = re.sub(r"(?<=[+\-,]) ", "\xa0", line)
    text = textwrap.fill(
        unbroken, width, initial_indent=indent, subsequent_indent=" " * 10, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
    return text.replace("\xa0", " ")


def _ratios(formula: Formula, width: int, words: Words) -> str:
    assert formula.against is not None
    parts = [printable(f"{formula.name} / {formula.against.name}:")]
    for name, value in formula.ratios.items():
        top, bottom = sympy.fraction(sympy.together(value))
        start = f"{measure_of(name).title} ="
        if not bottom.is_Add:
            parts.append(_sum(start, summands(sympy.expand(value), (), words), width))
        elif is_short(value):
            above, below = (sum_of(summands(half, formula.positions, words)) for half in (top, bottom))
            above = f"({above})" if top.is_Add else above
            whole = f"{start} {above} / ({below})"
            parts.append(whole if len(whole) <= width else f"{start}\n      {above}\n    / ({below})")
    return "\n".join(parts)


def notes(formula: Formula, words: Words) -> list[str]:
    """What stands under a formula: rules of rounding, what must hold, the figures at the point, the convention."""
    lines = [*_rules(formula), *_assumptions(formula, words)]
    where = _where(formula, words)
    for one in (formula, formula.against):
        if one is not None and one.reported is not None:
            lines.append(_figures(one, where, formula.against is not None))
    if ratios := formula.ratios_at_point:
        shown = ", ".join(f"{measure_of(name).title} {float(value):.4f}" for name, value in ratios.items())
        lines.append(f"ratio at {where}: {shown}")
    convention = f"convention {formula.convention.name}: {formula.convention.title}"
    has_bytes = any(is_of_bytes(name) for name in formula.figures)
    lines.append(f"{convention}; {formula.counting.bytes_of(formula.declares_formats)}" if has_bytes else convention)
    left_out = dict.fromkeys([*formula.left_out, *(formula.against.left_out if formula.against else ())])
    if left_out:
        lines.append(f"partial: the convention has no rule for {', '.join(left_out)}")
    return lines


def _where(formula: Formula, words: Words) -> str:
    """The point at which conditions were decided."""
    return ", ".join(f"{words(sympy.Symbol(key))} {as_text(value)}" for key, value in formula.open.items())


def _figures(formula: Formula, where: str, several: bool) -> str:
    at_point = dict(zip(formula.figures, formula.at(), strict=True))
    named = f"{printable(formula.name)} " if several else ""
    shown = ", ".join(f"{_number(value)} {measure_of(name).title}" for name, value in at_point.items())
    found = f"{named}{f'at {where}' if where else ''}: {shown}"
    assert formula.reported is not None
    if at_point == formula.reported:
        return f"{found}, as in the report".removeprefix(": ")
    reported = " and ".join(map(_number, formula.reported.values()))
    return f"{found}; the report, which rounds, has {reported}"


def _number(value: Any) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return "nothing" if value is None else f"{float(value):,.1f}" if value > 1000 else f"{float(value):.4g}"


def _rules(formula: Formula) -> list[str]:
    """A line for each rounding rule that the definitions use."""
    rules: dict[Expr, set[Expr]] = {}
    for _, value in () if formula.smooth else formula.definitions:
        for part in sympy.preorder_traversal(value):
            if part.func.__name__ == ROUND_WIDTH:
                rules.setdefault(part.args[1], set()).add(part.args[2])
    lines = []
    for divisor, bounds in sorted(rules.items(), key=str):
        name = f"round{divisor}(x)" if divisor.is_Integer else f"{ROUND_WIDTH}(x, {divisor})"
        least = f"at least {divisor}" if bounds == {divisor} else f"at least {divisor} or as `least` says"
        lines.append(
            f"{name} is x to the nearest multiple of {divisor}, {least}; {divisor} more where that is below 0.9 x"
        )
    return lines


def _assumptions(formula: Formula, words: Words) -> list[str]:
    """What must hold; of a smooth formula, whose names are not shown, what speaks of settings alone."""
    shown = condensed(formula.assumptions)
    settings = set(formula.letters.values())
    hidden = [one for one in shown if formula.smooth and not one.what.free_symbols <= settings]
    listed = [assumption_words(one, words) for one in shown if one not in hidden]
    if len(listed) > _MOST_ASSUMPTIONS:
        listed[_MOST_ASSUMPTIONS:] = [f"{len(listed) - _MOST_ASSUMPTIONS} more (--format json lists them)"]
    if not formula.smooth and any(one.kind is Kind.RANGE for one in formula.assumptions):
        listed.append("no size or width falls below 1")
    lines = [f"holds while {', '.join(listed[:-1])}{' and ' if listed[1:] else ''}{listed[-1]}"] if listed else []
    if hidden:
        lines.append(
            f"the layers are those of {_where(formula, words)}; without --smooth the formula says what that depends on"
        )
    return lines


def _records(formula: Formula, words: Words) -> list[dict[str, Any]]:
    shown = () if formula.smooth else formula.definitions
    rows = [(words(name), _bare(words(value))) for name, value in shown]
    for one, name in ((formula, ""), (formula.against, f" of {formula.against.name}" if formula.against else "")):
        if one is not None:
            rows += [
                (f"{measure}{name}", sum_of(summands(value, one.positions, words)))
                for measure, value in one.figures.items()
            ]
    rows += [(f"{name} ratio", words(value)) for name, value in formula.ratios.items() if is_short(value)]
    return [{"name": name, "formula": text} for name, text in rows]


def _layer_records(formula: Formula, words: Words) -> list[dict[str, Any]]:
    return [
        {
            "layer": cost.name,
            "op": cost.op,
            **{
                name if words is plain else measure_of(name).title: None
                if value is sympy.nan
                else sum_of(summands(value, formula.positions, words))
                for name, value in cost.figures.items()
            },
        }
        for cost in formula.layers
    ]


def formula_document(formula: Formula, layers: bool = False) -> dict[str, Any]:
    """The JSON of a formula: every definition and assumption; expressions in ASCII, ** for powers."""
    from costcalc.version import __version__

    def figures(one: Formula) -> dict[str, str]:
        return {name: sum_of(summands(value, one.positions, plain)) for name, value in one.figures.items()}

    document: dict[str, Any] = {
        "costcalc": __version__,
        "network": formula.name,
        "convention": formula.convention.name,
        "smooth": formula.smooth,
        "open": {key: None if value is None else as_text(value) for key, value in formula.open.items()},
        "definitions": {plain(name): _bare(plain(value)) for name, value in formula.definitions},
        **figures(formula),
        "assumptions": [
            {"kind": str(assumption.kind), "holds": assumption_words(assumption, plain)}
            for assumption in formula.assumptions
        ],
        "left_out": list(formula.left_out),
    }
    if layers:
        document["layers"] = _layer_records(formula, plain)
    if formula.against is not None:
        document["against"] = {"network": formula.against.name, **figures(formula.against)}
        document["ratio"] = {name: plain(value) for name, value in formula.ratios.items()}
    return document
