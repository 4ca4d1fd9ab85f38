"""Choosing a network: from the catalogue by bounds, years and accuracy, and what just misses a bound."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import costcalc
from costcalc.analysis.near import near
from costcalc.cli import main
from costcalc.errors import UsageError
from costcalc.spec import catalogue
from costcalc.typed.budgets import read_budget


def run(*args: str) -> Result:
    """A command, as if piped."""
    return CliRunner().invoke(main, args)


def rows_of(*args: str) -> list[dict[str, str]]:
    """The rows that a command writes as CSV."""
    return [*csv.DictReader(io.StringIO(run(*args, "-f", "csv").stdout))]


def names_of(*args: str) -> list[str]:
    """The networks of a command's rows."""
    return [row["network"] for row in rows_of(*args)]


@pytest.mark.parametrize(
    ("args", "names"),
    [
        ("ssd --year 2018 --family ssd --max-params 5M", ["ssdlite_mobilenet_v2", "ssdlite_prediction"]),
        ("mobilenet_v3 --year :2018", []),
        ("mobilenet_v2 --year 2018: --family mobilenet", ["mobilenet_v2"]),
        ("mobilenet_v --min-top1 72", ["mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_large_minimalistic"]),
        ("mobilenet_v --min-top1 72.01 --sort params", ["mobilenet_v3_large_minimalistic", "mobilenet_v3_large"]),
        ("densenet --min-top1 90", []),  # accuracies on CIFAR-10 are no ImageNet accuracies
        ("x3d --min-top1 70", []),  # nor are those on Kinetics
        ("x3d --pareto mult_adds,top1", []),
        (
            "mobilenet_v1 --family mobilenet --max-peak-bytes 0.7MB --dtype int8 -r 160",
            ["mobilenet_v1", "mobilenet_v1_shallow"],
        ),
    ],
)  # fmt: skip
def test_bounds_of_the_catalogue(args: str, names: list[str]) -> None:
    found = [name for name in names_of("list", *args.split()) if not name.startswith("mobilenet_v1_one")]

    assert names == found


def test_another_resolution_has_its_own_figures() -> None:
    """MobileNetV1's Table 7; LeNet-5 cannot see nine positions."""
    (row,) = rows_of("list", "mobilenet_v1_shallow", "-r", "160")
    assert ("160x160x3", "") == (row["input"], row["top1"])
    assert {"mobilenet_v1": "67.2"}.items() <= {
        row["network"]: row["top1"] for row in rows_of("list", "mobilenet_v1", "-r", "160")
    }.items()
    assert "no network at that resolution: lenet5" in run("list", "--family", "lenet", "-r", "9").stdout


def test_bytes_of_the_catalogue_say_of_what() -> None:
    """A format shows the bytes that it is about; they have a line that names it, counts alone have none."""
    text = run("list", "lenet5", "--dtype", "int8").stdout

    assert {"weight_bytes", "peak_activation_bytes"} <= rows_of("list", "lenet5", "--dtype", "int8")[0].keys()
    assert text.endswith("settings; bytes of int8\n")
    assert run("list", "lenet5", "--columns", "params").stdout.endswith("settings\n")
    assert rows_of("list", "lenet5", "--optimizer", "adam")[0].keys() >= {"training_bytes"}


@pytest.mark.parametrize(
    ("args", "title"),
    [
        ("list mobilenet_v2 --family mobilenet --max-params 4M --min-top1 70%",
         "1 network with 'mobilenet_v2' of the family mobilenet within max-params 4M, min-top1 70%"),
        ("list mobilenet_v2 --family mobilenet --pareto",
         "1 network with 'mobilenet_v2' of the family mobilenet on the frontier of mult_adds and top1"),
        ("sweep lenet5 -a 1,2 --sort intensity --top 1", "lenet5: 1 point, by intensity"),
        ("sweep lenet5 -a 1,2 --max-params 1M --pareto alpha,params",
         "lenet5: 1 point within max-params 1M on the frontier of alpha and params"),
    ],
)  # fmt: skip
def test_titles_say_how_rows_were_chosen(args: str, title: str) -> None:
    assert title == run(*args.split()).stdout.splitlines()[0]


