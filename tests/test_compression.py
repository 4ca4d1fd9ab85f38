"""Compression: figures of papers and by hand; fillers and codes are counted. Steps stand in test_recipes.py."""

from __future__ import annotations

import csv
import random
import time
from fractions import Fraction
from itertools import product
from math import ceil, floor
from pathlib import Path

import pytest
from catalogued import each
from hypothesis import given
from hypothesis import strategies as st
from recipes import ledger, network, without_codes

import costcalc
from costcalc.compression.fillers import filler_rate, fillers_between, interleaved_rate
from costcalc.compression.huffman import code_of, decoded, encoded, entropy_bits, lengths_of, mean_bits
from costcalc.recipes import load_recipe

GOLDEN = Path(__file__).parent / "golden"
MILLIONTH = Fraction(1, 10**6)


def rates(name: str) -> dict[str, float]:
    """Each layer's stored kernels in per cent of the dense ones; the network's under ""."""
    found = ledger(name)
    layers = {layer: entry["compression_rate"] for layer, entry in found.layers.items()}
    return {layer: float(100 * rate) for layer, rate in {**layers, "": found["compression_rate"]}.items() if rate}


# Fillers


def test_fillers_by_hand() -> None:
    """Half of the weights kept, an index of 1 bit: two empty places in a row with 1/4; 1/4 + 1/16 + ... = 1/3."""
    assert abs(filler_rate(Fraction(1, 2), 1) - Fraction(1, 3)) < MILLIONTH
    assert 0 == filler_rate(1, 4)


def test_the_example_column_of_eie() -> None:
    """[0,0,1,2,0x18,3] of section III: v = 1,2,0,3 and z = 2,0,15,2, so one filler."""
    assert 1 == fillers_between([2, 3, 22], 4)


INDICES = [("1/20", 4), ("9/100", 4), ("1/25", 5), ("1/10", 3), ("1/2", 1)]


@pytest.mark.parametrize("index", each(INDICES, INDICES[:1]), ids=str)
def test_fillers_agree_with_counting_them(index: tuple[str, int]) -> None:
    """On a million random places: within 2 %."""
    density, bits = index
    share, chance = Fraction(density), random.Random(f"{density} {bits}")
    places = [place for place in range(1_000_000) if chance.random() < share]

    assert fillers_between(places, bits) / len(places) == pytest.approx(float(filler_rate(share, bits)), rel=0.02)


@pytest.mark.parametrize(("length", "bits"), [(1, 1), (2, 1), (3, 1), (7, 1), (10, 2), (12, 1)])
def test_fillers_of_short_columns_are_exact(length: int, bits: int) -> None:
    """All columns of so many places, each kept or not with even chances: the mean number of fillers, by counting."""
    columns = list(product((0, 1), repeat=length))
    counted = sum(fillers_between([i for i, kept in enumerate(column) if kept], bits) for column in columns)
    kept = sum(map(sum, columns))

    assert abs(filler_rate(Fraction(1, 2), bits, length) - Fraction(counted, kept)) < MILLIONTH


@pytest.mark.parametrize(("rows", "elements"), [(10, 4), (9, 2), (3, 4), (8, 2)])
def test_fillers_of_rows_dealt_out_to_elements_are_exact(rows: int, elements: int) -> None:
    """Where elements do not divide the rows, some slices are longer: all columns, each dealt out and counted."""
    slices = [range(first, rows, elements) for first in range(elements)]
    counted = kept = 0
    for column in product((0, 1), repeat=rows):
        kept += sum(column)
        for own in slices:
            counted += fillers_between([at for at, row in enumerate(own) if column[row]], 1)

    assert abs(interleaved_rate(Fraction(1, 2), 1, rows, elements) - Fraction(counted, kept)) < 2 * MILLIONTH


def test_rates_take_no_time() -> None:
    """The longest index, the thinnest layer, the longest column."""
    start = time.process_time()
    rate = filler_rate(Fraction(1, 999_983), 16)

    assert 14.763983 == float(rate)  # 1 / (1 / q - 1) with q = (1 - 1 / 999983)^65536, in floats
    short = rate - filler_rate(Fraction(1, 999_983), 16, 2**40)
    assert abs(short - Fraction("0.00001387")) < MILLIONTH  # 65536 q / (1 - q)^2 / 2^40, by hand
    assert 0.1 > time.process_time() - start


