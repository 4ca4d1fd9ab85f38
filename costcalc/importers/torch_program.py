"""A program of torch.export, in memory, as the `Program` that its file would make; and operators recorded as they run.

torch is imported only by a person who hands a module over; nothing here imports it before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from costcalc.importers.program import Declared, Operation, Program, Ref, Stored, checked
from costcalc.importers.pt2 import INLINED, named, operator_name, references, scope_of


class Operations:
    """Operators in the order in which they are added."""

    def __init__(self) -> None:
        self.found: list[Operation] = []

    def add(self, op: str, name: str, given: Mapping[str, Any], outputs: Sequence[str], scope: str) -> None:
        inputs = tuple(references(dict(given)))
        self.found.append(Operation(op, name, inputs, tuple(outputs), given, len(self.found), scope))


def from_exported(program: Any, name: str) -> Program:
    """The program of a torch.export.ExportedProgram. Raises SpecError if its graph is broken."""
    signature = program.graph_signature
    state = {id(value): key for key, value in reversed(list(program.state_dict.items()))}
    stored: dict[str, Stored] = {}
    inputs: list[Declared] = []
    names: dict[str, str] = {}
    values = {node.name: node.meta.get("val") for node in program.graph.nodes if node.op == "placeholder"}
    for spec in signature.input_specs:
        kind, own = spec.kind.name, getattr(spec.arg, "name", "")
        value: Any = values.get(own)
        if not hasattr(value, "shape"):
            if kind == "USER_INPUT" and value is not None and hasattr(value, "node"):
                inputs.append(Declared(own, (), "int64"))
            continue
        dims = tuple(size if isinstance(size, int) else str(size) for size in value.shape)
        if kind == "USER_INPUT":
            inputs.append(Declared(own, named(dims, names), dtype_word(value.dtype)))
        else:
            whole = program.state_dict.get(spec.target)
            label = state.get(id(whole), spec.target) if whole is not None else spec.target
            sizes = tuple(map(int, value.shape))
            stored[own] = Stored(str(label), sizes, dtype_word(value.dtype), None, kind == "PARAMETER")
    found = Operations()
    _graph(found, program.graph_module, {}, "")
    outputs = [
        spec.arg.name
        for spec in signature.output_specs
        if spec.kind.name in ("USER_OUTPUT", "LOSS_OUTPUT") and isinstance(getattr(spec.arg, "name", None), str)
    ]
    return checked(Program(name, name, tuple(found.found), stored, tuple(inputs), tuple(outputs), {}, "torch.export"))


def _graph(found: Operations, module: Any, bound: Mapping[str, str], prefix: str) -> list[str]:
    """The operators of a graph, under names of their own; gives the names of its outputs."""

    def real(node: Any) -> str:
        return bound.get(node.name, prefix + node.name)

    for node in module.graph.nodes:
        if node.op == "output":
            return [real(one) for one in _nodes(node.args)]
        if node.op != "call_function" or (node.target.__name__ == "getitem" and _parts(node.args[0]) is not None):
            continue
        parts = _parts(node)
        outputs = [real(node)] if parts is None else [real(one) if one is not None else "" for one in parts]
        stack = [
            (re.sub(r"^(L\['self'\]|L__self__)\.?", "", path), kind if isinstance(kind, str) else _class_name(kind))
            for path, kind in (node.meta.get("nn_module_stack") or {}).values()
        ]
        if node.target.__name__ in INLINED:
            first = next(i for i, one in enumerate(node.args) if getattr(one, "op", "") == "get_attr")
            inner = getattr(module, node.args[first].target)
            own = [one.name for one in inner.graph.nodes if one.op == "placeholder"]
            given = [real(one) for one in node.args[first + 1 :]]
            results = _graph(found, inner, dict(zip(own, given, strict=True)), f"{prefix}{node.name}/")
            for name, result in zip(outputs, results, strict=False):
                if name:
                    found.add("aten.alias", name, {"self": Ref(result)}, [name], "")
            continue
        arguments = _arguments(node.target, node.args, node.kwargs)
        found.add(
            target_name(node.target),
            node.name,
            {k: _value(v, real) for k, v in arguments.items()},
            outputs,
            scope_of(stack),
        )
    return []


def _parts(node: Any) -> list[Any] | None:
    """The nodes that take each part of a node's several results; None if it has one."""
    value = node.meta.get("val") if hasattr(node, "meta") else None
    if not isinstance(value, list | tuple):
        return None
    found: list[Any] = [None] * len(value)
    for user in node.users:
        if user.op == "call_function" and user.target.__name__ == "getitem":
            found[user.args[1]] = user
    return found


