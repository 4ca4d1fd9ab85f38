"""Options that several commands share, and how results leave the program."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, BinaryIO, TypeVar, cast

import click

from costcalc.cleanup import undone
from costcalc.cli import completion, streams
from costcalc.dtypes import Dtype
from costcalc.errors import UsageError, one_of
from costcalc.escape import without_colour
from costcalc.report.formats import MERMAID, Format, format_by_ending
from costcalc.words import COUNTING_WORDS, By, Optimizer, Schedule

_F = TypeVar("_F", bound=Callable[..., Any])

LEAST_WIDTH = 20
MOST_WIDTH = 1000
"""What COLUMNS may say."""


class SettingPair(click.ParamType[tuple[str, str]]):
    """`name=value`."""

    name = "name=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        key, equals, text = value.partition("=")
        if not equals or not key.strip() or not text.strip():
            self.fail(f"{value!r} is not name=value, as classes=10", param, ctx)
        return key.strip(), text.strip()


network_argument = click.argument("network", shell_complete=completion.network)


def settings_options(command: _F) -> _F:
    """--alpha, --beta, --resolution, --batch, --set: the command takes them as `settings`."""
    return _settings(
        command,
        "settings",
        ("A", "Width multiplier, exact: 0.75 or 3/4."),
        ("B", "Resolution multiplier, exact: 6/7."),
        ("R", "Side of the input, as 160, or HxW."),
        ("N", "Samples at a time."),
        ("NAME=VALUE", "Any setting of the network, as classes=10."),
    )


def axes_options(command: _F) -> _F:
    """The same options for a sweep, where each takes several values: the command takes them as `axes`."""
    return _settings(
        command,
        "axes",
        ("VALUES", "Width multipliers: 0.25,0.5,1 or 0.25:1:0.25 (both ends)."),
        ("VALUES", "Resolution multipliers: 4/7,5/7,6/7,1."),
        ("VALUES", "Sides of the input: 128:224:32."),
        ("VALUES", "Samples at a time."),
        ("NAME=VALUES", "Any setting of the networks, as groups=1,2,3."),
    )


def _settings(command: _F, parameter: str, *texts: tuple[str, str]) -> _F:
    @wraps(command)
    def gathering(*args: Any, sets: tuple[tuple[str, str], ...], allow_unknown: bool, **given: Any) -> Any:
        named = {key: given.pop(key) for key in ("alpha", "beta", "resolution", "batch")}
        if not allow_unknown:
            return command(*args, **given, **{parameter: _gathered(named, sets)})
        from costcalc.network import allowing_unknown

        with allowing_unknown():
            return command(*args, **given, **{parameter: _gathered(named, sets)})

    names = (("-a", "--alpha"), ("-b", "--beta"), ("-r", "--resolution"), ("-n", "--batch"))
    *single, (metavar, about) = texts
    found: Any = click.option(
        "--allow-unknown", is_flag=True, help="Operators of a model file that costcalc does not know count as nothing."
    )(gathering)
    found = click.option(
        "-s", "--set", "sets", type=SettingPair(), multiple=True, metavar=metavar, help=about,
        shell_complete=completion.setting,
    )(found)  # fmt: skip
    for name, (metavar, about) in reversed(list(zip(names, single, strict=True))):
        found = click.option(*name, metavar=metavar, help=about)(found)
    return cast(_F, found)


def by_option(command: _F) -> _F:
    """--by."""
    return click.option(
        "--by", type=click.Choice([str(by) for by in By]), default="layer", show_default=True,
        help="What a row stands for; `stage` is a row of the spec, `node` splits off norms and activations.",
    )(command)  # fmt: skip


def counting_options(command: _F) -> _F:
    """--convention and the number formats: the command takes those that are given as `counting`, by their names."""

    @wraps(command)
    def gathering(*args: Any, **given: Any) -> Any:
        counting = {key: given.pop(key) for key in COUNTING_WORDS}
        return command(*args, **given, counting={key: value for key, value in counting.items() if value is not None})

    found: Any = gathering
    for option in reversed(_COUNTING):
        found = option(found)
    return cast(_F, found)


def convention_option(command: _F) -> _F:
    """--convention alone, for commands that show no bytes: None if it is not given."""
    return _COUNTING[-1](command)


_FORMATS = "a dtype, or by layers as conv1=float32,*=int4."
_COUNTING = (
    click.option(
        "-d", "--dtype", type=click.Choice([str(dtype) for dtype in Dtype]), metavar="DTYPE",
        help="Number format of weights and activations, for bytes (`costcalc list dtypes`).  [default: float32]",
    ),
    click.option(
        "--weights", metavar="FORMATS", shell_complete=completion.formats, help=f"That of weights alone: {_FORMATS}",
    ),
    click.option(
        "--activations", metavar="FORMATS", shell_complete=completion.formats,
        help="That of feature maps alone, the same way.",
    ),
    click.option(
        "--accumulators", metavar="FORMATS", shell_complete=completion.formats,
        help="That of partial sums.  [default: int32 or float32]",
    ),
    click.option(
        "--schedule", type=click.Choice([str(schedule) for schedule in Schedule]),
        help="Order of execution, for live memory: as written, or the one whose peak is least.  [default: written]",
    ),
    click.option(
        "--optimizer", metavar="|".join(Optimizer), shell_complete=completion.one_of(lambda: map(str, Optimizer)),
        help="What training steps with, for the bytes of its state.  [default: sgd]",
    ),
    click.option(
        "--checkpoint", metavar="every=K|sqrt",
        help="Training keeps the inputs of every K layers alone and computes the rest again.",
    ),
    click.option(
        "-c", "--convention", metavar="NAME", shell_complete=completion.one_of(completion.conventions, or_file=True),
        help="How to count: paper (multiply-adds of convolutions and linear layers), flops (every operation) ..., or "
        "a path as ./ours.yaml (`costcalc list conventions`).  "
        "[default: paper]",
    ),
)  # fmt: skip


ALL = "all"
"""The word for every convention, a row each."""


def check_all(ctx: click.Context, counting: dict[str, Any]) -> bool:
    """Whether every convention is asked for. Raises UsageError for options that its table does not take."""
    if counting.get("convention") != ALL:
        return False
    own = ("network", "networks", "settings", "sets", "alpha", "beta", "resolution", "batch", "format", "output")
    sources = (ctx.get_parameter_source(param.name or "") for param in ctx.command.params)
    given = [
        param.opts[-1]
        for param, source in zip(ctx.command.params, sources, strict=True)
        if source is click.core.ParameterSource.COMMANDLINE and param.name not in (*own, *COUNTING_WORDS)
    ]
    if given:
        raise UsageError(f"{', '.join(given)} with --convention all", expected="one convention, or without")
    if ctx.params["format"] == MERMAID:
        raise UsageError("--format mermaid with --convention all", expected="one convention, or another format")
    return True


def format_options(*more: str) -> Callable[[_F], _F]:
    """--format, --output; without --format, the ending of the file says how to write it. `more` are further formats."""

    def decorate(command: _F) -> _F:
        command = click.option(
            "-f", "--format", type=click.Choice([str(word) for word in (*Format, *more)]), callback=_format,
            help="How to write the result; by default as the ending of FILE says, else as a table.",
        )(command)  # fmt: skip
        return click.option(
            "-o", "--output", metavar="FILE", is_eager=True, help="Write to a file, whole or not at all."
        )(command)

    return decorate


def _format(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    output = ctx.params.get("output")
    assert isinstance(param.type, click.Choice)
    word = value or format_by_ending(output, param.type.choices)
    if word not in param.type.choices:
        raise UsageError(
            f"{output}: {ctx.info_name} writes no {word}", expected=f"--format {one_of(param.type.choices)}"
        )
    return word


def _gathered(named: dict[str, str | None], sets: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """All settings that were asked for, by name. Raises UsageError if one is given twice."""
    settings: dict[str, Any] = {key: value for key, value in named.items() if value is not None}
    for key, value in sets:
        if key in settings:
            raise UsageError(f"{key} is set twice", expected=f"one value for {key}")
        settings[key] = value
    return settings


def on_terminal(output: str | None) -> bool:
    """Whether the result is laid out for a terminal: it goes to one, or FORCE_COLOR or COLUMNS say that it will."""
    return output is None and (sys.stdout.isatty() or streams.forces_colour() or streams.columns() > 0)


def shows_colour(output: str | None) -> bool:
    """Whether the result is coloured: on a terminal, or with FORCE_COLOR; never with NO_COLOR (no-color.org)."""
    if output is not None or os.environ.get("NO_COLOR"):
        return False
    return streams.forces_colour() or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def terminal_width() -> int:
    """Columns of the terminal, within reason."""
    import shutil

    return min(max(shutil.get_terminal_size((80, 24)).columns, LEAST_WIDTH), MOST_WIDTH)


def check_picture(plot: str | None, kind: str | None, output: str | None) -> None:
    """Raise UsageError for a picture that cannot be drawn, or that would lie in the place of the result."""
    from costcalc.report.plots import check_plot

    check_plot(plot, kind)
    check_apart("--plot", plot, output)


def check_apart(option: str, file: str | None, output: str | None) -> None:
    """Raise UsageError for a second file that would lie in the place of the result."""
    if file is None:
        return
    from costcalc.report.files import same_file

    if output is not None and same_file(file, output):
        raise UsageError(f"{option} {file} and --output {output} are one file", expected="two files")
    if output is None and streams.is_standard_output(file):
        raise UsageError(f"{option} {file} is where standard output goes", expected="two files")


def check_ending(output: str | None, *endings: str) -> None:
    """Raise UsageError for a file that says by its ending that it is something else."""
    from pathlib import PurePath

    ending = PurePath(output).suffix if output else ""
    if ending not in ("", ".", *endings):
        raise UsageError(
            f"{output}: no spec ends in '{ending[:40]}'", expected=f"a file that ends in {one_of(endings)}"
        )


def deliver(text: str, output: str | None, verbatim: bool = False) -> None:
    """Print the result, or write the file: whole or not at all, where that can be.

    Where no colour is shown, what is laid out for a terminal loses it; a `verbatim` text stays as it is.
    Raises UsageError if it cannot be written.
    """
    if click.get_current_context().params.get("format") == Format.HTML:
        from costcalc.report.html.document import document

        text = document(text)
    if output is None:
        if on_terminal(output) and not (verbatim or shows_colour(output)):
            text = without_colour(text)
        with streams.standard_output():
            sys.stdout.write(text)
            sys.stdout.flush()
        return
    from costcalc.report.files import write_whole

    write_whole(text.encode(errors="backslashreplace"), output)


@contextmanager
def target(output: str | None) -> Iterator[str | BinaryIO]:
    """What a stream of rows is written to: a file's name, or standard output until its reader has seen enough."""
    if output is not None:
        yield output
        return
    with streams.standard_output():
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()


@contextmanager
def progress(what: str, hidden: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr if that is a terminal; the function within takes how many of how many are done: 0 if unknown."""
    if hidden or not sys.stderr.isatty():
        yield lambda done, of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True, width=terminal_width())
    with undone(streams.show_cursor), Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of or None)
