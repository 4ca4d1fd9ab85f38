"""Training: what autograd keeps, what the backward pass multiplies, what checkpoints give and take."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from catalogued import each
from click.testing import CliRunner

import costcalc
from costcalc.cli import main
from costcalc.counting import Checkpoint, Counting, Optimizer
from costcalc.errors import Place, UsageError
from costcalc.graph import Builder
from costcalc.ledger import Ledger, ledger_of
from costcalc.operators import REGISTRY, Shape
from costcalc.operators.examples import example_of, inputs, lettered
from costcalc.training import training_of
from costcalc.words import By

with (Path(__file__).parent / "golden" / "training" / "saved_activations.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))
NETWORKS = list(dict.fromkeys(row["network"] for row in ROWS if row["network"] not in ("operator", "checkpoint")))
BATCH = 8
NOWHERE = Place("", 0, 0)

MODULES = {
    "conv": "Conv2d", "dwconv": "Conv2d", "bn": "BatchNorm2d", "relu": "ReLU", "relu6": "ReLU6", "hswish": "Hardswish",
    "hsigmoid": "Hardsigmoid", "maxpool": "MaxPool2d", "avgpool": "AvgPool2d", "adaptive_avgpool": "AdaptiveAvgPool2d",
    "dropout": "Dropout", "linear": "Linear", "mul": "function",
}  # fmt: skip
"""The module of PyTorch that an operator is in torchvision's networks."""
SOFTMAX = 8 * 1000 * 4
"""Our networks end with a softmax, which keeps its result; torchvision leaves it to the loss."""
DIFFERENCES: dict[str, dict[str, int]] = {
    "densenet121": {"softmax": SOFTMAX, "function": -1605632, "ReLU": 1605632},  # the last relu is a function there
    **{name: {"softmax": SOFTMAX} for name in ("resnet18", "resnet50", "resnext50_32x4d", "vgg16", "vgg16_bn")},
}
"""Where ours is not torchvision's network: bytes more or less than theirs."""


def saved_of(name: str) -> dict[str, int]:
    """Bytes that PyTorch saves of a network, by kind of module."""
    return {row["kind"]: int(row["saved_bytes"]) for row in ROWS if row["network"] == name}


@pytest.mark.parametrize("name", NETWORKS)
def test_saved_activations_are_those_of_pytorchs_hooks(name: str) -> None:
    """Operator by operator and of the whole, with each difference named."""
    ledger = costcalc.load(f"torchvision/{name}", batch=BATCH).ledger()
    expected = Counter(saved_of(name))
    total = expected.pop("total")
    expected.update(DIFFERENCES.get(name, {}))
    ours: Counter[str] = Counter()
    for entry in ledger.entries(By.NODE):
        ours[MODULES.get(entry.op, entry.op)] += entry["saved_activation_bytes"]

    assert {key: value for key, value in expected.items() if value} == {k: v for k, v in ours.items() if v}
    assert total + sum(DIFFERENCES.get(name, {}).values()) == ledger["saved_activation_bytes"]


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row["backward_mult_adds"] and row["network"] in NETWORKS],
    ids=lambda row: row["network"],
)
def test_work_is_that_of_pytorchs_counter(row: dict[str, str]) -> None:
    """Forward and backward: no gradient of the image."""
    ledger = costcalc.load(f"torchvision/{row['network']}", batch=BATCH).ledger()

    assert int(row["forward_mult_adds"]) == ledger["macs"]
    assert int(row["backward_mult_adds"]) == ledger["backward_mult_adds"]


FIELDS: dict[str, dict[str, Any]] = {
    "conv": {"out": 8, "k": 3}, "dwconv": {"k": 3}, "conv_transpose": {"out": 8, "k": 3, "stride": 2},
    "dynamic_conv": {"out": 8}, "linear": {"out": 4}, "gn": {"groups": 4}, "maxpool": {"k": 3, "stride": 2, "pad": 1},
    "avgpool": {"k": 2}, "adaptive_avgpool": {"size": 5}, "adaptive_maxpool": {"size": 5}, "shuffle": {"groups": 2},
    "matmul": {"transpose": True}, "pad": {"size": 1}, "upsample bilinear": {"mode": "bilinear"}, "rbf": {"out": 4},
}  # fmt: skip
"""The fields of an operator where the golden figures ask for others than its defaults."""


