"""Networks by name: of the catalogue, of a person's file, from standard input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from os import PathLike
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from costcalc.errors import UsageError, flag_of, one_of
from costcalc.importers import MODULES, NOT_READ, is_code, is_model_file, open_model
from costcalc.network.declaration import Built, Declaration, InFile, InSpec, check_as_written
from costcalc.network.names import Asked, called, in_folder, in_one_spelling, path_to, read_name, recipes_beside
from costcalc.network.network import Network
from costcalc.quantity import as_text
from costcalc.spec import catalogue
from costcalc.transform.steps import open_rates, read_steps, with_steps

if TYPE_CHECKING:
    from costcalc.importers.model import Model

__all__ = [
    "Asked",
    "Built",
    "Declaration",
    "InFile",
    "InSpec",
    "Named",
    "Network",
    "allowing_unknown",
    "called",
    "every",
    "in_folder",
    "in_one_spelling",
    "name_of",
    "of_model",
    "open",
    "open_as",
    "path_to",
    "read_name",
    "recipes_beside",
]

Named: TypeAlias = str | PathLike[str] | Network
"""A network as Python hands it over: a name or a path as text, a path, or the network itself."""
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


def open(named: Named, /, **settings: Any) -> Network:
    """A network by catalogue name, path to a spec file, or `-` for standard input, with settings given values.

    Settings and transforms may stand after the name: `mobilenet_v1@alpha=0.5@standard`; `mine.yaml:small` is the
    network of that name in a file. A network that is open already is given the settings.
    Raises UsageError for unknown names and values out of range, SpecError for a wrong spec.
    """
    if not isinstance(named, Network):
        return open_as(Network, path_to(named), settings)
    given = {key: value for key, value in settings.items() if value is not None}
    for key in given.keys() & named.given.keys():
        raise UsageError(f"{key} is set twice: in {named.asked} and beside it", expected=f"one value for {key}")
    if not given:
        return named
    named.check_as_written(given)
    network = named.with_settings(**given)
    return network.checked_at_once()


def name_of(named: Named, opened: Network) -> str:
    """What people call a network that was handed over so; one that is open is called as it can be opened again."""
    if not isinstance(named, Network):
        return called(path_to(named), opened.declaration.name)
    own = (f"@{key}={as_text(value)}" for key, value in named.given.items() if f"@{key}=" not in named.asked)
    return "".join([named.asked, *own])


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
        check_as_written(declared.bind({}, {}), given)
    network = kind(declared, given, asked.steps, called(name, found))
    return network.checked_at_once()


def _model_file(kind: type[_N], asked: Asked, given: Mapping[str, Any], name: str) -> _N:
    model = open_model(asked.network, _ALLOW_UNKNOWN.get())
    label = asked.network.rpartition(".")[2] if is_code(asked.network) else PurePath(asked.network).stem
    declared = InFile(model, label, asked.network)
    asked.check_settings((*declared.settings, *open_rates(asked.steps)))
    if given:
        check_as_written(declared.bind({}, {}), given)
    network = kind(declared, given, asked.steps, name)
    return network.checked_at_once()


def of_model(kind: type[_N], model: Model, name: str, transforms: str, settings: Mapping[str, Any]) -> _N:
    """A model that was handed over in Python as a network, of a kind of one's own."""
    steps = read_steps(transforms)
    network = kind(InFile(model, name, ""), settings, steps, with_steps(name, steps))
    return network.checked_at_once()


def every() -> Iterator[Network]:
    """Every network of the catalogue, the libraries' names among them, at its own settings."""
    return (Network(InSpec(spec, name, is_complete=True)) for spec in catalogue.specs() for name in spec.names)
