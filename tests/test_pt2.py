"""Files of torch.export as networks: exact against running models, equal to the catalogue, operators by hand."""

from __future__ import annotations

import csv
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from models import Call, opened, operators, pt2_bytes

import costcalc
from costcalc.cli import main
from costcalc.spec import catalogue

MODELS = Path(__file__).parent / "golden" / "models"
KNOWN = {name for spec in catalogue.specs() for name in spec.names}


def rows_of(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "pt2.csv").read_text().splitlines()))


ROWS = rows_of(MODELS)


def layers(network: costcalc.Network) -> list[tuple[str, int, int]]:
    """What each layer with weights or products puts out and costs, sorted: parallel branches have no order."""
    found = [(str(one.output), one["mult_adds"], one["params"]) for one in network.ledger().layers.values()]
    return sorted(one for one in found if one[1])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_equal_to_the_running_model(row: dict[str, str]) -> None:
    ledger = costcalc.load(MODELS / f"{row['file']}.pt2").ledger()

    assert (int(row["parameters"]), int(row["macs"])) == (ledger["params"], ledger["mult_adds"])
    assert () == ledger.left_out


@pytest.mark.parametrize("row", [row for row in ROWS if row["network"] in KNOWN], ids=lambda row: row["file"])
def test_equal_to_the_catalogue(row: dict[str, str]) -> None:
    """Each layer, in its shape, Mult-Adds and parameters; at the file's own size and at another."""
    for side in (int(row["side"]), 160):
        file = costcalc.load(MODELS / f"{row['file']}.pt2", resolution=side)
        assert layers(costcalc.load(row["network"], resolution=side)) == layers(file)


def test_a_weight_that_is_normalised_keeps_its_length() -> None:
    """NFNet-F0's 44,912 gains, which its convolutions' weights are multiplied by."""
    nodes = costcalc.load(MODELS / "timm_nfnet_f0.pt2").graph.nodes

    assert 44912 == sum(node.output.channels for node in nodes if node.operator.name == "affine")


def test_names_blocks_stages_and_places() -> None:
    graph = costcalc.load(MODELS / "mobilenet_v2.pt2").graph
    node = next(node for node in graph.nodes if node.layer == "features.3.conv.0.0")

    assert ("features.3", "features") == (node.block, node.stage)
    assert "node 17, aten.conv2d 'conv2d_6'" in str(node.place)
    assert "features.3.add" in graph.layers


def test_a_layer_without_numbers_is_a_block_of_its_own() -> None:
    """ResNet's pooling and classifier do not belong to the last block before them."""
    graph = costcalc.load(MODELS / "resnet18.pt2").graph

    assert [("avgpool", "avgpool"), ("fc", "fc")] == [(node.layer, node.block) for node in graph.nodes[-2:]]


def test_a_compare_aligns_all_layers() -> None:
    done = CliRunner().invoke(main, ["compare", "--layers", str(MODELS / "resnet18.pt2"), "torchvision/resnet18"])

    assert 0 == done.exit_code, done.output
    assert "1,814,073,344" in done.output


