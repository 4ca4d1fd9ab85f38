"""An accuracy is found by what a point is: by a variant's name, by settings after a name, or by a sweep's axis."""

from __future__ import annotations

from pathlib import Path

import pytest

import costcalc

TEXT = """
costcalc: 1
name: net
input: 32x32x4
settings: {classes: 10, depth: 1}
let: {head: 16}
layers:
- conv: {op: conv, k: 3, c: 16}
- {op: conv, k: 1, out: head}
variants:
  net_1: {}
  net_half: {alpha: 0.5, year: 2020}
  net_big: {variant: net_half, input: 64x64x4}
  net_deep: {depth: 2}
  net_wide: {let: {head: 32}}
  net_k{depth}: {depth: [5, 6], rows: {conv: {k: 5}}}
  net_rgba: {input: 32x32x2}
also:
  lib/net: {}
published:
- {top1: 50, at: "Table 1"}
- {variant: net_half, top1: 40, at: "Table 1"}
- {variant: net_half, resolution: 16, top1: 30, at: "Table 1"}
- {variant: net_big, top1: 45, at: "Table 1"}
- {variant: net_deep, top1: 55, at: "Table 2"}
- {depth: 2, top1: 56, at: "code"}
- {variant: net_wide, top1: 60, at: "Table 3"}
- {variant: net_k5, top1: 65, at: "Table 4"}
- {variant: net_k6, top1: 66, at: "Table 4"}
- {variant: net_rgba, alpha: 2, top1: 33, at: "Table 5"}
- {variant: lib/net, alpha: 2, top1: 70, at: "its weights"}
"""


@pytest.fixture
def net(tmp_path: Path) -> str:
    file = tmp_path / "net.yaml"
    file.write_text(TEXT, encoding="utf-8")
    return str(file)


@pytest.mark.parametrize(
    ("name", "top1"),
    [
        (":net", 50), (":net_1", 50), (":net_half@alpha=1", 50), (":net_big@alpha=1@resolution=32", 50),
        (":net_half", 40), ("@alpha=0.5", 40), (":net_big@resolution=32", 40), (":net_deep@depth=1@alpha=0.5", 40),
        (":net_half@resolution=16", 30), ("@alpha=0.5@beta=0.5", 30), (":net_big@beta=1/4", 30),
        (":net_big", 45), ("@alpha=0.5@resolution=64", 45), ("@alpha=0.5@beta=2", 45),
        (":net_deep", 55), ("@depth=2", 55),
        (":net_wide", 60), (":net_wide@alpha=0.5", None),
        (":net_k5", 65), (":net_k6@depth=5", 65), ("@depth=5", None),
        (":net_rgba@alpha=2", 33), (":net_rgba", None),
        ("@alpha=2", None), (":lib/net@alpha=2", 70), (":lib/net", None), (":lib/net@alpha=0.5", None),
    ],
)  # fmt: skip
def test_by_every_name(net: str, name: str, top1: float | None) -> None:
    """What states layers, `let`, widths or channels is itself alone, a library's name has weights of its own; of two
    figures for one point the first in the file counts."""
    assert top1 == costcalc.load(net + name).published_figure("top1")


def test_by_the_axes_of_a_sweep(net: str) -> None:
    """Of the file's own network and of a variant, which has other settings where no axis changes them."""
    for name in (net, f"{net}:net_big"):
        rows = costcalc.sweep(name, axes={"alpha": "0.5,1", "resolution": "16,32,64", "depth": "1,2"}).rows
        found = {(row["alpha"], row["resolution"], row["depth"]): row["top1"] for row in rows if row["top1"]}
        assert {(0.5, 16, 1): 30, (0.5, 32, 1): 40, (0.5, 64, 1): 45, (1, 32, 1): 50, (1, 32, 2): 55} == found
    assert [30, 40] == [row["top1"] for row in costcalc.sweep(f"{net}:net_big", axes={"beta": "1/4,1/2"}).rows]


def test_the_best_of_several_networks_knows_variants() -> None:
    """ShuffleNetV2 1.5x: 72.6 and 299M in its paper, Tables 5 and 8; the catalogue has it as a variant."""
    nets = ("mobilenet_v1", "mobilenet_v2", "shufflenet_v2")
    axes = {"alpha": "0.5:1.5:0.5", "resolution": "192,224"}
    best = costcalc.widest(nets, axes, max_mult_adds="300M").rows[0]

    assert ("shufflenet_v2", 1.5, 224, 72.6) == tuple(best[key] for key in ("network", "alpha", "resolution", "top1"))
    listed = {row["network"]: row["top1"] for row in costcalc.networks("shufflenet_v2").rows}
    assert 69.4 == listed["shufflenet_v2"] == listed["shufflenet_v2_x1_0"]


@pytest.mark.parametrize(
    "recipe", ["./sub/half.yaml", "sub/half.yaml", "./sub/../sub/half.yaml", "{folder}/sub/half.yaml"]
)
def test_of_a_recipe_beside_the_file(recipe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file writes the recipe's path from its own folder, a person from theirs."""
    (tmp_path / "sub").mkdir()
    published = 'published:\n- {transform: recipe=./half.yaml, params: 592, top1: 40, at: "Table 1"}\n'
    (tmp_path / "sub" / "net.yaml").write_text(TEXT.split("variants:", maxsplit=1)[0] + published, encoding="utf-8")
    rows = "costcalc: 1\nrecipe: half\ntitle: half\nsteps:\n- prune: 0.5\n"
    (tmp_path / "sub" / "half.yaml").write_text(rows, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    named = f"sub/net.yaml@recipe={recipe.format(folder=tmp_path)}"

    assert ["params"] == [check.figure for check in costcalc.verify(named)]
    assert 40 == costcalc.load(named).published_figure("top1")
    assert [] == list(costcalc.verify("sub/net.yaml@prune=0.5"))
