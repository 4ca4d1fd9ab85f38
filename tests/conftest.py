"""Every test runs as if piped: no colour, one width, and the same examples each time."""

import os
from pathlib import Path

import pytest
from hypothesis import Phase, settings

os.environ["NO_COLOR"] = "1"
for name in ("COLUMNS", "FORCE_COLOR"):
    os.environ.pop(name, None)
settings.register_profile("costcalc", deadline=None, max_examples=60, derandomize=True, print_blob=False)
settings.register_profile(
    "mutants", parent=settings.get_profile("costcalc"), max_examples=20, phases=[Phase.explicit, Phase.generate]
)
_MORE = {"parent": settings.get_profile("costcalc"), "derandomize": False, "print_blob": True}
settings.register_profile("ci", max_examples=600, **_MORE)
settings.register_profile("long", max_examples=10_000, **_MORE)
settings.load_profile("costcalc")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite snapshots, broken messages and generated docs")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether expected files are to be rewritten."""
    return bool(request.config.getoption("--update"))


@pytest.fixture
def root() -> Path:
    """The repository."""
    return Path(__file__).parent.parent
