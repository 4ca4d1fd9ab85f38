"""A picture in the making: a figure on a page, what is said below it, and what waits until the axes have a place."""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from costcalc.errors import UsageError
from costcalc.escape import printable
from costcalc.report.plots.kinds import PlotFormat
from costcalc.report.plots.palette import QUIET, SMALL_SHARE
from costcalc.typed.page import Page

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

_TEXT: dict[Any, Any] = {
    "svg.hashsalt": "costcalc",
    "svg.fonttype": "none",  # labels stay text: small files that a diff can be read of
    "pdf.fonttype": 42,
    "text.parse_math": False,  # a dollar in a file's name is a dollar
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "Helvetica"],
    "axes.titlesize": "medium",
    "axes.labelsize": "medium",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": False,
    "grid.color": "#dddddd",
    "legend.frameon": False,
    "legend.title_fontsize": "small",
    "legend.fontsize": "small",
    "figure.constrained_layout.w_pad": 0.06,
    "figure.constrained_layout.h_pad": 0.05,
    "figure.dpi": 100,
}
_METADATA: dict[PlotFormat, dict[str, Any]] = {
    PlotFormat.SVG: {"Date": None, "Creator": None, "Format": None, "Type": None},
    PlotFormat.PNG: {"Software": None},
    PlotFormat.PDF: {"Creator": None, "Producer": None, "CreationDate": None},
}
_FONT, _PRINTED_FONT = 9.5, 8.0
_DPI, _PRINTED_DPI = 160, 300
_EDGE = 0.08  # inches left free around texts above and below
TALLEST = 9.0
"""Inches that a picture and its caption may be high on a page of a journal."""
_LETTER, _BOLD = 0.56, 0.65  # of its size is a letter wide, on average


class Canvas:
    """What a picture is drawn on.

    `remarks` are written below it in small grey letters. Units: inches, and points for `font`; `height` is that of
    what is drawn, without title and remarks. `below` is a legend that stands between the axes and the remarks, and its
    height. Where names of points have no room (`numbers_needed`) the picture is drawn once more, `numbered`: with
    numbers beside the points, and a `key` that has the names, below. `unnamed` are the ranks of those whose numbers
    have no place even so; the ones `left_out` are neither beside a point nor in the key.
    """

    def __init__(
        self,
        figure: Figure,
        width: float,
        height: float,
        font: float,
        numbered: bool = False,
        left_out: frozenset[int] = frozenset(),
    ) -> None:
        self.figure = figure
        self.width = width
        self.height = height
        self.font = font
        self.remarks: list[str] = []
        self.unnamed: frozenset[int] = frozenset()
        self.left_out = left_out
        self.numbered = numbered
        self.numbers_needed = False
        self.key: list[tuple[str, str]] = []
        self.below: tuple[Legend, float] | None = None
        self._waiting: list[Callable[[], None]] = []

    @property
    def scale(self) -> float:
        """How large signs and lines are beside the usual."""
        return self.font / _FONT

    @property
    def letter(self) -> float:
        """The size of a label's letters, in pixels."""
        return SMALL_SHARE * self.font * self.figure.dpi / 72

    def text_width(self, text: str, share: float = 1.0) -> float:
        """About how wide a text is, in letters of a share of the font's size."""
        return len(text) * _LETTER * share * self.font / 72

    def settled(self, what: Callable[[], None]) -> None:
        """Do something when the axes have their places: what is measured on the page."""
        self._waiting.append(what)

    def settle(self) -> None:
        """Give the axes their places, for good; then do what waited for it."""
        for _ in range(2):  # once more where ticks have changed with the first
            self.figure.draw_without_rendering()
        self.figure.set_layout_engine("none")
        for what in self._waiting:
            what()


class Drawing(NamedTuple):
    """What fills a canvas: the function, the width it likes, its height at a width and a font, and the least."""

    draw: Callable[[Canvas], None]
    width: float
    height: Callable[[float, float], float]
    least: Callable[[float, float], float] = lambda width, font: 0.0


def font_of(page: Page) -> float:
    """The size of letters on a page, in points."""
    return page.font_size or (_FONT if page.width is None else _PRINTED_FONT)


def drawn(drawing: Drawing, title: str, note: str, page: Page | None, format: PlotFormat) -> bytes:
    """A picture as bytes: under its title, if it has one; over its note, which says how was counted.

    The same call gives the same bytes: no date, no version, no settings of the person's own matplotlib.
    Raises UsageError for a page that cannot hold it.
    """
    import logging

    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # where its cache and fonts are is no news to the person
    import matplotlib

    page = page or Page()
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a letter that the font lacks is drawn as a box
        canvas = laid_out(drawing, title, note, page)
        out = io.BytesIO()
        canvas.figure.savefig(out, format=str(format), metadata=_METADATA[format])
    data = out.getvalue()
    return b"\n".join(line.rstrip() for line in data.splitlines()) + b"\n" if format is PlotFormat.SVG else data


def laid_out(drawing: Drawing, title: str, note: str, page: Page) -> Canvas:
    """The canvas with everything on it, in its place: names of points as numbers where they have no room.

    Sets Matplotlib's parameters. Raises UsageError for a page that cannot hold it.
    """
    canvas = _laid_out(drawing, title, note, page)
    if canvas.numbers_needed:
        canvas = _laid_out(drawing, title, note, page, numbered=True)
    while canvas.unnamed:
        out = canvas.left_out | canvas.unnamed
        said = f"{len(out)} name{'s' * (len(out) > 1)} left out: no room"
        canvas = _laid_out(drawing, title, "; ".join(filter(None, [note, said])), page, numbered=True, left_out=out)
    return canvas


