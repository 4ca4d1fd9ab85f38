"""The shared blocks of specs/blocks: networks of them have the parameters that are known of these networks."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

import costcalc
from costcalc.api import Report
from costcalc.cli import main


def report(text: str) -> Report:
    """The report of a spec without its first lines."""
    return costcalc.from_spec(f"costcalc: 1\nname: t\n{text}").report()


def test_vit_b_16() -> None:
    """torchvision's vit_b_16: num_params 86567656, _ops 17.564."""
    vit = report(
        """\
input: 224x224x3
use: [transformer]
layers:
- {op: conv, k: 16, s: 16, pad: valid, out: 768, bias: true}
- {op: tokens}
- {op: transformer, heads: 12, hidden: 3072, n: 12}
- {op: class_token}
- {op: linear, out: 1000}
"""
    )

    assert vit.params == 86_567_656
    assert f"{vit.mult_adds / 10**9:.3f}" == "17.564"


def test_attention_of_a_map() -> None:
    """4x4 positions of 8 channels: four maps of 8 x 8 weights, scores and their sums over 16 x 16 pairs; no biases."""
    attention = report("input: 4x4x8\nuse: [attention]\nlayers:\n- {op: attention, heads: 2, bias: false}\n")

    assert attention.mult_adds == 4 * (16 * 8 * 8) + 2 * (16 * 16 * 8)
    assert attention.params == 4 * (8 * 8) + 8  # the last map keeps its biases


RESNETS = {
    "torchvision/resnet50": ("bottleneck", (64, 128, 256, 512), 4, (3, 4, 6, 3), ""),
    "torchvision/resnext50_32x4d": ("bottleneck", (128, 256, 512, 1024), 2, (3, 4, 6, 3), "groups: 32"),
    "torchvision/resnet18": ("residual", (64, 128, 256, 512), 1, (2, 2, 2, 2), ""),
}


def resnet(op: str, widths: tuple[int, ...], times: int, copies: tuple[int, ...], more: str) -> str:
    """The stages of a ResNet, each by its name."""
    rows = ["- {op: conv, k: 7, s: 2, out: 64, norm: bn, act: relu}", "- {op: maxpool, k: 3, s: 2, pad: 1}"]
    for stage, (width, n) in enumerate(zip(widths, copies, strict=True)):
        mid = f"mid: {width}, " if op == "bottleneck" else ""
        first = "" if stage else "s: 1, "
        step = first or "s: 2, "
        rows.append(f"- c{stage + 2}: {{op: {op}, {mid}{step}n: {n}, c: {width * times}{', ' + more if more else ''}}}")
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize(("name", "stages"), RESNETS.items(), ids=RESNETS)
def test_resnets(name: str, stages: tuple[str, tuple[int, ...], int, tuple[int, ...], str]) -> None:
    """Equal to the catalogue's, which are torchvision's to the last figure: 25,557,032, 25,028,904 and 11,689,512."""
    last = "- {op: gap}\n- {op: linear, out: 1000}\n"
    ours = report(f"input: 224x224x3\nuse: [bottleneck]\nlayers:\n{resnet(*stages)}{last}")
    theirs = costcalc.load(name).report()

    assert (theirs.params, theirs.mult_adds) == (ours.params, ours.mult_adds)


PYRAMID = """\
- m5: {op: conv, out: 256, bias: true}
- m4: {op: pyramid_level, c: 256, from: [c4, m5]}
- m3: {op: pyramid_level, c: 256, from: [c3, m4]}
- m2: {op: pyramid_level, c: 256, from: [c2, m3]}
- {op: conv, k: 3, out: 256, bias: true, from: m2}
- {op: conv, k: 3, out: 256, bias: true, from: m3}
- {op: conv, k: 3, out: 256, bias: true, from: m4}
- {op: conv, k: 3, out: 256, bias: true, from: m5}
"""


def test_the_pyramid_of_torchvisions_detector() -> None:
    """fasterrcnn_resnet50_fpn, num_params 41755286: its norms are frozen, and it has two heads beside the pyramid."""
    stages = resnet(*RESNETS["torchvision/resnet50"])
    odd = report(f"input: 250x250x3\nuse: [bottleneck, feature_pyramid]\nlayers:\n{stages}{PYRAMID}")
    frozen = 2 * (64 + 3 * 64 * 6 + 256 + 4 * 128 * 6 + 512 + 6 * 256 * 6 + 1024 + 3 * 512 * 6 + 2048)
    proposals = (9 * 256 * 256 + 256) + (256 * 3 + 3) + (256 * 12 + 12)
    boxes = (256 * 7 * 7 * 1024 + 1024) + (1024 * 1024 + 1024) + (1024 * 91 + 91) + (1024 * 364 + 364)

    assert odd.params - frozen + proposals + boxes == 41_755_286
    sizes = [row["output"] for row in odd.rows if row["output"].endswith("x256")][-4:]
    assert sizes == ["63x63x256", "32x32x256", "16x16x256", "8x8x256"]  # no level is twice the one above


