"""`costcalc list`."""

from __future__ import annotations

from typing import Any

import click

from costcalc import api
from costcalc.analysis.choose import SortBy
from costcalc.cli import options
from costcalc.report.plots.kinds import PlotKind


@click.command("list")
@click.argument("word", required=False)
@click.option("--family", metavar="NAME", help="Only one family, as mobilenet.")
@click.option("--max-mult-adds", type=options.Amount(), metavar="N", help="Only networks within a budget, as 300M.")
@click.option("--max-params", type=options.Amount(), metavar="N", help="Only networks within a budget, as 3.5M.")
@click.option("--sort", type=click.Choice([str(word) for word in SortBy]), help="Order; top1 from the best.")
@click.option("--pareto", is_flag=True, help="Only networks that nobody beats: published top-1 over Mult-Adds.")
@options.plot_options(PlotKind.CATALOGUE, PlotKind.COMPARE, PlotKind.TERMINAL)
@options.format_options()
def command(
    word: str | None,
    family: str | None,
    max_mult_adds: int | None,
    max_params: int | None,
    sort: str | None,
    pareto: bool,
    plot: str | None,
    kind: str | None,
    format: str,
    output: str | None,
) -> None:
    """Which networks there are, with cost, published top-1 and paper. WORD keeps those whose name, title or family
    contains it.

    \b
    costcalc list
    costcalc list mobilenet --max-mult-adds 300M --sort top1
    costcalc list --pareto
    costcalc list torchvision/
    costcalc list --plot catalogue.svg
    """
    from costcalc.report import render_records

    options.check_files(plot, kind, output)
    records = api.catalogue_records(word or "", family, max_mult_adds, max_params, sort, pareto)
    title = f"{len(records)} networks" + (f" with '{word}'" if word else "")
    note = "Mult-Adds under the convention paper, at each network's own input and settings"
    terminal = options.on_terminal(output)
    over = f"Networks with '{word}'" if word else "The catalogue"
    drawn = options.draw(records, f"{over}: {note}", "mult_adds", plot, kind, output)
    text = drawn or render_records(
        _shown(records, format),
        format,
        title,
        [note],
        options.terminal_width(),
        terminal,
        lesser=("family", "paper", "year", "input"),
    )
    options.deliver(text, output)


def _shown(records: list[dict[str, Any]], format: str) -> list[dict[str, Any]]:
    """Fewer columns for people than for programs."""
    if format in ("json", "csv"):
        return records
    return [
        {key: value for key, value in record.items() if key not in ("title", "classes", "top1_at")}
        for record in records
    ]
