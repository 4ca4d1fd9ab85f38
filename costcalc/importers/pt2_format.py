"""torch.export's archives: their reader and their table of operators."""

from __future__ import annotations

from costcalc.importers import aten_layers, aten_layout, aten_math, aten_resize, aten_values
from costcalc.importers.aten import handlers
from costcalc.importers.model import Format
from costcalc.importers.onnx_constants import constant_from
from costcalc.importers.pt2 import read

FORMAT = Format(
    read,
    handlers({**aten_values.RULES, **aten_math.RULES, **aten_layout.RULES, **aten_resize.RULES, **aten_layers.RULES}),
    constant_from,
)
"""What is known of `.pt2` files."""
