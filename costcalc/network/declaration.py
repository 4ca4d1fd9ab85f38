"""What declares a network: a network of a spec file, or a graph built by hand. All have the same face."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from costcalc.errors import SpecError, UsageError, nearest, one_of, written
from costcalc.graph import Graph, bind, expand
from costcalc.graph.binding import checked
from costcalc.network.published import published_alike
from costcalc.operators import Shape
from costcalc.quantity import is_exact
from costcalc.spec import catalogue
from costcalc.spec.model import Published, Setting, Spec
from costcalc.spec.settings import IMPLICIT, MOST_SIDE, check_value, exact

if TYPE_CHECKING:
    from costcalc.importers.model import Model


class Bound(NamedTuple):
    """A network with every setting given a value: a number, a grid or a symbol. `graph` builds it."""

    name: str
    title: str
    year: str
    source: dict[str, str]
    settings: dict[str, Any]
    input: Shape
    graph: Callable[[], Graph]

    def __repr__(self) -> str:
        return f"<Bound {self.name}>"


def check_as_written(bound: Bound, given: Iterable[str]) -> None:
    """Build a network at its own settings, before those that are `given` change it. Raises SpecError, which says so."""
    try:
        bound.graph()
    except SpecError as error:
        note = f"at its own settings, with which it is checked before {one_of(given, 3)} is set"
        notes = (f"{problem.note}; {note}" if problem.note else note for problem in error.problems)
        raise SpecError(p._replace(note=n) for p, n in zip(error.problems, notes, strict=True)) from None


class InSpec(NamedTuple):
    """A network of a spec file: the file's own, one of its variants, or a library's name for one.

    `file` is the path of a person's own file. Unless `is_complete`, the published figures of a file of the catalogue
    are read when they are asked for.
    """

    spec: Spec
    name: str
    file: str = ""
    is_complete: bool = False

    def __repr__(self) -> str:
        return f"<InSpec {self.name}>"

    @property
    def family(self) -> str:
        """What it belongs to, as mobilenet."""
        return self.spec.family

    @property
    def source_text(self) -> str:
        """The file, as written."""
        return self.spec.scope.source.text

    @property
    def settings(self) -> Mapping[str, Setting]:
        """Every setting, with its default."""
        return self.spec.settings

    def published(self) -> tuple[Published, ...]:
        """The figures that are published for it at any settings, by whatever name of its file."""
        whole = self.spec if self.is_complete else catalogue.find(self.spec.name, published=True)
        return tuple(published_alike(whole, self.name))

    def bind(self, given: Mapping[str, Any], swept: Mapping[str, Any]) -> Bound:
        """A value for every setting: `given` are checked, `swept` (grids, symbols) are taken as they are."""
        found = bind(self.spec, self.name, given, swept)
        title, year, settings = found.title, found.year, found.settings
        return Bound(self.name, title, year, self.spec.source, settings, found.input, partial(expand, found))

    def checked(self, key: str, value: Any) -> Any:
        """A setting's value, exact. Raises UsageError for an unknown setting or a value out of range."""
        return checked(self.spec, key, value, self.name)


class Built(NamedTuple):
    """A graph that was built by hand, with `costcalc.graph.Builder`. Its only setting is the batch."""

    graph: Graph
    name: str
    title: str = ""
    family: str = ""
    file: str = ""
    source_text: str = ""
    is_complete: bool = False

    @property
    def settings(self) -> Mapping[str, Setting]:
        return {"batch": IMPLICIT["batch"]._replace(default=self.graph.batch)}

    def published(self) -> tuple[Published, ...]:
        return ()

    def bind(self, given: Mapping[str, Any], swept: Mapping[str, Any]) -> Bound:
        own = {key: self.checked(key, value) for key, value in given.items()}
        settings = {"batch": self.graph.batch, **own, **swept}
        graph = partial(self.graph._replace, batch=settings["batch"])
        return Bound(self.name, self.title or self.name, "", {}, settings, self.graph.input, graph)

    def checked(self, key: str, value: Any) -> Any:
        if key != "batch":
            raise UsageError(f"{self.name} has no setting '{key}'", expected="batch: the graph was built by hand")
        number = exact(value)
        check_value(IMPLICIT[key], number, value)
        return number


class InFile(NamedTuple):
    """A network of a model file.

    Its settings are the batch, the width multiplier and its rule, an image's resolution, and what the file leaves open.
    """

    model: Model
    name: str
    file: str
    family: str = ""
    is_complete: bool = False

    @property
    def source_text(self) -> str:
        return ""  # it is no text

    @property
    def settings(self) -> Mapping[str, Setting]:
        from costcalc.importers.widths import ROUND

        own = {"batch": IMPLICIT["batch"]._replace(default=self.model.batch), "alpha": IMPLICIT["alpha"]}
        own["round"] = Setting("round", ROUND, "how alpha rounds a width: round8, floor, ceil, or an expression in w")
        if self.model.is_image:
            own |= {"beta": IMPLICIT["beta"], "resolution": IMPLICIT["resolution"]}
        about = "a size that the file leaves open"
        return {**own, **{name: Setting(name, size, about) for name, size in self.model.open.items()}}

    def published(self) -> tuple[Published, ...]:
        return ()

    def bind(self, given: Mapping[str, Any], swept: Mapping[str, Any]) -> Bound:
        own = {key: self.checked(key, value) for key, value in given.items() if value is not None}
        settings = {key: setting.default for key, setting in self.settings.items()} | own | dict(swept)
        shape = self.model.shape(settings)
        graph = partial(self.model.graph, settings)
        shown = {key: value for key, value in settings.items() if key != "round" or key in own}
        if shown.get("resolution", 1) is None:
            shown["resolution"] = _resolution(self.model.shape({**settings, "beta": 1}).spatial[-2:])
        return Bound(self.name, self.name, "", {}, shown, shape, graph)

    def checked(self, key: str, value: Any) -> Any:
        known = self.settings
        if key not in known:
            raise UsageError(
                f"{self.name} has no setting '{key[:40]}'", expected=one_of(known), nearest=nearest(key, known)
            )
        if key == "round":
            from costcalc.importers.widths import checked_rule

            return checked_rule(written(value))
        number = exact(value)
        if number is None:
            raise UsageError(f"{key}: '{written(value)[:40]}' is not a value", expected="a whole number")
        check_value(known[key], number, value)
        if key not in IMPLICIT and not (type(number) is int and 0 < number <= MOST_SIDE):
            raise UsageError(
                f"{key}: {written(value)[:40]} is out of range", expected=f"a whole number from 1 to {MOST_SIDE}"
            )
        return number


def _resolution(sides: tuple[Any, ...]) -> Any:
    """The side of a square input, `HxW` of another one."""
    if len(set(map(str, sides))) == 1:
        return sides[0]
    return "x".join(map(str, sides)) if all(map(is_exact, sides)) else None


Declaration: TypeAlias = InSpec | Built | InFile
"""What is known of a network before its settings have values; `bind` gives them."""
