"""What led to a problem in a block or at a setting, said beside it."""

from __future__ import annotations

from collections.abc import Iterable

from costcalc.errors import Problem
from costcalc.graph.binding import Binding
from costcalc.quantity import as_text
from costcalc.spec.model import Statement


def at_settings(problems: Iterable[Problem], binding: Binding) -> list[Problem]:
    """Problems with the variant and the settings that a person chose."""
    variant = [f"variant {binding.name}"] if binding.name != binding.spec.name else []
    chosen = ", ".join([*variant, *(f"{key} {as_text(value)}" for key, value in binding.asked.items())])
    return [_noted(problem, f"at {chosen}") if chosen else problem for problem in problems]


def called_from(problems: Iterable[Problem], statement: Statement, label: str) -> tuple[Problem, ...]:
    """Problems of a block's body with the row that called it; those in that row's own line stay as they are."""
    own = statement.op.place
    called = f"called from {own.file}:{own.line}"

    def with_call(problem: Problem) -> Problem:
        if (problem.place.file, problem.place.line) == (own.file, own.line):
            return problem
        if "called from" in problem.note:
            return problem._replace(note=f"{problem.note}, {called}")
        return _noted(problem, f"in {label}, {called}")

    return tuple(map(with_call, problems))


def _noted(problem: Problem, note: str) -> Problem:
    return problem._replace(note="; ".join(filter(None, [problem.note, note])))
