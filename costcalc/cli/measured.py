"""Options about measures: columns, budgets, and what pictures show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click
from click.core import ParameterSource

from costcalc.cli import completion
from costcalc.cli.options import shows_colour, terminal_width
from costcalc.errors import UsageError
from costcalc.report.formats import MERMAID
from costcalc.report.plots.kinds import PlotKind

if TYPE_CHECKING:
    from costcalc.counting import Convention
    from costcalc.typed.page import Page

_F = TypeVar("_F", bound=Callable[..., Any])


def plot_options(*kinds: PlotKind) -> Callable[[_F], _F]:
    """--plot, --measure, and --kind with the kinds that the command's rows can be drawn as.

    Without a picture, the measures of --measure are the columns of the table.
    """

    def decorate(command: _F) -> _F:
        @wraps(command)
        def shown(
            *args: Any, plot: str | None, kind: str | None, measure: str | None, columns: str | None, format: str,
            **given: Any,
        ) -> Any:  # fmt: skip
            if measure is not None and plot is None and kind is None and format != MERMAID:
                if columns is not None:
                    raise UsageError(
                        "--measure and --columns without a picture", expected="one of the two, or --plot FILE"
                    )
                measure, columns = None, measure
            return command(*args, **given, plot=plot, kind=kind, measure=measure, columns=columns, format=format)

        found: Any = click.option(
            "--kind", type=click.Choice([str(kind) for kind in kinds]),
            help="What to draw; without --plot it is drawn in the terminal, in the table's place.",
        )(shown)  # fmt: skip
        found = click.option(
            "--measure", metavar="NAMES", shell_complete=completion.some_of(completion.measures),
            help="What to draw: a measure by name; of two, one against the other, as params,peak_bytes. Without a "
            "picture, the columns of the table.",
        )(found)  # fmt: skip
        return cast(_F, file_options("Draw into a file as well: .svg, .png or .pdf.")(found))

    return decorate


def file_options(about: str) -> Callable[[_F], _F]:
    """--plot, and how its picture looks: the command takes --title, --size and --font-size as `page`."""

    def decorate(command: _F) -> _F:
        @wraps(command)
        def gathering(
            *args: Any, title: str | None, size: str | None, font_size: str | None, plot: str | None, **given: Any
        ) -> Any:
            looks = {"--title": title, "--size": size, "--font-size": font_size}
            without = [name for name, value in looks.items() if value is not None]
            if without and plot is None:
                raise UsageError(f"{without[0]} without a picture", expected="--plot FILE")
            page = None
            if plot is not None:
                from costcalc.typed.page import read_page

                page = read_page(title, size, font_size)
            return command(*args, **given, plot=plot, page=page)

        found: Any = click.option(
            "--font-size", metavar="POINTS", help="Size of the letters.  [default: 9.5, with --size 8]"
        )(gathering)
        found = click.option(
            "--size",
            metavar="SIZE",
            shell_complete=completion.one_of(completion.sizes),
            help="How large it is: column, page, or WxH: 3.5x2.5 in inches, 90x60mm, 9x6cm.",
        )(found)
        found = click.option("--title", metavar="TEXT", help="What stands over it; '' for nothing.")(found)
        return cast(_F, click.option("--plot", metavar="FILE", help=about)(found))

    return decorate


def only_columns_option(command: _F) -> _F:
    """--columns."""
    return click.option(
        "--columns", metavar="NAMES", shell_complete=completion.some_of(completion.columns),
        help="Measures by name (`costcalc list measures`), as mult_adds,params,peak_bytes,intensity.",
    )(command)  # fmt: skip


def columns_options(command: _F) -> _F:
    """--columns, --sort, --top."""
    command = click.option("--top", type=click.IntRange(1), metavar="N", help="Only the first N rows.")(command)
    command = click.option(
        "--sort",
        metavar="NAME",
        shell_complete=completion.sorted_by,
        help="Order the rows by a column.",
    )(command)
    return only_columns_option(command)


def short_option(command: _F) -> _F:
    """--short. Raises UsageError in a format for programs."""

    @wraps(command)
    def checking(*args: Any, format: str, short: bool, **given: Any) -> Any:
        if short and format in ("csv", "json", "jsonl", "parquet", MERMAID):
            raise UsageError(f"--short does not go with {format}", expected="a table, markdown, latex or html")
        return command(*args, **given, format=format, short=short)

    return cast(_F, click.option("--short", is_flag=True, help="Figures in three digits, as 569 M.")(checking))


def measures(measure: str | None, convention: Convention, usual: Sequence[str]) -> tuple[str, ...]:
    """The columns that a picture shows, by today's names: those of --measure, one or two, or the usual.

    Raises UsageError for others.
    """
    from costcalc.typed.columns import read_drawn

    return read_drawn(measure, convention, usual)


def composed(columns: str | None, usual: Sequence[str], further: Sequence[str]) -> tuple[list[str], set[str]]:
    """The columns to compute, those of a picture among them, and which of them a table does not show."""
    from costcalc.measures import todays_name

    asked = [word.strip() for word in columns.split(",")] if columns is not None else list(usual)
    names = {todays_name(word) for word in asked}
    extra = [word for word in further if word not in names]
    return [*asked, *extra], set(extra)


def shown(rows: Sequence[dict[str, Any]], hidden: set[str]) -> list[dict[str, Any]]:
    """Rows without some columns."""
    return [{key: value for key, value in row.items() if key not in hidden} for row in rows]


def pareto_option(command: _F) -> _F:
    """--pareto."""
    return click.option(
        "--pareto", metavar="A,B", is_flag=False, flag_value="-", shell_complete=completion.some_of(completion.columns),
        help="Only rows that no other equals or beats in both of two columns; without A,B, the total and top1.",
    )(command)  # fmt: skip


_BOUNDED = "costcalc.bounded"
"""Whether a bound may stand on the command line: if none does, the hundreds of options for them are not made."""


_OWN = "costcalc.own bounds"
"""Bounds on the command line that are of no measure: of the total of a person's own convention, if of anything."""
_CONVENTION = ("-c", "--convention")


