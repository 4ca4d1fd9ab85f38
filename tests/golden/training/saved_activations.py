"""Makes saved_activations.csv: what PyTorch's autograd keeps from the forward pass, and what its backward pass counts.

    python tests/golden/training/saved_activations.py > tests/golden/training/saved_activations.csv

Needs torch and torchvision (made with 2.14.1 and 0.29.1, on a CPU). A row is a network of torchvision, in training, at
batch 8 and 224x224, or an operator of PyTorch by itself; and a kind of module in it:

- saved_bytes: the storages that `torch.autograd.graph.saved_tensors_hooks` sees first in modules of this kind, each
  storage once, in float32. Parameters and buffers are not among them: they are there anyway. No loss is taken.
- forward_mult_adds, backward_mult_adds: half of the FLOPs of `torch.utils.flop_counter.FlopCounterMode`, of the whole
  network; empty for networks with grouped convolutions, of whose weights it counts the gradients as if of one group.

The rows `checkpoint` are those of six 3x3 convolutions of 8x8x4, each with a relu, under `checkpoint_sequential` in
segments of so many: the backward pass runs them forward again.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
import torchvision
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.checkpoint import checkpoint_sequential, set_checkpoint_early_stop
from torch.utils.flop_counter import FlopCounterMode

NETWORKS = (
    "resnet18", "mobilenet_v2", "vgg16", "vgg16_bn", "alexnet", "resnet50", "densenet121", "squeezenet1_1",
    "shufflenet_v2_x1_0", "mobilenet_v3_large", "mnasnet1_0", "resnext50_32x4d",
)  # fmt: skip
BATCH = 8


@contextmanager
def saved(module: Callable[[], str], state: list[Tensor]) -> Iterator[dict[str, int]]:
    """Bytes of the storages that are saved while the block runs, by the module that runs when each is saved first."""
    found: dict[str, int] = {}
    seen = {tensor.untyped_storage().data_ptr(): tensor for tensor in state}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in seen:
            seen[storage.data_ptr()] = tensor  # holds it, so that no other storage gets its address
            found[module()] = found.get(module(), 0) + storage.nbytes()
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        yield found


def of_network(name: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a network: each kind of module, then the whole."""
    model = getattr(torchvision.models, name)(weights=None).train()
    running: list[str] = []
    for part in model.modules():
        if not list(part.children()):
            part.register_forward_pre_hook(lambda part, _: running.append(type(part).__name__))
            part.register_forward_hook(lambda *_: running.pop() and None)
    state = [*model.parameters(), *model.buffers()]
    with saved(lambda: running[-1] if running else "function", state) as found:
        result = model(torch.randn(BATCH, 3, 224, 224))
    del result
    grouped = any(isinstance(part, nn.Conv2d) and part.groups > 1 for part in model.modules())
    forward, backward = ("", "") if grouped else mult_adds(name)
    for kind, saved_bytes in sorted(found.items()):
        yield name, kind, saved_bytes, "", ""
    yield name, "total", sum(found.values()), forward, backward


def mult_adds(name: str) -> tuple[int, int]:
    """Multiply-adds of the forward and of the backward pass, on tensors without data."""
    model = getattr(torchvision.models, name)(weights=None).train().to("meta")
    with FlopCounterMode(display=False) as counter:
        result = model(torch.empty(BATCH, 3, 224, 224, device="meta"))
    forward = counter.get_total_flops()
    with FlopCounterMode(display=False) as counter:
        result.backward(torch.empty_like(result))
    return forward // 2, counter.get_total_flops() // 2


