"""What Python hands over: whatever it is, costcalc answers or its own error does."""

from __future__ import annotations

import inspect
from copy import deepcopy
from fractions import Fraction
from functools import reduce
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
    "compress_to": (("lenet5",), {"target": "20kB", "vary": "rank"}),
    "compress_weights": (("none.npz",), {}),
    "sweep_to": (("points.csv", "lenet5"), {"axes": {"alpha": [1]}}),
    "from_onnx": ((b"",), {}),
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


SPEC: dict[str, Any] = {
    "costcalc": 1, "name": "m", "input": "8x8x3", "settings": {"d": 2}, "tables": {"t": {1: 2}},
    "layers": [{"op": "conv", "c": 8}, {"main": {"op": "conv", "k": "t[1]", "c": 8, "n": 2}}],
    "variants": {"v": {"d": 3, "rows": {"conv": {"k": 3}}}},
}  # fmt: skip


def _endless() -> list[Any]:
    endless: list[Any] = []
    endless.append(endless)
    return endless


def _deep() -> Any:
    deep: Any = 1
    for _ in range(5000):
        deep = [deep, deep]
    return deep


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(one for key, part in inside for one in _places(part, (*path, key)))]


IN_A_SPEC = [*VALUES, _endless(), _deep(), {(1, 2): 3}, {Fraction(1, 3): 3}, {1: 2, "1": 3}, {1}]


@pytest.mark.parametrize("number", range(len(IN_A_SPEC)))  # pytest cannot print them all
def test_nothing_foreign_gets_out_of_a_spec_that_is_a_mapping(number: int) -> None:
    """The value in every place of one, and as the whole."""
    value = IN_A_SPEC[number]
    assert _is_own(lambda: costcalc.from_spec(value))
    for path in _places(SPEC)[1:]:
        spec = deepcopy(SPEC)
        inside = reduce(lambda part, key: part[key], path[:-1], spec)
        inside[path[-1]] = value
        assert _is_own(lambda: costcalc.from_spec(spec).report()), path  # noqa: B023


def test_numbers_of_a_mapping() -> None:
    """Numbers of NumPy are keys and values as others are, a small float has no exponent, and no key is lost."""
    base = {"costcalc": 1, "name": "m", "input": "8x8x3"}
    rows = [{"op": "conv", "c": "=t[4]", "bias": True}]
    network = costcalc.from_spec(
        {
            **base,
            "settings": {"d": 1e-7, "e": Fraction(1, 3)},
            "tables": {"t": {np.int64(4): np.float32(8)}},
            "layers": rows,
        }
    )

    assert (Fraction(1, 10**7), Fraction(1, 3)) == (network.settings["d"], network.settings["e"])
    assert 8 * 8 * 3 * 8 == network.report().mult_adds
    with pytest.raises(CostcalcError, match="the key '4' stands twice"):
        costcalc.from_spec({**base, "tables": {"t": {4: 8, "4": 16}}, "layers": rows})
