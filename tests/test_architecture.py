"""The order of the rooms, light imports, and operators that stay pure."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "costcalc"
ROOMS = [
    "version",
    "prepared",
    "words",
    "escape",
    "synonyms",
    "errors",
    "dtypes",
    "cleanup",
    "grid",
    "symbols",
    "quantity",
    "compression",
    "expression",
    "operators",
    "spec",
    "graph",
    "recipes",
    "transform",
    "importers",
    "network",
    "storage",
    "training",
    "counting",
    "measure",
    "stored",
    "measures",
    "figures",
    "ledger",
    "typed",
    "analysis",
    "report",
    "api",
    "prepare",
    "cli",
]
"""From the bottom up: a room imports only rooms that stand before it. `__init__` and `__main__` are the roof."""


def room_of(file: Path) -> str:
    """The room that a file belongs to."""
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


FILES = [file for file in sorted(PACKAGE.rglob("*.py")) if room_of(file) not in ("__init__", "__main__")]


def test_every_file_is_in_a_room() -> None:
    assert {room_of(file) for file in FILES} <= set(ROOMS)


def module_of(file: Path) -> str:
    """The name under which a file is imported; a package's is that of its `__init__`."""
    return ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def graph_of(files: Mapping[str, str]) -> dict[str, set[str]]:
    """Which of some modules, name to source text, each takes something from.

    Wherever the import stands: at the top, in a function, for type checking alone. A module named in a text counts as
    well: one that is looked up among those loaded. A package is taken from if a name of its `__init__` is.
    """
    found: dict[str, set[str]] = {name: set() for name in files}
    for name, text in files.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{name}: a relative import"
                whole = [f"{node.module}.{alias.name}" for alias in node.names]
                found[name] |= {one if one in files else str(node.module) for one in whole}
            elif isinstance(node, ast.Import):
                found[name] |= {alias.name for alias in node.names}
            elif isinstance(node, ast.Constant) and str(node.value).startswith("costcalc."):
                found[name].add(node.value)
    return {name: {other for other in others if other in files and other != name} for name, others in found.items()}


def upward(graph: Mapping[str, set[str]]) -> list[tuple[str, str]]:
    """Which modules take something from a room above their own, or from the roof: `costcalc` and its `__main__`."""

    def height(name: str) -> int:
        room = f"{name}.".split(".")[1]
        return ROOMS.index(room) if room in ROOMS else len(ROOMS)

    return sorted((name, other) for name in graph for other in graph[name] if height(other) > height(name))


def sources() -> dict[str, str]:
    """The text of every module of the package."""
    return {module_of(file): file.read_text(encoding="utf-8") for file in PACKAGE.rglob("*.py")}


def test_arrows_point_down() -> None:
    """Type hints included, and imports within functions."""
    assert [] == upward(graph_of(sources()))