def built(name: str) -> Ledger:
    """The graph of a row of operators: x and y are maps of 12x12x8 that have a gradient."""
    builder = Builder(Shape((12, 12), 8), BATCH)

    def add(op: str, *sources: int, **fields: Any) -> int:
        place = f"n{len(builder.nodes)}"
        return builder.add(REGISTRY[op](**fields), sources, place, place, place, op, NOWHERE)

    x, y = add("conv", -1, out=8), add("conv", -1, out=8)
    op, _, rest = name.partition(" ")
    match rest:
        case "in place":
            sources = (add("add", x, y),)
        case "of three":
            sources = (x, y, add("add", x, y))
        case "of a slice":
            sources = (add("slice", x, start=2, stop=4),)
        case "of a split":
            sources = (add("split", x, parts=2),)
        case _ if op == "dynamic_conv":
            sources = (x, add("conv", add("gap", y), out=64))
        case _ if op in ("linear", "rbf"):
            sources = (add("flatten", x),)
        case _:
            sources = (x, y) if REGISTRY[op].inputs is None else (x,)
    add(op, *sources, **FIELDS.get(name, {}))
    return ledger_of(builder.finish(), Counting.of())


@pytest.mark.parametrize("name", saved_of("operator"))
def test_an_operator_keeps_what_pytorchs_does(name: str) -> None:
    expected = saved_of("operator")[name]

    assert expected == built(name).entries(By.NODE)[-1]["saved_activation_bytes"]


