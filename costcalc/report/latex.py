"""Tables as LaTeX: a float with caption and label, ruled by booktabs; one that breaks across pages if it is long."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise, takewhile
from typing import NamedTuple

from costcalc.escape import latex, printable
from costcalc.report.tables.fit import Records, is_repeated, noted

_MOST_ROWS = 45
"""A table with more rows than a page has goes across pages."""
_PAGE = 345.0
"""Points of the width of a text in LaTeX's `article`."""
_SMALL, _USUAL = (0.85, 8.0), (1.0, 12.0)
"""How large letters are beside those of 10 points, and the points between columns: in footnote size, and as usual."""
_LETTER = 5.24
"""Points of most letters of Computer Modern at 10 points."""
_LETTERS = {
    **dict.fromkeys("ijl,.:;'", 2.78), **dict.fromkeys("frst-()/ ", 3.94), **dict.fromkeys("mwM%+=", 8.35),
    **dict.fromkeys("ABCDGNOPQRTVWXY", 7.3), **dict.fromkeys("0123456789", 5.0),
}  # fmt: skip
_HEADINGS = {"alpha": "α", "beta": "β", "top1": "top-1", "top5": "top-5"}
_SIZE = re.compile(r"(?<![\w.])\d+(?:x\d+)+(?![\w.])")
_TIMES = re.compile(r"(?<=\d) x (?=\w)")
_AMOUNT = re.compile(r"(?<=\d) (?=(?:[kMGT]B?|B|\\%)(?!\w))")
_QUOTED = re.compile(r"(?<!\w)'([^'`]*)'(?!\w)")
_POWER = re.compile(r"\b(\d+)\\textasciicircum\{\}(\d+)")


class OnPage(NamedTuple):
    """The columns that have room on a page, with headings in words, and the headings of those that have none.

    `notes` are the texts of a column of reasons, which stand below the table. `above` has for each row the name that
    stands on a line over it, "" for none.
    """

    records: Records
    left_out: list[str]
    notes: list[str]
    above: list[str]


def on_page(records: Records) -> OnPage:
    """What of a table a page has room for. Where there is none, reasons go below, then repeated names over their rows.

    Then optional columns go; no others: what a person asks for stays, however wide.
    """
    notes: list[str] = []
    above: list[str] = []
    left_out = []
    if records.footnote in records.headings and not _has_room(records):
        records, notes = noted(records)
        if not _has_room(records) and is_repeated(records) and records.names is not None:
            names = [row[records.names] for row in records.rows]
            above = [name if name != before else "" for before, name in pairwise(["", *names])]
            records = records.without(records.headings[records.names])
    for heading in records.optional:
        if _has_room(records):
            break
        if heading in records.headings:
            records = records.without(heading)
            left_out.append(heading)
    return OnPage(records._replace(headings=list(map(_in_words, records.headings))), left_out, notes, above)


def _has_room(records: Records) -> bool:
    return _width(records.headings, records.rows, _SMALL) <= _PAGE


def _width(headings: Sequence[str], rows: Sequence[Sequence[str]], type_size: tuple[float, float]) -> float:
    """About how wide a table is, in points."""
    size, gap = type_size
    columns = zip(map(_in_words, headings), *rows, strict=True)
    widths = [max(sum(_LETTERS.get(letter, _LETTER) for letter in cell) for cell in column) for column in columns]
    return size * sum(widths) + gap * (len(widths) - 1)


def _in_words(heading: str) -> str:
    """A column's heading as a paper has it."""
    from costcalc.measures import MEASURES

    return MEASURES[heading].title if heading in MEASURES else _HEADINGS.get(heading, heading)


def latex_table(
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    figures: Sequence[bool],
    notes: Sequence[str],
    foot: Sequence[str] = (),
    left_out: Sequence[str] = (),
    above: Sequence[str] = (),
) -> str:
    """Cells under headings, the totals of `foot` below a rule, and the notes in small type below the table.

    `above` has for each row the name on a line over it, "" for none. A comment names the packages
    that it needs, and the columns that are `left_out`.
    """
    is_long = len(rows) > _MOST_ROWS
    is_wide = _width(headings, [*rows, *([foot] if foot else [])], _USUAL) > _PAGE
    spec = "".join("r" if figure else "l" for figure in figures)
    head = [r"\toprule", _line(headings), r"\midrule"]
    names = above or [""] * len(rows)
    body = [line for name, row in zip(names, rows, strict=True) for line in (*_over(name, len(spec)), _line(row))]
    foot = [r"\midrule", _line(foot)] if foot else []
    caption = rf"\caption{{{latex_text(title)}}}"
    label = rf"\label{{tab:{_slug(title)}}}"
    said = r" \\ ".join(map(latex_text, notes))
    small = [r"\par\smallskip", rf"{{\footnotesize {said}\par}}"] if notes else []
    packages = "booktabs, longtable" if is_long else "booktabs"
    type_size = [r"\footnotesize\setlength{\tabcolsep}{4pt}"] if is_wide else []
    lines = [f"% needs \\usepackage{{{packages}}}"]
    if left_out:
        lines.append(f"% left out, for a page has no room: {printable(', '.join(left_out))}")
    if is_long:
        begin = [r"\begingroup", *type_size, rf"\begin{{longtable}}{{@{{}}{spec}@{{}}}}", f"{caption} {label} " + r"\\"]
        lines += [
            *begin,
            *head,
            r"\endfirsthead",
            *head,
            r"\endhead",
            *body,
            *foot,
            r"\bottomrule",
            r"\end{longtable}",
            r"\endgroup",
            *small[1:],
        ]
    else:
        begin = [r"\begin{table}", r"\centering", *type_size, caption, label, rf"\begin{{tabular}}{{@{{}}{spec}@{{}}}}"]
        lines += [*begin, *head, *body, *foot, r"\bottomrule", r"\end{tabular}", *small, r"\end{table}"]
    return "\n".join(lines) + "\n"


def latex_text(text: str) -> str:
    """Plain text in LaTeX: real signs between sizes and factors, arrows, minus signs, thin spaces before units.

    Straight quotes around a word become an opening and a closing one.
    """
    text = _QUOTED.sub(r"`\1'", text)
    minus = re.match(r"-(?=\d)", text)
    escaped = latex(text[1:] if minus else text)
    escaped = _SIZE.sub(lambda size: size[0].replace("x", r"$\times$"), escaped)
    escaped = _TIMES.sub(r" $\\times$ ", escaped).replace(r" -\textgreater{} ", r" $\to$ ")
    escaped = _POWER.sub(r"$\1^{\2}$", _AMOUNT.sub(r"\\,", escaped))
    return f"$-${escaped}" if minus else escaped


def _line(cells: Sequence[str]) -> str:
    line = " & ".join(map(latex_text, cells))
    # what begins with a bracket would be read as the argument of the \\ before it, a star as its variant
    return ("{}" if line.startswith(("[", "*")) else "") + line + r" \\"


def _over(name: str, columns: int) -> list[str]:
    """A name on a line of its own, across the columns of a table, with a little room before it."""
    return [rf"\addlinespace \multicolumn{{{columns}}}{{@{{}}l}}{{{latex_text(name)}}} \\*"] if name else []


def _slug(title: str) -> str:
    """The networks' part of a title, in letters, digits and hyphens: before what was set, which has a space."""
    head = printable(title).partition(":")[0].split(",")
    name = "-".join([head[0], *takewhile(lambda part: " " not in part.strip(), head[1:])])
    return "-".join(re.findall(r"[a-z0-9]+", name.lower())) or "table"