X, W = {"input": "x"}, {"self": "x"}
CONV = {"input": "x", "weight": "w"}
CASES: list[tuple[str, list[Call], dict[str, Any], list[str]]] = [
    ("padded", [("conv2d", CONV | {"stride": (2, 2), "padding": (1, 1)})], {"w": (16, 8, 3, 3)}, ["conv 2x3x16"]),
    ("same", [("conv2d", CONV | {"padding": "same"})], {"w": (16, 8, 3, 3)}, ["conv 4x6x16"]),
    ("depthwise", [("conv2d", CONV | {"groups": 8})], {"w": (8, 1, 3, 3)}, ["dwconv 2x4x8"]),
    ("general", [("convolution", CONV | {"padding": (1, 1), "transposed": False})], {"w": (4, 8, 3, 3)},
     ["conv 4x6x4"]),
    ("up", [("conv_transpose2d", CONV | {"stride": (2, 2)})], {"w": (8, 5, 2, 2)}, ["conv_transpose 8x12x5"]),
    ("relu6", [("hardtanh_", X | {"min_val": 0.0, "max_val": 6.0})], {}, ["relu6 4x6x8"]),
    ("clamp", [("clamp", W | {"min": 0})], {}, ["relu 4x6x8"]),
    ("swish", [("sigmoid", W, "s"), ("mul", W | {"other": "s"})], {}, ["swish 4x6x8"]),
    ("pool", [("max_pool2d", W | {"kernel_size": (2, 2)})], {}, ["maxpool 2x3x8"]),
    ("ceil", [("avg_pool2d", W | {"kernel_size": (4, 4), "stride": (4, 4), "ceil_mode": True})], {}, ["avgpool 1x2x8"]),
    ("gap", [("adaptive_avg_pool2d", W | {"output_size": (1, 1)})], {}, ["gap 1x1x8"]),
    ("adaptive", [("adaptive_avg_pool2d", W | {"output_size": (2, 3)})], {}, ["adaptive_avgpool 2x3x8"]),
    ("mean", [("mean", W | {"dim": (2, 3), "keepdim": True})], {}, ["gap 1x1x8"]),
    ("chunk", [("chunk", W | {"chunks": 2, "dim": 1}, ["a", "b"]), ("cat", {"tensors": ["b", "a"], "dim": 1})], {},
     ["slice 4x6x4", "slice 4x6x4", "concat 4x6x8"]),
    ("slice", [("slice", W | {"dim": 1, "start": 2, "end": 5})], {}, ["slice 4x6x3"]),
    ("select", [("select", W | {"dim": 2, "index": -1})], {}, ["select 1x6x8"]),
    ("shuffled", [("view", W | {"size": (1, 2, 4, 4, 6)}, "a"), ("transpose", {"self": "a", "dim0": 1, "dim1": 2}, "b"),
                  ("reshape", {"self": "b", "shape": (1, -1, 4, 6)}, "c"),
                  ("conv2d", {"input": "c", "weight": "w"})], {"w": (3, 8, 1, 1)}, ["shuffle 4x6x8", "conv 4x6x3"]),
    ("flat", [("flatten", W | {"start_dim": 1}, "f"), ("linear", {"input": "f", "weight": "w"})], {"w": (5, 192)},
     ["flatten 1x1x192", "linear 1x1x5"]),
    ("pixels", [("pixel_shuffle", W | {"upscale_factor": 2}, "p"), ("conv2d", {"input": "p", "weight": "w"})],
     {"w": (3, 2, 1, 1)}, ["permute 8x12x2", "conv 8x12x3"]),
    ("pad", [("pad", W | {"pad": (1, 2, 3, 4)})], {}, ["pad 11x9x8"]),
    ("resize", [("upsample_bilinear2d", {"input": "x", "output_size": (8, 9)})], {}, ["upsample 8x9x8"]),
    ("nearest", [("upsample_nearest2d", {"input": "x", "scale_factors": (2.0, 2.0)})], {}, ["upsample 8x12x8"]),
    ("prelu", [("prelu", W | {"weight": "w"})], {"w": (8,)}, ["prelu 4x6x8"]),
    ("group norm", [("group_norm", X | {"num_groups": 4, "weight": "w", "bias": "b"})], {"w": (8,), "b": (8,)},
     ["gn 4x6x8"]),
    ("in place", [("relu_", W, "a"), ("add", {"self": "x", "other": "a"})], {}, ["relu 4x6x8", "add 4x6x8"]),
]  # fmt: skip


