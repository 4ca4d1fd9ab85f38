"""The operators: one short class each, a shape rule and a cost rule. Importing this package registers them all."""

from costcalc.operators import activation, conv, join, layout, linear, memory, norm, pool, unknown
from costcalc.operators.base import (
    COUNTERS,
    REGISTRY,
    SCHEMAS,
    STORED,
    WORK,
    Counters,
    Geometry,
    Keeps,
    Kept,
    Operator,
    Shape,
)
from costcalc.operators.fields import FieldRule
from costcalc.operators.written import WRITTEN, Written, usually

ACTIVATIONS = tuple(name for name, cls in REGISTRY.items() if cls.family == "activation")
NORMS = tuple(name for name, cls in REGISTRY.items() if cls.family == "norm")

__all__ = [
    "ACTIVATIONS",
    "COUNTERS",
    "NORMS",
    "REGISTRY",
    "SCHEMAS",
    "STORED",
    "WORK",
    "WRITTEN",
    "Counters",
    "FieldRule",
    "Geometry",
    "Keeps",
    "Kept",
    "Operator",
    "Shape",
    "Written",
    "activation",
    "conv",
    "join",
    "layout",
    "linear",
    "memory",
    "norm",
    "pool",
    "unknown",
    "usually",
]
