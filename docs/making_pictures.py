"""The pictures of the docs, and the page that shows them all."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from making_console import ROOT, filled, on_terminal, with_outputs

PLOTS = {
    "alpha.svg": (
        "alpha",
        "sweep mobilenet_v1 mobilenet_v2 --alpha 0.5:1:0.25 --resolution 128:224:32",
        "Mult-Adds of two networks against α: a hue for each, a shade for each resolution",
    ),
    "resolution.svg": (
        "resolution",
        "sweep mobilenet_v1 mobilenet_v2 mnasnet_a1 vgg16 --resolution 96:224:32",
        "Mult-Adds against resolution, logarithmic: beside VGG-16 the others would be flat",
    ),
    "setting.svg": (
        "setting",
        "sweep shufflenet_v1 --set groups=1,2,3,4,8",
        "Mult-Adds of ShuffleNetV1 against its groups",
    ),
    "heatmap.svg": (
        "heatmap",
        "sweep mobilenet_v1 --alpha 0.25:1:0.25 --resolution 128:224:32 --kind heatmap",
        "Mult-Adds of MobileNetV1 over α and resolution",
    ),
    "sixteen.svg": (
        "accuracy",
        "sweep mobilenet_v1 --set classes=1001 --alpha 0.25:1:0.25 --resolution 128:224:32 --kind accuracy",
        "Top-1 of the sixteen MobileNetV1 against Mult-Adds, each named by α and resolution",
    ),
    "scatter.svg": (
        "scatter",
        "compare mobilenet_v1 mobilenet_v2 mobilenet_v3_large shufflenet_v2 squeezenet1_1 resnet50 vgg16 "
        "--measure mult_adds,params",
        "Parameters against Mult-Adds of seven networks",
    ),
    "mobilenets.svg": ("catalogue", "list mobilenet_v", "Top-1 against Mult-Adds of the MobileNets"),
    "compare.svg": (
        "compare",
        "compare mobilenet_v1@standard mobilenet_v1 mobilenet_v2 mobilenet_v3_large",
        "Mult-Adds, parameters and peak of four networks, with the ratios to the first",
    ),
    "vgg16.svg": (
        "layers",
        "report vgg16",
        "Each layer of VGG-16: convolutions cost Mult-Adds, the first linear layer parameters",
    ),
    "resnet152.svg": ("layers", "report resnet152", "A deep network is drawn by stage: ResNet-152"),
    "memory.svg": ("memory", "report mobilenet_v2 --measure live_bytes", "Live memory of MobileNetV2 over its steps"),
    "waterfall.svg": (
        "waterfall",
        "explain mobilenet_v1 --against fvcore,thop,ptflops",
        "What other counters count more of MobileNetV1, and the small steps enlarged",
    ),
    "compressed.svg": (
        "compressed",
        "compress alexnet@recipe=deep_compression_alexnet",
        "What Deep Compression stores of AlexNet, by layer",
    ),
}
"""Pictures of the docs: what kind each is of, the command that draws it with --plot, and what is to be seen."""
PICTURE = ["report", "mobilenet_v2", "--by", "block"]


def picture() -> str:
    """A real terminal's output as SVG, drawn by rich."""
    import io

    from rich.console import Console
    from rich.text import Text

    columns = 98
    text = Text.from_ansi(on_terminal(columns, PICTURE).rstrip())
    console = Console(record=True, width=columns, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(text)
    svg = console.export_svg(title="costcalc " + " ".join(PICTURE), unique_id="costcalc")
    return re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.S)


def plot(command: str) -> str:
    """What a command draws with --plot."""
    from click.testing import CliRunner

    from costcalc.cli import main as program

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plot.svg"
        done = CliRunner().invoke(program, [*command.split(), "--plot", str(file)])
        assert done.exit_code == 0, done.stderr
        return file.read_text(encoding="utf-8")


_PICTURES = "<!-- pictures: made by `python docs/make.py` -->\n", "<!-- end of the pictures -->"


def plots_page() -> str:
    """What is written by hand, with a picture of each kind and the command that draws it."""
    parts = []
    for name, (kind, command, about) in PLOTS.items():
        parts.append(f"### {kind}: {about}\n\n```sh\ncostcalc {command} --plot {name}\n```\n\n![{about}]({name})\n")
    return with_outputs(filled((ROOT / "docs" / "plots.md").read_text(encoding="utf-8"), _PICTURES, "\n".join(parts)))
