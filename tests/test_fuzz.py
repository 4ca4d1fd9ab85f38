"""Whatever a stranger's file or a person's words hold: an answer or costcalc's own error, within a second.

A short run by default; `--hypothesis-profile=ci` takes minutes, `--hypothesis-profile=long` 100,000 cases (see
docs/testing.md). Inputs that were found to fail stand in tests/fuzzed/ and are tried each time.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fuzzing
import fuzzing_words
import pytest
from click.testing import CliRunner
from fuzzing_files import FILES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import costcalc
from costcalc.cli import main
from costcalc.errors import CostcalcError
from costcalc.expression import parse
from costcalc.network import read_name
from costcalc.operators import Shape
from costcalc.spec import catalogue
from costcalc.typed import amounts, config
from costcalc.typed.axes import read_axis
from costcalc.typed.columns import USUAL

FUZZED = Path(__file__).parent / "fuzzed"
calm = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much])


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """Libraries are imported, and the catalogue is read, before anything is timed."""
    costcalc.formula("lenet5")
    costcalc.sweep("lenet5", axes={"alpha": "1"})
    costcalc.load("mobilenet_v1@separable@standard")
    catalogue.specs()


def answered(action: Callable[[], object]) -> None:
    """Nothing but costcalc's own errors leaves `action`, and no second of CPU goes by, twice.

    Once may be a collection of what ten thousand cases have left."""
    spent = []
    while len(spent) < 2 and not any(one < 1 for one in spent):
        start = time.thread_time()
        try:
            action()
        except CostcalcError as error:
            str(error)
        spent.append(time.thread_time() - start)
    assert min(spent) < 1, f"{min(spent):.1f} s of CPU"


def read_spec(text: str) -> None:
    """Read, expand, and report."""
    answered(lambda: costcalc.from_spec(text).report(convention="flops").render("table"))


def evaluate(text: str) -> None:
    """Evaluate an expression."""
    answered(lambda: parse(text).evaluate({**fuzzing.VALUES, "x": Shape((4, 5), 6)}))


def run(args: list[str]) -> None:
    """A command line: exit code 0, 1 or 2, and a word about what is wrong."""

    def command() -> None:
        result = CliRunner(catch_exceptions=False).invoke(main, args, input="")
        assert result.exit_code in (0, 1, 2), result.exit_code
        assert "Traceback" not in result.output
        assert result.exit_code == 0 or result.output

    answered(command)


@given(st.one_of(st.text(max_size=300), st.lists(st.sampled_from(fuzzing.JUNK), max_size=60).map(" ".join)))
def test_any_text(text: str) -> None:
    read_spec(text)
    read_spec("costcalc: 1\nname: a\ninput: 8x8x3\nlayers:\n- " + text)


@calm
@given(fuzzing.specs())
def test_specs_by_the_grammar(text: str) -> None:
    read_spec(text)


@calm
@given(fuzzing_words.mutated(tuple(fuzzing.TEXTS)))
def test_changed_files_of_the_catalogue(text: str) -> None:
    read_spec(text)


@given(st.one_of(fuzzing.expressions(("a", "b")), st.text("abcx.+-*/%()[]<>=!, 0123456789andornotifelse", max_size=60)))
def test_any_expression(text: str) -> None:
    evaluate(text)


@calm
@given(st.one_of(fuzzing_words.names(), st.text(max_size=40)))
def test_any_name(text: str) -> None:
    """Names with settings and transforms."""

    def named() -> None:
        read_name(text)
        if not catalogue.is_path(text) and not text.startswith("-"):
            costcalc.load(text).report()

    answered(named)


@given(st.sampled_from(["alpha", "resolution", "classes"]), st.one_of(fuzzing_words.axes(), st.text(max_size=30)))
def test_any_axis(name: str, text: str) -> None:
    answered(lambda: read_axis(name, text))


@given(st.one_of(fuzzing_words.units(), st.text(max_size=30)))
def test_any_unit(text: str) -> None:
    def amount() -> None:
        for read in (amounts.parse_count, amounts.parse_bytes):
            try:
                found = read(text)
            except CostcalcError as error:
                str(error)
            else:
                assert found >= 0

    answered(amount)


@calm
@given(text=fuzzing_words.mutated((fuzzing_words.CONFIG,)))
def test_changed_files_of_budgets(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.getbasetemp() / "fuzzed.toml"
    file.write_bytes(text.encode("utf-8", "replace"))
    answered(lambda: config.read(str(file)))


@calm
@given(data=st.data(), words=st.sampled_from(sorted(FILES)), net=st.sampled_from(["lenet5", "nin", "mnist_mlp_800"]))
def test_any_convention_recipe_and_device(
    data: st.DataObject, words: str, net: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "drawn_file.yaml"
    file.write_bytes(data.draw(FILES[words]).encode("utf-8", "replace"))
    run(words.format(net=net, file=file).split())


@calm
@given(fuzzing_words.command_lines())
def test_any_command_line(args: list[str]) -> None:
    run(args)


def sweep_is_reports(file: Path, text: str, alphas: list[str]) -> None:
    """At each point, in every column; a point that has no network has none in both."""
    file.write_text(text, encoding="utf-8")
    axes: dict[str, Any] = {"alpha": alphas, "resolution": [8, 21], "classes": [3, 10]}
    try:
        swept = costcalc.sweep(str(file), axes=axes, skip_invalid=True)
    except CostcalcError:
        return
    rows = {(row["alpha"], row["resolution"], row["classes"]): row for row in swept.written}
    for point in itertools.product(*axes.values()):
        try:
            totals = costcalc.load(str(file), **dict(zip(axes, point, strict=True))).report().totals
        except CostcalcError:
            assert point not in rows
            continue
        expected = {"mult_adds": totals.total, **{key: totals[key] for key in USUAL}}
        assert point in rows
        assert expected == {key: rows[point][key] for key in expected}, point


@calm
@given(
    text=fuzzing.specs(), alphas=st.lists(st.sampled_from(["0.25", "0.5", "1", "4/3", "3"]), min_size=1, unique=True)
)
def test_a_sweep_of_any_spec_is_its_reports(
    text: str, alphas: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    sweep_is_reports(tmp_path_factory.getbasetemp() / "drawn.yaml", text, alphas)


LINES: dict[str, Callable[[str], None]] = {
    "expressions": evaluate,
    "commands": lambda line: run(line.split(" ")),
    "names": lambda line: run(["report", line]),
}


@pytest.mark.parametrize("file", sorted(FUZZED.glob("*.yaml")), ids=lambda file: file.stem)
def test_specs_that_were_found(file: Path, tmp_path: Path) -> None:
    text = file.read_text(encoding="utf-8")
    read_spec(text)
    sweep_is_reports(tmp_path / "found.yaml", text, ["0.5", "1", "3"])


@pytest.mark.parametrize(
    ("kind", "line"),
    [(kind, line) for kind in LINES for line in (FUZZED / f"{kind}.txt").read_text(encoding="utf-8").splitlines()],
)
def test_lines_that_were_found(kind: str, line: str) -> None:
    LINES[kind](line)
