"""Whatever a file says, the work on it is bounded by its size. Files of full size: benchmarks/test_bounds.py."""

from __future__ import annotations

import ast
import json
import resource
import subprocess
import sys
import textwrap
import time
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from hostile import HEAD, LAYERS, SPECS
from hostile_files import ASKED

from costcalc.analysis.compare.matching import matching
from costcalc.cli import main
from costcalc.errors import SpecError, nearest
from costcalc.expression import compiler
from costcalc.graph import bind, expand
from costcalc.graph.build import MAX_NODES
from costcalc.graph.expand import MAX_ROWS
from costcalc.spec import catalogue, check, document, problems
from costcalc.spec.document import read_document
from costcalc.spec.loader import load_source
from costcalc.spec.problems import Problems
from costcalc.spec.tree import Source

SIZES = [25_000, pytest.param(50_000, marks=pytest.mark.slow)]  # large enough that a square of them would be seen
MOST_LOOPS = 24
"""So many times what a loop of a million additions takes, under a second; a square of the size would take hundreds."""
MOST_MEMORY = 200 * 2**20

RUN = """
    import json, sys, time
    from pathlib import Path
    sys.path.insert(0, sys.argv[1])
    from hostile_files import ASKED, words_for
    from click.testing import CliRunner
    from costcalc.cli import main

    def loop():
        start, number = time.process_time(), 0
        for step in range(250_000):
            number += step
        return 4 * (time.process_time() - start)

    after = loop()
    for words, file, texts in ASKED:
        for name, text in texts.items():
            Path(file).write_bytes(text(int(sys.argv[2])).encode())
            print(json.dumps([name, -1, 0, ""]), flush=True)
            cost, runs = float("inf"), 0
            while cost > float(sys.argv[3]) and runs < 2:  # twice if need be: a neighbour's minute is nobody's square
                before, start = after, time.process_time()
                result = CliRunner().invoke(main, words_for(words, f"./{file}"))
                spent, after = time.process_time() - start, loop()
                cost, runs = spent / max(before, after), runs + 1  # a machine that is busy is slow at both
            error = "" if isinstance(result.exception, SystemExit | None) else repr(result.exception)
            print(json.dumps([name, result.exit_code, cost, error]), flush=True)
    peak = Path("/proc/self/status")  # of this program alone: getrusage counts what it was started from as well
    line = peak.read_text().partition("VmHWM:")[2].split() if peak.exists() else []
    print(json.dumps(["memory", 0, int(line[0]) * 1024 if line else 0, ""]))
"""


def limited() -> None:
    """In the child: no more than a gigabyte, no more than two minutes."""
    resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
    resource.setrlimit(resource.RLIMIT_CPU, (120, 120))


@pytest.mark.parametrize("size", SIZES)
def test_no_file_costs_more_than_its_size(size: int, tmp_path: Path) -> None:
    """Each trick once: within a work and an exit code, and all of them within a memory."""
    tests = str(Path(__file__).parent)
    command = [sys.executable, "-c", textwrap.dedent(RUN), tests, str(size), str(MOST_LOOPS)]
    done = subprocess.run(command, cwd=tmp_path, preexec_fn=limited, capture_output=True, text=True, check=False)

    found = {name: (code, loops, error) for name, code, loops, error in map(json.loads, done.stdout.splitlines())}
    assert {*(name for _, _, texts in ASKED for name in texts), "memory"} == set(found), done.stderr[-2000:]
    _, memory, _ = found.pop("memory")
    assert {} == {name: codes for name, codes in found.items() if codes[0] not in (0, 1, 2) or codes[2]}
    assert {} == {name: loops for name, (_, loops, _) in found.items() if loops > MOST_LOOPS}
    assert memory < MOST_MEMORY


