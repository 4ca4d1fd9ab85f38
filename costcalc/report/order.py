"""The order of execution in a report: what is said of it, and what stands in the JSON."""

from __future__ import annotations

from typing import Any

from costcalc.ledger import Ledger
from costcalc.report.tables.units import short_bytes


def order_notes(ledger: Ledger) -> list[str]:
    """What is said of the order of execution, where it is not the written one."""
    order = ledger.order
    if order is None:
        return []
    least, written = short_bytes(order.at_least), short_bytes(order.written)
    if not order.is_minimal:
        best = "the best found, of too many to try all"
        return [f"order of execution: {best}; the least peak is at least {least}, the written order's is {written}"]
    if order.peak == order.written:
        return ["order of execution: as written, no other has a lower peak"]
    return [f"order of execution: no other has a lower peak; the written order's is {written}"]


def order_record(ledger: Ledger) -> dict[str, Any]:
    """The schedule, and where it is not the written one the steps in order and what is known of the peak."""
    found: dict[str, Any] = {"schedule": str(ledger.counting.schedule)}
    if ledger.order is not None:
        from costcalc.analysis.memory import step_names

        owners, peak, written, least = ledger.order
        names = step_names(ledger)
        found["order"] = {
            "is_minimal": peak == least,
            "peak_bytes": peak,
            "at_least_bytes": least,
            "written_bytes": written,
            "steps": [names[owner] for owner in owners],
        }
    return found
