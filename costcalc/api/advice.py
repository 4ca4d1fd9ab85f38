"""Networks beside guidelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from costcalc import networks
from costcalc.counting import read_counting

if TYPE_CHECKING:
    from costcalc.analysis.advise.finding import Advised


def advise(network: str, **words: Any) -> Advised:
    """A network beside the four guidelines of arXiv:1807.11164, section 2: `advise("mobilenet_v2").rows`.

    `words` are settings, and say how to count. Each finding names layers, their cost and the figure behind it.
    Raises UsageError for a wrong name or setting, SpecError for a wrong spec.
    """
    from costcalc.analysis.advise.guidelines import advise_network

    counting, settings = read_counting(words)
    return advise_network(networks.open(network, **settings), counting)