@pytest.mark.parametrize(
    ("args", "hidden"),
    [
        ("list lenet --sort year", "family, paper, input\n"),
        ("sweep lenet5 -a 1,2 --sort peak_bytes", "activation_bytes\n"),
    ],
)
def test_the_column_of_the_order_stays_where_there_is_no_room(args: str, hidden: str) -> None:
    result = CliRunner(env={"COLUMNS": "66"}).invoke(main, args.split())

    assert f"not shown at this width: {hidden}" in result.stdout


def test_names_of_libraries_are_listed_when_asked_for() -> None:
    """By the library's name, by a part of theirs with a slash, or where only theirs fit."""
    names = names_of("list", "slowfast")

    assert ["slowfast/x3d_xs", "slowfast/x3d_s", "slowfast/x3d_m", "slowfast/x3d_l"] == names
    assert names == names_of("list", "slowfast/")
    assert ["timm/tf_mobilenetv3_large_100"] == names_of("list", "tf_mobilenetv3_large_100")
    assert {"espnetv2", "espnetv2/EESPNet"} & set(names_of("list", "espnetv2"))
    assert not any("/" in name for name in names_of("list", "mobilenet"))


def test_libraries_have_the_accuracy_of_their_own_weights() -> None:
    """torchvision's MobileNetV2 is not as accurate as its paper says; EfficientNet-B2's weights are for 288."""
    found = {row["network"]: row["top1"] for row in rows_of("list", "torchvision")}

    assert ("71.878", "70.4") == (found["torchvision/mobilenet_v2"], rows_of("list", "keras/MobileNet")[0]["top1"])
    assert "" == found["torchvision/efficientnet_b2"]
    assert 80.608 == costcalc.load("torchvision/efficientnet_b2", resolution=288).published_figure("top1")
    for spec in catalogue.specs():
        assert {row.variant or spec.name for row in spec.published} <= set(spec.names), spec.name


def test_what_just_misses_a_bound_is_named() -> None:
    """300.77M is printed as 300M by its authors."""
    text = run("list", "mobilenet", "--max-mult-adds", "300M").stdout

    assert "just above max-mult-adds 300M: mobilenet_v2 (300,774,272)\n" in text
    assert "just above" not in run("list", "mobilenet", "--max-mult-adds", "290M").stdout
    assert "mobilenet_v2 300,774,272" == " ".join(
        f"{name} {value:,}" for name, _, value in costcalc.networks("mobilenet", max_mult_adds="300M").near
    )


@pytest.mark.parametrize(
    ("figures", "missed"),
    [
        ({"params": 101, "weight_bytes": 10}, "params"),
        ({"params": 102, "weight_bytes": 10}, None),
        ({"params": 100, "weight_bytes": 10}, None),
        ({"params": 101, "weight_bytes": 20}, None),
        ({"params": 101, "weight_bytes": None}, "params"),
    ],
)
def test_near_is_a_hundredth_of_every_bound_that_is_missed(figures: dict[str, Any], missed: str | None) -> None:
    budgets = [read_budget("max-params", 100), read_budget("max-weight-bytes", 10)]
    found = near("net", budgets, figures.__getitem__)

    assert missed == (found and found.budget.measure)
    least = [read_budget("min-intensity", 10)]
    assert near("net", least, {"intensity": 9.95}.__getitem__) and not near(
        "net", least, {"intensity": 9.8}.__getitem__
    )


@pytest.mark.parametrize(
    "pair", ["params,peak_bytes", "intensity,top1", "top1,params", "macs,top5", "traffic_bytes,flops"]
)
def test_a_frontier_over_any_two_columns(pair: str) -> None:
    """No other network is at least as good in both, and better in one."""
    first, second = pair.split(",")
    convention = ("-c", "flops") if "flops" in pair else ()
    options = ("list", "mobilenet_v", "--columns", pair, *convention)
    points = [(float(row[first]), float(row[second])) for row in rows_of(*options) if row[first] and row[second]]
    kept = [(float(row[first]), float(row[second])) for row in rows_of(*options, "--pareto", pair)]
    signs = [-1 if name in ("intensity", "top1", "top5") else 1 for name in (first, second)]

    def beats(other: tuple[float, float], point: tuple[float, float]) -> bool:
        return other != point and all(sign * o <= sign * p for sign, o, p in zip(signs, other, point, strict=True))

    assert {point for point in points if not any(beats(other, point) for other in points)} == set(kept)


