"""Which network of the catalogue a file is: named by what it computes, whatever its layers are called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import costcalc
from costcalc import network as networks
from costcalc.analysis.identify.index import read_index
from costcalc.analysis.identify.signature import signature, skeleton
from costcalc.cli import main

MODELS = Path(__file__).parent / "golden" / "models"
# what the files were exported from: tests/golden/models/README.md
EXPORTED = {
    "efficientnet_b0": "torchvision/efficientnet_b0",
    "ghostnet_100": "timm/ghostnet_100",
    "googlenet": "torchvision/googlenet",
    "mobilenet_v2": "torchvision/mobilenet_v2",
    "mobilenet_v3_small": "torchvision/mobilenet_v3_small",
    "resnet50": "torchvision/resnet50",
    "shufflenet_v2_x1_0": "torchvision/shufflenet_v2_x1_0",
    "squeezenet1_1": "torchvision/squeezenet1_1",
}


def path_of(name: str) -> str:
    return str(MODELS / f"{name}.onnx")


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["identify", *words])
    return result.exit_code, result.output


@pytest.mark.parametrize(("file", "network"), EXPORTED.items(), ids=EXPORTED)
def test_what_was_exported(file: str, network: str) -> None:
    """The library's network is among the names; nothing that computes something else is."""
    found = costcalc.identify(path_of(file))
    first = found.matches[0]

    assert network in (first.network, *first.also)
    assert ({}, 0, found.layers) == (first.settings, first.mult_adds_difference, first.same_layers)
    assert () == tuple(found.differences)
    assert all(match.is_it for match in found.matches)


def test_the_stride_tells_resnets_apart() -> None:
    """ResNet-50 as published has the stride in the 1x1 convolutions, version 1.5 in the 3x3 ones: same parameters."""
    found = costcalc.identify(path_of("resnet50"))

    assert "resnet50_v1_5" == found.network
    assert not {"resnet50", "keras/ResNet50"} & {
        name for match in found.matches for name in (match.network, *match.also)
    }


@pytest.mark.parametrize(
    ("network", "settings"),
    [
        ("resnet50_v1_5@alpha=0.35@resolution=160", {"alpha": "0.35", "resolution": "160"}),
        ("mobilenet_v1@alpha=0.6", {"alpha": "0.6"}),
        ("mobilenet_v2@classes=10@resolution=96", {"classes": "10", "resolution": "96"}),
        ("squeezenet1_1@resolution=224x192", {"resolution": "224x192"}),
    ],
)
def test_settings_are_found(network: str, settings: dict[str, str]) -> None:
    """Width, side and classes."""
    found = costcalc.identify(network)

    assert (network.partition("@")[0], settings) == (found.network, found.settings)
    assert 0 == found.matches[0].params_difference


def test_a_file_at_another_width() -> None:
    """The file's rule is the network's."""
    found = costcalc.identify(path_of("resnet50"), alpha="0.35", resolution=160)

    assert ("resnet50_v1_5", {"resolution": "160", "alpha": "0.35"}) == (found.network, found.settings)


def test_the_nearest_and_what_differs() -> None:
    """MobileNetV2's file at half its width has 640 channels at the end; the network keeps 1280 (section 6.1)."""
    found = costcalc.identify(path_of("mobilenet_v2"), alpha="0.5")

    assert None is found.network
    assert ("timm/mobilenetv2_050", 51, 53) == found.matches[0][:1] + found.matches[0][2:4]
    assert [("features.18.0", "conv2"), ("classifier.1", "linear1")] == [
        (pair.first and pair.first.name, pair.second and pair.second.name) for pair in found.differences
    ]


def test_one_changed_kernel(tmp_path: Path) -> None:
    """A 5x5 kernel in the place of a 3x3: the network it was, and that layer."""
    text = costcalc.load("vgg16").resolved().replace("k: 3", "k: 5", 1)
    path = tmp_path / "changed.yaml"
    path.write_text(text)
    found = costcalc.identify(path)

    assert None is found.network
    assert "vgg16" in (found.matches[0].network, *found.matches[0].also)
    assert (15, 16) == found.matches[0][2:4]
    assert ["conv1"] == [pair.first.name for pair in found.differences if pair.first]


def test_no_network_is_near() -> None:
    """A vision transformer shares no layer with any."""
    found = costcalc.identify(path_of("vit_b_16"))

    assert (None, ()) == (found.network, found.matches)
    assert (0, f"{path_of('vit_b_16')} resembles no network of the catalogue\n") == run(path_of("vit_b_16"))


