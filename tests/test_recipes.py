"""Recipes: what each step stores and leaves of the work, in sweeps and formulas; wrong ones, word for word."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from recipes import RANGE, SAMPLE, ledger, network, without_codes

import costcalc
from costcalc.cli import main
from costcalc.stored import PARTS, STORAGE

MATRIX = "- {op: flatten}\n- {op: linear, out: 10, bias: false}\n"


@pytest.mark.parametrize(
    ("steps", "parts"),
    [
        ("", {"value_bytes": 4_000}),
        ("prune=0.1", {"value_bytes": 400, "index_bytes": 125}),
        ("prune=2:4", {"value_bytes": 2_000, "index_bytes": 125}),
        ("prune=0.1@encode=dense", {"value_bytes": 4_000}),
        ("prune=0.1@encode=bitmap", {"value_bytes": 400, "index_bytes": 125}),
        ("prune=0.1@encode=csr:32", {"value_bytes": 400, "index_bytes": 400 + 44}),  # 2a + n + 1 numbers
        ("prune=0.1@encode=csr:7:16", {"value_bytes": 400, "index_bytes": 88 + 22}),
        ("prune=0.1:blocks:4x4", {"value_bytes": 8 * 16 * 4, "index_bytes": 10}),  # 3 x 25 blocks, 8 of them kept
        ("prune=0.1:blocks:2x25@encode=csr:16", {"value_bytes": 2 * 50 * 4, "index_bytes": 2 * 2 + 6 * 2}),  # 5 x 4
        (
            "prune=0.5:blocks:10x1@encode=relative:1",
            {"value_bytes": 2_000, "index_bytes": 7, "filler_bytes": 683},
        ),  # 50 of 100 blocks, 17 fillers of 321 bits
        ("prune=1:blocks:4x4", {"value_bytes": 4_000}),
        ("quantise=int8", {"value_bytes": 1_000, "scale_bytes": 4}),
        ("quantise=int8:channel:zero", {"value_bytes": 1_000, "scale_bytes": 40 + 10}),
        ("quantise=3:channel:float16", {"value_bytes": 375, "scale_bytes": 20}),
        ("quantise=float16", {"value_bytes": 2_000}),
        ("share=4", {"value_bytes": 500, "codebook_bytes": 64}),
        ("share=4:float16", {"value_bytes": 500, "codebook_bytes": 32}),
        ("share=2@huffman=7/4", {"value_bytes": 219, "codebook_bytes": 16}),
        ("share=2@huffman=1/2+1/4+1/8+1/8", {"value_bytes": 219, "codebook_bytes": 16}),
        ("share=2@huffman=entropy+1/2+1/4+1/8+1/8", {"value_bytes": 219, "codebook_bytes": 16}),
        (
            "prune=0.5@encode=relative:1",
            {"value_bytes": 2_000, "index_bytes": 63, "filler_bytes": 689},
        ),  # 167 x 33 bits
    ],
)
def test_what_is_stored(steps: str, parts: dict[str, int]) -> None:
    found = network(MATRIX, steps, "10x10x1").ledger()

    assert {**dict.fromkeys(PARTS, 0), **parts} == {part: found[part] for part in PARTS}
    assert sum(parts.values()) == found["stored_bytes"]


def test_work_that_is_left() -> None:
    """A third of the weights, half of the inputs, 4 bits by 8: by hand on 1,000 multiply-adds."""
    found = network(MATRIX, "prune=1/3:inputs:1/2@quantise=int4@quantise=int8:activations", "10x10x1").ledger()

    assert (1_000, 334, 167) == (found["macs"], found["weight_sparse_mult_adds"], found["sparse_mult_adds"])
    assert 1_000 * 4 * 32 == found["bops"]  # the network's own input stays as it is
    binary = network(MATRIX + MATRIX[16:] * 2, "binarise=xnor", "10x10x1").ledger()
    assert [32_000 * 32, 100, 100 * 32 * 32] == [entry["bops"] for entry in binary.layers.values() if entry["macs"]]
    maps = ledger("lenet_caffe@quantise=int8:activations")
    assert ledger("lenet_caffe", activations="input=float32,*=int8")["activation_bytes"] == maps["activation_bytes"]


def test_weights_in_flash_are_those_that_are_stored() -> None:
    """Under a recipe `weight_bytes`, what a device's flash must hold, and traffic follow it; training is dense."""
    plain, small = ledger("resnet18"), ledger("resnet18@prune=0.1@quantise=int8")
    (_, flash) = costcalc.check("mobilenet_v1@alpha=0.25@quantise=int8", fits="stm32f746")

    assert small["stored_bytes"] == small["weight_bytes"] < plain["weight_bytes"] == small["dense_weight_bytes"]
    assert plain["traffic_bytes"] - plain["weight_bytes"] == small["traffic_bytes"] - small["weight_bytes"]
    assert plain["training_bytes"] == small["training_bytes"]
    assert (489_600, True) == (flash.computed, flash.holds)  # 470,072 parameters and scales; 1.88 MB in float32


