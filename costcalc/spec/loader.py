"""From text to `Spec`: reads every section, and tells all that is wrong at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from costcalc.operators import REGISTRY
from costcalc.quantity import as_text
from costcalc.spec import read
from costcalc.spec.check import check_names, mark_widths
from costcalc.spec.document import Mapping, Node, Problems, Scalar, Sequence, Source, read_document
from costcalc.spec.model import EVERY_WIDTH, Cell, Published, Scope, Sections, Setting, Spec, Variant, WidthRule
from costcalc.spec.settings import IMPLICIT, read_default, read_value
from costcalc.spec.statements import fields_of, read_blocks, read_layers

BlockReader = Callable[[str, "str"], Source | None]
"""Finds a shared block file: (name as written after `use`, the file that uses it) -> its source."""

FORMAT = "1"
SECTIONS = (
    "costcalc", "name", "title", "family", "year", "source", "input", "settings", "widths", "depths", "let", "tables",
    "defaults", "use", "blocks", "layers", "variants", "also", "published",
)  # fmt: skip
BLOCK_SECTIONS = ("costcalc", "title", "source", "defaults", "use", "blocks")
_PERCENTAGES = ("top1", "top5")
_DECIMAL = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?")
FIGURES = ("mult_adds", "params", "top1", "top5", "size")
VARIANT_SECTIONS = ("title", "input", "layers", "widths", "year", "variant", "about")


def load_source(source: Source, find_blocks: BlockReader) -> Spec:
    """Read a spec. Raises SpecError with everything that is wrong, in file order."""
    problems = Problems()
    root = read_document(source, problems)
    if not isinstance(root, Mapping):
        problems.add(root, "a spec must be a mapping", "`costcalc: 1` and sections such as `input:` and `layers:`")
        problems.stop()
        raise AssertionError
    read.known_keys(root, SECTIONS, problems, "spec")
    _format(root, problems)
    for needed in ("name", "input", "layers"):
        if root.get(needed) is None:
            problems.add(root, f"no `{needed}`", f"a section `{needed}:`")
    scope = Scope(source, {}, {})
    _defaults(root, scope, problems)
    _use(root, scope, find_blocks, problems, (source.file,))
    read_blocks(root.get("blocks"), scope, problems)
    settings = dict(IMPLICIT)
    settings.update(
        read.each(root.get("settings"), problems, "settings", lambda key, at, v: _setting(key, at, v, problems))
    )
    input_node = root.get("input")
    spec = Spec(
        name=read.word(root.get("name"), problems, "the network's name", read.NETWORK_NAME),
        title=read.text(root.get("title"), problems, "title"),
        family=read.word(root.get("family"), problems, "family"),
        year=read.text(root.get("year"), problems, "year"),
        source=read.each(root.get("source"), problems, "source", lambda key, _, v: read.text(v, problems, key)),
        input=read.cell(input_node, problems) if input_node else Cell("1x1x1", root.place),
        settings=settings,
        lets=read.each(root.get("let"), problems, "let", lambda key, _, v: read.cell(v, problems)),
        tables=read.each(root.get("tables"), problems, "tables", lambda key, _, v: _table(v, problems)),
        widths=_widths(root.get("widths"), problems),
        depths=_depths(root.get("depths"), problems),
        layers=read_layers(root.get("layers"), scope, problems),
        variants=read.each(
            root.get("variants"),
            problems,
            "variants",
            lambda key, at, v: _variant(key, at, v, settings, scope, problems),
            read.NETWORK_NAME,
        ),
        also=_also(root.get("also"), settings, scope, problems),
        published=_published(root.get("published"), settings, problems),
        scope=scope,
    )
    _check_variants(spec, problems)
    problems.stop()
    spec = mark_widths(spec)
    check_names(spec, problems)
    problems.stop()
    return spec


def _format(root: Mapping, problems: Problems) -> None:
    version = root.get("costcalc")
    if version is None:
        problems.add(root, "no `costcalc`", f"`costcalc: {FORMAT}` (the version of the format) on top")
    elif not isinstance(version, Scalar) or version.text != FORMAT:
        problems.add(version, "unknown version of the format", f"costcalc: {FORMAT}")


def _use(root: Mapping, scope: Scope, find_blocks: BlockReader, problems: Problems, chain: tuple[str, ...]) -> None:
    """Take in the blocks of each file named under `use`; a chain that closes is an error."""
    node = root.get("use")
    items = (node,) if isinstance(node, Scalar) else read.sequence(node, problems, "`use`")
    for item in items:
        if not isinstance(item, Scalar):
            problems.add(item, "`use` takes names of block files")
            continue
        found = find_blocks(item.text, scope.source.file)
        if found is None:
            problems.add(
                item, f"no block file '{item.text[:60]}'", "a file under specs/blocks/, or ./FILE.yaml beside this one"
            )
            continue
        if found.file in chain or len(chain) > 8:
            problems.add(item, f"'{item.text}' is used in a cycle", note=" -> ".join((*chain, found.file)))
            continue
        inner = read_document(found, problems)
        content = read.mapping(inner, problems, "a block file")
        read.known_keys(content, BLOCK_SECTIONS, problems, "block file")
        _format(content, problems)
        shared = Scope(found, {}, {}, shared=True)
        _defaults(content, shared, problems)
        _use(content, shared, find_blocks, problems, (*chain, found.file))
        read_blocks(content.get("blocks"), shared, problems)
        scope.blocks.update(shared.blocks)


def _defaults(root: Mapping, scope: Scope, problems: Problems) -> None:
    """`defaults: {conv: {norm: bn}}`: values of an operator's fields wherever this file does not write them."""
    for op, (scalar, entry) in read.mapping(root.get("defaults"), problems, "`defaults`").entries.items():
        if op not in REGISTRY:
            problems.unknown(scalar, "operator", op, REGISTRY)
            continue
        fields = fields_of(op, scope)
        content = read.mapping(entry, problems, f"the defaults of {op}")
        read.known_keys(content, fields, problems, op)
        scope.defaults[op] = {key: read.cell(value, problems) for key, (_, value) in content.entries.items()}


