"""What led to a problem in a block or at a setting, said beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from costcalc.errors import Place, Problem
from costcalc.graph.binding import Binding
from costcalc.quantity import as_text

MOST_CALLS = 3


def explained(problems: Iterable[Problem], calls: Sequence[tuple[str, Place]], binding: Binding) -> list[Problem]:
    """Problems with the rows that their block was called from, and the variant and settings that a person chose.

    `calls`: the label and the row of each block that was open, the outermost first.
    """
    variant = [f"variant {binding.name}"] if binding.name != binding.spec.name else []
    chosen = ", ".join([*variant, *(f"{key} {as_text(value)}" for key, value in binding.asked.items())])
    return [
        problem._replace(
            note="; ".join(filter(None, [problem.note, _called(problem, calls), chosen and f"at {chosen}"]))
        )
        for problem in problems
    ]


def _called(problem: Problem, calls: Sequence[tuple[str, Place]]) -> str:
    """`in bottleneck3, called from mine.yaml:22`; nothing for a problem of the row itself."""
    inner = [call for call in reversed(calls) if call[1][:2] != problem.place[:2]]
    if not inner:
        return ""
    rows = [f"{place.file}:{place.line}" for _, place in inner]
    if len(rows) > MOST_CALLS:
        rows = [*rows[: MOST_CALLS - 1], "...", rows[-1]]
    return f"in {inner[0][0]}, called from {', '.join(rows)}"