# Huffman codes


def test_a_code_by_hand() -> None:
    """1/2, 1/4, 1/8, 1/8: 1, 2, 3 and 3 bits, 1.75 in the mean, which is the entropy."""
    shares = [Fraction(1, 2), Fraction(1, 4), Fraction(1, 8), Fraction(1, 8)]

    assert {0: 1, 1: 2, 2: 3, 3: 3} == lengths_of(dict(enumerate(shares)))
    assert Fraction(7, 4) == mean_bits(shares) == entropy_bits(shares)
    assert {"a": "0", "b": "10", "c": "11"} == code_of({"a": 1, "b": 2, "c": 2})


@given(st.dictionaries(st.integers(0, 300), st.integers(1, 10_000), min_size=1, max_size=60), st.randoms())
def test_codes_decode(counts: dict[int, int], chance: random.Random) -> None:
    """A stream comes back whole; its length is that of the table, within one bit a symbol of the entropy."""
    code = code_of(lengths_of(counts))
    stream = chance.choices(list(counts), list(counts.values()), k=200)

    assert stream == decoded(encoded(stream, code), code)
    mean, entropy = mean_bits(list(counts.values())), entropy_bits(list(counts.values()))
    assert entropy - 2 * MILLIONTH <= mean <= max(1, entropy + 1)


def test_a_cut_stream_is_told() -> None:
    with pytest.raises(ValueError, match="1"):
        decoded("01", {"a": "0", "b": "10", "c": "11"})


# Deep Compression, arXiv:1510.00149

TABLES = {
    "lenet_300_100@recipe=deep_compression_lenet_300_100": (266_200, 3.08, 3.1, 2.49, 40),
    "lenet_caffe@recipe=deep_compression_lenet5": (430_500, 3.02, 3.05, 2.55, 39),
    "alexnet@recipe=deep_compression_alexnet": (60_954_656, 3.92, 3.7, 2.88, 35),
    "vgg16@recipe=deep_compression_vgg16": (138_344_128, 3.11, 3.2, 2.05, 49),
}
"""Weights; rate P+Q as predicted by hand and as printed; rate P+Q+H; the factor in parentheses."""


@pytest.mark.parametrize("name", TABLES)
def test_totals_of_tables_2_to_5(name: str) -> None:
    """P+Q as the rule gives it by hand, and within 10 % of the paper; all of it within 10 % as well."""
    weights, predicted, printed, coded, factor = TABLES[name]
    plain, _, recipe = name.partition("@recipe=")
    before = rates(f"{plain}@{without_codes(recipe)}")
    whole = ledger(name)

    assert weights == whole["weights"]
    assert predicted == round(before[""], 2)
    assert printed == pytest.approx(before[""], rel=0.1)
    assert coded == pytest.approx(rates(name)[""], rel=0.1)
    assert factor == pytest.approx(float(whole["compression"]), rel=0.1)


CONV = {
    "alexnet@recipe=deep_compression_alexnet": {"conv2": 14.5, "conv3": 13.1, "conv4": 14.1, "conv5": 14.0},
    "lenet_caffe@recipe=deep_compression_lenet5": {"conv2": 6.0},
    "vgg16@recipe=deep_compression_vgg16": dict(
        zip(
            (f"conv{i}" for i in range(2, 14)),
            (9.8, 14.3, 14.7, 21.7, 9.7, 17.0, 13.1, 10.9, 14.0, 14.3, 11.7, 14.8),
            strict=True,
        )
    ),
}
ROUNDED = {
    "alexnet@recipe=deep_compression_alexnet": {"conv1": (32.2, 32.6), "linear1": (3.25, 3.0), "linear2": (3.25, 3.0)},
    "lenet_caffe@recipe=deep_compression_lenet5": {"conv1": (78.0, 78.5)},
    "vgg16@recipe=deep_compression_vgg16": {"conv1": (38.4, 40.0), "linear1": (1.71, 1.6)},
    "lenet_300_100@recipe=deep_compression_lenet_300_100": {"linear1": (2.98, 3.1)},
}
"""By hand, and as printed: small first layers, whose densities are printed in whole per cents; layers with fillers."""