# Laws


NOTHING = (
    "prune=1", "prune=4:4", "prune=1:blocks:2x2", "prune=1:channels", "prune=1:inputs:1", "quantise=32",
    "quantise=float32", "encode=dense", "binarise=*=none", "factorise=999", "prune=density@density=1",
    "quantise=bits@bits=32",
)  # fmt: skip


def _chains() -> st.SearchStrategy[list[str]]:
    """Up to three of them, of different kinds."""
    return st.lists(st.sampled_from(NOTHING), min_size=1, max_size=3, unique_by=lambda step: step[:6])


@settings(max_examples=8, deadline=None)
@given(st.sampled_from(["lenet_caffe", "alexnet", "mobilenet_v1"]), _chains())
def test_a_recipe_of_doing_nothing_changes_nothing(name: str, steps: list[str]) -> None:
    """Density 1, 32 bits, full rank, alone and one after the other: every measure stays, of network and layers."""
    check_nothing_changes(name, steps)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SAMPLE), _chains())
def test_a_recipe_of_doing_nothing_changes_no_network(name: str, steps: list[str]) -> None:
    check_nothing_changes(name, steps)


def check_nothing_changes(name: str, steps: list[str]) -> None:
    """All measures with the steps as without."""
    plain, same = ledger(name), ledger(f"{name}@{'@'.join(_full_rank(name, step) for step in steps)}")

    for measure in costcalc.MEASURES:
        if measure != "flops":
            assert plain[measure] == same[measure], measure
    assert plain["value_bytes"] == plain["dense_kernel_bytes"]
    assert plain["weight_bytes"] == plain["stored_bytes"]
    assert {layer: entry["stored_bytes"] for layer, entry in plain.layers.items()} == {
        layer: entry["stored_bytes"] for layer, entry in same.layers.items()
    }


def _full_rank(name: str, step: str) -> str:
    """`factorise` of the full ranks of some layers, as the errors for ranks above them say."""
    if not step.startswith("factorise"):
        return step
    ranks = {}
    for layer, entry in [*ledger(name).layers.items()][::3]:
        if entry["weights"] and entry.op in ("conv", "linear"):
            with pytest.raises(costcalc.UsageError, match=f"above the full rank of {layer}") as error:
                ledger(f"{name}@factorise={layer}=99999999")
            ranks[layer] = error.value.expected.removeprefix("at most ")
    return "factorise=" + ",".join(f"{layer}={rank}" for layer, rank in ranks.items())


