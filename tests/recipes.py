"""Networks and ledgers for the tests of compression."""

from __future__ import annotations

import json
import random
from typing import Any

from click.testing import CliRunner, Result

import costcalc
from costcalc.cli import main
from costcalc.ledger import Ledger
from costcalc.spec import catalogue

NAMES = [name for spec in catalogue.specs() for name in spec.names if "/" not in name]
RANGE = "above 0 and up to 1, as 0.1 or 1/10, in at most six decimals"
"""What is expected of a density."""
SAMPLE = sorted({*random.Random(1510).sample(NAMES, 8), "mobilenet_v2", "alexnet"})


def ledger(name: str, **words: object) -> Ledger:
    """What a network costs."""
    return costcalc.load(name).ledger(**words)  # type: ignore[arg-type]


def network(layers: str, steps: str = "", size: str = "8x8x4") -> costcalc.Network:
    """A network from the entries of a spec, with what stands after its @."""
    return costcalc.from_spec(f"costcalc: 1\nname: t\ninput: {size}\nlayers:\n{layers}", steps)


def without_codes(name: str) -> str:
    """A recipe of Deep Compression without its last step, P+Q, as inline steps."""
    from costcalc.recipes import load_recipe

    return "@".join(f"{step.kind}={step}" for step in load_recipe(name).steps[:-1])


def run(*args: str) -> Result:
    """`costcalc compress ...`."""
    return CliRunner().invoke(main, ["compress", *args])


def rows(*args: str) -> list[dict[str, Any]]:
    """The rows of its JSON."""
    found: list[dict[str, Any]] = json.loads(run(*args, "--format", "json").stdout)
    return found
