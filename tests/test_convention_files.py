"""How operators are written, and conventions of one's own; wrong files, word for word."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from catalogued import each
from click.testing import CliRunner
from counted import layer, ledger
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import cases

import costcalc
from costcalc.api import conventions
from costcalc.cli.main import main
from costcalc.counting import convention_names, load_convention
from costcalc.counting.names import ABOUT
from costcalc.errors import Place, SpecError, UsageError
from costcalc.graph import Graph, Node, NodeCost
from costcalc.operators import REGISTRY

TWO = """costcalc: 1
name: two
input: 8x8x4
defaults:
  relu: {as: functional}
layers:
- {op: conv, k: 3, out: =4, norm: bn, act: relu, as: [module, functional, module]}
- {op: conv, k: 3, out: =4, norm: bn, act: relu}
- {op: gap, as: method}
"""


def written(graph: Graph) -> list[str]:
    return [f"{node.operator.name} {node.written}" for node in graph.nodes]


def test_a_row_says_how_it_is_written_and_its_dump_says_it_again() -> None:
    network = costcalc.from_spec(TWO)
    again = costcalc.from_spec(network.resolved())

    expected = [
        "conv module",
        "bn functional",
        "relu module",
        "conv module",
        "bn module",
        "relu functional",
        "gap method",
    ]
    assert expected == written(network.graph)
    assert expected == written(again.graph)


def test_what_a_name_says_of_writing_comes_before_what_it_is_built_on(tmp_path: Path) -> None:
    """A variant of a variant; what neither says is as in the rows."""
    said = "variants:\n  a: {as: {relu: functional, gap: module}}\n  b: {variant: a, as: {relu: method}}\n"
    file = tmp_path / "two.yaml"
    file.write_text(TWO + said, encoding="utf-8")
    named = [costcalc.load(f"{file}:{name}").graph for name in ("a", "b")]

    words = [[str(node.written) for node in graph.nodes if node.operator.name in ("relu", "gap")] for graph in named]
    assert [["functional", "functional", "module"], ["method", "method", "module"]] == words


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("- {op: relu, as: functoinal}", "'functoinal' is no way to write an operator"),
        ("- {op: relu}\ndefaults: {relu: {as: functoinal}}", "'functoinal' is no way to write an operator"),
        ("- {op: relu}\nvariants: {v: {defaults: {relu: {as: modul}}}}", "'modul' is no way to write an operator"),
        ("- {op: relu}\nas: {timm: {rleu: module}}", "unknown operator 'rleu'"),
        ("- {op: relu}\nas: {timm: {relu: modul}}", "'relu' is written in no known way"),
    ],
)
def test_wrong_words_have_places_and_nearest_names(line: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        layer(line)

    (problem,) = caught.value.problems
    assert problem.message == message
    assert problem.nearest in ("functional", "relu", "module")
    assert problem.place.line in (5, 6)


# A person's own convention

OURS = """costcalc: 1
convention: ours
base: paper
total: energy
title: our chip
counts:
  hswish: 4 * outputs
  conv: macs + 10 * (read_bytes + written_bytes + weight_bytes)