def test_a_recipe_is_its_steps() -> None:
    steps = without_codes("deep_compression_lenet5") + "@huffman=conv1=7.2:1.5,conv2=7.2:3.9,linear1=4.5:4.5"
    inline, whole = ledger(f"lenet_caffe@{steps},linear2=5.2:3.7"), ledger("lenet_caffe@recipe=deep_compression_lenet5")

    assert [inline[name] for name in STORAGE] == [whole[name] for name in STORAGE]


@settings(max_examples=settings().max_examples // 4)
@given(
    st.sampled_from(["prune=0.3", "quantise=int5:channel", "prune=2:4@quantise=int8",
                     "prune=0.2:blocks:8x2", "prune=0.05@encode=relative:4",
                     "binarise=xnor", "share=3@encode=columns:4:21:8@huffman=2.5:3.5", "factorise=4",
                     "prune=0.3:channels",
                     "prune=conv1=0.5,*=0.1@encode=csr:16:32"]),
    st.sampled_from(["mobilenet_v2", "squeezenet1_1", "resnet18"]),
    st.lists(st.integers(10, 40), min_size=2, max_size=3, unique=True),
)  # fmt: skip
def test_sweep_equals_report(steps: str, name: str, alphas: list[int]) -> None:
    """At each point of a grid the figures of the report, to the last byte."""
    measures = ["stored_bytes", "kept_weights", "filler_bytes", "bops", "xnor_operations", "sparse_mult_adds"]
    values = [str(Fraction(alpha, 20)) for alpha in alphas]
    rows = costcalc.sweep(f"{name}@{steps}", columns=measures, axes={"alpha": values}).rows

    assert len(values) == len(rows)
    for row, alpha in zip(rows, sorted(values, key=Fraction), strict=True):
        report = costcalc.load(f"{name}@{steps}", alpha=row["alpha"]).ledger()
        assert {measure: report[measure] for measure in measures} == {measure: row[measure] for measure in measures}
        assert Fraction(alpha) in map(Fraction, values)


@pytest.mark.parametrize(
    ("name", "axis", "values"),
    [
        ("mobilenet_v1@prune=0.5:channels", "alpha", ["1/4", "1"]),
        ("lenet_caffe@prune=0.5:filters", "resolution", ["28", "32"]),  # the linear layer takes what is left of the map
        ("resnet18@prune=0.3:channels@factorise=8", "alpha", ["1/2"]),
    ],
)
def test_a_sweep_remembers_the_network_before_its_channels_went(name: str, axis: str, values: list[str]) -> None:
    measures = ["dense_weights", "dense_kernel_bytes", "compression", "compression_rate", "bits_per_weight"]
    rows = costcalc.sweep(name, columns=measures, axes={axis: values}).rows

    assert len(values) == len(rows)
    for row in rows:
        report = ledger(f"{name}@{axis}={row[axis]}")
        assert ledger(f"{name.partition('@')[0]}@{axis}={row[axis]}")["weights"] == report["dense_weights"]
        assert [float(report[measure]) for measure in measures] == [float(row[measure]) for measure in measures]


@settings(max_examples=5, deadline=None)
@given(
    st.sampled_from(["lenet_caffe", "mobilenet_v1"]),
    st.sampled_from(["quantise=bits", "share=bits@encode=relative:4", "quantise=bits:channel@encode=csr:12:24"]),
    st.lists(st.integers(1, 100), min_size=2, max_size=2, unique=True),
    st.lists(st.integers(1, 8), min_size=1, max_size=2, unique=True),
    st.integers(5, 30),
)
def test_a_sweep_over_rates_equals_report(
    name: str, step: str, densities: list[int], bits: list[int], alpha: int
) -> None:
    """Density by bits by width, at random points."""
    axes = {"density": [Fraction(n, 100) for n in densities], "bits": bits, "alpha": [Fraction(alpha, 20)]}
    rows = costcalc.sweep(f"{name}@prune=density@{step}", columns=["stored_bytes", "bops"], axes=axes).rows

    assert len(densities) * len(bits) == len(rows)
    for row in rows:
        point = {key: row[key] for key in ("density", "bits", "alpha")}
        found = costcalc.load(f"{name}@prune=density@{step}", **point).ledger()
        assert (found["stored_bytes"], found["bops"]) == (row["stored_bytes"], row["bops"])


def test_a_formula_with_the_width_open() -> None:
    result = CliRunner().invoke(main, ["formula", "lenet_caffe@prune=0.1", "--measure", "stored_bytes"])

    assert 0 == result.exit_code
    assert "at α 1, β 1: 228,333 stored bytes, as in the report" in result.stdout
    assert 228_333 == ledger("lenet_caffe@prune=0.1")["stored_bytes"]


# Rates left open


@pytest.mark.parametrize(
    ("steps", "points"),
    [
        ("prune=density@quantise=bits", [{"density": "0.1", "bits": 5}, {"density": "0.37", "bits": 8}]),
        ("prune=density@share=bits@encode=relative:bits_index", [{"density": "0.05", "bits": 4, "bits_index": 3}]),
        ("prune=*=density,conv1=density_first@encode=csr:16:32", [{"density": "0.3", "density_first": "0.9"}]),
        ("prune=density:inputs:density_in@binarise=bwn", [{"density": "0.3", "density_in": "0.5"}]),
        ("prune=density:channels", [{"density": "0.5"}, {"density": "0.61"}]),
        ("factorise=linear1=rank", [{"rank": 3}, {"rank": 40}]),
    ],
)
def test_a_formula_and_a_sweep_in_open_rates_are_the_report(steps: str, points: list[dict[str, Any]]) -> None:
    """With values put in, to the last byte; rates are open in a formula by themselves."""
    measures = ["stored_bytes", "kept_weights", "bops", "sparse_mult_adds"]
    formula = costcalc.formula(f"lenet_caffe@{steps}", measures=measures)
    for point in points:
        found = ledger(f"lenet_caffe@{steps}@" + "@".join(f"{key}={value}" for key, value in point.items()))
        expected = tuple(found[measure] for measure in measures)
        axes = {key: [value] for key, value in point.items()}
        (row,) = costcalc.sweep(f"lenet_caffe@{steps}", columns=measures, axes=axes).rows

        assert formula.holds(**point), point
        assert expected == formula.at(**point)
        assert expected == tuple(row[measure] for measure in measures)


@pytest.mark.parametrize(
    ("steps", "measure", "points"),
    [
        ("prune=0.1@encode=columns:4:12:4", "params", [{}, {"beta": 3}]),  # more entries than a pointer counts
        ("prune=density@encode=csr:10:15", "stored_bytes", [{"density": "0.4"}, {"density": "0.95"}]),
        ("prune=0.1@encode=csr:bits_index:32", "stored_bytes", [{"bits_index": 7}, {"bits_index": 4}]),
        ("prune=density@encode=relative:bits", "stored_bytes", [{"bits": 16}, {"bits": 17}, {"bits": 64}]),
        ("share=bits", "stored_bytes", [{"bits": 5}, {"bits": 40}]),
    ],
)
def test_a_formula_holds_where_there_is_a_report(steps: str, measure: str, points: list[dict[str, Any]]) -> None:
    """At the first point, and at no other: there bits are too few, or too many."""
    side = 3 if "columns" in steps or "csr:10" in steps else 1
    spec = f"costcalc: 1\nname: t\ninput: {side}x{side}x100\nlayers: [{{op: flatten}}, {{op: linear, out: 40}}]\n"
    network = costcalc.from_spec(spec, steps)
    formula = costcalc.formula(network, measures=[measure], alpha=1)
    rates = {key: value for key, value in formula.open.items() if key in network.rates}
    first, *others = ({**rates, **point} for point in points)
    assert formula.holds(**first)
    assert (costcalc.from_spec(spec, steps, **first).ledger()[measure],) == formula.at(**first)
    for point in others:
        assert not formula.holds(**point), point
        with pytest.raises(costcalc.CostcalcError):
            costcalc.from_spec(spec, steps, **point).ledger()
        if "bits" in point:
            with pytest.raises(costcalc.CostcalcError, match=r"cannot be evaluated at .*bits"):
                formula.at(**point)


def test_closed_formula_of_stored_bytes_in_density_and_bits() -> None:
    """266,200 weights in `bits` times the density, and a bit for each; 410 biases in 4 bytes: without rounding."""
    words = ["--measure", "stored_bytes", "--smooth", "--alpha", "1", "--beta", "1"]
    result = CliRunner().invoke(main, ["formula", "lenet_300_100@prune=density@quantise=bits", *words])

    assert "stored bytes = 33275·bits·density + 34927\n" in result.stdout  # 266,200 / 8; and 1,640 + 12 of scales
    assert "holds while bits < 32 and density ≠ 1\n" in result.stdout
    assert "bytes of float32 where no recipe says otherwise" in " ".join(result.stdout.split())


def test_a_map_of_density_and_bits(tmp_path: Path) -> None:
    file = tmp_path / "map.svg"
    axes = ["--set", "density=0.2:1:0.4", "--set", "bits=2,8", "--measure", "stored_bytes"]
    name = "lenet_300_100@prune=density@quantise=bits"
    result = CliRunner().invoke(main, ["sweep", name, *axes, "--kind", "heatmap", "--plot", str(file)])

    assert 0 == result.exit_code, result.output
    assert "density" in file.read_text()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("@prune=density", "@prune: density has no value\n  expected: one after the network's name, as @density=0.5"),
        ("@prune=density@density=1.5", f"density 1.5 is out of range\n  expected: {RANGE}"),
        ("@prune=density@bits=5", "'@bits=5' is neither a setting of lenet_caffe nor a transform"),
        ("@share=bits@bits=17", "@share: '17' is no number of bits\n  expected: a whole number from 1 to 16"),
        ("@prune=densty", f"@prune: 'densty' is no density\n  expected: {RANGE}\n  did you mean 'density'?"),
        ("@prune=bits", f"@prune: 'bits' is no density\n  expected: {RANGE}"),
    ],
)
def test_wrong_open_rates(name: str, message: str) -> None:
    result = CliRunner().invoke(main, ["report", f"lenet_caffe{name}"])

    assert (2, "") == (result.exit_code, result.stdout)
    assert result.stderr.startswith(f"Error: {message}")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("resnet18@prune=conv2_1.main=0.5,*=0.1@quantise=int8", "@prune=conv2_1_main=0.5,*=0.1@quantise=int8"),
        ("lenet_caffe@prune=density@density=0.3@share=5", "@prune=0.3@share=5"),
        ("lenet_caffe@factorise=linear1=8@prune=conv1=0.5:channels,*=0.2", "@prune=conv1=1,*=0.2"),
        ("mobilenet_v2@binarise=xnor", "@binarise=xnor"),
        ("squeezenet1_0_caffe@recipe=deep_compression_squeezenet", "@prune=conv1=13902/14112,fire2_squeeze=1528/1536,"),
    ],
)
def test_show_names_the_recipe(name: str, words: str, tmp_path: Path) -> None:
    """The spec that it writes, with what it says after the file's name, stores the same."""
    file = tmp_path / "shown.yaml"
    assert 0 == CliRunner().invoke(main, ["show", name, "--output", str(file)]).exit_code
    (line,) = [line for line in file.read_text().splitlines() if line.startswith("# weights are stored as after FILE")]
    said = line.removeprefix("# weights are stored as after FILE")

    assert said.startswith(words)
    assert ledger(name)["stored_bytes"] == ledger(f"{file}{said}")["stored_bytes"]
    assert "are stored" not in CliRunner().invoke(main, ["show", name.partition("@")[0]]).stdout
