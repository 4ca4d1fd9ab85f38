"""Networks beside what is published, beside each other, and as closed formulas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from costcalc.api.network import load
from costcalc.conventions import load_convention
from costcalc.errors import UsageError
from costcalc.spec import catalogue
from costcalc.transform.name import read_name, with_steps

if TYPE_CHECKING:
    from costcalc.analysis.compare import Comparison
    from costcalc.analysis.formula import Formula
    from costcalc.analysis.separable import Separable
    from costcalc.analysis.verify import Check


def verify(*networks: str) -> list[Check]:
    """Published figures beside computed ones: of the whole catalogue, or of the networks named.

    A file's plain name stands for all its variants; with transforms behind it, for the figures of that network alone.
    Raises UsageError for an unknown network, SpecError for a wrong spec.
    """
    from costcalc.analysis import verify as verification

    if not networks:
        return [check for spec in catalogue.specs() for check in verification.verify(spec)]
    checks: list[Check] = []
    for network in networks:
        asked = read_name(network)
        if asked.settings:
            raise UsageError(f"'{network[:60]}': figures are checked at their own settings", expected=asked.network)
        spec, name = catalogue.open_network(asked.network, published=True)
        found = verification.verify(spec, None if name == spec.name and not asked.steps else {name})
        wanted = with_steps(name, asked.steps)
        checks.extend(check for check in found if not asked.steps or check.network == wanted)
    return list(dict.fromkeys(checks))


def compare(
    *networks: str, align_layers: bool = False, convention: str = "paper", dtype: str = "float32", **settings: Any
) -> Comparison:
    """Networks side by side: `compare("mobilenet_v1@standard", "mobilenet_v1").rows`, one row of totals each.

    Settings hold for all of them; those of one stand in its name. With `align_layers` the layers of two networks are
    matched, and the differences of `.layers` add up to the difference of the totals.
    Raises UsageError for fewer than two networks, more than two to align, or a wrong name or setting.
    """
    from costcalc.analysis.compare import compare_networks

    return compare_networks(load, networks, settings, align_layers, convention, dtype)


def separable(network: str, convention: str = "paper", **settings: Any) -> Separable:
    """Each convolution with a window as a standard convolution and as a depthwise-separable pair, in both orders.

    Raises UsageError if the network has none, or for a wrong name or setting.
    """
    from costcalc.analysis.separable import separable_forms

    return separable_forms(load, network, settings, convention)


def formula(
    network: str,
    *,
    open: Sequence[str] = (),
    smooth: bool = False,
    against: str | None = None,
    convention: str = "paper",
    **settings: Any,
) -> Formula:
    """What a network costs as an expression in alpha, beta and the settings of `open`; or an operator (`conv`), or the
    pair `separable`, in letters for its numbers.

    A setting that is given a value is not open. `smooth` leaves out all rounding. `against` puts the formula of a
    second network, or operator, beside it, and the ratio.
    Raises UsageError for a setting that does not exist or cannot be left open, SpecError for a wrong spec.
    """
    from dataclasses import replace

    from costcalc.analysis.network_formula import Subject, network_formulas
    from costcalc.analysis.operator_formula import check_kinds, is_operator, operator_formula

    chosen = load_convention(convention)
    names = [network] if against is None else [network, against]
    check_kinds(names)
    if is_operator(network):
        found = [operator_formula(name, settings, open, smooth, chosen) for name in names]
    else:
        loaded = [load(name, **settings) for name in names]
        given = [frozenset(read_name(name).with_settings(settings)) for name in names]
        subjects = [Subject(one.binding, one.steps, mine) for one, mine in zip(loaded, given, strict=True)]
        found = network_formulas(subjects, open, smooth, chosen)
    return replace(found[0], against=found[1]) if found[1:] else found[0]
