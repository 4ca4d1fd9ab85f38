"""From text to `Spec`: reads every section, and tells all that is wrong at once."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from costcalc.errors import UsageError
from costcalc.quantity import as_text
from costcalc.spec import read
from costcalc.spec.channels import mark_widths
from costcalc.spec.check import check_names
from costcalc.spec.document import read_document
from costcalc.spec.model import Cell, Published, Scope, Setting, Spec
from costcalc.spec.patches import with_patches
from costcalc.spec.problems import Problems
from costcalc.spec.rules import read_depths, read_widths
from costcalc.spec.settings import IMPLICIT, read_default, read_value
from costcalc.spec.statements import read_blocks, read_layers
from costcalc.spec.tree import Mapping, Node, Scalar, Sequence, Source
from costcalc.spec.uses import BlockFiles, BlockReader, check_format, read_defaults
from costcalc.spec.variants import VariantReader, check_variants, read_variants
from costcalc.spec.written import read_libraries
from costcalc.spec.written_out import table_rows

SECTIONS = (
    "costcalc", "name", "title", "family", "year", "source", "input", "settings", "widths", "depths", "let", "tables",
    "defaults", "use", "blocks", "layers", "variants", "as", "also", "published",
)  # fmt: skip
_PERCENTAGES = ("top1", "top5")
_DECIMAL = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?")
COUNTED = (
    "mult_adds", "params", "weights", "weight_bytes", "kernel_bytes", "stored_bytes", "compression", "compression_rate",
    "xnor_speed_up",
)  # fmt: skip
"""The figures that can be computed, by the names of measures."""
FIGURES = (*COUNTED, "top1", "top5", "size")


def _is_shared(find_blocks: BlockReader, user: str, name: str) -> bool:
    try:
        return bool(find_blocks(name, user))
    except UsageError:
        return False


def load_source(source: Source, find_blocks: BlockReader) -> Spec:
    """Read a spec. Raises SpecError with everything that is wrong, in file order."""
    problems = Problems()
    problems.has_blocks = partial(_is_shared, find_blocks, source.file)
    root = read_document(source, problems)
    if not isinstance(root, Mapping):
        problems.add(root, "a spec must be a mapping", "`costcalc: 1` and sections such as `input:` and `layers:`")
        problems.stop()
        raise AssertionError
    if root.get("recipe") is not None and root.get("steps") is not None and root.get("layers") is None:
        expected = f"a network; the recipe stands behind one, as vgg16@recipe={source.file}"
        problems.add(root.get("recipe") or root, "this is a recipe, and no network", expected)
        problems.stop()
    read.known_keys(root, SECTIONS, problems, "spec")
    check_format(root, problems)
    for needed in ("name", "input", "layers"):
        if root.get(needed) is None:
            problems.add(root, f"no `{needed}`", f"a section `{needed}:`")
    scope = Scope(source, {}, {})
    read_defaults(root, scope, problems)
    BlockFiles(find_blocks, problems, len(source.text)).use(root, scope, (source.file,))
    read_blocks(root.get("blocks"), scope, problems)
    settings = dict(IMPLICIT)
    settings.update(
        read.each(root.get("settings"), problems, "settings", lambda key, at, v: _setting(key, at, v, problems))
    )
    lets = read.each(root.get("let"), problems, "let", lambda key, _, v: read.cell(v, problems))
    variants, also, libraries = read_variants(root, VariantReader(settings, lets, scope, problems))
    input_node = root.get("input")
    spec = Spec(
        name=read.word(root.get("name"), problems, "the network's name", read.NETWORK_NAME),
        title=read.text(root.get("title"), problems, "title"),
        family=read.word(root.get("family"), problems, "family"),
        year=read.text(root.get("year"), problems, "year"),
        source=read.each(root.get("source"), problems, "source", lambda key, _, v: read.text(v, problems, key)),
        input=read.cell(input_node, problems) if input_node else Cell("1x1x1", root.place),
        settings=settings,
        lets=lets,
        tables=read.each(root.get("tables"), problems, "tables", lambda key, _, v: _table(v, problems)),
        widths=read_widths(root.get("widths"), problems),
        depths=read_depths(root.get("depths"), problems),
        layers=read_layers(root.get("layers"), scope, problems),
        variants=variants,
        also=also,
        libraries=libraries,
        published=_published(root.get("published"), settings, problems),
        scope=scope,
        written=read_libraries(root.get("as"), problems),
    )
    check_variants(spec, problems)
    problems.stop()
    spec = mark_widths(with_patches(spec, problems))
    problems.stop()
    check_names(spec, problems)
    problems.stop()
    return spec


def _setting(key: str, at: Scalar, node: Node, problems: Problems) -> Setting:
    if not isinstance(node, Mapping):
        return read_default(key, node, Setting(key, None, place=at.place), problems)
    read.known_keys(node, ("default", "about", "choices"), problems, "setting")
    default = node.get("default")
    if default is None and key not in IMPLICIT:
        problems.add(at, f"setting '{key}' has no default", "default: a number, true, false or a word")
    listed = read.sequence(node.get("choices"), problems, "choices")
    choices = dict.fromkeys(read.value(choice, problems, "a choice") for choice in listed)
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


def _published(node: Node | None, settings: dict[str, Setting], problems: Problems) -> tuple[Published, ...]:
    """Figures as printed; everything that is neither a figure nor a remark is a setting."""
    rows = []
    remarks = ("at", "counts", "because", "transform", "variant")
    known = (*FIGURES, *settings, *remarks)
    for item in table_rows(node, problems, "`published`"):
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
                problems.unknown(scalar, "figure or setting", key, known)
        at = read.text(content.get("at"), problems, "at")
        if not at:
            problems.add(item, "a published figure without its place", 'at: "Table 4"')
        variant = read.word(content.get("variant"), problems, "a variant", read.ANY_NETWORK_NAME)
        counts = read.text(content.get("counts"), problems, "counts") or "paper"
        transform = read.text(content.get("transform"), problems, "transform")
        rows.append(Published(figures, given, variant, at, counts, because, transform, item.place))
    return tuple(rows)
