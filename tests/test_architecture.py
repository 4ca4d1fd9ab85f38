"""The order of the rooms, light imports, and operators that stay pure."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "costcalc"
ROOMS = [
    "version", "escape", "errors", "cleanup", "grid", "symbols", "quantity", "expression", "operators", "spec", "graph",
    "transform", "networks", "importers", "storage", "counting", "measures", "ledger", "typed", "analysis", "report",
    "api", "cli",
]  # fmt: skip
"""From the bottom up: a room imports only rooms that stand before it. `__init__` and `__main__` are the roof."""


def room_of(file: Path) -> str:
    """The room that a file belongs to."""
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(file: Path) -> list[tuple[str, int]]:
    """Each costcalc room that a file imports, with the line; imports for type checking alone do not count."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    found = []
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found += [(name.split(".")[1], node.lineno) for name in names if name.startswith("costcalc.")]
    return found


FILES = [file for file in sorted(PACKAGE.rglob("*.py")) if room_of(file) not in ("__init__", "__main__")]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_arrows_point_down(file: Path) -> None:
    own = ROOMS.index(room_of(file))

    upward = [(room, line) for room, line in imports_of(file) if room in ROOMS and ROOMS.index(room) > own]

    assert [] == upward


def test_every_file_is_in_a_room() -> None:
    assert {room_of(file) for file in FILES} <= set(ROOMS)


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
