"""Budgets as people write them: `max-mult-adds 300M`, `min-intensity 10`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from costcalc.counting import Convention
from costcalc.errors import Place, UsageError, nearest, one_of, written
from costcalc.expression import number
from costcalc.measures import MEASURES, TOTALS, Unit, measure_of
from costcalc.typed.amounts import parse_bytes, parse_count

MOST, LEAST = "max-", "min-"
"""What the name of a bound starts with."""


class Budget(NamedTuple):
    """A bound of a measure, in base units: at most `limit`, or at least; `place` is where a config file says so.

    `device` is what the measure must fit, `memory` the part of it, `note` what is to be known of it; "" without one.
    """

    measure: str
    limit: int | Fraction
    is_least: bool = False
    place: Place | None = None
    device: str = ""
    memory: str = ""
    note: str = ""

    @property
    def option(self) -> str:
        """How it is written on the command line and in a file: `max-mult-adds`; `fits-DEVICE-MEMORY` of a device."""
        if self.device:
            return f"fits-{self.device}-{self.memory}"
        return (LEAST if self.is_least else MOST) + self.measure.replace("_", "-")

    def keeps(self, value: float | Fraction | None) -> bool:
        """Whether a figure is within the bound; a ratio of nothing is. A float is held against the bound as one."""
        limit = float(self.limit) if isinstance(value, float) else self.limit
        return value is None or (value >= limit if self.is_least else value <= limit)


def options(convention: Convention | None = None) -> dict[str, tuple[str, bool]]:
    """Every bound by the name under which it is written: the measure, and whether it is a least one.

    Under a convention, its total among them, which may have a name of its own.
    """
    own = () if convention is None or convention.total in MEASURES else (convention.total,)
    return _options((*MEASURES, *own))


@cache
def _options(names: tuple[str, ...]) -> dict[str, tuple[str, bool]]:
    return {
        start + word.replace("_", "-"): (name, start == LEAST)
        for start in (MOST, LEAST)
        for name in names
        for word in (name, *measure_of(name).old_names)
    }


def main_options(least: bool = False) -> Iterable[str]:
    """The bounds that messages name, by today's names: the most of what should be small, or the `least` of the rest."""
    start = LEAST if least else MOST
    return [
        start + name.replace("_", "-") for name, measure in MEASURES.items() if measure.less_is_better is (not least)
    ]


_OF_LISTS = ("min-top1", "min-top5")
"""Bounds of what is published, which the catalogue alone knows."""


def read_budget(option: str, given: object, place: Place | None = None, convention: Convention | None = None) -> Budget:
    """A budget from its name and what a person wrote: `300M`, `14MB`, 3500000, `2.5`.

    Raises UsageError for an unknown name, with the nearest, and if it is no quantity, negative, or in a unit that does
    not fit the measure.
    """
    known = options(convention)
    plain = option.replace("_", "-")
    if plain in _OF_LISTS:
        raise UsageError(f"{plain} is no bound of a cost", expected=f"`costcalc list --{plain}`, or a measure's bound")
    if plain not in known:
        offered = one_of(main_options(plain.startswith(LEAST)), 30)
        raise UsageError(f"unknown budget '{option[:40]}'", expected=offered, nearest=nearest(plain, known))
    measure, is_least = known[plain]
    try:
        return Budget(measure, _limit(measure_of(measure).counted_in, given), is_least, place)
    except UsageError as error:
        raise UsageError(f"{plain}: {error.message}", expected=error.expected, nearest=error.nearest) from None


def _limit(unit: Unit, given: object) -> int | Fraction:
    match unit:
        case Unit.BYTES:
            return parse_bytes(written(given))
        case Unit.RATIO:
            try:
                return number(written(given))
            except ValueError:
                raise UsageError(f"'{written(given)[:40]}' is no ratio", expected="a number, as 10 or 2.5") from None
    return parse_count(written(given))


def read_budgets(given: Mapping[str, str | int | None], convention: Convention) -> list[Budget]:
    """Budgets by the names of options or parameters, `max-mult-adds` or `max_mult_adds`; None is no budget.

    Raises UsageError as `read_budget` does.
    """
    known = options(convention)
    asked = {
        name: amount for name, amount in given.items() if amount is not None or name.replace("_", "-") not in known
    }
    return [read_budget(name, amount, convention=convention) for name, amount in asked.items()]


def must_count(convention: Convention, budget: Budget) -> None:
    """Raises UsageError if the convention's total is not the total that the budget bounds."""
    measure = budget.measure
    if measure in TOTALS and measure != convention.total:
        fitting = [f"{MOST}{convention.total.replace('_', '-')}"]
        raise UsageError(
            f"{budget.option}: the convention {convention.name} counts {convention.total}, not {measure}",
            expected=" or ".join([*fitting, f"a convention that counts {measure}"]),
        )
