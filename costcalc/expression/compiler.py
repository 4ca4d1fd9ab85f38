"""The little language of spec cells and convention rules.

A whitelisted subset of Python's expression grammar: whole and decimal numbers (decimals are exact fractions), names,
`x.c` (a dimension of a shape), `table[key]`, + - * / // % **, comparisons, and / or / not, `a if b else c`, and the
functions of `FUNCTIONS`. Text is parsed by `ast.parse` and compiled to nested closures; nothing is ever evaluated by
Python itself. `/` is exact. Text, nesting and the size of numbers are bounded. Every value has a kind
(`costcalc.expression.values`), and an operation on the wrong kind is an ExpressionError at the operand.
"""

from __future__ import annotations

import ast
import operator
import re
import warnings
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from costcalc import quantity
from costcalc.errors import one_of
from costcalc.expression import evaluators
from costcalc.expression.evaluators import Evaluator, Operand
from costcalc.expression.values import ExpressionError, Source
from costcalc.quantity import Quantity

MAX_TEXT = 200
MAX_DEPTH = 24
DIMENSIONS = ("t", "h", "w", "c")


class Expression(NamedTuple):
    """A parsed expression: its text, the names it needs, and how to evaluate it."""

    text: str
    names: tuple[tuple[str, int], ...]  # free names and where each first stands
    is_number: bool
    evaluate: Evaluator
    of_costs: bool = False

    def __reduce__(self) -> tuple[Callable[[str, bool], Expression], tuple[str, bool]]:
        """Other processes parse the text again."""
        return parse, (self.text, self.of_costs)


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
COST_FUNCTIONS = {**FUNCTIONS, "bytes": (quantity.whole_bytes, 2, 2)}
"""Those of expressions in costs: `bytes(n, bits)` are the whole bytes that hold n numbers."""

_ARITHMETIC: dict[type[ast.AST], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", quantity.ratio),
    ast.FloorDiv: ("//", quantity.floor_div),
    ast.Mod: ("%", quantity.remainder),
    ast.Pow: ("**", quantity.power),
}
_ORDER: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")


def parse(text: str, of_costs: bool = False) -> Expression:
    """Read an expression; raises ExpressionError where it leaves the language.

    An expression in costs (of a convention, of a measure) has COST_FUNCTIONS, and no bound: totals may be any size.
    """
    found = _parsed(text, of_costs)
    if isinstance(found, ExpressionError):
        raise found.with_traceback(None)
    return found


@lru_cache(maxsize=8192)  # more than a file may have, see `spec.check.MAX_EXPRESSIONS`
def _parsed(text: str, of_costs: bool) -> Expression | ExpressionError:
    """The expression, or what is wrong with it: either is found once."""
    try:
        return _read(text.strip().replace("\n", " "), of_costs)  # so that places count along one line
    except ExpressionError as error:
        return error


def is_plain(text: str) -> bool:
    """Whether a text is a short number or a name: read at a glance."""
    return bool((_NUMBER.fullmatch(text) and len(text) < 20) or (_NAME.fullmatch(text) and text not in _KEYWORDS))


def _read(text: str, of_costs: bool) -> Expression:
    if is_plain(text):
        if not text[0].isalpha() and text[0] != "_":
            value = number(text)
            return Expression(text, (), True, lambda names: value)
        return Expression(text, ((text, 0),), False, evaluators.name(text, 0))
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
    compiler = _Compiler(text, of_costs)
    evaluate = compiler.compile(tree, 0)
    return Expression(text, tuple(compiler.names.items()), not compiler.names, evaluate, of_costs)


def number(text: str) -> int | Fraction:
    """A whole number, a decimal (`0.75`) or a ratio (`6/7`) as an exact number.

    Raises ValueError if it is neither, or longer than `quantity.LONGEST_NUMBER` as written or in its lowest terms.
    """
    if len(text) <= quantity.LONGEST_NUMBER and text.isascii() and text.isdecimal():
        return int(text)
    head, slash, tail = (part.strip() for part in text.partition("/"))
    tail = tail if slash else "1"
    if len(text) > quantity.LONGEST_NUMBER or not _NUMBER.fullmatch(head) or not _NUMBER.fullmatch(tail):
        raise ValueError(text)
    divisor = Fraction(tail)
    if divisor == 0 or not quantity.is_short(value := Fraction(head) / divisor):
        raise ValueError(text)
    return value.numerator if value.denominator == 1 else value


