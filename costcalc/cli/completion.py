"""What the shell offers for a word that is being typed: names of networks, files, and the words that options take."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import click

Completer: TypeAlias = Callable[[click.Context, click.Parameter, str], list[Any]]
_MODELS = (".yaml", ".yml", ".json", ".onnx", ".pt2", ".keras", ".h5", ".tflite")
"""Endings of files that are networks."""
_PLAIN = re.compile(r"[\w./:=,+-]+")
_USUAL = ("alpha", "beta", "resolution", "batch")


def network(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Names of the catalogue and files; behind an `@`, transforms and settings.

    Names of libraries are offered once their library is typed, or where nothing else begins like the word.
    """
    before, at, word = incomplete.rpartition("@")
    if at:
        return _items(f"{before}@", _behind_at(before, word), word)
    file, colon, start = incomplete.rpartition(":")
    if colon and _is_own(file):
        return _items(f"{file}:", _names_in(file), start)
    if (any(sign in incomplete for sign in "/\\") and not _listed(incomplete)) or incomplete.startswith((".", "~")):
        return _files(incomplete)
    names = _listed(incomplete)
    own = [name for name in names if "/" not in name]
    near = [name for name in _beside() if name.startswith(incomplete)]
    return _items("", [*(own or names), *near], incomplete) or _files(incomplete)


def one_of(words: Callable[[], Iterable[str]], or_file: bool = False) -> Completer:
    """One of some words, which are asked for only when they are needed; where it may be a path, files as well."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        return _items("", words(), incomplete) or (_files(incomplete) if or_file else [])

    return complete


def some_of(words: Callable[[], Iterable[str]]) -> Completer:
    """Words with commas between them: the last one is completed, by those that are not there yet."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        before, comma, word = incomplete.rpartition(",")
        given = before.split(",")
        return _items(before + comma, [one for one in words() if one not in given], word)

    return complete


