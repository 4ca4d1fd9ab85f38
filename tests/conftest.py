"""Every test runs as if piped: no colour, one width, and the same examples each time."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, settings

os.environ["NO_COLOR"] = "1"
os.environ["PYTHONSAFEPATH"] = "1"  # programs that tests start are the installed one, which has its bytecode
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


HEAVY = (
    "test_docs.py::test_generated_page_is_current[catalogue.md]",
    "test_docs.py::test_generated_page_is_current[comparisons.md]",
    "test_docs.py::test_generated_page_is_current[plots.md]",
    "test_docs.py::test_generated_page_is_current[training.md]",
    "test_docs.py::test_console_blocks_print_what_they_show[memory.md]",
    "test_docs.py::test_console_blocks_print_what_they_show[sweeps.md]",
    "test_docs.py::test_console_blocks_print_what_they_show[model-files.md]",
    "test_notebook.py::test_wrong_types_are_usage_errors[terminal of rows]",
    "test_notebook.py::test_wrong_types_are_usage_errors[width of rows]",
    "test_memory.py::test_a_picture_of_live_memory",
    "test_order.py::test_a_network_that_is_too_wide_in_a_report",
    "test_keras_fuzz.py::test_hostile_files[many layers]",
    "test_keras_fuzz.py::test_hostile_files[doubled]",
    "test_keras_fuzz.py::test_changed_files[0-keras_case]",
    "test_pt2_fuzz.py::test_hostile_files[many dims]",
    "test_pt2_fuzz.py::test_changed_files[1]",
    "test_widths.py::test_a_sweep_is_reports[ghostnet_100]",
    "test_stream.py::test_the_widest_settings_fit_and_the_next_ones_do_not",
    "test_explain.py::test_figures_in_every_format",
    "test_plots.py::test_the_persons_own_matplotlib_settings_change_nothing",
    "test_codes.py::test_fillers_agree_with_counting_them[('1/20', 4)]",
    "test_pictures_asked.py::test_ticks_of_very_many_values_are_round",
)
"""What takes more than a second and has a lighter test beside it: run by `-m slow`."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test of drawn examples runs in both: with few by default, with more by `-m slow`."""
    heavy = {name: item for item in items for name in HEAVY if item.nodeid.endswith(name)}
    for item in heavy.values():
        item.add_marker(pytest.mark.slow)
    files = {Path(word).name for word in config.args if "::" not in word}
    unknown = [name for name in HEAVY if name not in heavy and files & {"tests", name.partition("::")[0]}]
    if unknown:
        raise pytest.UsageError(f"tests/conftest.py calls heavy what is no test: {', '.join(unknown)}")
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


@pytest.fixture
def own_parameters() -> Iterator[None]:
    """Matplotlib's parameters are as they were afterwards."""
    import matplotlib

    with matplotlib.rc_context():
        yield
