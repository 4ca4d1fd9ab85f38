"""Networks as diagrams: boxes and edges, in Mermaid's grammar and in one that Graphviz takes."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

import costcalc
from costcalc.cli.main import main
from costcalc.report.diagrams.flow import diagram
from costcalc.report.diagrams.text import dot_text, mermaid_label

needs_graphviz = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
BOX = r'  n\d+\["[^"]+"\]\n'
EDGE = r"  n\d+ --> n\d+\n"


def show(*args: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["show", *args])
    assert code == result.exit_code, result.output
    return result.stdout if code == 0 else result.stderr


def boxes_and_edges(text: str) -> tuple[dict[str, list[str]], set[tuple[str, str]]]:
    """The lines of each box by its first, and what leads where, of Mermaid or of dot."""
    found = re.findall(r'(n\d+) ?\[(?:label=)?"(.*)"\]', text)
    boxes = {place: re.split(r"<br/>|\\n", label) for place, label in found}
    edges = {(boxes[there][0], boxes[here][0]) for there, here in re.findall(r"(n\d+) --?> (n\d+)", text)}
    return {lines[0]: lines[1:] for lines in boxes.values()}, edges


def test_a_residual_block_in_mermaid() -> None:
    """Source of the grammar: mermaid's packages/mermaid/src/diagrams/flowchart/parser/flow.jison."""
    text = show("resnet18", "--format", "mermaid")
    boxes, edges = boxes_and_edges(text)

    assert re.fullmatch(rf"```mermaid\nflowchart TB\n({BOX})+({EDGE})+```\n", text)
    assert ["224x224x3"] == boxes["input"]
    assert ["conv 7x7, stride 2", "112x112x64"] == boxes["conv1"]
    assert {("pool1", "conv2_1.conv1"), ("pool1", "conv2_1.add1"), ("conv2_1.main", "conv2_1.add1")} <= edges


def test_dot_has_the_same_boxes_and_edges() -> None:
    text = show("resnet18", "--format", "dot")

    assert text.startswith('digraph {\n  graph [label="ResNet-18, input 224x224x3, alpha 1')
    assert boxes_and_edges(show("resnet18", "--format", "mermaid")) == boxes_and_edges(text)


def test_many_layers_become_blocks_and_stages() -> None:
    """Unless they are asked for; a block of one layer says what that is."""
    blocks, _ = boxes_and_edges(show("mobilenet_v2", "--by", "block", "--format", "dot"))
    usual, _ = boxes_and_edges(show("googlenet", "--format", "dot"))
    layers, _ = boxes_and_edges(show("googlenet", "--format", "dot", "--by", "layer"))

    assert ["conv 3x3, stride 2", "112x112x32"] == blocks["conv1"]
    assert ["bottleneck", "56x56x24"] == blocks["bottleneck2"]
    assert len(usual) <= 81 < len(layers)


def test_more_than_mermaid_draws_is_an_error() -> None:
    assert show("nasnet_a_mobile", "--format", "mermaid", "--by", "layer", code=2).endswith(
        "expected: --by block or --by stage or --format dot\n"
    )
    assert show("nasnet_a_mobile", "--format", "dot", "--by", "layer").startswith("digraph {")


@pytest.mark.parametrize(("ending", "start"), [("md", "```mermaid\n"), ("dot", "digraph {"), ("gv", "digraph {")])
def test_the_ending_of_a_file_asks_for_a_diagram(ending: str, start: str, tmp_path: Path) -> None:
    show("lenet5", "--output", str(tmp_path / f"a.{ending}"))

    assert (tmp_path / f"a.{ending}").read_text(encoding="utf-8").startswith(start)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ("lenet5 --by layer", "--by without a diagram"),
        ("lenet5 --format dot --source", "dot does not go with --source, --structured or --flat"),
        ("lenet5 --format mermaid --flat", "mermaid does not go with --source, --structured or --flat"),
        ("--schema --format dot", "--schema is of every spec"),
    ],
)
def test_wrong_diagrams(args: str, message: str) -> None:
    assert show(*args.split(), code=2).startswith(f"Error: {message}\n")


def test_operators_have_no_diagram() -> None:
    with pytest.raises(costcalc.UsageError, match="no diagram by operator"):
        diagram(costcalc.load("lenet5").ledger(), "t", "dot", "operator")


@pytest.mark.parametrize(
    ("text", "label", "quoted"),
    [
        ('a "b"', "\"a 'b'\"", r'"a \"b\""'),
        ("<b>&#1;", '"#lt;b#gt;#amp;#35;1,"', '"<b>&#1;"'),
        ("a\\", '"a\\"', r'"a\\"'),
        ("a\nb", '"a b"', '"a b"'),
    ],
)
def test_texts_stay_in_their_quotes(text: str, label: str, quoted: str) -> None:
    assert (label, quoted) == (mermaid_label([text]), dot_text(text))


@needs_graphviz
def test_graphviz_takes_it(tmp_path: Path) -> None:
    """Also a title of a stranger; and as many boxes come out as went in."""
    file = tmp_path / "x.yaml"
    file.write_text(
        'costcalc: 1\nname: x\ntitle: "a \\"b\\" \\\\ <c> }"\ninput: 8x8x3\nlayers:\n- {op: gap}\n', encoding="utf-8"
    )
    for network, boxes in (("resnet18", None), (str(file), 2)):
        text = show(network, "--format", "dot")
        done = subprocess.run(["dot", "-Tplain"], input=text, capture_output=True, text=True, check=True)
        assert "" == done.stderr
        assert (boxes or text.count(" [label=") - 1) == done.stdout.count("\nnode ")
