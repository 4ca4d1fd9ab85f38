"""What the text of a step says: each reader gives the fields of a `Target`, or raises UsageError."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any

from costcalc.compression.huffman import entropy_bits, mean_bits
from costcalc.compression.rates import Binary, Index, Scales
from costcalc.dtypes import Dtype
from costcalc.errors import UsageError, nearest, one_of
from costcalc.expression import number
from costcalc.quantity import at_least, holds, is_open, is_short
from costcalc.recipes.rates import FINEST, MOST_BITS, MOST_RANK, PARTS, WHOLE, Values, density, kind_of, whole

PRUNE = "a density as 0.1, N:M as 2:4, 0.1:blocks:4x4, 0.5:channels; with the density of inputs as 0.1:inputs:0.35"
QUANTISE = "a dtype or bits, as int8 or 6; :channel, :zero, :float16 for the scales; :activations or :both"
SHARE = "the bits of a code, as 5 for 32 shared values; with their dtype as 5:float16; :fitting for large layers alone"
ENCODE = "relative:BITS, columns:BITS:POINTERBITS, with :ELEMENTS as well, csr:BITS:POINTERBITS, bitmap or dense"
HUFFMAN = "mean bits of values and of indices, as 4.4:3.7; a distribution as 3/4+1/4, its entropy as entropy+3/4+1/4"
BINARISE = "bwn or xnor"
FACTORISE = "a rank as 8, filters:8, spatial:8, tucker:64:64; or kept energy, as filters:energy:0.9:5+3+1"
MOST_INDEX_BITS = 16
MOST_BLOCK = 1_024
MOST_CODE_BITS = 16
UNSCALED = 32
"""A plain number of so many bits leaves values as they are, floats without a scale."""
ENERGY = "energy"
SCHEMES = ("svd", "filters", "spatial", "tucker")


def _split(text: str) -> list[str]:
    return [part for part in PARTS.split(text.strip()) if part]


def pruned(text: str, values: Values) -> dict[str, Any]:
    """A density, of weights or of blocks of them, or N:M: of each M weights in a row N are kept; or the share of output
    channels, of which each has one filter, that stays."""
    parts = _split(text)
    if len(parts) == 2 and parts[1] in ("channels", "filters"):
        return {"rates": {}, "channels": density(parts[0], values=values)}
    rates: dict[str, Any] = {}
    if len(parts) > 1 and "inputs" in parts:
        at = parts.index("inputs")
        if len(parts) != at + 2:
            raise UsageError(f"'{text[:40]}' is no density", expected=PRUNE)
        rates["input_density"] = density(parts[at + 1], "density of inputs", values)
        parts = parts[:at]
    if len(parts) == 2 and all(map(WHOLE.fullmatch, parts)):
        kept, group = map(int, parts)
        if not 0 < kept <= group <= 1_024:
            raise UsageError(f"{kept}:{group} is no N:M", expected="N of each M weights, 1 <= N <= M <= 1024")
        return {"rates": {"density": _plain(Fraction(kept, group)), "group": group, "block": None, **rates}}
    block = _block(parts.pop()) if len(parts) == 3 and parts.pop(1) == "blocks" else None
    if len(parts) != 1:
        raise UsageError(f"'{text[:40]}' is no density", expected=PRUNE)
    return {"rates": {"density": density(parts[0], values=values), "group": 0, "block": block, **rates}}


def _block(text: str) -> tuple[int, int]:
    rows, times, columns = text.partition("x")
    if not times or not all(WHOLE.fullmatch(side) and 1 <= int(side) <= MOST_BLOCK for side in (rows, columns)):
        expected = f"rows and columns as 4x4, each from 1 to {MOST_BLOCK}"
        raise UsageError(f"'{text[:40]}' is no size of blocks", expected=expected)
    return int(rows), int(columns)


def _plain(value: Fraction) -> int | Fraction:
    return value.numerator if value.denominator == 1 else value


def quantised(text: str, values: Values) -> dict[str, Any]:
    """Bits of stored weights, with scales unless they are floats; the format of feature maps as well if asked.

    Numbers again: neither codes into shared values nor signs.
    """
    first, *options = _split(text) or [""]
    is_number = bool(WHOLE.fullmatch(first) or kind_of(first) == "bits")
    if first not in list(Dtype) and not is_number:
        raise UsageError(
            f"'{first[:40]}' is no format", expected=QUANTISE, nearest=partial(nearest, first, list(Dtype))
        )
    bits = whole(first, "bits", MOST_BITS, values) if is_number else Dtype(first).bits
    target = _chosen(options, ("weights", "activations", "both"), "weights")
    per = _chosen(options, ("tensor", "channel"), "tensor")
    zero = bits if "zero" in options else 0
    known = ("weights", "activations", "both", "tensor", "channel", "zero")
    formats = [option for option in options if option in list(Dtype)]
    for option in options:
        if option not in known and option not in formats:
            raise UsageError(
                f"'{option[:40]}' says nothing here", expected=QUANTISE, nearest=partial(nearest, option, known)
            )
    if len(formats) > 1:
        raise UsageError("two formats of scales", expected=QUANTISE)
    if "float" in first and zero:
        raise UsageError(f"{first} has its own zero", expected="zero points of whole numbers, as int8:zero")
    if "float" in first and not formats and per == "channel":
        raise UsageError(f"{first} has no scales", expected=f"their format, as {first}:channel:float32, or {first}")
    scales = None
    is_plain = "float" in first or (is_number and holds(at_least(bits, UNSCALED)))
    if not is_plain or formats or zero:
        scales = Scales(per == "channel", Dtype(formats[0]).bits if formats else 32, zero)
    plain = {"entries": 0, "binary": None, "is_small": False}
    rates = {"bits": bits, "arithmetic_bits": bits, "scales": scales, **plain} if target != "activations" else {}
    if target == "weights":
        return {"rates": rates}
    if is_open(bits):
        raise UsageError(f"{first}: the format of feature maps is no formula's matter", expected="a value for it")
    name = f"int{bits}" if is_number else first
    if name not in list(Dtype):
        raise UsageError(f"no format of feature maps has {bits} bits", expected=one_of(list(Dtype), 30))
    return {"rates": rates, "maps": Dtype(name)}


def _chosen(options: list[str], words: tuple[str, ...], usual: str) -> str:
    found = [option for option in options if option in words]
    if len(found) > 1:
        raise UsageError(f"{found[0]} and {found[1]}", expected="one of the two")
    return found[0] if found else usual


def shared(text: str, values: Values) -> dict[str, Any]:
    """Codes into 2^bits shared values; `fitting`, of the layers that have as many weights."""
    parts = _split(text)
    if is_fitting := "fitting" in parts[1:]:
        parts.remove("fitting")
    if not 1 <= len(parts) <= 2:
        raise UsageError(f"'{text[:40]}' is no codebook", expected=SHARE)
    bits = whole(parts[0], "bits", MOST_CODE_BITS, values)
    if len(parts) == 2 and parts[1] not in list(Dtype):
        raise UsageError(
            f"'{parts[1][:40]}' is no dtype", expected=SHARE, nearest=partial(nearest, parts[1], list(Dtype))
        )
    wide = Dtype(parts[1]).bits if len(parts) == 2 else 32
    return {
        "rates": {"bits": bits, "entries": 2**bits, "entry_bits": wide, "scales": None, "is_small": False},
        "is_fitting": is_fitting,
    }


def encoded(text: str, values: Values) -> dict[str, Any]:
    """How places are stored."""
    word, *numbers = _split(text) or [""]
    counts = {"relative": (1, 1), "columns": (2, 3), "csr": (1, 2), "bitmap": (0, 0), "dense": (0, 0)}
    if word not in counts:
        raise UsageError(f"unknown encoding '{word[:40]}'", expected=ENCODE, nearest=partial(nearest, word, counts))
    least, most = counts[word]
    if not least <= len(numbers) <= most:
        raise UsageError(f"{word} takes other numbers than '{text[:40]}'", expected=ENCODE)
    index_most = MOST_BITS if word == "csr" else MOST_INDEX_BITS
    index = whole(numbers[0], "bits of an index", index_most, values) if numbers else 0
    pointer = whole(numbers[1], "bits of a pointer", MOST_BITS) if len(numbers) > 1 else index
    elements = whole(numbers[2], "processing elements", 65_536) if len(numbers) > 2 else 1
    fields = {"index_bits": index, "pointer_bits": pointer if len(numbers) else 0, "elements": elements}
    return {"rates": {"places": Index(word), **fields}}


def coded(text: str, values: Values) -> dict[str, Any]:
    """Mean bits of a value, and of an index, after Huffman coding."""
    parts = _split(text)
    if not 1 <= len(parts) <= 2:
        raise UsageError(f"'{text[:40]}' is no code", expected=HUFFMAN)
    fields = dict(zip(("value_mean", "index_mean"), map(_mean, parts), strict=False))
    return {"rates": fields}


@lru_cache(maxsize=1024)  # asked for each layer that a rule is about
def _mean(text: str) -> int | Fraction:
    head, *shares = text.split("+")
    measure: Callable[[list[int | Fraction]], Fraction] = mean_bits
    if head == "entropy":
        measure = entropy_bits
    elif shares:
        shares = [head, *shares]
    try:
        if head != "entropy" and not shares:
            found = number(head)
            if not 0 < found <= MOST_BITS or Fraction(found).denominator > FINEST:
                raise UsageError(f"mean bits {text[:40]} are out of range", expected=f"above 0 and up to {MOST_BITS}")
            return found
        weights = [number(share) for share in shares]
    except ValueError:
        raise UsageError(f"'{text[:40]}' is no number of bits", expected=HUFFMAN) from None
    if len(weights) < 2 or any(weight <= 0 for weight in weights) or len(weights) > 2**MOST_CODE_BITS:
        raise UsageError(f"'{text[:40]}' is no distribution", expected="two or more shares above 0, as 3/4+1/4")
    if (whole_sum := sum(map(Fraction, weights))) != 1 and any(Fraction(one).denominator > 1 for one in weights):
        message = f"the shares of '{text[:40]}' sum to {whole_sum if is_short(whole_sum) else 'another number'}"
        raise UsageError(message, expected="shares that sum to 1, or counts that are whole numbers")
    exact = measure(weights)
    return _plain(-(-exact * FINEST // 1) / Fraction(FINEST))


def binarised(text: str, values: Values) -> dict[str, Any]:
    """Weights of one bit and a real scale for each filter; with xnor, inputs of one bit as well."""
    word = text.strip()
    if word == "none":
        return {"rates": {}}
    if word not in list(Binary):
        raise UsageError(f"unknown '{word[:40]}'", expected=BINARISE, nearest=partial(nearest, word, list(Binary)))
    scales = Scales(per_channel=True)
    rates = {"bits": 1, "arithmetic_bits": 1, "scales": scales, "entries": 0, "is_small": False, "binary": Binary(word)}
    return {"rates": rates, "maps": None}


def factorised(text: str, values: Values) -> dict[str, Any]:
    """A rank, or two of Tucker's, and the scheme; or the energy that is kept, with the singular values if declared."""
    parts = _split(text)
    scheme = parts.pop(0) if parts and parts[0].isalpha() and parts[0] not in (ENERGY, "rank") else "svd"
    if scheme not in SCHEMES:
        known = (*SCHEMES, ENERGY)
        raise UsageError(f"unknown scheme '{scheme[:40]}'", expected=FACTORISE, nearest=partial(nearest, scheme, known))
    count = 2 if scheme == "tucker" else 1
    if parts[:1] == [ENERGY]:
        if len(parts) not in (2, 2 + count):
            raise UsageError(f"'{text[:40]}' is no kept energy", expected=FACTORISE)
        kept = density(parts[1], "energy")
        ranks = tuple(_rank_of(kept, part) for part in parts[2:])
        return {"rates": {}, "ranks": ranks, "scheme": scheme, "energy": kept}
    if len(parts) != count:
        raise UsageError(f"'{text[:40]}' is no rank", expected=FACTORISE)
    return {"rates": {}, "ranks": tuple(whole(part, "terms", MOST_RANK, values) for part in parts), "scheme": scheme}


def rank_of(kept: int | Fraction, singular: Sequence[Any]) -> int:
    """The least rank that keeps a share of the energy: of the sum of the squares of all singular values."""
    squares = sorted((value * value for value in singular), reverse=True)
    needed, found = kept * sum(squares), 0
    for rank, square in enumerate(squares, 1):
        found += square
        if found >= needed:
            return rank
    return len(squares)


@lru_cache(maxsize=1024)
def _rank_of(kept: int | Fraction, text: str) -> int:
    return rank_of(kept, _singular(text))


def _singular(text: str) -> list[int | Fraction]:
    """Declared singular values: 5+3+1."""
    try:
        found = [number(value) for value in text.split("+")]
    except ValueError:
        found = []
    if not any(found) or any(value < 0 for value in found) or len(found) > 2**MOST_CODE_BITS:
        raise UsageError(f"'{text[:40]}' is no list of singular values", expected="numbers from 0, as 5+3+1")
    return found
