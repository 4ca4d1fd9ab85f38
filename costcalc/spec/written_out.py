"""What a file writes in short, written out: products of variants, and tables of published figures.

Both are done on the tree of the document, before any section is read, so that what is read has its places.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Set
from functools import cache, partial
from itertools import product
from math import prod

from costcalc.errors import nearest, one_of
from costcalc.spec import read
from costcalc.spec.problems import Problems
from costcalc.spec.tree import Mapping, Node, Scalar, Sequence

MOST_PRODUCTS = 1000
"""So many variants, and so many libraries' names, one entry may stand for."""
_HOLE = re.compile(r"\{([A-Za-z][A-Za-z0-9_]*)\}")
_PRODUCT = re.compile(r"^ +([A-Za-z0-9_./]*\{[^\s:]*):", re.MULTILINE)


def products(node: Node | None, listed: Collection[str], problems: Problems) -> Node | None:
    """`net_g{groups}: {groups: [1, 2]}` as one entry for each value; the last list of several changes first.

    `listed` are the keys that may have a list of values: settings, and `variant`.
    """
    if not isinstance(node, Mapping):
        return node
    found: dict[str, tuple[Scalar, Node]] = {}
    for key, (scalar, entry) in node.entries.items():
        lists = _lists(entry, listed)
        if not lists and not _HOLE.search(key):
            pairs: Iterator[tuple[Scalar, Node]] = iter([(scalar, entry)])
        elif _fits(scalar, entry, lists, listed, problems):
            pairs = _each(scalar, entry, lists)
        else:
            continue
        for name, one in pairs:
            if name.text in found:
                problems.add(scalar, f"'{name.text[:60]}' is named twice", "each name once")
                break
            found[name.text] = (name, one)
    return Mapping(found, node.place)


def may_be_named(name: str, text: str) -> bool:
    """Whether a file of this text may have a network of this name."""
    return name in text or any(pattern.fullmatch(name) for pattern in _patterns(text))


@cache
def _patterns(text: str) -> list[re.Pattern[str]]:
    """What a file's products of names look like."""
    return [re.compile(".+".join(map(re.escape, _HOLE.split(key)[::2]))) for key in _PRODUCT.findall(text)]


def _lists(entry: Node, listed: Collection[str]) -> dict[str, tuple[Scalar, ...]]:
    """The keys of an entry with a list of plain values."""
    if not isinstance(entry, Mapping):
        return {}
    return {
        key: tuple(item for item in value.items if isinstance(item, Scalar))
        for key, (_, value) in entry.entries.items()
        if key in listed and isinstance(value, Sequence)
    }


def _fits(
    scalar: Scalar,
    entry: Node,
    lists: dict[str, tuple[Scalar, ...]],
    listed: Collection[str],
    problems: Problems,
) -> bool:
    """Whether the name has a place for each list and a list for each place, and they are not too many."""
    holes = _HOLE.findall(scalar.text)
    for name in holes:
        if not lists.get(name):
            hint = partial(_hole_hint, name, listed, lists.keys() - set(holes))
            problems.add(scalar, f"there is no list of values for {{{name[:40]}}}", hint=hint)
            return False
    for name in sorted(lists.keys() - set(holes)):
        problems.add(scalar, f"the name says nothing of the values of '{name}'", f"{scalar.text[:60]}_{{{name}}}")
        return False
    count = prod(map(len, lists.values()))
    if count > MOST_PRODUCTS:
        problems.add(scalar, f"the name stands for {count} variants", f"at most {MOST_PRODUCTS}")
        return False
    problems.charge(count * size(entry), scalar)
    return True


def _hole_hint(name: str, listed: Collection[str], unnamed: Set[str]) -> tuple[str, str]:
    """How to give a place in a name its values; one that is no setting may be meant for a list without a place."""
    if name in listed:
        return f"{name[:40]}: [1, 2]", ""
    known = sorted(unnamed or listed)
    return f"in {{}} {one_of(known, 24)}", nearest(name, known)


def size(node: Node) -> int:
    """How many values a tree has."""
    if isinstance(node, Sequence):
        return 1 + sum(map(size, node.items))
    return 1 + sum(1 + size(value) for _, value in node.entries.values()) if isinstance(node, Mapping) else 1


def _each(scalar: Scalar, entry: Node, lists: dict[str, tuple[Scalar, ...]]) -> Iterator[tuple[Scalar, Node]]:
    assert isinstance(entry, Mapping)
    for values in product(*lists.values()):
        texts = {name: value.text.strip() for name, value in zip(lists, values, strict=True)}
        own = {key: (entry.entries[key][0], value) for key, value in zip(lists, values, strict=True)}
        for key in ("title", "about"):
            words = entry.get(key)
            if isinstance(words, Scalar):
                own[key] = (entry.entries[key][0], words._replace(text=_filled(words.text, texts)))
        name = _filled(scalar.text, {key: text.replace(".", "_") for key, text in texts.items()})
        yield scalar._replace(text=name), Mapping({**entry.entries, **own}, entry.place)


def _filled(text: str, values: dict[str, str]) -> str:
    return _HOLE.sub(lambda match: values.get(match[1], match[0]), text)


def table_rows(node: Node | None, problems: Problems, what: str) -> Iterator[Node]:
    """The entries of a list; those of a table in it (`columns`, `rows`, and what all rows share) one by one."""
    items = (node,) if isinstance(node, Mapping) else read.sequence(node, problems, what)
    for item in items:
        if isinstance(item, Mapping) and "rows" in item.entries:
            yield from _rows(item, problems, what)
        else:
            yield item


def _rows(table: Mapping, problems: Problems, what: str) -> Iterator[Node]:
    listed = read.sequence(table.get("columns"), problems, "columns")
    columns = [item for item in listed if isinstance(item, Scalar)]
    texts = [column.text for column in columns]
    if not columns or len(columns) < len(listed) or len({*texts}) < len(texts):
        problems.add(table.get("columns") or table, f"{what} in rows needs columns", "columns: [alpha, mult_adds, at]")
        return
    shared = {key: entry for key, entry in table.entries.items() if key not in ("columns", "rows")}
    for row in read.sequence(table.get("rows"), problems, "rows"):
        cells = row.items if isinstance(row, Sequence) else ()
        more = cells[-1] if cells else None
        if isinstance(more, Mapping):
            cells = cells[:-1]
        if not isinstance(row, Sequence) or len(cells) > len(columns):
            problems.add(row, f"a row must be a list of at most {len(columns)} cells", f"[{', '.join(texts[:20])}]")
            continue
        under = zip(columns, cells, strict=False)
        own = {column.text: (column, cell) for column, cell in under if not read.is_blank(cell)}
        for key, entry in more.entries.items() if isinstance(more, Mapping) else ():
            if key in own:
                problems.add(entry[0], f"the key '{key[:40]}' gives '{key[:40]}' a second value", "one value for it")
            own[key] = entry
        problems.charge(len(shared), row)
        yield Mapping({**shared, **own}, row.place)
