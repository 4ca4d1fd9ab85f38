"""Modules of PyTorch handed over or named: without PyTorch one line, and a program in memory as its file."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

import costcalc
from costcalc import network as networks
from costcalc.api import Network
from costcalc.cli import main
from costcalc.importers import is_code
from costcalc.importers.model import Model
from costcalc.importers.pt2_format import FORMAT
from costcalc.importers.torch_program import from_exported

MODELS = Path(__file__).parent / "golden" / "models"


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch cannot be imported, even where it is installed."""
    monkeypatch.setitem(sys.modules, "torch", None)


@pytest.mark.usefixtures("no_torch")
def test_without_torch() -> None:
    done = CliRunner().invoke(main, ["report", "torch:torchvision.models.resnet18"])
    assert (2, "") == (done.exit_code, done.stdout)
    assert (
        "Error: torch:torchvision.models.resnet18: PyTorch is not installed\n  expected: pip install torch\n"
        == done.stderr
    )

    with pytest.raises(costcalc.UsageError, match="a module: PyTorch is not installed"):
        costcalc.from_torch(object(), (1, 3, 224, 224))


def test_torch_is_not_imported_for_files() -> None:
    code = (
        "import sys, costcalc; "
        f"costcalc.load({str(MODELS / 'resnet18.pt2')!r}).ledger()['params']; "
        "print([name for name in ('torch', 'onnx', 'numpy', 'pickle') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]\n" == done.stdout


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("torch:a.b", True),
        ("torch:a.b.C_1", True),
        ("torch:a", False),
        ("torch:a.yaml", False),
        ("torch:a.b.onnx", False),
        ("torch:a.b()", False),
        ("torch:../a.b", False),
        ("os:a.b", False),
    ],
)
def test_what_names_code(name: str, code: bool) -> None:
    """A file in a strange tree may be called so; it stays a file."""
    assert code == is_code(name)


def test_a_file_of_budgets_cannot_name_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "evil.py").write_text("raise SystemExit('ran')")
    (tmp_path / "costcalc.toml").write_text('[[check]]\nnetwork = "torch:evil.net@standard"\nmax-params = 1\n')
    monkeypatch.chdir(tmp_path)

    done = CliRunner().invoke(main, ["check"])

    assert (2, "") == (done.exit_code, done.stdout)
    assert "costcalc.toml:2:11: 'torch:evil.net' would run code, and a file may not ask for that" in done.stderr


def test_a_file_of_budgets_finds_model_files_beside_it(tmp_path: Path) -> None:
    (tmp_path / "alexnet.pt2").write_bytes((MODELS / "torchvision_alexnet.pt2").read_bytes())
    config = tmp_path / "costcalc.toml"
    config.write_text('[[check]]\nnetwork = "alexnet.pt2"\nmax-params = "62M"\n')

    done = CliRunner().invoke(main, ["check", "--config", str(config)])

    assert 0 == done.exit_code, done.output


def test_the_bytes_of_an_onnx_file() -> None:
    data = (MODELS / "squeezenet1_1.onnx").read_bytes()
    network = costcalc.from_onnx(data, name="squeezenet", resolution=224)

    assert (349151936, "squeezenet") == (network.ledger()["mult_adds"], network.report().network)
    assert 5 < costcalc.from_onnx(data, "rank=8").transforms[0].places
    with pytest.raises(costcalc.UsageError, match="net is no ONNX file"):
        costcalc.from_onnx(b"\xff" * 9, name="net")
    with pytest.raises(costcalc.UsageError, match="is no ONNX file's bytes"):
        costcalc.from_onnx("net.onnx")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["net.pth", "net.safetensors@standard", "NET.PB"])
def test_files_that_hold_no_graph(name: str) -> None:
    with pytest.raises(costcalc.UsageError, match=r"no model file that is read\n  expected: a file of \.h5"):
        costcalc.load(name)


