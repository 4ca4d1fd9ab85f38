"""The words that people use, each with its definition: measures, operators, conventions, transforms, dtypes."""

from __future__ import annotations

from typing import Any

from costcalc.counting import convention_names, load_convention
from costcalc.dtypes import Dtype
from costcalc.errors import UsageError, nearest
from costcalc.measures import MEASURES
from costcalc.operators import REGISTRY, SCHEMAS
from costcalc.operators.about import first_sentence, purpose
from costcalc.recipes import load_recipe, recipe_names
from costcalc.spec import catalogue
from costcalc.spec.described import fields_in_words
from costcalc.transform.steps import transforms
from costcalc.typed.devices import FORMATS, Device, device_names, load_device


def definitions(of: str, operator: str = "") -> list[dict[str, Any]]:
    """A row for each measure, operator, block, convention, transform, recipe, dtype or device; or field of `operator`.

    Raises UsageError with the nearest operator if there is no such one.
    """
    if operator:
        return _fields(operator)
    match of:
        case "measures":
            return [
                {
                    "measure": name,
                    "unit": str(measure.counted_in),
                    "of a network": str(measure.how),
                    "about": measure.about,
                    **({"also": ", ".join(measure.old_names)} if measure.old_names else {"also": ""}),
                }
                for name, measure in MEASURES.items()
            ]
        case "operators":
            return [
                {
                    "operator": name,
                    "family": cls.family,
                    "fields": ", ".join(SCHEMAS[name]),
                    "about": purpose(name),
                }
                for name, cls in sorted(REGISTRY.items(), key=lambda item: (item[1].family, item[0]))
            ]
        case "blocks":
            return [
                {
                    "block": block.name,
                    "use": file,
                    "inputs": ", ".join(block.inputs),
                    "arguments": ", ".join(
                        name if default is None else f"{name}: {default.shown}" for name, default in block.args.items()
                    ),
                    "about": block.about,
                }
                for file, block in catalogue.shared_blocks()
            ]
        case "conventions":
            loaded = map(load_convention, convention_names())
            return [
                {
                    "convention": one.name,
                    "total": one.total,
                    "counts": one.title,
                    "for": one.purpose,
                    "source": one.source,
                }
                for one in loaded
            ]
        case "transforms":
            return [
                {
                    "transform": f"@{name}{'=R' if one.takes else ''}",
                    "makes": first_sentence(one.function.__doc__),
                    "of": one.seeks,
                }
                for name, one in transforms().items()
            ]
        case "recipes":
            return [
                {
                    "recipe": one.name,
                    "steps": ", ".join(str(step.kind) for step in one.steps),
                    "network": one.network,
                    "about": one.title,
                    "source": one.source,
                }
                for one in map(load_recipe, recipe_names())
            ]
        case "devices":
            return [_device(load_device(name)) for name in device_names()]
    return [{"dtype": str(dtype), "bits": dtype.bits, "about": dtype.about} for dtype in Dtype]


def _fields(op: str) -> list[dict[str, Any]]:
    if op not in REGISTRY:
        raise UsageError(
            f"unknown operator '{op[:40]}'", expected="one of `costcalc list operators`", nearest=nearest(op, REGISTRY)
        )
    return [
        {
            "field": one.name,
            "short": one.short,
            "takes": one.takes,
            "default": "(required)" if one.required else one.default,
            "means": one.means,
        }
        for one in fields_in_words(op)
    ]


def _device(device: Device) -> dict[str, Any]:
    return {
        "device": device.name,
        "kind": device.kind,
        "ram": device.ram,
        "flash": device.flash,
        "on_chip": device.on_chip,
        **{f"macs_per_second_{dtype}": device.macs_per_second.get(dtype) for dtype in FORMATS},
        "bandwidth": device.bandwidth,
        "recalled": ", ".join(device.recalled),
        "about": device.title,
        "source": device.source,
    }
