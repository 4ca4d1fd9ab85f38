"""The command `compress`: its table by step, sizes that are reached, real weights from files, recipes written."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner
from recipes import rows, run

import costcalc
from costcalc.cli import main

LENET = "lenet_300_100@recipe=deep_compression_lenet_300_100"


def test_rates_by_step() -> None:
    """P+Q and P+Q+H of the last layer by hand: 260 entries of 6 + 5 and of 4.3 + 3.2 bits, 64 shared values."""
    *layers, total = rows(LENET)
    last = layers[-1]

    assert ["linear1", "linear2", "linear3", "total"] == [row["layer"] for row in (*layers, total)]
    assert (195 + 163 + 256) / 40 == pytest.approx(last["encode_%"], abs=0.005)
    assert (140 + 104 + 256) / 40 == pytest.approx(last["huffman_%"], abs=0.03)
    assert 26.0 == last["kept_%"]
    parts = ("value_bytes", "index_bytes", "filler_bytes", "codebook_bytes", "scale_bytes", "bias_bytes")
    for row in (*layers, total):
        assert row["stored_bytes"] == sum(row[part] for part in parts)
    for column in ("weights", "stored_bytes", *parts):
        assert total[column] == sum(row[column] for row in layers)


def test_the_total_is_that_of_report() -> None:
    found, report = costcalc.compress("resnet18@prune=0.1@quantise=int8").total, None
    report = costcalc.load("resnet18@prune=0.1@quantise=int8").ledger()

    assert report["stored_bytes"] == found.stored_bytes
    assert report["kept_weights"] == found.kept
    assert Fraction(report["compression_rate"]) == found.rates["quantise"]


def test_factors_stand_under_their_layer() -> None:
    """800 x 500 of rank 20 in bytes: 26,000 of 1.6 million, and a scale for each of two; only the last has a share."""
    *layers, total = rows("lenet_caffe@factorise=linear1=20@quantise=int8")
    shares = {row["layer"]: (row["weights"], row["kept_%"], row["quantise_%"]) for row in layers}

    assert (400_000, 6.5, 1.63) == shares["linear1"]
    assert (0, None, None) == shares["linear1.factor1"]
    assert 430_500 == total["weights"] == sum(row["weights"] for row in layers)


def test_what_target_finds_can_be_looked_at() -> None:
    """The name that `--target --vary rank` ends with has a table of its own."""
    *_, factor, linear1, _, total = rows("lenet_caffe@rank=64")

    assert ("linear1", 4 * 64 * 500) == (linear1["layer"], linear1["value_bytes"])
    assert (None, round(32 * 64 * 1_300 / 400_000, 2)) == (factor["bits_per_weight"], linear1["bits_per_weight"])
    assert total["rank_%"] < 50


def test_a_recipe_beside_the_name() -> None:
    assert rows(LENET) == rows("lenet_300_100", "--recipe", "deep_compression_lenet_300_100")
    assert run("lenet_300_100").exit_code == 2
    assert "lenet_300_100: nothing is compressed" in run("lenet_300_100").stderr


def test_a_picture(tmp_path: Path) -> None:
    """Every layer, and every part that is stored, by its word."""
    file = tmp_path / "a.svg"
    assert 0 == run(LENET, "--plot", str(file)).exit_code
    text = file.read_text()

    for word in ("linear1", "linear3", "values", "indices", "fillers", "codebooks", "biases", "dense kernel bytes"):
        assert word in text, word
    assert "scales" not in text


@pytest.mark.parametrize("target", ["60kB", "100kB", "400kB", "1MB"])
@pytest.mark.parametrize(("vary", "step"), [("density", "prune"), ("bits", "quantise"), ("rank", "rank")])
def test_the_best_within_a_size(target: str, vary: str, step: str) -> None:
    """The point is within, the next one is not: what report says of both."""
    points = json.loads(run("lenet_caffe", "--target", target, "--vary", vary, "--format", "json").stdout)["points"]
    size = int(Fraction(target[:-2]) * {"kB": 10**3, "MB": 10**6}[target[-2:]])
    by_word = {point["point"]: point for point in points}

    for word, point in by_word.items():
        name = f"lenet_caffe@{step}={point[vary]}"
        assert costcalc.load(name).ledger()["stored_bytes"] == point["stored_bytes"]
        assert (point["stored_bytes"] <= size) == (word == "within")
    if {"within", "beyond"} == set(by_word):
        unit = {"density": Fraction(1, 100), "bits": 1, "rank": 1}[vary]
        assert Fraction(by_word["within"][vary]) + unit == Fraction(by_word["beyond"][vary])


def test_a_size_that_nothing_reaches() -> None:
    result = run("lenet_caffe", "--target", "1kB", "--vary", "bits")

    assert 1 == result.exit_code
    assert "no bits reaches 1.000 kB" in result.stdout
    assert "most of it: linear1, values" in result.stdout


def test_settings_stand_in_what_target_finds() -> None:
    """The name that it prints is a network of that size."""
    result = run("mobilenet_v1", "--target", "2MB", "--alpha", "0.5", "--set", "classes=10")
    name = result.stdout.partition("is the largest within 2.000 MB: ")[2].split()[0]

    assert 0 == result.exit_code
    assert name.startswith("mobilenet_v1@alpha=0.5@classes=10@prune=0.")
    assert f"  {costcalc.load(name).ledger()['stored_bytes']:,}  " in result.stdout
    assert costcalc.compress_to("lenet_caffe", 1e6).best == costcalc.compress_to("lenet_caffe", "1MB").best


def test_bits_do_not_replace_a_codebook() -> None:
    assert "conv1 has codes of its own" in run("lenet_caffe@share=4", "--target", "100kB", "--vary", "bits").stderr
    assert "bits 22 is the largest" in run("lenet_caffe", "--target", "1.2MB", "--vary", "bits").stdout


def test_the_smallest_where_nothing_reaches_a_size() -> None:
    """Beside weights of one bit a bitmap takes more than zeros save: the densest is the smallest."""
    (point,) = json.loads(run("lenet_caffe@quantise=1", "--target", "1kB", "--format", "json").stdout)["points"]
    dense, sparse = (costcalc.load(f"lenet_caffe@quantise=1@prune={d}").ledger()["stored_bytes"] for d in ("1", "0.01"))

    assert ("1", dense) == (point["density"], point["stored_bytes"])
    assert dense < sparse


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("lenet_caffe@prune=0.1", "--vary", "bits"), "--vary without --target\n  expected: both"),
        (("lenet_caffe@prune=0.1", "--write-recipe", "a.yaml"), "--write-recipe without measured weights"),
        (("w.npz", "--target", "1MB"), "--target with a file of weights"),
        (("lenet_caffe", "--target", "0"), "a target of 0 bytes"),
        (("lenet_caffe", "--target", "1Mb"), "'1Mb': unknown unit 'Mb'"),
    ],
)
def test_wrong_use(args: tuple[str, ...], message: str) -> None:
    result = run(*args)

    assert 2 == result.exit_code
    assert f"Error: {message}\n" in result.stderr


def test_weights_are_no_network() -> None:
    result = CliRunner().invoke(main, ["report", "w.npz"])

    assert 2 == result.exit_code
    assert "w.npz is a file of weights\n  expected: a network; `costcalc compress FILE` for weights" in result.stderr


def test_distillation_is_a_comparison() -> None:
    """784-1200-1200-10 teaches 784-800-800-10: a step takes the student's training and the teacher's pass."""
    teacher, student = (costcalc.load(f"mnist_mlp_{units}").ledger() for units in (1_200, 800))

    assert (2_395_210, 2_392_800) == (teacher["params"], teacher["macs"])
    assert (1_276_810, 1_275_200) == (student["params"], student["macs"])
    first = 784 * 800  # nobody asks for the gradient of the input
    own = 3 * 1_275_200 - first
    assert own == student["training_mult_adds"]
    pair = costcalc.compare("mnist_mlp_1200", "mnist_mlp_800", distillation=True, sort="params")
    line = f"training mnist_mlp_800 {own:,} + a forward pass of mnist_mlp_1200 2,392,800 = {own + 2_392_800:,}"
    assert line in pair.render()
    three = costcalc.compare("mnist_mlp_1200", "mnist_mlp_1200", "mnist_mlp_800", distillation=True).render("json")
    assert own + 2 * 2_392_800 == json.loads(three)["distillation"]["mult_adds"]
