"""Every test runs as if piped: no colour, one width, and the same examples each time."""

import os
from pathlib import Path

import pytest
from hypothesis import Phase, settings

os.environ["NO_COLOR"] = "1"
for name in ("COLUMNS", "FORCE_COLOR"):
    os.environ.pop(name, None)
    os.unsetenv(name)  # readline, which pytest imports, sets COLUMNS where only subprocesses see it
settings.register_profile("costcalc", deadline=None, max_examples=20, derandomize=True, print_blob=False)
settings.register_profile("slow", parent=settings.get_profile("costcalc"), max_examples=120)
settings.register_profile(
    "mutants", parent=settings.get_profile("costcalc"), max_examples=40, phases=[Phase.explicit, Phase.generate]
)
_MORE = {"parent": settings.get_profile("costcalc"), "derandomize": False, "print_blob": True}
settings.register_profile("ci", max_examples=600, **_MORE)
settings.register_profile("long", max_examples=10_000, **_MORE)
settings.load_profile("costcalc")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite snapshots, broken messages and generated docs")


def only_slow(config: pytest.Config) -> bool:
    """Whether this is the run of `-m slow`."""
    return bool(config.option.markexpr == "slow")


def pytest_configure(config: pytest.Config) -> None:
    """`-m slow` draws six times as many examples, unless it is told how many."""
    if only_slow(config) and not config.getoption("hypothesis_profile", None):
        settings.load_profile("slow")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test of drawn examples runs in both: with few by default, with more by `-m slow`."""
    if only_slow(config):
        for item in items:
            if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
                item.add_marker(pytest.mark.slow)


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether expected files are to be rewritten."""
    return bool(request.config.getoption("--update"))


@pytest.fixture
def root() -> Path:
    """The repository."""
    return Path(__file__).parent.parent
