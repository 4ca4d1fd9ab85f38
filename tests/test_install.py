"""The specs are found wherever the package lies."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
CODE = "import costcalc; print(costcalc.__file__, costcalc.load('mobilenet_v1').report().mult_adds)"


def test_inside_a_zip(tmp_path: Path) -> None:
    """Package and specs in one zip, laid out as in the wheel."""
    archive = tmp_path / "costcalc.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for folder, into in ((ROOT / "costcalc", "costcalc"), (ROOT / "specs", "costcalc/specs")):
            for path in folder.rglob("*"):
                if path.suffix in (".py", ".yaml"):
                    file.write(path, f"{into}/{path.relative_to(folder)}")
    code = f"import sys; sys.path.insert(0, {str(archive)!r}); {CODE}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)

    assert str(archive) in done.stdout
    assert "568740352" in done.stdout


def test_in_a_checkout(tmp_path: Path) -> None:
    """The package in the repository finds the specs beside it."""
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); {CODE}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)

    assert str(ROOT / "costcalc") in done.stdout
    assert "568740352" in done.stdout


def test_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "costcalc", "--version"], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("costcalc 0.")
