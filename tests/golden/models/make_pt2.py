"""Exports networks as `.pt2` without their weights: `python make_pt2.py FOLDER torchvision/resnet18 timm/resnet18 ...`.

Needs torch and torchvision, and timm for its names. Writes FOLDER/NAME.pt2, and a row of FOLDER/pt2.csv each: what
the running model has in parameters and multiply-accumulates, by PyTorch's FlopCounterMode.
"""

import csv
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

DATE = (1980, 1, 1, 0, 0, 0)
SIDES = {"inception_v3": 299, "nasnetalarge": 331}


def network(name: str) -> torch.nn.Module:
    """A network by its library's name, in evaluation mode, without weights of its own."""
    library, _, own = name.partition("/")
    if library == "timm":
        import timm

        return timm.create_model(own).eval()
    import torchvision

    options = {"aux_logits": False, "init_weights": False} if own in ("googlenet", "inception_v3") else {}
    if own.startswith(("deeplabv3", "fcn", "lraspp", "ssd", "retinanet")):
        options["weights_backbone"] = None
    try:
        return torchvision.models.get_model(own, weights=None, **options).eval()
    except ValueError:
        return getattr(torchvision.models.segmentation, own)(weights=None, **options).eval()


def without_weights(data: bytes) -> bytes:
    """The archive with its program alone, and of that what says nothing of the network left out."""
    found = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(found, "w") as new:
        for one in old.infolist():
            inner = one.filename.partition("/")[2]
            text = old.read(one)
            if inner.startswith("models/"):
                text = json.dumps(stripped(json.loads(text)), separators=(",", ":")).encode()
            elif one.file_size > 64 or inner.startswith("data/"):
                continue
            new.writestr(zipfile.ZipInfo(one.filename, DATE), text, zipfile.ZIP_DEFLATED, 9)
    return found.getvalue()


def stripped(program: dict[str, Any]) -> dict[str, Any]:
    """A program without the tensors between its operators, and the lines of the source that these came from."""
    module = program["graph_module"]
    graph = module["graph"]
    given = {one["as_tensor"]["name"] for one in graph["inputs"] if "as_tensor" in one}
    graph["tensor_values"] = {name: value for name, value in graph["tensor_values"].items() if name in given}
    module["module_call_graph"] = []
    for node in graph["nodes"]:
        node["metadata"] = {key: value for key, value in node["metadata"].items() if key == "nn_module_stack"}
    return program


def main(folder: Path, names: list[str]) -> None:
    """Write the files, and the table of what the running models have."""
    table = folder / "pt2.csv"
    is_new = not table.exists()
    with table.open("a", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        if is_new:
            rows.writerow(["file", "network", "side", "parameters", "macs"])
        for name in names:
            own = name.partition("/")[2]
            model = network(name).to("meta")
            side = SIDES.get(own, getattr(model, "default_cfg", {}).get("input_size", (3, 224, 224))[-1])
            x = torch.zeros(1, 3, side, side, device="meta")
            program = torch.export.export(model, (x,), strict=False)
            data = io.BytesIO()
            torch.export.save(program, data)
            with FlopCounterMode(display=False) as counter:
                model(x)
            (folder / f"{name.replace('/', '_')}.pt2").write_bytes(without_weights(data.getvalue()))
            parameters = sum(one.numel() for one in model.parameters())
            rows.writerow([name.replace("/", "_"), name, side, parameters, counter.get_total_flops() // 2])
            file.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
