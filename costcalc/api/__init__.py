"""The Python interface: load a network, ask for a report; sweep it, compare it, check it, verify the catalogue.

>>> import costcalc
>>> report = costcalc.load("mobilenet_v1", alpha="0.5", resolution=160).report()
>>> report.totals.total, report.totals.params
(76524800, 1331592)
"""

from __future__ import annotations

from costcalc.analysis.definitions import definitions
from costcalc.api.catalogue import catalogue_records
from costcalc.api.comparisons import compare, separable, verify
from costcalc.api.formulas import formula
from costcalc.api.grids import check, check_config, sweep, sweep_columns, sweep_to, widest
from costcalc.api.network import Network, from_graph, from_spec, load
from costcalc.counting import Counting, load_convention
from costcalc.errors import CostcalcError, SpecError, UsageError
from costcalc.ledger import Ledger
from costcalc.measures import MEASURES, Measure
from costcalc.report.report import Report

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
    "catalogue_records",
    "check",
    "check_config",
    "compare",
    "definitions",
    "formula",
    "from_graph",
    "from_spec",
    "load",
    "load_convention",
    "separable",
    "sweep",
    "sweep_columns",
    "sweep_to",
    "verify",
    "widest",
]
