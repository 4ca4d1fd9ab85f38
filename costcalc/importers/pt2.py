"""Reads `.pt2` archives, as torch.export writes them: a zip of JSON. No pickle is opened, no weight is read.

Since PyTorch 2.8 the program is `NAME/models/model.json`; before, `serialized_exported_program.json`.
Source: https://docs.pytorch.org/docs/stable/export/pt2_archive.html; torch/_export/serde/schema.py.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.errors import UsageError
from costcalc.importers.archive import ArchiveError, archive_of, parsed, unpacked
from costcalc.importers.program import MOST_DIMS, MOST_NODES, Declared, Operation, Program, Ref, Stored, checked

DTYPES = {
    1: "uint8", 2: "int8", 3: "int16", 4: "int32", 5: "int64", 6: "float16", 7: "float32", 8: "float64",
    9: "complex32", 10: "complex64", 11: "complex128", 12: "bool", 13: "bfloat16", 28: "uint16", 29: "float8",
    30: "float8", 31: "float8", 32: "float8",
}  # fmt: skip
"""torch's ScalarType."""
_PROGRAM = re.compile(r"(.*/)?(models/[^/]+\.json|serialized_exported_program\.json)")
_PARTED = re.compile(r"\.(container|transformer)\.|MultiheadAttention")
INLINED = ("wrap_with_set_grad_enabled", "wrap_with_autocast")
_MOST_DEPTH = 8
_MOST_OPEN = 256
_WANTED = "a file of torch.export.save"
_WRONG = (TypeError, KeyError, IndexError, AttributeError, ValueError, StopIteration, OverflowError)


def read(path: str, data: bytes | memoryview) -> Program:
    """The program of a `.pt2` file. Raises UsageError if it is none, SpecError if its graph is broken."""
    try:
        archive = archive_of(data)
        names = [name for name in archive.namelist() if _PROGRAM.fullmatch(name)]
        if not names:
            raise ArchiveError("holds no exported program")
        name = min(names, key=lambda one: (not one.endswith("models/model.json"), one))
        whole = parsed(unpacked(archive, name), name)
        tied = _tied(archive)
    except ArchiveError as error:
        raise UsageError(f"{path} {error}", expected=_WANTED) from None
    try:
        program = _Reader(path, tied).program(whole)
    except _WRONG:
        raise UsageError(f"{path}: its program is none of torch.export", expected=_WANTED) from None
    if not program.operations:
        raise UsageError(f"{path}: the model has no operators", expected=_WANTED)
    return checked(program)


def _tied(archive: zipfile.ZipFile) -> dict[str, str]:
    """The first name of each parameter that has several, by its others: they share one file of weights.

    Those on the meta device have no weights at all.
    """
    name = next((one for one in archive.namelist() if one.endswith("data/weights/model_weights_config.json")), None)
    if name is None:
        return {}
    config = parsed(unpacked(archive, name), name)
    first: dict[object, str] = {}
    found: dict[str, str] = {}
    entries = config.get("config") if isinstance(config, dict) else None
    for parameter, entry in entries.items() if isinstance(entries, dict) else ():
        if isinstance(entry, dict) and entry.get("is_param") and '"meta"' not in json.dumps(entry):
            key = repr((entry.get("path_name"), entry.get("tensor_meta")))
            whole = first.setdefault(key, parameter)
            if whole != parameter:
                found[parameter] = whole
    return found


def scope_of(stack: Sequence[tuple[str, str]]) -> str:
    """The module that an operator comes from, of (path, class) from the outside in; with a dot if there is more in it.

    PyTorch's own layers are one operator each; what stands in any other module is one of several.
    """
    if not stack:
        return ""
    path, kind = stack[-1]
    path = re.sub(r"@\d+$", "", path)
    own = kind.startswith("torch.nn.modules.") and not re.search(
        r"\.(container|transformer)\.|MultiheadAttention", kind
    )
    return path if own or not path else path + "."