def test_few_networks_are_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of four hundred names, those whose structure fits; the index tells."""
    opened: list[str] = []
    true = networks.open

    def counted(name: str, /, **settings: Any) -> networks.Network:
        opened.append(name)
        return true(name, **settings)

    monkeypatch.setattr(networks, "open", counted)
    costcalc.identify(path_of("ghostnet_100"))

    assert 1 <= len(opened) <= 8


@pytest.mark.parametrize("row", [row for place, row in enumerate(read_index()) if place % 40 == 7], ids=lambda r: r[0])
def test_the_index_is_of_the_catalogue(row: Any) -> None:
    """Some rows, built anew; `python docs/make.py --check` builds all."""
    layers = signature(costcalc.load(row.network).graph)

    assert row.skeleton == skeleton(layers)
    assert (row.weights, row.macs) == (sum(one.weights for one in layers), sum(one.macs for one in layers))


def test_layers_that_compute_the_same_are_the_same() -> None:
    """On one position a 1x1 convolution is a linear layer at any stride; a group for each channel is depthwise."""
    head = "costcalc: 1\nname: t\ninput: {}x8\nlayers:\n- {}\n"
    rows = {
        "1x1": ("{op: linear, out: 4, bias: false}", "{op: conv, out: 4}", "{op: conv, out: 4, stride: 2}"),
        "5x5": ("{op: dwconv}", "{op: conv, out: 8, k: 3, groups: 8}"),
    }

    for size, alike in rows.items():
        first, *others = (signature(costcalc.from_spec(head.format(size, row)).graph) for row in alike)
        assert [first] * len(others) == others
    assert ["c1", "d3"] == [
        signature(costcalc.from_spec(head.format(*pair)).graph)[0].word
        for pair in (("1x1", rows["1x1"][2]), ("5x5", rows["5x5"][0]))
    ]


def test_the_index_names_the_whole_catalogue() -> None:
    assert [network.declaration.name for network in networks.every()] == [row.network for row in read_index()]


def test_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(MODELS)

    assert (0, """\
mobilenet_v2.onnx is mobilenet_v2

network       same layers  in Mult-Adds  in params
------------  -----------  ------------  ---------
mobilenet_v2  53 of 53                0    +35,112

same layers: of those with Mult-Adds, in kernel, stride, groups, channels and positions
differences: the catalogue's network - mobilenet_v2.onnx
params differ in norms and biases alone (an exporter folds norms): all kernels are the same
mobilenet_v2 is also torchvision/mobilenet_v2, keras/MobileNetV2, timm/mobilenetv2_100
""") == run("mobilenet_v2.onnx")  # fmt: skip


def test_as_data() -> None:
    """JSON keeps its keys; CSV has a row per network."""
    document = json.loads(run(path_of("mobilenet_v2"), "-a", "0.5", "-f", "json")[1])
    rows = run(path_of("mobilenet_v2"), "-f", "csv")[1].splitlines()

    keys = "network input layers mult_adds params is settings matches differences"
    assert keys.split() == [*document]
    keys = "network settings same_layers layers mult_adds_difference params_difference also is"
    assert keys.split() == [*document["matches"][0]]
    assert 640000 == document["differences"][1]["mult_adds_difference"]
    assert "network,settings,same_layers,layers,mult_adds_difference,params_difference,also,is" == rows[0]
    assert rows[1].startswith("mobilenet_v2,,53,53,0,35112,torchvision/mobilenet_v2 ")


def test_wrong_names() -> None:
    code, output = run("mobilenet_v9")

    assert 2 == code
    assert "no network 'mobilenet_v9'" in output


@pytest.mark.parametrize(("file", "network"), EXPORTED.items(), ids=EXPORTED)
def test_layers_are_aligned_whatever_they_are_called(file: str, network: str) -> None:
    """Every layer with Mult-Adds stands beside its own, and differs in norms and biases at most, or in its word."""
    pairs = costcalc.compare(path_of(file), network, align_layers=True).aligned or ()
    heavy = [pair for pair in pairs if any(one is not None and one["mult_adds"] for one in pair[:2])]

    assert all(pair.first and pair.second for pair in heavy)
    words = {(pair.first.op, pair.second.op) for pair in heavy if not (pair.is_equal(()) or pair.is_alike)}  # type: ignore[union-attr]
    assert words <= {("linear", "conv")}


def test_folded_norms_are_one_row() -> None:
    """What differs in norms and biases alone is gathered; its parameters are those of the folded norms."""
    result = CliRunner().invoke(main, ["compare", path_of("mobilenet_v2"), "torchvision/mobilenet_v2", "--layers"])
    lines = result.output.splitlines()

    # the library has a dropout, which the exporter left out
    assert "Mult-Adds of the layers: 1 differs, 11 are equal, 53 are equal but for norms and biases" in lines
    assert [] != [line for line in lines if line.startswith("dropout")]
    row = next(line for line in lines if line.startswith("but for norms"))
    assert "+35,112" == row.split()[-1]  # 34,112 of norms, 1,000 biases that are zero in the file
