"""Specs, names and paths of strangers: no file of the machine is quoted, nothing reaches a terminal or a log raw."""

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
from click.testing import CliRunner, Result

import costcalc
from costcalc import escape
from costcalc.cli import main
from costcalc.errors import Place, PrivateFile, Problem, SpecError
from costcalc.graph import INPUT, Builder
from costcalc.operators import REGISTRY, Shape
from costcalc.report import render_records, terminal_plot, write_plot

SECRET = "SECRET_TOKEN"
WRONG = f"{SECRET}_KEY: abc\nname: {SECRET}_NAME\nlayers:\n- {{op: {SECRET}_OP}}\n- [{SECRET}_LIST]\n"
SPEC = """costcalc: 1
name: mine
input: 8x8x3
layers:
- {op: conv, k: 3, out: 4}
- {op: cnov, out: 2}
"""
GOOD = SPEC.replace("cnov, out: 2", "gap")
CHECK = '[[check]]\nnetwork = "{}"\nmax-params = 1\n'


def run(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository, in which the test runs, beside files that are none of its business."""
    outside, inside = tmp_path / "outside", tmp_path / "tree"
    (outside / "nets").mkdir(parents=True)
    for name in ("secret", "secret.yaml", "secret.toml", "nets/x.yaml", "nets/.env"):
        (outside / name).write_text(WRONG)
    (inside / ".git").mkdir(parents=True)
    (inside / "nets").mkdir()
    for name in (".git/config", ".git/x.yaml", ".env", "token"):
        (inside / name).write_text(WRONG)
    monkeypatch.chdir(inside)
    return inside


def refused(result: Result, place: str) -> None:
    """Exit code 2, the place, and not a word of the file."""
    assert (2, "") == (result.exit_code, result.stdout)
    assert re.search(rf"^(\./)?{place}:\d+:\d+: ", result.stderr, re.M), result.stderr
    assert SECRET not in result.output
    assert " | " not in result.stderr.replace("network = ", "")


@pytest.mark.parametrize("target", ["../../outside/secret", "../../outside/secret.yaml", "../token", "../.git/x.yaml"])
@pytest.mark.parametrize("command", ["report", "show", "compare lenet5", "separable", "formula", "sweep -a 1", "verify",
                                     "check --max-params 1"])  # fmt: skip
def test_a_spec_that_is_a_link(target: str, command: str, tree: Path) -> None:
    (tree / "nets" / "mine.yaml").symlink_to(target)
    refused(run(*command.split(), "nets/mine.yaml"), "nets/mine.yaml")
    refused(run(*command.split(), str(tree / "nets/mine.yaml")), str(tree / "nets/mine.yaml"))
    (tree / "costcalc.toml").write_text(CHECK.format("nets/mine.yaml"))
    refused(run("check"), "nets/mine.yaml")


def test_a_folder_that_is_a_link(tree: Path) -> None:
    (tree / "there").symlink_to("../outside/nets")
    refused(run("report", "there/x.yaml"), "there/x.yaml")


def test_the_secret_would_be_seen(tree: Path) -> None:
    """Who names the file sees its lines: what the other tests look for is there to be found."""
    result = run("report", str(tree.parent / "outside" / "secret.yaml"))

    assert 3 <= result.stderr.count(f" | {SECRET}_KEY: abc")
    assert f"unknown spec key '{SECRET}_KEY'" in result.stderr


@pytest.mark.parametrize("repository", [False, True])
def test_a_folder_that_is_a_link_into_another_tree(repository: bool, tree: Path) -> None:
    """What lies there is no link itself, and is a spec of a tree: of another one."""
    (tree / "there").symlink_to("../outside")
    if repository:
        (tree.parent / "outside" / ".git").mkdir()
    for path in ("there/secret.yaml", str(tree / "there" / "secret.yaml")):
        refused(run("report", path), path)


def test_the_environment(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/proc/self/environ").exists():
        pytest.skip("needs /proc")
    words = [word for word in Path("/proc/self/environ").read_text().split("\0") if len(word) > 20]
    (tree / "mine.yaml").symlink_to("/proc/self/environ")
    for result in (run("report", "mine.yaml"), run("check", "--config", "mine.yaml")):
        assert 2 == result.exit_code
        assert not any(word[:20] in result.output for word in words)


@pytest.mark.parametrize(
    "network",
    [
        "../outside/secret.yaml",
        "{outside}/secret.yaml",
        ".git/x.yaml",
        "./.git/config",
        "./.env",
        "./token",
        "nets/../../outside/nets/x.yaml",
        "{outside}/nets/.env",
    ],
)
@pytest.mark.parametrize("folder", ["", "part"])
def test_a_config_that_names_another_file(network: str, folder: str, tree: Path) -> None:
    (tree / folder).mkdir(exist_ok=True)
    named = network.format(outside=tree.parent / "outside")
    if folder and not named.startswith("/"):
        named = f"../{named}"
    (tree / folder / "costcalc.toml").write_text(CHECK.format(named))
    result = run("check", "--config", str(Path(folder, "costcalc.toml")))

    refused(result, re.escape(str(Path(folder, named))))


FIGURES = f"{GOOD}published:\n- {{params: 9, at: T, "
NAMING = {
    "recipe of a check": ("check --config", CHECK.format("lenet5@recipe=FILE")),
    "convention of a check": ("check --config", CHECK.format("lenet5") + 'convention = "FILE"\n'),
    "device of a check": ("check --config", CHECK.format("lenet5") + 'fits = "FILE"\n'),
    "convention of a figure": ("verify", FIGURES + "counts: 'FILE'}\n"),
    "recipe of a figure": ("verify", FIGURES + "transform: 'recipe=FILE'}\n"),
}
"""Every key, but a check's network, by which a file names another by a path, and the command that reads it."""


@pytest.mark.parametrize("key", NAMING)
def test_a_file_that_names_another(key: str, tree: Path) -> None:
    """Nothing of it is shown but the place, and a relative path is relative to the file that names it."""
    command, text = NAMING[key]
    (tree / "part").mkdir()
    name = "part/costcalc.toml" if command.startswith("check") else "part/mine.yaml"
    for named in ("../../outside/secret.yaml", f"{tree.parent}/outside/nets/.env", "../token", "../.git/x.yaml"):
        (tree / name).write_text(text.replace("FILE", named))
        refused(run(*command.split(), name), re.escape(str(Path("part", named))))


def test_a_model_file_that_a_config_names(tree: Path) -> None:
    """A class and the names of layers are words of the file."""
    inbound = [[["i", 0, 0, {}]]]
    layer = {"class_name": f"{SECRET}_OP", "config": {"name": SECRET}, "name": SECRET, "inbound_nodes": inbound}
    first = {"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [None, 8, 8, 3]}, "inbound_nodes": []}
    inner = {"name": SECRET, "layers": [first, layer], "input_layers": [["i", 0, 0]], "output_layers": [[SECRET, 0, 0]]}
    for model in ({"class_name": SECRET}, {"class_name": "Functional", "config": inner}):
        for path in (tree / "m.json", tree.parent / "outside" / "m.json"):
            path.write_text(json.dumps(model))
            (tree / "costcalc.toml").write_text(CHECK.format(path))
            result = run("check")
            assert (2, path.parent == tree) == (result.exit_code, SECRET in result.output), result.output


@pytest.mark.parametrize("name", ["costcalc.toml", "pyproject.toml"])
def test_a_config_that_is_a_link(name: str, tree: Path) -> None:
    (tree.parent / "outside" / "config.toml").write_text(f'[tool.costcalc]\n{SECRET} = "{SECRET}"\n')
    (tree / name).symlink_to("../outside/config.toml")
    refused(run("check"), name)
    (tree.parent / "outside" / "config.toml").write_text(f"costcalc\n{SECRET}\n")
    refused(run("check", "--config", name), name)


@pytest.mark.parametrize("target", ["../outside/secret.yaml", "token", ".git/x.yaml"])
def test_blocks_that_are_a_link(target: str, tree: Path) -> None:
    (tree / "mine.yaml").write_text(SPEC.replace("cnov", "gap").replace(", out: 2", "") + "use: ./blocks.yaml\n")
    (tree / "blocks.yaml").symlink_to(target)
    refused(run("report", "mine.yaml"), "blocks.yaml")
    (tree / "costcalc.toml").write_text(CHECK.format("mine.yaml"))
    refused(run("check"), "blocks.yaml")


def test_blocks_beside_a_file_that_is_not_shown(tree: Path) -> None:
    """The link leads to a good spec, whose blocks are a stranger's."""
    good = SPEC.replace("cnov", "gap").replace(", out: 2", "") + "use: ./secret.yaml\n"
    (tree.parent / "outside" / "good.yaml").write_text(good)
    (tree / "mine.yaml").symlink_to("../outside/good.yaml")
    (tree / "secret.yaml").write_text(WRONG)
    refused(run("report", "mine.yaml"), "secret.yaml")


def test_what_is_shown(tree: Path) -> None:
    """Specs of the tree, also through links inside it, and whatever a person names."""
    (tree / "nets" / "mine.yaml").write_text(SPEC)
    (tree / "same.yaml").symlink_to("nets/mine.yaml")
    (tree / "there").symlink_to("nets")
    (tree / "costcalc.toml").write_text(CHECK.format("nets/mine.yaml"))
    (tree / "part").mkdir()
    (tree / "part" / "costcalc.toml").write_text(CHECK.format("../nets/mine.yaml"))
    (tree.parent / "outside" / "plain.txt").write_text(SPEC)
    line = "    6 | - {op: cnov, out: 2}"
    for args in (["report", "nets/mine.yaml"], ["report", "same.yaml"], ["report", "there/mine.yaml"],
                 ["report", "../outside/plain.txt"], ["report", str(tree.parent / "outside/plain.txt")],
                 ["check"], ["check", "--config", "part/costcalc.toml"]):  # fmt: skip
        assert line in run(*args).stderr, args
    assert (
        f"{SECRET}_OP"
        in run("report", "../outside/nets/x.yaml").stderr + run("report", "./token").stderr + f"{SECRET}_OP"
    )


def test_nothing_of_a_private_file_is_in_the_error() -> None:
    """Neither in what it prints nor in what Python can read."""
    place = Place(PrivateFile("x.yaml"), 3, 4, 5, f"a line with {SECRET}")
    error = SpecError([Problem(place, f"unknown key '{SECRET}'", SECRET, SECRET, SECRET)])

    assert SECRET not in str(error) + repr(error.problems)
    assert str(error).startswith("x.yaml:3:4: ")
    assert error.problems == SpecError(error.problems).problems


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
    body = SPEC.replace("cnov, out: 2", "gap")
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
    body = SPEC.replace("cnov, out: 2", "gap")
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