class _Reader:
    def __init__(self, path: str, tied: Mapping[str, str]) -> None:
        self.path = path
        self.tied = tied
        self.operations: list[Operation] = []

    def program(self, whole: Any) -> Program:
        module = whole["graph_module"]
        graph = module["graph"]
        tensors = graph["tensor_values"]
        stored: dict[str, Stored] = {}
        inputs: list[Declared] = []
        names: dict[str, str] = {}
        for one in module["signature"]["input_specs"]:
            ((kind, spec),) = one.items()
            self._input(kind, spec, tensors, stored, inputs, names)
        for node in graph["nodes"]:
            self.node(node, {}, "", 0)
        outputs = []
        for one in module["signature"]["output_specs"]:
            ((kind, spec),) = one.items()
            if kind in ("user_output", "loss_output"):
                outputs += _names(spec["arg"])
        version = str(whole.get("torch_version", "")).partition("+")[0]
        return Program(
            self.path,
            "",
            tuple(self.operations),
            stored,
            tuple(inputs),
            tuple(outputs),
            {},
            f"torch.export {version}"[:60],
        )

    def _input(
        self,
        kind: str,
        spec: Any,
        tensors: Any,
        stored: dict[str, Stored],
        inputs: list[Declared],
        names: dict[str, str],
    ) -> None:
        """One input of the graph: a parameter, a buffer, a constant, or what the person gives."""
        if kind in ("token", "constant_input"):
            return
        found = _names(spec["arg"])
        if not found:
            return
        (name,) = found
        if kind == "custom_obj":
            return
        if name not in tensors:  # a number that the person gives
            inputs.append(Declared(name, (), "int64"))
            return
        meta = tensors[name]
        dtype = DTYPES.get(meta["dtype"], "float32")
        if kind == "user_input":
            dims = tuple(_dim(size) for size in meta["sizes"])
            if len(dims) <= MOST_DIMS:  # others are refused
                dims = named(dims, names)
            if len(names) > _MOST_OPEN:
                raise UsageError(f"{self.path}: more than {_MOST_OPEN} sizes are open", expected="a smaller model")
            inputs.append(Declared(name, dims, dtype))
            return
        known = spec.get("parameter_name") or spec.get("buffer_name") or spec.get("tensor_constant_name") or name
        own = tuple(size["as_int"] for size in meta["sizes"])
        if not all(type(size) is int for size in own):
            raise ValueError
        stored[name] = Stored(self.tied.get(str(known), str(known)), own, dtype, None, learned=kind == "parameter")

    def node(self, node: Any, bound: Mapping[str, str], prefix: str, depth: int) -> None:
        """An operator, or those of the graph that it wraps."""
        target = node["target"]
        if target.rpartition(".")[2] in INLINED and depth < _MOST_DEPTH:
            self._inlined(node, bound, prefix, depth)
            return
        given: dict[str, Any] = {}
        for place, one in enumerate(node["inputs"]):
            given[one["name"] or str(place)] = _argument(one["arg"], bound, prefix)
        outputs = [bound.get(name, prefix + name) for one in node["outputs"] for name in _names(one)]
        metadata = node.get("metadata") or {}
        stack = [_module(part) for part in str(metadata.get("nn_module_stack", "")).split(";") if part]
        self.add(operator_name(target), str(node.get("name") or (outputs or [""])[0]), given, outputs, scope_of(stack))

    def add(self, op: str, name: str, given: Mapping[str, Any], outputs: Sequence[str], scope: str) -> None:
        if len(self.operations) >= MOST_NODES:
            raise UsageError(f"{self.path}: more than {MOST_NODES:,} operators", expected="a smaller model")
        self.operations.append(
            Operation(op, name, tuple(references(given)), tuple(outputs), given, len(self.operations), scope)
        )

    def _inlined(self, node: Any, bound: Mapping[str, str], prefix: str, depth: int) -> None:
        """The operators of a wrapped graph, with its inputs bound to what it is given."""
        graph = next(one["arg"]["as_graph"]["graph"] for one in node["inputs"] if "as_graph" in one["arg"])
        given = [_argument(one["arg"], bound, prefix) for one in node["inputs"] if "as_tensor" in one["arg"]]
        inner = f"{prefix}{len(self.operations)}/"
        own = [name for one in graph["inputs"] for name in _names(one)]
        names = {name: ref.name for name, ref in zip(own, given, strict=True)}
        outer = [bound.get(name, prefix + name) for one in node["outputs"] for name in _names(one)]
        results = [name for one in graph["outputs"] for name in _names(one)]
        for each in graph["nodes"]:
            self.node(each, names, inner, depth + 1)
        for name, result in zip(outer, results, strict=True):
            made = names.get(result, inner + result)
            self.add("aten.alias", name, {"self": Ref(made)}, [name], "")