def formats(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """A dtype, or by layers `conv1=float32,*=int4`: the last one is completed."""
    from costcalc.dtypes import Dtype

    at = max(incomplete.rfind(sign) for sign in ",=") + 1
    return _items(incomplete[:at], map(str, Dtype), incomplete[at:])


def setting(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """The settings of the networks on the line, as `groups=`; behind it the values that are its only ones."""
    name, equals, value = incomplete.partition("=")
    if not equals:
        return _items("", [f"{name}=" for name in _settings_of()], incomplete)
    before, comma, word = value.rpartition(",") if ctx.command.name == "sweep" else ("", "", value)
    values = [one for one in _choices_of(name) if one not in before.split(",")]
    return _items(f"{name}={before}{comma}", values, word)


def open_settings(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """The settings of the networks on the line, with commas between them."""
    return some_of(_settings_of)(ctx, param, incomplete)


def sorted_by(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """What rows can be sorted by: measures and accuracies, and what networks and points are."""
    from costcalc.analysis.choose import WORDS

    further = {"list": WORDS, "compare": ("network",), "sweep": ("network", *_USUAL[:3])}
    return _items("", [*columns(), *further.get(ctx.command.name or "", ())], incomplete)


def listed_word(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """What `costcalc list` takes: a table's name, a family, a network's name."""
    from costcalc.words import LISTS

    return _items("", [*LISTS, *dict.fromkeys((*families(), *_listed(incomplete)))], incomplete)


def operator_word(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """An operator, behind `costcalc list operators`."""
    from costcalc.operators import REGISTRY

    return _items("", sorted(REGISTRY), incomplete) if ctx.params.get("word") == "operators" else []


def conventions() -> Iterable[str]:
    """The conventions that ship with costcalc."""
    from costcalc.spec import catalogue

    return catalogue.file_names("conventions")


def families() -> Iterable[str]:
    """The families of the catalogue."""
    from costcalc.spec import catalogue

    return sorted({spec.family for spec in catalogue.specs()})


def devices() -> Iterable[str]:
    """The devices that ship with costcalc."""
    from costcalc.spec import catalogue

    return catalogue.file_names("devices")


def recipes() -> Iterable[str]:
    """The recipes that ship with costcalc."""
    from costcalc.spec import catalogue

    return catalogue.file_names("recipes")


def measures() -> Iterable[str]:
    """Every measure of the table."""
    from costcalc.measures import MEASURES

    return MEASURES


def sizes() -> Iterable[str]:
    """The sizes of pictures that have a name."""
    from costcalc.typed.page import WIDTHS

    return WIDTHS


def columns() -> Iterable[str]:
    """Every measure, and the accuracies that are published."""
    return [*measures(), "top1", "top5"]


def _listed(start: str) -> list[str]:
    """The catalogue's names that begin so, without reading its files."""
    from costcalc.spec import catalogue

    names = (line.partition(",")[0] for line in catalogue.index_lines()[1:])
    return [name for name in names if name.startswith(start)]


def _behind_at(before: str, word: str) -> list[str]:
    from costcalc.transform.steps import recipe_steps, transforms

    name, equals, _ = word.partition("=")
    if equals:
        return [f"recipe={recipe}" for recipe in recipes()] if name == "recipe" else []
    known = {**transforms(), **recipe_steps()}
    steps = [f"{step}=" if found.takes else step for step, found in sorted(known.items())]
    return [*steps, *(f"{one}=" for one in _settings(before.partition("@")[0]))]


def _settings_of() -> list[str]:
    """The settings of the networks that stand on the line already."""
    return [*dict.fromkeys(one for name in _on_the_line() for one in _settings(name))] or [*_USUAL]


def _choices_of(key: str) -> list[str]:
    """The values to which a setting of the networks on the line is limited; none if it may have any."""
    from costcalc.quantity import as_text

    settings = (_declared(name).get(key) for name in _on_the_line())
    return [*dict.fromkeys(as_text(value) for setting in settings if setting for value in setting.choices)]


def _on_the_line() -> list[str]:
    """The networks that stand on the line already and can be read."""
    from click.shell_completion import split_arg_string

    words = split_arg_string(os.environ.get("COMP_WORDS", ""))  # click reads no line whose last option has no value
    return [name for word in words if _is_read(name := word.partition("@")[0])]


def _settings(name: str) -> list[str]:
    """The settings of a network of the catalogue or of a spec; the usual ones of anything else: it is not opened."""
    return [*_declared(name)] or [*_USUAL]


def _declared(name: str) -> Mapping[str, Any]:
    """The settings of a network of the catalogue or of a spec as they are declared."""
    from costcalc.errors import CostcalcError
    from costcalc.network import open

    if _is_read(name):
        with contextlib.suppress(CostcalcError):
            return open(name).declaration.settings
    return {}


def _names_in(file: str) -> tuple[str, ...]:
    """The networks of a person's own file."""
    from costcalc.errors import CostcalcError
    from costcalc.spec import catalogue

    with contextlib.suppress(CostcalcError):
        return catalogue.open_network(file)[0].names
    return ()


def _is_read(name: str) -> bool:
    return name in _listed(name) or _is_own(name) or _is_own(name.rpartition(":")[0])


def _is_own(file: str) -> bool:
    """Whether it is a spec of the person's own."""
    from costcalc.spec.catalogue import is_file
    from costcalc.spec.sources import SPEC_ENDINGS

    return file.endswith(SPEC_ENDINGS) and is_file(file)


def _items(before: str, words: Iterable[str], start: str) -> list[Any]:
    """Words that a shell may take as they are: bash puts no quotes around what a stranger's file is called."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(before + word) for word in words if word.startswith(start) and _PLAIN.fullmatch(word)]


def _beside() -> list[str]:
    """The files of networks in the working folder; none if it is gone, and no link that leads nowhere."""
    from costcalc.spec.catalogue import is_file

    with contextlib.suppress(OSError):
        return sorted(file.name for file in Path().iterdir() if file.name.endswith(_MODELS) and is_file(file.name))
    return []


def _files(incomplete: str) -> list[Any]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]
