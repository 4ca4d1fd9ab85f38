"""Networks beside what is published, beside each other, and as closed formulas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from costcalc import network as networks
from costcalc import prepared
from costcalc.api.reading import arrangement
from costcalc.counting import COUNTING_WORDS, read_counting
from costcalc.errors import UsageError, flag_of
from costcalc.network import Named, name_of, read_name
from costcalc.recipes import load_recipe, recipe_names
from costcalc.report.shown import shown_as
from costcalc.spec import catalogue
from costcalc.typed.columns import read_columns

if TYPE_CHECKING:
    from costcalc.api.results.compared import Comparison
    from costcalc.api.results.identified import Identified
    from costcalc.api.results.separable import Separable
    from costcalc.api.results.verified import Checks


def verify(*names: str) -> Checks:
    """Published figures beside computed ones: of the whole catalogue, or of the networks named.

    A file's plain name stands for all its variants; with transforms after it, for its figures alone.
    Those of a recipe stand in its own file.
    Raises UsageError for an unknown network, SpecError for a wrong spec.
    """
    from costcalc.analysis import verify as verification
    from costcalc.api.results.verified import Checks

    if not names and (known := prepared.answer("checks")) is not None:
        return Checks(map(verification.Check.from_dict, known))
    recipes = [load_recipe(name) for name in recipe_names()]
    if not names:
        checks = [check for spec in catalogue.specs() for check in verification.verify(spec)]
        return Checks(checks + [check for recipe in recipes for check in verification.verify_recipe(recipe)])
    checks = []
    for network in names:
        asked = read_name(network)
        if asked.settings:
            raise UsageError(f"'{network[:60]}': figures are checked at their own settings", expected=asked.network)
        spec, name = catalogue.open_network(asked.network, published=True)
        transforms = "@".join(map(str, asked.steps)) or None
        wanted = None if name == spec.name and not transforms else name
        checks.extend(verification.verify(spec, wanted, transforms))
        own = [step.argument for step in asked.steps if step.name == "recipe"] if len(asked.steps) == 1 else []
        for recipe in own or [one for one in recipes if one.network == name and not asked.steps]:
            if recipe.published and recipe.network != name:
                expected = f"{recipe.network[:60]}@recipe={recipe.name[:60]}"
                raise UsageError(f"the figures of {recipe.name[:60]} are those of another network", expected=expected)
            checks.extend(verification.verify_recipe(recipe))
    return Checks(dict.fromkeys(checks))


def compare(
    *names: Named,
    align_layers: bool = False,
    distillation: bool = False,
    columns: str | Sequence[str] | None = None,
    sort: str | None = None,
    top: int | None = None,
    pareto: bool | str | None = None,
    **words: Any,
) -> Comparison:
    """Networks side by side: `compare("mobilenet_v1@standard", "mobilenet_v1").rows`, one row of totals each.

    `words` are settings, and say how to count (`dtype="int8"`): they hold for all networks; settings of one stand in
    its name. `columns` are measures by name, and published figures (top1); `sort`, `top` and `pareto` arrange the
    rows. With `align_layers` the layers of two networks are matched, and the differences of `.layers` add up to the
    difference of the totals. With `distillation` the last network learns from the others: what a step takes.
    Raises UsageError for fewer than two networks, more than two to align, or a wrong name or setting.
    """
    from costcalc.analysis.compare.side_by_side import compare_networks
    from costcalc.api.results.compared import Comparison

    counting, settings = read_counting(words)
    asked = read_columns(columns, counting.convention) if columns is not None else ()
    typed = [read_name(name).network for name in names if isinstance(name, str)]
    if sum(catalogue.split_name(name)[0] == catalogue.STANDARD_INPUT for name in typed) > 1:
        raise UsageError("- stands twice: standard input holds one spec", expected="a path for the other one")
    opened = ((name, networks.open(name, **settings)) for name in names)
    sides = [(name_of(name, network), network) for name, network in opened]
    order = arrangement(counting.convention, sort, pareto, top)
    aligned, distils = flag_of(align_layers, "align_layers"), flag_of(distillation, "distillation")
    return shown_as(Comparison, compare_networks(sides, settings, aligned, counting, asked, order, distils))


def identify(network: Named, /, *, allow_unknown: bool = False, **settings: Any) -> Identified:
    """Which network of the catalogue a network is: `identify("model.onnx").network`, `.settings`; None if it is none.

    `.matches` are the names that it has there, or the nearest networks; `.differences` the layers that differ from the
    first of these. Raises as `load` does.
    """
    from costcalc.analysis.identify.identify import identify_network
    from costcalc.api.results.identified import Identified

    with networks.allowing_unknown(allow_unknown):
        opened = networks.open(network, **settings)
        return shown_as(Identified, identify_network(name_of(network, opened), opened))


def conventions(*names: str, **words: Any) -> list[dict[str, Any]]:
    """Networks under every convention that ships: a row for each, with the totals and what it counts.

    `words` are settings, and say how to count, but for the convention.
    Raises UsageError for no network, one named twice, or a wrong name or setting.
    """
    from costcalc.analysis.compare.conventions import under_all

    if not names or len(set(names)) < len(names):
        raise UsageError("no network" if not names else "a network stands twice", expected="networks, each once")
    named, settings = {key: words.pop(key) for key in COUNTING_WORDS if key in words}, words
    named.pop("convention", None)
    read_counting(named)
    return under_all([(name, networks.open(name, **settings)) for name in names], named)


def separable(
    network: Named,
    columns: str | Sequence[str] | None = None,
    **words: Any,
) -> Separable:
    """Each convolution with a window as a standard convolution and as a depthwise-separable pair, in both orders.

    `words` are settings, and say how to count.
    Raises UsageError if the network has none, or for a wrong name or setting.
    """
    from costcalc.analysis.compare.separable import separable_forms
    from costcalc.api.results.separable import Separable

    counting, settings = read_counting(words)
    if counting.is_reordered:
        raise UsageError(
            f"schedule {counting.schedule}: a convolution or a pair by itself has one order",
            expected="schedule written",
        )
    asked = read_columns(columns, counting.convention, computed=True) if columns is not None else ()
    loaded = networks.open(network, **settings)
    found = separable_forms(name_of(network, loaded), loaded, settings, counting, asked)
    return shown_as(Separable, found)
