"""The order of execution with the least peak: the best of all orders, by trying all of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from catalogued import each
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rewriting import bodies, written

import costcalc
from costcalc.analysis.sweep.plan import plan_sweep
from costcalc.analysis.sweep.rows import sweep_rows
from costcalc.cli.main import main
from costcalc.counting import Counting
from costcalc.errors import Place
from costcalc.graph import INPUT, Builder, Graph
from costcalc.operators import REGISTRY, Shape
from costcalc.spec import catalogue
from costcalc.storage import Order, best_order, storage_of
from costcalc.typed.columns import columns_named

TWO_BRANCHES = """costcalc: 1
name: branches
input: 8x8x4
layers:
- wide: {op: conv, out: 16}
- other: {op: conv, out: 16, from: input}
- narrow: {op: conv, out: 4, from: wide}
- last: {op: conv, out: 4, from: other}
- {op: concat, from: [narrow, last]}
"""
"""Two branches that widen and narrow, written side by side: 8 x 8 maps of 16 and 4 channels, 4096 and 1024 bytes."""


def run(*args: str, input: str | None = None) -> Any:
    """The program with these arguments."""
    return CliRunner().invoke(main, args, input=input)


def grown(draw: random.Random, nodes: int) -> Graph:
    """A random graph of convolutions, joins of several maps, operators in place, and views; often several outputs."""
    builder = Builder(Shape((2, 2), draw.randint(1, 6)))
    for index in range(nodes):
        before = [INPUT, *range(index)]
        source = draw.choice([index - 1, draw.choice(before)])
        kind = draw.choice(["conv", "conv", "concat", "concat", "relu", "identity", "maxpool"])
        sources = (source,)
        if kind == "concat":
            sources = tuple(draw.choice(before) for _ in range(draw.randint(2, 3)))
        fields = {"conv": {"out": draw.randint(1, 12), "k": 1}, "maxpool": {"k": 1, "stride": draw.randint(1, 2)}}
        name = f"n{index}"
        operator = REGISTRY[kind](**fields.get(kind, {}))
        builder.add(operator, _fitting(builder, sources), name, name, name, kind, Place("", 1, 1))
    return builder.finish()


def _fitting(builder: Builder, sources: tuple[int, ...]) -> tuple[int, ...]:
    """The sources that a join can take together: as large as the first."""
    first = builder.shape(sources[0]).spatial
    return tuple(source if builder.shape(source).spatial == first else sources[0] for source in sources)


def size_in(graph: Graph) -> Any:
    """Bytes of the map that a node, or the input, puts out."""
    return lambda index: 4 * graph.shape(index).elements


def least_peak(graph: Graph) -> int:
    """The least peak of any order of the nodes, views and all, by going over every set of nodes that can have run."""
    storage, size = storage_of(graph), size_in(graph)
    count = len(graph.nodes)
    reads = [{storage.home(source) for source in node.inputs} for node in graph.nodes]
    kept = {storage.home(output) for output in graph.outputs}
    owners = [INPUT, *(index for index in range(count) if storage.owns(index))]

    def alive(done: int) -> int:
        left = set().union(kept, *(reads[index] for index in range(count) if not done >> index & 1))
        return sum(size(owner) for owner in owners if owner in left and (owner == INPUT or done >> owner & 1))

    @cache
    def best(done: int) -> int:
        peaks = [0] if done == (1 << count) - 1 else []
        for index, node in enumerate(graph.nodes):
            if done >> index & 1 or any(source != INPUT and not done >> source & 1 for source in node.inputs):
                continue
            running = alive(done) + (size(index) if storage.owns(index) else 0)
            peaks.append(max(running, best(done | 1 << index)))
        return min(peaks)

    return best(0)


def peak_of(graph: Graph, owners: tuple[int, ...]) -> int:
    """The peak of an order, by the lists of what is alive."""
    size = size_in(graph)
    return max(sum(map(size, alive)) for alive in storage_of(graph).in_order(owners).alive)


def is_possible(graph: Graph, found: Order) -> bool:
    """Whether every node that owns memory runs once, and after what it reads."""
    storage = storage_of(graph)
    done = {INPUT}
    for owner in found.owners:
        if not storage.reads(owner) <= done:
            return False
        done.add(owner)
    complete = done == {INPUT, *storage.steps} and len(found.owners) == len(storage.steps)
    return complete and found.owners == storage.in_order(found.owners).steps


@pytest.mark.parametrize("seed", range(20))
def test_minimal_is_the_least_of_all_orders(seed: int) -> None:
    """A hundred graphs of two to nine nodes for each seed; the peak is what the order itself has."""
    draw = random.Random(seed)
    better = 0
    for _ in range(100):
        graph = grown(draw, draw.randint(2, 9))
        found = best_order(storage_of(graph), size_in(graph))
        better += found.peak < found.written

        assert least_peak(graph) == found.peak == found.at_least == peak_of(graph, found.owners)
        assert is_possible(graph, found)
    assert better > 3


def test_a_peak_is_that_of_the_graph_written_in_that_order() -> None:
    """For every order of small graphs: the nodes put into it, and their storage decided anew."""
    draw = random.Random(1)
    for _ in range(60):
        graph = grown(draw, draw.randint(2, 6))
        peaks = []
        for order in _orders(graph, (), frozenset()):
            places = {INPUT: INPUT} | {index: place for place, index in enumerate(order)}
            nodes = [graph.nodes[index] for index in order]
            moved = tuple(node._replace(inputs=tuple(places[source] for source in node.inputs)) for node in nodes)
            anew = graph._replace(nodes=moved, outputs=tuple(places[output] for output in graph.outputs))
            peaks.append(max(sum(map(size_in(anew), alive)) for alive in storage_of(anew).alive))

        assert min(peaks) == best_order(storage_of(graph), size_in(graph)).peak


def _orders(graph: Graph, so_far: tuple[int, ...], done: frozenset[int]) -> Iterator[tuple[int, ...]]:
    if len(so_far) == len(graph.nodes):
        yield so_far
    for index, node in enumerate(graph.nodes):
        if index not in done and all(source == INPUT or source in done for source in node.inputs):
            yield from _orders(graph, (*so_far, index), done | {index})


@pytest.mark.parametrize("work", [0, 10, 30, 100])
def test_a_search_that_is_cut_off_has_both_bounds(work: int) -> None:
    """What it finds is an order, no worse than the written one; the bound is one."""
    draw = random.Random(work)
    cut = 0
    for _ in range(150):
        graph = grown(draw, draw.randint(6, 9))
        found = best_order(storage_of(graph), size_in(graph), work)
        cut += not found.is_minimal

        assert found.at_least <= least_peak(graph) <= found.peak <= found.written
        assert is_possible(graph, found) and peak_of(graph, found.owners) == found.peak
    assert cut > 0 or work > 10


def test_ties_go_to_the_written_order() -> None:
    graph = costcalc.load("resnet50").graph
    storage = storage_of(graph)

    assert storage.steps == best_order(storage, size_in(graph)).owners


def test_two_branches_by_hand() -> None:
    """Side by side: the input and both wide maps, or both and a narrow one. One after the other: one wide map, and
    the input and a narrow one."""
    ledger = costcalc.from_spec(TWO_BRANCHES).ledger(schedule="minimal")

    assert 4096 + 1024 + 1024 == 6144 == ledger["peak_activation_bytes"]
    assert 2 * 4096 + 1024 == 9216 == costcalc.from_spec(TWO_BRANCHES).ledger()["peak_activation_bytes"]
    assert 6144 == ledger["live_bytes"] == max(layer["live_bytes"] for layer in ledger.layers.values())
    assert "wide" == costcalc.from_spec(TWO_BRANCHES).report(schedule="minimal").document["order"]["steps"][0]
    assert ledger["activation_bytes"] == costcalc.from_spec(TWO_BRANCHES).ledger()["activation_bytes"]


EACH = sorted({spec.names[0] for spec in catalogue.specs()})


LARGE = [*EACH, "densenet201", "torchvision/inception_v3", "keras/EfficientNetB5"]


@pytest.mark.parametrize("name", each(LARGE, {*LARGE} - {"nasnet_a_mobile"}))
def test_no_network_of_the_catalogue_has_a_worse_peak(name: str) -> None:
    """All are narrow enough for an exact answer, the peak of the order is what is said, and no bound is above it."""
    graph = costcalc.load(name).graph
    found = best_order(storage_of(graph), size_in(graph))

    assert found.is_minimal
    assert found.peak == peak_of(graph, found.owners) <= found.written
    assert is_possible(graph, found)


@pytest.mark.parametrize(
    ("name", "written"), [("resnet50", 9_633_792), ("mobilenet_v2", 6_021_120), ("vgg16@norm=bn", 25_690_112)]
)
def test_networks_whose_written_order_is_the_best(name: str, written: int) -> None:
    """One chain with shortcuts: what lies on it has one order, and a shortcut's convolution is no better later."""
    assert written == costcalc.load(name).ledger(schedule="minimal")["peak_activation_bytes"]