DEEP = {
    "brackets": "a: " + "[" * 3000,
    "closed brackets": "a: " + "[" * 600 + "]" * 600,
    "braces and brackets": "a: " + "[{" * 700,
    "after other letters": "a: ü 😀\nb: [ü, " + "[" * 1100,
    "in dashes": "a:\n- - - - " + "[" * 1100,
    "after quotes": 'a:\n- - - - "x[[[": ' + "[" * 1100,
    "dashes": "a:\n" + "- " * 1500,
    "question marks": "? " * 1500,
    "indentation": "\n".join(" " * level + "a:" for level in range(800)),
    "just too deep": "a: " + "[" * 25,
}


def said(text: str) -> str:
    """What is wrong with a document, "" if nothing is."""
    try:
        read_document(Source.of("f.yaml", text), Problems())
    except SpecError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_depth_is_our_limit_whatever_the_parser(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser in C and the one in Python have other limits or none: the message is the same."""
    messages = set()
    for loader in (yaml.CSafeLoader, yaml.SafeLoader):
        monkeypatch.setattr(document, "_Loader", loader)
        messages.add(said(text))

    (message,) = messages
    assert "nested more than 24 deep" in message.splitlines()[0]


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 23 + "x" + "]" * 23,
        "a: x " + "[" * 40,
        "a: |\n  " + "[" * 40,
        "# " + "[" * 40 + "\na: '" + "[" * 40 + "'",
    ],
)
def test_what_is_not_too_deep(text: str) -> None:
    """Brackets in texts, blocks of text, comments and quotes nest nothing."""
    assert said(text) == ""


def test_brackets_in_a_text_before_a_mistake() -> None:
    assert "nested" not in said("a: x " + "[" * 40 + "\nb: 'x\n")
    assert "nested" not in said("a: b: " + "[" * 40)


@pytest.mark.parametrize("text", ['a: "\\U99999999"', "a: b\n...\n%YAML " + "9" * 6000 + ".1\n---\n"])
def test_no_error_of_python_comes_through(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser in Python lets them."""
    monkeypatch.setattr(document, "_Loader", yaml.SafeLoader)

    assert "not YAML: what follows cannot be read" in said(text)


def test_a_network_as_large_as_may_be() -> None:
    """The limit on nodes is not lower than what it says."""
    rows = "- {op: relu, n: 1000}\n" * (MAX_NODES // 1000)
    text = f"costcalc: 1\nname: large\ninput: 8x8x8\nlayers:\n{rows}"

    assert len(expand(bind(load_source(Source.of("f.yaml", text), catalogue.find_blocks))).nodes) == MAX_NODES
    with pytest.raises(SpecError, match=f"more than {MAX_NODES} nodes"):
        expand(bind(load_source(Source.of("f.yaml", f"{text}- {{op: relu}}\n"), catalogue.find_blocks)))


def test_the_bounds_that_are_written_down() -> None:
    """docs/spec-format.md has them as they are."""
    said = (Path(__file__).parent.parent / "docs" / "spec-format.md").read_text()
    for words in (
        f"({document.MAX_BYTES // 1_000_000} MB with its block files)",
        f"({document.MAX_DEPTH} levels)",
        f"values ({problems.MAX_NODES:,},",
        f"expressions ({check.MAX_EXPRESSIONS:,} characters",
        f"nodes ({MAX_NODES:,})",
        f"copies gone through ({MAX_ROWS:,},",
    ):
        assert words in " ".join(said.split())


def test_the_nearest_of_very_many_names() -> None:
    """They are not all compared, but the right one is."""
    names = [f"bottleneck_{number}" for number in range(20_000)]

    assert nearest("botleneck_1777", names) == "bottleneck_1777"
    assert nearest("Mobilenet_V1", ["mobilenet_v2", "mobilenet_v1"]) == "mobilenet_v1"


@pytest.mark.parametrize(("cell", "most"), [("1+" * 90 + "1", 2), ("9" * 30, 2), ("9" * 30 + "{}", 2_000)])
def test_an_expression_is_read_once(cell: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that is wrong, and numbers too long to be read at a glance are expressions."""
    read: list[str] = []
    parse = ast.parse
    monkeypatch.setattr(ast, "parse", lambda text, *rest, **options: read.append(text) or parse(text, *rest, **options))
    compiler._parsed.cache_clear()
    lets = "".join(f"  l{number}: {cell.format(number)}\n" for number in range(5_000))

    with pytest.raises(SpecError):
        load_source(Source.of("f.yaml", f"{HEAD}let:\n{lets}{LAYERS}"), catalogue.find_blocks)

    assert 1 <= len(read) <= most


def test_problems_beyond_twenty_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first twenty of the file are told in full, whatever section found them first."""
    monkeypatch.chdir(tmp_path)
    Path("many.yaml").write_text("costcalc: 1\nname: many\ninput: 8x8x8\nlayers:\n" + "- {op: rleu}\n" * 10_000)

    lines = CliRunner().invoke(main, ["report", "many.yaml"]).stderr.splitlines()

    assert lines[-1] == "... and 9,980 more"
    assert 20 == lines.count("  did you mean 'relu'?")
    assert 20 == sum(line.startswith("many.yaml:") for line in lines)


def test_a_block_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often files use one another."""
    monkeypatch.chdir(tmp_path)
    for level in range(7):
        uses = f"- ./f{level + 1}.yaml\n- ./g{level + 1}.yaml\n" * 50 if level < 6 else "  []\n"
        for letter in "fg":
            block = f"blocks:\n  {letter}{level}: {{body: [{{op: relu}}]}}\n"
            Path(f"{letter}{level}.yaml").write_text(f"costcalc: 1\nuse:\n{uses}{block}")
    Path("top.yaml").write_text("costcalc: 1\nname: top\ninput: 8x8x8\nuse: ./f0.yaml\nlayers:\n- {op: g6}\n")
    read: list[str] = []
    monkeypatch.setattr("costcalc.spec.uses.read_document", lambda *args: read.append("") or read_document(*args))

    result = CliRunner().invoke(main, ["report", "top.yaml"])

    assert (0, 13) == (result.exit_code, len(read)), result.stderr


def test_too_many_block_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Together they are no larger than one spec may be."""
    monkeypatch.chdir(tmp_path)
    for number in range(3):
        Path(f"b{number}.yaml").write_text(f"# {'x' * 400_000}\ncostcalc: 1\nblocks: {{}}\n")
    Path("top.yaml").write_text(
        "costcalc: 1\nname: top\ninput: 8x8x8\nuse: [./b0.yaml, ./b1.yaml, ./b2.yaml]\nlayers:\n- {op: relu}\n"
    )

    result = CliRunner().invoke(main, ["report", "top.yaml"])

    assert result.exit_code == 2
    assert result.stderr.splitlines()[0] == "top.yaml:4:29: too many block files"


def test_a_very_long_table_is_plain_on_a_terminal_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Laying it out takes rich seconds; what is shown is the same."""
    monkeypatch.setenv("COLUMNS", "100")
    file = tmp_path / "long.yaml"
    file.write_text(SPECS["rows"](20_000), encoding="utf-8")
    monkeypatch.setattr("rich.console.Console.print", pytest.fail)
    result = CliRunner().invoke(main, ["report", str(file)])

    assert 0 == result.exit_code, result.output
    assert len(result.stdout.splitlines()) > 1000


def test_what_repeats_is_aligned_in_linear_time() -> None:
    """Three kinds of layers over and over: the longest runs of all would take minutes."""
    first, second = ([i * i % 7 % odd for i in range(6000)] for odd in (3, 2))
    start = time.thread_time()
    *runs, last = matching(first, second)
    assert time.thread_time() - start < 5

    assert (6000, 6000, 0) == last
    assert all(a.a + a.size <= b.a and a.b + a.size <= b.b for a, b in pairwise(runs))
    assert all(first[run.a : run.a + run.size] == second[run.b : run.b + run.size] for run in runs)
