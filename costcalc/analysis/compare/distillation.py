"""What a step of training takes that distils networks into one: the student's, and the teachers' forward passes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from costcalc.ledger import Ledger


class Distillation(NamedTuple):
    """Multiply-accumulates of a step with a batch: the training of `student`, and a forward pass of each teacher.

    Source: arXiv:1503.02531, sections 1 and 2.
    """

    student: str
    student_mult_adds: int
    teachers: tuple[tuple[str, int], ...]

    @property
    def teachers_mult_adds(self) -> int:
        """What is saved if the teachers' outputs are kept."""
        return sum(work for _, work in self.teachers)

    @property
    def mult_adds(self) -> int:
        """All of a step."""
        return self.student_mult_adds + self.teachers_mult_adds

    @property
    def times_alone(self) -> float:
        """How many times the student's training without teachers."""
        return self.mult_adds / self.student_mult_adds if self.student_mult_adds else 1.0


def distillation(networks: Sequence[tuple[str, Ledger]]) -> Distillation:
    """The last network learns from all others."""
    *teachers, (student, ledger) = networks
    taught = tuple((name, teacher["macs"]) for name, teacher in teachers)
    return Distillation(student, ledger["training_mult_adds"], taught)
