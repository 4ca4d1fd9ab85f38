"""ONNX: its reader and its table of operators."""

from __future__ import annotations

from costcalc.importers import onnx_layers, onnx_layout, onnx_math
from costcalc.importers.model import Format
from costcalc.importers.onnx import read

FORMAT = Format(
    read,
    {**onnx_math.HANDLERS, **onnx_layout.HANDLERS, **onnx_layers.HANDLERS},
    onnx_layout.constant_from,
)
"""What is known of ONNX files."""
