"""Keras: its reader and its table of layers."""

from __future__ import annotations

from costcalc.importers import keras_attention, keras_layers, keras_math, keras_ops
from costcalc.importers.keras import read
from costcalc.importers.model import Format
from costcalc.importers.onnx_constants import constant_from

FORMAT = Format(
    read,
    {**keras_math.HANDLERS, **keras_layers.HANDLERS, **keras_attention.HANDLERS, **keras_ops.HANDLERS},
    constant_from,
)
"""What is known of Keras files."""
