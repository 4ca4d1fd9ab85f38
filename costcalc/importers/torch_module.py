"""Modules of PyTorch as models: handed over in Python, or named as `torch:package.module.name`.

Naming code runs it: the module is imported and the name is called. Only what a person types is taken so, never a name
from a file of budgets.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any

from costcalc.errors import CostcalcError, UsageError
from costcalc.importers.model import Model
from costcalc.importers.program import Program
from costcalc.importers.pt2_format import FORMAT
from costcalc.importers.torch_program import from_exported, recorded

INPUT = (1, 3, 224, 224)
"""The input of a network that is named, unless it has an `example_input_array`."""
_NEEDED = "pip install torch"


def model_of(module: Any, inputs: Any, name: str = "", allow_unknown: bool = False) -> Model:
    """The model of a module and its inputs: tensors, or sizes of them, as (1, 3, 224, 224).

    A torch.export.ExportedProgram is taken as it is. Raises UsageError without torch, or if the module does not run.
    """
    _torch(name or "a module")
    label = name or type(module).__name__
    if hasattr(module, "graph_signature") and hasattr(module, "graph_module"):
        return Model(from_exported(module, name or "program"), FORMAT, allow_unknown)
    if not hasattr(module, "named_parameters"):
        raise UsageError(f"{label} is no torch.nn.Module", expected="a module, or an exported program")
    return Model(_program(module, _tensors(module, inputs), label), FORMAT, allow_unknown)


@cache
def model_named(name: str, allow_unknown: bool = False) -> Model:
    """The model of `torch:package.module.name`: a function or a class without arguments, or a module.

    Raises UsageError if it cannot be imported, called or run.
    """
    torch = _torch(name)
    path = name.removeprefix("torch:")
    found = _imported(name, path)
    if isinstance(found, torch.nn.Module):
        module = found
    elif callable(found):
        module = _called(torch, found, name)
    else:
        raise UsageError(f"{name} is no module, and nothing that makes one", expected="a function or class of networks")
    if not isinstance(module, torch.nn.Module):
        raise UsageError(f"{name} makes no torch.nn.Module", expected="a function or class of networks")
    example = getattr(module, "example_input_array", None)
    return model_of(module, INPUT if example is None else example, name, allow_unknown)


def _torch(name: str) -> Any:
    try:
        return import_module("torch")
    except ImportError:
        raise UsageError(f"{name}: PyTorch is not installed", expected=_NEEDED) from None


def _imported(name: str, path: str) -> Any:
    """What the longest part of a path that is a module holds under the rest."""
    parts = path.split(".")
    with _own_folder():
        for count in range(len(parts) - 1, 0, -1):
            package = ".".join(parts[:count])
            try:
                found: Any = import_module(package)
            except ModuleNotFoundError as error:
                if error.name and (package == error.name or package.startswith(error.name + ".")):
                    continue
                raise _failed(name, error) from None
            except Exception as error:  # whatever the person's code raises
                raise _failed(name, error) from None
            for part in parts[count:]:
                if not hasattr(found, part):
                    raise UsageError(f"{name}: {package} has no '{part[:40]}'", expected="torch:package.module.name")
                found = getattr(found, part)
            return found
    raise UsageError(f"{name}: there is no module '{parts[0][:40]}'", expected="torch:package.module.name")


@contextmanager
def _own_folder() -> Iterator[None]:
    """Within, modules of the working folder are found, after those that are installed."""
    sys.path.append("")
    try:
        yield
    finally:
        sys.path.remove("")


def _called(torch: Any, make: Any, name: str) -> Any:
    """A network without memory for its weights, where its code can do that."""
    try:
        with torch.device("meta"):
            return make()
    except Exception:  # as of code that computes with its weights
        try:
            return make()
        except Exception as error:
            raise _failed(name, error) from None


def _failed(name: str, error: BaseException) -> UsageError:
    first = re.sub(r"\s+", " ", str(error)).strip()[:200]
    return UsageError(f"{name}: {type(error).__name__}{': ' * bool(first)}{first}", expected="code that runs")


def _tensors(module: Any, inputs: Any) -> list[Any]:
    """The inputs as tensors on the module's device."""
    torch = import_module("torch")
    first = next(iter([*module.parameters(), *module.buffers()]), None)
    device = "meta" if first is None else first.device
    dtype = first.dtype if first is not None and first.is_floating_point() else torch.float32

    def is_shape(value: Any) -> bool:
        return isinstance(value, list | tuple) and bool(value) and all(type(size) is int for size in value)

    given = [inputs] if is_shape(inputs) or not isinstance(inputs, list | tuple) else list(inputs)
    found = []
    for one in given:
        if is_shape(one):
            if min(one) < 1 or max(one) > 2**40:
                raise UsageError(f"an input of {tuple(one)}", expected="sizes from 1 to 2^40")
            found.append(torch.zeros(tuple(one), device=device, dtype=dtype))
        else:
            found.append(one.to(device) if isinstance(one, torch.Tensor) else one)
    return found


def _program(module: Any, inputs: Sequence[Any], name: str) -> Program:
    """By torch.export; where that cannot have the module, by what it runs."""
    torch = import_module("torch")
    training = {inner: inner.training for inner in module.modules()}
    try:
        module.eval()
        try:
            return from_exported(torch.export.export(module, tuple(inputs), strict=False), name)
        except CostcalcError:
            raise
        except Exception:
            return recorded(module, inputs, name)
    except CostcalcError:
        raise
    except Exception as error:
        raise _failed(name, error) from None
    finally:
        for inner, was in training.items():
            inner.training = was
