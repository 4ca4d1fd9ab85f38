"""`python -m costcalc`, and the script `costcalc`."""

from __future__ import annotations

_BETWEEN_COLLECTIONS = 10_000
"""So many objects are made before garbage is looked for: most of what a command makes lives until it ends."""


def main() -> None:
    """Run the program; signals are taken care of before anything large is imported."""
    import gc

    from costcalc.cleanup import end_on_signals

    end_on_signals()
    gc.set_threshold(_BETWEEN_COLLECTIONS)
    from costcalc.cli import main as command

    command(prog_name="costcalc")


if __name__ == "__main__":
    main()