INVERTED = {
    "mobilenet_v2": ("relu6", 0, [(3, 1, 16, 1, 1), (3, 6, 24, 2, 2), (3, 6, 32, 3, 2), (3, 6, 64, 4, 2),
                                  (3, 6, 96, 3, 1), (3, 6, 160, 3, 2), (3, 6, 320, 1, 1)]),
    "efficientnet_b0": ("swish", 4, [(3, 1, 16, 1, 1), (3, 6, 24, 2, 2), (5, 6, 40, 2, 2), (3, 6, 80, 3, 2),
                                     (5, 6, 112, 3, 1), (5, 6, 192, 4, 2), (3, 6, 320, 1, 1)]),
}  # fmt: skip


@pytest.mark.parametrize(("name", "table"), INVERTED.items(), ids=INVERTED)
def test_inverted_residuals(name: str, table: tuple[str, int, list[tuple[int, ...]]]) -> None:
    """Equal to the catalogue's: 3,504,872 and 5,288,548 parameters."""
    act, se, stages = table
    rows = "".join(
        f"- {{op: inverted_residual, k: {k}, t: {t}, c: {c}, n: {n}, s: {s}, act: {act}, se: {se}}}\n"
        for k, t, c, n, s in stages
    )
    first = f"- {{op: conv, k: 3, s: 2, out: 32, norm: bn, act: {act}}}\n"
    last = f"- {{op: conv, k: 1, out: 1280, norm: bn, act: {act}}}\n- {{op: gap}}\n- {{op: linear, out: 1000}}\n"
    ours = report(f"input: 224x224x3\nuse: [inverted_residual]\nlayers:\n{first}{rows}{last}")
    theirs = costcalc.load(name).report()

    assert (theirs.params, theirs.mult_adds) == (ours.params, ours.mult_adds)


U_NET = """\
use: [u_shape]
layers:
- d1: {op: double_conv, c: 64MORE}
- d2: {op: down, c: 128MORE}
- d3: {op: down, c: 256MORE}
- d4: {op: down, c: 512MORE}
- {op: down, c: 1024MORE}
- u4: {op: up, c: 512MORE, from: [down1, d4]}
- u3: {op: up, c: 256MORE, from: [u4, d3]}
- u2: {op: up, c: 128MORE, from: [u3, d2]}
- u1: {op: up, c: 64MORE, from: [u2, d1]}
- {op: conv, k: 1, bias: true, out: CLASSES}
"""


@pytest.mark.parametrize(
    ("size", "more", "classes", "params", "output"),
    [
        ("572x572x1", ", pad: valid", 2, 31_030_658, "388x388x2"),
        ("224x224x1", "", 1, 31_030_593, "224x224x1"),
        ("256x256x3", ", norm: bn, bias: false", 1, 31_037_633, "256x256x1"),
    ],
    ids=["the paper's, whose output is 388x388", "padded", "with batch norm, as milesial/Pytorch-UNet"],
)
def test_u_nets(size: str, more: str, classes: int, params: int, output: str) -> None:
    unet = report(f"input: {size}\n{U_NET.replace('MORE', more).replace('CLASSES', str(classes))}")

    assert (params, output) == (unet.params, unet.rows[-1]["output"])


def test_alpha_scales_the_widths_that_a_shared_block_is_given() -> None:
    text = "input: 8x8x3\nuse: [bottleneck]\nlayers:\n- {op: bottleneck, mid: 16, c: 64, s: 1}\n- {op: conv, out: 9}\n"
    graph = costcalc.from_spec(f"costcalc: 1\nname: t\n{text}", alpha="1/2").graph

    assert [8, 8, 32, 32, 9] == [node.output.channels for node in graph.nodes if node.operator.name == "conv"]


def test_a_block_whose_file_is_not_used() -> None:
    """The error says what brings it in."""
    with pytest.raises(costcalc.SpecError) as caught:
        report("input: 8x8x8\nlayers:\n- {op: attention, heads: 2}\n- {op: attentoin}\n")

    first, second = caught.value.problems
    assert "`use: [attention]`, which brings in the shared blocks of that name" == first.expected
    assert second.expected.startswith("an operator (")


def test_list_blocks() -> None:
    listed = json.loads(CliRunner().invoke(main, ["list", "blocks", "--format", "json"]).stdout)
    rows = {row["block"]: row for row in listed}

    assert ("transformer", "x", "heads, hidden, act: gelu") == tuple(
        rows["transformer"][key] for key in ("use", "inputs", "arguments")
    )
    assert ("feature_pyramid", "x, above", "c") == tuple(
        rows["pyramid_level"][key] for key in ("use", "inputs", "arguments")
    )
    assert all(row["about"] for row in rows.values())
