"""ONNX: its reader and its table of operators."""

from __future__ import annotations

from costcalc.importers import onnx_constants, onnx_layers, onnx_layout, onnx_math, onnx_narrow, onnx_resize
from costcalc.importers.model import Format
from costcalc.importers.onnx import read

FORMAT = Format(
    read,
    {
        **onnx_math.HANDLERS,
        **onnx_constants.HANDLERS,
        **onnx_layout.HANDLERS,
        **onnx_resize.HANDLERS,
        **onnx_layers.HANDLERS,
        **onnx_narrow.HANDLERS,
    },
    onnx_constants.constant_from,
)
"""What is known of ONNX files."""
