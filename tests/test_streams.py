"""Signals, and standard streams that are full, closed, gone, or in an encoding that lacks a character."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from catalogued import each
from click.testing import CliRunner

from costcalc.cli import main
from costcalc.spec import sources

PROGRAM = [sys.executable, "-m", "costcalc"]
LINUX = Path("/proc/self/stat").exists()
SPEC = """costcalc: 1
name: piped
title: αβ² é
input: 8x8x3
layers:
- {op: conv, k: 3, out: 4}
- {op: gap}
- {op: linear, out: 2}
"""
READING = {
    "report": ["report"], "show": ["show"], "compare": ["compare", "lenet5"], "separable": ["separable"],
    "formula": ["formula"], "sweep": ["sweep", "-a", "1"], "check": ["check", "--max-params", "1G"],
    "verify": ["verify"],
}  # fmt: skip
"""Every command that reads a spec, which may stand last."""
PRINTING = {
    **{key: [*words, "lenet5"] for key, words in READING.items()},
    "help": ["--help"], "help of one": ["report", "--help"], "version": ["--version"],
    "stream": ["sweep", "lenet5", "-a", "0.5,1", "-f", "csv"],
    "parquet": ["sweep", "lenet5", "-a", "0.5,1", "-f", "parquet"],
}  # fmt: skip
KINDS = {"report", "check", "help", "version", "stream", "parquet"}
"""One command of each kind: a table, a verdict, texts of ours, rows while they are computed, bytes."""
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def heard() -> None:
    """Every signal as a program from a shell has it: a job in the background may start with some ignored."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def start(*args: str, **options: Any) -> subprocess.Popen[str]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "preexec_fn": heard, **options}
    return subprocess.Popen([*PROGRAM, *args], **pipes)


