"""Makes counts.csv: what the networks of torchvision, timm and Keras cost whose names costcalc has.

    python tests/golden/libraries/count.py > tests/golden/libraries/counts.csv
    python tests/golden/libraries/count.py timm/vgg16 keras/VGG16        # these alone

Needs the libraries, without any weights (made with torch 2.14.1, torchvision 0.29.1, timm 1.0.31, and keras 3.15.1
on jax). The names are those of `specs/index.csv`. A network that fails (a detector on tensors without data) leaves no
line, and says why on standard error.

- input: the side of the image: of timm the model's own `input_size`, of torchvision that of its newest weights; of
  Keras the default, 224 where any side goes in;
- mult_adds: of torchvision and timm half of what `torch.utils.flop_counter.FlopCounterMode` counts on tensors without
  data; of Keras the size of each layer's kernels times the positions of its output;
- params: learnable parameters; weights: those with two or more dimensions, the kernels.
"""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from importlib import metadata
from math import prod

from names import LIBRARIES, known_names

SIDES = {"efficientnet_b2": 260}
"""Of torchvision, where costcalc has the paper's side: its weights take 288."""


def of_torch(library: str, name: str) -> tuple[int, int, int, int]:
    """Input, Mult-Adds, parameters and weights of a network of torchvision or timm."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with torch.device("meta"), torch.no_grad():
        if library == "timm":
            import timm

            model = timm.create_model(name).eval()
            side = model.default_cfg["input_size"][-1]
        else:
            from torchvision import models

            extra = {"init_weights": False, "aux_logits": False} if name in ("inception_v3", "googlenet") else {}
            extra |= {"weights_backbone": None} if name.startswith("ssd") else {}
            model = models.get_model(name, **extra).eval()
            side = SIDES.get(name) or models.get_model_weights(name).DEFAULT.transforms().crop_size[0]
        with FlopCounterMode(display=False) as counter:
            model(torch.empty(1, 3, side, side))
    learned = [one for one in model.parameters() if one.requires_grad]
    return (
        side,
        counter.get_total_flops() // 2,
        *(sum(one.numel() for one in learned if one.dim() >= least) for least in (0, 2)),
    )


def of_keras(name: str) -> tuple[int, int, int, int]:
    """Input, Mult-Adds, parameters and weights of a network of Keras."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    import keras

    name, _, minimalistic = name.partition("_")
    extra = {"minimalistic": True} if minimalistic else {}
    extra |= {"input_shape": (224, 224, 3)} if name.startswith("MobileNetV3") else {}
    model = getattr(keras.applications, name)(weights=None, **extra)
    mult_adds = weights = 0
    for layer in model.layers:
        kernels = [prod(one.shape) for one in layer.trainable_weights if len(one.shape) >= 2]
        weights += sum(kernels)
        mult_adds += sum(kernels) * prod(layer.output.shape[1:-1]) if kernels else 0
    return model.input_shape[1], mult_adds, sum(prod(one.shape) for one in model.trainable_weights), weights


def main(names: list[str]) -> None:
    """Print a line for each name."""
    warnings.simplefilter("ignore")
    print("#", ", ".join(f"{library} {metadata.version(library)}" for library in ("torch", *LIBRARIES)))
    print("network,input,mult_adds,params,weights", flush=True)
    for full in names:
        library, _, name = full.partition("/")
        try:
            with contextlib.redirect_stdout(sys.stderr):
                found = of_keras(name) if library == "keras" else of_torch(library, name)
        except Exception as error:
            print(f"{full}: {error!r:.150}", file=sys.stderr, flush=True)
        else:
            print(full, *found, sep=",", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or sorted(known_names()))
