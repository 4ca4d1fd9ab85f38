"""The command line: one file a command, each imported only when it runs."""

from costcalc.cli.main import main

__all__ = ["main"]