@pytest.mark.parametrize("name", CONV)
def test_convolutions_within_0_3_points(name: str) -> None:
    plain, _, recipe = name.partition("@recipe=")
    found = rates(f"{plain}@{without_codes(recipe)}")

    assert {layer: pytest.approx(printed, abs=0.3) for layer, printed in CONV[name].items()} == {
        layer: found[layer] for layer in CONV[name]
    }


@pytest.mark.parametrize("name", ROUNDED)
def test_layers_whose_rates_are_rounded_or_have_fillers(name: str) -> None:
    plain, _, recipe = name.partition("@recipe=")
    found = rates(f"{plain}@{without_codes(recipe)}")
    for layer, (by_hand, printed) in ROUNDED[name].items():
        assert by_hand == pytest.approx(found[layer], abs=0.05)
        assert printed == pytest.approx(found[layer], rel=0.1)


def test_only_shared_values_that_occur_fit_after_huffman() -> None:
    """P+Q tells the stored weights, the whole codebook apart; P+Q+H then what is left for shared values. In all layers
    that can be up to all of them, in two it is fewer."""
    fewer = {}
    for name in TABLES:
        recipe = load_recipe(name.partition("=")[2])
        steps = {str(step.kind): {rule.pattern: rule.text for rule in step.rules} for step in recipe.steps}
        printed = {(one.layer, one.after): one.figures.get("compression_rate", "") for one in recipe.published}
        layers, index = ledger(name).layers, int(steps["encode"][""].partition(":")[2])
        for layer, mean in steps["huffman"].items():
            weights, shared = layers[layer]["weights"], layers[layer]["codebook_bytes"] // 4
            before = _between(printed[layer, "encode"], 32 * weights / 100)
            after = _between(printed[layer, ""], 32 * weights / 100)
            least, most = ((size - 32 * shared) / (shared.bit_length() - 1 + index) for size in before)
            low, high = map(sum, zip(*(_between(text, 1) for text in mean.split(":")), strict=True))
            values = (after[0] - most * high) / 32, (after[1] - least * low) / 32
            assert values[0] < shared and values[1] > 1, (name, layer)
            if values[1] < shared:
                fewer[name.partition("@")[0], layer] = (ceil(values[0]), floor(values[1]))

    assert {("lenet_caffe", "conv1"): (245, 247), ("vgg16", "conv1"): (230, 237)} == fewer


def _between(printed: str, times: float) -> tuple[float, float]:
    """The least and the most that a printed number stands for, half a unit of its last digit around it."""
    text = printed.removesuffix("%")
    half = 0.5 * 10.0 ** -len(text.partition(".")[2])
    return (float(text) - half) * times, (float(text) + half) * times


def test_every_printed_figure_has_its_reason() -> None:
    """All of the recipes' figures are checked, and what differs says why."""
    checks = [check for name in TABLES for check in costcalc.verify(name)]

    assert 3 * (3 + 4 + 8 + 16) + 5 * 4 == len(checks)
    assert not [check for check in checks if check.verdict == "unexplained"]
    assert 24 < sum(check.verdict in ("exact", "agrees") for check in checks)
    assert all(check.because for check in checks if check.verdict == "differs")


def test_deep_compression_of_any_network_has_the_means_of_table_4() -> None:
    """Of AlexNet's convolutions and matrices: densities weighted by weights, bits by kept weights."""
    weights, rules = (
        ledger("alexnet").layers,
        [{rule.pattern: rule.text for rule in step.rules} for step in load_recipe("deep_compression_alexnet").steps],
    )
    prune, _, _, huffman = (
        {rule.pattern: rule.text for rule in step.rules} for step in load_recipe("deep_compression").steps
    )
    for family in ("conv", "linear"):
        layers = {name: weights[name]["weights"] for name in rules[0] if name.startswith(family)}
        kept = {name: count * Fraction(rules[0][name]) for name, count in layers.items()}
        means = [
            sum(kept[name] * Fraction(rules[3][name].split(":")[place]) for name in layers) / sum(kept.values())
            for place in (0, 1)
        ]
        assert f"{float(sum(kept.values()) / sum(layers.values())):.2f}" == f"{float(prune[f'all {family}']):.2f}"
        assert [f"{float(mean):.1f}" for mean in means] == huffman[f"all {family}"].split(":")


