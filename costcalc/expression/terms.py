"""An expression as a sum of terms, each so many times an amount: `(1 + affine) * inputs` is 1 + affine times inputs."""

from __future__ import annotations

import ast
from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

_MOST = 32
"""So many terms an expression may have; a longer one is one term."""


class Term(NamedTuple):
    """`each` times `of`, both expressions; `of` is "1" where there is no amount."""

    each: str
    of: str


class _Product(NamedTuple):
    """Factors over divisors, where every test comes out as it should."""

    factors: tuple[ast.expr, ...]
    divisors: tuple[ast.expr, ...] = ()
    tests: tuple[tuple[ast.expr, bool], ...] = ()
    is_negative: bool = False

    def times(self, other: _Product) -> _Product:
        return _Product(
            self.factors + other.factors,
            self.divisors + other.divisors,
            self.tests + other.tests,
            self.is_negative != other.is_negative,
        )


class _TooMany(Exception):
    """More terms than _MOST."""


@lru_cache(maxsize=1024)
def terms(text: str, amounts: frozenset[str]) -> tuple[Term, ...]:
    """The terms of an expression that can be read; names of `amounts` make up what a term is so many times of.

    Sums are taken apart, and products of sums with amounts in them; sums of other names stay as they are. A sum
    within a function, a remainder or a quotient rounded down is an amount by itself.
    """
    tree = ast.parse(text.strip().replace("\n", " "), mode="eval").body
    try:
        return tuple(_term(product, amounts) for product in _products(tree, amounts))
    except _TooMany:
        return (Term("1", text),)


def _products(node: ast.expr, amounts: Collection[str]) -> list[_Product]:
    found = [_Product((node,))]
    if _has(node, amounts):
        match node:
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as sign, right=right):
                minus = isinstance(sign, ast.Sub)
                behind = [p._replace(is_negative=p.is_negative != minus) for p in _products(right, amounts)]
                found = [*_products(left, amounts), *behind]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                found = [p._replace(is_negative=not p.is_negative) for p in _products(operand, amounts)]
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                found = [a.times(b) for a in _products(left, amounts) for b in _products(right, amounts)]
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                found = [p._replace(divisors=(*p.divisors, right)) for p in _products(left, amounts)]
            case ast.IfExp(test=test, body=body, orelse=orelse):
                found = [
                    p._replace(tests=((test, holds), *p.tests))
                    for part, holds in ((body, True), (orelse, False))
                    for p in _products(part, amounts)
                ]
    if len(found) > _MOST:
        raise _TooMany
    return found


def _term(product: _Product, amounts: Collection[str]) -> Term:
    each = _joined([f for f in product.factors if not _has(f, amounts)], product.divisors, amounts, False)
    of = _joined([f for f in product.factors if _has(f, amounts)], product.divisors, amounts, True)
    each = f"-({each})" if product.is_negative else each
    for test, holds in reversed(product.tests):
        here, there = (f"({each})", "0") if holds else ("0", f"({each})")
        each = f"{here} if {ast.unparse(test)} else {there}"
    return Term(each, of)


def _joined(factors: list[ast.expr], divisors: tuple[ast.expr, ...], amounts: Collection[str], of_amounts: bool) -> str:
    text = " * ".join(map(_factor, factors)) or "1"
    return " / ".join([text, *(_factor(d) for d in divisors if _has(d, amounts) is of_amounts)])


def _factor(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if isinstance(node, ast.Name | ast.Attribute | ast.Constant | ast.Call) else f"({text})"


def _has(node: ast.expr, amounts: Collection[str]) -> bool:
    return any(isinstance(part, ast.Name) and part.id in amounts for part in ast.walk(node))
