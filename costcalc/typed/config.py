"""The file of budgets: `costcalc.toml`, or `[tool.costcalc]` in pyproject.toml. Found, read, and checked as written."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from costcalc.counting import COUNTING_WORDS, Convention, Counting, counting_of
from costcalc.errors import Place, Problem, SpecError, UsageError, one_of
from costcalc.importers import is_code, is_model_file
from costcalc.measures import measure_of
from costcalc.network import read_name, recipes_beside
from costcalc.spec.catalogue import STANDARD_INPUT, beside, is_path, split_name
from costcalc.spec.problems import Problems
from costcalc.spec.sources import confined_to, read_source, tree_of
from costcalc.spec.toml import read_toml
from costcalc.spec.tree import Mapping, Node, Scalar, Sequence, Source
from costcalc.typed.budgets import Budget, main_options, must_count, options, read_budget
from costcalc.typed.devices import device_budgets

FILE = "costcalc.toml"
PROJECT = "pyproject.toml"
KEYS = (*COUNTING_WORDS, "check")
CHECK_KEYS = ("network", "settings", "fits", *COUNTING_WORDS)
"""Keys of a check that are no budgets."""
MOST_CHECKS = 1_000
_READABLE = "a TOML file that can be read"
_ENDINGS = (".toml",)
_T = TypeVar("_T")


class Wanted(NamedTuple):
    """One check of a file: a network with settings, each with its place, how to count, and its budgets."""

    network: str
    place: Place
    settings: dict[str, tuple[str, Place]]
    counting: Counting
    budgets: tuple[Budget, ...]


def find() -> str:
    """The file of budgets of the working folder, or of the nearest folder above it inside the repository.

    Raises UsageError if there is none, or two in one folder; SpecError for a pyproject.toml that is no TOML.
    """
    try:
        here = Path.cwd()
    except OSError:
        raise UsageError("the working folder is gone", expected="--config FILE, or a folder that exists") from None
    for folder in (here, *here.parents):
        found = [file for file in (folder / FILE, folder / PROJECT) if file.is_file() and _has_budgets(file)]
        if len(found) > 1:
            names = " and ".join(os.path.relpath(file) for file in found)
            raise UsageError(f"both {names} have budgets", expected="one of them, or --config FILE")
        if found:
            return os.path.relpath(found[0])
        if (folder / ".git").exists():
            break
    raise UsageError(
        f"no NETWORK, and no {FILE} or [tool.costcalc] in {PROJECT} here or above",
        expected="a network and budgets, as `costcalc check mobilenet_v1 --max-mult-adds 300M`, or such a file",
    )


def _has_budgets(file: Path) -> bool:
    if file.name != PROJECT:
        return True
    source = read_source(os.path.relpath(file), _READABLE, _ENDINGS)
    return "costcalc" in source.text and _table(read_toml(source), "tool", "costcalc") is not None


def _table(root: Node | None, *keys: str) -> Node | None:
    for key in keys:
        root = root.get(key) if isinstance(root, Mapping) else None
    return root


def read(file: str) -> tuple[list[Wanted], list[Problem]]:
    """The checks of a file, in its order, and what is wrong in it. A relative path in it is relative to its folder.

    Raises UsageError if the file cannot be read, SpecError if it is no TOML.
    """
    source = read_source(file, _READABLE, _ENDINGS)
    problems = Problems()
    root: Node | None = read_toml(source)
    keys = ("tool", "costcalc") if Path(file).name == PROJECT else ()
    root = _table(root, *keys)
    if root is None:
        problems.add(source.place(0, 0), "no table [tool.costcalc]", "[[tool.costcalc.check]]")
    wanted = _Reader(source, problems, f"[[{'.'.join([*keys, 'check'])}]]").checks(root) if root else []
    return wanted, problems.told()


def _both(key: Place, value: Place) -> Place:
    """The stretch from a key to the end of its value, if they stand in one line."""
    return key._replace(length=value.column + value.length - key.column) if key.line == value.line else key


class _Reader:
    """Reads the tables of a file; what is wrong goes to `problems`."""

    def __init__(self, source: Source, problems: Problems, header: str) -> None:
        self.folder = Path(source.file).parent
        self.problems = problems
        self.header = header
        self.countings: dict[tuple[tuple[str, str], ...], Counting] = {}

    def checks(self, root: Node) -> list[Wanted]:
        top = self.mapping(root, "costcalc", "a table")
        self.known(top, KEYS)
        default = self.counting(top, {})
        listed = top.get("check")
        if listed is None or listed == Sequence((), listed.place):
            self.problems.add(listed or root, "no check", f"{self.header}, then a network and a budget")
        elif not isinstance(listed, Sequence):
            self.problems.add(listed, "`check` is not a list of tables", f"{self.header}, in two brackets")
        elif len(listed.items) > MOST_CHECKS:
            self.problems.add(listed, f"{len(listed.items)} checks", f"at most {MOST_CHECKS}")
        else:
            return [wanted for item in listed.items for wanted in self.check(item, default)]
        return []

    def check(self, node: Node, default: dict[str, str] | None) -> list[Wanted]:
        """One check, or none if it is wrong."""
        table = self.mapping(node, "check", f"a table, as {self.header}")
        words = self.counting(table, default)
        counting = None if words is None else self.counted(words)
        convention = counting.convention if counting else None
        known = options(convention)
        self.known(table, (*CHECK_KEYS, *known), one_of((*CHECK_KEYS, *main_options()), 40))
        bounds = [(key, value) for key, (_, value) in table.entries.items() if key in known]
        budgets = [budget for key, value in bounds if (budget := self.budget(key, value, convention))]
        budgets += self.fits(self.word(table, "fits"))
        settings = self.settings(table.get("settings"))
        if isinstance(node, Mapping) and not bounds and "fits" not in table.entries:
            self.problems.add(node, "a check without a budget", one_of((*main_options(), "fits"), 30))
        if isinstance(node, Mapping) and "network" not in table.entries:
            self.problems.add(node, "a check without a network", 'network = "mobilenet_v1", or a path to a spec')
        word = self.word(table, "network")
        network = self.placed(word, lambda: self.resolved(word.text)) if word else None
        if not (word and network and counting):
            return []
        return [Wanted(network, word.place, settings, counting, tuple(budgets))]

    def fits(self, word: Scalar | None) -> list[Budget]:
        """What must fit the device that a check names; a relative path is put after the file's folder."""
        if word is None:
            return []
        name = beside(word.text, self.folder)
        try:
            return self.placed(word, lambda: device_budgets(name, word.place)) or []
        except SpecError as error:
            self.problems.found.extend(error.problems)
            return []

    def resolved(self, network: str) -> str:
        """A network's name; relative paths, of recipes too, are put after the file's folder.

        Raises UsageError for standard input, which nobody has piped to a file (it may never end), and for code."""
        network = recipes_beside(network, self.folder)
        with confined_to(tree_of(self.folder)):
            named, _ = split_name(read_name(network).network)
        if named == STANDARD_INPUT:
            raise UsageError("a file of budgets reads no standard input", expected="a network, or a path to a spec")
        if is_code(named):
            raise UsageError(
                f"'{named[:60]}' would run code, and a file may not ask for that",
                expected="a name of the catalogue, or a path to a spec or a model file",
            )
        is_file = is_path(named) or is_model_file(named)
        if not is_file or network.startswith("~") or self.folder == Path():
            return network
        path = str(self.folder / named)
        return f"{path if is_path(path) or is_model_file(named) else f'./{path}'}{network[len(named) :]}"

    def settings(self, node: Node | None) -> dict[str, tuple[str, Place]]:
        found = {}
        for key, (name, value) in self.mapping(node, "settings", "a table, as {alpha = 0.5}").entries.items():
            if isinstance(value, Scalar):
                found[key] = value.text, _both(name.place, value.place)
            else:
                self.problems.add(value, f"{key} is not a value", 'a number as 0.75 or "6/7", true, false or a word')
        return found

    def budget(self, key: str, value: Node, convention: Convention | None) -> Budget | None:
        if not isinstance(value, Scalar):
            example = "14MB" if measure_of(options(convention)[key][0]).is_bytes else "300M"
            self.problems.add(value, f"{key} is not a quantity", f'a number or a text, as {key} = "{example}"')
            return None

        def read_it() -> Budget:
            budget = read_budget(key, value.text, value.place, convention)
            if convention:
                must_count(convention, budget)
            return budget

        return self.placed(value, read_it)

    def counting(self, table: Mapping, default: dict[str, str] | None) -> dict[str, str] | None:
        """The words by which a table says how to count, over the default ones; None if some are wrong."""
        found = dict(default or {})
        wrong = default is None
        for key in COUNTING_WORDS:
            word = self.word(table, key)
            text = word.text if word is not None else ""
            if key == "convention":
                text = beside(text, self.folder)
            read = self.placed(word, partial(self.counted, {key: text})) if word is not None else None
            if word is not None and read is not None:
                found[key] = text
            else:
                wrong |= key in table.entries
        return None if wrong else found

    def counted(self, words: dict[str, str]) -> Counting:
        """How to count, by words; a person's own convention is read once, and shown only if it is of the tree."""
        key = tuple(words.items())
        if key not in self.countings:
            with confined_to(tree_of(self.folder)):
                self.countings[key] = counting_of(**words)
        return self.countings[key]

    def word(self, table: Mapping, key: str) -> Scalar | None:
        node = table.get(key)
        if node is None or (isinstance(node, Scalar) and node.quoted):
            return node
        self.problems.add(node, f"{key} is not a text", f'a text in quotes, as {key} = "..."')
        return None

    def mapping(self, node: Node | None, what: str, expected: str) -> Mapping:
        if isinstance(node, Mapping):
            return node
        if node is not None:
            self.problems.add(node, f"`{what}` is not a table", expected)
        return Mapping({}, Place("", 1, 1))

    def known(self, table: Mapping, keys: tuple[str, ...], expected: str = "") -> None:
        for key, (scalar, _) in table.entries.items():
            if key not in keys:
                self.problems.unknown(scalar, "key", key, keys, expected)

    def placed(self, node: Node, read_it: Callable[[], _T]) -> _T | None:
        """What is read, or None and a problem at the node."""
        try:
            return read_it()
        except UsageError as error:
            self.problems.refused(node, error)
        except SpecError as error:
            self.problems.found.extend(error.problems)
        return None
