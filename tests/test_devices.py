"""Devices: the files of specs/devices beside their reference, `check --fits` in every form, and wrong input."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

import costcalc
from costcalc.cli import main
from costcalc.errors import SpecError, UsageError
from costcalc.typed.devices import FORMATS, device_names, load_device

GOLDEN = Path(__file__).parent / "golden" / "devices" / "devices.csv"
BOARD = """\
costcalc: 1
device: board
kind: mcu
ram: 1KiB
flash: 100B
source: "by hand"
"""
TINY = """\
costcalc: 1
name: tiny
input: 8x8x4
layers:
- {op: conv, k: 1, out: 4}
- {op: conv, k: 1, out: 8}
"""
"""As int8: 256 + 512 = 768 bytes at the peak, 16 + 32 = 48 of weights."""


def run(*args: str) -> Result:
    """A command that must not fail with a foreign exception."""
    result = CliRunner().invoke(main, args)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of its own with a network and a board, as the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    (tmp_path / ".git").mkdir()
    (tmp_path / "tiny.yaml").write_text(TINY)
    (tmp_path / "board.yaml").write_text(BOARD)
    return tmp_path


def test_files_have_the_figures_of_the_reference() -> None:
    with GOLDEN.open(encoding="utf-8") as file:
        rows = {row["device"]: row for row in csv.DictReader(file)}

    devices = {device.title: device for device in map(load_device, device_names())}
    assert set(rows) == set(devices)
    for title, row in rows.items():
        device = devices[title]
        memory = device.ram if device.kind == "mcu" else device.on_chip
        speeds = [row[f"macs_per_s_{column}"] for column in ("fp32", "fp16", "int8")]

        assert (row["kind"], row["on_chip_bytes"]) == (device.kind, "" if memory is None else str(memory)), title
        assert row["flash_bytes"] == ("" if device.flash is None else str(device.flash)), title
        assert [float(speed) if speed else None for speed in speeds] == [
            device.macs_per_second.get(dtype) for dtype in FORMATS
        ], title
        assert (float(row["dram_bytes_per_s"]) if row["dram_bytes_per_s"] else None) == device.bandwidth, title
        assert row["confidence"] == device.confidence, title
        assert bool(device.recalled) == ("recalled" in row["confidence"]), title


def test_every_file_is_named_as_its_device_and_has_a_source() -> None:
    for name in device_names():
        assert load_device(name).name == name
        assert load_device(name).source


def test_stm32f746() -> None:
    """The kernel's documentation: 320 KB of SRAM, 1 MB of flash."""
    device = load_device("STM32F746")

    assert (320 * 1024, 1024 * 1024) == (device.ram, device.flash)


def test_margins_by_hand() -> None:
    """768 of 1,024 bytes and 48 of 100."""
    result = run("check", "tiny.yaml", "--dtype", "int8", "--fits", "./board.yaml", "--format", "json")

    assert 0 == result.exit_code
    keys = ("verdict", "measure", "limit", "fits", "computed", "room")
    assert [
        ("holds", "peak_activation_bytes", 1024, "board RAM", 768, 256),
        ("holds", "weight_bytes", 100, "board flash", 48, 52),
    ] == [tuple(row[key] for key in keys) for row in json.loads(result.stdout)]


def test_what_does_not_fit() -> None:
    """In float32 four times as much: 3,072 and 192 bytes."""
    result = run("check", "tiny.yaml", "--fits", "./board.yaml")

    assert 1 == result.exit_code
    assert result.stdout.startswith("2 of 2 budgets do not hold\n")
    assert "not counted: code, stack, the runtime and its buffers; source: by hand" in result.stdout


def test_python() -> None:
    outcomes = costcalc.check("tiny.yaml", fits="./board.yaml", dtype="int8", max_params=40)

    assert [True, True, False] == sorted((outcome.holds for outcome in outcomes), reverse=True)
    assert ["", "RAM", "flash"] == [outcome.budget.memory for outcome in outcomes]


