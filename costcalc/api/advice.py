"""Networks beside guidelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from costcalc import network as networks
from costcalc.counting import Counting
from costcalc.network import Named
from costcalc.report.shown import shown_as

if TYPE_CHECKING:
    from costcalc.api.results.advised import Advised


def advise(network: Named, convention: str = "paper", **settings: Any) -> Advised:
    """A network beside the four guidelines of arXiv:1807.11164, section 2: `advise("mobilenet_v2").rows`.

    Each finding names layers, their cost and the figure behind it. Memory access is in elements, so no number format
    matters.
    Raises UsageError for a wrong name or setting, SpecError for a wrong spec.
    """
    from costcalc.analysis.advise.guidelines import advise_network
    from costcalc.api.results.advised import Advised

    return shown_as(Advised, advise_network(networks.open(network, **settings), Counting.of(convention)))
