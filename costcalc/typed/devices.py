"""Devices that a network may have to fit: those of specs/devices, and a person's own file of the same form."""

from __future__ import annotations

import re
from typing import NamedTuple

from costcalc.errors import Place, PrivateFile, UsageError, nearest, one_of
from costcalc.spec import catalogue, read
from costcalc.spec.document import read_document
from costcalc.spec.problems import Problems
from costcalc.spec.sources import read_beside, read_source
from costcalc.spec.tree import Mapping, Node, Scalar, Source
from costcalc.typed.amounts import parse_bytes, parse_count
from costcalc.typed.budgets import Budget

KINDS = ("mcu", "cpu", "gpu", "npu", "tpu", "asic")
FIGURES = ("ram", "flash", "on_chip", "macs_per_second", "bandwidth")
KEYS = ("costcalc", "device", "title", "kind", *FIGURES, "source", "confidence", "recalled")
FORMATS = ("float32", "float16", "int8")
NOT_COUNTED = "not counted: code, stack, the runtime and its buffers"
"""What a device's memory must hold beside weights and feature maps."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_]*")


class Device(NamedTuple):
    """A machine: bytes of working memory and of flash, multiply-accumulates and bytes of its memory a second.

    What is not known is None. `ram` is what programs have; `on_chip` a cache or a buffer. `recalled` names the figures
    that are quoted from memory and not read anywhere.
    """

    name: str
    title: str
    kind: str
    ram: int | None
    flash: int | None
    on_chip: int | None
    macs_per_second: dict[str, int]
    bandwidth: int | None
    source: str
    confidence: str
    recalled: tuple[str, ...]

    def note(self) -> str:
        """Its memory, where the figures are from, and what they must hold beside the network."""
        memory = " and ".join(name for name in ("ram", "flash") if name in self.recalled)
        sure = f"; {memory} recalled, not read: check them" if memory else ""
        return f"{self.name}: {self.title}; {NOT_COUNTED}; source: {self.source or 'none given'}{sure}"


def device_names() -> tuple[str, ...]:
    """The devices that ship with costcalc."""
    return catalogue.file_names("devices")


def load_device(name: str, user: str = "") -> Device:
    """A device by its name, or by the path of a file; `user` is the file that names it, "" if the person did.

    Raises UsageError for an unknown one with the nearest, or a file that cannot be read; SpecError for a wrong file.
    """
    if catalogue.is_path(name):
        return _device(read_beside(name, user) if user else read_source(name, "a file of a device that can be read"))
    plain = name.strip().lower().replace("-", "_")
    source = catalogue.find_file("devices", plain)
    if source is None:
        known = device_names()
        raise UsageError(
            f"unknown device '{name[:40]}'",
            expected="a device of `costcalc list devices`, or a path to a file of one",
            nearest=nearest(plain, known),
        )
    return _device(source)


def _device(source: Source) -> Device:
    problems = Problems()
    document = read_document(source, problems)
    root = read.mapping(document, problems, "a device")
    if not isinstance(document, Mapping):
        problems.stop()
    read.known_keys(root, KEYS, problems, "device")
    name = read.word(root.get("device"), problems, "the device's name", _NAME)
    if "device" not in root.entries:
        problems.add(root, "a device without a name", "device: stm32f746")
    kind = read.word(root.get("kind"), problems, "the kind")
    if kind and kind not in KINDS:
        problems.unknown(root.get("kind") or root, "kind", kind, KINDS)
    listed = read.sequence(root.get("recalled"), problems, "recalled")
    recalled = tuple(read.word(item, problems, "a figure") for item in listed)
    for item, word in zip(listed, recalled, strict=True):
        if word and word not in FIGURES:
            problems.unknown(item, "figure", word, FIGURES)
    device = Device(
        name=name,
        title=read.text(root.get("title"), problems, "title") or name,
        kind=kind,
        ram=_bytes(root, "ram", problems),
        flash=_bytes(root, "flash", problems),
        on_chip=_bytes(root, "on_chip", problems),
        macs_per_second=_speeds(root.get("macs_per_second"), problems),
        bandwidth=_bytes(root, "bandwidth", problems),
        source=read.text(root.get("source"), problems, "source"),
        confidence=read.text(root.get("confidence"), problems, "confidence"),
        recalled=recalled,
    )
    problems.stop()
    return device._replace(title=name, source="") if isinstance(source.file, PrivateFile) else device


def _bytes(root: Mapping, key: str, problems: Problems) -> int | None:
    """A number of bytes, with its unit; None if it is not given, or wrong."""
    node = root.get(key)
    if node is None:
        return None
    form = f"bytes with their unit, as {key}: 320KiB"
    if not isinstance(node, Scalar):
        problems.add(node, f"{key} is not a quantity", form)
    elif node.text.strip().replace("_", "").isdecimal():
        problems.add(node, f"{key}: '{node.text[:40]}' has no unit", form)
    else:
        try:
            found = parse_bytes(node.text)
        except UsageError as error:
            problems.refused(node, error, key)
            return None
        if found:
            return found
        problems.add(node, f"{key} is zero", f"{form}, or no {key} at all")
    return None


def _speeds(node: Node | None, problems: Problems) -> dict[str, int]:
    """Multiply-accumulates a second by number format."""
    table = read.mapping(node, problems, "macs_per_second")
    read.known_keys(table, FORMATS, problems, "macs_per_second")
    found = {}
    for key, (_, value) in table.entries.items():
        try:
            found[key] = parse_count(value.text if isinstance(value, Scalar) else "")
        except UsageError as error:
            problems.refused(value, error, key)
    return found


def device_budgets(name: str, place: Place | None = None) -> list[Budget]:
    """What must fit a device: the peak of activations its RAM, the weights its flash. `place` is where a file says so.

    Raises as `load_device` does, and UsageError for a device whose memory is not known.
    """
    device = load_device(name, place.file if place else "")
    missing = [word for word, value in (("RAM", device.ram), ("flash", device.flash)) if value is None]
    if device.ram is None or device.flash is None:
        raise UsageError(
            f"{device.name} has no figures of {' and '.join(missing)}, so nothing can be held to them",
            expected=f"a device that has, as {one_of(_microcontrollers())}",
        )
    return [
        Budget(measure, limit, False, place, device.name, memory, device.note())
        for measure, memory, limit in (
            ("peak_activation_bytes", "RAM", device.ram),
            ("weight_bytes", "flash", device.flash),
        )
    ]


def _microcontrollers() -> list[str]:
    return [name for name in device_names() if (one := load_device(name)).ram and one.flash]