def _setting(key: str, at: Scalar, node: Node, problems: Problems) -> Setting:
    if not isinstance(node, Mapping):
        return read_default(key, node, Setting(key, None, place=at.place), problems)
    read.known_keys(node, ("default", "about", "choices"), problems, "setting")
    default = node.get("default")
    if default is None and key not in IMPLICIT:
        problems.add(at, f"setting '{key}' has no default", "default: a number, true, false or a word")
    choices = tuple(
        read.value(c, problems, "a choice") for c in read.sequence(node.get("choices"), problems, "choices")
    )
    about = read.text(node.get("about"), problems, "about")
    return read_default(key, default, Setting(key, None, about, choices, at.place), problems)


def _table(node: Node, problems: Problems, depth: int = 0) -> dict[Any, Any]:
    """A look-up: a mapping of numbers or words, or a list whose entries count from 0; entries may be tables."""
    if isinstance(node, Sequence):
        entries = [(index, item) for index, item in enumerate(node.items)]
    elif isinstance(node, Mapping) and depth < 3:
        entries = [(read.value(scalar, problems, "a key"), value) for scalar, value in node.entries.values()]
    else:
        problems.add(node, "a table must be a mapping or a list", "{1: 144, 2: 200} or [16, 24, 32]")
        return {}
    table: dict[Any, Any] = {}
    for key, value in entries:
        if key in table:
            problems.add(value, f"the table has two entries {as_text(key)}", "each number or word once")
        plain = isinstance(value, Scalar)
        table[key] = read.value(value, problems, "an entry") if plain else _table(value, problems, depth + 1)
    return table


def _width_rule(node: Mapping, problems: Problems) -> WidthRule:
    read.known_keys(node, ("scale", "round"), problems, "width")
    scale, rounding = node.get("scale"), node.get("round")
    return WidthRule(
        read.cell(scale, problems) if scale else Cell("alpha", node.place),
        read.cell(rounding, problems) if rounding else Cell("round8", node.place),
    )


def _widths(node: Node | None, problems: Problems) -> dict[str, WidthRule]:
    """One rule for every channel count, or a rule for each column named."""
    content = read.mapping(node, problems, "`widths`")
    if not content.entries:
        return {}
    if all(isinstance(value, Scalar) for _, value in content.entries.values()):
        return {EVERY_WIDTH: _width_rule(content, problems)}
    return read.each(
        content, problems, "widths", lambda key, _, v: _width_rule(read.mapping(v, problems, f"width {key}"), problems)
    )


