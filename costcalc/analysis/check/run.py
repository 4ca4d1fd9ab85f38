"""Networks against their budgets: as asked for, or as a file lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from costcalc.analysis.check.outcome import Outcome, Subject, outcomes
from costcalc.counting import Counting
from costcalc.errors import MOST_PROBLEMS, Problem, SpecError, UsageError, one_of, written
from costcalc.escape import printable
from costcalc.ledger import Ledger, ledger_of
from costcalc.network import Named, Network, name_of, open, path_to, read_name
from costcalc.quantity import as_text
from costcalc.spec.sources import confined_to, tree_of
from costcalc.transform.steps import with_steps
from costcalc.typed import config
from costcalc.typed.budgets import Budget, main_options

MAX_WORK = 30_000
"""So many nodes, and lines of specs, the networks of one file of budgets may have together."""
_WRONG = 200  # the work on a network that cannot be opened
_ORDER = 1_000  # and that of the search for an order of execution, which may take seconds
_LESS = f"at most {MAX_WORK} nodes and lines of specs in all: fewer checks in one file"


def check_networks(
    networks: Sequence[Named], settings: Mapping[str, Any], budgets: Sequence[Budget], counting: Counting
) -> list[Outcome]:
    """Each network against each budget. Raises UsageError without a budget, and as `check_network` does."""
    if not budgets:
        words = (option.replace("-", "_") for option in ("fits", *main_options()))
        raise UsageError("no budget", expected=one_of(words, 20))
    checked = (check_network(network, settings, budgets, counting) for network in networks)
    return list(chain.from_iterable(checked))


def check_network(
    name: Named, settings: Mapping[str, Any], budgets: Sequence[Budget], counting: Counting
) -> list[Outcome]:
    """One network against each budget. Raises UsageError and SpecError as `networks.open` does."""
    return _Ledgers().outcomes(name, settings, budgets, counting)


def check_file(file: str | None = None) -> list[Outcome]:
    """Every check of a file of budgets, found if it is not named.

    Raises UsageError if there is none, SpecError with everything that is wrong in it and in the specs that it names.
    """
    found = config.find() if file is None else file
    checks, problems = config.read(found)
    with confined_to(tree_of(Path(found).expanduser().parent)):
        done = _run(checks, problems)
    if problems:
        raise SpecError(problems)
    return done


def _run(checks: Sequence[config.Wanted], problems: list[Problem]) -> list[Outcome]:
    """The outcomes of a file's checks; what is wrong goes to `problems`."""
    done: list[Outcome] = []
    ledgers = _Ledgers()
    for wanted in checks:
        if ledgers.work > MAX_WORK:
            problems.append(Problem(wanted.place, "the checks are of too many large networks", _LESS))
            break
        settings = {key: value for key, (value, _) in wanted.settings.items()}
        try:
            done += ledgers.outcomes(wanted.network, settings, wanted.budgets, wanted.counting)
        except UsageError as error:
            problems += _faults(ledgers, wanted, error, MOST_PROBLEMS - len(problems))
        except SpecError as error:
            problems.extend(_with_origin(problem, wanted) for problem in error.problems)
    return done


class _Ledgers:
    """Opens each network at each setting once, counts it once, and keeps count of the work."""

    def __init__(self) -> None:
        self.work = 0
        self.opened: dict[object, Network | UsageError | SpecError] = {}
        self.counted: dict[object, Ledger] = {}

    def open(self, name: Named, settings: Mapping[str, Any]) -> Network:
        """A network, with its graph. Raises as `networks.open` does, once more for what was wrong before."""
        key = (
            id(name) if isinstance(name, Network) else name,
            *sorted((key, written(value)) for key, value in settings.items()),
        )
        if key not in self.opened:
            try:
                network = self.opened[key] = open(name, **settings)
                self.work += (2 if settings else 1) * len(network.graph.nodes) + len(network.source_text) // 50
            except (UsageError, SpecError) as error:
                self.opened[key] = error
                self.work += _WRONG
        found = self.opened[key]
        if isinstance(found, UsageError | SpecError):
            raise found
        return found

    def outcomes(
        self, name: Named, settings: Mapping[str, Any], budgets: Sequence[Budget], counting: Counting
    ) -> list[Outcome]:
        """One network against each budget."""
        asked = name.asked if isinstance(name, Network) else path_to(name)
        network = self.open(name, settings)
        file = network.declaration.file
        called = printable(with_steps(read_name(asked).network if file else network.declaration.name, network.steps))
        words = [f"{key} {as_text(network.settings[key])}" for key in network.given]
        given = ", ".join(filter(None, [*words, str(counting.steps)]))
        formats = (counting.weights, counting.activations, counting.accumulators)
        key = (id(network), id(counting.convention), *formats, counting.schedule, counting.steps)
        if key not in self.counted:
            self.counted[key] = ledger_of(network.graph, counting)
            self.work += _ORDER * counting.is_reordered
        return outcomes(
            Subject(called, given, counting, file, name_of(name, network), tuple(settings.items())),
            self.counted[key],
            budgets,
        )


def _with_origin(problem: Problem, wanted: config.Wanted) -> Problem:
    """A problem of a spec, with the check that set it so."""
    asked = [f"asked for in {wanted.place}"] if wanted.settings else []
    return problem._replace(note="; ".join(filter(None, [problem.note, *asked])))


def _faults(ledgers: _Ledgers, wanted: config.Wanted, error: UsageError, most: int) -> list[Problem]:
    """What is wrong with a check that cannot be run: its network, or each setting that is wrong by itself.

    `most` are told in full, with the nearest name; at least one is told.
    """
    alone = [(place, {key: value}) for key, (value, place) in wanted.settings.items()]
    found: list[Problem] = []
    for place, settings in [(wanted.place, {}), *alone]:
        try:
            ledgers.open(wanted.network, settings)
        except UsageError as wrong:
            found.append(Problem(place, wrong.message, wrong.expected, wrong.nearest if len(found) < most else ""))
            if not settings or len(found) >= most:
                return found
        except SpecError:
            continue
    return found or [Problem(wanted.place, error.message, error.expected, error.nearest if most > 0 else "")]