def test_every_operator_that_keeps_something_is_measured() -> None:
    """But the convolution along channels, which is PyTorch's in three dimensions, an embedding, whose input is of
    integers, and recurrent layers, whose kernels keep what they like of their gates."""
    keeping = {name for name, cls in REGISTRY.items() if cls.keeps != "nothing" or cls.draws_a_mask}

    assert keeping - {name.split(" ")[0] for name in saved_of("operator")} == {
        "channel_conv", "embedding", "rnn", "lstm", "gru",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_what_learns_has_parameters(name: str) -> None:
    """The flag that decides about gradients, and the cost rule, say the same."""
    numbers = {"H": 6, "W": 6, "M": 4, "N": 4, "k": 1, "s": 1, "g": 2, "m": 2, "n": 2, "p": 1}
    operator = REGISTRY[name](**{key: lettered(value, numbers.get) for key, value in example_of(name).items()})
    arriving = inputs(name, numbers.get)
    cost = operator.cost(*arriving, operator.shape(*arriving))

    assert (cost.weights + cost.biases + cost.norm_affine > 0) == operator.is_learned()


@pytest.mark.parametrize(
    ("row", "learns", "keeps"),
    [
        ("{op: bn, scale: false, shift: false}", False, 1024),
        ("{op: affine, scale: false}", True, 0),
        ("{op: ln, affine: false}", False, 1024 + 2 * 64 * 4),
        ("{op: gn, groups: 2, affine: false}", False, 1024 + 2 * 2 * 4),
        ("{op: adaptive_avgpool, size: 1}", False, 0),
    ],
)
def test_fields_decide_what_is_kept(row: str, learns: bool, keeps: int) -> None:
    """After a convolution of 8x8x4, whose input of 1024 bytes is kept; a norm's statistics beside its map."""
    text = f"costcalc: 1\nname: t\ninput: 8x8x4\nlayers:\n- {{op: conv, out: 4}}\n- last: {row}\n"
    ledger = costcalc.from_spec(text).ledger()
    statistics = 2 * 4 * 4 if "bn" in row else 0

    assert learns == ledger.graph.nodes[-1].operator.is_learned()
    assert keeps + statistics == ledger.layers["last"]["saved_activation_bytes"]


# Small networks by hand


def ledger(rows: str, input: str = "8x8x4", **words: Any) -> Ledger:
    return costcalc.from_spec(f"costcalc: 1\nname: t\ninput: {input}\nlayers:\n{rows}").ledger(**words)


CHAIN = "".join(f"- c{index}: {{op: conv, out: 4, act: relu}}\n" for index in range(4))
"""Four 1x1 convolutions with relu: 8 x 8 x 4 x 4 = 1024 multiply-adds each, and maps of 1024 bytes."""


def test_backward_of_a_chain() -> None:
    """Each layer the gradient of its weights, all but the first that of its input."""
    chain = ledger(CHAIN)

    assert [1024, 2048, 2048, 2048] == [layer["backward_mult_adds"] for layer in chain.layers.values()]
    assert 4 * 1024 + 7 * 1024 == chain["training_mult_adds"]
    assert (1 + 4) * 1024 == chain["saved_activation_bytes"]  # the input, and each relu's result, which convs share
    assert chain.training == training_of(chain.graph)


def test_what_depends_on_the_input_alone_has_no_gradient() -> None:
    """A pooled image keeps nothing; of a product with it, only what the gradient of the other side needs."""
    rows = "- p: {op: maxpool, k: 3, stride: 1, pad: same}\n- c: {op: conv, out: 4, from: input}\n"
    product = ledger(f"{rows}- m: {{op: mul, from: [c, p]}}\n")
    both = ledger(f"{rows}- m: {{op: mul, from: [c, c]}}\n")

    assert [0, 1024, 1024] == [layer["saved_activation_bytes"] for layer in product.layers.values()]
    assert [0, 1024, 1024] == [layer["saved_activation_bytes"] for layer in both.layers.values()]
    assert 1024 == product["backward_mult_adds"]


def test_a_result_that_two_need_is_kept_once() -> None:
    """Roots of squares, for their own gradient and as the input of a linear layer."""
    rows = (
        "- c: {op: conv, out: 4}\n- r: {op: reduce, size: [1, 1], channels: 4, how: norm}\n- l: {op: linear, out: 3}\n"
    )

    assert [1024, 1024 + 16, 0] == [layer["saved_activation_bytes"] for layer in ledger(rows).layers.values()]


def test_products_of_maps_have_a_gradient_of_each() -> None:
    """Scores of attention, 64 x 64 x 4 multiply-adds: of one learned side, of two, and of one map with itself."""
    head = "- i: {op: reshape, size: 64, from: input}\n- a: {op: conv, out: 4, from: input}\n"
    head += "- l: {op: reshape, size: 64}\n- s: {op: matmul, transpose: true, from: "

    assert 64 * 64 * 4 == ledger(head + "[l, i]}\n").layers["s"]["backward_mult_adds"]
    assert 2 * 64 * 64 * 4 == ledger(head + "[l, l]}\n").layers["s"]["backward_mult_adds"]
    assert 1024 == ledger(head + "[l, l]}\n").layers["s"]["saved_activation_bytes"]


def test_checkpoints_of_a_chain() -> None:
    """Segments of two: the input and the second relu's map stay. The first segment keeps one map more, the last one
    two; only the first runs again."""
    chain = ledger(CHAIN, checkpoint="every=2")

    assert [1024, 0, 1024, 0] == [layer["kept_activation_bytes"] for layer in chain.layers.values()]
    assert [1024, 1024, 2048, 2048] == [layer["segment_activation_bytes"] for layer in chain.layers.values()]
    assert (2 + 2) * 1024 == chain["saved_activation_bytes"]
    assert 2 * 1024 == chain["recomputed_mult_adds"]
    assert (4 + 7 + 2) * 1024 == chain["training_mult_adds"]


@pytest.mark.parametrize("row", [row for row in ROWS if row["network"] == "checkpoint"], ids=lambda row: row["kind"])
def test_work_under_checkpoints_is_that_of_pytorchs(row: dict[str, str]) -> None:
    """Six 3x3 convolutions with relu: the backward pass, and all segments but the last once more."""
    rows = "".join(f"- c{index}: {{op: conv, out: 4, k: 3, act: relu}}\n" for index in range(6))
    found = costcalc.from_spec(f"costcalc: 1\nname: t\ninput: 8x8x4\nlayers:\n{rows}", batch=BATCH).ledger(
        checkpoint=row["kind"]
    )

    assert int(row["forward_mult_adds"]) == found["macs"]
    assert int(row["backward_mult_adds"]) == found["backward_mult_adds"] + found["recomputed_mult_adds"]


def test_a_map_that_skips_a_segment_is_kept_once() -> None:
    """The first relu's map enters the second segment and, by the sum, the third."""
    rows = CHAIN + "- s: {op: add, from: [c0, c3], act: relu}\n- last: {op: conv, out: 4}\n"
    found = ledger(rows, checkpoint="every=1")

    assert 6 * 1024 == found["kept_activation_bytes"]  # the input, c0, c1, c2, c3, s
    assert 5 * 1024 == found["recomputed_mult_adds"] + 1024  # c0 to c3; the sum multiplies nothing
    assert 0 == found["segment_activation_bytes"]


def test_one_segment_is_no_checkpoint() -> None:
    """It is the last one: nothing runs again, and all that is kept is kept inside."""
    for name in ("resnet18", "mobilenet_v2", "densenet121"):
        network = costcalc.load(name, batch=2)
        plain, whole = network.ledger(), network.ledger(checkpoint="every=99999")

        assert plain["saved_activation_bytes"] == whole["saved_activation_bytes"]
        assert 0 == whole["recomputed_mult_adds"] == plain["recomputed_mult_adds"]


@pytest.mark.parametrize(("layers", "each"), [(1, 1), (4, 2), (5, 3), (16, 4), (17, 5)])
def test_the_root_of_the_number_of_layers(layers: int, each: int) -> None:
    """The smallest number whose square is not below it."""
    assert each == Checkpoint().layers_each(layers)
    assert 7 == Checkpoint(7).layers_each(layers)


@pytest.mark.parametrize(("optimizer", "values"), [("sgd", 0), ("momentum", 1), ("adam", 2), ("adamw", 2)])
def test_state_of_the_optimizer(optimizer: str, values: int) -> None:
    """ResNet-18 has 11,689,512 parameters: float32 of each, of its gradient, and of its state."""
    found = costcalc.load("resnet18").ledger(optimizer=optimizer)
    half = costcalc.load("resnet18").ledger(optimizer=optimizer, weights="bfloat16")

    assert 11_689_512 * 4 == found["gradient_bytes"]
    assert 11_689_512 * 4 * values == found["optimizer_bytes"]
    assert 11_689_512 * 4 * (2 + values) + found["saved_activation_bytes"] == found["training_bytes"]
    assert 11_689_512 * 2 * values == half["optimizer_bytes"]


def test_formats_of_what_is_kept() -> None:
    """Maps and masks as activations, statistics as partial sums, indices in 64 bits."""
    rows = "- c: {op: conv, out: 4, norm: bn}\n- p: {op: maxpool, k: 2}\n- d: {op: dropout}\n- {op: conv, out: 4}\n"
    found = ledger(rows, activations="float16", accumulators="float32")

    assert (
        2 * (256 + 256) + 2 * 4 * 4 == found.layers["c"]["saved_activation_bytes"]
    )  # input, bn's input, 2 per channel
    assert 2 * 256 + 8 * 64 == found.layers["p"]["saved_activation_bytes"]
    assert 2 * 64 == found.layers["d"]["saved_activation_bytes"]


# On grids, on symbols, in commands

MEASURES = [
    "backward_mult_adds", "recomputed_mult_adds", "training_mult_adds", "gradient_bytes", "optimizer_bytes",
    "kept_activation_bytes", "segment_activation_bytes", "saved_activation_bytes", "training_bytes",
]  # fmt: skip


@pytest.mark.parametrize("name", each(["mobilenet_v2", "shufflenet_v1", "densenet121"], ["shufflenet_v1"]))
@pytest.mark.parametrize("checkpoint", ["every=3", "sqrt"])
def test_grids_have_the_figures_of_reports(name: str, checkpoint: str) -> None:
    words = {"optimizer": "adam", "checkpoint": checkpoint}
    axes = {"alpha": ["1", "2"], "resolution": [160, 224], "batch": [1, 16]}
    for row in costcalc.sweep(name, axes=axes, columns=MEASURES, **words).rows:
        found = costcalc.load(name, **{key: row[key] for key in axes}).ledger(**words)

        assert [found[measure] for measure in MEASURES] == [row[measure] for measure in MEASURES]


def test_symbols_have_the_figures_of_reports() -> None:
    words = {"optimizer": "momentum", "checkpoint": "every=7"}
    formula = costcalc.formula("mobilenet_v1", measures=MEASURES, **words)
    for alpha in ("1", "2"):
        found = costcalc.load("mobilenet_v1", alpha=alpha).ledger(**words)

        assert formula.holds(alpha=alpha)
        assert [found[measure] for measure in MEASURES] == list(formula.at(alpha=alpha))


def test_a_report_that_does_not_ask_pays_nothing() -> None:
    report = costcalc.load("mobilenet_v1").report()
    report.render("table")

    assert "training" not in vars(report.ledger)


def run(*args: str) -> Any:
    return CliRunner().invoke(main, list(args))


def test_the_report_of_training() -> None:
    """ResNet-18 at batch 8: figures of PyTorch, and 11,689,512 parameters of four bytes, four times."""
    result = run("report", "resnet18", "--training", "--optimizer", "adam", "--batch", "8", "--format", "json")
    found = costcalc.load("resnet18", batch=8).report(training=True, optimizer="adam").document

    assert '"optimizer": "adam"' in result.stdout
    assert 177_477_120 + SOFTMAX == found["totals"]["saved_activation_bytes"]
    assert 177_477_120 + SOFTMAX + 16 * 11_689_512 == found["training"]["training_bytes"]
    assert (14_512_586_752, 28_081_061_888) == (found["totals"]["macs"], found["totals"]["backward_mult_adds"])


def test_notes_of_the_report_of_training() -> None:
    text = run("report", "resnet18", "--training", "--batch", "8").stdout
    cut = run("report", "resnet18", "--training", "--batch", "8", "--checkpoint", "every=6").stdout

    assert "forward 14.51G + backward 28.08G = 42.59G multiply-accumulates a step, batch 8" in text
    assert "gradients 46.76 MB + state of sgd 0 B + saved float32 activations 177.5 MB" in text
    assert "\n11.69M parameters, 46.76 MB of float32 weights\n" in text
    assert "checkpoint every=6: segments of 6 layers; kept " in cut
    assert "recomputed" not in text
    assert " + recomputed " in cut


@pytest.mark.parametrize(
    ("words", "message", "expected", "near"),
    [
        ({"checkpoint": "every=0"}, "checkpoint: '0' is no number of layers", "as every=4", ""),
        ({"checkpoint": "every=x"}, "checkpoint: 'x' is no number of layers", "as every=4", ""),
        ({"checkpoint": "every="}, "checkpoint: '' is no number of layers", "as every=4", ""),
        ({"checkpoint": "every=²"}, "checkpoint: '²' is no number of layers", "as every=4", ""),
        ({"checkpoint": "every"}, "unknown checkpoint 'every'", "every=K", "every=2"),
        ({"checkpoint": "evry=3"}, "unknown checkpoint 'evry=3'", "every=K", "every=2"),
        ({"checkpoint": "sqr"}, "unknown checkpoint 'sqr'", "sqrt", "sqrt"),
        ({"optimizer": "adm"}, "unknown optimizer 'adm'", "adamw", "adam"),
    ],
)
def test_wrong_words(words: dict[str, str], message: str, expected: str, near: str) -> None:
    with pytest.raises(UsageError) as caught:
        costcalc.load("lenet5").report(training=True, **words)
    result = run(
        "report", "lenet5", "--training", *(part for key, value in words.items() for part in (f"--{key}", value))
    )

    assert (message, near) == (caught.value.message, caught.value.nearest)
    assert expected in caught.value.expected
    assert 2 == result.exit_code
    assert message in result.stderr


def test_a_budget_of_training() -> None:
    """ResNet-18 with sgd: 177,509,120 bytes saved and twice 46,758,048."""
    limit = 177_509_120 + 2 * 46_758_048

    assert 0 == run("check", "resnet18", "-n", "8", "--max-training-bytes", str(limit)).exit_code
    assert 1 == run("check", "resnet18", "-n", "8", "--max-training-bytes", str(limit - 1)).exit_code


@pytest.mark.parametrize(
    "words", [("compare", "lenet5", "nin"), ("sweep", "lenet5"), ("check", "lenet5", "--max-params", "1")]
)
def test_a_figure_is_never_without_how_it_was_trained(words: tuple[str, ...]) -> None:
    """Where somebody said so; else nothing is added."""
    plain, trained = run(*words).stdout, run(*words, "--optimizer", "adam", "--checkpoint", "every=3").stdout

    assert "optimizer adam, checkpoint every=3" in trained
    assert "optimizer" not in plain
    assert "checkpoint" not in plain


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "vgg16"])
def test_the_page_has_the_figures_of_pytorch(name: str) -> None:
    """The table of docs/training.md, written by hand."""
    page = (Path(__file__).parent.parent / "docs" / "training.md").read_text(encoding="utf-8")
    found = costcalc.load(name, batch=BATCH).ledger()["saved_activation_bytes"]

    assert f" | {saved_of(name)['total']:,} | {found:,} | " in page


def test_each_optimizer_says_its_state() -> None:
    assert {"sgd": 0, "momentum": 1, "adam": 2, "adamw": 2} == {str(one): one.values for one in Optimizer}
