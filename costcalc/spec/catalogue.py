"""Where specs are found: installed, in a checkout, or inside a zip; the catalogue by name, a person's file by path.

A name is looked for in the texts of the files, and only files that contain it are read. The index `specs/index.csv`,
which a test keeps current, serves only to find a network by its structure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from costcalc.errors import PrivateFile, UsageError, nearest, one_of
from costcalc.spec.loader import load_source
from costcalc.spec.model import Block, Spec
from costcalc.spec.problems import Problems
from costcalc.spec.read import MOST_CHARACTERS, NETWORK_NAME
from costcalc.spec.sources import SPEC_ENDINGS, read_beside, read_source, read_standard_input
from costcalc.spec.tree import Source
from costcalc.spec.uses import BlockFiles
from costcalc.spec.written_out import may_be_named

STANDARD_INPUT = "-"
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@cache
def _root() -> Any:
    """The folder `specs`, as a path or a path-like inside a zip."""
    package = Path(__file__).parent.parent
    for folder in (package / "specs", package.parent / "specs"):
        if (folder / "networks").is_dir():
            return folder
    from importlib.resources import files

    return files("costcalc") / "specs"


@cache
def file_names(kind: str) -> tuple[str, ...]:
    """The names of the files of a kind: networks, blocks, conventions."""
    return tuple(sorted(entry.name[:-5] for entry in (_root() / kind).iterdir() if entry.name.endswith(".yaml")))


@cache
def find_file(kind: str, name: str) -> Source | None:
    """One file of the catalogue, or None."""
    if name not in file_names(kind):
        return None
    text: str = (_root() / kind / f"{name}.yaml").read_text(encoding="utf-8")
    return Source.of(f"specs/{kind}/{name}.yaml", text)


LAST = ("\nalso:", "\npublished:")
"""The sections that come last in the catalogue, so that a report need not read them: other libraries' names for the
networks of a file, and published figures."""


@cache
def _network_file(file_name: str, sections: int) -> Spec:
    """A network file with so many of its last sections."""
    source = find_file("networks", file_name)
    assert source is not None
    ends = [source.text.find(start) for start in LAST[sections:]]
    end = next((end + 1 for end in ends if end >= 0), source.end)
    return load_source(source._replace(end=end), find_blocks)


def specs() -> tuple[Spec, ...]:
    """Every network file of the catalogue."""
    return tuple(_network_file(name, len(LAST)) for name in file_names("networks"))


def find(name: str, published: bool = False) -> Spec:
    """The catalogue's spec that answers to a name, with its published figures if asked for.

    Raises UsageError with the nearest name if none does."""
    files = file_names("networks")
    sections = len(LAST) if published else 1 if "/" in name else 0
    likely = sorted(files, key=lambda file: (file != name, not name.startswith(file), file))
    for file in likely:
        source = find_file("networks", file)
        if source is not None and may_be_named(name, source.text):
            spec = _network_file(file, sections)
            if name in spec.names:
                return spec
    if name.lower().endswith((".npz", ".safetensors")):
        expected = "a network; `costcalc compress FILE` for weights"
        raise UsageError(f"{name[:60]} is a file of weights", expected=expected)
    message = f"no network '{name[:60]}'"
    if any(sign in name for sign in "./\\"):
        message += " in the catalogue, and no such file"
    expected = "a name that `costcalc list` shows, a path to a spec, or - for standard input"
    raise UsageError(message, expected=expected, nearest=partial(_nearest, name))


def _nearest(name: str) -> str:
    known = [line.partition(",")[0] for line in index_lines()[1:]]  # every name, without reading every file
    plain = name.lower().replace("-", "_")
    if plain in known:
        return plain
    akin, same = _akin(plain[:80], known)
    return nearest(name, same) or next(iter(same), "") or nearest(name, akin) or nearest(plain, akin)


_STEM = 0.85
"""How much alike the first words of names must be for one to be meant by the other: mobilevit is no mobilenet."""


def _akin(name: str, known: Sequence[str]) -> tuple[list[str], list[str]]:
    """The names whose first word, as `mobilenet`, is spelled much as that of a name, and those where it is the same."""
    from difflib import SequenceMatcher

    compared = SequenceMatcher(autojunk=False)
    akin, same = [], []
    for stem in _stems(name):
        compared.set_seq2(stem)
        for other in known:
            for theirs in _stems(other.lower()):
                compared.set_seq1(theirs)
                if compared.real_quick_ratio() > _STEM and compared.quick_ratio() > _STEM < compared.ratio():
                    akin.append(other)
                    same += [other] if stem == theirs else []
    return akin, same


def _stems(name: str) -> tuple[str, str]:
    """A name's letters up to the first number, without joints, and those up to the first joint."""
    letters = re.split("[0-9]", name.rpartition("/")[2])[0]
    return re.sub("[_.]", "", letters), re.split("[_.]", letters)[0]


