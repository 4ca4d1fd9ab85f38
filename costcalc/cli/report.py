"""`costcalc report`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from costcalc import api, prepared
from costcalc.cli import measured, options
from costcalc.errors import UsageError
from costcalc.report.formats import MERMAID, Format, render_records
from costcalc.report.plots.kinds import PlotKind
from costcalc.report.tables.report_table import Table, render_table

if TYPE_CHECKING:
    from costcalc.typed.page import Page

_F = TypeVar("_F", bound=Callable[..., Any])


def memory_options(command: _F) -> _F:
    """--explain-peak and --place."""
    for name, metavar, about in (
        ("--place", "size|lifetime", "Where every map lies in one arena: the largest or the longest-lived placed "
         "first; without a word, what needs less."),
        ("--explain-peak", "LAYER", "The maps that are alive at the step of the peak, or while a layer runs."),
    ):  # fmt: skip
        command = click.option(name, metavar=f"[{metavar}]", is_flag=False, flag_value="", help=about)(command)
    return command


@click.command("report")
@options.network_argument
@options.settings_options
@options.by_option
@click.option("--training", is_flag=True, help="What a step of training costs: forward, backward, and its memory.")
@measured.columns_options
@options.counting_options
@measured.plot_options(PlotKind.LAYERS, PlotKind.SCATTER, PlotKind.MEMORY, PlotKind.TERMINAL)
@memory_options
@measured.short_option
@options.format_options(MERMAID)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    network: str,
    settings: dict[str, Any],
    by: str,
    training: bool,
    columns: str | None,
    sort: str | None,
    top: int | None,
    counting: dict[str, Any],
    plot: str | None,
    kind: str | None,
    measure: str | None,
    page: Page | None,
    explain_peak: str | None,
    place: str | None,
    format: str,
    short: bool,
    output: str | None,
) -> None:
    """Cost per layer, block, stage or operator kind, and totals.

    \b
    costcalc report mobilenet_v1
    costcalc report mobilenet_v1 --by operator
    costcalc report mobilenet_v2 --alpha 0.5 --resolution 160 --format json
    costcalc report resnet50 --columns peak_bytes,intensity --top 5
    costcalc report mobilenet_v1 --columns kernel,stride,groups,mult_adds --short
    costcalc report torchvision/alexnet --resolution 200 --set classes=10
    costcalc report resnet18 --training --optimizer adam --batch 32
    costcalc report mobilenet_v1 --convention all
    costcalc report vgg16 --plot vgg16.svg --measure weight_bytes
    costcalc report nasnet_a_mobile --schedule minimal --explain-peak
    cat mine.yaml | costcalc report -
    """
    options.check_picture(plot, kind, output)
    asked = {"columns": columns, "sort": sort, "top": top, "by": None if by == "layer" else by}
    if explain_peak is not None or place is not None:
        others = {**asked, "training": training or None, "kind": None if plot else kind, "short": short or None}
        others["format mermaid"] = format == MERMAID or None
        _check_alone({"explain-peak": explain_peak, "place": place}, others)
    if options.check_all(ctx, counting):
        records = api.conventions(network, **settings, **counting)
        title = network + " under every convention"
        on_terminal, columns_wide = options.on_terminal(output), options.terminal_width()
        optional = ("params", "left_out")
        options.deliver(
            render_records(records, format, title, [], columns_wide, on_terminal, optional, "counts"), output
        )
        return
    terminal = options.on_terminal(output)
    width = options.terminal_width() if terminal else None
    if (table := _prepared(ctx, network, format)) is not None:
        options.deliver(render_table(table, Format(format), width, terminal), output)
        return
    loaded = api.load(network, **settings)
    report = loaded.report(by=by, **counting, columns=columns, sort=sort, top=top, training=training)
    drawn = None
    if plot or kind or format == MERMAID:
        measures = measured.measures(measure, report.convention, (_usual(kind) or report.convention.total,))
        if _is_memory(kind, measures):
            if not plot:
                _check_alone({"kind memory": ""}, {key: asked[key] for key in ("sort", "top", "by")})
            rows, note = report.steps, report.memory_note
        else:
            from costcalc.report.pictured import pictured

            is_usual = ctx.get_parameter_source("by") is ParameterSource.DEFAULT
            rows, note = pictured(report, measures, page, " (--by layer draws each layer)" if is_usual else None)
        drawn = measured.draw(rows, report.subject.title, note, measures, plot, kind, page, output, format)
    if explain_peak is not None:
        text = report.explain_peak(explain_peak or None).render(format, width, terminal)
    elif place is not None:
        text = report.placement(place or None).render(format, width, terminal)
    else:
        text = drawn or report.render(format, width, terminal, short)
    options.deliver(text, output)


def _prepared(ctx: click.Context, network: str, format: str) -> Table | None:
    """The report as it was prepared: of a network of the catalogue, for people, no drawings, nothing else asked for."""
    others = {option.name for option in measured.given_options(ctx)} - {"network", "format", "output"}
    if others or format not in (Format.TABLE, Format.MARKDOWN, Format.LATEX):
        return None
    known = prepared.answer("tables", network)
    return None if known is None else Table(*known)


def _usual(kind: str | None) -> str:
    return "live_bytes" if kind == PlotKind.MEMORY else ""


def _is_memory(kind: str | None, measures: Sequence[str]) -> bool:
    """Whether the picture is that of live memory over the steps: the usual one of live_bytes."""
    if kind == PlotKind.MEMORY and tuple(measures) != ("live_bytes",):
        raise UsageError(f"kind memory does not draw {' and '.join(measures)}", expected="--measure live_bytes")
    return tuple(measures) == ("live_bytes",) and kind in (None, PlotKind.MEMORY, PlotKind.TERMINAL)


def _check_alone(alone: dict[str, str | None], others: dict[str, Any]) -> None:
    """Raise UsageError for a table or picture of maps together with what arranges layers."""
    first, *more = [f"--{key}" for key, value in alone.items() if value is not None]
    more += [f"--{key}" for key, value in others.items() if value is not None]
    if more:
        raise UsageError(f"{first} does not go with {more[0]}", expected="one of the two")
