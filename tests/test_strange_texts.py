"""Titles, names and paths of strangers: nothing reaches a terminal, a log or a page raw."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

import numpy
import pytest
import yaml
from catalogued import each
from strangers import GOOD, run

import costcalc
from costcalc import escape
from costcalc.cli import main
from costcalc.errors import Place
from costcalc.graph import INPUT, Builder
from costcalc.operators import REGISTRY, Shape
from costcalc.report import render_records, terminal_plot, write_plot

ESC, BIDI, LINE = "\x1b[31m", "\u202e", "\u2028"
HOSTILE = [
    "::error::x", "  ::error file=a::x", "##[error]x", "a ##[error]x", "##vso[task.setvariable]x", f"a{ESC}b",
    f"{BIDI}c", f"a{LINE}::error::x", "a\n::error::x", "a\r::error::x", "a\x85::error::x", "a\x0b::error::x", "\x9b31m",
    "a\x7fb", "long " * 30 + "::error::x", "w" * 99 + "::error::x",
    "<script>alert(1)</script>", "[a](javascript:b)", "![a](http://b)", "|", "`a`", "\\input{a}", "%a", "$a$ _b_ *c*",
    "# a", "- a", "1. a", "&lt;", '"quoted" \\', "{{ a }}",
]  # fmt: skip


def commands_in(text: str) -> list[str]:
    """The lines that a log of CI would obey, and every character that a terminal would."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    lines = [line for line in re.split(r"[\n\r]", plain) if line.lstrip().startswith("::")]
    lines += re.findall(r"##[a-z]*\[.*", plain)
    return lines + [
        c for c in plain if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn")
    ]


FORMATS = ["table", "markdown", "csv", "json", "latex", "html"]
WAYS = (
    [("report", form) for form in FORMATS] + [("compare lenet5", form) for form in FORMATS]
    + [("compare --layers lenet5", form) for form in FORMATS] + [("separable", form) for form in FORMATS]
    + [("separable --orders", "table")] + [("formula", form) for form in (*FORMATS, "python")]
    + [("formula --against lenet5", form) for form in (*FORMATS[:2], "latex", "html")]
    + [("formula --layers", form) for form in FORMATS] + [("advise", form) for form in FORMATS]
    + [("explain --against fvcore", form) for form in FORMATS]
    + [("check --max-params 1 --max-mult-adds 1G", form) for form in (*FORMATS, "github", "junit")]
    + [("sweep -a 0.5,1", form) for form in (*FORMATS, "jsonl")] + [("verify", form) for form in FORMATS]
    + [("compress --target 1MB", form) for form in FORMATS]
    + [("identify", form) for form in FORMATS]
    + [(words, "mermaid") for words in ("report", "compare lenet5", "sweep -a 0.5,1")]
    + [("show", form) for form in ("yaml", "mermaid", "dot", "")]
    + [("report --kind terminal", ""), ("compare --kind terminal lenet5", ""),
       ("sweep -a 0.5,1 --kind terminal", "")]
)  # fmt: skip


def test_every_command_and_format_is_here() -> None:
    from costcalc.cli.main import COMMANDS
    from costcalc.cli.main import main as group

    ways = {(words.split()[0], form) for words, form in WAYS}
    for name in set(COMMANDS) - {"list", "new"}:  # of the catalogue, and of no network
        command = group.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None
        formats = [p.type.choices for p in command.params if p.name == "format"]  # type: ignore[attr-defined]
        assert {(name, form) for form in (formats or [[""]])[0]} - ways <= {("sweep", "parquet")}