def open_network(name: str, published: bool = False) -> tuple[Spec, str]:
    """A spec and the name of the network in it, from a catalogue name, a path, or - (standard input).

    Raises UsageError if nothing is found or it cannot be read, SpecError if it is wrong.
    """
    file, network = split_name(name)
    if not is_own(file):
        return find(name, published), name
    source = read_standard_input() if file == STANDARD_INPUT else read_source(file)
    spec = load_source(source, find_blocks)
    if network is None:
        return spec, spec.name
    if network not in spec.names:
        names = () if isinstance(source.file, PrivateFile) else spec.names
        expected = one_of(names, 24) if names else "a network of that file"
        raise UsageError(f"{file} has no network '{network[:60]}'", expected=expected, nearest=nearest(network, names))
    return spec, network


def split_name(name: str) -> tuple[str, str | None]:
    """The file and the network in it that `mine.yaml:small` names; None for the file's own network.

    A file whose own name looks so is that file.
    """
    file, colon, network = name.rpartition(":")
    if colon and (file == STANDARD_INPUT or file.endswith(SPEC_ENDINGS)) and not is_file(name):
        return file, network
    return name, None


def is_file(name: str) -> bool:
    """Whether a person's words are the name of a file that is there."""
    try:
        return Path(name).expanduser().is_file()
    except (OSError, ValueError, RuntimeError):  # a name that no file can have, a home that nobody has
        return False


def is_own(file: str) -> bool:
    """Whether a network's file is a person's own: a path, or standard input."""
    return file == STANDARD_INPUT or is_path(file)


def is_path(name: str) -> bool:
    """Whether a network's name is meant as a path: it ends like a file, or starts like a path."""
    return name.endswith((*SPEC_ENDINGS, ".json")) or name.startswith((".", "/", "~")) or "\\" in name


def beside(name: str, folder: Path) -> str:
    """A name as a file in this folder says it: a relative path is put after the folder."""
    if not is_path(name) or name.startswith("~") or folder == Path():
        return name
    path = str(folder / name)
    return path if is_path(path) else f"./{path}"


def index_lines() -> list[str]:
    """The lines of the index of structures."""
    text: str = (_root() / "index.csv").read_text(encoding="utf-8")
    return text.splitlines()


def find_blocks(name: str, user: str) -> Source:
    """A shared block file: `./NAME.yaml` beside the file that uses it, or a name under specs/blocks/.

    Raises UsageError if there is none, or if it cannot be read.
    """
    found = find_beside(name, user) if name.startswith("./") else find_file("blocks", name)
    if found is None:
        expected = "a `use` of `costcalc list blocks`, or ./FILE.yaml beside this one"
        near = partial(nearest, name, file_names("blocks"))
        raise UsageError(f"no block file '{name[:60]}'", expected=expected, nearest=near)
    return found


def starting_spec(file: Path) -> str:
    """A commented spec to start from, for a file of this name. Raises UsageError if no network can have its name."""
    name = file.stem
    if not NETWORK_NAME.fullmatch(name) or len(name) > MOST_CHARACTERS:
        plain = re.sub(r"[^a-z0-9_.]+", "_", name.lower()).strip("_.")[:MOST_CHARACTERS]
        expected = f"lower-case letters, digits, _ and ., at most {MOST_CHARACTERS}"
        raise UsageError(f"'{name[:40]}' is no name of a network", expected=expected, nearest=plain)
    text: str = (_root() / "start.yaml").read_text(encoding="utf-8")
    for old, new in (("name: mine\n", f"name: {name}\n"), ("title: mine\n", f"title: {name}\n")):
        text = text.replace(old, new)
    return text.replace("mine.yaml", file.name)


def shared_blocks() -> list[tuple[str, Block]]:
    """Every block of the files under specs/blocks, with the name of its file."""
    found = []
    for name in file_names("blocks"):
        source = find_file("blocks", name)
        assert source is not None
        problems = Problems()
        scope = BlockFiles(find_blocks, problems, 0).read(source)
        problems.stop()
        found += [(name, block) for block in scope.blocks.values() if block.scope is scope]
    return found


def find_beside(name: str, user: str) -> Source | None:
    """The file `./NAME.yaml` beside the one that names it, or None. Raises UsageError if it cannot be read."""
    beside = name.removeprefix("./")
    if not _FILE_NAME.fullmatch(beside) or user.startswith("<"):
        return None
    path = Path(user).parent / beside
    return read_beside(str(path), user) if path.is_file() else None
