"""The sections `variants` and `also`: named combinations of settings, and what they state for themselves."""

from __future__ import annotations

from collections import ChainMap
from functools import partial
from typing import NamedTuple, cast

from costcalc.errors import nearest, one_of
from costcalc.spec import read
from costcalc.spec.model import Cell, Scope, Sections, Setting, Spec, Variant
from costcalc.spec.patches import PATCHES
from costcalc.spec.problems import Problems
from costcalc.spec.rules import read_widths
from costcalc.spec.settings import read_value
from costcalc.spec.statements import read_layers
from costcalc.spec.tree import Mapping, Node, Scalar
from costcalc.spec.written import read_written
from costcalc.spec.written_out import products

VARIANT_SECTIONS = ("title", "input", "layers", "widths", "year", "variant", "about", "as", "let", *PATCHES)
"""What a variant may state, beside settings."""
LIBRARY_SECTIONS = ("widths", "let", *PATCHES)
"""What may be stated, beside settings, of all names of a library."""


class VariantReader(NamedTuple):
    """What a file's variants can speak of, and where what is wrong with them goes."""

    settings: dict[str, Setting]
    lets: dict[str, Cell]
    scope: Scope
    problems: Problems

    def variant(self, key: str, at: Scalar, node: Node, known: tuple[str, ...] = VARIANT_SECTIONS) -> Variant:
        """One entry; `known` are the sections that it may state."""
        problems = self.problems
        content = read.mapping(node, problems, f"variant '{key}'")
        given = {}
        for name, (scalar, value) in content.entries.items():
            if name in self.settings and name not in VARIANT_SECTIONS:
                given[name] = read_value(self.settings[name], value, problems)
            elif name not in known:
                both = ChainMap[str, object]({**dict.fromkeys(known)}, cast(dict[str, object], self.settings))
                problems.unknown(scalar, "setting", name, both)  # gone through only if it is told
        input_node, layers, widths = content.get("input"), content.get("layers"), content.get("widths")
        sections = Sections(
            title=read.text(content.get("title"), problems, "title") or None,
            input=read.cell(input_node, problems) if input_node else None,
            layers=read_layers(layers, self.scope, problems) if layers else None,
            widths=read_widths(widths, problems) if widths else None,
            year=read.text(content.get("year"), problems, "year") or None,
            lets=read.each(content.get("let"), problems, "let", self._let) or None,
        )
        base = read.word(content.get("variant"), problems, "a variant", read.NETWORK_NAME)
        about = read.text(content.get("about"), problems, "about")
        written = read_written(content.get("as"), problems) if "as" in content.entries else {}
        patch = content if any(name in content.entries for name in PATCHES) else None
        base_place = content.entries["variant"][1].place if base else None
        return Variant(key, given, sections, base, about, at.place, base_place, written, patch, bool(layers))

    def _let(self, name: str, at: Scalar, node: Node) -> Cell:
        if name not in self.lets:
            expected = "" if self.lets else "a name that the file has under `let`"
            self.problems.unknown(at, "name under `let`", name, self.lets, expected)
        return read.cell(node, self.problems)


def read_variants(
    root: Mapping, reader: VariantReader
) -> tuple[dict[str, Variant], dict[str, Variant], dict[str, Variant]]:
    """The variants, the libraries' names, and what holds for all names of a library."""
    problems, listed = reader.problems, {*reader.settings, "variant"}
    written = products(root.get("variants"), listed, problems)
    variants = read.each(written, problems, "variants", reader.variant, read.NETWORK_NAME)
    also: dict[str, Variant] = {}
    libraries: dict[str, tuple[Scalar, Variant]] = {}
    entries = read.mapping(products(root.get("also"), listed, problems), problems, "`also`").entries
    for key, (scalar, value) in entries.items():
        library, slash, name = key.partition("/")
        if not read.NAME.fullmatch(library) or bool(slash) != bool(name) or "/" in name or len(key) > 80:
            problems.add(scalar, f"'{key[:60]}' is not the name of a library's network", "library/name")
        elif slash:
            also[key] = reader.variant(key, scalar, value)
        else:
            libraries[key] = scalar, reader.variant(key, scalar, value, LIBRARY_SECTIONS)
    named = dict.fromkeys(key.partition("/")[0] for key in also)
    for key, (scalar, _) in libraries.items():
        if key not in named:
            expected = "" if named else f"{key[:40]}/NAME, a name of the library's network"
            problems.unknown(scalar, "library", key, named, expected)
    return variants, also, {key: variant for key, (_, variant) in libraries.items()}


def check_variants(spec: Spec, problems: Problems) -> None:
    """Report each variant whose base is none, each that is built on itself, and each that only `published` knows."""
    done = {"", spec.name}
    for variant in (*spec.variants.values(), *spec.also.values()):
        path: dict[str, Variant] = {}
        one, name = variant, variant.name
        while name not in done and name not in path:
            path[name] = one
            name = one.base
            if name not in spec.variants:
                if name not in done:
                    place = one.base_place or one.place or spec.input.place
                    problems.add(place, f"unknown variant '{name}'", hint=partial(base_hint, name, spec))
                break
            one = spec.variants[name]
        if name in path:
            for looped in list(path.values())[list(path).index(name) :]:
                place = looped.place or spec.input.place
                problems.add(place, f"variant '{looped.name}' is built on itself", hint=partial(base_hint, "", spec))
        done.update(path)
    known = {"", spec.name, *spec.variants, *spec.also}
    for row in () if problems.found else spec.published:
        if row.variant not in known:
            hint = partial(base_hint, row.variant, spec)
            problems.add(row.place, f"unknown variant '{row.variant[:60]}'", hint=hint)


def base_hint(name: str, spec: Spec) -> tuple[str, str]:
    """What a variant can be built on, and the one that is nearest to a name."""
    return one_of((spec.name, *spec.variants)), nearest(name, (spec.name, *spec.variants)) if name else ""
