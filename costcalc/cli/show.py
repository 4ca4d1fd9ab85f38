"""`costcalc show`."""

from __future__ import annotations

import sys
from pathlib import PurePath
from typing import Any

import click

from costcalc import api
from costcalc.cli import completion, options
from costcalc.errors import UsageError
from costcalc.escape import printable

DRAWN = ("mermaid", "dot")
_DIAGRAMS = {".md": "mermaid", ".dot": "dot", ".gv": "dot"}
"""The diagrams that the ending of a file asks for."""


@click.command("show")
@click.argument("network", required=False, shell_complete=completion.network)
@options.settings_options
@click.option("--source", is_flag=True, help="The spec file itself, as written.")
@click.option(
    "--structured/--flat",
    default=None,
    help="In blocks and a table of rows, or one entry per layer.  [default: structured for a model file]",
)
@click.option("--schema", is_flag=True, help="A JSON Schema of the spec format, for editors; without NETWORK.")
@click.option(
    "-f",
    "--format",
    type=click.Choice(["yaml", *DRAWN]),
    help="The spec, or the network as a diagram: in Markdown, or for Graphviz; by default as the ending of FILE says.",
)
@click.option(
    "--by",
    type=click.Choice(["layer", "block", "stage"]),
    help="What a box of the diagram stands for.  [default: the smallest that gives at most 80]",
)
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all.")
def command(
    network: str | None,
    settings: dict[str, Any],
    source: bool,
    structured: bool | None,
    schema: bool,
    format: str | None,
    by: str | None,
    output: str | None,
) -> None:
    """The spec, resolved for the given settings: one entry per layer, every number final, itself a spec.

    A model file comes out structured: what repeats as blocks, a table of rows, what follows from other columns as
    expressions. It costs exactly what the file costs.

    \b
    costcalc show mobilenet_v2 --source
    costcalc show mobilenet_v2 --alpha 0.5 --output narrow.yaml
    costcalc show model.onnx --output net.yaml
    costcalc show mobilenet_v2 --format mermaid
    costcalc show mobilenet_v2 --output mobilenet_v2.dot
    costcalc show --schema --output spec.schema.json
    """
    form = _DIAGRAMS.get(PurePath(output).suffix.lower(), "yaml") if format is None and output else format or "yaml"
    if by is not None and form == "yaml":
        raise UsageError("--by without a diagram", expected=f"--format {' or '.join(DRAWN)}")
    if schema:
        if network or format or source or structured is not None or any(settings.values()):
            raise UsageError("--schema is of every spec", expected="`costcalc show --schema`, with --output")
        options.check_ending(output, ".json")
        options.deliver(_schema_text(), output)
        return
    if network is None:
        raise UsageError("no NETWORK", expected="`costcalc show NETWORK`, or `costcalc show --schema`")
    loaded = api.load(network, **settings)
    if form != "yaml":
        from costcalc.report.diagrams.flow import diagram
        from costcalc.report.titles import title_of

        if source or structured is not None:
            raise UsageError(f"{form} does not go with --source, --structured or --flat", expected="one of them")
        options.deliver(diagram(loaded.ledger(), title_of(loaded), form, by), output)
        return
    options.check_ending(output, ".yaml", ".yml", ".txt")
    if source and structured is not None:
        raise UsageError("--source does not go with --structured or --flat", expected="one of them")
    if source and not loaded.source_text:
        raise UsageError(f"{network} is no text", expected="`costcalc show` without --source")
    text = loaded.source_text if source else loaded.resolved(structured)
    if output is None and sys.stdout.isatty():
        text = "\n".join(map(printable, text.split("\n")))
    options.deliver(text, output, verbatim=True)


def _schema_text() -> str:
    import json

    from costcalc.spec.schema import schema

    return json.dumps(schema(), indent=1) + "\n"
