"""Lists the names of torchvision, timm and Keras by family, and which of them costcalc has.

    python tests/golden/libraries/names.py              every name, marked with * where costcalc has it
    python tests/golden/libraries/names.py resnet       of families and names with this word
    python tests/golden/libraries/names.py --installed > tests/golden/libraries/names.csv

The first two read names.csv, beside this file, and `specs/index.csv`. The last one makes names.csv anew of the
installed libraries (made with torchvision 0.29.1, timm 1.0.31 and keras 3.15.1). A family is the module in which a name
is defined.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from importlib import import_module, metadata
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
INDEX = HERE.parents[2] / "specs" / "index.csv"
LIBRARIES = ("torchvision", "timm", "keras")


class Family(NamedTuple):
    """Names of a library that are defined in one module, and those among them that costcalc has."""

    library: str
    name: str
    names: tuple[str, ...]
    known: tuple[str, ...]


def known_names() -> set[str]:
    """Every name of a library that costcalc has, as `timm/vgg16`."""
    with INDEX.open(encoding="utf-8") as lines:
        return {row["network"] for row in csv.DictReader(lines) if row["network"].partition("/")[0] in LIBRARIES}


def families() -> Iterator[Family]:
    """The families of names.csv, in its order."""
    known, found = known_names(), {}
    lines = (HERE / "names.csv").read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(line for line in lines if line[0] != "#"):
        found.setdefault((row["library"], row["family"]), []).append(row["name"])
    for (library, family), names in found.items():
        yield Family(library, family, tuple(names), tuple(name for name in names if f"{library}/{name}" in known))


def installed() -> Iterator[tuple[str, str, str]]:
    """Library, family and name of every network of the installed libraries."""
    models = import_module("torchvision.models")
    for name in models.list_models():
        module = models.get_model_builder(name).__module__
        yield "torchvision", module.removeprefix("torchvision.models."), name
    timm = import_module("timm")
    for name in timm.list_models():
        yield "timm", timm.model_entrypoint(name).__module__.removeprefix("timm.models."), name
    for name, function in vars(import_module("keras").applications).items():
        if name[0].isupper() and callable(function):
            family = function.__module__.removeprefix("keras.src.applications.")
            yield "keras", family, name
            if "minimalistic" in function.__code__.co_varnames:
                yield "keras", family, f"{name}_minimalistic"


def main(words: list[str]) -> None:
    """Print what the words ask for."""
    if "--installed" in words:
        print("#", ", ".join(f"{library} {metadata.version(library)}" for library in LIBRARIES))
        print("library,family,name")
        for row in sorted(set(installed()), key=lambda row: (LIBRARIES.index(row[0]), row[1:])):
            print(*row, sep=",")
        return
    for one in families():
        names = [name for name in one.names if all(word in f"{one.library}/{one.name}/{name}" for word in words)]
        if names:
            print(f"{one.library}, {one.name}: costcalc has {len({*names} & {*one.known})} of {len(names)}")
            print(*(f"  {'*' if name in one.known else ' '} {name}" for name in names), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
