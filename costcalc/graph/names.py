"""Names that an expression can see, without copying those that many expressions share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Layer(dict[str, Any]):
    """Names of its own over those of `below`, which it does not copy."""

    def __init__(self, below: Mapping[str, Any], /, **own: Any) -> None:
        super().__init__(**own)
        self.below = below

    def __missing__(self, name: str) -> Any:
        return self.below[name]
