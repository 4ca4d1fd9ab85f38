"""The group of commands, and how errors leave the program."""

from __future__ import annotations

import os
import sys
from functools import partial
from importlib import import_module
from typing import Any, NoReturn

import click

from costcalc.cli import streams

COMMANDS = {
    "list": "which networks there are, with cost and paper",
    "report": "cost per layer, block, stage or operator kind, and totals",
    "show": "the spec, resolved for the given settings",
    "new": "a commented spec to start from",
    "sweep": "a grid over alpha, beta and any other setting; table, file, plot",
    "compare": "totals of networks side by side, and their layers aligned",
    "identify": "which network of the catalogue a network is, or the nearest",
    "separable": "each convolution standard and depthwise separable, with the ratio",
    "explain": "why two totals differ, line by line; which way of counting gives a printed figure",
    "advise": "the guidelines of ShuffleNetV2: widths, groups, fragments, element-wise work",
    "compress": "a recipe by layer and step: pruned, quantised, shared, encoded; real weights measured",
    "formula": "closed formulas in alpha and beta: text, LaTeX, Python",
    "check": "budgets for CI: exit code 0 or 1, and what broke them",
    "verify": "every published figure beside the computed one",
}
"""Each command and its line in the help; its code is in the module of the same name."""


class Commands(click.Group):
    """Loads a command's module when it is asked for, and turns costcalc's errors into exit code 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"costcalc.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        from costcalc.words import PIPED

        try:
            rest = [f"{PIPED}{arg[1:]}" if arg.startswith(("-@", "-:")) else arg for arg in args]
            return super().resolve_command(ctx, rest)
        except click.UsageError:
            from costcalc.errors import nearest

            near = nearest(args[0], COMMANDS)
            hint = f" Did you mean '{near}'?" if near else f" Commands: {', '.join(COMMANDS)}."
            raise click.UsageError(f"No such command '{args[0][:40]}'.{hint}", ctx) from None

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        try:
            return super().make_context(*args, **kwargs)
        except BrokenPipeError:  # in the midst of the help
            raise click.exceptions.Exit(0) from None

    def invoke(self, ctx: click.Context) -> Any:
        from costcalc.errors import CostcalcError

        try:
            return super().invoke(ctx)
        except CostcalcError as error:
            streams.complain(f"{'' if hasattr(error, 'problems') else 'Error: '}{error}")
            sys.exit(2)
        except BrokenPipeError:
            raise click.exceptions.Exit(0) from None

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        """The program, which ends here; `main` is the same within another program."""
        from costcalc.cli.program import run

        if "_COSTCALC_COMPLETE" in os.environ:
            from costcalc.cli import shells

            shells.register()
        run(partial(self.main, *args, **kwargs, standalone_mode=False))


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from costcalc.version import __version__

        click.echo(f"costcalc {__version__}")
        ctx.exit()


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="NETWORK is a name that `costcalc list` shows, a path to a spec or a model file, or - for standard input; "
    "mine.yaml:small is a variant in a spec; "
    "settings and transforms may stand after it, as mobilenet_v1@alpha=0.5@standard.",
)
@click.option("--version", is_flag=True, callback=_version, expose_value=False, is_eager=True, help="Show the version.")
def main() -> None:
    """What a neural network costs: Mult-Adds, parameters and memory, from its declaration alone.

    \b
    costcalc report mobilenet_v1
    costcalc report mobilenet_v2 --alpha 0.5 --resolution 160
    costcalc report ./mine.yaml --by operator --format markdown
    """