def until(condition: Callable[[], Any], process: subprocess.Popen[str] | None = None) -> None:
    """Wait, a minute at most."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        assert process is None or process.poll() is None, process.communicate()
        time.sleep(0.01)


def shell(command: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """A line of sh in which `$COSTCALC` is the program."""
    words = command.replace("$COSTCALC", " ".join(f"'{word}'" for word in PROGRAM))
    kinds = {"capture_output": True, "text": True, "timeout": 60, **options}
    return subprocess.run(["sh", "-c", words], check=False, **kinds)


@pytest.mark.parametrize(
    ("command", "number"),
    [("report", number) for number in SIGNALS]
    + [
        pytest.param(key, signal.SIGTERM, marks=[] if key in ("check", "sweep") else pytest.mark.slow)
        for key in READING
        if key != "report"
    ],
)
def test_a_signal_ends_every_command(command: str, number: int, tmp_path: Path) -> None:
    """While it reads a spec: the old file survives, and nothing else is there."""
    fifo, out = tmp_path / "net.yaml", tmp_path / "out"
    os.mkfifo(fifo)
    out.write_text("old")
    process = start(*READING[command], str(fifo), "-o", str(out))
    with fifo.open("w") as writer:  # when this is open, it reads
        writer.write("costcalc: 1\n")
        writer.flush()
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=60)

    assert (128 + number, "", f"ended by {signal.Signals(number).name}\n") == (process.returncode, stdout, stderr)
    assert ("old", {"net.yaml", "out"}) == (out.read_text(), {file.name for file in tmp_path.iterdir()})


def children(process: int) -> set[int]:
    """The processes that another one has started and that have not ended."""
    found = set()
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = file.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == process and state != "Z":
            found.add(int(file.parent.name))
    return found


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def sweeping(folder: Path, ending: str, *more: str) -> subprocess.Popen[str]:
    """A sweep that would take an hour, when it has written something."""
    out = folder / f"big.{ending}"
    out.write_text("old")
    grid = ["mobilenet_v1", "-a", "0.0001:1:0.0001", "-r", "32:10031:1", "-o", str(out), *more]
    process = start("sweep", *grid, start_new_session=True)
    until(lambda: any(file.stat().st_size for file in folder.iterdir() if file != out), process)
    return process


SWEEPS = [*((number, "csv", jobs) for number in SIGNALS for jobs in "12"), (signal.SIGTERM, "parquet", "2")]


@pytest.mark.skipif(not LINUX, reason="needs /proc")
@pytest.mark.parametrize("sweep", each(SWEEPS, [SWEEPS[0], SWEEPS[3], SWEEPS[6]]), ids=str)
def test_a_signal_ends_a_sweep(sweep: tuple[int, str, str], tmp_path: Path) -> None:
    """Sent to the whole group, as a terminal does, or to the program alone."""
    number, ending, jobs = sweep
    process = sweeping(tmp_path, ending, "--jobs", jobs)
    workers = children(process.pid)
    assert (2 if jobs == "2" else 0) == len(workers)
    if ending == "csv":
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    stdout, stderr = process.communicate(timeout=60)

    assert (128 + number, "", f"ended by {signal.Signals(number).name}\n") == (process.returncode, stdout, stderr)
    assert [(f"big.{ending}", "old")] == [(file.name, file.read_text()) for file in tmp_path.iterdir()]
    until(lambda: not any(map(alive, workers)))


@pytest.mark.skipif(not LINUX, reason="needs /proc")
def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    process = sweeping(tmp_path, "csv", "--jobs", "2")
    workers = children(process.pid)
    assert 2 == len(workers)
    process.kill()
    process.communicate(timeout=60)

    until(lambda: not any(map(alive, workers)))
    stale, out = sorted(tmp_path.iterdir())
    assert ("big.csv", "old") == (out.name, out.read_text())
    assert re.fullmatch(rf"\.big\.csv\.costcalc-{process.pid}-[0-9a-f]{{8}}\.tmp", stale.name)


@pytest.mark.skipif(not LINUX, reason="needs /proc")
def test_a_worker_that_is_killed_is_an_error(tmp_path: Path) -> None:
    process = sweeping(tmp_path, "csv", "--jobs", "2")
    os.kill(children(process.pid).pop(), signal.SIGKILL)
    _, stderr = process.communicate(timeout=60)

    assert (2, "Error: a process of --jobs was ended from outside\n") == (process.returncode, stderr[:50])
    assert ["big.csv"] == [file.name for file in tmp_path.iterdir()]


def test_a_signal_that_the_caller_ignores_is_ignored(tmp_path: Path) -> None:
    """As with nohup."""
    fifo = tmp_path / "net.yaml"
    os.mkfifo(fifo)
    process = start("report", str(fifo), preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    with fifo.open("w") as writer:
        process.send_signal(signal.SIGHUP)
        writer.write(SPEC)
    stdout, stderr = process.communicate(timeout=60)

    assert (0, "", True) == (process.returncode, stderr, "conv1" in stdout)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("command", each(PRINTING, KINDS))
def test_standard_output_is_full(command: str) -> None:
    done = shell(f"$COSTCALC {' '.join(PRINTING[command])} > /dev/full")
    line, *hints = done.stderr.splitlines()

    assert (2, "Error: standard output: no space left on device") == (done.returncode, line)
    assert hints in ([], ["  expected: a place that can be written"])


@pytest.mark.parametrize("command", each(PRINTING, KINDS))
def test_standard_output_is_closed(command: str) -> None:
    done = shell(f"$COSTCALC {' '.join(PRINTING[command])} >&-")

    assert (2, "Error: standard output: closed") == (done.returncode, done.stderr.splitlines()[0])
    assert len(done.stderr.splitlines()) <= 2


@pytest.mark.parametrize("command", each(PRINTING, KINDS))
def test_a_reader_that_has_gone_is_no_error(command: str) -> None:
    """The pipe is closed before anything is written."""
    read, write = os.pipe()
    os.close(read)
    process = start(*PRINTING[command], stdout=write)
    os.close(write)
    _, stderr = process.communicate(timeout=60)

    assert (0, "") == (process.returncode, stderr)


@cache
def whole() -> str:
    """The rows of a sweep whose streams are all open."""
    return shell("$COSTCALC sweep lenet5 -a 0.5,1 -f csv").stdout


@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-"])
def test_other_streams_are_closed(closed: str, tmp_path: Path) -> None:
    """A file of ours does not take their place."""
    done = shell(f"$COSTCALC sweep lenet5 -a 0.5,1 -o {tmp_path}/a.csv --jobs 2 {closed}")
    wrong = shell(f"$COSTCALC report no_such_network {closed}")

    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)
    assert whole() == (tmp_path / "a.csv").read_text()
    assert (2, "") == (wrong.returncode, wrong.stdout)


def test_all_streams_are_closed(tmp_path: Path) -> None:
    done = shell(f"$COSTCALC report lenet5 -o {tmp_path}/a.csv <&- >&- 2>&-")

    assert (0, True) == (done.returncode, (tmp_path / "a.csv").read_text().startswith("name,op,"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_standard_error_is_full() -> None:
    assert 2 == shell("$COSTCALC report no_such_network 2> /dev/full").returncode
    assert 2 == shell("$COSTCALC report lenet5 > /dev/full 2> /dev/full").returncode


WITHOUT = [(name, given) for name in ("-", "/dev/stdin") for given in ("<&-", "< /dev/null", "< binary")]


@pytest.mark.parametrize("spec", each(WITHOUT, WITHOUT[:4]), ids=" ".join)
def test_standard_input_without_a_spec(spec: tuple[str, str], tmp_path: Path) -> None:
    name, given = spec
    (tmp_path / "binary").write_bytes(b"\xff\x00")
    done = shell(f"$COSTCALC report {name} {given}", cwd=tmp_path, env=with_path())

    assert (2, "", False) == (done.returncode, done.stdout, "Traceback" in done.stderr), done.stderr
    assert 1 <= len(done.stderr.splitlines()) <= 4


def with_path(**more: str) -> dict[str, str]:
    """The environment, in which costcalc is found from any folder."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), **more}


