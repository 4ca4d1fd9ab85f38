"""Works out the answers about the catalogue that a wheel holds: `python -m costcalc.prepare FOLDER`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from costcalc import api, prepared
from costcalc.network import every
from costcalc.report.files import write_whole

TABLES = "tables"
"""The folder of the reports of the catalogue's networks, as `Report.table`."""


def answers() -> Iterator[tuple[str, Any]]:
    """Every answer by the name of its file."""
    yield "checks", [check.as_dict() for check in api.verify()]
    names = [network.name for network in every()]
    own, of_libraries = api.networks(), api.networks("/")
    rows = {row["network"]: row for row in (*own.rows, *of_libraries.rows)}
    yield "networks", {"rows": [rows[name] for name in names], "note": own.note}
    for name in names:
        if "/" not in name:
            yield f"{TABLES}/{name}", api.load(name).report().table


def _text(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def write(folder: Path) -> None:
    """Write every answer into a folder, and last what they were made from."""
    for name, answer in answers():
        file = folder / f"{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(prepared.sealed(_text(answer).encode()), str(file))
    write_whole(prepared.sums().encode(), str(folder / prepared.SUMS))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
