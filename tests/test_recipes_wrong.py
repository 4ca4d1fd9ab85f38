"""Wrong recipes, word for word; and steps that undo what others did."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from recipes import RANGE, network

import costcalc
from costcalc.cli import main
from costcalc.spec import catalogue

LAYERS = "conv1, conv2, linear1 or linear2"


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ("prune=0", f"@prune: density 0 is out of range\n  expected: {RANGE}"),
        ("prune=1.5", f"@prune: density 1.5 is out of range\n  expected: {RANGE}"),
        ("prune=d", f"@prune: 'd' is no density\n  expected: {RANGE}"),
        ("prune=0.1234567", f"@prune: density 0.1234567 is out of range\n  expected: {RANGE}"),
        ("prune=5:4", "@prune: 5:4 is no N:M\n  expected: N of each M weights, 1 <= N <= M <= 1024"),
        (
            "prune=0.1:blocks:4",
            "@prune: '4' is no size of blocks\n  expected: rows and columns as 4x4, each from 1 to 1024",
        ),
        (
            "prune=0.1:blocks:4x4@encode=columns:4:16",
            "@encode: conv1 is pruned in blocks, which columns do not hold\n"
            "  expected: relative, csr, bitmap or dense, for blocks",
        ),
        (
            "prune=0.5:blocks:32x2",
            "@prune: conv1 is a matrix of 20x25, blocks are 32x2\n  expected: blocks no larger than the layer",
        ),
        (
            "huffman=1/2+1/3",
            "@huffman: the shares of '1/2+1/3' sum to 5/6\n"
            "  expected: shares that sum to 1, or counts that are whole numbers",
        ),
        (
            "quantise=float16:zero",
            "@quantise: float16 has its own zero\n  expected: zero points of whole numbers, as int8:zero",
        ),
        (
            "quantise=bfloat16:channel",
            "@quantise: bfloat16 has no scales\n  expected: their format, as bfloat16:channel:float32, or bfloat16",
        ),
        (
            "factorise=conv2=energy:0.9:5+3",
            "@factorise: conv2 has a window: CP has no singular values\n  expected: filters, spatial or tucker",
        ),
        ("quantise=0", "@quantise: '0' is no number of bits\n  expected: a whole number from 1 to 64"),
        ("share=0", "@share: '0' is no number of bits\n  expected: a whole number from 1 to 16"),
        (
            "share=9",
            "@share: conv1 has 500 weights, the codebook 512 values\n  expected: a codebook no larger than the layer",
        ),
        ("factorise=linear2=11", "@factorise: rank 11 is above the full rank of linear2\n  expected: at most 10"),
        (
            "factorise=5000",
            "@factorise: rank 5000 is above the full rank of conv2\n  expected: at most 500",
        ),  # of all layers the highest
        (
            "factorise=conv2=tucker:2:3,linear1=tucker:2:2",
            "@factorise: tucker is not for linear1\n  expected: a convolution with a window",
        ),
        (
            "factorise=all linear=tucker:2:2",
            "@factorise=all linear=tucker:2:2 changes nothing in this network\n"
            "  expected: layers that a pattern matches, for which the scheme is, and which the rank makes smaller",
        ),
        (
            "encode=csr:9",
            "@encode: rows of linear1 have 800 weights, 9 bits tell 512\n  expected: more bits of an index",
        ),
        (
            "prune=0.5@encode=csr:16",
            "@encode: linear1 has 200000 entries, a pointer of 16 bits counts to 65535\n"
            "  expected: more bits of a pointer, as csr:16:32 or columns:4:20:64",
        ),
        (
            "encode=columns:4:2:1@prune=0.1",
            "@encode: conv1 has 50 entries, a pointer of 2 bits counts to 3\n"
            "  expected: more bits of a pointer, as csr:16:32 or columns:4:20:64",
        ),
        (
            "prune=*=0.1,0.2",
            "@prune: two values for all layers\n  expected: each pattern once, and * for all other layers",
        ),
        (
            "factorise=linear1=energy:0.9",
            "@factorise: kept energy of linear1: a spec has no weights\n"
            "  expected: singular values, as energy:0.9:5+3+1; or ranks of a file of weights: `costcalc compress FILE`",
        ),
        (
            "factorise=linear1=energy:0.9:5+a",
            "@factorise: '5+a' is no list of singular values\n  expected: numbers from 0, as 5+3+1",
        ),
        (
            "prune=lineer1=0.1",
            f"@prune: no layer with weights matches 'lineer1'\n  expected: {LAYERS}\n  did you mean 'linear1'?",
        ),
        (
            "prune=all dwconv=0.5,all linear=0.3",
            f"@prune: no layer with weights matches 'all dwconv'\n  expected: {LAYERS}\n  did you mean 'all conv'?",
        ),
        (
            "prune=conv1=0.1,conv*=0.2",
            "@prune: 'conv1' and 'conv*' both match conv1\n"
            "  expected: patterns that share no layer; * is for all others",
        ),
        (
            "prune=conv1=0.1,conv1=0.2",
            "@prune: the pattern 'conv1' stands twice\n  expected: each pattern once, and * for all other layers",
        ),
        ("binarise=bnw", "@binarise: unknown 'bnw'\n  expected: bwn or xnor\n  did you mean 'bwn'?"),
        (
            "recipe=deep_compresion",
            f"unknown recipe 'deep_compresion'\n  expected: {', '.join(sorted(catalogue.file_names('recipes'))[:-1])}"
            " or xnor_alexnet, or a path to a file of one\n  did you mean 'deep_compression'?",
        ),
        (
            "recipe=deep_compression_alexnet",
            "specs/recipes/deep_compression_alexnet.yaml:10:12: prune: no layer with weights matches 'conv3'\n"
            f"   10 |     conv3: 0.35\n      |            ^^^^\n  expected: {LAYERS}\n  did you mean 'conv2'?",
        ),
    ],
)
def test_wrong_steps(steps: str, message: str) -> None:
    result = CliRunner().invoke(main, ["report", f"lenet_caffe@{steps}"])
    shown = message if message.startswith("specs") else f"Error: {message}"

    assert (2, "", f"{shown}\n") == (result.exit_code, result.stdout, result.stderr)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("prune: {conv1: 1.2}", "4:18: prune: density 1.2 is out of range"),
        ("prune: 0", "4:10: prune: density 0 is out of range"),
        ("quantise: {all conv: 0}", "4:24: quantise: '0' is no number of bits"),
        ("factorise: {linear2: 11}", "4:24: factorise: rank 11 is above the full rank of linear2"),
        ("share: {conv1: 9}", "4:18: share: conv1 has 500 weights, the codebook 512 values"),
        ("prune: {lineer1: 0.1}", "4:20: prune: no layer with weights matches 'lineer1'"),
        ("prune: {conv1: 0.1, 'conv*': 0.2}", "4:32: prune: 'conv1' and 'conv*' both match conv1"),
        ("prune: {conv1: 0.1, conv1: 0.2}", "4:23: duplicate key 'conv1'"),
        ("prune: {linear2: 0.5:channels}", "4:20: prune: linear2 is what the network puts out"),
        ("prune: density", "4:10: prune: density has no value"),
    ],
)
def test_wrong_lines_of_a_file(step: str, message: str, tmp_path: Path) -> None:
    """Where, with the line, a caret below it, and what was expected."""
    file = tmp_path / "mine.yaml"
    file.write_text(f"costcalc: 1\nrecipe: mine\nsteps:\n- {step}\n")
    result = CliRunner().invoke(main, ["report", f"lenet_caffe@recipe={file}"])
    first, line, caret, *rest = result.stderr.splitlines()

    assert (2, "") == (result.exit_code, result.stdout)
    assert f"{file}:{message}" == first
    assert line.endswith(f"- {step}")
    column = int(message.split(":")[1])
    assert line.index("|") + 2 + column - 1 == caret.index("^")
    assert "duplicate" in message or any(text.startswith("  expected: ") for text in rest)


def test_all_errors_of_a_file_at_once(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("costcalc: 1\nrecipe: mine\nsteps:\n- prune: {conv1: 2}\n- shrae: 4\n- quantise: int9\nstep: 1\n")
    result = CliRunner().invoke(main, ["report", f"lenet_caffe@recipe={file}"])
    lines = [line.replace(str(file), "mine.yaml") for line in result.stderr.splitlines() if "mine.yaml" in line]

    assert 2 == result.exit_code
    assert [
        "mine.yaml:4:18: prune: density 2 is out of range",
        "mine.yaml:5:3: unknown step 'shrae'",
        "mine.yaml:6:13: quantise: 'int9' is no format",
        "mine.yaml:7:1: unknown recipe key 'step'",
    ] == lines
    assert "did you mean 'share'?" in result.stderr


@pytest.mark.parametrize("before", ["share=5", "binarise=*=xnor"])
def test_quantised_again(before: str) -> None:
    """Numbers of eight bits have no codebook, and their products are none of signs."""
    again, only = (costcalc.load(f"lenet_caffe@{steps}quantise=int8").ledger() for steps in (f"{before}@", ""))
    measures = ("stored_bytes", "codebook_bytes", "scale_bytes", "bops", "binary_mult_adds")

    assert {measure: only[measure] for measure in measures} == {measure: again[measure] for measure in measures}


@pytest.mark.parametrize(
    ("steps", "arriving", "refused"),
    [
        ("encode=csr:4:16", 16, ""),
        ("encode=csr:4:16", 17, "rows of conv1 have 17 weights, 4 bits tell 16"),
        ("prune=15/16@encode=csr:4:4", 4, ""),
        ("encode=csr:4:4", 4, "conv1 has 16 entries, a pointer of 4 bits counts to 15"),
    ],
)
def test_numbers_that_just_tell_all(steps: str, arriving: int, refused: str) -> None:
    """Of four rows: the last number of a column, the last of an entry."""
    cut = network("- {op: conv, out: 4}\n", steps, f"1x1x{arriving}")
    if not refused:
        assert cut.ledger()["index_bytes"]
        return

    with pytest.raises(costcalc.UsageError, match=refused):
        cut.ledger()


@pytest.mark.parametrize("steps", ["encode=csr:16@prune=0.1", "encode=columns:4:13:64", "encode=csr:10:9@encode=dense"])
def test_pointers_are_long_enough_after_all_steps(steps: str) -> None:
    """40,000 entries left of 400,000; 6,250 in each of 64 elements; none with the last step."""
    assert costcalc.load(f"lenet_caffe@{steps}").ledger()["stored_bytes"]


def test_a_file_may_speak_of_kinds_that_a_network_lacks() -> None:
    """LeNet-300-100 has no convolution, and the recipe for any network has rates for them."""
    assert (
        0.1
        == costcalc.load("lenet_300_100@recipe=deep_compression").ledger().layers["linear1"]["kept_weights"] / 235200
    )


def test_an_open_rate_misspelt() -> None:
    """The nearest name is among the open rates as well, and the network is called as it was."""
    result = CliRunner().invoke(main, ["report", "resnet18@quantise=bits", "--set", "bitz=8"])

    assert 2 == result.exit_code
    assert "resnet18 has no setting 'bitz'" in result.stderr
    assert "did you mean 'bits'?" in result.stderr


def test_signs_have_no_codebook() -> None:
    ledgers = [costcalc.load(f"lenet_caffe@{steps}binarise=*=bwn").ledger() for steps in ("", "share=5@")]

    assert ledgers[0]["stored_bytes"] == ledgers[1]["stored_bytes"]


@pytest.mark.parametrize(
    ("first", "message"),
    [("", "mine.yaml:1:1: no `costcalc`"), ("costcalc: 2\n", "mine.yaml:1:11: unknown version of the format")],
)
def test_a_file_of_another_version(tmp_path: Path, first: str, message: str) -> None:
    """As with a spec: what a later version means by the same words is not known."""
    file = tmp_path / "mine.yaml"
    file.write_text(f"{first}recipe: mine\nsteps:\n- prune: 0.5\n")
    result = CliRunner().invoke(main, ["report", f"lenet_caffe@recipe={file}"])

    assert 2 == result.exit_code
    assert message in result.stderr


@pytest.mark.parametrize(
    ("text", "message"), [("- a\n", "1:1: a recipe must be a mapping"), ("", "1:1: the file is empty")]
)
def test_a_file_that_is_no_recipe(tmp_path: Path, text: str, message: str) -> None:
    """One line that names the file."""
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(costcalc.SpecError) as error:
        costcalc.load(f"lenet_caffe@recipe={file}").report()

    assert [f"{file}:{message}"] == [str(problem).splitlines()[0] for problem in error.value.problems]


def test_a_recipe_of_a_network_that_there_is_not(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("costcalc: 1\nrecipe: mine\nnetwork: lenet_cafe\nsteps:\n- prune: 0.5\n")
    with pytest.raises(costcalc.SpecError, match=r"mine.yaml:3:10: no network 'lenet_cafe'(.|\n)*mean 'lenet_caffe'"):
        costcalc.load(f"lenet_caffe@recipe={file}").report()


def test_an_unknown_setting_is_of_the_network_that_was_named() -> None:
    with pytest.raises(costcalc.UsageError, match=r"^lenet_caffe has no setting 'density'"):
        costcalc.load("lenet_caffe", density="0.5")
    with pytest.raises(costcalc.UsageError, match="a formula has no word 'measure'\n  expected: measures"):
        costcalc.formula("lenet_caffe", measure="params")


def test_a_recipe_is_no_network(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("costcalc: 1\nrecipe: mine\nsteps:\n- prune: 0.5\n")
    for command in ("report", "verify"):
        result = CliRunner().invoke(main, [command, str(file)])
        assert result.stderr.startswith(f"{file}:2:9: this is a recipe, and no network\n")
        assert result.stderr.endswith(f"expected: a network; the recipe stands behind one, as vgg16@recipe={file}\n")


def test_a_file_of_a_stranger_shows_nothing_outside_its_tree(tmp_path: Path) -> None:
    """A file of budgets names a recipe outside its repository: not a line of that is told."""
    tree, secret = tmp_path / "tree", tmp_path / "secret.txt"
    (tree / ".git").mkdir(parents=True)
    secret.write_text("password: hunter2\n")
    config = tree / "costcalc.toml"
    (tree / "r.yaml").symlink_to(secret)
    config.write_text(f'[[check]]\nnetwork = "lenet_caffe@recipe={tree}/r.yaml"\nmax-params = "1M"\n')
    result = CliRunner().invoke(main, ["check", "--config", str(config)])

    assert 2 == result.exit_code
    assert "hunter2" not in result.output
    assert "not shown" in result.output
