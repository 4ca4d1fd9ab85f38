"""The Python interface: load a network, ask for a report; sweep it, compare it, check it, verify the catalogue.

>>> import costcalc
>>> report = costcalc.load("mobilenet_v1", alpha="0.5", resolution=160).report()
>>> report.totals.total, report.totals.params
(76524800, 1331592)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from costcalc.analysis.definitions import definitions
    from costcalc.api.advice import advise
    from costcalc.api.catalogue import networks
    from costcalc.api.comparisons import compare, conventions, identify, separable, verify
    from costcalc.api.compression import compress, compress_to, compress_weights
    from costcalc.api.explanations import explain
    from costcalc.api.formulas import formula
    from costcalc.api.grids import check, check_config, check_curves, sweep, sweep_columns, sweep_to, widest
    from costcalc.api.network import Network, from_graph, from_keras, from_onnx, from_spec, from_torch, load
    from costcalc.api.results.reports import Report
    from costcalc.counting import Counting, counting_of, load_convention
    from costcalc.errors import CostcalcError, SpecError, UsageError
    from costcalc.ledger import Ledger
    from costcalc.measures import MEASURES, Measure

__all__ = [
    "MEASURES",
    "CostcalcError",
    "Counting",
    "Ledger",
    "Measure",
    "Network",
    "Report",
    "SpecError",
    "UsageError",
    "advise",
    "check",
    "check_config",
    "check_curves",
    "compare",
    "compress",
    "compress_to",
    "compress_weights",
    "conventions",
    "counting_of",
    "definitions",
    "explain",
    "formula",
    "from_graph",
    "from_keras",
    "from_onnx",
    "from_spec",
    "from_torch",
    "identify",
    "load",
    "load_convention",
    "networks",
    "separable",
    "sweep",
    "sweep_columns",
    "sweep_to",
    "verify",
    "widest",
]

_HOMES = {
    "definitions": "costcalc.analysis.definitions",
    "advise": "costcalc.api.advice",
    "networks": "costcalc.api.catalogue",
    "compare": "costcalc.api.comparisons",
    "compress": "costcalc.api.compression",
    "compress_to": "costcalc.api.compression",
    "compress_weights": "costcalc.api.compression",
    "identify": "costcalc.api.comparisons",
    "conventions": "costcalc.api.comparisons",
    "separable": "costcalc.api.comparisons",
    "verify": "costcalc.api.comparisons",
    "explain": "costcalc.api.explanations",
    "formula": "costcalc.api.formulas",
    "check": "costcalc.api.grids",
    "check_config": "costcalc.api.grids",
    "check_curves": "costcalc.api.grids",
    "sweep": "costcalc.api.grids",
    "sweep_columns": "costcalc.api.grids",
    "sweep_to": "costcalc.api.grids",
    "widest": "costcalc.api.grids",
    "Network": "costcalc.api.network",
    "from_graph": "costcalc.api.network",
    "from_keras": "costcalc.api.network",
    "from_onnx": "costcalc.api.network",
    "from_spec": "costcalc.api.network",
    "from_torch": "costcalc.api.network",
    "load": "costcalc.api.network",
    "Counting": "costcalc.counting",
    "counting_of": "costcalc.counting",
    "load_convention": "costcalc.counting",
    "CostcalcError": "costcalc.errors",
    "SpecError": "costcalc.errors",
    "UsageError": "costcalc.errors",
    "Ledger": "costcalc.ledger",
    "MEASURES": "costcalc.measures",
    "Measure": "costcalc.measures",
    "Report": "costcalc.api.results.reports",
}
"""Where each name comes from: loaded when it is asked for, so that a report need not load what a sweep needs."""


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'costcalc.api' has no attribute {name!r}")
