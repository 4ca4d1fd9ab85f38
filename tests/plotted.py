"""Rows of every kind that plots take, and the texts of what they draw."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from costcalc.report.plots import PlotKind, write_plot

# slim/nets/mobilenet_v1.md: the sixteen models, millions of Mult-Adds and top-1
README = {
    "1": {224: (569, 70.9), 192: (418, 70.0), 160: (291, 68.0), 128: (186, 65.2)},
    "0.75": {224: (317, 68.4), 192: (233, 67.2), 160: (162, 65.3), 128: (104, 62.1)},
    "0.5": {224: (150, 63.3), 192: (110, 61.7), 160: (77, 59.1), 128: (49, 56.3)},
    "0.25": {224: (41, 49.8), 192: (34, 47.7), 160: (21, 45.5), 128: (14, 41.5)},
}
PARAMS = {"1": 4240000, "0.75": 2590000, "0.5": 1340000, "0.25": 470000}
POINTS: list[dict[str, Any]] = [
    {
        "network": "mobilenet_v1",
        "alpha": alpha,
        "beta": "1",
        "resolution": resolution,
        "batch": 1,
        "mult_adds": millions * 10**6,
        "params": PARAMS[alpha],
        "weight_bytes": 4 * PARAMS[alpha],
        "peak_activation_bytes": 96 * resolution**2,
        "top1": top1,
    }
    for alpha, sides in README.items()
    for resolution, (millions, top1) in sides.items()
]
NETWORKS: list[dict[str, Any]] = [
    {"network": "vgg16", "family": "vgg", "input": "224x224x3", "mult_adds": 15470264320, "params": 138357544,
     "top1": 73.0},
    {"network": "resnet50", "family": "resnet", "input": "224x224x3", "mult_adds": 3857973248, "params": 25557032,
     "top1": 75.3},
    {"network": "x3d_s", "family": "x3d", "input": "13x160x160x3", "mult_adds": 1962892112, "params": 3794274,
     "top1": 72.9},
    {"network": "lenet5", "family": "lenet", "input": "32x32x1", "mult_adds": 416520, "params": 61706, "top1": None},
]  # fmt: skip
LAYERS: list[dict[str, Any]] = [
    {"name": "conv1", "op": "conv", "input": "8x8x3", "output": "8x8x16", "mult_adds": 27648, "params": 448},
    {"name": "pool1", "op": "maxpool", "input": "8x8x16", "output": "4x4x16", "mult_adds": 0, "params": 0},
    {"name": "linear1", "op": "linear", "input": "1x1x256", "output": "1x1x10", "mult_adds": 2560, "params": 2570},
]
ROWS = {
    PlotKind.ALPHA: POINTS,
    PlotKind.RESOLUTION: POINTS,
    PlotKind.SETTING: [{"network": "n", "groups": g, "mult_adds": 10**7 // g, "params": 9} for g in (1, 2, 3, 4, 8)],
    PlotKind.HEATMAP: POINTS,
    PlotKind.ACCURACY: POINTS,
    PlotKind.LAYERS: LAYERS,
    PlotKind.CATALOGUE: NETWORKS,
    PlotKind.COMPARE: NETWORKS,
}
TITLE = "MobileNetV1: Mult-Adds by the convention paper"


def svg(tmp_path: Path, rows: list[dict[str, Any]], kind: str | None, total: str = "mult_adds") -> list[str]:
    """The texts of a picture, in order."""
    file = tmp_path / "picture.svg"
    write_plot(rows, str(file), kind, TITLE, total)
    return ["".join(text.itertext()) for text in ElementTree.parse(file).iter("{http://www.w3.org/2000/svg}text")]
