"""costcalc: what a neural network costs, from its declaration alone.

>>> import costcalc
>>> costcalc.load("mobilenet_v1").report().mult_adds
568740352
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from costcalc.version import __version__

if TYPE_CHECKING:
    from costcalc.api import (
        MEASURES,
        CostcalcError,
        Counting,
        Ledger,
        Measure,
        Network,
        Report,
        SpecError,
        UsageError,
        advise,
        check,
        check_config,
        compare,
        compress,
        compress_to,
        compress_weights,
        explain,
        formula,
        from_graph,
        from_keras,
        from_onnx,
        from_spec,
        from_torch,
        identify,
        load,
        networks,
        separable,
        sweep,
        sweep_to,
        verify,
        widest,
    )

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
    "__version__",
    "advise",
    "check",
    "check_config",
    "compare",
    "compress",
    "compress_to",
    "compress_weights",
    "explain",
    "formula",
    "from_graph",
    "from_keras",
    "from_onnx",
    "from_spec",
    "from_torch",
    "identify",
    "load",
    "networks",
    "separable",
    "sweep",
    "sweep_to",
    "verify",
    "widest",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from costcalc import api

        return getattr(api, name)
    raise AttributeError(f"module 'costcalc' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
