"""How long the installed program takes, with its bytecode, as a person starts it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from processes import CLICK, IMPORTS, LARGEST, NOTHING, fastest

ROOT = Path(__file__).parent.parent
SECOND = 1 / 0.051
"""A second in units of importing click, on the machine of the first measurement."""


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program installed from its wheel, beside the packages that it needs."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--compile", "--target", str(folder), str(ROOT)]
    subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)
    return folder


@pytest.mark.parametrize(
    ("words", "bound"),
    [
        (["report", "mobilenet_v1"], 1.8),
        (["list"], 3),
        (["list", "mobilenet"], 2.5),
        (["verify"], SECOND),
    ],
    ids=str,
)
def test_command(ratio: Callable[[str, float, float], None], installed: Path, words: list[str], bound: float) -> None:
    """A command against importing click, which it stands on."""
    program = [str(installed / "bin" / "costcalc"), *words]
    command, click, nothing = fastest(program, CLICK, NOTHING, path=str(installed))
    ratio(f"{' '.join(words)} / import click (python -c pass: {nothing / click:.2f})", command / click, bound)


@pytest.mark.parametrize(("words", "bound"), [(["mobilenet_v1"], 1.5), ([LARGEST], 3)], ids=str)
def test_report(ratio: Callable[[str, float, float], None], installed: Path, words: list[str], bound: float) -> None:
    """A report against importing all that a report may use; its CSV, which nobody prepared, as well."""
    program = [str(installed / "bin" / "costcalc"), "report", *words]
    report, worked_out, imports = fastest(program, [*program, "--format", "csv"], IMPORTS, path=str(installed))
    name = words[0]
    ratio(f"report {name} / import click, yaml, rich", report / imports, bound)
    ratio(f"report {name} --format csv / import click, yaml, rich", worked_out / imports, 2 * bound)
