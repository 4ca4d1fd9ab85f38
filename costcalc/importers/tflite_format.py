"""TensorFlow Lite: its reader and its table of operators."""

from __future__ import annotations

from costcalc.importers import tflite_layers, tflite_math
from costcalc.importers.model import Format
from costcalc.importers.onnx_constants import constant_from
from costcalc.importers.tflite import read

FORMAT = Format(
    read,
    {op: tflite_layers.typed(handler) for op, handler in {**tflite_math.HANDLERS, **tflite_layers.HANDLERS}.items()},
    constant_from,
)
"""What is known of TensorFlow Lite files."""
