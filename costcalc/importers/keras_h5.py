"""The configuration in a Keras file of the older kind: an attribute of an HDF5 file. Needs the package `h5py`."""

from __future__ import annotations

from pathlib import Path

from costcalc.errors import UsageError
from costcalc.importers.archive import MOST_TEXT, ArchiveError


def model_config(path: str) -> bytes:
    """The JSON of the model's configuration. Raises UsageError without h5py, ArchiveError if the file has none."""
    try:
        import h5py
    except ImportError:
        raise UsageError(f"{path}: reading HDF5 needs a package", expected="pip install 'costcalc[h5]'") from None
    try:
        with h5py.File(Path(path).expanduser(), "r") as file:
            if "model_config" not in file.attrs:
                raise ArchiveError("has no model_config: it holds weights alone")
            attribute = file.attrs.get_id("model_config")
            if attribute.get_storage_size() > MOST_TEXT:
                raise ArchiveError("has a configuration that is larger than a model needs")
            found = file.attrs["model_config"]
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, MemoryError):
        raise ArchiveError("is no HDF5 file, or is broken") from None
    return found if isinstance(found, bytes) else str(found).encode()
