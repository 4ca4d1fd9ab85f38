"""The places of a TOML file: the scan beside the standard library finds each key and value where tomllib read it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcalc.errors import SpecError
from costcalc.spec.toml import read_toml
from costcalc.spec.tree import Mapping, Node, Scalar, Sequence, Source

WHOLE = '''\
# every kind of key and value; a = "no key"
plain = 1 # a comment
under_score = 1_000
"quo.ted # key" . dotted . 'li teral' = "a \\" # quote"
date = 1979-05-27 07:32:00 # with a blank
text = """
several "" lines # no comment
[not a table]
ending in a quote""""
raw = \'\'\'it\'s raw\'\'\'
list = [1, [2.5, true], {a = 1, b.c = 'x,]}#'}, # a comment, with ] and }
  -inf,
]
empty = {}

[[check]]
network = "a"
settings = {alpha = 0.750, 'be ta' = "6/7"}
[check.more]
z = 0x1F
[[ check ]]
[[check.sub]]
q = 1e3
[[check.sub]]
q = "ü\U0001f600" # after it
[ tool . "x y" ]
s = 'C:\\dir'
'''


def scalars(node: Node) -> Iterator[tuple[Scalar, Scalar]]:
    """Each value below a key, with its key; items of lists with an empty key."""
    if isinstance(node, Mapping):
        for key, value in node.entries.values():
            if isinstance(value, Scalar):
                yield key, value
            yield from scalars(value)
    elif isinstance(node, Sequence):
        for item in node.items:
            if isinstance(item, Scalar):
                yield Scalar("", item.place), item
            yield from scalars(item)


def written(scalar: Scalar) -> str:
    """What stands at the scalar's place, in its first line."""
    place = scalar.place
    return place.text[place.column - 1 :][: place.length]


def test_every_value_stands_where_it_is_said_to() -> None:
    """Read again from its place alone, each value of one line is the same."""
    found = [(key, value) for key, value in scalars(read_toml(Source.of("w.toml", WHOLE)))]

    assert 19 == len(found)
    for _, value in found:
        if value.place.line != 6:
            alone = tomllib.loads(f"x = {written(value)}", parse_float=str)["x"]
            same = alone == value.text if value.quoted else written(value).replace("_", "") == value.text
            assert same, value
    assert ('"""', 6) == next((written(value), value.place.line) for _, value in found if "several" in value.text)


def test_every_key_stands_where_it_is_said_to() -> None:
    found = [(key, value) for key, value in scalars(read_toml(Source.of("w.toml", WHOLE))) if key.text]

    assert [] == [(key, written(key)) for key, _ in found if key.text not in written(key)]


def test_tables_stand_at_their_headers() -> None:
    root = read_toml(Source.of("w.toml", WHOLE))
    checks = root.entries["check"][1]

    assert isinstance(checks, Sequence)
    assert [(16, 1, "[[check]]"), (21, 1, "[[ check ]]")] == [
        (item.place.line, item.place.column, item.place.text) for item in checks.items
    ]


KEYS = st.text(st.sampled_from("ab. \"'#=]ü"), min_size=1, max_size=4)
VALUES = st.recursive(
    st.integers(-99, 99) | st.booleans() | st.text(st.sampled_from("ab \"'#=,]}[{ü"), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def dumped(value: object) -> str:
    """A value as TOML, with blanks and comments where they may stand."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return "[ # ]\n" + "".join(f"{dumped(item)} , # ,]\n" for item in value) + "]"
    assert isinstance(value, dict)
    return "{ " + ", ".join(f"{quoted(key)} = {dumped(inner)}" for key, inner in value.items()) + " }"


def quoted(text: str) -> str:
    """A basic string, or a literal one where that is possible."""
    if "'" not in text:
        return f"'{text}'"
    return '"' + text.replace('"', '\\"') + '"'


def plain(node: Node) -> object:
    """The tree without places; numbers and flags as text."""
    if isinstance(node, Mapping):
        return {key: plain(value) for key, (_, value) in node.entries.items()}
    return [plain(item) for item in node.items] if isinstance(node, Sequence) else node.text


def as_text(value: object) -> object:
    """What tomllib reads, with numbers and flags as text."""
    if isinstance(value, dict):
        return {key: as_text(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_text(inner) for inner in value]
    return value if isinstance(value, str) else str(value).lower()


@given(st.dictionaries(KEYS, VALUES, max_size=4), st.lists(st.dictionaries(KEYS, VALUES, max_size=2), max_size=2))
def test_any_document(top: dict[str, object], tables: list[dict[str, object]]) -> None:
    """The tree is what tomllib reads, and the text of each number is taken from where it stands."""
    lines = [f"{quoted(key)}={dumped(value)} # x" for key, value in top.items()]
    for table in tables:
        lines += ["[[ 'ta]ble' ]]", *(f"  {quoted(key)} = {dumped(value)}" for key, value in table.items())]
    text = "\n".join(lines)

    root = read_toml(Source.of("w.toml", text))

    assert as_text(tomllib.loads(text)) == plain(root)
    for _, value in scalars(root):
        assert value.quoted or written(value) == value.text


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("a = ", "w.toml:1:4: not TOML: invalid value at the end of the file"),
        ("a = 1\na = 2\n", "w.toml:2:6: not TOML: cannot overwrite a value"),
        ("a = 1" + "0" * 5000, "w.toml:1:5: not TOML that can be read: a number is too long"),
        ("a = " + "[" * 9000, "w.toml:1:29: not TOML that can be read: nested too deep"),
        ("a = " + "{a=" * 9000, "w.toml:1:77: not TOML that can be read: nested too deep"),
        ("a." * 9000 + "a = 1", "w.toml:1:50: not TOML that can be read: nested too deep"),
        ("[" + "a." * 9000 + "a]", "w.toml:1:51: not TOML that can be read: nested too deep"),
        ("a = [" + "1," * 30000 + "]", "w.toml:1:40003: not TOML that can be read: too many values"),
        ("a = 0x" + "f" * 9000, "w.toml:1:5: not TOML that can be read: a number is too long"),
        ("a = '\x00'", "w.toml:1:6: not TOML: found invalid character '\\x00'"),
    ],
    ids=lambda text: text[:60],
)
def test_what_is_no_toml(text: str, first: str) -> None:
    """An error with its place, in less than a second."""
    with pytest.raises(SpecError) as error:
        read_toml(Source.of("w.toml", text))

    assert first == str(error.value).splitlines()[0]
