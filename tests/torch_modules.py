"""Modules in memory beside running ones: `PYTHONPATH=tests:. python tests/torch_modules.py torchvision.models.swin_t`.

Needs torch and the packages that are named. Each network is taken by torch.export, and by recording what it runs; both
must have the parameters and the multiply-accumulates of PyTorch's FlopCounterMode. Prints which do not.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import costcalc
from costcalc import network as networks
from costcalc.api import Network
from costcalc.importers import torch_module, torch_program
from costcalc.importers.model import Model


def figures(network: costcalc.Network) -> tuple[int, int]:
    ledger = network.ledger()
    return ledger["params"], ledger["mult_adds"]


def recorded(module: Any, x: Any, name: str) -> costcalc.Network:
    """The network of what a module runs, as where torch.export cannot have it."""
    model = Model(torch_program.recorded(module, [x], name), torch_module.FORMAT)
    return networks.of_model(Network, model, name, "", {})


def main(names: list[str]) -> int:
    """How many networks differ."""
    torch: Any = import_module("torch")
    counting: Any = import_module("torch.utils.flop_counter").FlopCounterMode
    wrong = 0
    for name in names:
        package, _, function = name.rpartition(".")
        module = getattr(import_module(package), function)().eval().to("meta")
        x = torch.zeros(1, 3, 224, 224, device="meta")
        with counting(display=False) as counter:
            module(x)
        wanted = sum(one.numel() for one in module.parameters()), counter.get_total_flops() // 2
        found = {
            "exported": figures(costcalc.from_torch(module, (1, 3, 224, 224))),
            "recorded": figures(recorded(module, x, name)),
            "named": figures(costcalc.load(f"torch:{name}")),
        }
        for way, figure in found.items():
            if figure != wanted:
                print(f"{name}, {way}: {figure}, not {wanted}")
                wrong += 1
    print(f"{len(names)} networks, {wrong} figures differ")
    return wrong


if __name__ == "__main__":
    sys.exit(min(1, main(sys.argv[1:])))
