"""Networks against their budgets: as asked for, or as a file lists them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

from costcalc.analysis import config
from costcalc.analysis.budget import OPTIONS, Budget, Outcome, Subject, outcomes
from costcalc.analysis.summary import By, Dtype, Summary, summarise
from costcalc.conventions import Convention
from costcalc.errors import Place, Problem, SpecError, UsageError, one_of, printable
from costcalc.quantity import as_text
from costcalc.spec.catalogue import is_path
from costcalc.transform.name import read_name, with_steps

if TYPE_CHECKING:
    from costcalc.api import Network

MAX_WORK = 30_000
_WRONG = 200  # the work on a network that cannot be loaded
_LESS = f"at most {MAX_WORK} nodes and lines of specs in all: fewer checks in one file"
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
    summary = (load.summary if isinstance(load, _Loader) else _summary)(loaded, convention, dtype)
    spec = asked.network if is_path(asked.network) else ""
    name = printable(with_steps(spec or loaded.binding.name, loaded.steps))
    given = ", ".join(f"{key} {as_text(loaded.settings[key])}" for key in asked.with_settings(settings))
    return outcomes(Subject(name, given, convention, dtype, spec), loaded.graph, summary, budgets)


def _summary(network: Network, convention: Convention, dtype: Dtype) -> Summary:
    return summarise(network.graph, convention, By.LAYER, dtype, network.binding.batch)


def check_file(load: Load, file: str | None = None) -> list[Outcome]:
    """Every check of a file of budgets, found if it is not named.

    Raises UsageError if there is none, SpecError with everything that is wrong in it and in the specs that it names.
    """
    done: list[Outcome] = []
    load = _Loader(load)
    checks, problems = config.read(config.find() if file is None else file)
    for wanted in checks:
        if load.work > MAX_WORK:
            problems.append(Problem(wanted.place, "the checks are of too many large networks", _LESS))
            break
        settings = {key: value for key, (value, _) in wanted.settings.items()}
        try:
            done += check_network(load, wanted.network, settings, wanted.budgets, wanted.convention, wanted.dtype)
        except UsageError as error:
            place = _at_fault(load, wanted)
            problems.append(Problem(place, error.message, error.expected, error.nearest))
        except SpecError as error:
            problems.extend(_with_origin(problem, wanted) for problem in error.problems)
    if problems:
        raise SpecError(problems)
    return done


class _Loader:
    """Loads each network at each setting once, and keeps count of the work."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.work = 0
        self.loaded: dict[object, Network | UsageError | SpecError] = {}
        self.summaries: dict[object, Summary] = {}

    def __call__(self, network: str, **settings: Any) -> Network:
        key = (network, *sorted(settings.items()))
        if key not in self.loaded:
            try:
                loaded = self.loaded[key] = self.load(network, **settings)
                self.work += (2 if settings else 1) * len(loaded.graph.nodes) + len(loaded.source_text) // 50
            except (UsageError, SpecError) as error:
                self.loaded[key] = error
                self.work += _WRONG
        found = self.loaded[key]
        if isinstance(found, UsageError | SpecError):
            raise found
        return found

    def summary(self, network: Network, convention: Convention, dtype: Dtype) -> Summary:
        """As `_summary`, worked out once."""
        key = (id(network), id(convention), dtype)
        if key not in self.summaries:
            self.summaries[key] = _summary(network, convention, dtype)
        return self.summaries[key]


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