def _nodes(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return [node for one in value for node in _nodes(one)]
    if isinstance(value, dict):
        return [node for one in value.values() for node in _nodes(one)]
    return [value] if hasattr(value, "op") else []


def target_name(target: Any) -> str:
    """What a function is called in the table of operators."""
    if hasattr(target, "_schema"):
        return operator_name(f"torch.ops.{target}")
    module = getattr(target, "__module__", "") or ""
    return f"{module.partition('.')[0]}.{target.__name__}"


def _arguments(target: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments by name; by number where the function has no schema."""
    schema = getattr(target, "_schema", None)
    names = [one.name for one in schema.arguments] if schema is not None else []
    names += [str(i) for i in range(len(names), len(args))]
    return {**dict(zip(names, args, strict=False)), **kwargs}


def _value(value: Any, real: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(_value(one, real) for one in value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if type(value).__name__ == "dtype":
        return dtype_word(value)
    return Ref(real(value)) if hasattr(value, "op") else None


def dtype_word(dtype: Any) -> str:
    """`float32` of torch.float32."""
    return str(dtype).removeprefix("torch.")


def _class_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def recorded(module: Any, inputs: Sequence[Any], name: str) -> Program:
    """The operators that a module runs on the meta device, where torch.export cannot have it.

    No memory is needed for its weights, and none is computed with. Raises what the module raises.
    """
    torch = import_module("torch")
    mode: Any = import_module("torch.utils._python_dispatch").TorchDispatchMode

    found = Operations()
    names: dict[int, str] = {}
    alive: list[Any] = []
    stack: list[tuple[str, str]] = [("", _class_name(type(module)))]

    def meta(value: Any, label: str) -> Any:
        made = value.detach().to("meta")
        names[id(made)] = label
        alive.append(made)
        return made

    stored: dict[str, Stored] = {}
    state: dict[str, Any] = {}
    for items, learned in ((module.named_parameters(), True), (module.named_buffers(), False)):
        for key, value in items:
            state[key] = meta(value, f"stored/{key}")
            stored[f"stored/{key}"] = Stored(key, tuple(value.shape), dtype_word(value.dtype), None, learned)
    given = [meta(one, f"input{i}") if isinstance(one, torch.Tensor) else one for i, one in enumerate(inputs)]
    declared = [Declared(names[id(one)], tuple(one.shape), dtype_word(one.dtype)) for one in given if id(one) in names]

    def known(value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            if id(value) not in names:  # a tensor that the module made before
                label = f"constant{len(alive)}"
                names[id(value)] = label
                alive.append(value)
                stored[label] = Stored(label, tuple(value.shape), dtype_word(value.dtype), None, False)
            return Ref(names[id(value)])
        if isinstance(value, list | tuple):
            return tuple(map(known, value))
        return (
            dtype_word(value)
            if isinstance(value, torch.dtype)
            else value
            if isinstance(value, bool | int | float | str)
            else None
        )

    class Recorder(mode):  # type: ignore[misc]
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            arguments = {key: known(value) for key, value in _arguments(func, args, kwargs or {}).items()}
            result = func(*args, **(kwargs or {}))
            outputs: list[str] = []
            for one in result if isinstance(result, list | tuple) else (result,):
                label = f"{func.__name__.partition('.')[0]}_{len(found.found)}_{len(outputs)}"
                if isinstance(one, torch.Tensor):
                    names[id(one)] = label
                    alive.append(one)
                outputs.append(label)
            found.add(target_name(func), outputs[0] if outputs else "", arguments, outputs, scope_of(stack))
            return result

    hooks = []
    for path, inner in module.named_modules():
        kind = _class_name(type(inner))
        hooks.append(inner.register_forward_pre_hook(lambda *_, entry=(path, kind): stack.append(entry), prepend=True))
        hooks.append(inner.register_forward_hook(lambda *_: stack.pop() and None, always_call=True))
    try:
        with torch.no_grad(), Recorder():
            result = torch.func.functional_call(module, state, tuple(given))
    finally:
        for hook in hooks:
            hook.remove()
    outputs = [names[id(one)] for one in _tensors(result) if id(one) in names]
    return checked(Program(name, name, tuple(found.found), stored, tuple(declared), tuple(outputs), {}, "torch"))


def _tensors(value: Any) -> list[Any]:
    """The tensors of a module's result, whatever it puts them in."""
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return [value]
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    if not items and hasattr(value, "__dict__"):
        items = vars(value).values()
    return [tensor for one in items for tensor in _tensors(one)]
