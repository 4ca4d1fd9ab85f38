"""`costcalc separable`."""

from __future__ import annotations

from typing import Any

import click

from costcalc import api
from costcalc.cli import measured, options


@click.command("separable")
@options.network_argument
@options.settings_options
@click.option("--orders", is_flag=True, help="Both orders of the pair: depthwise first, and pointwise first.")
@measured.only_columns_option
@options.counting_options
@options.format_options()
def command(
    network: str,
    settings: dict[str, Any],
    orders: bool,
    columns: str | None,
    counting: dict[str, Any],
    format: str,
    output: str | None,
) -> None:
    """Each convolution as a standard one and as a depthwise-separable pair, with the ratio and the theory.

    Works in both directions: what the pair in place of a convolution would cost, and the convolution in place of a
    pair. The theory is 1/N + 1/k^2 for N output channels and a k x k window.

    \b
    costcalc separable vgg16
    costcalc separable mobilenet_v1 --resolution 160
    costcalc separable mobilenet_v1 --orders
    costcalc separable mobilenet_v1 --columns weight_bytes,traffic_bytes
    """
    from costcalc.report.comparison import render_separable

    found = api.separable(network, **counting, columns=columns, **settings)
    terminal = options.on_terminal(output)
    width = options.terminal_width() if terminal else None
    options.deliver(render_separable(found, format, orders, width, terminal), output)
