"""Conventions read: those that ship with costcalc by name, a person's own by path, checked like a spec."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache, partial, wraps

from costcalc import expression
from costcalc.counting.conventions import PARAMS, Convention, Rule
from costcalc.counting.names import ABOUT, IN_PARAMS
from costcalc.errors import SpecError, UsageError, nearest, one_of, text_of
from costcalc.expression import ExpressionError
from costcalc.operators import REGISTRY
from costcalc.spec import catalogue, read
from costcalc.spec.check import at, count_expression
from costcalc.spec.document import read_document
from costcalc.spec.model import Cell
from costcalc.spec.problems import Problems
from costcalc.spec.sources import read_source
from costcalc.spec.tree import Mapping, Node, Scalar, Source
from costcalc.spec.uses import check_format

SECTIONS = (
    "costcalc", "convention", "base", "total", "title", "for", "source", "per", "counts", "ignores", "params",
)  # fmt: skip
_PER = ("batch", "image")
_MOST_BASES = 8
_WORDS = {**REGISTRY, **{kind.family: None for kind in REGISTRY.values()}}
"""What a line can be about: operators, and their families."""
_BASES = "a name that `costcalc list conventions` shows, or ./FILE.yaml beside this one"


def convention_names() -> tuple[str, ...]:
    """The conventions that ship with costcalc."""
    return catalogue.file_names("conventions")


def _load(name: str) -> Convention:
    if catalogue.is_path(name):
        return _read(read_source(name), ())
    if name == "all":
        raise UsageError("all conventions are a table of their own", expected="`costcalc report` or `costcalc compare`")
    source = catalogue.find_file("conventions", name)
    if source is None:
        known = convention_names()
        raise UsageError(f"unknown convention '{name[:40]}'", expected=one_of(known, 40), nearest=nearest(name, known))
    return _read(source, ())


_shipped = cache(_load)


@wraps(_load)
def load_convention(name: str) -> Convention:
    """A convention by its name, or by the path of a file, which is read anew.

    Raises UsageError if there is none of that name or the file cannot be read, SpecError if it is wrong.
    """
    text_of(name, "convention", "a name, as 'paper', or the path of a file")
    return _load(name) if catalogue.is_path(name) else _shipped(name)


def _read(source: Source, users: tuple[str, ...]) -> Convention:
    """A convention from its file; `users` are the files that build on it."""
    problems = Problems()
    document = read_document(source, problems)
    root = read.mapping(document, problems, "a convention")
    if not isinstance(document, Mapping):
        problems.stop()
    read.known_keys(root, SECTIONS, problems, "convention")
    check_format(root, problems)
    base = _base(root, source, users, problems)
    counts = _rules(root.get("counts"), "counts", tuple(ABOUT), problems)
    ignores = _ignores(root, counts, problems)
    params = _params(root.get("params"), problems)
    total = read.word(root.get("total"), problems, "the total's name")
    per = read.text(root.get("per"), problems, "per")
    if per and per not in _PER:
        problems.add(root.get("per") or root, f"'{per[:40]}' is neither", one_of(_PER), nearest(per, _PER))
    if root.get("base") is None:
        for needed in ("convention", "total", "counts"):
            if root.get(needed) is None:
                problems.add(root, f"no `{needed}`", f"a section `{needed}:`, or `base:` with another convention")
    elif root.get("convention") is None:
        problems.add(root, "no `convention`", "a section `convention:` with its name")
    name = read.word(root.get("convention"), problems, "the convention's name", read.NETWORK_NAME)
    texts = {key: read.text(root.get(key), problems, key) for key in ("title", "for")}
    written = read.each(root.get("source"), problems, "source", lambda key, _, node: read.text(node, problems, key))
    problems.stop()
    where = ", ".join(written.values())
    if base is None:
        every = {"": _plain_params(root), **params}
        return Convention(name, total, texts["title"], counts, ignores, every, texts["for"], where, per == "image")
    own = {*counts, *ignores}
    return Convention(
        name,
        total or base.total,
        texts["title"] or base.title,
        {**{key: base.counts[key] for key in _kept(base.counts, own)}, **counts},
        frozenset(_kept(base.ignores, own)) | ignores,
        params if "" in params else {**{key: base.params[key] for key in _kept(base.params, params)}, **params},
        texts["for"],
        where or base.source,
        per == "image" if per else base.per_image,
    )


def _kept(lines: Iterable[str], own: Collection[str]) -> list[str]:
    """The lines of the base that stay: neither they nor their families have a line of one's own.

    `conv` and `linear` are operators as well: a line for them leaves those for conv_transpose, matmul ... alone.
    """
    families = {word for word in own if word not in REGISTRY}
    return [key for key in lines if key not in own and (key not in REGISTRY or REGISTRY[key].family not in families)]


def _base(root: Mapping, source: Source, users: tuple[str, ...], problems: Problems) -> Convention | None:
    """The convention that a file builds on. Raises SpecError for one that is wrong itself."""
    node = root.get("base")
    if node is None:
        return None
    if not isinstance(node, Scalar):
        problems.add(node, "`base` must be a name or a path", _BASES)
        return None
    chain = (*users, source.file)
    try:
        beside = node.text.startswith("./")
        found = (catalogue.find_beside if beside else _find)(node.text, source.file)
    except UsageError as error:
        problems.add(node, error.message, error.expected)
        return None
    if found is None:
        known = convention_names()
        problems.add(node, f"unknown convention '{node.text[:40]}'", _BASES, nearest(node.text, known))
        return None
    if found.file in chain or len(chain) >= _MOST_BASES:
        problems.add(node, f"'{node.text[:40]}' is built on itself", note=" -> ".join((*chain, found.file)))
        return None
    return _read(found, chain)


def _find(name: str, user: str) -> Source | None:
    return catalogue.find_file("conventions", name)


def _ignores(root: Mapping, counts: Collection[str], problems: Problems) -> frozenset[str]:
    """Operators and families that are left out."""
    found = set()
    for item in read.sequence(root.get("ignores"), problems, "ignores"):
        word = read.word(item, problems, "an operator")
        if word in counts:
            problems.add(item, f"'{word}' is counted and left out", "one of them")
        elif word and _is_known(word, item, problems):
            found.add(word)
    return frozenset(found)


def _params(node: Node | None, problems: Problems) -> dict[str, Rule]:
    if node is None:
        return {}
    if isinstance(node, Mapping):
        return _rules(node, "params", IN_PARAMS, problems)
    return {"": _rule(read.cell(node, problems), IN_PARAMS, problems)}


def _plain_params(root: Mapping) -> Rule:
    return Rule(Cell(PARAMS, root.place), expression.parse(PARAMS, of_costs=True))


def _rules(node: Node | None, section: str, names: tuple[str, ...], problems: Problems) -> dict[str, Rule]:
    def line(key: str, scalar: Scalar, value: Node) -> Rule:
        _is_known(key, scalar, problems)
        return _rule(read.cell(value, problems), names, problems)

    return read.each(node, problems, section, line)


def _is_known(word: str, node: Node, problems: Problems) -> bool:
    if word not in _WORDS:
        hint = partial(_hint, word, _WORDS, 12)
        problems.add(node, f"unknown operator or family '{word[:40]}'", hint=hint)
    return word in _WORDS


def _hint(word: str, known: Collection[str], listed: int) -> tuple[str, str]:
    return one_of(known, listed), nearest(word, known)


def _rule(cell: Cell, names: tuple[str, ...], problems: Problems) -> Rule:
    """A rule, tried on names that are all 1: its operands and its result must be numbers."""
    count_expression(cell if cell.items is None else cell._replace(text=cell.shown), problems)
    try:
        rule = Rule(cell, expression.parse(cell.text if cell.items is None else cell.shown, of_costs=True))
    except ExpressionError as error:
        problems.add(at(cell, error), error.message, error.expected)
        return Rule(cell, expression.parse("0"))
    unknown = [(name, offset) for name, offset in rule.expression.names if name not in names]
    for name, offset in unknown:
        place = at(cell, ExpressionError("", offset=offset, length=len(name)))
        problems.add(place, f"unknown counter '{name[:40]}'", hint=partial(_hint, name, names, 20))
    if not unknown:
        try:
            rule.tried()
        except SpecError as error:
            problems.found.extend(error.problems)
    return rule
