"""Networks by name: of the catalogue, of a person's file, from standard input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeVar

from costcalc.errors import UsageError, flag_of, one_of
from costcalc.importers import MODULES, NOT_READ, is_code, is_model_file, open_model
from costcalc.network.declaration import Built, Declaration, InFile, InSpec
from costcalc.network.names import Asked, called, in_folder, read_name
from costcalc.network.network import Network
from costcalc.spec import catalogue
from costcalc.transform.steps import open_rates, read_steps

if TYPE_CHECKING:
    from costcalc.importers.model import Model

__all__ = [
    "Asked",
    "Built",
    "Declaration",
    "InFile",
    "InSpec",
    "Network",
    "allowing_unknown",
    "called",
    "every",
    "in_folder",
    "of_model",
    "open",
    "open_as",
    "read_name",
]

_N = TypeVar("_N", bound=Network)
_ALLOW_UNKNOWN: ContextVar[bool] = ContextVar("allow_unknown", default=False)


@contextmanager
def allowing_unknown(allowed: bool = True) -> Iterator[None]:
    """Within, an operator of a model file that costcalc does not know counts as nothing, instead of being an error."""
    token = _ALLOW_UNKNOWN.set(flag_of(allowed, "allow_unknown") or _ALLOW_UNKNOWN.get())
    try:
        yield
    finally:
        _ALLOW_UNKNOWN.reset(token)


def open(name: str, /, **settings: Any) -> Network:
    """A network by catalogue name, path to a spec file, or `-` for standard input, with settings given values.

    Settings and transforms may stand after the name: `mobilenet_v1@alpha=0.5@standard`; `mine.yaml:small` is the
    network of that name in a file.
    Raises UsageError for unknown names and values out of range, SpecError for a wrong spec.
    """
    return open_as(Network, name, settings)


def open_as(kind: type[_N], name: str, settings: Mapping[str, Any]) -> _N:
    """As `open`, a network of a kind of one's own."""
    asked = read_name(name)
    given = asked.with_settings(settings)
    if is_model_file(asked.network) or is_code(asked.network):
        return _model_file(kind, asked, given, name)
    if asked.network.lower().endswith(NOT_READ):
        raise UsageError(f"{asked.network[:80]}: no model file that is read", expected=f"a file of {one_of(MODULES)}")
    spec, found = catalogue.open_network(asked.network)
    asked.check_settings((*spec.settings, *open_rates(asked.steps)))
    file, _ = catalogue.split_name(asked.network)
    own = catalogue.is_own(file)
    declared = InSpec(spec, found, file if catalogue.is_path(file) else "", is_complete=own)
    if given and own:
        declared.bind({}, {}).graph()  # a person's own file is checked as written before it is changed
    network = kind(declared, given, asked.steps, called(name, found))
    assert network.bound
    return network


def _model_file(kind: type[_N], asked: Asked, given: Mapping[str, Any], name: str) -> _N:
    model = open_model(asked.network, _ALLOW_UNKNOWN.get())
    label = asked.network.rpartition(".")[2] if is_code(asked.network) else PurePath(asked.network).stem
    declared = InFile(model, label, asked.network)
    asked.check_settings((*declared.settings, *open_rates(asked.steps)))
    if given:
        declared.bind({}, {}).graph()  # the file as it is, before it is changed
    network = kind(declared, given, asked.steps, name)
    assert network.bound
    return network


def of_model(kind: type[_N], model: Model, name: str, transforms: str, settings: Mapping[str, Any]) -> _N:
    """A model that was handed over in Python as a network, of a kind of one's own."""
    network = kind(InFile(model, name, ""), settings, read_steps(transforms), name)
    assert network.bound
    return network


def every() -> Iterator[Network]:
    """Every network of the catalogue, the libraries' names among them, at its own settings."""
    return (Network(InSpec(spec, name, is_complete=True)) for spec in catalogue.specs() for name in spec.names)