def circles(graph: Mapping[str, set[str]]) -> list[set[str]]:
    """The modules of each circle: strongly connected parts of the graph, by Tarjan's algorithm."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    waiting: list[str] = []
    found: list[set[str]] = []

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        waiting.append(name)
        for other in sorted(graph[name]):
            if other not in order:
                visit(other)
                lowest[name] = min(lowest[name], lowest[other])
            elif other in waiting:
                lowest[name] = min(lowest[name], order[other])
        if lowest[name] == order[name]:
            part = set(waiting[waiting.index(name) :])
            del waiting[waiting.index(name) :]
            found.extend([part] if len(part) > 1 else [])

    for name in graph:
        if name not in order:
            visit(name)
    return found


def test_no_circle_among_the_files() -> None:
    """Type hints included: a file can be read without those that stand on it."""
    assert [] == circles(graph_of(sources()))


@pytest.mark.parametrize(
    "back",
    [
        "import costcalc.a",
        "from costcalc.a import f",
        "from costcalc import a",
        "if TYPE_CHECKING:\n    from costcalc.a import F",
        "def g():\n    from costcalc import a",
        "sys.modules.get('costcalc.a')",
    ],
)
def test_a_circle_would_be_found(back: str) -> None:
    """Of three files, by whatever kind of import it is closed; a file beside it is not in it."""
    files = {"costcalc.a": "import costcalc.b", "costcalc.b": "from costcalc.c import x", "costcalc.c": "y = 1"}

    assert [] == circles(graph_of(files))
    assert [{"costcalc.a", "costcalc.b", "costcalc.c"}] == circles(
        graph_of({"costcalc.d": "import costcalc.a", **files, "costcalc.c": back})
    )


@pytest.mark.parametrize(
    "above", ["costcalc.report.tables.fit", "costcalc.cli.main", "costcalc.ledger", "costcalc.__main__"]
)
@pytest.mark.parametrize(
    "text",
    [
        "import {}",
        "from {} import f",
        "if TYPE_CHECKING:\n    from {} import F",
        "def g():\n    import {}",
        "sys.modules.get('{}')",
    ],
)
def test_an_arrow_that_points_up_would_be_found(above: str, text: str) -> None:
    """To a file of a higher room or the roof, by whatever kind of import; one that points down, or aside, is none."""
    files = {
        "costcalc.storage": text.format(above),
        "costcalc.cli.list": "from costcalc import storage",
        above: "f = 1",
    }

    assert [("costcalc.storage", above)] == upward(graph_of(files))


HEAVY = ["numpy", "sympy", "matplotlib", "onnx", "rich", "tabulate", "pandas", "torch"]


def loaded_by(code: str) -> set[str]:
    """The heavy modules that a fresh Python has loaded after running `code`."""
    script = f"{code}\nimport sys\nprint('\\n'.join(sorted({{name.split('.')[0] for name in sys.modules}})))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split()) & set(HEAVY)


@pytest.mark.parametrize(
    "code",
    [
        "import costcalc",
        "import costcalc.cli.main",
        "import costcalc.cli.report",
        "import costcalc.cli.formula",
        "import costcalc.cli.compare, costcalc.cli.separable",
        "import costcalc, costcalc.report.comparison as r; r.render_comparison(costcalc.compare('nin','lenet5'),'csv')",
        "import costcalc; costcalc.load('mobilenet_v1').report().render('csv')",
        "import costcalc; costcalc.load('mobilenet_v1').report().render('table')",
    ],
)
def test_start_is_light(code: str) -> None:
    """A report on ints loads neither NumPy nor SymPy; a piped table does not even load rich."""
    assert set() == loaded_by(code)


OPERATORS = sorted((PACKAGE / "operators").glob("*.py"))


@pytest.mark.parametrize("file", OPERATORS, ids=lambda file: file.name)
def test_operators_keep_to_the_helpers_of_quantity(file: Path) -> None:
    """No `/`, no min or max, and no int() of anything but a flag: such code would work on one kind of number only."""
    forbidden = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod):
            forbidden.append(ast.unparse(node))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("min", "max", "round"):
            forbidden.append(ast.unparse(node))

    assert [] == forbidden


def test_no_assertion_does_work() -> None:
    """`python -O` leaves assertions out: none may compute what raises an error for a person."""
    working = [
        f"{file.name}: {ast.unparse(node)}"
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assert) and not _is_plain(node.test)
    ]

    assert [] == working
    assert [True, True, False, False] == [
        _is_plain(ast.parse(test, mode="eval").body)
        for test in ("isinstance(a.b, C)", "a.b is not None or c == 1", "a.b", "f(a)")
    ]


def _is_plain(test: ast.expr) -> bool:
    """A name, a type, or a comparison, which mypy or a reader takes for granted."""
    if isinstance(test, ast.BoolOp):
        return all(map(_is_plain, test.values))
    is_type = isinstance(test, ast.Call) and isinstance(test.func, ast.Name) and test.func.id == "isinstance"
    return is_type or isinstance(test, ast.Name | ast.Compare)


def test_files_stay_small() -> None:
    """About 300 lines, so that a file can be held in the head."""
    sizes = {str(file.relative_to(PACKAGE)): len(file.read_text().splitlines()) for file in PACKAGE.rglob("*.py")}

    assert {} == {name: lines for name, lines in sizes.items() if lines > 330}


def test_nothing_is_evaluated_by_python() -> None:
    """Specs are data from strangers."""
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec", "compile", "__import__"), file