"""


def test_ours_builds_on_paper_and_weighs_bytes(tmp_path: Path) -> None:
    """conv 3x3, 4 to 8 channels, 6x6: 36 x 288 multiply-accumulates, 576 + 1152 + 1152 bytes; h-swish on 288 values."""
    file = tmp_path / "ours.yaml"
    file.write_text(OURS, encoding="utf-8")
    one = layer("- {op: conv, k: 3, out: =8, act: hswish}", "6x6x4")

    assert 36 * 288 + 10 * (576 + 1152 + 1152) + 4 * 288 == ledger(one, str(file))["energy"]
    assert (
        2 * (36 * 288 + 10 * (576 + 1152) + 4 * 288) + 10 * 1152 == ledger(one._replace(batch=2), str(file))["energy"]
    )


@pytest.mark.parametrize(
    ("row", "rule", "expected"),
    [
        ("{op: conv, out: =6, k: 3, stride: 2x3}", "stride", 2 * 3),
        ("{op: conv, out: =6, k: 3x5, groups: 2}", "1000 * window + 100 * side + groups", 15_000 + 1_500 + 2),
        ("{op: conv, out: =6, k: 3}", "100 * x.c + 10 * y.c + side", 400 + 60 + 3),
        ("{op: conv, out: =6, bias: true}", "10 * dimensions + bias", 21),
        ("{op: dwconv}", "groups", 4),
        ("{op: gap}", "window", 36),
        ("{op: maxpool, k: 2}", "10 * window + stride", 44),
        ("{op: channel_conv, k: 4, stride: 2}", "stride", 2),  # along the channels alone
        ("{op: add, from: [input, input]}", "1000 * operands + inputs", 2_000 + 2 * 144),
        ("{op: conv_transpose, out: =3, k: 3, pad: 0}", "slid", 2 * 2),
        ("{op: lrn}", "size", 5),
        ("{op: split, parts: 4, part: 3}", "part", 3),
        ("{op: upsample, mode: bilinear}", "bilinear", 1),
        ("{op: bn, scale: false}", "10 * affine + folds", 10),
        ("{op: ln, affine: false}", "affine", 0),
    ],
)
def test_names_of_rules_by_hand(row: str, rule: str, expected: int, tmp_path: Path) -> None:
    """On 6x6x4, of the whole batch where a name grows."""
    file = tmp_path / "ours.yaml"
    op = row[5:].partition(",")[0].rstrip("}")
    file.write_text(f"costcalc: 1\nconvention: ours\ntotal: units\ncounts: {{{op}: {rule}}}\n", encoding="utf-8")

    assert expected == ledger(layer(f"- {row}", "6x6x4"), str(file))["units"]


def test_parameters_by_an_operators_own_rule_then_by_its_familys(tmp_path: Path) -> None:
    """16 weights, twice the 8 of the batch norm, three times the 8 of the group norm."""
    file = tmp_path / "ours.yaml"
    lines = "params: {norm: 2 * norm_affine, gn: 3 * norm_affine}\n"
    file.write_text(f"costcalc: 1\nconvention: ours\nbase: paper\n{lines}", encoding="utf-8")
    one = layer("- {op: conv, out: =4, norm: bn}\n- {op: gn, groups: 2}", "6x6x4")

    assert 16 + 2 * 8 + 3 * 8 == ledger(one, str(file))["params"]


def test_a_total_of_ours_is_bounded_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the command line, in Python and in a file of budgets; another convention has no such bound."""
    monkeypatch.chdir(tmp_path)
    Path("ours.yaml").write_text(OURS, encoding="utf-8")
    budget = 'convention = "./ours.yaml"\n[[check]]\nnetwork = "lenet5"\nmax-energy = 1\n'
    Path("costcalc.toml").write_text(budget, encoding="utf-8")

    def run(words: str) -> tuple[int, str]:
        done = CliRunner(catch_exceptions=False).invoke(main, words.split())
        return done.exit_code, done.output

    energy = costcalc.load("lenet5").ledger("./ours.yaml")["energy"]
    assert [True, False] == [
        costcalc.check("lenet5", convention="./ours.yaml", max_energy=most)[0].holds for most in (energy, energy - 1)
    ]
    assert (1, True) == (run("check")[0], "energy" in run("check")[1])
    for words in ("sweep lenet5 -a 1", "list lenet5", "check lenet5"):
        status, text = run(f"{words} -c ./ours.yaml --max-energy 1G")
        assert (0, True) == (status, "energy" in text), words
        assert 2 == run(f"{words} -c paper --max-energy 1G")[0], words
        assert "did you mean 'max-energy'?" in run(f"{words} -c ./ours.yaml --max-enrgy 1G")[1], words
    assert "expected: max-energy" in run("check lenet5 -c ./ours.yaml --max-flops 1G")[1]


