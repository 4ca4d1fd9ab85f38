"""Files of every kind made to cost as much as their size can, with the command that opens each.

Specs and budgets are those of `hostile`; here stand recipes, conventions and devices, and what only some commands read.
"""

from __future__ import annotations

from collections.abc import Callable

from hostile import BUDGETS, HEAD, LAYERS, SPECS, filled

Texts = dict[str, Callable[[int], str]]
CONVENTION = "costcalc: 1\nconvention: hostile\ntotal: macs\n"
RECIPE = "costcalc: 1\nrecipe: hostile\nsteps:\n"
DEVICE = "costcalc: 1\ndevice: hostile\ntitle: hostile\nkind: mcu\nram: 1MiB\nflash: 1MiB\n"


def _lines(before: str, line: Callable[[int], str]) -> Callable[[int], str]:
    """`before`, and as many lines as fit: a file that is no spec."""
    return filled(before, line, after="", head="")


def _shares(before: str, share: Callable[[int], str]) -> Callable[[int], str]:
    """`before`, and as many shares as fit."""
    text = _lines(before, lambda i: f"{'+' if i else ''}{share(i)}")
    return lambda size: f"{text(size)}\n"


def _chosen(choice: str, row: str) -> Callable[[int], str]:
    """A setting of many choices, and many values for it."""

    def text(size: int) -> str:
        count = size // (len(choice + row) + 14)
        choices = "".join(f"    - {choice % i}\n" for i in range(count))
        rows = "".join(row % {"i": i, "last": count - 1} for i in range(count))
        setting = f"settings:\n  s:\n    default: {choice % 0}\n    choices:\n{choices}"
        return f"{HEAD}{setting}{LAYERS}{'published' if row[0] == '-' else 'variants'}:\n{rows}"

    return text


def _unknown_rows(size: int) -> str:
    """One variant that changes rows that are none, beside as many that are."""
    rows = "".join(f"- row_{i}: {{op: relu}}\n" for i in range(size // 48))
    changes = "".join(f"      ruw_{i}: none\n" for i in range(size // 48))
    return f"{HEAD}layers:\n{rows}variants:\n  v:\n    rows:\n{changes}"


def _unknown_blocks(size: int) -> str:
    """One variant that changes rows of blocks that are none, beside as many that are."""
    blocks = "".join(f"  block_{i}: {{body: [{{op: relu}}]}}\n" for i in range(size // 75))
    changes = "".join(f"      bluck_{i}.relu: none\n" for i in range(size // 75))
    return f"{HEAD}blocks:\n{blocks}{LAYERS}variants:\n  v:\n    rows:\n{changes}"


def _other_alphas(size: int) -> str:
    """Many values of alpha, and a network at the first of them alone."""
    choices = ", ".join(f"{i + 1}/99999" for i in range(size // 10))
    alpha = f"settings: {{alpha: {{default: 1, choices: [1, {choices}]}}}}\n"
    return f"{HEAD}{alpha}{LAYERS}- {{op: flatten}}\n- {{op: linear, out: 8}}\n- {{op: linear, out: =alpha}}\n"


MORE_SPECS: Texts = {
    "choices of alpha": _other_alphas,
    "choices of variants": _chosen("%d", "  v%(i)d: {s: %(last)d}\n"),
    "choices that are no whole numbers": _chosen("%d/7", "  v%(i)d: {s: %(last)d/7}\n"),
    "none of the choices": _chosen("word_%d", "  v%(i)d: {s: wurd_%(i)d}\n"),
    "published, none of the choices": _chosen("word_%d", "- {s: wurd_%(i)d, at: x}\n"),
    "changes of unknown rows": _unknown_rows,
    "changes of unknown blocks": _unknown_blocks,
}
CONVENTIONS: Texts = {
    "unknown operators of a convention": _lines(f"{CONVENTION}counts:\n", lambda i: f"  cunv{i}: macs\n"),
    "unknown counters": _lines(f"{CONVENTION}counts:\n", lambda i: f"  conv{i}: mucs_{i}\n"),
    "unknown operators left out": _lines(f"{CONVENTION}counts: {{conv: macs}}\nignores:\n", lambda i: f"- rela{i}\n"),
    "long rules": _lines(f"{CONVENTION}counts:\n", lambda i: f"  conv{i}: {'*'.join(['(2**62)'] * 20)}*{i}\n"),
}
RECIPES: Texts = {
    "unknown steps": _lines(RECIPE, lambda i: f"- prone{i}: 1\n"),
    "unknown formats": _lines(f"{RECIPE}- quantise:\n", lambda i: f"    c{i}: flaot{i}\n"),
    "open rates": _lines(f"{RECIPE}- prune:\n", lambda i: f"    c{i}: density_{i}\n"),
    "patterns": _lines(f"{RECIPE}- prune:\n", lambda i: f"    '*{i}*': 0.5\n"),
    "shares": _shares(f"{RECIPE}- huffman: ", lambda i: "1"),
    "shares of entropy": _shares(f"{RECIPE}- huffman: entropy+", lambda i: f"1/{10**30 + i}"),
    "singular values": _shares(f"{RECIPE}- factorise: energy:0.9:", lambda i: f"1/{i + 1}"),
}
DEVICES: Texts = {
    "unknown figures": _lines(DEVICE, lambda i: f"rom{i}: 1\n"),
    "unknown speeds": _lines(f"{DEVICE}macs_per_second:\n", lambda i: f"  flaot{i}: 1x\n"),
}

ASKED: tuple[tuple[str, str, Texts], ...] = (
    ("report {}", "h.yaml", {**SPECS, **MORE_SPECS}),
    ("report {} --format html", "h.yaml", {"maps that stay": SPECS["readers of one map"]}),
    ("check --config {}", "h.toml", BUDGETS),
    ("report nin -c {}", "c.yaml", CONVENTIONS),
    ("compress nin@recipe={}", "r.yaml", RECIPES),
    ("check nin --fits {}", "d.yaml", DEVICES),
)
"""Words, a file's name for `{}`, and its texts."""


def words_for(words: str, file: str) -> list[str]:
    """The words of a command that opens a file."""
    return [word.replace("{}", file) for word in words.split()]
