"""Networks by name: of the catalogue, of a person's file, from standard input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from costcalc.networks.declaration import Built, Declaration, InSpec
from costcalc.networks.names import Asked, called, read_name
from costcalc.networks.network import Network
from costcalc.spec import catalogue

__all__ = ["Asked", "Built", "Declaration", "InSpec", "Network", "called", "every", "open", "open_as", "read_name"]

_N = TypeVar("_N", bound=Network)


def open(name: str, /, **settings: Any) -> Network:
    """A network by catalogue name, path to a spec file, or `-` for standard input, with settings given values.

    Settings and transforms may stand after the name: `mobilenet_v1@alpha=0.5@standard`.
    Raises UsageError for unknown names and values out of range, SpecError for a wrong spec.
    """
    return open_as(Network, name, settings)


def open_as(kind: type[_N], name: str, settings: Mapping[str, Any]) -> _N:
    """As `open`, a network of a kind of one's own."""
    asked = read_name(name)
    given = asked.with_settings(settings)
    spec, found = catalogue.open_network(asked.network)
    asked.check_settings(spec.settings)
    file = asked.network if catalogue.is_path(asked.network) else ""
    own = bool(file) or asked.network == catalogue.STANDARD_INPUT
    declared = InSpec(spec, found, file, is_complete=own)
    if given and own:
        declared.bind({}, {}).graph()  # a person's own file is checked as written before it is changed
    network = kind(declared, given, asked.steps, called(name, found))
    assert network.bound
    return network


def every() -> Iterator[Network]:
    """Every network of the catalogue, the libraries' names among them, at its own settings."""
    return (Network(InSpec(spec, name, is_complete=True)) for spec in catalogue.specs() for name in spec.names)
