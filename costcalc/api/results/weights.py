"""Measured weights, as a notebook shows them."""

from __future__ import annotations

from costcalc.analysis.compress import tensors
from costcalc.report.shown import Shown, count


class Measured(Shown, tensors.Measured):
    """The tensors of a file of weights: see `costcalc.compress_weights`."""

    @property
    def summary(self) -> str:
        return f"{self.file}: {count(len(self.tensors), 'tensor')}"

    def render(self, format: str = "table", width: int | None = None, terminal: bool = False) -> str:
        from costcalc.report.weights import render_measured

        return render_measured(self, format, width, terminal)

    def recipe(self, file: str | None = None, name: str = "measured") -> str:
        """The measured rates as a recipe, written into `file` too, after which it is called then.

        Raises UsageError for a file that cannot be written.
        """
        from costcalc.report.weights import recipe_text, write_recipe

        return recipe_text(self, name) if file is None else write_recipe(self, file)
