"""Where results are written: regular files whole or not at all, special files as what they are."""

from __future__ import annotations

import ast
import contextlib
import errno
import os
import resource
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import costcalc
from costcalc.cli import main
from costcalc.errors import UsageError
from costcalc.report import files

COMMANDS = {
    "list": ["list", "lenet5"],
    "report": ["report", "lenet5"],
    "show": ["show", "lenet5"],
    "source": ["show", "lenet5", "--source"],
    "sweep": ["sweep", "lenet5", "-a", "0.5,1"],
    "stream": ["sweep", "lenet5", "-a", "0.5,1", "-f", "csv"],
    "compare": ["compare", "lenet5", "nin"],
    "identify": ["identify", "lenet5"],
    "separable": ["separable", "nin"],
    "formula": ["formula", "lenet5"],
    "advise": ["advise", "lenet5"],
    "compress": ["compress", "lenet5@prune=0.5"],
    "explain": ["explain", "lenet5", "--against", "fvcore"],
    "check": ["check", "lenet5", "--max-params", "1G"],
    "verify": ["verify", "nin"],
}
every_command = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)


def run(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


def names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


def printed(command: list[str]) -> str:
    result = run(*command)
    assert (0, "") == (result.exit_code, result.stderr)
    return result.stdout


def test_every_command_is_here() -> None:
    from costcalc.cli.main import COMMANDS as known

    assert {command[0] for command in COMMANDS.values()} == set(known) - {"new"}  # which prints no result


@every_command
def test_a_fifo_is_written_and_stays(command: list[str], tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    heard: list[str] = []
    reader = threading.Thread(target=lambda: heard.append(fifo.read_text()), daemon=True)
    reader.start()

    result = run(*command, "-o", str(fifo))
    reader.join(20)

    assert (0, "", "") == (result.exit_code, result.stdout, result.stderr)
    assert stat.S_ISFIFO(fifo.lstat().st_mode)
    assert [fifo] == list(tmp_path.iterdir())
    assert [printed(command)] == heard


@every_command
def test_through_a_link_its_target_is_replaced(command: list[str], tmp_path: Path) -> None:
    """Also through several, and one that leads nowhere yet."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "there").symlink_to("folder/target")
    (tmp_path / "link").symlink_to(tmp_path / "there")
    for _ in range(2):
        assert 0 == run(*command, "-o", str(tmp_path / "link")).exit_code
        assert (tmp_path / "link").is_symlink() and (tmp_path / "there").is_symlink()
        assert ["target"] == names(folder)
        assert printed(command) == (folder / "target").read_text()


@every_command
def test_hard_links_stay_one_file(command: list[str], tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("what stood here before\n" * 10_000)
    second.hardlink_to(first)

    assert 0 == run(*command, "-o", str(first)).exit_code

    assert first.samefile(second)
    assert printed(command) == second.read_text()
    assert 2 == len(list(tmp_path.iterdir()))


@pytest.mark.parametrize("command", [COMMANDS["report"], COMMANDS["stream"]], ids=["report", "stream"])
def test_a_replaced_file_keeps_its_mode_and_owner(command: list[str], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    file.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(file, 1234, 5678)
    before = file.stat()

    assert 0 == run(*command, "-o", str(file)).exit_code

    after = file.stat()
    assert (before.st_mode, before.st_uid, before.st_gid) == (after.st_mode, after.st_uid, after.st_gid)
    assert before.st_ino != after.st_ino
    assert file.read_text() == printed(command)


def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    (tmp_path / "usual").write_text("")
    run("report", "lenet5", "-o", str(tmp_path / "file"))

    assert (tmp_path / "usual").stat().st_mode == (tmp_path / "file").stat().st_mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_a_device_is_written_and_stays(tmp_path: Path) -> None:
    null = tmp_path / "null"
    try:
        os.mknod(null, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        null.write_bytes(b"")
    except PermissionError:
        pytest.skip("no devices here, even for root")

    for command in COMMANDS.values():
        assert 0 == run(*command, "-o", str(null)).exit_code
    assert (stat.S_ISCHR(null.lstat().st_mode), os.makedev(1, 3)) == (True, null.stat().st_rdev)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
@pytest.mark.parametrize("name", ["/dev/stdout", "/proc/self/fd/1", "/dev/fd/1", "link"])
def test_a_descriptor_is_written_as_it_is(name: str, tmp_path: Path) -> None:
    """A log that is appended to keeps what stood there, and its place on the disk."""
    log = tmp_path / "log"
    log.write_text("before\n")
    (tmp_path / "link").symlink_to("/proc/self/fd/1")
    before = log.stat().st_ino
    with log.open("ab") as end:
        command = [sys.executable, "-m", "costcalc", "report", "lenet5", "-o", name]
        subprocess.run(command, stdout=end, check=True, cwd=tmp_path, env=os.environ)

    assert (f"before\n{printed(COMMANDS['report'])}", before) == (log.read_text(), log.stat().st_ino)


def too_large() -> None:
    """In the child: no file may pass 4 kB."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


@pytest.mark.parametrize("links", [1, 2])
@pytest.mark.parametrize(
    "command", ["report vgg16 -f json", "sweep vgg16 -a 0.01:1:0.01 -f csv", "report vgg16 -f html"]
)
def test_a_disk_that_fills_leaves_the_old_file(command: str, links: int, tmp_path: Path) -> None:
    """Where a file has two names as well: it is not touched before all is there."""
    file = tmp_path / "file"
    file.write_text("old")
    if links == 2:
        (tmp_path / "second").hardlink_to(file)
    program = [sys.executable, "-B", "-m", "costcalc", *command.split(), "-o", str(file)]  # its bytecode would be cut
    done = subprocess.run(program, capture_output=True, text=True, preexec_fn=too_large, check=False)

    assert (2, "") == (done.returncode, done.stdout)
    assert f"Error: {file}: file too large\n  expected: a file that can be written\n" == done.stderr
    assert "old" == file.read_text()
    assert links == len(list(tmp_path.iterdir()))


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="needs a system that can reserve room")
@pytest.mark.parametrize(("number", "left"), [(errno.ENOSPC, b"old"), (errno.EOPNOTSUPP, b"the new one")])
def test_room_is_there_before_the_old_text_goes(
    number: int, left: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a file with two names, which is written in place. Where nothing can be reserved it is written all the same."""
    (tmp_path / "file").write_text("old")
    (tmp_path / "second").hardlink_to(tmp_path / "file")

    def full(descriptor: int, start: int, size: int) -> None:
        os.pwrite(descriptor, b"\0\0", start)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "posix_fallocate", full)
    with contextlib.suppress(UsageError):
        files.write_whole(b"the new one", str(tmp_path / "file"))

    assert left == (tmp_path / "second").read_bytes()


def spellings(folder: Path, ending: str) -> list[tuple[str, str]]:
    """Pairs of names of one file."""
    new, old, soft, hard, later = (f"{name}{ending}" for name in ("new", "old", "soft", "hard", "later"))
    (folder / old).write_text("")
    (folder / soft).symlink_to(old)
    (folder / hard).hardlink_to(folder / old)
    (folder / "sub").mkdir()
    (folder / "there").symlink_to(".")
    (folder / later).symlink_to(new)
    return [(new, new), (new, f"./sub/../{new}"), (new, str(folder / new)), (old, soft), (old, hard),
            (new, f"there/{new}"), (new, later)]  # fmt: skip


@pytest.mark.parametrize(
    "command",
    ["report lenet5 --plot", "compare lenet5 nin --plot", "sweep lenet5 -a 0.5,1 --plot", "list lenet5 --plot",
     "explain lenet5 --against flops --plot", "compress lenet5@prune=0.1 --plot", "compress w.npz --write-recipe"],
    ids=lambda command: command.split()[0] + command.split()[-1],
)  # fmt: skip
def test_a_second_file_is_none_of_the_result(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    *words, option = command.split()
    ending = ".yaml" if option == "--write-recipe" else ".svg"
    for output, file in spellings(tmp_path, ending):
        result = run(*words, "-f", "csv", "-o", output, option, file)
        assert (2, "") == (result.exit_code, result.stdout)
        assert f"Error: {option} {file} and --output {output} are one file\n  expected: two files\n" == result.stderr
    assert not (tmp_path / f"new{ending}").exists() and "" == (tmp_path / f"old{ending}").read_text()


def test_a_picture_does_not_go_where_standard_output_goes(tmp_path: Path) -> None:
    command = f"'{sys.executable}' -m costcalc report lenet5 --plot {tmp_path}/a.svg > {tmp_path}/a.svg"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)

    assert (2, True) == (done.returncode, "is where standard output goes" in done.stderr)


@every_command
@pytest.mark.parametrize("ending", [".pdf", ".xlsx", ".csv.gz", ".PDF", ".x y"])
def test_an_ending_of_no_format_is_an_error(command: list[str], ending: str, tmp_path: Path) -> None:
    plain = command[:-2] if "-f" in command else command
    result = run(*plain, "-o", str(tmp_path / f"out{ending}"))

    assert (2, "", []) == (result.exit_code, result.stdout, list(tmp_path.iterdir()))
    assert f"out{ending}: " in result.stderr
    assert "  expected: a file that ends in ." in result.stderr


def test_the_endings_of_a_command() -> None:
    assert run("report", "lenet5", "-o", "r.pdf").stderr == (
        "Error: r.pdf: '.pdf' is the ending of no format\n"
        "  expected: a file that ends in .csv, .htm, .html, .json, .md, .tex or .txt, or --format\n"
    )
    assert "did you mean '.csv'?" in run("report", "lenet5", "-o", "r.cvs").stderr
    assert ".jsonl, .md, .ndjson, .parquet" in run("sweep", "lenet5", "-a", "1", "-o", "r.pdf").stderr
    assert ".py" in run("formula", "lenet5", "-o", "r.pdf").stderr


@pytest.mark.parametrize("name", ["result", "result.txt", "result.pdf", "result.csv", ".hidden", "result."])
def test_a_format_that_is_given_goes_before_the_ending(name: str, tmp_path: Path) -> None:
    """Without either, a file without an ending is a table, as standard output is."""
    file = tmp_path / name
    assert 0 == run("report", "lenet5", "-f", "table", "-o", str(file)).exit_code
    assert printed(COMMANDS["report"]) == file.read_text()
    if name in ("result", "result.txt", ".hidden", "result."):
        assert 0 == run("report", "lenet5", "-o", str(file)).exit_code
        assert printed(COMMANDS["report"]) == file.read_text()


def test_a_temporary_file_is_known_by_its_name(tmp_path: Path) -> None:
    """It begins with a dot, and ends in no format's ending, however long the file's own name is."""
    name = "ü" * 120 + ".csv"
    with files.whole_file(str(tmp_path / name)) as out:
        out.write(b"half")
        (beside,) = tmp_path.iterdir()
    assert beside.name.startswith(".ü") and f".costcalc-{os.getpid()}-" in beside.name
    assert (".tmp", [name]) == (beside.suffix, names(tmp_path))


def test_a_stranger_in_the_folder_is_left_alone(tmp_path: Path) -> None:
    stale = tmp_path / f".out.csv.costcalc-{os.getpid()}-00000000.tmp"
    stale.write_text("of an earlier run")
    run("report", "lenet5", "-o", str(tmp_path / "out.csv"))

    assert "of an earlier run" == stale.read_text()
    assert {stale.name, "out.csv"} == set(names(tmp_path))


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to(path)], ids=["folder", "cycle of links"])
def test_what_cannot_be_written_is_an_error(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "x")
    for command in COMMANDS.values():
        result = run(*command, "-o", str(tmp_path / "x"))
        assert (2, "") == (result.exit_code, result.stdout)
        assert "  expected: a file that can be written\n" in result.stderr


@pytest.mark.parametrize("name", ["", "new/", "a\0b", "no/such/folder", "n" * 300])
def test_names_that_are_none(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("report", "lenet5", "-o", name)

    assert (2, "", []) == (result.exit_code, result.stdout, names(tmp_path))


def test_an_error_on_the_way_leaves_the_old_file(tmp_path: Path) -> None:
    """In Python as well: two points, of which the second has no network."""
    file = tmp_path / "sweep.csv"
    file.write_text("old")
    with pytest.raises(costcalc.UsageError):
        costcalc.sweep_to(str(file), "alexnet", axes={"resolution": [224, 20]})

    assert ("old", [file]) == (file.read_text(), list(tmp_path.iterdir()))


def test_one_file_writes_files() -> None:
    """Every other that opens one for writing would lose the care that report/files.py takes."""
    package = Path(costcalc.__file__).parent
    writing = {"write_text", "write_bytes", "savefig", "NamedTemporaryFile", "mkstemp", "O_WRONLY", "O_RDWR", "O_CREAT"}
    found = set()
    for file in package.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in writing:
                found.add(file.relative_to(package).as_posix())
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("open"):
                modes = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                if any(isinstance(mode, str) and set(mode) & set("wax+") for mode in modes):
                    found.add(file.relative_to(package).as_posix())

    assert {
        "report/files.py",
        "cli/streams.py",  # in place of a stream that is closed
        "report/plots/canvas.py",  # into memory
    } == found
