"""`costcalc compress`."""

from __future__ import annotations

import sys
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import click

from costcalc import api
from costcalc.cli import completion, measured, options, streams
from costcalc.errors import UsageError

if TYPE_CHECKING:
    from costcalc.typed.page import Page

WEIGHTS = (".npz", ".safetensors")
"""Files that are weights and no network."""


@click.command("compress")
@options.network_argument
@click.option(
    "--recipe",
    metavar="NAME|FILE",
    shell_complete=completion.one_of(completion.recipes, or_file=True),
    help="A recipe of `costcalc list recipes`, or a file as ./mine.yaml.",
)
@click.option("--target", metavar="SIZE", help="Find the density, bits or rank that is stored in so much, as 1MB.")
@click.option(
    "--vary", type=click.Choice(["density", "bits", "rank"]), help="What --target varies.  [default: density]"
)
@click.option(
    "--tensors", is_flag=True,
    help="Measure the weights themselves: what .npz and .safetensors always do, and .onnx with this.",
)  # fmt: skip
@click.option("--write-recipe", metavar="FILE", help="Write the rates of measured weights as a recipe.")
@options.settings_options
@options.counting_options
@measured.file_options("Draw the layers before and after as well: .svg, .png or .pdf.")
@options.format_options()
def command(
    network: str,
    recipe: str | None,
    target: str | None,
    vary: str | None,
    tensors: bool,
    write_recipe: str | None,
    settings: dict[str, Any],
    counting: dict[str, Any],
    plot: str | None,
    page: Page | None,
    format: str,
    output: str | None,
) -> None:
    """What a recipe makes of a network: a table by layer and step, and of what the stored bytes are.

    Steps stand in the name: prune, quantise, share, encode, huffman, binarise, factorise, or a whole recipe
    (docs/compression.md). A file of weights is measured instead: densities, entropies, real Huffman codes. The exit
    code is 1 if nothing reaches the size of --target.

    \b
    costcalc compress alexnet@recipe=deep_compression_alexnet
    costcalc compress resnet18@prune=0.1@quantise=int8 --plot resnet18.svg
    costcalc compress mobilenet_v1@encode=relative:4 --target 4MB
    costcalc compress vgg16 --target 200MB --vary rank
    costcalc compress weights.safetensors --recipe deep_compression --write-recipe mine.yaml
    """
    terminal = options.on_terminal(output)
    width = options.terminal_width() if terminal else None
    options.check_picture(plot, None, output)
    if tensors or PurePath(network).suffix.lower() in WEIGHTS:
        _refuse({"--target": target, "--vary": vary, "--plot": plot}, "with a file of weights")
        if settings or counting:
            raise UsageError("settings and ways to count with a file of weights", expected="the file and a recipe")
        options.check_ending(write_recipe, ".yaml", ".yml")
        options.check_apart("--write-recipe", write_recipe, output)
        from costcalc.report.weights import render_measured, unusual
        from costcalc.report.weights import write_recipe as write

        with options.progress("tensors", hidden=False) as advance:
            found = api.compress_weights(network, recipe, advance)
        if write_recipe is not None:
            write(found, write_recipe)
        if format in ("csv", "json"):  # which have no lines below
            for line in unusual(found):
                streams.complain(f"Note: {line}")
        options.deliver(render_measured(found, format, width, terminal), output)
        return
    file, _, steps = network.partition("@")
    if steps and PurePath(file).suffix.lower() in WEIGHTS:
        raise UsageError(f"{file}: '@{steps[:40]}' behind a file of weights", expected="--recipe with a name or a file")
    _refuse({"--write-recipe": write_recipe}, "without measured weights")
    from costcalc.report.compression import render_compressed, render_reached

    if target is not None:
        _refuse({"--plot": plot}, "with --target")
        with options.progress("values", hidden=False) as advance:
            reached = api.compress_to(network, target, vary or "density", recipe, advance, **settings, **counting)
        given = [f"{key}={value}" for key, value in settings.items() if value is not None]
        name = "@".join([network, *given, *([f"recipe={recipe}"] if recipe else [])])
        options.deliver(render_reached(reached, name, format), output)
        sys.exit(0 if reached.best else 1)
    _refuse({"--vary": vary}, "without --target")
    compressed = api.compress(network, recipe, **settings, **counting)
    if plot is not None:
        from costcalc.report.plots.compressed import plot_compressed

        plot_compressed(compressed, plot, page)
    options.deliver(render_compressed(compressed, format, width, terminal), output)


def _refuse(given: dict[str, str | None], where: str) -> None:
    """Raise UsageError for the first option that is given where it says nothing."""
    for option, value in given.items():
        if value is not None:
            expected = "both" if where.startswith("without") else "one or the other"
            raise UsageError(f"{option} {where}", expected=expected)
