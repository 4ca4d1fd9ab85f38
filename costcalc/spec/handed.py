"""A spec that Python hands over as a mapping, as the text that is read."""

from __future__ import annotations

import json
import numbers
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import count
from typing import Any

from costcalc.errors import UsageError, shown, written
from costcalc.quantity import as_text
from costcalc.spec.document import MAX_DEPTH
from costcalc.spec.problems import MAX_NODES


def text_of_mapping(spec: Mapping[Any, Any]) -> str:
    """The mapping as text, one value a line. Raises UsageError if it has no end, or too many values."""
    return json.dumps(_plain(spec, MAX_DEPTH + 1, count(1)), indent=1)


def _plain(value: Any, depth: int, counted: count[int]) -> Any:
    """Mappings, lists and texts; numbers as they print, so that none has an exponent."""
    if next(counted) > MAX_NODES or depth < 0:  # what holds itself has either
        expected = f"at most {MAX_DEPTH} levels and {MAX_NODES} values, and no value within itself"
        raise UsageError("the spec is nested too deep, or has too many values", expected=expected)
    if isinstance(value, Mapping):
        found: dict[str, Any] = {}
        for key, one in value.items():
            name = _key(key)
            if name in found:
                raise UsageError(f"the key {shown(name)} stands twice in a mapping", expected="each key once")
            found[name] = _plain(one, depth - 1, counted)
        return found
    if isinstance(value, list | tuple):
        return [_plain(one, depth - 1, counted) for one in value]
    return _scalar(value)


def _key(key: Any) -> str:
    plain = _scalar(key)
    return plain if isinstance(plain, str) else json.dumps(plain)


def _scalar(value: Any) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, numbers.Integral):
        text = written(int(value))
        return int(value) if text.lstrip("-").isdecimal() else text
    if isinstance(value, float):
        text = str(float(value))
        return format(Decimal(text), "f") if "e" in text else value
    return as_text(value) if isinstance(value, Fraction) else written(value)