def test_beside_other_budgets_every_row_says_whether_it_is_a_devices() -> None:
    args = ("check", "tiny.yaml", "--fits", "./board.yaml", "--max-params", "40", "--dtype", "int8")

    rows = list(csv.DictReader(run(*args, "--format", "csv").stdout.splitlines()))
    assert ["", "board RAM", "board flash"] == [row["fits"] for row in rows]


def test_github_and_junit() -> None:
    args = ("check", "tiny.yaml", "--fits", "./board.yaml")

    github = run(*args, "--format", "github").stdout
    root = ElementTree.fromstring(run(*args, "--format", "junit").stdout)

    assert "is 92 (92.00 %25) above the budget of 100, the flash of board" in github
    assert "\nboard: board; not counted: code, stack" in github
    assert ["fits-board-RAM", "fits-board-flash"] == [case.get("name") for case in root.iter("testcase")]


def test_a_recalled_figure_says_so() -> None:
    recalled = run("check", "tiny.yaml", "--fits", "esp32").stdout
    read = run("check", "tiny.yaml", "--fits", "stm32f746").stdout

    assert "ram and flash recalled, not read: check them" in recalled
    assert "recalled, not read" not in read


def test_in_a_file_of_budgets(folder: Path) -> None:
    """A path is relative to the file."""
    (folder / "inner").mkdir()
    (folder / "inner" / "board.yaml").write_text(BOARD.replace("100B", "10B"))
    (folder / "inner" / "costs.toml").write_text(
        '[[check]]\nnetwork = "../tiny.yaml"\ndtype = "int8"\nfits = "./board.yaml"\n\n'
        '[[check]]\nnetwork = "mobilenet_v1"\nfits = "stm32f746"\n'
    )

    result = run("check", "--config", "inner/costs.toml", "--format", "json")

    assert 1 == result.exit_code
    rows = [(row["fits"], row["limit"], row["verdict"]) for row in json.loads(result.stdout)]
    assert [("board RAM", 1024, "holds"), ("board flash", 10, "broken")] == rows[:2]
    assert ("stm32f746 RAM", 327_680, "broken") == rows[2]


def test_wrong_in_a_file_of_budgets(folder: Path) -> None:
    (folder / "costcalc.toml").write_text(
        '[[check]]\nnetwork = "tiny.yaml"\nfits = "stm32f47"\n\n[[check]]\nnetwork = "tiny.yaml"\nfits = 3\n'
    )

    result = run("check")

    assert 2 == result.exit_code
    assert "costcalc.toml:3:8: unknown device 'stm32f47'" in result.stderr
    assert "did you mean 'stm32f407'?" in result.stderr
    assert "costcalc.toml:7:8: fits is not a text" in result.stderr


@pytest.mark.parametrize("text", ["SECRET: 1\n", BOARD.replace("by hand", "SECRET") + "title: SECRET\n"])
def test_a_file_of_budgets_shows_nothing_of_another_tree(text: str, folder: Path) -> None:
    """Wrong or right, what a stranger's file of budgets leads to outside of its repository is not printed."""
    tree = folder / "theirs"
    (tree / ".git").mkdir(parents=True)
    (folder / "private.yaml").write_text(text)
    (tree / "tiny.yaml").write_text(TINY)
    (tree / "costcalc.toml").write_text('[[check]]\nnetwork = "tiny.yaml"\nfits = "../private.yaml"\n')

    for format in ("table", "json", "github", "junit"):
        result = run("check", "--config", "theirs/costcalc.toml", "--format", format)

        assert result.exit_code in (1, 2)
        assert "SECRET" not in result.output


def test_fits_without_a_network_is_refused() -> None:
    result = run("check", "--fits", "stm32f746")

    assert 2 == result.exit_code
    assert "--fits without a NETWORK" in result.stderr


