"""`costcalc new`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from costcalc.errors import UsageError
from costcalc.escape import printable
from costcalc.spec import catalogue


@click.command("new")
@click.argument("name")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def command(name: str, force: bool) -> None:
    """Write a commented spec to start from, NAME.yaml, which reports at once.

    \b
    costcalc new mine
    costcalc report mine.yaml
    """
    from costcalc.report.files import write_whole

    file = Path(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    text = catalogue.starting_spec(file)
    if not force and (file.is_symlink() or Path(os.path.realpath(file)).exists()):
        raise UsageError(f"{file} is there", expected="another name, or --force to replace it")
    write_whole(text.encode(), str(file))
    click.echo(printable(f"{file} is written; `costcalc report {file}` says what it costs"))
