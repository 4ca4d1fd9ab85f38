"""The Python interface: load a network, ask for a report; sweep it, compare it, check it, verify the catalogue.

>>> import costcalc
>>> report = costcalc.load("mobilenet_v1", alpha="0.5", resolution=160).report()
>>> report.totals.total, report.totals.params
(76524800, 1331592)
"""

from __future__ import annotations

from costcalc.analysis.choose import catalogue_records
from costcalc.api.comparisons import compare, formula, separable, verify
from costcalc.api.grids import check, check_config, sweep, sweep_to, widest
from costcalc.api.network import Network, Report, load
from costcalc.errors import CostcalcError, SpecError, UsageError

__all__ = [
    "CostcalcError",
    "Network",
    "Report",
    "SpecError",
    "UsageError",
    "catalogue_records",
    "check",
    "check_config",
    "compare",
    "formula",
    "load",
    "separable",
    "sweep",
    "sweep_to",
    "verify",
    "widest",
]
