"""Networks under recipes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from costcalc import network as networks
from costcalc.counting import read_counting
from costcalc.errors import UsageError, path_of, text_of, word_of, written
from costcalc.network import Named, Network, name_of, path_to
from costcalc.report.shown import shown_as
from costcalc.typed.amounts import parse_bytes

if TYPE_CHECKING:
    from costcalc.api.results.compressed import Compressed, Reached
    from costcalc.api.results.weights import Measured


_MOST_BYTES = 10**40


def compress(network: Named, recipe: str | None = None, **words: Any) -> Compressed:
    """A network before and after a recipe, by layer and step: `compress("alexnet@recipe=deep_compression").rows`.

    `recipe` is a recipe's name or the path of its file, for a network without one in its name. `words` are settings,
    and say how to count.
    Raises UsageError for a wrong name, recipe or setting, or without a recipe; SpecError for a wrong file.
    """
    from costcalc.analysis.compress.by_step import compressed
    from costcalc.api.results.compressed import Compressed

    counting, settings = read_counting(words)
    opened, name = _under(network, recipe, settings)
    return shown_as(Compressed, compressed(opened, name, counting))


def compress_to(
    network: Named,
    target: str | float,
    vary: str = "density",
    recipe: str | None = None,
    advance: Callable[[int, int], object] = lambda done, of: None,
    **words: Any,
) -> Reached:
    """The largest density, bits or rank with which a network is stored in `target` bytes (`"1MB"`), and what binds.

    `advance` hears how many values of at most how many are tried.
    Raises as `compress`, and UsageError for a target that is no size, or another word than density, bits or rank.
    """
    from costcalc.analysis.compress.target import Vary, reach
    from costcalc.api.results.compressed import Reached

    counting, settings = read_counting(words)
    if isinstance(target, float) and target.is_integer():
        target = int(target)
    size = target if isinstance(target, int) else parse_bytes(text_of(target, "size", "bytes, as 1MB"))
    if not 0 < size < _MOST_BYTES:
        raise UsageError(f"a target of {written(size)[:40]} bytes", expected="a size as 1MB")
    opened, _ = _under(network, recipe, settings)
    found = reach(opened, size, word_of(Vary, vary, "word to vary"), counting, advance)
    return shown_as(Reached, found._replace(network=name_of(opened, opened)))


def compress_weights(
    file: str, recipe: str | None = None, advance: Callable[[int, int], object] = lambda done, of: None
) -> Measured:
    """The tensors of a file of weights (.npz, .safetensors, .onnx) under a recipe: densities, entropies, real codes.

    `advance` hears how many tensors are done, of 0: how many there are is not known.
    Raises UsageError for a file that cannot be read or holds no weights, SpecError for a wrong recipe.
    """
    from costcalc.analysis.compress.tensors import measured
    from costcalc.api.results.weights import Measured
    from costcalc.importers.weights import read_weights
    from costcalc.recipes import load_recipe

    own = None if recipe is None else load_recipe(path_of(recipe, "recipe", "a name, or a path"))
    path = path_of(file, "path of weights")
    return shown_as(Measured, measured(path, read_weights(path), own, advance))


def _under(named: Named, recipe: str | None, settings: Mapping[str, Any]) -> tuple[Network, str]:
    """A network with a recipe after the transforms that it has, and what it is called."""
    if recipe is not None:
        step = f"recipe={path_of(recipe, 'recipe', 'a name, or a path')}"
        named = named.then(step) if isinstance(named, Network) else f"{path_to(named)}@{step}"
    opened = networks.open(named, **settings)
    return opened, name_of(named, opened)
