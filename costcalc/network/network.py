"""A network: declared, with settings and transforms, and its graph on any kind of number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from costcalc.errors import UsageError, flag_of, nearest, one_of, text_of
from costcalc.escape import printable
from costcalc.graph import Graph
from costcalc.network.declaration import Bound, Declaration, check_as_written
from costcalc.network.names import in_one_spelling
from costcalc.operators import Shape
from costcalc.quantity import as_text, is_open
from costcalc.recipes.rates import checked, setting
from costcalc.spec.model import Published, Setting
from costcalc.transform.steps import (
    Applied,
    Step,
    open_rates,
    read_steps,
    rewrite,
    storage_words,
    with_steps,
    with_values,
)


@dataclass(frozen=True, repr=False)
class Network:
    """A network with every setting given a value; `given` are those that somebody set, `steps` its transforms."""

    declaration: Declaration
    given: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    asked: str = ""

    def __repr__(self) -> str:
        set_to = [f"{key} {as_text(value)}" for key, value in self.given.items()]
        return printable(f"<Network {', '.join([self.name, f'input {self.input}', *set_to])}>")

    @property
    def name(self) -> str:
        """Its name in the catalogue or in its file, with its transforms."""
        return with_steps(self.declaration.name, self.steps)

    @property
    def title(self) -> str:
        """Its title, with its transforms."""
        return with_steps(self.bound.title, self.steps)

    @property
    def settings(self) -> dict[str, Any]:
        """Every setting's value, exact; open rates of a recipe are among them once they have one."""
        return {**self.bound.settings, **self._values({})}

    @cached_property
    def rates(self) -> dict[str, Setting]:
        """The rates that its recipes leave open, which are settings without a default.

        Raises UsageError for a name that a setting of the network has.
        """
        names = open_rates(self.steps)
        for name in names:
            if name in self.declaration.settings:
                expected = f"another name for the rate, as {name}_kept"
                raise UsageError(f"{name} is a setting of {self.declaration.name} itself", expected=expected)
        return {name: setting(name) for name in names}

    @property
    def known(self) -> dict[str, Setting]:
        """Every setting that it takes, with its default, open rates of its recipes among them."""
        return {**self.declaration.settings, **self.rates}

    @property
    def filled_steps(self) -> tuple[Step, ...]:
        """Its transforms with the values of open rates put in."""
        return self._steps({})

    @property
    def input(self) -> Shape:
        """The shape of one sample."""
        return self.bound.input

    @property
    def batch(self) -> int:
        """Samples at a time."""
        return int(self.bound.settings["batch"])

    @cached_property
    def published(self) -> tuple[Published, ...]:
        """The figures that are published for it, with its own transforms, at any settings and by whatever name."""
        steps = in_one_spelling("@".join(map(str, self.steps)))
        rows = self.declaration.published()
        return tuple(row for row in rows if in_one_spelling(row.transform, Path(row.place.file).parent) == steps)

    @cached_property
    def placed(self) -> tuple[tuple[dict[str, Any], Published], ...]:
        """The published figures, each with the value of every setting there, whatever this network is given."""
        return tuple((self.declaration.bind(row.settings, {}).settings, row) for row in self.published)

    def published_figure(self, figure: str) -> float | None:
        """A figure that is published for it at these very settings (top1), the first that is quoted; or None."""
        row = self.published_row(figure)
        return float(row.figures[figure]) if row else None

    def published_row(self, figure: str) -> Published | None:
        """Where a figure is published for it at these very settings; the input's side counts as the network sees it."""
        text_of(figure, "figure", "a name, as 'top1'")
        for row in self.published:
            if figure in row.figures and self._is_at(row.settings):
                return row
        return None

    def _is_at(self, settings: Mapping[str, Any]) -> bool:
        if not self.given:
            return all(self.settings.get(key) == value for key, value in settings.items())
        there = self.declaration.bind(settings, {})
        sizes = ("resolution", "beta")
        return there.input == self.input and all(
            self.settings[key] == value for key, value in there.settings.items() if key not in sizes
        )

    @property
    def graph(self) -> Graph:
        """The flat graph, transformed as asked.

        Raises SpecError if the network cannot be built at these settings, UsageError if a transform changes nothing.
        """
        return self._rewritten[0]

    @property
    def transforms(self) -> tuple[Applied, ...]:
        """The transforms that have run, and how many places each changed."""
        return self._rewritten[1]

    def at(self, **settings: Any) -> Graph:
        """The graph with some settings changed: to numbers, or left open as grids (of a sweep) or symbols.

        Raises as `graph` does, and UsageError for a number out of range.
        """
        return rewrite(self._bound(settings).graph(), self._steps(settings))[0]

    def check_as_written(self, then: Iterable[str]) -> None:
        """Raise SpecError if a person's own file does not hold as it is written, whatever it is `then` given."""
        if self.declaration.is_complete and not self.given:  # with settings it was checked when it was opened
            check_as_written(self.bound, then)

    def with_settings(self, **settings: Any) -> Network:
        """The same network with other settings."""
        return type(self)(self.declaration, {**self.given, **settings}, self.steps, self.asked)

    def then(self, transforms: str) -> Network:
        """The same network with further transforms, as they stand after an `@`. Raises UsageError for unknown ones."""
        steps = read_steps(text_of(transforms, "transform", "a text, as 'separable'"))
        return type(self)(self.declaration, self.given, (*self.steps, *steps), with_steps(self.asked, steps))

    def checked(self, key: str, value: Any) -> Any:
        """A setting's value, exact. Raises UsageError for an unknown setting or a value out of range."""
        self._check_known(key)
        return checked(key, value) if key in self.rates else self.declaration.checked(key, value)

    def _check_known(self, key: str) -> None:
        """Raise UsageError for an unknown setting where open rates are settings as well, which no spec knows."""
        if self.rates and key not in self.known:
            message = f"{self.declaration.name} has no setting '{key[:40]}'"
            raise UsageError(message, expected=one_of(self.known), nearest=nearest(key, self.known))

    @property
    def source_text(self) -> str:
        """The spec file, as written."""
        return self.declaration.source_text

    def resolved(self, structured: bool | None = None) -> str:
        """A spec of this network at these settings: one entry per layer, every number final.

        `structured`, in blocks and a table of rows, where structure is found: so is a model file unless asked for flat.
        """
        from costcalc.network.declaration import InFile
        from costcalc.network.dump import dump
        from costcalc.network.outline import outline
        from costcalc.network.scaled import scaled

        steps = [*map(str, self.steps)]
        if structured is None:
            structured = isinstance(self.declaration, InFile)
        if flag_of(structured, "structured"):
            return self._with_storage(outline(self.graph, self.bound, steps))
        other = self.at_another_alpha()
        return self._with_storage(dump(self.graph, self.bound, steps, scaled(self.graph, other[1]) if other else ()))

    def _with_storage(self, text: str) -> str:
        """A spec with a line that says how its weights are stored, which is no matter of specs."""
        words = storage_words(self.filled_steps)
        return text.replace("\n# at ", f"\n# weights are stored as after FILE{words}\n# at ", 1) if words else text

    def at_another_alpha(self) -> tuple[Any, Graph] | None:
        """Another value of alpha and the graph there; None if alpha cannot have another."""
        from costcalc.network.scaled import ALPHA, elsewhere

        setting = self.declaration.settings.get(ALPHA)
        alpha = self.bound.settings.get(ALPHA)
        if setting is None or alpha is None:
            return None
        return elsewhere(alpha, setting.choices, lambda other: self.at(alpha=other))

    def checked_at_once(self) -> Self:
        """Itself, if it takes its settings. Raises UsageError for one that it has not, or a value out of range."""
        _ = self.bound
        return self

    @cached_property
    def bound(self) -> Bound:
        """Its declaration at its settings."""
        return self._bound({})

    def _bound(self, changed: Mapping[str, Any]) -> Bound:
        merged = {key: value for key, value in {**self.given, **changed}.items() if key not in self.rates}
        for key in merged:
            self._check_known(key)
        swept = {key: value for key, value in merged.items() if is_open(value)}
        return self.declaration.bind({key: merged[key] for key in merged if key not in swept}, swept)

    def _values(self, changed: Mapping[str, Any]) -> dict[str, Any]:
        """The values of open rates, those that have one."""
        given = {key: value for key, value in {**self.given, **changed}.items() if key in self.rates}
        return {key: value if is_open(value) else checked(key, value) for key, value in given.items()}

    def _steps(self, changed: Mapping[str, Any]) -> tuple[Step, ...]:
        return with_values(self.steps, self._values(changed)) if self.rates else self.steps

    @cached_property
    def _rewritten(self) -> tuple[Graph, tuple[Applied, ...]]:
        return rewrite(self.bound.graph(), self.filled_steps)
