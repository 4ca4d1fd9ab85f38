"""Closed formulas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from costcalc import network as networks
from costcalc.counting import read_counting
from costcalc.errors import UsageError, flag_of, shown, text_of
from costcalc.network import Named, path_to
from costcalc.report.shown import shown_as
from costcalc.typed.columns import read_columns

if TYPE_CHECKING:
    from costcalc.api.results.formulas import Formula


def formula(
    network: Named,
    *,
    open: Sequence[str] = (),
    smooth: bool = False,
    against: Named | None = None,
    measures: str | Sequence[str] | None = None,
    **words: Any,
) -> Formula:
    """What a network costs as an expression in alpha, beta and the settings of `open`; or an operator (`conv`), or the
    pair `separable`, in letters for its numbers.

    `measures` are the measures by name: the convention's total and the parameters unless others are asked for.
    `words` are settings, and say how to count (`dtype="int8"`); a setting that is given a value is not open. `smooth`
    leaves out all rounding. `against` puts the formula of a second network, or operator, beside it, and the ratio.
    Raises UsageError for a setting that does not exist or cannot be left open, SpecError for a wrong spec.
    """
    from dataclasses import replace

    from costcalc.analysis.formula.network import network_formulas
    from costcalc.analysis.formula.operator import check_kinds, is_operator, operator_formula
    from costcalc.api.results.formulas import Formula

    if "measure" in words:
        raise UsageError("a formula has no word 'measure'", expected="measures, as measures=['params']")
    counting, settings = read_counting(words)
    if counting.is_reordered:
        raise UsageError(
            f"schedule {counting.schedule}: the best order is found on numbers, a formula has letters",
            expected="schedule written, or a sweep over the settings",
        )
    chosen = counting.convention
    asked = read_columns((chosen.total, "params") if measures is None else measures, chosen, computed=True)
    if not asked:
        raise UsageError("a formula of no measure", expected="measures, as ['params']")
    for column in asked:
        if column.is_published:
            raise UsageError(f"{column.word} is published, not computed", expected="a measure")
    wanted = [column.name for column in asked]
    if isinstance(open, str) or not isinstance(open, Sequence):
        raise UsageError(f"{shown(open)} is no list of settings", expected="as ['classes']")
    given = [network] if against is None else [network, against]
    flag_of(smooth, "smooth")
    names = [repr(one) if isinstance(one, networks.Network) else path_to(one) for one in given]
    for key in open:
        text_of(key, "setting", "a name, as 'classes'")
    check_kinds(names)
    if is_operator(names[0]):
        found = [operator_formula(name, settings, open, smooth, counting, wanted) for name in names]
    else:
        opened = [networks.open(one, **settings) for one in given]
        found = network_formulas(opened, open, smooth, counting, wanted)
    return shown_as(Formula, replace(found[0], against=found[1]) if found[1:] else found[0])
