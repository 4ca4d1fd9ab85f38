"""`python -m costcalc`, and the script `costcalc`."""

from __future__ import annotations


def main() -> None:
    """Run the program; signals are taken care of before anything large is imported."""
    from costcalc.cleanup import end_on_signals

    end_on_signals()
    from costcalc.cli import main as command

    command(prog_name="costcalc")


if __name__ == "__main__":
    main()