@pytest.mark.parametrize(
    ("name", "message", "expected", "near"),
    [
        ("stm32f47", "unknown device 'stm32f47'", "a device of `costcalc list devices`", "stm32f407"),
        ("rtx_4090", "rtx_4090 has no figures of RAM and flash", "as esp32, esp32_s3", ""),
        ("./none.yaml", "./none.yaml: no such file or directory", "a file of a device", ""),
    ],
)
def test_wrong_devices(name: str, message: str, expected: str, near: str) -> None:
    with pytest.raises(UsageError) as caught:
        costcalc.check("tiny.yaml", fits=name)

    assert caught.value.message.startswith(message)
    assert expected in caught.value.expected
    assert near == caught.value.nearest


@pytest.mark.parametrize(
    ("line", "wrong", "place", "message"),
    [
        ("ram: 1KiB", "ram: 1024", "4:6", "ram: '1024' has no unit"),
        ("ram: 1KiB", "ram: 1KB2", "4:6", "ram: '1KB2' is no quantity"),
        ("ram: 1KiB", "ram: 0KiB", "4:6", "ram is zero"),
        ("ram: 1KiB", "ram: [1]", "4:6", "ram is not a quantity"),
        ("ram: 1KiB", "rum: 1KiB", "4:1", "unknown device key 'rum'"),
        ("kind: mcu", "kind: mcp", "3:7", "unknown kind 'mcp'"),
        ("device: board", "device: 'a b'", "2:9", "the device's name must be a name"),
        ("device: board", "title: board", "1:1", "a device without a name"),
        ("source:", "recalled: [rom]\nsource:", "6:12", "unknown figure 'rom'"),
        ("source:", "macs_per_second: {int9: 3M}\nsource:", "6:19", "unknown macs_per_second key 'int9'"),
        ("source:", "macs_per_second: {int8: 3Q}\nsource:", "6:25", "int8: '3Q': unknown unit 'Q'"),
    ],
)
def test_wrong_files(folder: Path, line: str, wrong: str, place: str, message: str) -> None:
    (folder / "wrong.yaml").write_text(BOARD.replace(line, wrong))

    with pytest.raises(SpecError) as caught:
        load_device("./wrong.yaml")

    assert f"./wrong.yaml:{place}: {message}" in str(caught.value)


def test_a_board_without_flash() -> None:
    Path("part.yaml").write_text(BOARD.replace("flash: 100B\n", ""))

    with pytest.raises(UsageError, match=r"^board has no figures of flash,"):
        costcalc.check("tiny.yaml", fits="./part.yaml")


def test_list_devices() -> None:
    rows = {row["device"]: row for row in json.loads(run("list", "devices", "--format", "json").stdout)}

    assert set(device_names()) == set(rows)
    assert (327_680, 1_048_576, "macs_per_second") == tuple(
        rows["stm32f746"][key] for key in ("ram", "flash", "recalled")
    )


def test_several_devices_each_hold() -> None:
    """768 bytes do not fit the RAM of the first: the second, which comes last, does not hide it."""
    Path("small.yaml").write_text(BOARD.replace("board", "small").replace("1KiB", "767B"))

    args = ("check", "tiny.yaml", "--dtype", "int8", "--fits", "./small.yaml", "--fits", "./board.yaml")
    result = run(*args, "--format", "json")
    verdicts = [(row["fits"], row["verdict"]) for row in json.loads(result.stdout)]
    assert 1 == result.exit_code
    assert [
        ("small RAM", "broken"), ("small flash", "holds"), ("board RAM", "holds"), ("board flash", "holds"),
    ] == verdicts  # fmt: skip
    assert run(*args).stdout.splitlines()[-1].startswith("convention paper: ")
    assert 4 == len(costcalc.check("tiny.yaml", fits=("./small.yaml", "./board.yaml")))


def test_a_file_that_is_no_mapping_has_its_place() -> None:
    Path("words.yaml").write_text("just words\n")

    result = run("check", "tiny.yaml", "--fits", "./words.yaml")
    assert 2 == result.exit_code
    assert result.stderr.startswith("./words.yaml:1:1: a device must be a mapping\n")
