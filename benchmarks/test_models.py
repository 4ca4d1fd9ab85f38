"""How reading and reporting a model file compares with reporting the spec of the same network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from test_report import PROGRAM, fastest

MODELS = Path(__file__).parent.parent / "tests" / "golden" / "models"


def test_torch_export(ratio: Callable[[str, float, float], None]) -> None:
    """Whole exports against the specs of the same networks."""
    for name in ("mobilenet_v2", "shufflenet_v2_x1_0"):
        file, spec = fastest(
            [*PROGRAM, "report", str(MODELS / f"{name}.pt2")], [*PROGRAM, "report", f"torchvision/{name}"]
        )
        ratio(f"report {name}.pt2 / report of its spec", file / spec, 2)