def _laid_out(
    drawing: Drawing,
    title: str,
    note: str,
    page: Page,
    *,
    numbered: bool = False,
    left_out: frozenset[int] = frozenset(),
) -> Canvas:
    import matplotlib
    from matplotlib.figure import Figure

    font = font_of(page)
    matplotlib.rcdefaults()
    matplotlib.rcParams.update(_TEXT)
    matplotlib.rcParams.update(_sizes(font / _FONT, _DPI if page.width is None else _PRINTED_DPI))
    title = printable(title if page.title is None else page.title).strip()
    width = page.width or drawing.width * max(1.0, font / _FONT)
    above = _lines(title, width, 1.1 * font, _BOLD)
    head = _height(above, 1.1 * font)
    foot = _height(_lines(note, width, SMALL_SHARE * font), SMALL_SHARE * font)
    least = max(drawing.least(width, font), 8 * font / 72)
    usual = drawing.height(width, font)
    if page.width is not None:  # lines of text need not be as far apart as on a screen
        usual = min(usual, TALLEST - head - foot)
    body = max(usual, least) if page.height is None else page.height - head - foot
    if body < least:
        _refuse_height(page, width, least + head + foot, font)
    figure = Figure(figsize=(width, head + foot + body), layout="constrained")
    canvas = Canvas(figure, width, body, font, numbered, left_out)
    drawing.draw(canvas)
    below = _lines("; ".join(filter(None, [note, *canvas.remarks])), width, SMALL_SHARE * font)
    foot = _height(below, SMALL_SHARE * font)
    legend, between = canvas.below or (None, 0.0)
    key = _columns([f"{number} {name}" for number, name in canvas.key], width, SMALL_SHARE * font)
    key_height = len(key[0]) * 1.18 * SMALL_SHARE * font / 72 + _EDGE if key else 0.0
    between += key_height
    if page.height is None:
        figure.set_size_inches(width, head + between + foot + body)
    elif body - between < least:
        _refuse_height(page, width, page.height + least + between - body, font)
    whole = figure.get_figheight()
    if legend is not None:
        legend.set_bbox_to_anchor((0, (foot + key_height) / whole))
    for place, column in enumerate(key):
        figure.text(
            (_EDGE + place * (width - _EDGE) / len(key)) / width, (foot + key_height - 0.4 * _EDGE) / whole,
            "\n".join(column), va="top", ha="left", fontsize=SMALL_SHARE * font, color="#222222", linespacing=1.15,
        )  # fmt: skip
    engine = figure.get_layout_engine()
    assert engine is not None
    low = (foot + between) / whole
    engine.set(rect=(0, low, 1, 1 - head / whole - low))  # type: ignore[call-arg]
    if above:
        figure.text(
            _EDGE / width, 1 - _EDGE / whole, "\n".join(above), va="top", ha="left", fontsize=1.1 * font,
            fontweight="bold",
        )  # fmt: skip
    if below:
        figure.text(
            _EDGE / width, _EDGE / whole, "\n".join(below), va="bottom", ha="left", fontsize=SMALL_SHARE * font,
            color=QUIET, linespacing=1.15,
        )  # fmt: skip
    canvas.settle()
    return canvas


def _lines(text: str, width: float, size: float, letter: float = _LETTER) -> list[str]:
    """A text in lines of the page's width."""
    return textwrap.wrap(text, max(8, int((width - 2 * _EDGE) * 72 / (letter * size))))


def _refuse_height(page: Page, width: float, needed: float, font: float) -> NoReturn:
    high = page.in_unit(needed)
    enough = high + (1 if page.unit == "mm" else 0.1)
    raise UsageError(
        f"--size: the picture needs {high:.3g} {page.unit_name} of height with letters of {font:g} points",
        expected=f"--size {page.in_unit(width):.4g}x{enough:.{0 if page.unit == 'mm' else 1}f}{page.unit}, a smaller "
        "--font-size, or fewer rows",
    )


def _columns(entries: list[str], width: float, size: float) -> list[list[str]]:
    """A key in as many columns as have room across the page, filled downwards."""
    wide = max(map(len, entries), default=1) * _LETTER * size / 72 + 1.2 * size / 72
    across = max(1, min(int((width - 2 * _EDGE) / wide), len(entries)))
    deep = -(-len(entries) // across)
    return [entries[start : start + deep] for start in range(0, len(entries), deep)] if entries else []


def _height(lines: list[str], size: float) -> float:
    return len(lines) * 1.3 * size / 72 + _EDGE if lines else 0.0


def _sizes(scale: float, dpi: int) -> dict[Any, Any]:
    """Letters, lines and signs that grow together."""
    return {
        "font.size": _FONT * scale,
        "lines.linewidth": 1.6 * scale,
        "lines.markersize": 4.5 * scale,
        "axes.linewidth": 0.8 * scale,
        "grid.linewidth": 0.6 * scale,
        "savefig.dpi": dpi,
        **{f"{axis}tick.{which}.{what}": size * scale for axis in "xy" for which, what, size in _TICKS},
    }


_TICKS = (("major", "size", 3.5), ("minor", "size", 2.0), ("major", "width", 0.8), ("minor", "width", 0.6))