_KEYWORDS = frozenset({"and", "or", "not", "if", "else", "in", "is", "for", "lambda", "True", "False", "None"})
_EXPECTED = "numbers, names, x.c, table[key], + - * / // % **, comparisons, and, or, not, if-else, or " + ", ".join(
    f"{name}()" for name in FUNCTIONS
)


class _Compiler:
    """Turns a syntax tree into closures, collecting the names that it needs."""

    def __init__(self, text: str, of_costs: bool) -> None:
        self.text = text
        self.names: dict[str, int] = {}
        self.functions = COST_FUNCTIONS if of_costs else FUNCTIONS
        self.fit = evaluators.unbounded if of_costs else evaluators.bounded

    def refuse(self, node: ast.AST, message: str, expected: str = _EXPECTED) -> ExpressionError:
        offset = getattr(node, "col_offset", 0)
        return ExpressionError(
            message, offset=offset, length=getattr(node, "end_col_offset", 0) - offset, expected=expected
        )

    def compile(self, node: ast.expr, depth: int) -> Evaluator:
        if depth > MAX_DEPTH:
            raise self.refuse(node, f"the expression is nested more than {MAX_DEPTH} deep")
        deeper = depth + 1
        match node:
            case ast.Constant():
                return self.constant(node)
            case ast.Name():
                self.names.setdefault(node.id, node.col_offset)
                return evaluators.name(node.id, node.col_offset)
            case ast.Attribute(value=ast.Name(id=name) as base, attr=dimension):
                if dimension not in DIMENSIONS:
                    raise self.refuse(
                        node, f"'{dimension}' is not a dimension", "x.c (channels), x.h, x.w or x.t (frames)"
                    )
                self.names.setdefault(name, base.col_offset)
                return evaluators.dimension(evaluators.name(name, base.col_offset), name, dimension, node.col_offset)
            case ast.Subscript(value=base, slice=key) if isinstance(base, ast.Name | ast.Subscript):
                return evaluators.look_up(self.operand(base, deeper), self.operand(key, deeper))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return evaluators.negative(self.operand(operand, deeper))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return evaluators.negation(self.operand(operand, deeper))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                sides = self.operand(left, deeper), self.operand(right, deeper)
                return evaluators.arithmetic(*_ARITHMETIC[type(op)], *sides, self.source(node), self.fit)
            case ast.BoolOp(op=op, values=parts):
                operands = [self.operand(part, deeper) for part in parts]
                join = all if isinstance(op, ast.And) else any
                return evaluators.junction(join, operands)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if isinstance(op, ast.Eq | ast.NotEq):
                sides = self.operand(left, deeper), self.operand(right, deeper)
                return evaluators.equality(isinstance(op, ast.Eq), *sides)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _ORDER:
                sides = self.operand(left, deeper), self.operand(right, deeper)
                return evaluators.comparison(_ORDER[type(op)], *sides)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return evaluators.either(*(self.operand(part, deeper) for part in (test, body, orelse)))
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self.call(node, name, args, deeper)
            case ast.BinOp(left=left, op=ast.BitXor(), right=right):
                raise self.refuse(node, "'^' is no power here", self.power(left, right))
            case ast.BinOp():
                raise self.refuse(node, f"'{self.text}' uses a sign that is not part of the language of cells")
        words = ast.unparse(node) if depth else self.text
        raise self.refuse(node, f"'{words}' is not part of the language of cells")

    def constant(self, node: ast.Constant) -> Evaluator:
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

    def power(self, base: ast.expr, exponent: ast.expr) -> str:
        """How a power is written."""
        return f"a power as {ast.unparse(ast.BinOp(base, ast.Pow(), exponent))}"

    def source(self, node: ast.expr) -> Source:
        """Where a part of the expression stands."""
        return Source(self.text[node.col_offset : node.end_col_offset], node.col_offset)

    def operand(self, node: ast.expr, depth: int) -> Operand:
        """A part of the expression, with the text that a message about its value points at."""
        return Operand(self.compile(node, depth), self.source(node))

    def call(self, node: ast.Call, name: str, args: list[ast.expr], depth: int) -> Evaluator:
        if name == "pow" and len(args) == 2:
            raise self.refuse(node, "there is no function 'pow'", self.power(*args))
        if name not in self.functions:
            error = self.refuse(node, f"unknown function '{name}'", one_of(self.functions))
            error.unknown = name
            raise error
        function, least, most = self.functions[name]
        if not least <= len(args) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise self.refuse(node, f"{name}() got {len(args)} arguments", f"{wanted} of them")
        operands = [self.operand(argument, depth) for argument in args]
        return evaluators.call(name, function, operands, self.source(node), self.fit)