@pytest.mark.parametrize(("calls", "stored", "wanted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_operators(tmp_path: Path, calls: list[Call], stored: dict[str, Any], wanted: list[str]) -> None:
    assert wanted == operators(opened(tmp_path, pt2_bytes(calls, stored)))


def figures(network: costcalc.Network) -> tuple[int, int]:
    ledger = network.ledger()
    return ledger["params"], ledger["mult_adds"]


def test_attention(tmp_path: Path) -> None:
    """Two heads of 4 over 10 positions: q k^T and the sum over values, 10 x 10 x 8 each."""
    heads: list[Call] = [
        ("view", W | {"size": (1, 10, 2, 4)}, "h"),
        ("transpose", {"self": "h", "dim0": 1, "dim1": 2}, "t"),
        ("scaled_dot_product_attention", {"query": "t", "key": "t", "value": "t"}),
    ]
    assert (0, 1600) == figures(opened(tmp_path, pt2_bytes(heads, input=(1, 10, 8))))


def test_attention_with_shared_heads(tmp_path: Path) -> None:
    """Four heads of queries over two of keys and values."""
    calls: list[Call] = [
        ("linear", {"input": "x", "weight": "q"}, "a"),
        ("view", {"self": "a", "size": (1, 10, 4, 4)}, "b"),
        ("transpose", {"self": "b", "dim0": 1, "dim1": 2}, "c"),
        ("view", W | {"size": (1, 10, 2, 4)}, "h"),
        ("transpose", {"self": "h", "dim0": 1, "dim1": 2}, "t"),
        ("scaled_dot_product_attention", {"query": "c", "key": "t", "value": "t", "enable_gqa": True}),
    ]
    assert (128, 1280 + 2 * 4 * 10 * 10 * 4) == figures(
        opened(tmp_path, pt2_bytes(calls, {"q": (16, 8)}, input=(1, 10, 8)))
    )


def test_recurrent_layers(tmp_path: Path) -> None:
    """Two directions of 4 x 5 gates over 8 values and 5 of the state, with two biases each."""
    stored = {f"{name}{way}": dims for way in "ab" for name, dims in
              {"wi": (20, 8), "wh": (20, 5), "bi": (20,), "bh": (20,)}.items()}  # fmt: skip
    call = {"input": "x", "hx": [], "params": list(stored), "has_biases": True, "num_layers": 1,
            "bidirectional": True, "batch_first": True}  # fmt: skip
    network = opened(tmp_path, pt2_bytes([("lstm", call, ["y", "h", "c"])], stored, input=(1, 10, 8)))

    assert (2 * 20 * (8 + 5 + 2), 10 * 2 * 20 * 13) == figures(network)


BIAS = {"b": (8,)}
GRU = {"input": "x", "hx": [], "params": ["wi", "wh"], "has_biases": False, "num_layers": 1, "bidirectional": False,
       "batch_first": True}  # fmt: skip
SDPA = {"query": "x", "key": "x", "value": "x"}
BY_HAND: list[tuple[list[Call], dict[str, Any], tuple[int, ...], list[str], int]] = [
    ([("gru", GRU, ["y", "h"])], {"wi": (15, 8), "wh": (15, 5)}, (1, 10, 8),
     ["gru 10x5", "select 1x5", "identity 10x5"], 15 * (8 + 5)),
    ([("glu", W | {"dim": 1})], {}, (1, 8, 4, 6), ["slice 4x6x4", "slice 4x6x4", "sigmoid 4x6x4", "mul 4x6x4"], 0),
    ([("instance_norm", X)], {}, (1, 8, 4, 6), ["instance_norm 4x6x8"], 0),
    ([("instance_norm", X | {"weight": "w", "bias": "b"})], BIAS | {"w": (8,)}, (1, 8, 4, 6),
     ["instance_norm 4x6x8"], 16),
    ([("batch_norm", X | {"bias": "b"})], BIAS, (1, 8, 4, 6), ["bn 4x6x8"], 8),
    ([("addmm", {"self": "b", "mat1": "x", "mat2": "w", "beta": 0})], {"b": (5,), "w": (8, 5)}, (1, 8),
     ["linear 1x1x5"], 40),
    ([("addmm", {"self": "b", "mat1": "x", "mat2": "w"})], {"b": (5,), "w": (8, 5)}, (1, 8), ["linear 1x1x5"], 45),
    ([("_weight_norm", {"v": "v", "g": "g"}, "w"), ("conv2d", CONV)], {"v": (16, 8, 1, 1), "g": (16, 1, 1, 1)},
     (1, 8, 4, 6), ["conv 4x6x16", "affine 4x6x16"], 16 * 8 + 16),
]  # fmt: skip


@pytest.mark.parametrize(("calls", "stored", "size", "wanted", "params"), BY_HAND)
def test_parameters_by_hand(
    calls: list[Call], stored: dict[str, Any], size: tuple[int, ...], wanted: list[str], params: int, tmp_path: Path
) -> None:
    """What is left out has none: biases of gates, a norm's scale, a bias times nothing."""
    network = opened(tmp_path, pt2_bytes(calls, stored, input=size))

    assert (wanted, params) == (operators(network), figures(network)[0])


@pytest.mark.parametrize(("more", "extra"), [({}, []), ({"attn_mask": "m"}, ["add"])])
def test_attention_scales_its_queries_and_adds_its_mask(more: Any, extra: list[str], tmp_path: Path) -> None:
    program = pt2_bytes([("scaled_dot_product_attention", SDPA | more)], {"m": (10, 10)}, input=(1, 2, 10, 4))
    names = [node.operator.name for node in opened(tmp_path, program).graph.nodes]

    assert ["elementwise", *extra, "softmax"] == [one for one in names if one in ("elementwise", "add", "softmax")]


def test_an_einsum_with_three_points(tmp_path: Path) -> None:
    call = ("einsum", {"equation": "b...d,de->b...e", "tensors": ["x", "w"]})

    assert (48, 4 * 10 * 48) == figures(opened(tmp_path, pt2_bytes([call], {"w": (8, 6)}, input=(1, 4, 10, 8))))


def test_weights_that_are_tied_count_once(tmp_path: Path) -> None:
    entry = {"path_name": "weight_0", "is_param": True, "tensor_meta": {"sizes": [8, 8], "device": {"type": "cpu"}}}
    calls: list[Call] = [("linear", X | {"weight": "v"}, "a"), ("linear", {"input": "a", "weight": "w"})]
    data = io.BytesIO(pt2_bytes(calls, {"v": (8, 8), "w": (8, 8)}, input=(1, 8)))
    assert (128, 128) == figures(opened(tmp_path, data.getvalue()))

    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr(
            "model/data/weights/model_weights_config.json", json.dumps({"config": {"v": entry, "w": entry}})
        )

    assert (64, 128) == figures(opened(tmp_path, data.getvalue()))


def test_parts_of_one_weight_count_each_once(tmp_path: Path) -> None:
    """As in the attention of torch.nn to another sequence: the query from the first rows, key and value from others."""
    calls: list[Call] = [
        ("split_with_sizes", {"input": "w", "split_sizes": (8, 16)}, ["q", "kv"]),
        ("split_with_sizes", {"input": "b", "split_sizes": (8, 16)}, ["qb", "kvb"]),
        ("linear", X | {"weight": "q", "bias": "qb"}, "a"),
        ("linear", {"input": "a", "weight": "kv", "bias": "kvb"}, "c"),
        ("linear", X | {"weight": "q", "bias": "qb"}, "d"),
        ("cat", {"tensors": ["c", "d"], "dim": 1}),
    ]
    data = pt2_bytes(calls, {"w": (24, 8), "b": (24,)}, input=(1, 8))

    assert (24 * 8 + 24, 8 * 8 + 8 * 16 + 8 * 8) == figures(opened(tmp_path, data))


def test_parts_and_the_whole_of_a_weight_never_count_more_than_it_holds(tmp_path: Path) -> None:
    part = ("slice", {"input": "w", "dim": 0, "start": 1, "end": 7}, "s")
    other = ("slice", {"input": "w", "dim": 0, "start": 0, "end": 6}, "t")
    calls: list[Call] = [
        part,
        other,
        ("linear", X | {"weight": "s"}, "a"),
        ("linear", X | {"weight": "t"}, "b"),
        ("linear", X | {"weight": "w"}, "c"),
        ("cat", {"tensors": ["a", "b", "c"], "dim": 1}),
    ]

    assert figures(opened(tmp_path, pt2_bytes(calls, {"w": (8, 8)}, input=(1, 8))))[0] <= 64


def test_buffers_are_no_parameters(tmp_path: Path) -> None:
    norm = {"input": "x", "weight": "w", "bias": "b", "running_mean": "m", "running_var": "v"}
    data = pt2_bytes([("batch_norm", norm)], {"w": (8,), "b": (8,)}, {"m": (8,), "v": (8,)})

    assert (16, 0) == figures(opened(tmp_path, data))


def test_dynamic_sizes_stay_open(tmp_path: Path) -> None:
    data = pt2_bytes([("conv2d", CONV)], {"w": (16, 3, 1, 1)}, input=("s0", 3, "s1", "s2"))
    network = opened(tmp_path, data, height=10, width=20, batch=2)

    assert (48, 2 * 10 * 20 * 48) == figures(network)
    assert (48, 224 * 224 * 48) == figures(opened(tmp_path, data))
    assert (48, 64 * 64 * 48) == figures(opened(tmp_path, data, resolution=64))


def test_sizes_that_the_program_computes(tmp_path: Path) -> None:
    calls: list[Call] = [
        ("sym_size", W | {"dim": 2}, "n"),
        ("_operator.floordiv", {"a": "n", "b": 2}, "h"),
        ("slice", W | {"dim": 2, "end": "h"}),
    ]
    data = pt2_bytes(calls, input=(1, 3, "s1", 8))

    assert ["select 5x8x3"] == operators(opened(tmp_path, data, height=10))


@pytest.mark.parametrize("name", ["serialized_exported_program.json", "archive/models/model.json"])
def test_layouts_of_other_versions(tmp_path: Path, name: str) -> None:
    """Before PyTorch 2.8 the program is a file of its own; pickled weights beside it are not opened."""
    with zipfile.ZipFile(MODELS / "resnet18.pt2") as old:
        text = old.read(next(one for one in old.namelist() if one.endswith("models/model.json")))
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as new:
        new.writestr("serialized_state_dict.pt", b"\x80\x02no pickle")
        new.writestr("archive/data/weights/weight_0", b"\xff" * 1000)
        new.writestr(name, text)

    assert (11689512, 1814073344) == figures(opened(tmp_path, found.getvalue()))


def test_unknown_operators(tmp_path: Path) -> None:
    calls: list[Call] = [("no_such_thing", W, "a"), ("relu", {"self": "a"})]
    with pytest.raises(costcalc.SpecError) as raised:
        _ = opened(tmp_path, pt2_bytes(calls)).graph
    assert "node 1, aten.no_such_thing 'a': unknown operator 'aten.no_such_thing'" in str(raised.value)

    assert ("unknown",) == opened(tmp_path, pt2_bytes(calls), allow_unknown=True).ledger().left_out


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PK", "is no zip archive, or is cut off"),
        (b"costcalc: 1", "is no zip archive, or is cut off"),
        (pt2_bytes([("relu", W)]).replace(b"models/model", b"models_model"), "holds no exported program"),
        (pt2_bytes([("relu", W)]).replace(b"graph_module", b"graph_mobule"), "is broken"),
    ],
)
def test_no_such_file(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "model.pt2"
    path.write_bytes(data)

    done = CliRunner().invoke(main, ["report", str(path)])
    assert (2, "") == (done.exit_code, done.stdout)
    assert message in done.stderr


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for row in rows_of(folder):
        file = costcalc.load(folder / f"{row['file']}.pt2")
        wrong = figures(file) != (int(row["parameters"]), int(row["macs"]))
        if row["network"] in KNOWN:
            wrong |= layers(file) != layers(costcalc.load(row["network"], resolution=row["side"]))
        print(row["file"], "DIFFERS" if wrong else "equal", "" if row["network"] in KNOWN else "(not in the catalogue)")
