"""`costcalc compare`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from costcalc import api
from costcalc.cli import completion, measured, options
from costcalc.report.formats import MERMAID
from costcalc.report.plots.kinds import PlotKind

if TYPE_CHECKING:
    from costcalc.typed.page import Page


@click.command("compare")
@click.argument("networks", nargs=-1, required=True, shell_complete=completion.network)
@options.settings_options
@click.option(
    "--layers", is_flag=True,
    help="Align the layers of two networks and show those that differ; with --sort or --top, the most first.",
)  # fmt: skip
@click.option(
    "--distillation", is_flag=True, help="What a step of training takes in which the last one learns from the others."
)
@measured.columns_options
@measured.pareto_option
@measured.plot_options(PlotKind.COMPARE, PlotKind.SCATTER, PlotKind.TERMINAL)
@measured.short_option
@options.counting_options
@options.format_options(MERMAID)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    networks: tuple[str, ...],
    settings: dict[str, Any],
    layers: bool,
    distillation: bool,
    columns: str | None,
    sort: str | None,
    top: int | None,
    pareto: str | None,
    plot: str | None,
    kind: str | None,
    measure: str | None,
    page: Page | None,
    counting: dict[str, Any],
    format: str,
    short: bool,
    output: str | None,
) -> None:
    """Totals of networks side by side, with the ratio to the first; the best is marked.

    Options hold for all networks; what holds for one stands in its name, as mobilenet_v1@alpha=0.75 or vgg16@separable.

    \b
    costcalc compare mobilenet_v1@standard mobilenet_v1
    costcalc compare mobilenet_v1_shallow mobilenet_v1@alpha=0.75
    costcalc compare mobilenet_v1 mobilenet_v2 --columns mult_adds,top1 --top 1
    costcalc compare old.yaml new.yaml --layers --format markdown
    git show main:net.yaml | costcalc compare - net.yaml --layers
    """
    from costcalc.measures import measure_of
    from costcalc.report.comparison import comparison_title, render_comparison
    from costcalc.report.formats import render_records
    from costcalc.typed.columns import read_columns

    options.check_picture(plot, kind, output)
    if options.check_all(ctx, counting):
        records = api.conventions(*networks, **settings, **counting)
        title = ", ".join(networks) + " under every convention"
        terminal = options.on_terminal(output)
        options.deliver(
            render_records(
                records, format, title, [], options.terminal_width(), terminal, ("params", "left_out"), "counts"
            ),
            output,
        )
        return
    compared = api.compare(
        *networks, align_layers=layers, distillation=distillation, **counting, columns=columns, sort=sort, top=top,
        pareto=pareto, **settings,
    )  # fmt: skip
    drawn = None
    if plot or kind or format == MERMAID:
        chosen = compared.counting.convention
        measures = measured.measures(measure, chosen, (chosen.total,))
        needed = list(dict.fromkeys([*measures, "params", "peak_activation_bytes"]))
        rows = compared.rows_of(read_columns(needed, chosen))
        note = f"convention {chosen.name}: {chosen.title}"
        if format != MERMAID and (len(measures) == 1 or any(measure_of(name).is_bytes for name in measures)):
            note += f"; {compared.bytes_of}"  # one measure has the peak beside it
        drawn = measured.draw(rows, comparison_title(compared), note, measures, plot, kind, page, output, format)
    terminal = options.on_terminal(output)
    width = options.terminal_width() if terminal else None
    options.deliver(drawn or render_comparison(compared, format, width, terminal, short), output)
