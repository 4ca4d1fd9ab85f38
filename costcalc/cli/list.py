"""`costcalc list`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from costcalc import api, prepared
from costcalc.analysis.matching import matching
from costcalc.cli import completion, measured, options
from costcalc.errors import UsageError
from costcalc.report.catalogue import RARER, networks_for_people
from costcalc.report.plots.kinds import PlotKind
from costcalc.words import LISTS

if TYPE_CHECKING:
    from costcalc.counting import Convention
    from costcalc.typed.page import Page

_RARER = ("source", "macs_per_second_float16", "about", "on_chip", "bandwidth", "macs_per_second_float32", "recalled")
"""Columns of definitions that go first where there is no room."""


@click.command("list", cls=measured.BoundedCommand)
@click.argument("word", required=False, shell_complete=completion.listed_word)
@click.argument("operator", required=False, shell_complete=completion.operator_word)
@click.option(
    "--family",
    metavar="NAME",
    shell_complete=completion.one_of(completion.families),
    help="Only one family, as mobilenet.",
)
@click.option("--year", metavar="YEAR", help="Only those of a year, as 2018, or of some, as 2017:2019.")
@click.option("-r", "--resolution", metavar="R", help="At another side of the input than their own, as 160, or HxW.")
@click.option("--min-top1", metavar="PERCENT", help="Only those with that accuracy, as their authors publish it.")
@click.option("--min-top5", metavar="PERCENT", help="The same of the top-5 accuracy.")
@measured.columns_options
@measured.pareto_option
@measured.plot_options(PlotKind.CATALOGUE, PlotKind.COMPARE, PlotKind.SCATTER, PlotKind.TERMINAL)
@measured.short_option
@options.counting_options
@options.format_options()
@click.pass_context
def command(
    ctx: click.Context,
    /,
    word: str | None,
    operator: str | None,
    family: str | None,
    year: str | None,
    resolution: str | None,
    min_top1: str | None,
    min_top5: str | None,
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
    **budgets: str | None,
) -> None:
    """Which networks there are, with cost, published top-1 and paper. WORD keeps those whose name, title or family
    contains it.

    `costcalc list measures` shows what can be asked of a network, each with its definition; so do operators,
    blocks, conventions, transforms, recipes, dtypes and devices (bytes, and what they do a second).
    `costcalc list operators OPERATOR` shows the fields that a spec can give one.

    \b
    costcalc list
    costcalc list mobilenet --max-mult-adds 300M --sort top1
    costcalc list --year 2017:2019 --min-top1 72 --max-params 4M --dtype int8
    costcalc list shufflenet --resolution 160
    costcalc list --columns params,peak_bytes,top1 --pareto params,top1
    costcalc list keras --sort top1
    costcalc list measures
    costcalc list operators conv
    costcalc list --plot catalogue.svg
    """
    from costcalc.report.formats import render_records

    if operator is not None and word != "operators":
        raise UsageError(f"two words, {word} and {operator}", expected="one, or `costcalc list operators OPERATOR`")
    options.check_picture(plot, kind, output)
    terminal, width = options.on_terminal(output), options.terminal_width()
    if word in LISTS:
        _refuse_all(ctx, word)
        from costcalc.operators.about import purpose

        records = api.definitions(word, operator or "")
        title = f"{operator}: {purpose(operator)}" if operator else f"{len(records)} {word}"
        text = render_records(records, format, title, [], width, terminal, optional=_RARER, footnote="")
        options.deliver(text, output)
        return
    if (known := _prepared(ctx, word or "", family)) is not None:
        rows, note = known
        options.deliver(_text(rows, set(), _with(word, family), [note], format, width, terminal, short), output)
        return
    from costcalc.report.choice import remarks

    draws = bool(plot or kind)
    convention = api.counting_of(**counting).convention
    total = convention.total
    measures = measured.measures(measure, convention, _frontier(pareto, convention)) if draws else ()
    limits = measured.given_budgets(budgets)
    usual = dict.fromkeys(
        (
            total,
            "params",
            *measured.bounded(limits, convention),
            *_of_formats(counting),
            "top1",
            *(("top5",) if min_top5 else ()),
        )
    )
    asked, hidden = measured.composed(columns, [*usual], (*measures, "params", "top1") if draws else ())
    found = api.networks(
        word or "", family, year, resolution, sort, pareto, asked, top, min_top1=min_top1, min_top5=min_top5,
        **counting, **limits,
    )  # fmt: skip
    named = _with(word, family, year)
    over = f"Networks{named}" if named else "The catalogue"
    drawn = measured.draw(found.rows, over, found.note, measures, plot, kind, page, output)
    least = {"min-top1": min_top1, "min-top5": min_top5}
    limits |= {name: given for name, given in least.items() if given is not None}
    kept = named + measured.chosen_by(limits, pareto, total, sort)
    notes = [*remarks(found), found.note]
    text = drawn or _text(found.rows, hidden, kept, notes, format, width, terminal, short, sort)
    options.deliver(text, output)


def _text(
    rows: list[dict[str, Any]],
    hidden: set[str],
    kept: str,
    notes: list[str],
    format: str,
    width: int,
    terminal: bool,
    short: bool,
    sort: str | None = None,
) -> str:
    from costcalc.report.formats import render_records

    title = f"{len(rows)} network{'s' * (len(rows) != 1)}{kept}"
    shown = measured.shown(networks_for_people(rows, format), hidden)
    return render_records(shown, format, title, notes, width, terminal, measured.rarer(RARER, sort), short=short)


_SHOWS = {
    "dtype": ("weight_bytes", "peak_activation_bytes"),
    "weights": ("weight_bytes",),
    "activations": ("peak_activation_bytes",),
    "accumulators": ("accumulator_bytes",),
    "schedule": ("peak_activation_bytes",),
    "optimizer": ("training_bytes",),
    "checkpoint": ("training_bytes",),
}
"""The bytes that an option changes: without --columns it shows them."""


def _of_formats(counting: dict[str, Any]) -> list[str]:
    """The measures of bytes that the given options are about."""
    return [name for word in counting for name in _SHOWS.get(word, ())]


def _frontier(pareto: str | None, convention: Convention) -> tuple[str, ...]:
    """The columns that a picture shows unless others are asked for: the two of --pareto, a cost first; else the total.

    Years are in no picture.
    """
    from costcalc.analysis.choose import WORDS
    from costcalc.typed.columns import PUBLISHED, Column, read_pair

    pair = read_pair(pareto, convention, WORDS) or ()
    names = [column.name for column in sorted((c for c in pair if isinstance(c, Column)), key=lambda c: c.is_published)]
    return tuple(names) if len(names) == 2 and names[0] not in PUBLISHED else (convention.total,)


def _with(word: str | None, family: str | None, year: str | None = None) -> str:
    """What a title says of a word, a family and years."""
    said = (
        f" with '{word}'" if word else "",
        f" of the family {family}" if family else "",
        f" of {year}" if year else "",
    )
    return "".join(said)


def _prepared(ctx: click.Context, word: str, family: str | None) -> tuple[list[dict[str, Any]], str] | None:
    """The rows of a word and a family as they were prepared, with nothing else asked for, and what stands below."""
    others = {option.name for option in measured.given_options(ctx)} - {"word", "family", "format", "short", "output"}
    if others or (known := prepared.answer("networks")) is None:
        return None
    rows = known["rows"]
    found = matching([(row["network"], row["title"], row["family"]) for row in rows], word, family)
    return ([rows[index] for index in found], known["note"]) if found else None


def _refuse_all(ctx: click.Context, word: str) -> None:
    """Raises UsageError for options of networks: a table of words takes none of them."""
    names = ("word", "operator", "format", "output")
    given = [name.opts[-1] for name in measured.given_options(ctx) if name.name not in names]
    if given:
        raise UsageError(
            f"{', '.join(given)} with a list of {word}", expected=f"`costcalc list {word}`, --format, --output"
        )