@given(st.data())
def test_a_sweep_has_the_figures_of_reports(data: Any) -> None:
    text = written(data.draw(bodies()))
    measures = ["live_bytes", "peak_activation_bytes", "activation_bytes", "intensity", "mult_adds"]
    axes = {"w": [1, 3], "resolution": [5, 9], "batch": [1, 3]}
    counting = Counting.of(dtype=data.draw(st.sampled_from(["float32", "int4"])), schedule="minimal")
    columns = columns_named(measures)
    for row in sweep_rows(plan_sweep([costcalc.from_spec(text)], axes, counting, columns), skip_invalid=False).rows:
        point = {key: row[key] for key in axes}
        figures = costcalc.from_spec(text, **point).ledger(dtype=counting.dtype, schedule="minimal")

        assert {name: figures[name] for name in measures if name != "intensity"} == {
            name: row[name] for name in measures if name != "intensity"
        }
        assert figures["intensity"] is row["intensity"] is None or float(figures["intensity"]) == row["intensity"]


def test_a_sweep_of_a_network_whose_best_order_is_another() -> None:
    """Point by point what a report says, budgets and points without a network among them."""
    axes = {"alpha": ["0.5", "1"], "resolution": [8, 160, 224]}
    words = {"schedule": "minimal", "columns": "peak_bytes,live_bytes", "max_peak_bytes": "2MB"}
    swept = costcalc.sweep("espnetv2", axes=axes, skip_invalid=True, **words)
    found = {(row["alpha"], row["resolution"]): row["peak_bytes"] for row in swept.written}
    expected = {}
    for alpha in axes["alpha"]:
        for side in axes["resolution"]:
            try:
                ledger = costcalc.load("espnetv2", alpha=alpha, resolution=side).ledger(schedule="minimal")
            except costcalc.CostcalcError:
                continue
            if ledger["peak_activation_bytes"] <= 2_000_000:
                expected[alpha, side] = ledger["peak_activation_bytes"]

    assert expected == found
    assert 3 <= len(found) < 6


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that gives up at once."""
    monkeypatch.setattr("costcalc.storage.order.MOST_WORK", 0)
    monkeypatch.setattr("costcalc.storage.search.BEAM", 1)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    "command",
    [
        "check NETWORK --max-peak-bytes 5MB",
        "compare NETWORK resnet50",
        "sweep NETWORK --resolution 224 --columns peak_bytes",
        "sweep NETWORK --resolution 224 --columns peak_bytes --skip-invalid",
        "list nasnet --columns peak_bytes",
        "report NETWORK --columns live_bytes -f csv",
        "report NETWORK --explain-peak -f csv",
        "report NETWORK --place -f csv",
    ],
)
def test_a_network_that_is_too_wide_where_no_note_can_stand(command: str) -> None:
    """An error with both bounds, never the figure of some order."""
    result = run(*command.replace("NETWORK", "nasnet_a_mobile").split(), "--schedule", "minimal")

    assert 2 == result.exit_code
    assert "too wide" in result.stderr and "--schedule written" in result.stderr
    assert "the least peak is at least 3," in result.stderr and "bytes, and at most 4," in result.stderr
    assert "" == result.stdout


@pytest.mark.usefixtures("hurried")
def test_a_network_that_is_too_wide_in_a_report(tmp_path: Path) -> None:
    """Both bounds, and never that it is minimal."""
    for more in ([], ["--explain-peak"], ["--place"], ["-f", "html"]):
        result = run("report", "nasnet_a_mobile", "--schedule", "minimal", *more)

        assert 0 == result.exit_code, result.stderr
        assert "the least peak is at least 3." in result.stdout
        assert "minimal" not in result.stdout and "no other has" not in result.stdout
    order = costcalc.load("nasnet_a_mobile").report(schedule="minimal").document["order"]
    assert not order["is_minimal"]
    assert order["at_least_bytes"] < order["peak_bytes"] <= order["written_bytes"]
    picture = tmp_path / "x.svg"
    run("report", "nasnet_a_mobile", "--schedule", "minimal", "--plot", str(picture), "--measure", "live_bytes")
    assert "at least" in picture.read_text(encoding="utf-8")


@pytest.mark.usefixtures("hurried")
def test_what_does_not_depend_on_the_order_needs_none() -> None:
    for command in ("check NETWORK --max-mult-adds 1G", "sweep NETWORK --resolution 224 --columns traffic_bytes"):
        assert 0 == run(*command.replace("NETWORK", "nasnet_a_mobile").split(), "--schedule", "minimal").exit_code


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("report lenet5 --schedule minimum", "'minimum' is not one of 'written', 'minimal'"),
        ("formula lenet5 --schedule minimal", "the best order is found on numbers, a formula has letters"),
        ("separable vgg16 --schedule minimal", "a convolution or a pair by itself has one order"),
        ("advise vgg16 --schedule minimal", "No such option '--schedule'"),
    ],
)
def test_wrong_use(command: str, message: str) -> None:
    result = run(*command.split())

    assert 2 == result.exit_code
    assert message in result.stderr
    assert "" == result.stdout


def test_wrong_words_from_python_and_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(costcalc.UsageError, match="unknown schedule 'minimum'"):
        costcalc.load("lenet5").ledger(schedule="minimum")
    file = tmp_path / "costcalc.toml"
    head = '[[check]]\nnetwork = "espnetv2"\nmax-peak-bytes = "2.5MB"\n'
    file.write_text(f'{head}schedule = "minimum"\n', encoding="utf-8")
    result = run("check", "--config", str(file))
    assert 2 == result.exit_code
    assert ":4:12: unknown schedule 'minimum'" in result.stderr
    file.write_text(f'schedule = "minimal"\n{head}', encoding="utf-8")
    assert 0 == run("check", "--config", str(file)).exit_code
    assert "minimal" in run("check", "--config", str(file)).stdout
    file.write_text(head, encoding="utf-8")
    assert 1 == run("check", "--config", str(file)).exit_code


def test_every_command_follows_the_schedule() -> None:
    words = ("--schedule", "minimal", "--columns", "peak_bytes")
    least = costcalc.load("espnetv2").ledger(schedule="minimal")["peak_activation_bytes"]

    assert least < costcalc.load("espnetv2").ledger()["peak_activation_bytes"]
    assert str(least) in run("list", "espnetv2", *words, "-f", "csv").stdout
    assert str(least) in run("compare", "espnetv2", "lenet5", *words, "-f", "csv").stdout
    assert str(least) in run("report", "espnetv2", *words, "-f", "json").stdout
    assert str(least) in run("sweep", "espnetv2", *words, "--alpha", "1", "-f", "csv").stdout
    assert "in the order with the least peak" in run("sweep", "espnetv2", *words, "--alpha", "1").stdout
    report = costcalc.load("espnetv2").report(schedule="minimal")
    assert f"peak 2.458 MB at {report.totals.peak_at}" in str(report)


def test_views_and_what_works_in_place_take_one_input() -> None:
    """So each follows the node whose map it is in, whatever the order."""
    for name, operator in REGISTRY.items():
        assert not (operator.is_view or operator.in_place) or operator.inputs == 1, name


def test_grown_graphs_have_all_kinds() -> None:
    draw = random.Random(0)
    graphs = [grown(draw, 9) for _ in range(50)]
    kinds = {node.operator.name for graph in graphs for node in graph.nodes}

    assert {"conv", "concat", "relu", "identity", "maxpool"} == kinds
    assert any(len(graph.outputs) > 2 for graph in graphs)
    shared = [graph for graph in graphs if any(not storage_of(graph).owns(i) for i in range(9))]
    assert len(shared) > 25
