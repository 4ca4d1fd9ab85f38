"""Puts answers about the catalogue into a wheel: see `costcalc/prepare.py`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PreparedAnswers(BuildHookInterface[Any]):
    """A build step of the wheel. An editable installation has none: its sources change."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Work the answers out, by the very sources that go into the wheel."""
        if version != "standard":
            return
        self._folder = tempfile.TemporaryDirectory()
        subprocess.run([sys.executable, "-m", "costcalc.prepare", self._folder.name], cwd=self.root, check=True)
        for file in Path(self._folder.name).rglob("*.*"):
            inside = file.relative_to(self._folder.name)
            build_data["force_include"][str(file)] = f"costcalc/prepared/{inside.as_posix()}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Leave nothing behind."""
        if version == "standard":
            self._folder.cleanup()
