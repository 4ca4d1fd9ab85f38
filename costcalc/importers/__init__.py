"""Model files as networks. A format is a module with `FORMAT`, loaded when a file of its ending is opened.

To add one: write a reader that makes a `Program` (`costcalc.importers.program`), a table of handlers (operator -> a
function of the walker, the operator and its input values) on `costcalc.importers.layers`, put both in a `Format`
(`costcalc.importers.model`), and name the module in `MODULES`.
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from costcalc.importers.model import Model

_KERAS = "costcalc.importers.keras_format"
MODULES = {
    ".onnx": "costcalc.importers.onnx_format", ".pt2": "costcalc.importers.pt2_format",
    ".keras": _KERAS, ".h5": _KERAS, ".hdf5": _KERAS, ".json": _KERAS, ".tflite": "costcalc.importers.tflite_format",
}  # fmt: skip
"""The module of each format, by the ending of its files."""
NOT_READ = (".pt", ".pth", ".ckpt", ".bin", ".pb", ".safetensors", ".mlmodel")
"""Endings of files that hold weights, code, or a graph in a format that is not read."""
_HEAD = 4096


def is_model_file(name: str) -> bool:
    """Whether a network's name is that of a model file: by its ending; `.json` may also be a spec, and says so."""
    return name.lower().endswith(tuple(MODULES)) and not (name.lower().endswith(".json") and _is_spec(name))


def _is_spec(path: str) -> bool:
    """Whether a file names the key of specs among its first letters."""
    try:
        real = Path(path).expanduser()
        if not real.is_file():
            return False
        with real.open("rb") as file:
            return b'"costcalc"' in file.read(_HEAD)
    except (OSError, ValueError, RuntimeError):
        return False


def is_code(name: str) -> bool:
    """Whether a network's name is that of code: `torch:package.module.name`. Opening it runs the code."""
    path = re.fullmatch(r"torch:[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", name)
    return path is not None and not name.endswith((".yaml", ".yml")) and not is_model_file(name)


def open_model(path: str, allow_unknown: bool = False) -> Model:
    """The model in a file, or of code that is named.

    Raises UsageError if it cannot be read, SpecError if its graph is broken.
    """
    if is_code(path):
        from costcalc.importers.torch_module import model_named

        return model_named(path, allow_unknown)
    from costcalc.errors import SHOWN_FILES, UNSHOWN, UsageError
    from costcalc.importers.files import read_file
    from costcalc.spec.sources import confined

    ending = next(ending for ending in MODULES if path.lower().endswith(ending))
    with read_file(path) as data:
        file = confined(path, tuple(MODULES))
        try:
            return model_from(ending, data, file, allow_unknown)
        except UsageError as error:
            raise (UsageError(f"{path}: {UNSHOWN}", expected=SHOWN_FILES) if file is not path else error) from None


def model_from(ending: str, data: bytes | memoryview, name: str, allow_unknown: bool = False) -> Model:
    """The model in the bytes of a file of the format with this ending; `name` stands for the file in messages."""
    from costcalc.importers.model import Model

    format = import_module(MODULES[ending]).FORMAT
    return Model(format.read(name, data), format, allow_unknown)
