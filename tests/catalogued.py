"""Which networks of the catalogue stand for all of them by default; `-m slow` takes the others.

Chosen so that nothing that a spec can hold is missing: one network of each family, a small one where size does not
matter, and more where a family's first does not have an operator, a field of one at another value than its default, a
transform's place, a video, a second output, or a section or word of the spec format. test_catalogued.py finds what a
new spec has and none of these: add a network then, or a more telling one for another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest

SAMPLE = frozenset(
    {
        "alexnet", "channelnet_v1", "channelnet_v3_code", "condensenet_50_cifar10", "densenet121",
        "efficientnet_b0", "efficientnet_condconv_b0_4e", "espnet", "espnetv2", "espnetv2_psp", "fbnet_a",
        "fbnetv3_a", "ghostnet", "googlenet", "igcv1_regconv_w16", "igcv3", "inception_resnet_v2", "lenet5",
        "micronet_m0", "mnasnet_a1", "mnist_mlp_800", "mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small",
        "nasnet_a_mobile", "neuraltalk", "nin", "pelee_coco", "peleenet", "resnet18_a", "seresnet18", "shufflenet_v1",
        "shufflenet_v2", "squeezenet1_1", "squeezenext_23", "ssd_prediction", "vgg11", "weightnet_baseline", "x3d_s",
        "xception",
    }
)  # fmt: skip


def each(values: Iterable[Any], sample: Collection[Any] = SAMPLE) -> list[Any]:
    """Values as parameters of a test, networks or others: those outside the sample are slow."""
    return [value if value in sample else pytest.param(value, marks=pytest.mark.slow) for value in values]
