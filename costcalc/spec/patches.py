"""What a library, or a variant, does otherwise: rows with other fields, left out or in another's place; other defaults.

`rows: {pool4: {k: 2}, norm1: none, inception.five: {k: 3}}` changes rows of the table, and of a block's body after its
name. A row is called by its name, by its operator if no other row without a name has it, or by its operator and number
as the file has them. `linear: {before: {op: dropout}}` adds a row, or several if it is a list.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from costcalc.errors import nearest, one_of
from costcalc.spec import read
from costcalc.spec.model import Scope, Spec, Statement, Variant
from costcalc.spec.problems import Problems, short
from costcalc.spec.statements import changed, numbered, read_entry
from costcalc.spec.tree import Mapping, Node, Scalar, Sequence
from costcalc.spec.uses import read_defaults
from costcalc.spec.written_out import size

PATCHES = ("defaults", "rows")
"""What a variant says of rows and defaults that it has in common with what it is built on."""
SIDES = ("before", "after")
"""Where rows are added, in the change of the one that they stand beside."""
_NONE = ("none", "_")


class _Network(NamedTuple):
    """The table of a network and the scope of its blocks."""

    rows: tuple[Statement, ...]
    scope: Scope


def with_patches(spec: Spec, problems: Problems) -> Spec:
    """The spec with the rows and scopes of each variant that says something of them. Variants are known to end."""
    if not any(variant.patch for variant in spec.every_variant):
        return spec
    found = {"": _Network(spec.layers, spec.scope)}
    found[spec.name] = found[""]
    made: dict[tuple[int, ...], _Network] = {}  # by the patch, which products share, and what it changes

    def patched(network: _Network, patch: Mapping | None) -> _Network:
        if patch is None:
            return network
        key = (*(id(patch.get(name)) for name in PATCHES), id(network.rows), id(network.scope))
        if key not in made:
            made[key] = _patched(network, patch, problems)
        return made[key]

    for variant in (*spec.variants.values(), *spec.also.values()):
        path = [variant]
        while path[-1].base not in found:
            path.append(spec.variants[path[-1].base])
        for one in reversed(path):
            network = found[one.base]
            network = network._replace(rows=one.sections.layers or network.rows)
            if library := spec.library_of(one.name):
                network = patched(network, library.patch)
            found[one.name] = patched(network, one.patch)
    return spec._replace(
        variants={name: _with(variant, found[name], spec) for name, variant in spec.variants.items()},
        also={name: _with(variant, found[name], spec) for name, variant in spec.also.items()},
    )


def _with(variant: Variant, network: _Network, spec: Spec) -> Variant:
    if network.scope is spec.scope:
        return variant
    return variant._replace(sections=variant.sections._replace(layers=network.rows, scope=network.scope))


def _patched(network: _Network, patch: Mapping, problems: Problems) -> _Network:
    """The network as a patch has it, in a scope of its own."""
    old = network.scope
    said = sum(size(node) for name in PATCHES if (node := patch.get(name)))
    problems.charge(_size(network) + said, patch)
    scope = Scope(old.source, {}, {})
    for name, block in old.blocks.items():
        scope.blocks[name] = block._replace(scope=scope) if block.scope is old else block
    read_defaults(patch, scope, problems)
    for op in {**old.defaults, **scope.defaults}:
        cells = {**old.defaults.get(op, {}), **scope.defaults.get(op, {})}
        scope.defaults[op] = {field: cell for field, cell in cells.items() if cell.applies}
    changes: dict[str, dict[str, tuple[Scalar, Node]]] = {}
    for key, (scalar, change) in read.mapping(patch.get("rows"), problems, "`rows`").entries.items():
        inside, dot, row = key.rpartition(".")
        if dot and (inside not in scope.blocks or scope.blocks[inside].scope is not scope):
            problems.add(scalar, f"unknown block of this file '{short(inside)}'", hint=partial(_own, inside, scope))
        else:
            changes.setdefault(inside, {})[row] = (scalar, change)
    for name, inside_block in changes.items():
        if name:
            body = _changed(scope.blocks[name].body, inside_block, scope, problems)
            scope.blocks[name] = scope.blocks[name]._replace(body=body)
    return _Network(_changed(network.rows, changes.get("", {}), scope, problems), scope)


def _size(network: _Network) -> int:
    """How many values a network's rows and blocks have, and the defaults of its scope."""
    blocks = network.scope.blocks.values()
    rows = (*network.rows, *(row for block in blocks for row in block.body))
    values = sum(1 + len(row.sources) + sum(1 + len(cell.items or ()) for cell in row.args.values()) for row in rows)
    return values + sum(map(len, network.scope.defaults.values())) + sum(1 + len(block.args) for block in blocks)


def _changed(
    rows: tuple[Statement, ...], changes: dict[str, tuple[Scalar, Node]], scope: Scope, problems: Problems
) -> tuple[Statement, ...]:
    names = _names(rows) if changes else {}
    unnamed = {row.op.text for row in rows if not row.name} if changes else set()
    found: list[tuple[Statement | None, ...]] = [(row,) for row in rows]
    for name, (scalar, change) in changes.items():
        index = names.get(name)
        if index is None:
            several = name in unnamed
            message = f"{'several rows are' if several else 'no row is'} called '{name[:60]}'"
            is_new = isinstance(change, Mapping) and "op" in change.entries and not several
            note = "a row is added by the one beside it: {after: {op: ...}}" if is_new else ""
            problems.add(scalar, message, note=note, hint=partial(_hint, name, names))
        elif isinstance(change, Scalar) and change.text.strip() in _NONE:
            found[index] = ()
        elif not isinstance(change, Mapping):
            problems.add(
                change, "a change of a row must be a mapping", "{key: value}, {op: ...}, {before: {op: ...}} or none"
            )
        else:
            before, after = (_added(change.get(side), scope, problems) for side in SIDES)
            own = {key: entry for key, entry in change.entries.items() if key not in SIDES}
            row: Statement | None = rows[index]
            if "op" in own:
                row = read_entry(Mapping(own, change.place), scope, problems)
                row = row and row._replace(name=row.name or rows[index].name)
            elif own:
                row = changed(rows[index], Mapping(own, change.place), scope, problems)
            found[index] = (*before, row, *after)
    return tuple(row for group in found for row in group if row is not None)


def _added(node: Node | None, scope: Scope, problems: Problems) -> list[Statement | None]:
    """The rows that stand before or after another one: an entry as in a block's body, or a list of entries."""
    items = node.items if isinstance(node, Sequence) else () if node is None else (node,)
    return [read_entry(item, scope, problems) for item in items]


def _names(rows: tuple[Statement, ...]) -> dict[str, int]:
    """Every name that a row can be called by, and where it stands."""
    names: dict[str, int] = {}
    unnamed: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        if not row.name:
            unnamed.setdefault(row.op.text, []).append(index)
    given = {row.name: index for index, row in enumerate(rows) if row.name}
    for op, places in unnamed.items():
        names.update(zip(numbered(op, given), places, strict=False))  # as a report numbers them
        if len(places) == 1:
            names[op] = places[0]
    return {**names, **given}


def _own(name: str, scope: Scope) -> tuple[str, str]:
    own = [block for block, known in scope.blocks.items() if known.scope is scope]
    return one_of(own, 24) or "a block that this file writes itself", nearest(name, own)


def _hint(name: str, names: dict[str, int]) -> tuple[str, str]:
    return one_of(names, 24), nearest(name, names)
