"""Every setting of every network, left open in a formula or swept, against the report.

A refusal that says why is an answer, a wrong figure is not. The suite takes a part of the settings, `-m slow` all.
"""

from __future__ import annotations

import random
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import costcalc
from costcalc.errors import CostcalcError, UsageError
from costcalc.quantity import is_exact
from costcalc.spec import catalogue

SETTINGS = [
    (spec.name, key)
    for spec in catalogue.specs()
    for key, value in costcalc.load(spec.name).settings.items()
    if is_exact(value)
]
ALWAYS = [
    ("x3d_s", "gamma_s"),
    ("x3d_s", "gamma_d"),
    ("resnet50", "pool_pad"),
    ("igcv1", "L"),
    ("nasnet_a_mobile", "stem"),
]
SAMPLE = sorted({*SETTINGS[::100], *(pair for pair in ALWAYS if pair in SETTINGS)})


def report(name: str, **settings: Any) -> tuple[int, int] | str:
    """The total and the parameters, or why there are none."""
    try:
        totals = costcalc.load(name, **settings).report().totals
    except CostcalcError as error:
        return str(error)
    return totals.total, totals.params


def values_of(name: str, key: str) -> list[Any]:
    """Some values of a setting, its own first."""
    network = costcalc.load(name)
    own, choices = network.settings[key], network.declaration.settings[key].choices
    if choices:
        return [own, *(choice for choice in choices if choice != own)]
    near = (own + 1, 2 * own, 3 * own, abs(own - 1), 2, 4)
    parts = () if key in ("batch", "resolution") else (Fraction(own, 2), Fraction(3 * own, 4))
    return list(dict.fromkeys((own, *(value for value in (*near, *parts) if value))))


def check_formula(name: str, key: str) -> None:
    """Wherever the formula holds it is the report's figure; it holds at least where it was made."""
    try:
        found = costcalc.formula(name, open=[key])
    except UsageError as error:
        assert f"{key} cannot be left open in {name}: it decides how often a layer repeats" in str(error)
        return
    assert found.holds()
    assert report(name) == found.at()
    chance = random.Random(f"{name} {key}")
    for value in values_of(name, key)[1:]:
        point = {"alpha": chance.choice(["1", "0.75", "1.3"]), "beta": chance.choice(["1", "6/7", "1.25"]), key: value}
        point = {setting: point[setting] for setting in found.open}
        if found.holds(**point):
            assert report(name, **point) == found.at(**point), point


def check_sweep(name: str, key: str) -> None:
    """The rows are the report's, and the points left out are those without a report."""
    values = values_of(name, key)
    swept = costcalc.sweep(name, axes={key: values}, skip_invalid=True)
    alone = [report(name, **{key: value}) for value in values]

    assert [one for one in alone if isinstance(one, tuple)] == [(row["mult_adds"], row["params"]) for row in swept.rows]
    for line in (line.replace(name, "") for line in swept.invalid):  # squeezenet1_0
        assert " object at " not in line and " ... " not in line and not re.search(r"\b_\d", line), line


@pytest.mark.parametrize(("name", "key"), SAMPLE)
def test_some_settings(name: str, key: str) -> None:
    check_formula(name, key)
    check_sweep(name, key)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "key"), SETTINGS)
def test_every_setting(name: str, key: str) -> None:
    check_formula(name, key)
    check_sweep(name, key)


def test_a_setting_that_sets_the_side_of_the_input() -> None:
    """X3D's gamma_s scales the input: what follows from it must not stay as it was."""
    found = costcalc.formula("x3d_s", open=["gamma_s"])

    assert found.holds(gamma_s=2)
    assert (3_845_480_144, 3_794_274) == found.at(alpha=1, beta=1, gamma_s=2) == report("x3d_s", gamma_s=2)
    assert report("x3d_s", gamma_s=2) == _totals(costcalc.load("x3d_s").with_settings(gamma_s=2))
    rows = costcalc.sweep("x3d_s", axes={"gamma_s": [1, 2]}).rows
    assert [1_024_255_400, 3_845_480_144] == [row["mult_adds"] for row in rows]


def _totals(network: Any) -> tuple[int, int]:
    totals = network.report().totals
    return totals.total, totals.params


@pytest.mark.parametrize("size", ["[D, D, 3]", "[D, 2 * D, 3]", "[4, D, D, 3]"])
def test_an_input_of_settings(size: str, tmp_path: Path) -> None:
    file = tmp_path / "sized.yaml"
    layers = "- {op: conv, k: 3, out: 8, stride: 2}\n- {op: conv, k: 1, out: 4}\n"
    file.write_text(f"costcalc: 1\nname: sized\ninput: {size}\nsettings: {{D: 32}}\nlayers:\n{layers}")
    found = costcalc.formula(str(file), open=["D"])

    for side in (7, 32, 99):
        assert found.holds(D=side)
        assert report(str(file), D=side) == found.at(D=side)
    assert not found.holds(D=Fraction(1, 2))


def test_a_value_that_a_setting_does_not_take() -> None:
    """The formula would have a figure there, but no network has it."""
    found = costcalc.formula("resnet50", open=["pool_pad"])

    assert found.holds(pool_pad=0)
    assert not found.holds(pool_pad=2)
    assert not costcalc.formula("mobilenet_v1").holds(alpha=65)


def test_a_formula_without_a_value(tmp_path: Path) -> None:
    file = tmp_path / "divided.yaml"
    file.write_text(
        "costcalc: 1\nname: divided\ninput: 8x8x3\nsettings: {g: 2}\n"
        "layers:\n- {op: conv, out: =ceil(8 / (g - 3)) + 12}\n"
    )
    found = costcalc.formula(str(file), open=["g"])

    assert not found.holds(g=3)
    with pytest.raises(UsageError, match="the formula of divided cannot be evaluated at g 3"):
        found.at(g=3)


def test_points_without_a_network_speak_of_numbers() -> None:
    """The reason is the report's at the first of these points, without a grid's shorthand."""
    (line,) = costcalc.sweep("alexnet", axes={"resolution": [20, 21, 227]}, skip_invalid=True).invalid

    assert line.startswith("alexnet at resolution 20 and 1 more point: ")
    assert line.partition(": ")[2] == report("alexnet", resolution=20)
