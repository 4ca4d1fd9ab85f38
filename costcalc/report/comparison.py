"""Comparisons for people and programs: networks side by side, their layers aligned, and the forms of convolutions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from costcalc.analysis.compare.separable import Form, Separable
from costcalc.analysis.compare.side_by_side import Comparison, ratio
from costcalc.analysis.records import plain
from costcalc.errors import word_of
from costcalc.measures import Sum, measure_of
from costcalc.report.formats import Format, document_text, render_cells, render_records
from costcalc.report.tables.columns import figure_text
from costcalc.report.tables.fit import Records
from costcalc.report.tables.units import signed, times
from costcalc.report.training import distillation_note, distillation_words
from costcalc.typed.columns import Column


class _Column(NamedTuple):
    """A column as written; on a narrow terminal those that are `optional` are left out, the highest first."""

    heading: str
    cells: list[str]
    figure: bool = True
    optional: int = 0


def _table(
    format: Format, title: str, columns: Sequence[_Column], notes: Sequence[str], width: int | None, terminal: bool,
    short: bool = False,
) -> str:  # fmt: skip
    rows = [list(row) for row in zip(*(column.cells for column in columns), strict=True)]
    headings, figures = [column.heading for column in columns], [column.figure for column in columns]
    rarest = sorted((column for column in columns if column.optional), key=lambda column: -column.optional)
    records = Records(headings, rows, figures, [column.heading for column in rarest])
    return render_cells(format, title, records, notes, width, terminal, short)


def render_comparison(
    comparison: Comparison, format: str, width: int | None = None, terminal: bool = False, short: bool = False
) -> str:
    """A comparison as text, ending in a newline: totals, and under them the layers that differ, if they were aligned.

    JSON has all layers; CSV has them in the totals' place.
    """
    chosen = word_of(Format, format, "format")
    layers = comparison.layers
    if chosen is Format.CSV:
        return render_records(layers if comparison.aligned is not None else comparison.rows, chosen, "")
    if chosen is Format.JSON:
        document = {
            "convention": comparison.counting.convention.name,
            "dtype": comparison.counting.dtype,
            "schedule": str(comparison.counting.schedule),
            "settings": comparison.settings,
            "networks": [
                row
                | {
                    "transforms": [applied._asdict() for applied in side.network.transforms],
                    "left_out": list(side.ledger.left_out),
                }
                for row, side in zip(comparison.rows, comparison.sides, strict=True)
            ],
        }
        if comparison.distillation:
            document["distillation"] = distillation_words(comparison.distillation)
        return document_text(document | ({"layers": layers} if comparison.aligned is not None else {}))
    totals = _table(
        chosen, comparison_title(comparison), _total_columns(comparison), _total_notes(comparison), width, terminal,
        short,
    )  # fmt: skip
    if comparison.aligned is None:
        return totals
    return f"{totals}\n{_layers(comparison, chosen, width, terminal, short)}"


def comparison_title(comparison: Comparison) -> str:
    """The networks, or how many they are, and the settings of all of them."""
    names = [side.name for side in comparison.sides]
    named = f"{names[0]} and {names[1]}" if len(names) == 2 else _count(len(names), "network")
    return _with(named, comparison.settings)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _with(title: str, settings: dict[str, str]) -> str:
    return ", ".join([title, *(f"{key} {value}" for key, value in settings.items())])


_OPTIONAL = {"peak_activation_bytes": 1, "traffic_bytes": 2, "weight_bytes": 4, "activation_bytes": 5, "top5": 6}
"""Which of the usual columns go first where there is no room, the highest first."""


def _total_columns(comparison: Comparison) -> list[_Column]:
    rows = comparison.rows
    found = [
        _Column("network", [row["network"] for row in rows], figure=False),
        _Column("input", [row["input"] for row in rows], figure=False, optional=3),
    ]
    for column in comparison.shown:
        if not comparison.columns and column.is_published and all(row[column.word] is None for row in rows):
            continue
        stays = comparison.columns or column.name == getattr(comparison.order, "name", "")
        optional = 0 if stays else _OPTIONAL.get(column.name, 0)
        found.append(
            _Column(
                _heading(column),
                _marked(column, [row[column.word] for row in rows], comparison.best(column)),
                optional=optional,
            )
        )
        if (name := comparison.ratios.get(column)) is not None:
            found.append(_Column("ratio", [times(row[name]) for row in rows]))
    return found


def _heading(column: Column) -> str:
    return f"{column.name} %" if column.is_published else column.measure.title


def _marked(column: Column, values: Sequence[Any], best: Any) -> list[str]:
    """The figures as written, the best of them marked."""
    texts = [_text(column, value) for value in values]
    return [
        f"* {text}" if best is not None and value == best else text for text, value in zip(texts, values, strict=True)
    ]


def _text(column: Column, value: Any) -> str:
    return ("" if value is None else str(float(value))) if column.is_published else figure_text(column.name, value)


def _total_notes(comparison: Comparison) -> list[str]:
    counting = comparison.counting
    marked = [column for column in comparison.shown if comparison.best(column) is not None]
    best = "best" if any(column.less_is_better is False for column in marked) else "least"
    words = [f"* the {best}"] if marked else []
    if comparison.order is not None:
        words.append(f"by {getattr(comparison.order, 'word', comparison.order)}")
    if comparison.ratios:
        is_first = comparison.sides[0] is comparison.first
        left_out = "" if any(side is comparison.first for side in comparison.sides) else ", which is not shown"
        words.append(f"ratio: to {'the first network' if is_first else comparison.first.name}{left_out}")
    if any(column.is_published and side.figure(column) for column in comparison.shown for side in comparison.sides):
        words.append("accuracies: as published")
    lines = [
        "; ".join(words),
        f"convention {counting.convention.name}: {counting.convention.title}; {comparison.bytes_of}",
    ]
    lines += [distillation_note(comparison.distillation)] if comparison.distillation else []
    for side in comparison.sides:
        if side.network.transforms:
            places = ", ".join(f"{applied.places} by @{applied.transform}" for applied in side.network.transforms)
            lines.append(f"{side.name}: places changed: {places}")
        if side.ledger.left_out:
            lines.append(f"{side.name}: partial, the convention has no rule for {', '.join(side.ledger.left_out)}")
    return lines


def _layers(comparison: Comparison, format: Format, width: int | None, terminal: bool, short: bool) -> str:
    """The layers that differ: the first measure of both, the difference, and the differences of the others."""
    first, *others = columns = comparison.layer_columns
    heading = measure_of(first.name).title
    rows = [(pair, pair.as_dict(columns)) for pair in comparison.aligned or ()]
    every = [row for _, row in rows]
    usual = not comparison.columns
    equal = [row for row in every if row["equal"]]
    alike = [row for row in every if row["alike"] and not row["equal"]] if usual else []
    unlike = comparison.in_order([pair for pair, row in rows if not row["equal"] and not (usual and row["alike"])])
    differing = [pair.as_dict(columns) for pair in unlike]
    if not differing and not alike:
        return f"{_count(len(equal), 'layer, which is equal', 'layers, all equal')}\n"
    counts = f"{_count(len(differing), 'differs', 'differ')}, {_count(len(equal), 'is', 'are')} equal"
    if alike:
        counts += f", {_count(len(alike), 'is', 'are')} equal but for norms and biases"
    top = comparison.arrangement.top
    differing, others_differing = differing[:top], differing[top:] if top else []
    sums = [("others that differ", others_differing)]
    sums += [("but for norms and biases", alike), ("equal layers", equal), ("total", every)]
    sums = [(name, rows) for name, rows in sums if rows]

    def words(key: str) -> list[str]:
        return [_both(row[f"first_{key}"], row[f"second_{key}"]) for row in differing]

    def costs(column: Column, key: str, write: Callable[[Any], str]) -> list[str]:
        cells = ["" if row[key] is None else write(row[key]) for row in differing]
        if not isinstance(measure_of(column.name).how, Sum):
            return cells + [""] * len(sums)
        return cells + [write(sum(row[key] or 0 for row in rows)) for _, rows in sums]

    ratios = [times(row[f"{first.word}_ratio"]) for row in differing]
    if isinstance(measure_of(first.name).how, Sum):
        ratios += [times(_ratio_of(first, rows)) for _, rows in sums]
    else:
        ratios += [""] * len(sums)
    return _table(
        format,
        f"{heading} of the layers: {counts}",
        [
            _Column("layer", words("name") + [name for name, _ in sums], figure=False),
            _Column("op", words("op") + [""] * len(sums), figure=False, optional=2),
            _Column("output", words("output") + [""] * len(sums), figure=False, optional=1),
            _Column("first", costs(first, f"first_{first.word}", lambda value: figure_text(first.name, value))),
            _Column("second", costs(first, f"second_{first.word}", lambda value: figure_text(first.name, value))),
            _Column("difference", costs(first, f"{first.word}_difference", signed)),
            _Column("ratio", ratios, optional=3),
            *(
                _Column(f"in {measure_of(other.name).title}", costs(other, f"{other.word}_difference", signed))
                for other in (others[:1] if usual else others)
            ),
        ],
        [f"first: {comparison.sides[0].name}; second: {comparison.sides[1].name}; difference: second - first"],
        width,
        terminal,
        short,
    )


def _ratio_of(column: Column, rows: Sequence[dict[str, Any]]) -> float | None:
    """The sum of the second network's layers in units of the first one's."""
    here, there = (sum(row[f"{side}_{column.word}"] or 0 for row in rows) for side in ("first", "second"))
    return ratio(there, here)


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
    if chosen is Format.CSV:
        return render_records(separable.rows, chosen, "")
    if chosen is Format.JSON:
        return document_text(
            {
                "network": separable.name,
                "settings": separable.settings,
                "convention": separable.counting.convention.name,
                "transforms": [applied._asdict() for applied in separable.network.transforms],
                "left_out": list(separable.ledger.left_out),
                "totals": {
                    form: {name: plain(cost) for name, cost in costs.items()}
                    for form, costs in separable.totals.items()
                },
                "layers": separable.rows,
            }
        )
    heading = measure_of(separable.columns[0].name).title
    title = f"{_with(separable.name, separable.settings)}: {heading} of {_count(len(separable.places), 'convolution')}"
    columns = _order_columns(separable) if orders else _form_columns(separable)
    notes = ["* as the network has it"]
    if not orders:
        notes.append("theory: g/N + 1/k^2 with N output channels, g groups and a window of k^2 positions")
    if separable.alone:
        notes.append(f"left out: {_count(separable.alone, 'depthwise convolution')} without a pointwise after")
    table = _table(chosen, title, columns, notes, width, terminal)
    convention, left_out = separable.counting.convention, separable.ledger.left_out
    foot = [f"convention {convention.name}: {convention.title}", *map(str, separable.network.transforms)]
    if left_out:
        foot.append(f"partial: the convention has no rule for {', '.join(left_out)}")
    return f"{table}\n{_table(chosen, 'The whole network', _whole_columns(separable), foot, width, terminal)}"


def _place_columns(separable: Separable) -> list[_Column]:
    places = separable.places
    return [
        _Column("layer", [place.layer for place in places], figure=False),
        _Column("input", [str(place.input) for place in places], figure=False, optional=1),
        _Column("output", [str(place.output) for place in places], figure=False),
        _Column("kernel", [place.kernel for place in places], figure=False, optional=2),
    ]


def _cost_column(separable: Separable, form: Form) -> _Column:
    name = separable.columns[0].name
    cells = [
        ("* " if place.form is form else "") + figure_text(name, place.costs[form][name]) for place in separable.places
    ]
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
    costs = separable.totals
    standard = costs[Form.STANDARD]
    usual = {separable.counting.convention.total, "params"}
    names = [name for name in standard if name in usual] if usual <= set(standard) else list(standard)
    found = [_Column("convolutions", ["as they are", *(f"all {_WORDS[form]}" for form in Form)], figure=False)]
    for name in names:
        found.append(_Column(measure_of(name).title, [figure_text(name, cost[name]) for cost in costs.values()]))
        found.append(_Column("ratio", [_ratio(ratio(cost[name], standard[name])) for cost in costs.values()]))
    return found


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
