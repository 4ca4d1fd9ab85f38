"""The little language of spec cells and convention rules: read here, and every value's kind checked."""

from costcalc.expression.compiler import FUNCTIONS, Expression, is_plain, number, parse
from costcalc.expression.values import ExpressionError

__all__ = ["FUNCTIONS", "Expression", "ExpressionError", "is_plain", "number", "parse"]