def test_layers_too_small_for_a_codebook_keep_their_values() -> None:
    """144 weights of efficientnet_b1's second depthwise layer: 54 are kept, of 32 bits, whatever others' codes take."""
    layer = ledger("efficientnet_b1@recipe=deep_compression").layers["mbconv2.dwconv1"]

    assert (144, 54, 54 * 4, 0) == tuple(
        layer[name] for name in ("weights", "kept_weights", "value_bytes", "codebook_bytes")
    )
    again = ledger("efficientnet_b1@recipe=deep_compression@share=4").layers["mbconv2.dwconv1"]
    assert 16 * 4 == again["codebook_bytes"]
    found = costcalc.compress("efficientnet_b1@recipe=deep_compression")
    assert "mbconv2.dwconv1" in found.small
    assert f"too small for a codebook, with values as before, {len(found.small)} layers: " in found.render()


def test_a_wrong_figure_would_be_seen(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(
        "costcalc: 1\nrecipe: w\nnetwork: lenet_caffe\nsteps: [{prune: 0.1}]\n"
        'published: [{weights: 431K, at: "T"}, {compression_rate: 50%, at: "T"}]\n'
    )
    verdicts = [str(check.verdict) for check in costcalc.verify(f"lenet_caffe@recipe={file}")]

    assert ["agrees", "unexplained"] == verdicts


def test_figures_of_another_network_are_refused() -> None:
    """Nothing would be checked, which looks like all is well."""
    with pytest.raises(costcalc.UsageError) as error:
        costcalc.verify("alexnet_ungrouped@recipe=xnor")

    assert "the figures of xnor are those of another network" == error.value.message
    assert "resnet18@recipe=xnor" == error.value.expected


def test_a_table_without_figures_has_its_header() -> None:
    from click.testing import CliRunner

    from costcalc.cli import main

    text = CliRunner().invoke(main, ["verify", "vgg16@recipe=cp_vgg16", "--format", "csv"]).stdout
    assert "network,settings,figure,printed,computed,convention,verdict,because,at\n" == text


def test_sizes_that_surveys_quote() -> None:
    """Above 200 MB and above 500 MB; 240 MB -> 6.9 MB and 552 MB -> 11.3 MB, within the tolerance of the rates."""
    bounds = [c for c in costcalc.verify("alexnet", "vgg16") if c.figure == "weight_bytes" and c.printed[0] == ">"]

    assert ["agrees", "agrees"] == [str(check.verdict) for check in bounds]
    alexnet, vgg = (ledger(f"{n}@recipe=deep_compression_{n}") for n in ("alexnet", "vgg16"))
    assert 6.9e6 == pytest.approx(alexnet["kernel_bytes"], rel=0.1)
    assert 11.3e6 == pytest.approx(vgg["kernel_bytes"], rel=0.1)


def test_the_released_squeezenet() -> None:
    """Each layer's counts of the file; bytes but for the header and for fillers, whose number is an expectation."""
    found = ledger("squeezenet1_0_caffe@recipe=deep_compression_squeezenet")
    with (GOLDEN / "compression" / "squeezenet_660kb.csv").open() as file:
        rows = list(csv.DictReader(file))
    layers = [entry for entry in found.layers.values() if entry["weights"]]

    assert [int(row["nonzero_weights"]) for row in rows] == [entry["kept_weights"] for entry in layers]
    assert [int(row["weights"]) for row in rows] == [entry["weights"] for entry in layers]
    kept = [int(row["nonzero_weights"]) for row in rows]
    by_hand = 26 * 1_024 + 3_976 * 4 + sum(kept) + sum(-(-n // 2) for n in kept)
    assert by_hand == found["stored_bytes"] - found["filler_bytes"]
    assert 443_223_545 == found["weight_sparse_mult_adds"]
    counted = sum(int(row["padding_entries"]) for row in rows)
    assert 0 < found["filler_bytes"] < 1.5 * counted


# Binary networks, arXiv:1603.05279


@pytest.mark.parametrize(("channels", "k", "speed"), [(256, 3, 62.27), (3, 3, 18.99), (64, 3, 57.6), (256, 1, 51.2)])
def test_speed_up_of_xnor_net(channels: int, k: int, speed: float) -> None:
    """64 c N / (c N + 64), whatever the number of filters and positions."""
    layers = f"- {{op: conv, k: 1, out: {channels}}}\n- b: {{op: conv, k: {k}, out: 32}}\n- {{op: conv, out: 2}}\n"
    middle = network(layers, "binarise=xnor", "14x14x5").ledger().layers["b"]

    assert speed == pytest.approx(float(middle["xnor_speed_up"]), abs=0.01)
    assert middle["macs"] == middle["binary_mult_adds"] == pytest.approx(64 * middle["xnor_popcounts"], abs=63)


def test_scales_of_inputs_by_hand() -> None:
    """4 channels of 8x8 to 6 of 4x4 under a 3x3 window between two layers that stay: 256 additions for the mean over
    channels, 9 at each of 16 positions, and two multiplications for each of 96 outputs; of BWN one."""
    layers = "- a: {op: conv, out: 4}\n- b: {op: conv, k: 3, stride: 2, out: 6}\n- c: {op: conv, out: 2}\n"

    assert 256 + 9 * 16 + 2 * 96 == network(layers, "binarise=xnor").ledger()["scale_operations"]
    assert 96 == network(layers, "binarise=bwn").ledger()["scale_operations"]
    assert 0 == network(layers).ledger()["scale_operations"]
    assert 256 + 2 * 256 == network(layers, "binarise=a=xnor").ledger()["scale_operations"]  # 1x1: no window


def test_binary_weights_of_alexnet() -> None:
    """58,236,928 bits and 9,472 scales; conv1 and the classifier stay in float32: 32 times for a layer, 10.5 in all."""
    assert {"alexnet_xnor_net"} == {load_recipe(name).network for name in ("bwn", "xnor_alexnet")}
    found = ledger("alexnet_xnor_net@recipe=bwn")
    last = found.layers["conv1"], found.layers["linear3"]

    assert 7_279_616 + 9_472 * 4 + 16_523_392 == found["kernel_bytes"]
    assert [34_848 * 4, 4_096_000 * 4] == [entry["value_bytes"] for entry in last]
    assert 10.5 == round(float(found["compression"]), 1)
    assert (105_415_200, 1_135_256_096) == (found.layers["conv1"]["macs"], found["macs"])
    assert 1_025_744_896 == ledger("alexnet_xnor_net@recipe=xnor_alexnet")["binary_mult_adds"]


# Low rank, arXiv:1511.06530, 1412.6553, 1404.0736, 1405.3866


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


# Whole channels


@pytest.mark.parametrize("name", ["mobilenet_v1", "resnet18", "vgg16"])
def test_half_of_the_channels_is_half_of_the_width(name: str) -> None:
    """Widths that halve evenly: through joins, shortcuts and depthwise layers, and the last layer stays."""
    cut, narrow = ledger(f"{name}@prune=0.5:channels"), ledger(f"{name}@alpha=0.5")
    for measure in ("macs", "params", "activation_bytes", "peak_activation_bytes", "stored_bytes"):
        assert narrow[measure] == cut[measure], measure


def test_channels_by_hand() -> None:
    """4 -> 6 -> 8 channels; 2 of 6 stay: 9 (4 x 2 + 2 x 8) weights for 9 (4 x 6 + 6 x 8)."""
    layers = "- a: {op: conv, k: 3, out: 6}\n- b: {op: conv, k: 3, out: 8}\n"

    assert 9 * (24 + 48) == network(layers).ledger()["weights"]
    assert 9 * (8 + 16) == network(layers, "prune=a=1/3:channels").ledger()["weights"]
    assert 9 * (8 + 16) == network(layers, "prune=1/3:channels").ledger()["weights"]
    assert 9 * (8 + 16) == network(layers, "prune=1/3:filters").ledger()["weights"]  # a filter for each channel


def test_channels_that_no_longer_fit() -> None:
    """One side of a sum alone; what the network puts out."""
    joined = "- a: {op: conv, out: 4}\n- b: {op: conv, out: 4}\n- {op: add, from: [a, b]}\n- {op: conv, out: 2}\n"
    with pytest.raises(costcalc.UsageError, match="@prune: b meets a, which keeps its channels"):
        network(joined, "prune=b=0.5:channels").report()
    with pytest.raises(costcalc.UsageError, match=r"'0\.25:channels' and '0\.5:channels' for layers that meet"):
        network(joined, "prune=a=0.25:channels,b=0.5:channels").report()
    assert 4 * 2 + 2 * 2 + 2 * 2 == network(joined, "prune=a=0.5:channels,b=0.5:channels").ledger()["weights"]
    with pytest.raises(costcalc.UsageError, match="conv1 is what the network puts out"):
        network(joined, "prune=conv1=0.5:channels").report()


@pytest.mark.parametrize("name", ["alexnet", "shufflenet_v1", "resnext50_32x4d", "ghostnet", "nasnet_a_mobile"])
def test_channels_that_groups_and_joins_tie(name: str) -> None:
    """A share that no group divides: what meets keeps as many as fit, at least the share, and the network is whole."""
    plain, cut = costcalc.load(name).graph, costcalc.load(f"{name}@prune=0.3:channels").graph
    kept = [
        (a.operator.out, b.operator.out)
        for a, b in zip(plain.nodes, cut.nodes, strict=True)
        if a.operator.name == "conv"
    ]  # type: ignore[attr-defined]

    assert [node.layer for node in plain.nodes] == [node.layer for node in cut.nodes]
    assert all(after == before or 10 * after >= 3 * before for before, after in kept)
    assert any(after < before for before, after in kept)


@pytest.mark.parametrize(("name", "kept"), [("weightnet_x0_5", "dynamic_conv"), ("channelnet_v3_code", "reshape")])
def test_what_made_kernels_and_positions_of_channels_rely_on_stays(name: str, kept: str) -> None:
    """A kernel that is made, and channels laid out as positions, are as many as before; others go."""
    plain, cut = costcalc.load(name).graph, costcalc.load(f"{name}@prune=0.3:channels").graph
    pairs = [(a, b) for a, b in zip(plain.nodes, cut.nodes, strict=True) if a.operator.name == kept]

    assert pairs
    for a, b in pairs:
        assert plain.shape(a.inputs[-1]).spatial == cut.shape(b.inputs[-1]).spatial
        assert kept == "reshape" or plain.shape(a.inputs[1]) == cut.shape(b.inputs[1])
    assert any(a.output.channels > b.output.channels for a, b in zip(plain.nodes, cut.nodes, strict=True))


def test_a_depthwise_layer_has_no_channels_of_its_own() -> None:
    message = "@prune: separable1.dwconv1 has as many channels as what it takes, none of its own"
    for pattern in ("separable1.dwconv1", "*.dwconv1"):
        with pytest.raises(costcalc.UsageError, match=message):
            ledger(f"mobilenet_v1@prune={pattern}=0.5:channels,conv1=0.5:channels")


def test_slices_of_fewer_channels() -> None:
    """Half of 8 channels cut in two, with 2 padded: 4 in halves of 2, and 1 padded."""
    cut = "- {op: slice, start: 4, stop: 8}\n- {op: pad, size: 0, channels: 2}\n"
    layers = f"- a: {{op: conv, out: 8}}\n{cut}- {{op: conv, out: 3}}\n"

    assert 4 * 4 + 3 * 3 == network(layers, "prune=0.5:channels").ledger()["weights"]


# EIE, arXiv:1602.01528


def test_storage_of_eie() -> None:
    """By hand: 9216 columns of 4096 rows over 64 elements; 4 + 4 bits an entry, 16 bits a pointer, one more each."""
    fc6 = ledger("alexnet@recipe=eie").layers["linear1"]
    kept = -(-9 * 37_748_736 // 100)

    assert kept == fc6["kept_weights"]
    assert (kept * 4 + 7) // 8 == fc6["value_bytes"]
    assert (kept * 4 + 7) // 8 + 2 * 64 * 9_217 == fc6["index_bytes"]
    assert 16 * 2 == fc6["codebook_bytes"]
    rate = sum(Fraction(91, 100) ** (16 * k) * (64 - 16 * k) for k in (1, 2, 3)) / 64
    assert float(rate * kept) == pytest.approx(fc6["filler_bytes"], rel=1e-5)  # eight bits, so bytes


# Encodings by hand: 1,000 weights of 10 rows, a tenth kept