BEST = ("sweep", "mobilenet_v1", "mobilenet_v2", "vgg16", "--max-mult-adds", "300M", "--best")


def test_the_best_of_several_networks() -> None:
    """The most accurate first, though others are wider; what binds; who is left out, and who just does not fit."""
    axes = ("-a", "0.25:1.5:0.25", "-r", "160:224:32")
    result = run(*BEST, *axes)
    rows = rows_of(*BEST, *axes)

    assert ("mobilenet_v2", "1", "192", "70.7") == tuple(
        rows[0][key] for key in ("network", "alpha", "resolution", "top1")
    )
    known = [row["top1"] for row in rows if row["top1"]]
    assert known == sorted(known, reverse=True) == [row["top1"] for row in rows[: len(known)]]
    assert all(int(row["mult_adds"]) <= 300_000_000 for row in rows)
    assert "left out: no point of vgg16 fits: the cheapest has mult_adds" in result.stderr
    assert "just above max-mult-adds 300M: mobilenet_v2 at alpha 1, resolution 224 (300,774,272)\n" in result.stdout
    assert "most accurate: mobilenet_v2 at alpha 1, resolution 192, top1 70.7 as published\n" in result.stdout
    assert "widest: mobilenet_v1 at alpha 1, resolution 160, 290,675,200 Mult-Adds\n" in result.stdout
    few = run(
        *BEST, *axes, "--max-params", "4M", "--top", "1"
    ).stdout  # the widest is not shown, and is still the widest
    assert "widest: mobilenet_v1 at alpha 0.75, resolution 192, 239,273,472 Mult-Adds\n" in few
    assert rows[:1] == rows_of(*BEST, *axes, "--top", "1")
    assert "70.7" == rows_of(*BEST, *axes, "--columns", "params", "--top", "1")[0]["top1"]


def test_the_best_are_drawn_as_answers(tmp_path: Path) -> None:
    """Of several networks accuracy against cost; of one, or without accuracies, bars; two measures as asked."""
    file = tmp_path / "best.svg"

    def drawn(*args: str) -> str:
        assert 0 == run("sweep", *args, "-a", "0.5,1", "--max-params", "4M", "--best", "--plot", str(file)).exit_code
        return file.read_text(encoding="utf-8")

    assert "top-1 accuracy" in drawn("mobilenet_v1", "mobilenet_v2")
    assert "peak activations" in drawn("mobilenet_v1") and "peak activations" in drawn("lenet5", "lenet_300_100")
    assert "top-1" not in drawn("mobilenet_v1", "mobilenet_v2", "--measure", "params,mult_adds")
    assert "parameters" in run("sweep", "lenet5", "--max-params", "4M", "--best", "--kind", "terminal").stdout


def test_sides_go_down_to_half_of_the_networks_own() -> None:
    """27 weights for each of 4 channels: 442,368 at 64 positions, 110,592 at 32."""
    text = "costcalc: 1\nname: t\ninput: 64x64x3\nlayers:\n- {op: conv, k: 3, out: =4}\n"
    (row,) = costcalc.widest(costcalc.from_spec(text), {"alpha": [1]}, max_mult_adds="110_592").rows

    assert (32, 32 * 32 * 27 * 4) == (row["resolution"], row["mult_adds"])


def test_published_points_beside_the_widest_of_a_search() -> None:
    """Without axes: the paper's own widths and sides are candidates; of a network alone only the widest are shown."""
    rows = costcalc.widest(["mobilenet_v1", "mobilenet_v1@alpha=0.25"], max_mult_adds="42M").rows
    single = costcalc.widest("mobilenet_v1", max_mult_adds="42M").rows

    assert (0.25, 224, 50.6) == tuple(rows[0][key] for key in ("alpha", "resolution", "top1"))
    assert {50.6, None} == {row["top1"] for row in rows}
    assert all(row["binds"] == "mult_adds" for row in single)


