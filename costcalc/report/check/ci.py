"""Outcomes of budgets for programs of continuous integration: GitHub's annotations and JUnit's XML."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path, PurePath

from costcalc.analysis.check.outcome import Outcome
from costcalc.errors import MOST_PROBLEMS, CostcalcError, Place, SpecError
from costcalc.escape import github_data, github_property, printable
from costcalc.report.check.words import costliest, headline, here, sentence
from costcalc.report.tables.units import grouped


def github(outcomes: Sequence[Outcome], root: str) -> str:
    """GitHub's workflow commands: an error for each budget that does not hold, and a plain line for each that does.

    The error stands where most is spent: on the line of the person's own spec, else on that of the file of budgets.
    Further dear lines are warnings, so that there are as many errors as broken budgets.
    """
    lines = []
    for outcome in outcomes:
        title = f"costcalc: {outcome.budget.measure} {outcome.verdict}"
        said = sentence(outcome)
        if outcome.holds:
            lines.append(printable(f"holds: {said}"))
        elif outcome.lines:
            for number, part in enumerate(outcome.lines):
                text = f"{said}\n{here(outcome, part)}"
                lines.append(_command("warning" if number else "error", text, title, part.place, root))
        else:
            text = f"{said}\nmost by {costliest(outcome)}" if outcome.costliest else said
            lines.append(_command("error", text, title, outcome.budget.place, root))
    lines += dict.fromkeys(printable(outcome.budget.note) for outcome in outcomes if outcome.budget.note)
    return "\n".join([*lines, headline(outcomes)]) + "\n"


def github_problems(error: CostcalcError, root: str) -> str:
    """What is wrong with the input, as GitHub's workflow commands: an error for each problem, at its place."""
    if not isinstance(error, SpecError):
        return _command("error", str(error), _WRONG, None, root) + "\n"
    lines = [
        _command("error", "\n".join(problem.words), _WRONG, problem.place, root)
        for problem in error.problems[:MOST_PROBLEMS]
    ]
    return "".join(f"{line}\n" for line in lines)


_WRONG = "costcalc: wrong input"


def _command(level: str, text: str, title: str, place: Place | None, root: str) -> str:
    """`::error file=...,line=...,col=...,title=...::text`."""
    properties = {"title": title}
    if place:
        properties = {"file": _file(place.file, root), **_position(place), **properties}
    shown = ",".join(f"{key}={github_property(value)}" for key, value in properties.items())
    return f"::{level} {shown}::{github_data(text)}"


def _position(place: Place) -> dict[str, str]:
    """Line and column; a model file has none."""
    return {} if place.node else {"line": str(place.line), "col": str(place.column)}


def _file(file: str, root: str) -> str:
    """A file's name as GitHub wants it: from the repository's root, with slashes."""
    try:
        path = Path(file).resolve()
    except OSError:  # the working folder is gone
        return PurePath(file).as_posix()
    if root and path.is_relative_to(Path(root).resolve()):
        return path.relative_to(Path(root).resolve()).as_posix()
    return PurePath(file).as_posix()


def junit(outcomes: Sequence[Outcome]) -> str:
    """JUnit's XML: a suite for each network, a case for each budget."""
    from xml.etree import ElementTree

    root = ElementTree.Element("testsuites", {"name": "costcalc", **_counts(outcomes)})
    for subject, group in groupby(outcomes, key=lambda outcome: outcome.subject):
        mine = list(group)
        suite = ElementTree.SubElement(
            root, "testsuite", {"name": printable(str(subject)), **_counts(mine), "skipped": "0"}
        )
        for outcome in mine:
            names = {"classname": printable(str(subject)), "name": outcome.budget.option}
            case = ElementTree.SubElement(suite, "testcase", names)
            said = printable(sentence(outcome))
            notes = [printable(outcome.budget.note)] if outcome.budget.note else []
            if outcome.holds:
                ElementTree.SubElement(case, "system-out").text = "\n".join([said, *notes])
                continue
            failure = ElementTree.SubElement(case, "failure", {"message": said, "type": str(outcome.verdict)})
            places = [printable(f"{part.place}: {part.layers[0]} {grouped(part.cost)}") for part in outcome.costliest]
            failure.text = "\n".join([said, *places, *notes])
    ElementTree.indent(root)
    return ElementTree.tostring(root, xml_declaration=True).decode("ascii") + "\n"


def _counts(outcomes: Sequence[Outcome]) -> dict[str, str]:
    failures = sum(not outcome.holds for outcome in outcomes)
    return {"tests": str(len(outcomes)), "failures": str(failures), "errors": "0"}
