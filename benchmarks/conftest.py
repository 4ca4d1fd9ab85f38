"""Ratios measured in one run, printed together at the end."""

from __future__ import annotations

import os

import pytest

os.unsetenv("COLUMNS")  # readline, which pytest imports, sets it where only subprocesses see it
RATIOS: list[str] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if RATIOS:
        terminalreporter.section("ratios")
        for line in RATIOS:
            terminalreporter.write_line(line)


@pytest.fixture
def ratio() -> object:
    """Report a ratio and hold it against its bound."""

    def check(what: str, found: float, bound: float) -> None:
        RATIOS.append(f"{found:6.2f}  (at most {bound:g})  {what}")
        assert found <= bound, what

    return check