def _depths(node: Node | None, problems: Problems) -> WidthRule | None:
    return _width_rule(read.mapping(node, problems, "`depths`"), problems) if node is not None else None


def _variant(
    key: str, at: Scalar, node: Node, settings: dict[str, Setting], scope: Scope, problems: Problems
) -> Variant:
    content = read.mapping(node, problems, f"variant '{key}'")
    given = {}
    for name, (scalar, value) in content.entries.items():
        if name in settings:
            given[name] = read_value(settings[name], value, problems)
        elif name not in VARIANT_SECTIONS:
            problems.unknown(scalar, "setting", name, (*settings, *VARIANT_SECTIONS))
    input_node, layers, widths = content.get("input"), content.get("layers"), content.get("widths")
    sections = Sections(
        title=read.text(content.get("title"), problems, "title") or None,
        input=read.cell(input_node, problems) if input_node else None,
        layers=read_layers(layers, scope, problems) if layers else None,
        widths=_widths(widths, problems) if widths else None,
        year=read.text(content.get("year"), problems, "year") or None,
    )
    base = read.word(content.get("variant"), problems, "a variant", read.NETWORK_NAME)
    return Variant(key, given, sections, base, read.text(content.get("about"), problems, "about"), at.place)


def _also(node: Node | None, settings: dict[str, Setting], scope: Scope, problems: Problems) -> dict[str, Variant]:
    """Libraries' names (`torchvision/alexnet`) for a variant of this network."""
    found = {}
    for key, (scalar, value) in read.mapping(node, problems, "`also`").entries.items():
        library, slash, name = key.partition("/")
        if not slash or not read.NAME.fullmatch(library) or not name or "/" in name or len(key) > 80:
            problems.add(scalar, f"'{key[:60]}' is not the name of a library's network", "library/name")
            continue
        found[key] = _variant(key, scalar, value, settings, scope, problems)
    return found


def _check_variants(spec: Spec, problems: Problems) -> None:
    for variant in (*spec.variants.values(), *spec.also.values()):
        seen = {variant.name}
        base = variant.base
        while base and base != spec.name:
            if base in seen or base not in spec.variants:
                what = f"variant '{variant.name}' is built on itself" if base in seen else f"unknown variant '{base}'"
                problems.add(variant.place or spec.input.place, what, "one of " + ", ".join(spec.variants))
                break
            seen.add(base)
            base = spec.variants[base].base


def _published(node: Node | None, settings: dict[str, Setting], problems: Problems) -> tuple[Published, ...]:
    """Figures as printed; everything that is neither a figure nor a remark is a setting."""
    rows = []
    remarks = ("at", "counts", "because", "transform", "variant")
    for item in read.sequence(node, problems, "`published`"):
        content = read.mapping(item, problems, "a published figure")
        figures: dict[str, str] = {}
        given: dict[str, Any] = {}
        because: dict[str, str] = {}
        for key, (scalar, value) in content.entries.items():
            if key in FIGURES:
                figures[key] = read.text(value, problems, key)
                if key in _PERCENTAGES and not _DECIMAL.fullmatch(figures[key]):
                    problems.add(value, f"{key} must be a number", "as 70.6")
            elif key == "because":
                if isinstance(value, Mapping):
                    because = {k: read.text(v, problems, "because") for k, (_, v) in value.entries.items()}
                else:
                    because = {"": read.text(value, problems, "because")}
            elif key in settings:
                given[key] = read_value(settings[key], value, problems)
            elif key not in remarks:
                problems.unknown(scalar, "figure or setting", key, (*FIGURES, *settings, *remarks))
        at = read.text(content.get("at"), problems, "at")
        if not at:
            problems.add(item, "a published figure without its place", 'at: "Table 4"')
        variant = read.word(content.get("variant"), problems, "a variant", read.NETWORK_NAME)
        counts = read.text(content.get("counts"), problems, "counts") or "paper"
        transform = read.text(content.get("transform"), problems, "transform")
        rows.append(Published(figures, given, variant, at, counts, because, transform, item.place))
    return tuple(rows)