class BoundedCommand(click.Command):
    """A command that takes --max-MEASURE and --min-MEASURE, for every measure of the table and a convention's total."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        own = super().get_params(ctx)
        if not ctx.meta.get(_BOUNDED, True):
            return own
        from costcalc.typed.budgets import options

        arguments = [param for param in own if isinstance(param, click.Argument)]
        names = (*options(), *ctx.meta.get(_OWN, ()))
        return [*arguments, *_bounds(names), *(param for param in own if param not in arguments)]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_BOUNDED] = any(arg.startswith("--m") for arg in args)  # --max-..., --min-..., --measure
        if not ctx.meta[_BOUNDED]:
            return super().parse_args(ctx, args)
        from costcalc.typed.budgets import LEAST, MOST, options, read_budget

        own = {name for param in super().get_params(ctx) for name in param.opts}
        has_convention = any(arg.startswith(_CONVENTION) for arg in args)
        further = []
        for arg in args:
            word = arg.removeprefix("--").partition("=")[0]
            if arg.startswith((f"--{MOST}", f"--{LEAST}")) and word not in options() and f"--{word}" not in own:
                if not (has_convention and word.replace("-", "_").isidentifier()):
                    read_budget(word, "0")  # says that there is none, and which is the nearest
                further.append(word)
        ctx.meta[_OWN] = tuple(dict.fromkeys(further))
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """What click offers, and bounds once a word begins like one: there are hundreds."""
        from click.shell_completion import CompletionItem

        from costcalc.typed.budgets import LEAST, MOST, options

        bounds: list[Any] = []
        if incomplete.startswith((f"--{MOST}", f"--{LEAST}")):
            bounds = [CompletionItem(f"--{name}") for name in options() if f"--{name}".startswith(incomplete)]
        return [*super().shell_complete(ctx, incomplete), *bounds]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = (param for param in self.get_params(ctx) if isinstance(param, click.Option))
        records = [record for option in options if (record := option.get_help_record(ctx))]
        what = "A bound of any measure, as --max-mult-adds 300M, --max-peak-bytes 256KiB, --min-intensity 10."
        with formatter.section("Options"):
            formatter.write_dl([("--max-MEASURE, --min-MEASURE VALUE", what), *records])


@cache
def _bounds(names: tuple[str, ...]) -> list[click.Parameter]:
    return [click.Option([f"--{name}"], hidden=True, metavar="VALUE") for name in names]


def given_options(ctx: click.Context) -> list[click.Parameter]:
    """What was written on the command line, in the order of the command's options."""
    return [
        param
        for param in ctx.command.get_params(ctx)
        if ctx.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE
    ]


