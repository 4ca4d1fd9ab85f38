"""What a report of training shows: its columns, the lines under its table, and its words in JSON."""

from __future__ import annotations

from typing import Any

from costcalc.analysis.compare.distillation import Distillation
from costcalc.ledger import Ledger
from costcalc.report.tables.units import short, short_bytes, times

_WORK = ("macs", "backward_mult_adds")
_AGAIN = ("recomputed_mult_adds",)
_STATE = ("gradient_bytes", "optimizer_bytes")


def training_measures(ledger: Ledger) -> tuple[str, ...]:
    """The measures of a step of training: forward, backward and repeated work, and what memory holds."""
    stored = (_weights(ledger), *_STATE)
    if ledger.counting.steps.checkpoint is None:
        return (*_WORK, *stored, "saved_activation_bytes", "training_bytes")
    return (*_WORK, *_AGAIN, *stored, "kept_activation_bytes", "segment_activation_bytes")


def _weights(ledger: Ledger) -> str:
    """The measure of weights that are trained: a recipe stores them otherwise afterwards."""
    return "dense_weight_bytes" if ledger.graph.is_compressed else "weight_bytes"


def training_notes(ledger: Ledger, formats: str) -> list[str]:
    """The lines under the table: the work of a step, its memory, and what checkpoints do.

    `formats` are those of feature maps, in words.
    """
    whole, steps, batch = ledger.whole, ledger.counting.steps, ledger.graph.batch
    work = f"forward {short(whole['macs'])} + backward {short(whole['backward_mult_adds'])}"
    if steps.checkpoint:
        work += f" + recomputed {short(whole['recomputed_mult_adds'])}"
    lines = [
        f"{work} = {short(whole['training_mult_adds'])} multiply-accumulates a step, batch {batch}",
        f"weights {short_bytes(whole['dense_weight_bytes'])} + gradients "
        f"{short_bytes(whole['gradient_bytes'])} + state of {steps.optimizer} {short_bytes(whole['optimizer_bytes'])} "
        f"+ saved {formats} activations {short_bytes(whole['saved_activation_bytes'])} = "
        f"{short_bytes(whole['training_bytes'])}; 1 MB = 10^6 bytes",
    ]
    if steps.checkpoint:
        each = steps.checkpoint.layers_each(len(ledger.layers))
        layers = "layer" if each == 1 else "layers"
        lines.append(
            f"checkpoint {steps.checkpoint}: segments of {each} {layers}; kept "
            f"{short_bytes(whole['kept_activation_bytes'])} and the largest segment "
            f"{short_bytes(whole['segment_activation_bytes'])}"
        )
    return lines


def distillation_note(found: Distillation) -> str:
    """What a step takes in which one network learns from others, in words."""
    passes = " + ".join(f"a forward pass of {name} {work:,}" for name, work in found.teachers)
    return (
        f"distillation, a step: training {found.student} {found.student_mult_adds:,} + {passes} = "
        f"{found.mult_adds:,} multiply-accumulates, {times(found.times_alone)} times training it alone; "
        f"with outputs kept {found.student_mult_adds:,}"
    )


def distillation_words(found: Distillation) -> dict[str, Any]:
    """The same for JSON."""
    return {**found._asdict(), "teachers": dict(found.teachers), "mult_adds": found.mult_adds}


def training_words(ledger: Ledger) -> dict[str, Any]:
    """How the network is trained, and what the notes say, for JSON."""
    steps = ledger.counting.steps
    checkpoint = None if steps.checkpoint is None else str(steps.checkpoint)
    return {
        "optimizer": str(steps.optimizer),
        "checkpoint": checkpoint,
        **{name: ledger[name] for name in ("training_mult_adds", "saved_activation_bytes", "training_bytes")},
    }
