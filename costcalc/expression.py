"""The little language of spec cells and convention rules.

A whitelisted subset of Python's expression grammar: whole and decimal numbers (decimals are exact fractions), names,
`x.c` (a dimension of a shape), `table[key]`, + - * / // %, comparisons, and / or / not, `a if b else c`, and the
functions of `FUNCTIONS`. Text is parsed by `ast.parse` and compiled to nested closures; nothing is ever evaluated by
Python itself. `/` is exact. Text, nesting and the size of numbers are bounded.
"""

from __future__ import annotations

import ast
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from costcalc import quantity
from costcalc.errors import CostcalcError, one_of
from costcalc.quantity import Quantity

Names: TypeAlias = Mapping[str, Any]
_Evaluator: TypeAlias = Callable[[Names], Any]

MAX_TEXT = 200
MAX_DEPTH = 24
DIMENSIONS = ("t", "h", "w", "c")


class ExpressionError(CostcalcError):
    """An expression that cannot be read or evaluated; `offset` and `length` locate the fault in its text."""

    def __init__(
        self, message: str, *, offset: int = 0, length: int = 0, expected: str = "", unknown: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.length = length
        self.expected = expected
        self.unknown = unknown  # the name that nobody knows, for a "did you mean"


class Expression(NamedTuple):
    """A parsed expression: its text, the names it needs, and how to evaluate it."""

    text: str
    names: tuple[tuple[str, int], ...]  # free names and where each first stands
    is_number: bool
    evaluate: _Evaluator

    def __reduce__(self) -> tuple[Callable[[str], Expression], tuple[str]]:
        """Other processes parse the text again."""
        return parse, (self.text,)


def _round8(value: Quantity) -> Quantity:
    return quantity.round_width(value, 8)


FUNCTIONS: dict[str, tuple[Callable[..., Quantity], int, int]] = {
    "round8": (_round8, 1, 1),
    "round_width": (quantity.round_width, 2, 3),
    "floor": (quantity.floor, 1, 1),
    "ceil": (quantity.ceil, 1, 1),
    "exact_div": (quantity.exact_div, 2, 2),
    "min": (quantity.minimum, 2, 8),
    "max": (quantity.maximum, 2, 8),
    "gcd": (quantity.gcd, 2, 2),
}
"""Each function with the least and the largest number of its arguments."""

_SYMBOLS: dict[type[ast.AST], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Mod: ("%", quantity.remainder),
    ast.Eq: ("==", quantity.same),
    ast.NotEq: ("!=", quantity.differ),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}
_NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Read an expression; raises ExpressionError where it leaves the language."""
    text = text.strip()
    if _NUMBER.fullmatch(text) and len(text) < 20:
        value = number(text)
        return Expression(text, (), True, lambda names: value)
    if _NAME.fullmatch(text) and text not in _KEYWORDS:
        return Expression(text, ((text, 0),), False, _name(text, 0))
    if len(text) > MAX_TEXT:
        raise ExpressionError(f"the expression has {len(text)} characters", expected=f"at most {MAX_TEXT} characters")
    if not text.isascii():
        at = next(i for i, c in enumerate(text) if not c.isascii())
        raise ExpressionError(
            f"{text[at]!r} is not part of the language of cells", offset=at, length=1, expected=_EXPECTED
        )
    if text.count("(") + text.count("[") > MAX_DEPTH:  # Python's own parser has limits that differ
        raise ExpressionError(f"the expression has more than {MAX_DEPTH} brackets", expected="fewer, or a `let`")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(
            f"'{text}' is not an expression", offset=max(0, (error.offset or 1) - 1), expected=_EXPECTED
        ) from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError(f"'{text}' is not an expression", expected=_EXPECTED) from None
    compiler = _Compiler(text)
    evaluate = compiler.compile(tree, 0)
    return Expression(text, tuple(compiler.names.items()), not compiler.names, evaluate)


def number(text: str) -> int | Fraction:
    """A whole number, a decimal (`0.75`) or a ratio (`6/7`) as an exact number. Raises ValueError if it is neither."""
    head, slash, tail = text.strip().partition("/")
    if not _NUMBER.fullmatch(head.strip()) or (slash and not _NUMBER.fullmatch(tail.strip())) or len(text) > 40:
        raise ValueError(text)
    try:
        value = Fraction(head.strip()) / Fraction(tail.strip()) if slash else Fraction(head.strip())
    except ZeroDivisionError:
        raise ValueError(text) from None
    return value.numerator if value.denominator == 1 else value


_KEYWORDS = frozenset({"and", "or", "not", "if", "else", "in", "is", "for", "lambda", "True", "False", "None"})
_EXPECTED = "numbers, names, x.c, table[key], + - * / // %, comparisons, and, or, not, if-else, or " + ", ".join(
    f"{name}()" for name in FUNCTIONS
)


class _Compiler:
    """Turns a syntax tree into closures, collecting the names that it needs."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: dict[str, int] = {}

    def refuse(self, node: ast.AST, message: str, expected: str = _EXPECTED) -> ExpressionError:
        offset = getattr(node, "col_offset", 0)
        return ExpressionError(
            message, offset=offset, length=getattr(node, "end_col_offset", 0) - offset, expected=expected
        )

    def compile(self, node: ast.expr, depth: int) -> _Evaluator:
        if depth > MAX_DEPTH:
            raise self.refuse(node, f"the expression is nested more than {MAX_DEPTH} deep")
        deeper = depth + 1
        match node:
            case ast.Constant():
                return self.constant(node)
            case ast.Name():
                self.names.setdefault(node.id, node.col_offset)
                return _name(node.id, node.col_offset)
            case ast.Attribute(value=ast.Name(id=name) as base, attr=dimension):
                if dimension not in DIMENSIONS:
                    raise self.refuse(
                        node, f"'{dimension}' is not a dimension", "x.c (channels), x.h, x.w or x.t (frames)"
                    )
                self.names.setdefault(name, base.col_offset)
                return _dimension(_name(name, base.col_offset), name, dimension, node.col_offset)
            case ast.Subscript(value=base, slice=key) if isinstance(base, ast.Name | ast.Subscript):
                return _look_up(
                    self.compile(base, deeper), self.compile(key, deeper), ast.unparse(base), node.col_offset
                )
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.compile(operand, deeper)
                return lambda names: -inner(names)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self.compile(operand, deeper)
                return lambda names: not _truth(inner(names))
            case ast.BinOp(left=left, op=op, right=right):
                return self.binary(node, op, self.compile(left, deeper), self.compile(right, deeper))
            case ast.BoolOp(op=op, values=values):
                parts = [self.compile(value, deeper) for value in values]
                join = all if isinstance(op, ast.And) else any
                return lambda names: join(_truth(part(names)) for part in parts)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self.binary(node, op, self.compile(left, deeper), self.compile(right, deeper))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                condition, yes, no = (self.compile(part, deeper) for part in (test, body, orelse))
                return lambda names: _either(condition(names), yes, no, names)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self.call(node, name, args, deeper)
        words = ast.unparse(node) if depth else self.text
        raise self.refuse(node, f"'{words}' is not part of the language of cells")

    def constant(self, node: ast.Constant) -> _Evaluator:
        text = self.text[node.col_offset : node.end_col_offset]
        if isinstance(node.value, bool):
            raise self.refuse(node, f"'{text}' is not part of the language of cells", "true or false, in lower case")
        try:
            value = number(text)
        except ValueError:
            raise self.refuse(node, f"'{text}' is not a number", "a whole number or a decimal, as 32 or 0.75") from None
        if value > quantity.LIMIT:
            raise self.refuse(node, f"{text} is too large", "a number below 2^62")
        return lambda names: value

    def binary(self, node: ast.expr, op: ast.AST, left: _Evaluator, right: _Evaluator) -> _Evaluator:
        offset = node.col_offset
        if isinstance(op, ast.Div | ast.FloorDiv):
            divide = _divide if isinstance(op, ast.Div) else quantity.floor_div
            return _arithmetic("/" if divide is _divide else "//", divide, left, right, offset)
        if type(op) not in _SYMBOLS:
            raise self.refuse(node, f"'{self.text}' uses a sign that is not part of the language of cells")
        symbol, function = _SYMBOLS[type(op)]
        if symbol in ("==", "!="):
            return lambda names: function(left(names), right(names))
        return _arithmetic(symbol, function, left, right, offset)

    def call(self, node: ast.Call, name: str, args: list[ast.expr], depth: int) -> _Evaluator:
        if name not in FUNCTIONS:
            error = self.refuse(node, f"unknown function '{name}'", one_of(FUNCTIONS))
            error.unknown = name
            raise error
        function, least, most = FUNCTIONS[name]
        if not least <= len(args) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise self.refuse(node, f"{name}() got {len(args)} arguments", f"{wanted}")
        parts = [self.compile(argument, depth) for argument in args]
        offset = node.col_offset

        def evaluate(names: Names) -> Quantity:
            values = [part(names) for part in parts]
            try:
                return _bounded(function(*values), offset)
            except (TypeError, ZeroDivisionError):
                raise ExpressionError(f"{name}({', '.join(map(str, values))}) has no value", offset=offset) from None

        return evaluate


def _name(name: str, offset: int) -> _Evaluator:
    def evaluate(names: Names) -> Any:
        try:
            return names[name]
        except KeyError:
            raise ExpressionError(f"unknown name '{name}'", offset=offset, length=len(name), unknown=name) from None

    return evaluate


def _dimension(base: _Evaluator, name: str, dimension: str, offset: int) -> _Evaluator:
    def evaluate(names: Names) -> Quantity:
        shape = base(names)
        value = getattr(shape, dimension, None)
        if value is None:
            what = f"'{name}' is not a shape" if not hasattr(shape, "channels") else f"'{name}' is {shape}"
            raise ExpressionError(f"{name}.{dimension} has no value: {what}", offset=offset, length=len(name) + 2)
        return value

    return evaluate


def _look_up(base: _Evaluator, key: _Evaluator, name: str, offset: int) -> _Evaluator:
    def evaluate(names: Names) -> Any:
        table, index = base(names), quantity.settled(key(names))
        if not isinstance(table, Mapping):
            raise ExpressionError(f"'{name}' is not a table", offset=offset, length=len(name))
        if index not in table:
            raise ExpressionError(
                f"table '{name}' has no entry {index}",
                offset=offset,
                length=len(name),
                expected=one_of(map(str, table)),
            )
        return table[index]

    return evaluate


def _arithmetic(
    symbol: str, function: Callable[[Any, Any], Any], left: _Evaluator, right: _Evaluator, offset: int
) -> _Evaluator:
    def evaluate(names: Names) -> Any:
        a, b = left(names), right(names)
        try:
            if isinstance(a, str) or isinstance(b, str):
                raise TypeError
            return _bounded(function(a, b), offset)
        except (TypeError, ZeroDivisionError):
            raise ExpressionError(f"{a} {symbol} {b} has no value", offset=offset) from None

    return evaluate


def _bounded(value: Quantity, offset: int) -> Quantity:
    if quantity.is_exact(value):
        if not -quantity.LIMIT <= value <= quantity.LIMIT or (
            type(value) is Fraction and value.denominator > quantity.LIMIT
        ):
            raise ExpressionError("a number leaves the range of 2^62", offset=offset, expected="sizes of a network")
        if type(value) is Fraction and value.denominator == 1:
            return value.numerator
    return value


def _divide(a: Quantity, b: Quantity) -> Quantity:
    if quantity.is_exact(a) and quantity.is_exact(b):
        return Fraction(a) / b
    kinds = (quantity.is_sweep, quantity.is_symbol)
    return a / b if any(kind(value) for kind in kinds for value in (a, b)) else quantity.exact_div(a, b)


def _either(condition: Any, yes: _Evaluator, no: _Evaluator, names: Names) -> Any:
    """One of two values; where settings are left open, a number that is one or the other."""
    if quantity.is_symbol(condition):
        try:
            return quantity.where(condition, yes(names), no(names))
        except (CostcalcError, TypeError):  # one of them has no value, or is a word: the case must be decided
            pass
    return yes(names) if _truth(condition) else no(names)


def _truth(value: Any) -> bool:
    if isinstance(value, str) or hasattr(value, "channels"):
        raise ExpressionError(f"'{value}' is neither true nor false")
    return quantity.holds(value)
