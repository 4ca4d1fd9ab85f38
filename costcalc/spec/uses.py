"""What a spec and the block files that it uses have in common: the format's version, defaults, blocks."""

from __future__ import annotations

from collections.abc import Callable

from costcalc.errors import UsageError
from costcalc.operators import REGISTRY
from costcalc.spec import read
from costcalc.spec.document import MAX_BYTES, read_document
from costcalc.spec.model import Scope
from costcalc.spec.problems import Problems
from costcalc.spec.statements import field_for, fields_of, read_blocks
from costcalc.spec.tree import Mapping, Node, Scalar, Source

BlockReader = Callable[[str, str], Source]
"""Finds a shared block file: (name as written after `use`, the file that uses it) -> its source, or a UsageError."""

FORMAT = "1"
BLOCK_SECTIONS = ("costcalc", "title", "source", "defaults", "use", "blocks")
MAX_FILES = 64
MAX_CHAIN = 8


def check_format(root: Mapping, problems: Problems) -> None:
    """Report a file of another version of the format, or of none."""
    version = root.get("costcalc")
    if version is None:
        problems.add(root, "no `costcalc`", f"`costcalc: {FORMAT}` (the version of the format) on top")
    elif not isinstance(version, Scalar) or version.text != FORMAT:
        problems.add(version, "unknown version of the format", f"costcalc: {FORMAT}")


def read_defaults(root: Mapping, scope: Scope, problems: Problems) -> None:
    """`defaults: {conv: {norm: bn}}`: values of an operator's fields wherever this file does not write them."""
    for op, (scalar, entry) in read.mapping(root.get("defaults"), problems, "`defaults`").entries.items():
        if op not in REGISTRY:
            problems.unknown(scalar, "operator", op, REGISTRY)
            continue
        fields = fields_of(op, scope)
        content = read.mapping(entry, problems, f"the defaults of {op}")
        known = {**dict.fromkeys(fields), **{key: None for key in content.entries if field_for(key, fields)}}
        read.known_keys(content, known, problems, op)
        cells = scope.defaults[op] = {}
        for key, (scalar_key, value) in content.entries.items():
            field = field_for(key, fields)
            if field in cells:
                problems.add(scalar_key, f"the key '{key}' gives '{field}' a second value", "one value for it")
            elif field:
                cells[field] = read.cell(value, problems)


class BlockFiles:
    """The block files of one spec. Each is read once, however often it is used; together they are of a spec's size."""

    def __init__(self, find: BlockReader, problems: Problems, size: int) -> None:
        self.find = find
        self.problems = problems
        self.size = size  # characters read so far
        self.scopes: dict[str, Scope] = {}

    def use(self, root: Mapping, scope: Scope, chain: tuple[str, ...]) -> None:
        """Take in the blocks of each file named under `use`; a chain of files that closes is a problem."""
        node = root.get("use")
        items = (node,) if isinstance(node, Scalar) else read.sequence(node, self.problems, "`use`")
        done: set[str] = set()
        for item in items:
            if not isinstance(item, Scalar):
                self.problems.add(item, "`use` takes names of block files")
            elif item.text not in done:
                done.add(item.text)
                self.file(item, scope, chain)

    def file(self, item: Scalar, scope: Scope, chain: tuple[str, ...]) -> None:
        """Take in the blocks of one file."""
        try:
            found = self.find(item.text, scope.source.file)
        except UsageError as error:
            self.problems.refused(item, error)
            return
        if found.file in chain:
            self.problems.add(item, f"'{item.text[:60]}' is used in a cycle", note=" -> ".join((*chain, found.file)))
            return
        if found.file not in self.scopes:
            self.size += len(found.text)
            if len(chain) > MAX_CHAIN or len(self.scopes) >= MAX_FILES or self.size > MAX_BYTES:
                expected = f"at most {MAX_FILES} files, {MAX_CHAIN} deep, and {MAX_BYTES} characters with the spec"
                self.problems.add(item, "too many block files", expected)
                self.problems.stop()
            self.read(found, chain)
        scope.blocks.update(self.scopes[found.file].blocks)

    def read(self, found: Source, chain: tuple[str, ...] = ()) -> Scope:
        """The blocks of a file, and of those that it uses."""
        scope = self.scopes[found.file] = Scope(found, {}, {}, shared=True)
        self.content(read_document(found, self.problems), scope, (*chain, found.file))
        return scope

    def content(self, root: Node, scope: Scope, chain: tuple[str, ...]) -> None:
        """Read a block file into its scope."""
        if not isinstance(root, Mapping):
            self.problems.add(root, "a block file must be a mapping", "`costcalc: 1` and a section `blocks:`")
            return
        read.known_keys(root, BLOCK_SECTIONS, self.problems, "block file")
        check_format(root, self.problems)
        read_defaults(root, scope, self.problems)
        self.use(root, scope, chain)
        read_blocks(root.get("blocks"), scope, self.problems)
