"""Networks against their budgets: as asked for, or as a file lists them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from costcalc.analysis import config
from costcalc.analysis.budget import OPTIONS, Budget, Outcome, Subject, outcomes
from costcalc.analysis.summary import By, Dtype, summarise
from costcalc.conventions import Convention
from costcalc.errors import Place, Problem, SpecError, UsageError, one_of
from costcalc.escape import printable
from costcalc.quantity import as_text
from costcalc.spec.catalogue import is_path
from costcalc.spec.sources import confined_to, tree_of
from costcalc.transform.name import read_name, with_steps

if TYPE_CHECKING:
    from costcalc.api import Network

Load: TypeAlias = "Callable[..., Network]"
"""How a network is loaded by name and settings: `costcalc.load`."""


def check_networks(
    load: Load,
    networks: Sequence[str],
    settings: Mapping[str, Any],
    budgets: Sequence[Budget],
    convention: Convention,
    dtype: Dtype,
) -> list[Outcome]:
    """Each network against each budget. Raises UsageError without a budget, and as `check_network` does."""
    if not budgets:
        raise UsageError("no budget", expected=one_of(f"--{option}" for option in OPTIONS))
    checked = (check_network(load, network, settings, budgets, convention, dtype) for network in networks)
    return list(chain.from_iterable(checked))


def check_network(
    load: Load,
    network: str,
    settings: Mapping[str, Any],
    budgets: Sequence[Budget],
    convention: Convention,
    dtype: Dtype,
) -> list[Outcome]:
    """One network against each budget. Raises UsageError and SpecError as `load` does."""
    asked = read_name(network)
    loaded = load(network, **settings)
    summary = summarise(loaded.graph, convention, By.LAYER, dtype, loaded.binding.batch)
    spec = asked.network if is_path(asked.network) else ""
    name = printable(with_steps(spec or loaded.binding.name, loaded.steps))
    given = ", ".join(f"{key} {as_text(loaded.settings[key])}" for key in asked.with_settings(settings))
    return outcomes(Subject(name, given, convention, dtype, spec), loaded.graph, summary, budgets)


def check_file(load: Load, file: str | None = None) -> list[Outcome]:
    """Every check of a file of budgets, found if it is not named.

    Raises UsageError if there is none, SpecError with everything that is wrong in it and in the specs that it names.
    """
    found = config.find() if file is None else file
    checks, problems = config.read(found)
    with confined_to(tree_of(Path(found).expanduser().parent)):
        done = _run(load, checks, problems)
    if problems:
        raise SpecError(problems)
    return done


def _run(load: Load, checks: Sequence[config.Wanted], problems: list[Problem]) -> list[Outcome]:
    """The outcomes of a file's checks; what is wrong goes to `problems`."""
    done: list[Outcome] = []
    for wanted in checks:
        settings = {key: value for key, (value, _) in wanted.settings.items()}
        try:
            done += check_network(load, wanted.network, settings, wanted.budgets, wanted.convention, wanted.dtype)
        except UsageError as error:
            place = _at_fault(load, wanted)
            problems.append(Problem(place, error.message, error.expected, error.nearest))
        except SpecError as error:
            problems.extend(_with_origin(problem, wanted) for problem in error.problems)
    return done


def _with_origin(problem: Problem, wanted: config.Wanted) -> Problem:
    """A problem of a spec, with the check that set it so."""
    asked = [f"asked for in {wanted.place}"] if wanted.settings else []
    return problem._replace(note="; ".join(filter(None, [problem.note, *asked])))


def _at_fault(load: Load, wanted: config.Wanted) -> Place:
    """Where a check is wrong that cannot be run: at its network, or at the setting that is wrong by itself."""
    alone = [(place, {key: value}) for key, (value, place) in wanted.settings.items()]
    for place, settings in [(wanted.place, {}), *alone]:
        try:
            load(wanted.network, **settings)
        except UsageError:
            return place
        except SpecError:
            continue
    return wanted.place
