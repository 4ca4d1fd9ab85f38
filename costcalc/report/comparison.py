"""Comparisons for people and programs: networks side by side, their layers aligned, and the forms of convolutions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from costcalc.analysis.compare import ratio
from costcalc.analysis.separable import Form
from costcalc.errors import word_of
from costcalc.report.columns import HEADINGS
from costcalc.report.fit import Records
from costcalc.report.formats import Format, render_cells, render_document, render_records
from costcalc.report.units import grouped, short_bytes, signed, times

if TYPE_CHECKING:
    from costcalc.analysis.compare import Comparison
    from costcalc.analysis.separable import Separable


class _Column(NamedTuple):
    """A column as written; on a narrow terminal those that are `lesser` are left out, the highest first."""

    heading: str
    cells: list[str]
    figure: bool = True
    lesser: int = 0


def _table(
    format: Format, title: str, columns: Sequence[_Column], notes: Sequence[str], width: int | None, terminal: bool
) -> str:
    rows = [list(row) for row in zip(*(column.cells for column in columns), strict=True)]
    headings, figures = [column.heading for column in columns], [column.figure for column in columns]
    rarest = sorted((column for column in columns if column.lesser), key=lambda column: -column.lesser)
    records = Records(headings, rows, figures, [column.heading for column in rarest])
    return render_cells(format, title, records, notes, width, terminal)


def render_comparison(comparison: Comparison, format: str, width: int | None = None, terminal: bool = False) -> str:
    """A comparison as text, ending in a newline: totals, and under them the layers that differ, if they were aligned.

    JSON has all layers; CSV has them in the totals' place.
    """
    chosen = word_of(Format, format, "format")
    layers = comparison.layers
    if chosen is Format.CSV:
        return render_records(layers if comparison.aligned is not None else comparison.rows, chosen, "")
    if chosen is Format.JSON:
        document = {
            "convention": comparison.convention.name,
            "dtype": str(comparison.dtype),
            "settings": comparison.settings,
            "networks": [
                row | {"transforms": [a._asdict() for a in side.transforms], "left_out": list(side.left_out)}
                for row, side in zip(comparison.rows, comparison.sides, strict=True)
            ],
        }
        return render_document(document | ({"layers": layers} if comparison.aligned is not None else {}))
    totals = _table(
        chosen, comparison_title(comparison), _total_columns(comparison), _total_notes(comparison), width, terminal
    )
    if comparison.aligned is None:
        return totals
    return f"{totals}\n{_layers(comparison, chosen, width, terminal)}"


def comparison_title(comparison: Comparison) -> str:
    """The networks, or how many they are, and the settings of all of them."""
    names = [side.network for side in comparison.sides]
    return _with(f"{names[0]} and {names[1]}" if len(names) == 2 else f"{len(names)} networks", comparison.settings)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _with(title: str, settings: dict[str, str]) -> str:
    return ", ".join([title, *(f"{key} {value}" for key, value in settings.items())])


def _total_columns(comparison: Comparison) -> list[_Column]:
    rows, total = comparison.rows, comparison.convention.total

    def best(heading: str, key: str, write: Callable[[int], str], lesser: int = 0) -> _Column:
        values = [row[key] for row in rows]
        least = min(values) if min(values) < max(values) else None
        return _Column(heading, [("* " if v == least else "") + write(v) for v in values], lesser=lesser)

    def to_first(key: str) -> _Column:
        return _Column("ratio", [times(row[f"{key}_ratio"]) for row in rows])

    return [
        _Column("network", [row["network"] for row in rows], figure=False),
        _Column("input", [row["input"] for row in rows], figure=False, lesser=3),
        best(HEADINGS.get(total, total), total, grouped),
        to_first(total),
        best("params", "params", grouped),
        to_first("params"),
        best("weights", "weight_bytes", short_bytes, 4),
        best("activations", "activation_bytes", short_bytes, 5),
        best("peak", "peak_activation_bytes", short_bytes, 1),
        best("traffic", "traffic_bytes", short_bytes, 2),
    ]


def _total_notes(comparison: Comparison) -> list[str]:
    lines = [
        "* the least; ratio: to the first network",
        f"convention {comparison.convention.name}: {comparison.convention.title}; bytes of {comparison.dtype}",
    ]
    for side in comparison.sides:
        if side.transforms:
            places = ", ".join(f"{applied.places} by @{applied.transform}" for applied in side.transforms)
            lines.append(f"{side.network}: places changed: {places}")
        if side.left_out:
            lines.append(f"{side.network}: partial, the convention has no rule for {', '.join(side.left_out)}")
    return lines


def _layers(comparison: Comparison, format: Format, width: int | None, terminal: bool) -> str:
    total = comparison.convention.total
    heading = HEADINGS.get(total, total)
    every = comparison.layers
    differing, equal = [row for row in every if not row["equal"]], [row for row in every if row["equal"]]
    if not differing:
        return f"{_count(len(equal), 'layer, which is equal', 'layers, all equal')}\n"
    counts = f"{_count(len(differing), 'differs', 'differ')}, {_count(len(equal), 'is', 'are')} equal"
    sums = [*([("equal layers", equal)] if equal else []), ("total", every)]

    def words(key: str) -> list[str]:
        return [_both(row[f"first_{key}"], row[f"second_{key}"]) for row in differing]

    def costs(key: str, write: Callable[[int], str]) -> list[str]:
        cells = ["" if row[key] is None else write(row[key]) for row in differing]
        return cells + [write(sum(row[key] or 0 for row in rows)) for _, rows in sums]

    return _table(
        format,
        f"{heading} of the layers: {counts}",
        [
            _Column("layer", words("name") + [name for name, _ in sums], figure=False),
            _Column("op", words("op") + [""] * len(sums), figure=False, lesser=2),
            _Column("output", words("output") + [""] * len(sums), figure=False, lesser=1),
            _Column("first", costs(f"first_{total}", grouped)),
            _Column("second", costs(f"second_{total}", grouped)),
            _Column("difference", costs(f"{total}_difference", signed)),
            _Column("in params", costs("params_difference", signed)),
        ],
        [f"first: {comparison.sides[0].network}; second: {comparison.sides[1].network}; difference: second - first"],
        width,
        terminal,
    )


def _both(first: str | None, second: str | None) -> str:
    """What stands in one of them or in both; both where they differ."""
    if first is None or second is None or first == second:
        return first or second or ""
    return f"{first} -> {second}"


def render_separable(
    separable: Separable, format: str, orders: bool = False, width: int | None = None, terminal: bool = False
) -> str:
    """The forms of convolutions as text, ending in a newline; with `orders` both orders of the pair side by side.

    JSON and CSV have every column in any case.
    """
    chosen = word_of(Format, format, "format")
    total = separable.convention.total
    if chosen is Format.CSV:
        return render_records(separable.rows, chosen, "")
    if chosen is Format.JSON:
        return render_document(
            {
                "network": separable.network,
                "settings": separable.settings,
                "convention": separable.convention.name,
                "transforms": [applied._asdict() for applied in separable.transforms],
                "left_out": list(separable.left_out),
                "totals": {
                    form: {total: cost.total, "params": cost.params, "weights": cost.weights}
                    for form, cost in separable.totals.items()
                },
                "layers": separable.rows,
            }
        )
    heading = HEADINGS.get(total, total)
    title = (
        f"{_with(separable.network, separable.settings)}: {heading} of {_count(len(separable.places), 'convolution')}"
    )
    columns = _order_columns(separable) if orders else _form_columns(separable)
    notes = ["* as the network has it"]
    if not orders:
        notes.append("theory: g/N + 1/k^2 with N output channels, g groups and a window of k^2 positions")
    if separable.alone:
        notes.append(f"left out: {_count(separable.alone, 'depthwise convolution')} without a pointwise behind")
    table = _table(chosen, title, columns, notes, width, terminal)
    foot = [f"convention {separable.convention.name}: {separable.convention.title}", *map(str, separable.transforms)]
    if separable.left_out:
        foot.append(f"partial: the convention has no rule for {', '.join(separable.left_out)}")
    return f"{table}\n{_table(chosen, 'The whole network', _whole_columns(separable), foot, width, terminal)}"


def _place_columns(separable: Separable) -> list[_Column]:
    places = separable.places
    return [
        _Column("layer", [place.layer for place in places], figure=False),
        _Column("input", [str(place.input) for place in places], figure=False, lesser=1),
        _Column("output", [str(place.output) for place in places], figure=False),
        _Column("kernel", [place.kernel for place in places], figure=False, lesser=2),
    ]


def _cost_column(separable: Separable, form: Form) -> _Column:
    cells = [("* " if place.form is form else "") + grouped(place.costs[form].total) for place in separable.places]
    return _Column(_WORDS[form], cells)


_WORDS = {Form.STANDARD: "standard", Form.SEPARABLE: "separable", Form.POINTWISE_FIRST: "pointwise first"}


def _form_columns(separable: Separable) -> list[_Column]:
    return [
        *_place_columns(separable),
        _cost_column(separable, Form.STANDARD),
        _cost_column(separable, Form.SEPARABLE),
        _Column("ratio", [_ratio(row["ratio"]) for row in separable.rows]),
        _Column("theory", [_ratio(row["theory"]) for row in separable.rows]),
    ]


def _order_columns(separable: Separable) -> list[_Column]:
    return [
        *_place_columns(separable),
        _cost_column(separable, Form.SEPARABLE)._replace(heading="depthwise first"),
        _cost_column(separable, Form.POINTWISE_FIRST),
        _Column("ratio", [_ratio(row["order_ratio"]) for row in separable.rows]),
    ]


def _whole_columns(separable: Separable) -> list[_Column]:
    total = separable.convention.total
    costs = separable.totals
    standard = costs[Form.STANDARD]
    return [
        _Column("convolutions", ["as they are", *(f"all {_WORDS[form]}" for form in Form)], figure=False),
        _Column(HEADINGS.get(total, total), [grouped(cost.total) for cost in costs.values()]),
        _Column("ratio", [_ratio(ratio(cost.total, standard.total)) for cost in costs.values()]),
        _Column("params", [grouped(cost.params) for cost in costs.values()]),
        _Column("ratio", [_ratio(ratio(cost.params, standard.params)) for cost in costs.values()]),
    ]


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
