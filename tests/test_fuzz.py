"""Whatever a stranger's file holds: an answer or costcalc's own error, within a second."""

from __future__ import annotations

import time
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from costcalc.errors import CostcalcError
from costcalc.expression import ExpressionError, parse
from costcalc.graph import bind, expand
from costcalc.spec import catalogue
from costcalc.spec.document import Source
from costcalc.spec.loader import load_source

ROOT = Path(__file__).parent.parent / "specs" / "networks"
TEXTS = [(ROOT / f"{name}.yaml").read_text(encoding="utf-8") for name in ("mobilenet_v2", "googlenet", "shufflenet_v1")]
TOKENS = [
    "[", "]", "{", "}", ":", ",", "-", "_", "=", "*", "&a", "*a", "!!x", "<<", "9" * 30, "1000", "0", "x.c", "conv",
    "bottleneck", "n", "from", "when", "alpha", "\n", "  ", "'", '"', "#", "---", "\t", "é", "1/0", "**", "(", "input",
]  # fmt: skip


def answer(text: str) -> None:
    """Read and expand; nothing but costcalc's own errors, and soon."""
    start = time.process_time()
    try:
        expand(bind(load_source(Source.of("fuzz.yaml", text), catalogue.find_blocks)))
    except CostcalcError as error:
        str(error)
    assert time.process_time() - start < 1


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    answer(text)


@given(st.lists(st.sampled_from(TOKENS), max_size=60))
def test_any_tokens(tokens: list[str]) -> None:
    answer("costcalc: 1\nname: a\ninput: 8x8x3\nlayers:\n- " + " ".join(tokens))


@settings(max_examples=300)
@given(st.data())
def test_mutated_specs(data: st.DataObject) -> None:
    """A real spec with a few stretches cut out or replaced."""
    text = data.draw(st.sampled_from(TEXTS))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text) - 1))
        length = data.draw(st.integers(0, 12))
        text = text[:start] + data.draw(st.sampled_from(["", *TOKENS])) + text[start + length :]
    answer(text)


@given(st.text(alphabet="abcx.+-*/%()[]<>=!, 0123456789andornotifelse", max_size=60))
def test_any_expression(text: str) -> None:
    try:
        parse(text).evaluate({"a": 3, "b": 4})
    except (ExpressionError, CostcalcError) as error:
        str(error)
