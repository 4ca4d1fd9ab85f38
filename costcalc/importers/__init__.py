"""Model files as networks. A format is a module with `FORMAT`, loaded when a file of its ending is opened.

To add one: write a reader that makes a `Program` (`costcalc.importers.program`), a table of handlers (operator -> a
function of the walker, the operator and its input values) on `costcalc.importers.layers`, put both in a `Format`
(`costcalc.importers.model`), and name the module in `MODULES`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from costcalc.importers.model import Model

MODULES = {".onnx": "costcalc.importers.onnx_format", ".pt2": "costcalc.importers.pt2_format"}
"""The module of each format, by the ending of its files."""


def is_model_file(name: str) -> bool:
    """Whether a network's name is that of a model file."""
    return name.lower().endswith(tuple(MODULES))


def open_model(path: str, allow_unknown: bool = False) -> Model:
    """The model in a file. Raises UsageError if it cannot be read, SpecError if its graph is broken."""
    from costcalc.importers.files import read_file
    from costcalc.importers.model import Model

    ending = next(ending for ending in MODULES if path.lower().endswith(ending))
    format = import_module(MODULES[ending]).FORMAT
    with read_file(path) as data:
        program = format.read(path, data)
    return Model(program, format, allow_unknown)