def check_way(words: str, form: str, texts: list[str]) -> None:
    """Print networks whose titles, sources and paths are these, and look for what a log or a terminal would obey."""
    body = GOOD
    for hostile in texts:
        text = json.dumps(hostile)
        source = f"title: {text}\nsource: {{paper: {text}}}\npublished:\n- {{params: 9, at: {text}, because: {text}}}\n"
        path = hostile.replace("/", ":")[-90:] + ".yaml"
        Path(path).write_text(body + source)
        if not words.startswith("verify"):
            Path(path).write_text(body + source.partition("published")[0])
        result = run(*words.split(), *(["-f", form] if form else []), "--", path)

        assert result.exit_code in (0, 1), result.output
        assert not isinstance(result.exception, Exception)
        own = [line for line in result.output.splitlines() if line.startswith(("::error ", "::warning "))]
        assert [] == [line for line in commands_in(result.output) if form != "github" or line not in own], path
        assert form != "github" or [3] == [len(re.match(r"(::)\w+ [^:]*(::)(.)", line).groups()) for line in own]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "number", each(range(len(WAYS)), range(0, len(WAYS), 3)), ids=lambda number: " ".join(WAYS[number])
)
def test_titles_and_paths_in_every_way_out(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fifth of the titles, others for each command's next format; what only check writes, with all of them."""
    monkeypatch.chdir(tmp_path)
    words, form = WAYS[number]
    check_way(words, form, HOSTILE if form in ("github", "junit") else HOSTILE[number % 5 :: 5])


@pytest.mark.slow
@pytest.mark.parametrize(("words", "form"), WAYS, ids=lambda value: str(value) or "text")
def test_all_titles_and_paths_in_every_way_out(
    words: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    check_way(words, form, HOSTILE)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_errors(hostile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a file, in its name, and on the command line."""
    monkeypatch.chdir(tmp_path)
    text, path = json.dumps(hostile), hostile.replace("/", ":")[-90:] + ".yaml"
    toml = json.dumps(hostile).replace("\x7f", "\\u007f")
    Path(path).write_text(
        f"costcalc: 1\n{text}: 1\nname: {text}\ninput: {text}\nlayers:\n- {{op: {text}, {text}: 1}}\n"
    )
    Path("a.toml").write_text(f"{toml} = 1\n[[check]]\nnetwork = {toml}\n{toml} = 1\nmax-params = {toml}\n")
    results = [
        run("report", "--", path), run("report", "--", hostile), run("check", "--config", "a.toml"),
        run("report", "lenet5", "--set", f"{hostile}=1"), run("report", "lenet5", "-a", hostile),
        run("report", "lenet5", "-c", hostile), run("check", "lenet5", "--max-params", hostile),
        run("sweep", "lenet5", "-a", hostile), run("formula", "lenet5", "--open", hostile),
        run("compare", "lenet5", f"lenet5@{hostile}"), run("report", "lenet5", "--plot", hostile),
        run("report", "lenet5", "-o", f"a.{hostile}"), run("list", "--family", hostile),
        run("sweep", "lenet5", "--best", "--max-params", "1", "-a", hostile),
    ]  # fmt: skip
    for result in results:
        assert result.exit_code in (0, 2) and (result.exit_code or result.output)
        assert [] == commands_in(result.output), result.output


@pytest.mark.parametrize("name", ["a", "é", "²", "_", "A b", "1x", "w" * 99, "a\n::error::x"])
def test_names_in_a_spec_that_is_written(name: str) -> None:
    """A network, and layers, of any names: what `show` writes of them can be read, and has no more rows."""
    layers = [*HOSTILE, "a: {op: relu}\n- b", "é", "1", "-", "~", *["x" * 99] * 12, "input"]
    builder, end = Builder(Shape((8, 8), 3)), INPUT
    for layer in layers:
        end = builder.add(REGISTRY["conv"](out=4), (end,), layer, layer, layer, layer, Place("", 1, 1))
    built = costcalc.from_graph(builder.finish(), name)
    again = costcalc.from_spec(built.resolved())

    assert [] == commands_in(built.resolved())
    assert len(built.graph.nodes) == len(again.graph.nodes)
    assert built.ledger()["params"] == again.ledger()["params"]


def test_a_network_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said without a table is escaped as a table is."""
    monkeypatch.chdir(tmp_path)
    path = f"##[error]{ESC}{LINE}<b>$.yaml"
    Path(path).write_text("costcalc: 1\nname: mine\ninput: 8x8x3\nlayers:\n- {op: relu}\n")
    said = {form: run("identify", path, "-f", form).output for form in FORMATS}

    assert [] == commands_in("".join(said.values()))
    assert r"\<b\>\$.yaml resembles no" in said["markdown"] and "&lt;b&gt;$.yaml resembles no" in said["html"]
    assert r"\textless{}b\textgreater{}\$.yaml resembles no" in said["latex"]


@pytest.mark.parametrize("words", ["report --kind memory", "report", "compress"])
def test_names_of_layers_in_pictures(words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model file's may hold anything."""
    monkeypatch.chdir(tmp_path)
    name, inputs = f"{ESC}{BIDI}{LINE}\x7f", [[["i", 0, 0, {}]]]
    first = {"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [None, 8, 8, 3]}, "inbound_nodes": []}
    layer = {"class_name": "Conv2D", "config": {"name": name, "filters": 4, "kernel_size": [3, 3]}, "name": name}
    ends = {"input_layers": [["i", 0, 0]], "output_layers": [[name, 0, 0]]}
    model = {"name": name, "layers": [first, {**layer, "inbound_nodes": inputs}], **ends}
    Path("a.json").write_text(json.dumps({"class_name": "Functional", "config": model}))
    network = "a.json@prune=0.1" if words == "compress" else "a.json"

    assert 0 == run(*words.split(), network, "--plot", "a.svg").exit_code
    assert "[31m" in Path("a.svg").read_text()
    assert [] == [c for c in commands_in(Path("a.svg").read_text()) if c != "\t"]


@pytest.mark.parametrize("form", ["table", "csv"])
def test_names_of_tensors(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    numpy.savez("w.npz", **{name: numpy.zeros((2, 2)) for name in HOSTILE if "/" not in name})
    result = run("compress", "w.npz", "-f", form)

    assert 0 == result.exit_code and "all 4 weights are 0" in result.output
    assert [] == commands_in(result.stdout) + commands_in(result.stderr)


def test_usage_errors_of_click(capsys: pytest.CaptureFixture[str]) -> None:
    from costcalc.cli import program

    for words in (["report", "lenet5", "-f", f"\n::error::{ESC}"], [f"--{ESC}"], [f"{ESC}\n::error::"]):
        code = program._code(lambda words=words: main.main(words, "costcalc", standalone_mode=False))  # type: ignore[misc]
        assert 2 == code
        assert [] == commands_in(capsys.readouterr().err)


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("width", [20, 80, 120])
def test_terminals(hostile: str, width: int) -> None:
    """With colour, where long cells are folded; and pictures in characters."""
    rows = [{"network": hostile, "alpha": hostile, "mult_adds": n + 1, "params": n + 2} for n in range(3)]
    text = render_records(
        rows, "table", hostile, [hostile], width, terminal=True, optional=("alpha",), footnote="network"
    )
    drawn = terminal_plot(rows, "compare", hostile, "mult_adds", width, colour=True)

    assert [] == commands_in(text) + commands_in(drawn)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_formats_give_back_what_was_put_in(hostile: str) -> None:
    """Data for programs loses nothing in JSON, and nothing but control characters in CSV."""
    (row,) = json.loads(render_records([{"a": hostile}], "json", ""))
    ((_,), (cell,)) = csv.reader(io.StringIO(render_records([{"a": hostile}], "csv", "")))
    page = render_records([{"a": hostile}], "html", hostile)

    assert hostile == row["a"] == yaml.safe_load(escape.yaml_quoted(hostile))
    assert escape.printable(hostile) == cell and len(cell) == len(hostile)
    root = ElementTree.fromstring(f"<page>{page}</page>")
    assert {"h2", "page", "table", "thead", "tbody", "tr", "th", "td"} >= {element.tag for element in root.iter()}
    assert escape.printable(hostile).strip() == (root.findtext("h2") or "").strip()


def test_markdown_has_no_markup_of_a_stranger() -> None:
    """Read by GitHub's rules: every sign that could begin something stands after a backslash."""
    for hostile in HOSTILE:
        line = escape.markdown_line(hostile)
        assert not re.search(r"(?<!\\)(\\\\)*[`*_<>\[\]|&~$]", line)
        assert not re.match(r"\s*(#|[-+=]|\d+[.)]\s)", line)
        cell = escape.markdown(hostile)
        assert not re.search(r"(?<!\\)(\\\\)*[`<\[\]|&~$]", cell)
    assert ("a_b 1 * 2", r"\_a\_ \*b\* a\_\_b") == (escape.markdown("a_b 1 * 2"), escape.markdown("_a_ *b* a__b"))
    assert (r"\_\*1\. a", r"1\. a", r"\# a") == (
        r"\_\*1\. a",
        escape.markdown_line("1. a"),
        escape.markdown_line("# a"),
    )


def test_latex_is_plain() -> None:
    for hostile in HOSTILE:
        left = re.sub(r"\\(text\w+\{\}|[&%$#_{}])", "", escape.latex(hostile))
        assert not set(left) & set("\\{}$&%#_^~<>"), hostile


def test_commands_of_github_hold_one_value() -> None:
    assert "a%250A%3Ab%2C%0A" == escape.github_property("a%0A:b,\n")
    assert "100%25%0A :error::" == escape.github_data("100%\n::error::")


NAMES = [text for text in HOSTILE if "/" not in text]


@pytest.mark.parametrize("hostile", each(NAMES, NAMES[::4]))
def test_pictures(hostile: str, tmp_path: Path) -> None:
    file = tmp_path / "a.svg"
    rows = [{"network": f"{hostile}{n}", "mult_adds": n + 1, "params": n + 2} for n in range(2)]
    write_plot(rows, str(file), "compare", hostile, "mult_adds")

    assert [] == [c for c in commands_in(file.read_text()) if c != "\t"]
    ElementTree.parse(file)


def test_a_python_file_of_a_hostile_title(tmp_path: Path) -> None:
    """Nothing of it becomes a statement."""
    body = GOOD
    (tmp_path / "a.yaml").write_text(f'{body}title: "a\\nimport os\\rimport os\\u2028import os"\n')
    result = run("formula", str(tmp_path / "a.yaml"), "-f", "python")

    assert 0 == result.exit_code
    assert not re.search(r"^import os", result.stdout.replace("\r", "\n"), re.M)
    compile(result.stdout, "a.py", "exec")


def test_one_place_escapes() -> None:
    """Every other would be one more to keep complete."""
    package = Path(costcalc.__file__).parent
    own = {file.relative_to(package).as_posix() for file in package.rglob("*.py")
           if re.search(r"isprintable\(\)|html import escape|%0A|textbackslash", file.read_text())}  # fmt: skip

    assert own <= {"escape.py", "spec/read.py", "spec/problems.py"}  # the last two shorten what they read
