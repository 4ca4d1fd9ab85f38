"""`costcalc check`."""

from __future__ import annotations

import os
import re
import sys
from typing import Any

import click

from costcalc import api
from costcalc.cli import completion, measured, options
from costcalc.errors import CostcalcError, UsageError, one_of
from costcalc.report.check.records import CheckFormat


class _Command(measured.BoundedCommand):
    """A command whose wrong options are annotations too, where those are asked for."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = " ".join(args)
        try:
            return super().parse_args(ctx, args)
        except (CostcalcError, click.UsageError) as error:
            if re.search(r"(^| )(--format[= ]|-f ?)github( |$)", given) and not re.search(r"(^| )(--output|-o)", given):
                said = UsageError(error.format_message()) if isinstance(error, click.UsageError) else error
                options.deliver(_annotated(said), None)
            raise


@click.command("check", cls=_Command)
@click.argument("networks", nargs=-1, metavar="[NETWORK]...", shell_complete=completion.network)
@click.option("--config", metavar="FILE", help="A file of budgets; else costcalc.toml or pyproject.toml is looked for.")
@click.option(
    "--fits", metavar="DEVICE", multiple=True, shell_complete=completion.one_of(completion.devices, or_file=True),
    help="A device (`costcalc list devices`), or a file of one: its RAM must hold the peak, its flash the weights. "
    "Several times: each of them.",
)  # fmt: skip
@click.option(
    "--base",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False),
    help="Where another branch is checked out: with --format markdown, curves of both branches' specs are drawn.",
)
@options.settings_options
@options.counting_options
@options.format_options(CheckFormat.GITHUB, CheckFormat.JUNIT)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    networks: tuple[str, ...],
    config: str | None,
    fits: tuple[str, ...],
    base: str | None,
    settings: dict[str, Any],
    counting: dict[str, Any],
    format: str,
    output: str | None,
    **budgets: str | None,
) -> None:
    """Budgets for CI: what holds, what does not and by how much. The exit code is 1 if a budget does not hold.

    Budgets stand on the command line, after a NETWORK, or in a file: costcalc.toml, or [tool.costcalc] in
    pyproject.toml, of this folder or of the nearest one above it in the repository (docs/ci.md).

    \b
    costcalc check mobilenet_v2 --max-mult-adds 300M --max-params 3.5M
    costcalc check ./mine.yaml --alpha 0.5 --max-weight-bytes 14MB --dtype int8
    costcalc check mcunet.yaml --dtype int8 --fits stm32f746
    costcalc check
    costcalc check --config costs.toml --format junit --output costs.xml
    """
    from costcalc.report.check.records import render_check
    from costcalc.typed.budgets import main_options

    if base is not None and format != CheckFormat.MARKDOWN:
        raise UsageError(f"--base with --format {format}", expected="--format markdown")
    root = os.environ.get("GITHUB_WORKSPACE", "")
    try:
        if networks and config is None:
            limits = measured.given_budgets(budgets)
            if not limits and not fits:
                raise UsageError("no budget", expected=one_of((f"--{one}" for one in ("fits", *main_options())), 20))
            outcomes = api.check(*networks, settings=settings, fits=fits, **counting, **limits)
        else:
            _refuse_both(ctx)
            outcomes = api.check_config(config)
    except CostcalcError as error:
        if format == CheckFormat.GITHUB and output is None:
            options.deliver(_annotated(error), output)
        raise
    terminal = options.on_terminal(output)
    curves = api.check_curves(outcomes, base) if base is not None else []
    options.deliver(render_check(outcomes, format, options.terminal_width(), terminal, root, curves), output)
    sys.exit(0 if all(outcome.holds for outcome in outcomes) else 1)


def _annotated(error: CostcalcError) -> str:
    from costcalc.report.check.ci import github_problems

    return github_problems(error, os.environ.get("GITHUB_WORKSPACE", ""))


def _refuse_both(ctx: click.Context) -> None:
    """Raises UsageError if something is given on the command line that the file of budgets says."""
    given = [
        "NETWORK" if isinstance(param, click.Argument) else param.opts[-1]
        for param in measured.given_options(ctx)
        if param.name not in ("config", "base", "format", "output")
    ]
    if given:
        wrong = "without a NETWORK" if ctx.params["config"] is None else "beside --config"
        raise UsageError(
            f"{', '.join(given)} {wrong}",
            expected="a NETWORK with its budgets on the command line, or all of it in a file",
        )