def test_a_spec_as_a_mapping() -> None:
    spec = {"costcalc": 1, "name": "a", "input": "8x8x3", "layers": [{"op": "conv", "k": 3, "out": 4, "bias": True}]}

    assert costcalc.from_spec(spec).ledger()["params"] == 3 * 3 * 3 * 4 + 4
    with pytest.raises(costcalc.UsageError, match="3 is no spec"):
        costcalc.from_spec(3)  # type: ignore[arg-type]


class Value:
    """What an exported program knows of a tensor."""

    def __init__(self, *shape: Any) -> None:
        self.shape, self.dtype = shape, "torch.float32"


def node(op: str, name: str, target: Any = None, args: Any = (), value: Any = None, **kwargs: Any) -> SimpleNamespace:
    stack = {"a": ("", "Net"), "b": (kwargs.pop("scope", "block"), "Block")}
    meta = {"val": value, "nn_module_stack": stack}
    made = SimpleNamespace(op=op, name=name, target=target, args=args, kwargs=kwargs, meta=meta, users=[])
    for one in args if isinstance(args, tuple) else ():
        if isinstance(one, SimpleNamespace):
            one.users.append(made)
    return made


class Overload:
    """An operator of torch with the names of its arguments."""

    def __init__(self, name: str, *arguments: str) -> None:
        self.name, self.__name__ = name, name
        self._schema = SimpleNamespace(arguments=[SimpleNamespace(name=one) for one in arguments])

    def __str__(self) -> str:
        return self.name


def test_a_program_in_memory() -> None:
    """A convolution, two halves of its channels, their product: as the objects of torch.export say it."""
    getitem = SimpleNamespace(__name__="getitem", __module__="_operator")
    w, x = node("placeholder", "p_w", value=Value(8, 3, 3, 3)), node("placeholder", "x", value=Value(1, 3, 10, 10))
    conv = node(
        "call_function", "conv2d", Overload("aten.conv2d.default", "input", "weight"), (x, w), Value(1, 8, 8, 8)
    )
    parts = [Value(1, 4, 8, 8)] * 2
    chunk = node("call_function", "chunk", Overload("aten.chunk.default", "self", "chunks", "dim"), (conv, 2, 1), parts)
    first, second = (node("call_function", f"getitem_{i}", getitem, (chunk, i), Value(1, 4, 8, 8)) for i in (0, 1))
    product = node("call_function", "mul", Overload("aten.mul.Tensor", "self", "other"), (first, second), Value(1))
    end = node("output", "output", args=((product,),))
    graph = SimpleNamespace(nodes=[w, x, conv, chunk, first, second, product, end])

    def spec(kind: str, name: str, target: str = "") -> SimpleNamespace:
        return SimpleNamespace(kind=SimpleNamespace(name=kind), arg=SimpleNamespace(name=name), target=target)

    signature = SimpleNamespace(
        input_specs=[spec("PARAMETER", "p_w", "stem.weight"), spec("USER_INPUT", "x")],
        output_specs=[spec("USER_OUTPUT", "mul")],
    )
    module = SimpleNamespace(graph=graph)
    exported = SimpleNamespace(graph_signature=signature, graph_module=module, graph=graph, state_dict={})
    model = Model(from_exported(exported, "net"), FORMAT)
    ledger = networks.of_model(Network, model, "net", "", {}).ledger()

    assert (216, 216 * 64) == (ledger["params"], ledger["mult_adds"])
    assert ["stem", "block.slice", "block.slice_2", "block.mul"] == list(ledger.layers)


if importlib.util.find_spec("torch") is not None:

    def test_a_module() -> None:
        """Where PyTorch is installed; tests/torch_modules.py tries whole networks."""
        torch: Any = importlib.import_module("torch")
        module = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.ReLU(), torch.nn.Flatten()).train()
        ledger = costcalc.from_torch(module, (1, 3, 10, 10)).ledger()

        assert (224, 216 * 64) == (ledger["params"], ledger["mult_adds"])
        assert module.training
