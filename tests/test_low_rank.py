"""Factors of low rank, by hand: arXiv:1511.06530, 1412.6553, 1404.0736, 1405.3866."""

from __future__ import annotations

from fractions import Fraction

import pytest
from recipes import ledger, network

import costcalc


@pytest.mark.parametrize(
    ("scheme", "weights", "mult_adds"),
    [("tucker:64:64", 69_632, 218_365_952), ("100", 51_800, 162_444_800)],
)
def test_vgg_conv3_2(scheme: str, weights: int, mult_adds: int) -> None:
    plain = ledger("vgg16")
    cut = ledger(f"vgg16@factorise=conv6={scheme}")

    assert (589_824, 1_849_688_064) == (plain.layers["conv6"]["weights"], plain.layers["conv6"]["macs"])
    assert plain["weights"] - 589_824 + weights == cut["weights"]
    assert plain["macs"] - 1_849_688_064 + mult_adds == cut["macs"]


@pytest.mark.parametrize(
    ("rank", "most"), [("", 4 * 6), ("filters:", 6), ("spatial:", min(4 * 5, 6 * 3)), ("tucker:4:", 6)]
)
def test_full_ranks(rank: str, most: int) -> None:
    """Of 4 channels to 6 under 5x3: of the matrices that a scheme cuts; of sums of products a product of two sizes."""
    conv = "- {op: conv, k: 5x3, out: 6}\n"

    network(conv + conv, f"factorise=conv1={rank}{most},conv2=filters:1").ledger()
    with pytest.raises(costcalc.UsageError, match="above the full rank of conv1") as refused:
        network(conv, f"factorise=conv1={rank}{most + 1}").ledger()
    assert f"at most {most}" == refused.value.expected


RANKS = {
    "caffenet@recipe=spatial_caffenet": {  # d (S + T) for each rank, of two groups where the file has two
        "conv1": 8 * 11 * (3 + 96), "conv2": 2 * 20 * 5 * (48 + 128), "conv3": 60 * 3 * (256 + 384),
        "conv4": 2 * 50 * 3 * (192 + 192), "conv5": 2 * 100 * 3 * (192 + 128),
    },
    "caffenet@recipe=svd_caffenet": {"linear1": 1024 * (9216 + 4096), "linear2": 256 * (4096 + 4096)},
    "vgg16@recipe=spatial_vgg16": {"conv1": 5 * 3 * (3 + 64), "conv7": 160 * 3 * (256 + 256)},
    "vgg16@recipe=cp_vgg16": {"conv1": 21 * (3 + 6 + 64), "conv13": 170 * (512 + 6 + 512)},
    "vgg16@recipe=tucker_vgg16": {"conv1": 3 * 9 * 64, "conv6": 69_632},
}  # fmt: skip


@pytest.mark.parametrize("name", RANKS)
def test_recipes_of_low_rank_by_hand(name: str) -> None:
    """A layer's weights are those of its factors, which are called after it."""
    layers = ledger(name).layers
    for layer, weights in RANKS[name].items():
        own = [entry["weights"] for key, entry in layers.items() if key.partition(".")[0] == layer]
        assert weights == sum(own), layer


def test_other_schemes_by_hand() -> None:
    """S = 4, T = 6, d = 3: filters r (S d d + T); spatial r d (S + T); a matrix r (m + n)."""
    conv = "- {op: conv, k: 3, out: 6, bias: true}\n"

    assert 2 * (36 + 6) == network(conv, "factorise=filters:2").ledger()["weights"]
    assert 2 * 3 * (4 + 6) == network(conv, "factorise=spatial:2").ledger()["weights"]
    linear = "- {op: flatten}\n- {op: linear, out: 100}\n"
    assert 8 * (256 + 100) == network(linear, "factorise=8").ledger()["weights"]
    assert 256 * 100 == network(linear, "factorise=100").ledger()["weights"]  # full rank is the layer itself


def test_groups_by_hand() -> None:
    """2 groups of 4 -> 6 channels, 3x3: each group by itself, so that two half-sized layers cost the same."""
    grouped = "- {op: conv, k: 3, out: 12, groups: 2}\n"
    for steps, weights in {
        "": 2 * 4 * 6 * 9,
        "factorise=filters:2": 2 * 2 * (4 * 9 + 6),
        "factorise=spatial:2": 2 * 2 * 3 * (4 + 6),
        "factorise=tucker:2:3": 2 * (4 * 2 + 9 * 2 * 3 + 3 * 6),
        "factorise=5": 2 * 5 * (4 + 2 * 3 + 6),  # CP
    }.items():
        assert weights == network(grouped, steps, "8x8x8").ledger()["weights"], steps
    assert 2 * 2 * (4 + 6) == network(grouped.replace("3", "1"), "factorise=2", "8x8x8").ledger()["weights"]
    assert 8 * 6 == network("- {op: dwconv, k: 3}\n", "factorise=spatial:1", "8x8x8").ledger()["weights"]
    with pytest.raises(costcalc.UsageError, match="rank 7 is above the full rank of conv1\n  expected: at most 6"):
        network(grouped, "factorise=filters:7", "8x8x8").report()


def test_declared_singular_values() -> None:
    """5, 3, 1, 1: squares 25 + 9 + 1 + 1 = 36, of which 25 are 69 %, 34 are 94 %; Tucker's two ranks."""
    for energy, rank in {"0.69": 1, "0.7": 2, "0.94": 2, "0.95": 3, "1": 4}.items():
        found = ledger(f"lenet_caffe@factorise=linear1=energy:{energy}:3+5+1+1")
        assert rank * (800 + 500) == sum(found.layers[name]["weights"] for name in ("linear1.factor1", "linear1"))
    conv = ledger("lenet_caffe@factorise=conv2=tucker:energy:0.9:5+3+1:4+2")
    assert 20 * 2 + 25 * 2 * 2 + 2 * 50 == conv["weights"] - ledger("lenet_caffe")["weights"] + 25_000


def test_what_is_saved_is_of_the_network_as_it_was() -> None:
    """Factors and channels that are gone: `compression` counts from the layers before."""
    conv = ledger("lenet_caffe@factorise=conv2=filters:10")
    halved, plain = ledger("mobilenet_v1@prune=0.5:channels"), ledger("mobilenet_v1")

    assert Fraction(430_500, 430_500 - 25_000 + 10 * (20 * 25 + 50)) == conv["compression"]
    assert plain["weights"] == halved["dense_weights"]
    assert Fraction(plain["weights"], ledger("mobilenet_v1@alpha=0.5")["weights"]) == halved["compression"]
