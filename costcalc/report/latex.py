"""Tables as LaTeX: a float with caption and label, ruled by booktabs; one that breaks across pages if it is long."""

from __future__ import annotations

import re
from collections.abc import Sequence

from costcalc.escape import latex, printable

_MOST_ROWS = 45
"""A table with more rows than a page has goes across pages."""
_MANY_COLUMNS = 6
"""With more columns than these the type is smaller, so that a report fits the width of a page."""
_SIZE = re.compile(r"(?<![\w.])\d+(?:x\d+)+(?![\w.])")
_TIMES = re.compile(r"(?<=\d) x (?=\w)")
_AMOUNT = re.compile(r"(?<=\d) (?=(?:[kMGT]B?|B|\\%)(?!\w))")
_POWER = re.compile(r"\b(\d+)\\textasciicircum\{\}(\d+)")


def latex_table(
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    figures: Sequence[bool],
    notes: Sequence[str],
    foot: Sequence[str] = (),
) -> str:
    """Cells under headings, the totals of `foot` below a rule, and the notes in small type below the table."""
    is_long = len(rows) > _MOST_ROWS
    spec = "".join("r" if figure else "l" for figure in figures)
    head = [r"\toprule", _line(headings), r"\midrule"]
    body = [_line(row) for row in rows]
    foot = [r"\midrule", _line(foot)] if foot else []
    caption = rf"\caption{{{latex_text(title)}}}"
    label = rf"\label{{tab:{_slug(title)}}}"
    said = r" \\ ".join(map(latex_text, notes))
    small = [r"\par\smallskip", rf"{{\footnotesize {said}\par}}"] if notes else []
    packages = "booktabs, longtable" if is_long else "booktabs"
    type_size = [r"\footnotesize"] if len(headings) > _MANY_COLUMNS else []
    lines = [f"% needs \\usepackage{{{packages}}}"]
    if is_long:
        begin = [r"\begingroup", *type_size, rf"\begin{{longtable}}{{@{{}}{spec}@{{}}}}", f"{caption} {label} " + r"\\"]
        lines += [
            *begin,
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
    """Plain text in LaTeX: real signs between sizes and factors, arrows, minus signs, thin spaces before units."""
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


def _slug(title: str) -> str:
    """The network's part of a title, in letters, digits and hyphens."""
    name = re.split(r"[,:]", printable(title), maxsplit=1)[0]
    return "-".join(re.findall(r"[a-z0-9]+", name.lower())) or "table"
