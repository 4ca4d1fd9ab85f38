"""Transforms as they are written after a network's `@`, and the running of them one after the other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from costcalc.errors import UsageError, nearest, one_of
from costcalc.graph import Graph
from costcalc.recipes import Kind, RecipeStep
from costcalc.transform.base import RECIPES, REGISTRY, Transform

MOST_STEPS = 16
RECIPE_WORDS = "or a recipe's step as prune=0.1"
_RANK = re.compile(r"[1-9][0-9]{0,8}")


@cache
def transforms() -> dict[str, Transform]:
    """Every transform by its word; their modules are loaded here, when one is asked for."""
    from costcalc.transform import factor, separable, simplify

    assert factor and separable and simplify, "importing them registers their transforms"
    return REGISTRY


@cache
def recipe_steps() -> dict[str, Transform]:
    """Every step of recipes by its word, and `recipe` itself."""
    from costcalc.transform import recipes

    assert recipes, "importing it registers them"
    return RECIPES


def find(word: str) -> Transform | None:
    """What a word after `@` stands for: a transform, or a step of recipes; None if it is neither."""
    return transforms().get(word) or recipe_steps().get(word)


class Step(NamedTuple):
    """One transform to run, with its argument (0 if it takes none)."""

    name: str
    argument: Any = 0

    def __str__(self) -> str:
        return f"{self.name}={self.argument}" if self.argument else self.name


class Applied(NamedTuple):
    """A transform that has run, and how many places it changed."""

    transform: str
    places: int

    def __str__(self) -> str:
        return f"@{self.transform}: {self.places} place{'' if self.places == 1 else 's'} changed"


def open_rates(steps: tuple[Step, ...]) -> tuple[str, ...]:
    """The rates that recipes among the steps leave open: settings of the network."""
    return tuple(dict.fromkeys(name for step in steps for name in getattr(step.argument, "open", ())))


def with_values(steps: tuple[Step, ...], values: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps with values for the rates that recipes among them leave open."""
    return tuple(
        step._replace(argument=step.argument.with_values(values)) if getattr(step.argument, "open", ()) else step
        for step in steps
    )


def storage_words(steps: tuple[Step, ...]) -> str:
    """The steps of recipes that leave a graph as it is, as they stand after the name of a spec that `show` writes.

    Its layers have no dots in their names.
    """
    words = []
    for step in steps:
        for one in getattr(step.argument, "steps", (step.argument,)):
            texts = one.storage_rules() if isinstance(one, RecipeStep) else {}
            if texts:
                rules = ((pattern.replace(".", "_"), text) for pattern, text in texts.items())
                words.append(f"@{one.kind}=" + ",".join(f"{name}={text}" if name else text for name, text in rules))
    return "".join(words)


def with_steps(name: str, steps: tuple[Step, ...]) -> str:
    """A network's name with its transforms after it."""
    return "@".join([name, *map(str, steps)])


def read_steps(text: str) -> tuple[Step, ...]:
    """Transforms as written, `separable@rank=8`. Raises UsageError for an unknown one or a wrong argument."""
    steps = text.split("@") if text else []
    if len(steps) > MOST_STEPS:
        raise UsageError(f"{len(steps)} transforms", expected=f"at most {MOST_STEPS}")
    return tuple(map(_read_step, steps))


def _read_step(text: str) -> Step:
    name, equals, value = text.partition("=")
    known = find(name)
    if known is None:
        raise UsageError(
            f"unknown transform '{name[:40]}'",
            expected=one_of(map(usage, transforms())) + ", or a setting as alpha=0.75, " + RECIPE_WORDS,
            nearest=nearest(name, [*transforms(), *recipe_steps()]),
        )
    if not known.takes:
        if equals:
            raise UsageError(f"@{name} takes no argument, '{value[:40]}' is given", expected=f"@{name}")
        return Step(name)
    if known.read is not None:
        if not value:
            raise UsageError(f"@{name} needs an argument", expected=f"@{name}=..., {known.takes}")
        return Step(name, known.read(value))
    if not _RANK.fullmatch(value):
        message = f"@{name}: '{value[:40]}' is no rank" if value else f"@{name} needs an argument"
        raise UsageError(message, expected=f"@{usage(name)}, where {known.takes}")
    return Step(name, int(value))


def usage(name: str) -> str:
    """How a transform is written: `rank=R`."""
    return f"{name}=R" if transforms()[name].takes else name


def rewrite(graph: Graph, steps: tuple[Step, ...], is_whole: bool = True) -> tuple[Graph, tuple[Applied, ...]]:
    """The graph after each transform in turn, and what each changed; without `is_whole`, others are to follow.

    Raises UsageError for a transform that changes nothing, or pointers too short for what they point at; SpecError if
    what it makes cannot be built.
    """
    applied = []
    for step in steps:
        known = find(step.name)
        assert known is not None
        graph, places = known.function(graph, step.argument)
        if not places:
            raise UsageError(f"@{step} changes nothing in this network", expected=known.seeks)
        applied.append(Applied(str(step), places))
    stored = [one for step in steps for one in getattr(step.argument, "steps", (step.argument,))]
    if is_whole and any(isinstance(one, RecipeStep) and one.kind is Kind.ENCODE for one in stored):
        from costcalc.transform.recipes import check_pointers

        check_pointers(graph, [one for one in stored if isinstance(one, RecipeStep)])
    return graph, tuple(applied)
