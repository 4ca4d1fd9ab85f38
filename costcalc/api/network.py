"""A network as `import costcalc` gives it: with its reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

from costcalc import network as networks
from costcalc.api.reading import check_top
from costcalc.api.results.ledgers import Ledger
from costcalc.api.results.reports import Report
from costcalc.counting import counting_of
from costcalc.errors import UsageError, flag_of, path_of, shown, text_of, word_of
from costcalc.graph import Graph
from costcalc.ledger import ledger_of
from costcalc.report.report import report
from costcalc.report.shown import Plot, shown_as
from costcalc.spec.catalogue import find_blocks
from costcalc.spec.handed import text_of_mapping
from costcalc.spec.loader import load_source
from costcalc.spec.tree import Source
from costcalc.transform.steps import read_steps, with_steps
from costcalc.typed.columns import read_column, read_columns
from costcalc.words import By

_NAME = "a name that `costcalc list` shows, or a path"


@dataclass(frozen=True, repr=False)
class Network(networks.Network):
    """A network with every setting given a value, and what it costs."""

    def _repr_html_(self) -> str:
        return self.report()._repr_html_()

    def to_dataframe(self, **words: Any) -> Any:
        """Its report as a `pandas.DataFrame`; `words` are those of `report`. Raises UsageError without pandas."""
        return self.report(**words).to_dataframe()

    def plot(self, file: str | None = None, kind: str | None = None, measure: str | None = None) -> Plot:
        """Its layers as a picture, written into `file` too: see `Report.plot`."""
        return self.report().plot(file, kind, measure)

    def ledger(self, convention: str = "paper", dtype: str = "float32", **words: Any) -> Ledger:
        """What every layer and the whole network cost: `ledger["peak_activation_bytes"]`, `ledger.layers["conv1"]`.

        `words` further say how to count: `weights="conv1=float32,*=int4"`, `activations`, `accumulators`,
        `schedule="minimal"`; and how to train: `optimizer="adam"`, `checkpoint="sqrt"`.
        Raises UsageError for an unknown word, SpecError if the network cannot be built at these settings.
        """
        counting = counting_of(convention=convention, dtype=dtype, **words)
        if not counting.is_uniform:
            counting.check(self.graph.layers)
        return Ledger(self.graph, counting)

    def report(
        self,
        by: str = "layer",
        dtype: str = "float32",
        convention: str = "paper",
        columns: str | Sequence[str] | None = None,
        sort: str | None = None,
        top: int | None = None,
        training: bool = False,
        **words: Any,
    ) -> Report:
        """Costs per layer (or block, stage, operator, node) and totals.

        `columns` are measures by name, and what layers are: kernel, stride, groups.

        `words` further say how to count, as in `ledger`. With `training`, what a step of training costs: of
        `optimizer="adam"`, `checkpoint="every=4"` among the words.

        Raises UsageError for an unknown word, SpecError if the network cannot be built at these settings.
        """
        check_top(top)
        flag_of(training, "training")
        counting = counting_of(convention=convention, dtype=dtype, **words)
        ledger = ledger_of(self.graph, counting, takes_bounds=True)
        chosen = ledger.counting.convention
        asked = read_columns(columns, chosen, computed=True, of_layers=True) if columns is not None else ()
        order = read_column(sort, chosen, computed=True) if sort is not None else None
        return shown_as(Report, report(self, ledger, word_of(By, by, "grouping"), asked, order, top, training))


def load(network: str | PathLike[str], /, *, allow_unknown: bool = False, **settings: Any) -> Network:
    """A network by catalogue name, path to a spec or a model file, or `-` for standard input, at given settings.

    Settings and transforms may stand after the name: `mobilenet_v1@alpha=0.5@standard`.
    Settings are exact: `alpha="0.75"`, `alpha=Fraction(3, 4)`; a float is read as it prints. `resolution` is the
    input's side (or "HxW"); `beta` multiplies it. With `allow_unknown`, an operator of a model file that costcalc
    does not know counts as nothing, and makes every total partial.
    Raises UsageError for unknown names and values out of range, SpecError for a wrong spec or model file.
    """
    with networks.allowing_unknown(allow_unknown):
        return networks.open_as(Network, path_of(network, "network's name", _NAME), settings)


def from_graph(graph: Graph, name: str, title: str = "") -> Network:
    """A network from a graph that was built by hand, with `costcalc.graph.Builder`. Raises UsageError for another."""
    if not isinstance(graph, Graph):
        raise UsageError(f"{shown(graph)} is no graph", expected="what finish() of a costcalc.graph.Builder returns")
    text_of(name, "network's name")
    return Network(networks.Built(graph, name, text_of(title, "title")), asked=name)


def from_keras(
    model: Any, /, transforms: str = "", *, name: str = "", allow_unknown: bool = False, **settings: Any
) -> Network:
    """A network from a Keras model: what its `to_json()` says is read as a file is.

    The text of `to_json()` may stand for the model. No weights are read.
    Raises UsageError if it is no Sequential or Functional model, SpecError for a layer that is not known.
    """
    from costcalc.importers import model_from

    if not isinstance(model, str) and not callable(getattr(model, "to_json", None)):
        raise UsageError(f"{shown(model)} is no Keras model", expected="a model with to_json(), or its text")
    text = model if isinstance(model, str) else model.to_json()
    found = model_from(".json", text.encode(errors="replace"), name or "model", allow_unknown)
    return networks.of_model(Network, found, name or found.program.name, transforms, settings)


def from_torch(
    module: Any, inputs: Any, /, transforms: str = "", *, name: str = "", allow_unknown: bool = False, **settings: Any
) -> Network:
    """A network from a torch.nn.Module and its inputs: tensors, or their sizes as (1, 3, 224, 224).

    By torch.export; a module that it cannot have runs on the meta device, and its operators are recorded. No weights
    are computed with, none need memory. An exported program is taken as it is, whatever the inputs.
    Raises UsageError without PyTorch or if the module does not run, SpecError for an operator that is not known.
    """
    from costcalc.importers.torch_module import model_of

    model = model_of(module, inputs, name, allow_unknown)
    return networks.of_model(Network, model, name or model.program.name, transforms, settings)


def from_onnx(
    data: bytes, /, transforms: str = "", *, name: str = "model", allow_unknown: bool = False, **settings: Any
) -> Network:
    """A network from the bytes of an ONNX file.

    Raises UsageError if they are none, SpecError for a broken graph or an operator that is not known.
    """
    from costcalc.importers import model_from

    if not isinstance(data, bytes | bytearray | memoryview):
        raise UsageError(f"{shown(data)} is no ONNX file's bytes", expected="bytes; a path goes to load")
    text_of(name, "network's name", "a name, as 'model'")
    return networks.of_model(Network, model_from(".onnx", data, name, allow_unknown), name, transforms, settings)


def from_spec(text: str | Mapping[str, Any], /, transforms: str = "", **settings: Any) -> Network:
    """A network from a spec, as text or mapping, with transforms as they stand after an `@` (`standard@fold-norm`).

    Raises UsageError for unknown transforms and values out of range, SpecError for a wrong spec.
    """
    if isinstance(text, Mapping):
        text = text_of_mapping(text)
    elif not isinstance(text, str):
        raise UsageError(f"{shown(text)} is no spec", expected="the text of a spec, or its mapping")
    spec = load_source(Source.of("<text>", text), find_blocks)
    steps = read_steps(transforms)
    declared = networks.InSpec(spec, spec.name, is_complete=True)
    network = Network(declared, settings, steps, with_steps(spec.name, steps))
    return network.checked_at_once()
