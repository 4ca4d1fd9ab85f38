"""What the program prints, and pages with it: a command in a pipe or on a terminal, the console blocks of a page."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROGRAM = "from costcalc.cli import main; main(prog_name='costcalc')"


def piped() -> dict[str, str]:
    """The variables of a command whose result goes to no terminal."""
    return {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "FORCE_COLOR")}


def run(args: list[str], folder: Path | None = None, stdin: str | None = None) -> str:
    """What a command prints when piped, errors included."""
    environment = {**piped(), "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *args],
        cwd=folder, env=environment, capture_output=True, text=True, input=stdin, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


def on_terminal(columns: int, args: list[str]) -> str:
    """What a command prints on a terminal of that many columns."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns)}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, *args], stdout=theirs, env=environment)
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 65536):
            seen += chunk
    except OSError:  # Linux says so when the other end has closed
        pass
    os.close(ours)
    process.wait()
    return seen.decode().replace("\r\n", "\n")


_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", flags=re.S | re.M)
_FILE = re.compile(r"# ([\w./-]+\.(?:yaml|toml|py))\n")


def examples(text: str) -> Iterator[tuple[str, str]]:
    """Each fenced block of a page: its language and its content."""
    for match in _FENCE.finditer(text):
        yield match.group(1), match.group(2)


def in_a_shell(command: str, folder: Path) -> str:
    """What a line of sh prints that begins with costcalc."""
    script = command.replace("costcalc", '"$PYTHON" -m costcalc')
    environment = {**piped(), "NO_COLOR": "1", "PYTHON": sys.executable}
    done = subprocess.run(
        ["sh", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def with_outputs(text: str, answer: Callable[[str, Path], str] = in_a_shell) -> str:
    """The page with the output under each `$ command` of its console blocks as the program prints it now.

    `answer` says what a command prints in a folder. A block whose first line is `# NAME.yaml` is a file; commands run
    in a folder that holds the page's files so far, and the model files of tests/golden/models.
    An output line `...` stands for lines left out.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for model in sorted((ROOT / "tests" / "golden" / "models").glob("*.*")):
            if model.suffix in (".onnx", ".keras", ".tflite", ".pt2"):
                (folder / model.name).symlink_to(model)

        def replace(match: re.Match[str]) -> str:
            language, body = match.group(1), match.group(2)
            file = _FILE.match(body)
            if file:
                (folder / file.group(1)).write_text(body[file.end() :], encoding="utf-8")
            if language != "console":
                return match.group(0)
            return f"```console\n{_session(body, folder, answer)}```"

        return _FENCE.sub(replace, text)


def _session(body: str, folder: Path, answer: Callable[[str, Path], str]) -> str:
    """A console block with fresh outputs."""
    out = []
    for part in re.split(r"^(?=\$ )", body, flags=re.M):
        command, _, old = part.partition("\n")
        if not command.startswith("$ costcalc"):
            out.append(part)
            continue
        new = answer(command[2:], folder)
        assert "Traceback" not in new, new
        blank = "\n" if old.endswith("\n\n") else ""
        out.append(f"{command}\n{_abridged(new, old)}{blank}")
    return "".join(out)


def _abridged(new: str, old: str) -> str:
    """`new`, shortened where `old` has a line `...`: the lines before and after it stay."""
    if "...\n" not in old:
        return new
    head, _, tail = old.partition("...\n")
    lines = new.splitlines(keepends=True)
    first, last = head.count("\n"), tail.rstrip("\n").count("\n") + bool(tail.strip())
    return "".join([*lines[:first], "...\n", *(lines[-last:] if last else [])])


def filled(page: str, marks: tuple[str, str], text: str) -> str:
    """The page with the text between two marks."""
    (head, start, rest), end = page.partition(marks[0]), marks[1]
    return f"{head}{start}\n{text}\n\n{end}{rest.partition(end)[2]}"