def given_budgets(budgets: dict[str, str | None]) -> dict[str, str]:
    """The bounds that were given, by the names of their options."""
    return {key.replace("_", "-"): value for key, value in budgets.items() if value is not None}


def chosen_by(limits: dict[str, str], pareto: str | None, total: str, sort: str | None) -> str:
    """What a title says of bounds, a frontier and an order: ` within max-params 4M on the frontier of A and B`."""
    text = f" within {', '.join(f'{key} {limit}' for key, limit in limits.items())}" if limits else ""
    if pareto is not None:
        pair = f"{total},top1" if pareto == "-" else pareto
        text += f" on the frontier of {' and '.join(word.strip() for word in pair.split(','))}"
    return text + (f", by {sort}" if sort else "")


def rarer(names: Sequence[str], sort: str | None) -> list[str]:
    """Columns that go first where there is no room, but for the one that rows are ordered by."""
    if sort is None:
        return list(names)
    from costcalc.measures import todays_name

    return [name for name in names if name != todays_name(sort)]


def bounded(limits: dict[str, str], convention: Convention) -> list[str]:
    """The measures that bounds speak of; what is none is told where the bounds are read."""
    from costcalc.typed.budgets import options

    known = options(convention)
    return [known[name][0] for name in limits if name in known]


def draw(
    rows: Sequence[dict[str, Any]],
    title: str,
    note: str,
    measures: Sequence[str],
    plot: str | None,
    kind: str | None,
    page: Page | None,
    output: str | None,
    format: str = "",
    behind: Sequence[dict[str, Any]] = (),
) -> str | None:
    """Write the picture that was asked for, if any; without a file, the text that takes the table's place.

    `note` stands below it: how was counted. In the format mermaid that is a chart; `behind` are rows of another branch,
    for it alone.
    """
    if plot is None and kind is None and format != MERMAID:
        return None
    from costcalc.measures import with_todays_names
    from costcalc.report.plots import terminal_plot, write_plot

    total, against = (*measures, "", "")[:2]
    rows = with_todays_names(rows)
    if plot is not None:
        write_plot(rows, plot, kind, title, total, against, note=note, page=page)
    if format == MERMAID:
        return _chart(rows, f"{title}, {note}", measures, kind, behind)
    if plot is not None or kind is None:
        return None
    return terminal_plot(rows, kind, title, total, terminal_width(), shows_colour(output), against, note=note)


def _chart(
    rows: Sequence[dict[str, Any]],
    title: str,
    measures: Sequence[str],
    kind: str | None,
    behind: Sequence[dict[str, Any]],
) -> str:
    """The rows as a Mermaid chart in Markdown. Raises UsageError for two measures."""
    from costcalc.measures import with_todays_names
    from costcalc.report.diagrams.chart import mermaid_chart

    if len(measures) > 1:
        raise UsageError(f"mermaid: {' and '.join(measures)} in one chart", expected="one measure")
    return mermaid_chart(rows, kind, title, measures[0], with_todays_names(behind))


def listed(names: Sequence[str]) -> str:
    """What a picture of several networks is called."""
    return ", ".join(names) if len(names) <= 3 else f"{len(names)} networks"
