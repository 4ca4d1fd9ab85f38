"""The networks that stand for all of the catalogue have all that it has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest
from catalogued import SAMPLE, each

import costcalc
from costcalc.operators import REGISTRY
from costcalc.spec import catalogue
from costcalc.spec.model import Spec
from costcalc.transform.steps import transforms

SPECS = {name: spec for spec in catalogue.specs() for name in (spec.name, *spec.variants)}


def sections(spec: Spec) -> Iterator[str]:
    """The keys of a file, of its rows and of its blocks."""
    text = spec.scope.source.text
    yield from re.findall(r"^[a-z_]+:", text, re.MULTILINE)
    yield from re.findall(
        r"(?<=[{ ,])[a-z]+:(?= )", re.sub(r"#.*|(?s:\n(?:published|also|source|variants):.*)", "", text)
    )


@cache
def special(name: str) -> frozenset[str]:
    """What makes a network special: the words of its file, its operators with their fields, its form."""
    spec, graph = SPECS[name], costcalc.load(name).graph
    found = {f"family {spec.family}", f"{len(graph.outputs) > 1} that it has more outputs than one"}
    for node in graph.nodes:
        one = node.operator
        found |= {one.name, f"{len(node.output.spatial)} dimensions"}
        for field in getattr(REGISTRY[one.name], "__dataclass_fields__", {}).values():
            value = getattr(one, field.name)
            if value != field.default:
                found.add(f"{one.name} with {field.name} {value if isinstance(value, str | bool) else ''}")
    return frozenset(found | set(sections(spec)))


def changed(name: str) -> set[str]:
    """The transforms that find a place in a network."""
    graph = costcalc.load(name).graph
    return {word for word, known in transforms().items() if known.function(graph, 3)[1]}


def test_a_sample_that_lacks_something_is_noticed() -> None:
    assert special("densenet121") - special("vgg16") >= {"concat", "family densenet"}
    assert "widths:" in special("mobilenet_v2")


def missing(names: list[str]) -> dict[str, str]:
    """What these networks have that the sample lacks, each with a network that has it."""
    known = frozenset().union(*map(special, SAMPLE))
    return {what: name for name in names for what in sorted(special(name) - known)}


def test_the_sample_has_all_that_networks_have() -> None:
    """Of each spec the network that it is named after."""
    assert {} == missing([spec.name for spec in catalogue.specs()])


@pytest.mark.slow
def test_the_sample_has_all_that_variants_have() -> None:
    assert {} == missing(list(SPECS))


def test_every_transform_finds_a_place_in_the_sample() -> None:
    assert {*transforms()} == changed("mobilenet_v1") | changed("seresnet18")
    assert {"mobilenet_v1", "seresnet18"} <= SAMPLE


def test_what_is_outside_the_sample_is_slow() -> None:
    kept, other = each(["lenet5", "vgg19"])

    assert "lenet5" == kept
    assert (("vgg19",), "slow") == (other.values, other.marks[0].name)