def operators() -> dict[str, Callable[[Tensor, Tensor], Tensor]]:
    """Each operator, on maps of 12x12x8 that have a gradient: x, and y of the same shape."""
    weight = torch.randn(8, 8, 3, 3, requires_grad=True)
    each = torch.ones(8, requires_grad=True)
    matrix = torch.ones(4, 8 * 144, requires_grad=True)
    column = each.view(8, 1, 1)
    return {
        "relu": lambda x, y: F.relu(x),
        "relu6": lambda x, y: F.relu6(x),
        "relu6 in place": lambda x, y: F.relu6(x + y, inplace=True),
        "leaky_relu": lambda x, y: F.leaky_relu(x),
        "prelu": lambda x, y: F.prelu(x, each),
        "sigmoid": lambda x, y: torch.sigmoid(x),
        "hsigmoid": lambda x, y: F.hardsigmoid(x),
        "swish": lambda x, y: F.silu(x),
        "hswish": lambda x, y: F.hardswish(x),
        "hswish in place": lambda x, y: F.hardswish(x + y, inplace=True),
        "tanh": lambda x, y: torch.tanh(x),
        "gelu": lambda x, y: F.gelu(x, approximate="tanh"),
        "mish": lambda x, y: F.mish(x),
        "elu": lambda x, y: F.elu(x),
        "softplus": lambda x, y: F.softplus(x),
        "elementwise": lambda x, y: torch.erf(x),
        "combine": lambda x, y: x / y,
        "softmax": lambda x, y: F.softmax(x, 1),
        "conv": lambda x, y: F.conv2d(x, weight, padding=1),
        "dwconv": lambda x, y: F.conv2d(x, weight[:, :1], padding=1, groups=8),
        "conv_transpose": lambda x, y: F.conv_transpose2d(x, weight, stride=2),
        "dynamic_conv": lambda x, y: F.conv2d(
            x.view(1, -1, 12, 12), torch.ones(BATCH * 8, 8, 1, 1, requires_grad=True), groups=BATCH
        ),
        "linear": lambda x, y: F.linear(x.flatten(1), matrix),
        "bn": lambda x, y: F.batch_norm(x, None, None, each, each, training=True),
        "ln": lambda x, y: F.layer_norm(x.permute(0, 2, 3, 1).contiguous(), (8,), each, each),
        "gn": lambda x, y: F.group_norm(x, 4, each, each),
        "instance_norm": lambda x, y: F.instance_norm(x, weight=each, bias=each),
        "rms_norm": lambda x, y: F.rms_norm(x.permute(0, 2, 3, 1).contiguous(), (8,), each),
        "lrn": lambda x, y: F.local_response_norm(x, 5),
        "affine": lambda x, y: x * column + column,
        "maxpool": lambda x, y: F.max_pool2d(x, 3, 2, 1),
        "avgpool": lambda x, y: F.avg_pool2d(x, 2),
        "gap": lambda x, y: F.adaptive_avg_pool2d(x, 1),
        "global_maxpool": lambda x, y: F.adaptive_max_pool2d(x, 1),
        "adaptive_avgpool": lambda x, y: F.adaptive_avg_pool2d(x, 5),
        "adaptive_maxpool": lambda x, y: F.adaptive_max_pool2d(x, 5),
        "add": lambda x, y: x + y,
        "mul": lambda x, y: x * y,
        "mul of three": lambda x, y: x * y * (x + y),
        "maximum": torch.maximum,
        "maximum of three": lambda x, y: torch.maximum(torch.maximum(x, y), x + y),
        "concat": lambda x, y: torch.cat([x, y], 1),
        "matmul": lambda x, y: x.flatten(2).transpose(1, 2) @ y.flatten(2),
        "shuffle": lambda x, y: x.view(-1, 2, 4, 12, 12).transpose(1, 2).contiguous().view(-1, 8, 12, 12),
        "sigmoid of a slice": lambda x, y: torch.sigmoid(x[:, 2:4]),
        "hswish of a split": lambda x, y: F.hardswish(x.chunk(2, 1)[0]),
        "pad": lambda x, y: F.pad(x, (1, 1, 1, 1)),
        "upsample": lambda x, y: F.interpolate(x, scale_factor=2),
        "upsample bilinear": lambda x, y: F.interpolate(x, scale_factor=2, mode="bilinear"),
        "dropout": lambda x, y: F.dropout(x, 0.5, True),
        "rbf": lambda x, y: ((x.flatten(1)[:, None, :] - torch.ones(4, 8 * 144)) ** 2).sum(-1),
    }  # fmt: skip


def of_operators() -> Iterator[tuple[Any, ...]]:
    """A row for each operator."""
    for name, run in operators().items():
        x, y = (torch.randn(BATCH, 8, 12, 12, requires_grad=True) for _ in range(2))
        with saved(lambda: "all", parameters_of(run)) as found:
            run(x, y)
        yield "operator", name, sum(found.values()), "", ""


def parameters_of(run: Callable[..., Any]) -> list[Tensor]:
    """The tensors that a function takes from around it."""
    return [cell.cell_contents for cell in getattr(run, "__closure__", None) or ()]


def of_checkpoints() -> Iterator[tuple[Any, ...]]:
    """A row for each length of a segment that divides six."""
    for each in (1, 2, 3, 6):
        layers = [nn.Sequential(nn.Conv2d(4, 4, 3, padding=1, bias=False), nn.ReLU()) for _ in range(6)]
        image = torch.randn(BATCH, 4, 8, 8)
        with FlopCounterMode(display=False) as counter:
            result = checkpoint_sequential(nn.Sequential(*layers), 6 // each, image, use_reentrant=False)
        forward = counter.get_total_flops()
        with set_checkpoint_early_stop(False), FlopCounterMode(display=False) as counter:
            result.sum().backward()
        yield "checkpoint", f"every={each}", "", forward // 2, counter.get_total_flops() // 2


if __name__ == "__main__":
    torch.manual_seed(0)
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["network", "kind", "saved_bytes", "forward_mult_adds", "backward_mult_adds"])
    for network in NETWORKS:
        out.writerows(of_network(network))
    out.writerows(of_operators())
    out.writerows(of_checkpoints())