def test_points_that_just_miss_a_bound() -> None:
    """Of a plain sweep, by all of its budgets; those of MobileNetV2 are the 300M of its paper."""
    options = {"alpha": "0.5,1", "resolution": [192, 224]}
    swept = costcalc.sweep("mobilenet_v2", "mobilenet_v1", axes=options, max_mult_adds="300M", max_params="3.5M")

    assert [("mobilenet_v2 at alpha 1, resolution 224", "max-mult-adds")] == [
        (one.name, one.budget.option) for one in swept.near
    ][1:]
    assert ("mobilenet_v2 at alpha 1, resolution 192", "max-params", 3_504_872) == (
        swept.near[0].name, swept.near[0].budget.option, swept.near[0].value,
    )  # fmt: skip
    assert () == costcalc.sweep("mobilenet_v2", axes=options).near


def test_frontiers_over_settings_and_years() -> None:
    """Of both, less is better: the most accurate at a resolution and below, and the records as they were made."""
    points = ("sweep", "mobilenet_v1", "-a", "0.5,0.75,1", "-r", "160,192,224")
    records = rows_of("list", "mobilenet_v", "--family", "mobilenet", "--pareto", "year,top1")

    assert [("1", "160", "67.2"), ("1", "192", "69.1"), ("1", "224", "70.6")] == [
        (row["alpha"], row["resolution"], row["top1"]) for row in rows_of(*points, "--pareto", "resolution,top1")
    ]
    assert ["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_large"] == [row["network"] for row in records]
    assert "unknown measure 'family'" in run("list", "mobilenet_v", "--pareto", "family,top1").stderr
    assert "the column 'params' stands twice" in run("list", "mobilenet_v", "--pareto", "params,params").stderr


@pytest.mark.parametrize(
    ("args", "message", "expected"),
    [
        ("--year 19", "year: '19' is none", "as 2018"),
        ("--year :", "year: ':' is none", "2017:2019"),
        ("--year 2019:2017", "year: 2019 is after 2017", "as 2017:2019"),
        ("--min-top1 much", "min-top1: 'much' is no accuracy", "per cent, as 75"),
        ("--min-top1 101", "min-top1: '101' is no accuracy", "per cent, as 75"),
        ("--max-top1 70", "unknown budget 'max-top1'", "max-params"),
        ("lenet_300 -r 0", "resolution: 0 is out of range", "a whole number"),
        ("lenet_300 -r wide", "resolution: wide is no number", "a whole number"),
        ("lenet5 -r 2", "no network at resolution 2: lenet5", "another resolution"),
        ("measures --year 2018", "--year with a list of measures", "`costcalc list measures`"),
    ],
)
def test_wrong_choices(args: str, message: str, expected: str) -> None:
    result = run("list", *args.split())

    assert (2, "") == (result.exit_code, result.stdout)
    assert result.stderr.startswith(f"Error: {message}")
    assert expected in result.stderr


def test_wrong_choices_in_python() -> None:
    with pytest.raises(UsageError, match=r"min-top1: .* is no accuracy"):
        costcalc.networks("lenet", min_top1=[])  # type: ignore[arg-type]


def test_near_points_are_told_of_few_points_only() -> None:
    """Where the points are walked, so that nothing is walked twice for them."""
    from costcalc.analysis.sweep.plan import MOST_NEAR, plan_sweep
    from costcalc.counting import Counting
    from costcalc.typed.budgets import read_budgets

    axes = {"alpha": ["0.5", "1"]}
    plan = plan_sweep(
        [costcalc.load("mobilenet_v2")],
        axes,
        Counting.of(),
        budgets=read_budgets({"max_mult_adds": "300M"}, Counting.of().convention),
    )
    ((entry, tile),) = plan.tiles(10)
    many = plan._replace(points=MOST_NEAR + 1)

    assert [[False], [True]] == plan.block(entry, tile).near.tolist()
    assert [[True], [False]] == plan.block(entry, tile).valid.tolist()
    assert [[False], [False]] == many.block(entry, tile).near.tolist()