def test_a_line_for_a_family_stands_for_its_operators(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("costcalc: 1\nconvention: base\nbase: onnx_tool\n", encoding="utf-8")
    file = tmp_path / "ours.yaml"
    file.write_text(
        "costcalc: 1\nconvention: ours\nbase: ./base.yaml\ncounts: {activation: 7 * outputs}\n", encoding="utf-8"
    )

    assert 7 == ledger(layer("- {op: swish}", "1x1x1"), str(file))["mult_adds"]


def test_a_rule_of_a_map_for_what_takes_none(tmp_path: Path) -> None:
    """A constant has no `x`; it has a stride and a window of 1, and so what speaks of them."""
    one = layer("- {op: constant, size: 6x6, channels: 4}", "6x6x4")
    file = tmp_path / "ours.yaml"
    for rule, total in (("outputs + stride * window", 145), ("x.c", None), ("2 * dimensions", None)):
        file.write_text(f"costcalc: 1\nconvention: ours\nbase: paper\ncounts: {{layout: {rule}}}\n", encoding="utf-8")
        if total is not None:
            assert total == ledger(one, str(file))["mult_adds"]
            continue
        with pytest.raises(SpecError, match="constant takes no map"):
            ledger(one, str(file))["mult_adds"]


WRONG = {
    "unknown_name": (
        "base: paper\ncounts: {conv: mac}\n",
        "unknown counter 'mac'",
        "macs",
        "4:16",
    ),
    "unknown_operator": (
        "base: paper\ncounts: {hswsh: outputs}\n",
        "unknown operator or family 'hswsh'",
        "hswish",
        "4:10",
    ),
    "unknown_base": ("base: papr\ncounts: {conv: macs}\n", "unknown convention 'papr'", "paper", "3:7"),
    "unknown_key": ("base: paper\ncount: {conv: macs}\n", "unknown convention key 'count'", "counts", "4:1"),
    "itself": ("base: ./wrong.yaml\n", "'./wrong.yaml' is built on itself", "", "3:7"),
    "both": ("base: paper\ncounts: {conv: macs}\nignores: [conv]\n", "'conv' is counted and left out", "", "5:11"),
    "kind": ("base: paper\ncounts: {conv: macs > 1}\n", "'macs > 1' is true or false", "", "4:16"),
    "bytes_of_params": ("base: paper\nparams: weight_bytes\n", "unknown counter 'weight_bytes'", "weights", "4:9"),
    "call": ("base: paper\ncounts: {conv: __import__(1)}\n", "unknown function '__import__'", "", "4:16"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_convention_has_places(case: str, tmp_path: Path) -> None:
    text, message, near, place = WRONG[case]
    file = tmp_path / "wrong.yaml"
    file.write_text(f"costcalc: 1\nconvention: wrong\n{text}", encoding="utf-8")

    with pytest.raises(SpecError) as caught:
        load_convention(str(file))

    problem = caught.value.problems[0]
    assert problem.message.startswith(message) or case == "kind"
    assert (near, place) == (problem.nearest, f"{problem.place.line}:{problem.place.column}")


def test_an_unknown_convention_is_told_on_the_command_line() -> None:
    result = CliRunner().invoke(main, ["report", "mobilenet_v1", "--convention", "fvcor"])

    assert (2, "") == (result.exit_code, result.stdout)
    assert "Error: unknown convention 'fvcor'\n" in result.stderr
    assert "did you mean 'fvcore'?" in result.stderr


def test_a_budget_file_may_name_a_convention_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ours.yaml").write_text(OURS.replace("total: energy\n", ""), encoding="utf-8")
    (tmp_path / "costcalc.toml").write_text(
        'convention = "ours.yaml"\n[[check]]\nnetwork = "mobilenet_v1"\nmax-mult-adds = "1T"\n', encoding="utf-8"
    )
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")

    result = CliRunner().invoke(main, ["check", "--config", "../costcalc.toml", "--format", "json"])

    assert (0, "ours") == (result.exit_code, json.loads(result.stdout)[0]["convention"])


def test_nothing_of_a_file_outside_the_tree_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A budget file that somebody else wrote names a file of another tree."""
    (tmp_path / "secret.yaml").write_text("password: hunter2\n", encoding="utf-8")
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "costcalc.toml").write_text(
        'convention = "../secret.yaml"\n[[check]]\nnetwork = "mobilenet_v1"\nmax-mult-adds = "1T"\n', encoding="utf-8"
    )
    monkeypatch.chdir(tree)

    result = CliRunner().invoke(main, ["check"])

    assert (2, "") == (result.exit_code, result.stdout)
    assert "hunter2" not in result.stderr and "password" not in result.stderr


# All of them


@pytest.mark.parametrize(
    "words",
    [
        *(f"report lenet5 --by {by}" for by in ("layer", "operator")),
        "report lenet5 --columns flops --short", "report lenet5 -f html", "compare lenet5 nin", "separable lenet5",
        "explain lenet5 --against paper", "advise lenet5 -f json", "check lenet5 --max-flops 1",
        "check lenet5 --max-flops 1 -f junit", "check lenet5 --max-flops 1 -f json", "formula lenet5",
    ],
)  # fmt: skip
def test_a_convention_may_count_in_fractions(words: str, tmp_path: Path) -> None:
    """A half for each operator: every table, page and document has a decimal for what is no whole number."""
    file = tmp_path / "half.yaml"
    file.write_text("costcalc: 1\nconvention: half\ntotal: flops\ncounts: {conv: 0.5, linear: macs / 16}\n")
    done = CliRunner(catch_exceptions=False).invoke(main, [*words.split(), "-c", str(file)])
    assert done.exit_code in (0, 1), done.output
    assert words.startswith("formula") or any(half in done.output for half in (".5", ".0", "/2"))


@pytest.mark.parametrize("axes", [{"alpha": ["0.35", 1], "resolution": [224, 225]}, {"batch": [1, 3]}])
def test_a_sweep_in_fractions_gives_what_reports_give(axes: dict[str, list[Any]], tmp_path: Path) -> None:
    """Whole numbers where thirds make some, else the nearest floats; Parquet's whole numbers would cut them off."""
    file = tmp_path / "third.yaml"
    file.write_text("costcalc: 1\nconvention: third\nbase: paper\ncounts: {conv: macs / 3}\nparams: weights / 7\n")
    words = {"axes": axes, "convention": str(file), "columns": "mult_adds,params,intensity"}
    rows = costcalc.sweep("mobilenet_v1", **words).rows
    for row in rows:
        one = costcalc.load("mobilenet_v1", **{key: row[key] for key in axes}).ledger(str(file))
        found = [one[measure] for measure in ("mult_adds", "params", "intensity")]
        assert [value if type(value) is int else float(value) for value in found] == [*row.values()][-3:]
        for name, value in zip(("mult_adds", "params"), found, strict=False):
            assert type(row[name]) is (int if value.denominator == 1 else float)
        assert type(found[0]) is int or found[0].denominator != 1
        kept = costcalc.sweep("mobilenet_v1", **words, min_params=int(found[1]), max_params=int(found[1]) + 1).rows
        assert row in kept
    with pytest.raises(UsageError, match="is no whole number at each point"):
        costcalc.sweep_to(str(tmp_path / "a.parquet"), "mobilenet_v1", **words)


def test_every_convention_in_one_table() -> None:
    rows = {row["convention"]: row for row in conventions("torchvision/mobilenet_v2")}

    assert set(convention_names()) == set(rows)
    assert (300_774_272, 314_193_216, 1_152_658_944) == (
        rows["paper"]["total"],
        rows["fvcore"]["total"],
        conventions("mobilenet_v1")[0]["total"],
    )
    assert ("mult_adds", "partial", "relu6, add") == tuple(
        rows["fvcore"][key] for key in ("measure", "status", "left_out")
    )
    assert "complete" == rows["paper"]["status"]


@pytest.mark.parametrize("format", ["table", "markdown", "csv", "json", "latex", "html"])
def test_report_and_compare_of_all(format: str) -> None:
    for command in (["report", "mobilenet_v2"], ["compare", "mobilenet_v1", "mobilenet_v2"]):
        result = CliRunner().invoke(main, [*command, "--convention", "all", "--format", format])

        assert 0 == result.exit_code, result.stderr
        assert "300774272" in result.stdout.replace(",", "")
    assert "1152658944" in result.stdout.replace(",", "")


def test_all_is_no_convention_elsewhere() -> None:
    with pytest.raises(UsageError, match="a table of their own"):
        costcalc.load("mobilenet_v1").report(convention="all")
    result = CliRunner().invoke(main, ["report", "mobilenet_v1", "--convention", "all", "--by", "stage"])

    assert (2, "Error: --by with --convention all\n") == (result.exit_code, result.stderr.partition("  expected")[0])


# Kinds of number


def names() -> Iterator[str]:
    for name in convention_names():
        chosen = load_convention(name)
        for rule in (*chosen.counts.values(), *chosen.params.values()):
            yield from (used for used, _ in rule.expression.names)


def test_every_name_is_used_or_known() -> None:
    assert set(names()) <= set(ABOUT)


@cache
def network(name: str, **settings: Any) -> costcalc.Network:
    """A network, opened once for all the conventions."""
    return costcalc.load(name, **settings)


@pytest.mark.parametrize("convention", each(convention_names(), convention_names()[::6]))
def test_a_sweep_gives_what_reports_give(convention: str) -> None:
    """On grids as on ints: at widths, sizes and batches."""
    chosen = load_convention(convention)
    swept = costcalc.sweep(
        "mobilenet_v3_small", axes={"alpha": "0.5,1", "resolution": "160,224", "batch": "1,8"}, convention=convention
    )

    for row in swept.rows:
        point: dict[str, Any] = {key: row[key] for key in ("alpha", "resolution", "batch")}
        assert row[chosen.total] == network("mobilenet_v3_small", **point).ledger(convention)[chosen.total]


@pytest.mark.parametrize("convention", each(convention_names(), convention_names()[1::3]))
def test_a_formula_gives_what_reports_give(convention: str) -> None:
    """On symbols as on ints: at another width and size."""
    total = load_convention(convention).total
    found = costcalc.formula("squeezenet1_1", convention=convention)

    for point in ({}, {"alpha": "0.5", "beta": "6/7"}):
        assert network("squeezenet1_1", **point).ledger(convention)[total] == found.at(**point)[0]


@pytest.mark.parametrize("convention", convention_names())
@given(data=st.data())
@settings(max_examples=settings().max_examples // 2, suppress_health_check=list(HealthCheck))
def test_no_rule_breaks_on_an_operator(convention: str, data: st.DataObject) -> None:
    """Each operator of the registry, drawn, gives a whole number, and twice as many images not less."""
    chosen = load_convention(convention)
    name = data.draw(st.sampled_from(sorted(REGISTRY)))
    fields, shapes = data.draw(cases(name))
    operator = REGISTRY[name](**fields)
    node = Node(operator, (0,) * len(shapes), operator.shape(*shapes), "", "", "", "", Place("", 1, 1))
    row = NodeCost(node, shapes, operator.cost(*shapes, node.output))

    one, two = (chosen.count(row, batch, lambda name: 1) for batch in (1, 2))
    assert one == int(one) and two >= one - 1
    assert chosen.count_params(row) == int(chosen.count_params(row))


@pytest.mark.parametrize("text", ["- a\n", "word\n", "", "[]\n"])
def test_a_file_that_is_no_mapping_is_one_problem(text: str, tmp_path: Path) -> None:
    """In its place; what no mapping can have is not missed as well."""
    file = tmp_path / "ours.yaml"
    file.write_text(text)

    with pytest.raises(SpecError) as error:
        load_convention(str(file))

    assert [(str(file), 1)] == [(problem.place.file, problem.place.line) for problem in error.value.problems]
