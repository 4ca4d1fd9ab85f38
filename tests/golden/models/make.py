"""Exports networks of torchvision as ONNX without their weights: `python make.py mobilenet_v2 resnet50 ...`.

Needs torch, torchvision, onnx and onnxscript. Prints parameters and multiply-accumulates of each running model.
"""

import math
import sys
from pathlib import Path

import onnx
import torch
import torchvision
from torch.utils.flop_counter import FlopCounterMode

KEPT = 64
"""Tensors of more numbers lose them."""


def without_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with the shapes of its weights only."""
    for tensor in model.graph.initializer:
        if math.prod(tensor.dims) > KEPT and tensor.data_type == onnx.TensorProto.FLOAT:
            tensor.ClearField("raw_data")
            tensor.data_location = onnx.TensorProto.EXTERNAL
            entry = tensor.external_data.add()
            entry.key, entry.value = "location", "absent"
    return model


def main(names: list[str]) -> None:
    """Write NAME.onnx beside this file for each name."""
    x = torch.zeros(1, 3, 224, 224)
    for name in names:
        network = getattr(torchvision.models, name)(weights=None).eval()
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            network(x)
        program = torch.onnx.export(network, (x,), dynamo=True, input_names=["input"], output_names=["output"])
        Path(__file__).with_name(f"{name}.onnx").write_bytes(without_weights(program.model_proto).SerializeToString())
        print(name, sum(p.numel() for p in network.parameters()), counter.get_total_flops() // 2)


if __name__ == "__main__":
    main(sys.argv[1:])