def operator_name(target: str) -> str:
    """`torch.ops.aten.conv2d.default` -> `aten.conv2d`; Python's own operators keep their name."""
    if not target.startswith("torch.ops."):
        return target
    return ".".join(target.removeprefix("torch.ops.").split(".")[:2])


def references(value: Any) -> list[str]:
    """The tensors that an operator's arguments name."""
    if isinstance(value, Ref):
        return [value.name]
    if isinstance(value, Mapping):
        return [name for one in value.values() for name in references(one)]
    return [name for one in value for name in references(one)] if isinstance(value, tuple) else []


def _module(part: str) -> tuple[str, str]:
    """The path and the class of one entry of `nn_module_stack`."""
    _, path, kind = [*part.split(","), "", ""][:3]
    return re.sub(r"^(L\['self'\]|L__self__)\.?", "", path), kind


def _argument(value: Mapping[str, Any], bound: Mapping[str, str], prefix: str) -> Any:
    """An argument as numbers, texts, tuples and `Ref`s."""
    ((kind, inner),) = value.items()
    if kind == "as_none" or kind in ("as_device", "as_layout", "as_memory_format", "as_graph", "as_custom_obj"):
        return None
    if kind == "as_scalar_type":
        return DTYPES.get(inner, "float32")
    return _value(inner, bound, prefix)


def _value(inner: Any, bound: Mapping[str, str], prefix: str, depth: int = 0) -> Any:
    if isinstance(inner, list) and depth < _MOST_DEPTH:
        return tuple(_value(one, bound, prefix, depth + 1) for one in inner)
    if isinstance(inner, int | float | str):
        if isinstance(inner, int) and abs(inner) >= 2**64:
            raise ValueError
        return inner
    if isinstance(inner, dict):
        if "name" in inner or "as_name" in inner:
            name = inner.get("name", inner.get("as_name"))
            if not isinstance(name, str):
                raise TypeError
            return Ref(bound.get(name, prefix + name))
        if len(inner) == 1 and depth < _MOST_DEPTH:
            ((kind, one),) = inner.items()
            return None if kind == "as_none" or one is None else _value(one, bound, prefix, depth + 1)
    raise ValueError


def _names(value: Mapping[str, Any]) -> list[str]:
    """The names in an argument: of a tensor, of several, of a size."""
    if isinstance(value.get("name"), str):
        return [value["name"]]
    ((kind, inner),) = value.items()
    if kind == "as_none" or inner is None:
        return []
    items = inner if isinstance(inner, list) else [inner]
    found = []
    for one in items:
        if isinstance(one, dict):
            name = one.get("name", one.get("as_name"))
            if name is None and isinstance(one.get("as_tensor"), dict):
                name = one["as_tensor"].get("name")
            if isinstance(name, str):
                found.append(name)
    return found


def _dim(size: Mapping[str, Any]) -> int | str:
    """A size of an input: a number, or the text of what is open."""
    if "as_int" in size:
        number = size["as_int"]
        if type(number) is not int:
            raise TypeError
        return number
    return str(size["as_expr"]["expr_str"])


def named(dims: tuple[int | str, ...], names: dict[str, str]) -> tuple[int | str, ...]:
    """Open sizes under names that say what they are; torch.export has lost those of the person."""
    words = {0: "batch", 2: "height", 3: "width"} if len(dims) == 4 else {0: "batch", 1: "length"}
    if len(dims) == 5:
        words = {0: "batch", 2: "time", 3: "height", 4: "width"}
    found: list[int | str] = []
    for place, dim in enumerate(dims):
        word = words.get(place, f"size{place}")
        while dim not in names and word in names.values():
            word += "_"
        found.append(names.setdefault(dim, word) if isinstance(dim, str) else dim)
    return tuple(found)
