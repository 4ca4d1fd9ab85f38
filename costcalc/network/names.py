"""A network's name with what stands after `@`: transforms, and settings of its own.

`mobilenet_v1@alpha=0.75@standard@fold-norm` is mobilenet_v1 at alpha 0.75, standard first, then fold-norm.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from costcalc.errors import UsageError, nearest, one_of, path_of, text_of
from costcalc.recipes.rates import names_in
from costcalc.spec.catalogue import STANDARD_INPUT, beside, is_path, split_name
from costcalc.transform.steps import RECIPE_WORDS, Step, find, read_steps, recipe_steps, transforms, usage
from costcalc.words import PIPED

_RECIPE = "recipe="
_AFTER = "a transform as @standard, or a setting as @alpha=0.75"
_NAME = "a name that `costcalc list` shows, or a path"


class Asked(NamedTuple):
    """A network as a person names it: the name before the first `@`, the settings and the transforms after it."""

    network: str
    settings: dict[str, str]
    steps: tuple[Step, ...]

    def with_settings(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The settings given apart and those in the name. Raises UsageError for one given in both."""
        given = {key: value for key, value in settings.items() if value is not None}
        for key in given.keys() & self.settings.keys():
            raise UsageError(
                f"{key} is set twice: in the network's name and beside it", expected=f"one value for {key}"
            )
        return {**given, **self.settings}

    def check_settings(self, known: Iterable[str]) -> None:
        """Raise UsageError for a word of the name that is neither a setting of the network nor a transform."""
        for word in self.settings.keys() - set(known):
            words = [*known, *transforms(), *recipe_steps()]
            raise UsageError(
                f"'@{word[:40]}={self.settings[word][:40]}' is neither a setting of {self.network} nor a transform",
                expected=f"{one_of(known)} as a setting; {one_of(map(usage, transforms()))} as a transform, "
                f"{RECIPE_WORDS}",
                nearest=nearest(word, words),
            )


def path_to(named: object) -> str:
    """A network's name or path, as it was handed over in Python. Raises UsageError for anything else."""
    return path_of(named, "network's name", f"{_NAME}, or a network")


def called(text: str, name: str) -> str:
    """A network as a person called it; standard input by the name in its spec."""
    first, at, rest = text.partition("@")
    return f"{name} (stdin){at}{rest}" if first.partition(":")[0] in (STANDARD_INPUT, PIPED) else text


def read_name(text: str) -> Asked:
    """The parts of `NETWORK@word@name=value...`.

    Raises UsageError for an unknown transform (with the nearest), a wrong argument, or a setting given twice.
    """
    text_of(text, "network's name", _NAME)
    if text.startswith((f"{PIPED}@", f"{PIPED}:")):
        text = f"{STANDARD_INPUT}{text[len(PIPED) :]}"
    if "@" not in text:
        return Asked(text, {}, ())
    parts = text.split("@")
    start = _start(parts)
    if "" in parts[start:]:
        raise UsageError(f"nothing stands after an @ of '{text[:80]}'", expected=_AFTER)
    settings: dict[str, str] = {}
    steps: list[str] = []
    opened = names_in(piece for part in parts[start:] for piece in re.split("[,=]", part)[1:])
    for part in parts[start:]:
        word, equals, value = part.partition("=")
        if equals and (word in opened or not find(word)):  # `rank` is both
            if word in settings:
                raise UsageError(f"{word} is set twice in '{text[:80]}'", expected=f"one value for {word}")
            if not word or not value:
                raise UsageError(f"'@{part[:40]}' is not name=value", expected=_AFTER)
            settings[word] = value
        else:
            steps.append(part)
    return Asked("@".join(parts[:start]), settings, read_steps("@".join(steps)))


def recipes_beside(text: str, folder: Path) -> str:
    """A network's name as a file in this folder says it: the paths of recipes in it are put after the folder."""
    parts = text.split("@")
    start = _start(parts)
    moved = (
        f"{_RECIPE}{beside(part.removeprefix(_RECIPE), folder)}" if part.startswith(_RECIPE) else part
        for part in parts[start:]
    )  # fmt: skip
    return "@".join([*parts[:start], *moved])


def in_one_spelling(transforms: str, folder: Path = Path()) -> str:
    """Transforms as a file in this folder says them, a recipe by its real path, wherever it is told from."""
    parts = recipes_beside(f"@{transforms}", folder)[1:].split("@")
    paths = {part: part.removeprefix(_RECIPE) for part in parts if part.startswith(_RECIPE)}
    return "@".join(
        f"{_RECIPE}{os.path.realpath(paths[part])}" if is_path(paths.get(part, "")) else part for part in parts
    )


def in_folder(text: str, folder: str) -> str | None:
    """The same spec in the same place below another folder, with what stands after its name.

    None for a network of the catalogue, for a path that leads out of the working folder, and if no file is there.
    """
    file, _ = split_name(read_name(text).network)
    path = PurePath(file)
    if not is_path(file) or path.is_absolute() or ".." in path.parts or not Path(folder, path).is_file():
        return None
    return f"{PurePath(folder, path)}{text[len(file) :]}"


def _start(parts: list[str]) -> int:
    """Where what stands after the name begins, among the parts between `@`."""
    return max((i for i, part in enumerate(parts) if _is_of_a_path(part)), default=0) + 1


def _is_of_a_path(part: str) -> bool:
    """Whether a part between two `@` belongs to a file's path."""
    return "=" not in part and ("/" in part or "\\" in part or "." in part)
