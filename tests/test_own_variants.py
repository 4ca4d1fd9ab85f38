"""`mine.yaml:small` is a network of a person's own file by its name there, wherever a network is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import costcalc
from costcalc.cli import main
from costcalc.errors import UsageError
from costcalc.network import in_folder

TEXT = """
costcalc: 1
name: mine
input: 8x8x4
layers:
- {op: conv, k: 1, c: 16}
- {op: conv, k: 1, c: =10}
variants:
  mine_small: {alpha: 0.5}
also:
  lib/Net: {variant: mine_small, rows: {conv1: {k: 3}}}
published:
- {mult_adds: 14336, at: Table 1}
- {variant: mine_small, mult_adds: 7168, at: Table 1}
"""
SMALL = 64 * (4 * 8 + 8 * 10)
NET = 64 * (9 * 4 * 8 + 8 * 10)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text(TEXT, encoding="utf-8")
    return tmp_path


def run(*args: str, stdin: str | None = None) -> str:
    result = CliRunner().invoke(main, [*args], input=stdin)
    assert 0 == result.exit_code, result.output
    return result.stdout


@pytest.mark.parametrize("file", ["mine.yaml", "./mine.yaml", "{folder}/mine.yaml", "-"])
def test_a_variant_of_a_file(file: str, folder: Path) -> None:
    """By whatever path, and from standard input; with what stands after an @, too."""
    file = file.format(folder=folder)
    for name, cost in (("mine_small", SMALL), ("lib/Net", NET), ("mine", 2 * SMALL), ("mine@alpha=0.5", SMALL)):
        totals = json.loads(run("report", f"{file}:{name}", "-f", "json", stdin=TEXT))["totals"]
        assert cost == totals["mult_adds"], name


def test_in_every_command() -> None:
    net = "mine.yaml:mine_small"
    Path("costcalc.toml").write_text(f'[[check]]\nnetwork = "{net}"\nmax-mult-adds = "{SMALL}"\n', encoding="utf-8")

    assert f"{SMALL:,}" in run("compare", net, "mine.yaml")
    assert f"{SMALL:,}" in run("sweep", net, "--alpha", "0.5,1")
    assert "input: 8x8x4" in run("show", net)
    assert "mine_small" in run("formula", net)
    assert "1 exact" in run("verify", net)
    assert "2 exact" in run("verify", "mine.yaml")
    assert net in run("check")
    assert SMALL == costcalc.load(net).report().totals.total
    assert NET == costcalc.load("mine.yaml:lib/Net").report().totals.total


def test_of_a_budget_beside_its_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path in a file of budgets is relative to it; the base of a branch is the same file elsewhere."""
    Path("costcalc.toml").write_text(f'[[check]]\nnetwork = "mine.yaml:lib/Net"\nmax-mult-adds = "{NET}"\n')
    (folder / "below").mkdir()
    monkeypatch.chdir(folder / "below")

    run("check", "--config", "../costcalc.toml")
    assert f"{folder / 'mine.yaml'}:lib/Net@alpha=1" == in_folder("mine.yaml:lib/Net@alpha=1", str(folder))


@pytest.mark.parametrize(
    ("name", "message", "near"),
    [
        ("mine.yaml:mine_smal", "mine.yaml has no network 'mine_smal'", "mine_small"),
        ("mine.yaml:", "mine.yaml has no network ''", ""),
        ("none.yaml:mine", "none.yaml: no such file or directory", ""),
        ("~no_such_user/none.yaml:mine", "'~no_such_user/none.yaml' is not a path", ""),
        ("mobilenet_v1:small", "no network 'mobilenet_v1:small'", "mobilenet_v3_small"),
    ],
)
def test_a_name_that_is_not_there(name: str, message: str, near: str) -> None:
    with pytest.raises(UsageError) as error:
        costcalc.load(name)

    assert (message, near) == (error.value.message, error.value.nearest)
    assert name.startswith("mine.yaml") == (error.value.expected == "lib/Net, mine or mine_small")


def test_a_file_whose_name_looks_so_is_that_file(folder: Path) -> None:
    Path("mine.yaml:b.yaml").write_text(TEXT.replace("c: 16", "c: 32"), encoding="utf-8")

    assert 4 * SMALL == costcalc.load(f"{folder}/mine.yaml:b.yaml").report().totals.total


def test_what_a_file_holds_that_nobody_may_see(folder: Path) -> None:
    """A link out of the folder is read, and its names are not told."""
    (folder / "other").mkdir()
    (folder / "own").mkdir()
    (folder / "other" / ".git").mkdir()
    (folder / "other" / "secret.txt").write_text(TEXT, encoding="utf-8")
    (folder / "own" / "link.yaml").symlink_to("../other/secret.txt")

    with pytest.raises(UsageError) as error:
        costcalc.load("own/link.yaml:mine_smal")

    assert ("a network of that file", "") == (error.value.expected, error.value.nearest)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("lib/net", "Net"), ("lib/same", "Small net"), ("lib/default", "Net"), ("lib/other", "lib/other"),
        ("lib/deep", "lib/deep"), ("lib/rows", "lib/rows"),
        ("lib/told", "Told"), ("lib/widths", "lib/widths"),
        ("net_small", "Small net"),
        ("net_narrow", "Small net"),
    ],
)  # fmt: skip
def test_titles_of_libraries(name: str, title: str) -> None:
    """That of what it is built on where the library alone differs; else its own name, if the file states no other."""
    text = """
costcalc: 1
name: net
title: Net
input: 8x8x4
settings: {k: 1}
layers: [{op: conv, k: k, c: 16}]
variants:
  net_small: {title: Small net, alpha: 0.5}
  net_narrow: {variant: net_small, alpha: 0.25}
also:
  lib: {defaults: {conv: {bias: true}}}
  lib/net: {}
  lib/same: {variant: net_small, alpha: 1/2, as: {conv: method}}
  lib/default: {alpha: 1, k: 1}
  lib/other: {alpha: 2}
  lib/deep: {variant: net_small, k: 3}
  lib/rows: {rows: {conv1: {k: 5}}}
  lib/told: {k: 7, title: Told}
  lib/widths: {widths: {scale: alpha, round: round8}}
"""
    Path("net.yaml").write_text(text, encoding="utf-8")
    assert title == costcalc.load(f"net.yaml:{name}").title


def test_no_title_of_another_network() -> None:
    """In the caption and the label of a table as well."""
    table = run("report", "torchvision/wide_resnet101_2", "-f", "latex")
    assert "Wide ResNet-50-2" not in table
    assert (
        r"\caption{torchvision/wide\_resnet101\_2, input" in table
        and r"\label{tab:torchvision-wide-resnet101-2" in table
    )
    assert "Wide ResNet-50-2" == costcalc.load("torchvision/wide_resnet50_2").title
