"""Deep Compression and EIE: their tables, layer by layer. Steps stand in test_recipes.py."""

from __future__ import annotations

import csv
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

import pytest
from recipes import ledger, without_codes

import costcalc
from costcalc.recipes import load_recipe

GOLDEN = Path(__file__).parent / "golden"


def rates(name: str) -> dict[str, float]:
    """Each layer's stored kernels in per cent of the dense ones; the network's under ""."""
    found = ledger(name)
    layers = {layer: entry["compression_rate"] for layer, entry in found.layers.items()}
    return {layer: float(100 * rate) for layer, rate in {**layers, "": found["compression_rate"]}.items() if rate}


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
