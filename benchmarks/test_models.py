"""How reading and reporting a model file compares with reporting the spec of the same network."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from processes import fastest

PROGRAM = [sys.executable, "-m", "costcalc"]
MODELS = Path(__file__).parent.parent / "tests" / "golden" / "models"


def test_torch_export(ratio: Callable[[str, float, float], None]) -> None:
    """Whole exports against the specs of the same networks."""
    for name in ("mobilenet_v2", "shufflenet_v2_x1_0"):
        file, spec = fastest(
            [*PROGRAM, "report", str(MODELS / f"{name}.pt2")], [*PROGRAM, "report", f"torchvision/{name}"]
        )
        ratio(f"report {name}.pt2 / report of its spec", file / spec, 2)


def test_onnx(ratio: Callable[[str, float, float], None]) -> None:
    """Against importing the package that holds the format's schema."""
    file, package = fastest(
        [*PROGRAM, "report", str(MODELS / "mobilenet_v2.onnx")], [sys.executable, "-c", "import onnx"]
    )
    ratio("report mobilenet_v2.onnx / import onnx", file / package, 1.5)


def test_keras(ratio: Callable[[str, float, float], None]) -> None:
    """A configuration of Keras against the spec of the same network."""
    file, spec = fastest(
        [*PROGRAM, "report", str(MODELS / "mobilenet_v2.keras")], [*PROGRAM, "report", "keras/MobileNetV2"]
    )
    ratio("report mobilenet_v2.keras / report of its spec", file / spec, 2)
