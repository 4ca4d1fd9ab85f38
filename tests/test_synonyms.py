"""Errors for unknown names say what costcalc calls what others call otherwise."""

from __future__ import annotations

import pytest

import costcalc
from costcalc.errors import SpecError, UsageError, nearest
from costcalc.operators import REGISTRY, SCHEMAS
from costcalc.spec import catalogue
from costcalc.spec.loader import SECTIONS
from costcalc.spec.statements import POST_OPS, SPECIAL
from costcalc.synonyms import SYNONYMS, plain

HEAD = "costcalc: 1\nname: t\ninput: 32x32x3\nlayers:\n"
FIELDS = {field for schema in SCHEMAS.values() for field in schema}


def test_every_name_is_one_of_the_format() -> None:
    assert set(SYNONYMS) <= {*REGISTRY, *FIELDS, *POST_OPS, *SPECIAL, *SECTIONS, "none", "true", "false"}


def test_every_word_is_plain_and_no_operators_own_name() -> None:
    words = [word for listed in SYNONYMS.values() for word in listed.split()]

    assert words == [*map(plain, words)]
    assert set(words) & {*REGISTRY} <= {"bn"}  # an operator, and a word for the field `norm`


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ("{op: Conv2d, out: 8}", "conv"),
        ("{op: depthwise}", "dwconv"),
        ("{op: MaxPooling2D, k: 2}", "maxpool"),
        ("{op: maxpool2d, k: 2}", "maxpool"),
        ("{op: GlobalAveragePooling2D}", "gap"),
        ("{op: fc, out: 10}", "linear"),
        ("{op: Dense, out: 10}", "linear"),
        ("{op: batchnorm}", "bn"),
        ("{op: silu}", "swish"),
        ("{op: upsample, factor: 2}", "scale"),
        ("{op: concat, from: [x, x], axis: 3}", "along"),
        ("{op: conv, out: 8, act: silu}", "swish"),
        ("{op: conv, out: 8, act: hardswish}", "hswish"),
        ("{op: conv, out: 8, act: ReLU6}", "relu6"),
        ("{op: conv, out: 8, act: null}", "none"),
        ("{op: conv, out: 8, norm: BatchNorm2d}", "bn"),
        ("{op: conv, out: 8, batch_norm: true}", "norm"),
        ("{op: conv, out: 8, activation: relu}", "act"),
        ("{op: conv, filters: 8}", "out"),
        ("{op: conv, out: 8, kernel_size: 3}", "k"),
        ("{op: conv, out: 8, repeats: 3}", "n"),
    ],
)
def test_an_entry(entry: str, name: str) -> None:
    with pytest.raises(SpecError) as caught:
        costcalc.from_spec(f"{HEAD}- {entry}\n")

    assert name == caught.value.problems[0].nearest


def test_columns_and_a_section() -> None:
    """A column that no operator has is one problem; a cell under another operator's field is one by itself."""
    rows = "  columns: [op, filters, channels]\n  rows:\n  - [conv, 8, _]\n  - [conv, 8, 8]\n"
    with pytest.raises(SpecError) as caught:
        costcalc.from_spec(HEAD + rows + "backbone: {}\n")

    found = [(problem.place.line, problem.message, problem.nearest) for problem in caught.value.problems]
    assert [
        (5, "unknown column 'filters'", "out"),
        (8, "conv has no 'channels'", "out"),
        (9, "unknown spec key 'backbone'", "layers"),
    ] == found


def test_a_synonym_counts_only_where_its_name_is_known() -> None:
    assert nearest("silu", ["relu", "conv"]) == ""
    assert nearest("batchnorm", ["norm", "act"]) == "norm"
    assert nearest("batchnorm", ["norm", "act", "bn"]) == "bn"


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("mobilenet_v9", "mobilenet_v2"), ("movilenet_v2", "mobilenet_v2"), ("resnt50", "resnet50"), ("vgg", "vgg19"),
        ("efficient_net_b9", "efficientnet_b7"), ("mobilenetv2_100", "timm/mobilenetv2_100"),
        ("keras/ResNet50V3", "keras/ResNet50V2"), ("ssd", "ssd_mobilenet_v2"), ("convnext_tiny", ""),
        ("timm/convnext_tiny", ""), ("mobilevit_s", ""), ("torchvision/vit_b_16", ""), ("unet", ""), ("50", ""),
    ],
)  # fmt: skip
def test_the_nearest_network_is_of_the_same_family(word: str, meant: str) -> None:
    """Names that merely share letters are no suggestion."""
    with pytest.raises(UsageError, match=f"no network '{word}'") as caught:
        catalogue.find(word)

    assert meant == caught.value.nearest
