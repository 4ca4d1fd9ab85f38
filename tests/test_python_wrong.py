"""What Python hands over: whatever it is, costcalc answers or its own error does."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import costcalc
from costcalc.errors import CostcalcError

CALLS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "load": (("lenet5",), {}),
    "sweep": (("lenet5",), {"axes": {"alpha": [1]}}),
    "widest": (("lenet5",), {"axes": {"alpha": [1]}, "max_params": "1G"}),
    "compare": (("lenet5", "lenet5"), {}),
    "check": (("lenet5",), {"max_params": "1G"}),
    "check_config": ((), {}),
    "formula": (("lenet5",), {}),
    "separable": (("mobilenet_v1",), {}),
    "explain": (("lenet5",), {"against": "fvcore"}),
    "advise": (("mobilenet_v1",), {}),
    "identify": (("lenet5",), {}),
    "compress": (("lenet5",), {"recipe": "deep_compression"}),
    "compress_to": (("lenet5",), {"target": "20kB"}),
    "compress_weights": (("none.npz",), {}),
    "networks": (("no such network",), {}),
}
COUNTING = ("convention", "dtype", "weights", "schedule", "optimizer", "checkpoint", "max_params", "alpha", "batch")
VALUES = (
    10**5000,
    -1,
    float("nan"),
    None,
    b"x",
    [],
    [None],
    {1: 2},
    np.array([1, 2]),
    Path("none.yaml"),
    "a\0b",
    "\ud800",
)


def _is_own(call: Any) -> bool:
    """Whether it ends with an answer that can be shown, or with an error of costcalc's that can."""
    try:
        answer = call()
        str(answer)
    except CostcalcError as error:
        return bool(str(error))
    return True


@pytest.mark.parametrize("name", CALLS)
def test_nothing_foreign_gets_out(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each parameter, and some of those that say how to count, is given each of the values; a callback is one's own."""
    monkeypatch.chdir(tmp_path)
    function, (args, words) = getattr(costcalc, name), CALLS[name]
    parameters = inspect.signature(function).parameters.values()
    takes_words = any(one.kind is one.VAR_KEYWORD for one in parameters)
    free = [one.name for one in parameters if one.kind in (one.KEYWORD_ONLY, one.POSITIONAL_OR_KEYWORD)][len(args) :]
    for value in VALUES:
        for at in range(len(args)):
            assert _is_own(lambda: function(*args[:at], value, *args[at + 1 :], **words)), (at, value)  # noqa: B023
        for key in dict.fromkeys((*free, *words, *(COUNTING if takes_words else ()))):
            if key != "advance":
                assert _is_own(lambda: function(*args, **{**words, key: value})), (key, value)  # noqa: B023


@pytest.mark.parametrize("key", ["format", "width", "terminal"])
def test_nothing_foreign_gets_out_of_a_result(key: str) -> None:
    results = [
        costcalc.load("lenet5").report(),
        costcalc.sweep("lenet5", axes={"alpha": [1]}),
        costcalc.compare("lenet5", "lenet5"),
        costcalc.formula("lenet5"),
    ]
    for result in results:
        assert all(_is_own(lambda: result.render(**{key: value})) for value in VALUES)  # type: ignore[arg-type]  # noqa: B023
