"""What stands after the @ of a name, and what is said of it."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from costcalc.cli import main
from costcalc.network import read_name


def test_the_form_of_a_name() -> None:
    """An @ of a path belongs to the path; a setting and a transform may stand in any order."""
    assert ("a@b/net.yaml", {"alpha": "0.5"}, 1) == (
        read_name("a@b/net.yaml@standard@alpha=0.5").network,
        read_name("a@b/net.yaml@standard@alpha=0.5").settings,
        len(read_name("a@b/net.yaml@standard@alpha=0.5").steps),
    )
    assert "me@home.yaml" == read_name("me@home.yaml").network


KNOWN = "fold-norm, no-se, pointwise-first, rank=R, separable, spatial or standard"
BEHIND = "a transform as @standard, or a setting as @alpha=0.75"


@pytest.mark.parametrize(
    ("after", "message"),
    [
        (
            "@standrd",
            "Error: unknown transform 'standrd'\n"
            f"  expected: {KNOWN}, or a setting as alpha=0.75, or a recipe's step as prune=0.1\n"
            "  did you mean 'standard'?\n",
        ),
        (
            "@rnak=8",
            "Error: '@rnak=8' is neither a setting of mobilenet_v1 nor a transform\n"
            "  expected: alpha, batch, beta, body, classes or resolution as a setting; "
            f"{KNOWN} as a transform, or a recipe's step as prune=0.1\n"
            "  did you mean 'rank'?\n",
        ),
        ("@", f"Error: nothing stands after an @ of 'mobilenet_v1@'\n  expected: {BEHIND}\n"),
        ("@=3", f"Error: '@=3' is not name=value\n  expected: {BEHIND}\n"),
        (
            "@rank",
            "Error: @rank needs an argument\n  expected: @rank=R, where R is a whole number from 1 to 999999999\n",
        ),
        (
            "@rank=1.5",
            "Error: @rank: '1.5' is no rank\n  expected: @rank=R, where R is a whole number from 1 to 999999999\n",
        ),
        ("@standard=2", "Error: @standard takes no argument, '2' is given\n  expected: @standard\n"),
        (
            "@alpha=1@alpha=2",
            "Error: alpha is set twice in 'mobilenet_v1@alpha=1@alpha=2'\n  expected: one value for alpha\n",
        ),
        (
            "@separable",
            "Error: @separable changes nothing in this network\n"
            "  expected: an ungrouped convolution with a window above 1x1 that is not the network's first\n",
        ),
        ("@standard" * 17, "Error: 17 transforms\n  expected: at most 16\n"),
    ],
)
def test_wrong_names(after: str, message: str) -> None:
    for command in ("report", "sweep"):
        result = CliRunner().invoke(main, [command, f"mobilenet_v1{after}", *(["-r", "96"] * (command == "sweep"))])

        if "changes nothing" in message and command == "sweep":
            continue  # a sweep names the point as well
        assert (2, "", message) == (result.exit_code, result.stdout, result.stderr)


def test_a_setting_in_the_name_and_beside_it() -> None:
    result = CliRunner().invoke(main, ["report", "mobilenet_v1@alpha=0.5", "--alpha", "1"])

    assert (
        2,
        "Error: alpha is set twice: in the network's name and beside it\n  expected: one value for alpha\n",
    ) == (result.exit_code, result.stderr)


def test_standard_input_takes_transforms() -> None:
    text = "costcalc: 1\nname: t\ninput: 64x64x3\nlayers:\n- {op: conv, k: 3, out: 4}\n"
    result = CliRunner().invoke(main, ["report", "-@separable", "-f", "csv"], input=text)

    assert ["27", "12"] == [line.split(",")[6] for line in result.stdout.splitlines()[1:]]