WORDS = [" ".join(words) for words in (*READING.values(), ["formula", "--smooth"])]
ENCODED = [f"{encoding} {words}" for encoding in ("ascii", "latin-1") for words in WORDS]


@pytest.mark.parametrize(
    "encoded", each(ENCODED, ["ascii report", "latin-1 report", "ascii verify", "ascii formula --smooth"])
)
def test_an_encoding_that_lacks_a_character(encoded: str, tmp_path: Path) -> None:
    encoding, *command = encoded.split()
    (tmp_path / "né.yaml").write_text(SPEC, encoding="utf-8")
    environment = with_path(PYTHONIOENCODING=encoding)
    done = subprocess.run(
        [*PROGRAM, *command, "./né.yaml"], capture_output=True, check=False, cwd=tmp_path, env=environment
    )

    assert (0, b"") == (done.returncode, done.stderr)
    assert len(done.stdout.decode(encoding).splitlines()) > 2


def test_what_stands_for_a_character(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(SPEC, encoding="utf-8")
    environment = with_path(PYTHONIOENCODING="ascii")
    done = shell("$COSTCALC report net.yaml", cwd=tmp_path, env=environment)

    assert (0, "alphabeta^2 \\xe9, input 8x8x3, alpha 1") == (done.returncode, done.stdout.splitlines()[0])


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 in a file's name, in and out."""
    (tmp_path / os.fsdecode(b"a\xff.yaml")).write_text(SPEC, encoding="utf-8")
    for command in ("compare lenet5", "sweep -a 1 -f csv", "sweep -a 1 -f jsonl -o out", "check --max-params 1 -o out"):
        done = shell(f"$COSTCALC {command} ./a*.yaml", cwd=tmp_path, env=with_path())
        assert (True, "") == (done.returncode in (0, 1), done.stderr)
    assert 2 == shell("$COSTCALC report ./b$(printf '\\377').yaml", cwd=tmp_path, env=with_path()).returncode


GONE = ["check", "report lenet5", "report x.yaml", "check lenet5 --max-params 1 -f github", "report lenet5 -o a.csv",
    "report lenet5 --plot a.svg", "report lenet5 --kind terminal", "check --config a.toml"]  # fmt: skip


@pytest.mark.parametrize("command", each(GONE, GONE[::4]))
def test_the_working_folder_is_gone(command: str, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = shell(f"cd {gone} && rmdir {gone} && $COSTCALC {command}", env=with_path(MPLCONFIGDIR=str(tmp_path)))

    assert "Traceback" not in done.stderr
    assert (0, "") == (done.returncode and "github" not in command, done.stderr) or (2, "") == (
        done.returncode,
        done.stdout,
    ), done.stderr


@pytest.mark.parametrize("columns", ["1000000000", "-1", "0", "1", "many", "9" * 5000, ""])
@pytest.mark.parametrize(
    "command", ["list lenet5", "report lenet5", "report lenet5 --kind terminal",
                "sweep lenet5 -a 0.5,1 --kind terminal", "formula lenet5", "--help", "report --help"],
)  # fmt: skip
def test_a_terminal_of_any_width(columns: str, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    result = CliRunner().invoke(main, command.split())

    assert (0, "") == (result.exit_code, result.stderr)
    assert len(result.stdout) < 100_000


@pytest.mark.parametrize("columns", ["1000000000", "-1", "many"])
def test_a_real_terminal_of_any_width(columns: str) -> None:
    end, other = os.openpty()
    environment = {**with_path(COLUMNS=columns, TERM="xterm"), "NO_COLOR": ""}
    del environment["NO_COLOR"]
    process = start("report", "lenet5", stdout=other, env=environment)
    os.close(other)
    size = 0
    try:
        while data := os.read(end, 1 << 16):
            size += len(data)
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(end)

    assert (0, "") == (process.wait(60), process.communicate()[1])
    assert 500 < size < 100_000


def test_a_fifo_that_nobody_writes_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "PATIENCE", 0.05)
    fifo = tmp_path / "net.yaml"
    os.mkfifo(fifo)
    for command in READING.values():
        result = CliRunner().invoke(main, [*command, str(fifo)])
        assert (2, "") == (result.exit_code, result.stdout)
        assert f"{fifo}: nothing was written to it for 0 seconds\n" in result.stderr


def test_a_fifo_whose_writer_is_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "SILENCE", 0.05)
    fifo = tmp_path / "net.yaml"
    os.mkfifo(fifo)
    descriptor = os.open(fifo, os.O_RDWR)
    result = CliRunner().invoke(main, ["report", str(fifo)])
    os.close(descriptor)

    assert (2, True) == (result.exit_code, "nothing was written to it" in result.stderr)


def test_a_fifo_that_delivers(tmp_path: Path) -> None:
    """Bit by bit."""
    fifo = tmp_path / "net.yaml"
    os.mkfifo(fifo)

    def write() -> None:
        with fifo.open("w", encoding="utf-8") as out:
            for line in SPEC.splitlines(keepends=True):
                out.write(line)
                out.flush()
                time.sleep(0.01)

    thread = threading.Thread(target=write)
    thread.start()
    result = CliRunner().invoke(main, ["report", str(fifo)])
    thread.join()

    assert (0, "") == (result.exit_code, result.stderr)
    assert "conv1" in result.stdout


@pytest.mark.skipif(not Path("/dev/fd").exists() or not Path("/bin/bash").exists(), reason="needs bash and /dev/fd")
def test_process_substitution(tmp_path: Path) -> None:
    """Also of a command that has ended before it is read, and with an error in what it says."""
    (tmp_path / "net.yaml").write_text(SPEC)
    (tmp_path / "wrong.yaml").write_text(SPEC.replace("conv", "cnov"))
    program = " ".join(f"'{word}'" for word in PROGRAM)
    script = f"{program} compare <(cat net.yaml) <(sleep 0.2; cat net.yaml); {program} report <(cat wrong.yaml)"
    done = subprocess.run(["/bin/bash", "-c", script], capture_output=True, text=True, cwd=tmp_path, check=False,
                          env=with_path())  # fmt: skip

    assert 2 == done.returncode
    assert done.stdout.count("/dev/fd/") >= 2
    assert "    6 | - {op: cnov, k: 3, out: 4}" in done.stderr


def make_device(path: Path) -> None:
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("only root makes devices")


def make_socket(path: Path) -> None:
    os.mknod(path, stat.S_IFSOCK | 0o666)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (Path.mkdir, "is a directory"),
        (make_device, "is a device or a socket, not a file"),
        (make_socket, "is a device or a socket, not a file"),
        (lambda path: path.symlink_to(path), "too many levels of symbolic links"),
    ],
    ids=["folder", "zeros", "socket", "cycle"],
)
def test_what_is_no_file(make: Callable[[Path], None], message: str, tmp_path: Path) -> None:
    make(tmp_path / "net.yaml")
    for command in READING.values():
        result = CliRunner().invoke(main, [*command, str(tmp_path / "net.yaml")])
        assert (2, "") == (result.exit_code, result.stdout)
        assert f"net.yaml: {message}\n" in result.stderr
    result = CliRunner().invoke(main, ["check", "--config", str(tmp_path / "net.yaml")])
    assert (2, True) == (result.exit_code, f"net.yaml: {message}\n" in result.stderr)
