"""Steps of recipes, on a graph: each layer's node is told how it is stored; factorising changes the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.compression.rates import Compression, Index, Tensor, least_pointer
from costcalc.errors import nearest, one_of
from costcalc.graph import Graph, Node
from costcalc.operators import REGISTRY
from costcalc.quantity import at_least, ceil_div, holds, same
from costcalc.recipes import Kind, Recipe, RecipeStep, Rule, Target, load_recipe, read_inline
from costcalc.recipes.match import ALL, is_name, matches_name, overlap, too_few_weights, too_long_rows, too_many_entries
from costcalc.recipes.steps import UNCHANGED, USAGE
from costcalc.transform.base import Rewriter, dimensions, has_window, recipe_step
from costcalc.transform.channels import Widths
from costcalc.transform.factor import Asked, factored, standing_for

MOST_TRIED = 500_000
"""So many times at most a pattern is held against a layer in one step."""
_SEEKS = "layers with weights that a pattern matches"
_SEEKS_FACTORS = "layers that a pattern matches, for which the scheme is, and which the rank makes smaller"


def apply_step(graph: Graph, step: RecipeStep) -> tuple[Graph, int]:
    """A graph after a step, and how many layers it is about.

    Raises UsageError, or SpecError at the place in the recipe's file, for a pattern that matches nothing, two that
    match one layer, a codebook larger than a layer, columns that a number of csr is too short for, a rank above the
    full one, or factors that a layer by its name has none of.
    """
    chosen = _chosen(graph, step)
    if step.kind is Kind.FACTORISE:
        asked = {layer: _asked(step, rule, layer) for layer, rule in chosen.items()}
        return factored(graph, {layer: one for layer, one in asked.items() if not _is_cp_by_energy(graph, layer, one)})
    targets = {layer: step.target(rule) for layer, rule in chosen.items()}
    if any(target.channels for target in targets.values()):
        cut = {layer: (target.channels, chosen[layer]) for layer, target in targets.items() if target.channels}
        graph = _without_channels(graph, step, cut)
    nodes = []
    for node, weights in zip(graph.nodes, _weights(graph), strict=True):
        target = targets.get(node.layer, UNCHANGED)
        changed = node
        if weights is not None and target.rates:
            rates = _fitting(step, chosen[node.layer], target, node, weights)
            made = (node.compression or Compression())._replace(**rates)
            if made.block and made.places is Index.COLUMNS:
                message, expected = f"{node.layer} is pruned in blocks", "relative, csr, bitmap or dense, for blocks"
                raise step.refused(chosen[node.layer], f"{message}, which columns do not hold", expected)
            _check_blocks(step, chosen[node.layer], node, made, weights)
            _check_rows(step, chosen[node.layer], node, made, weights)
            changed = node._replace(compression=made)
        if target.maps:
            changed = changed._replace(formats=node.formats._replace(activations=target.maps))
        nodes.append(changed)
    return graph._replace(nodes=tuple(nodes)), len(targets)


def _without_channels(graph: Graph, step: RecipeStep, cut: dict[str, tuple[Any, Rule]]) -> Graph:
    """A graph whose layers in `cut` keep a share of their output channels, rounded up to what fits everywhere.

    What follows takes fewer; what the network puts out stays, and so do layers that a pattern matches and whose maps
    meet those of a layer that stays. Raises what the step refuses for a layer by its name, two shares for layers that
    meet, or if nothing goes; SpecError where maps no longer fit together.
    """
    last = _last(graph)
    chosen = {}
    for index, node in enumerate(graph.nodes):
        share, rule = cut.get(node.layer, (None, None))
        if rule is None or getattr(node.operator, "out", None) is None:
            continue
        if index not in last:
            chosen[index] = share, rule
        elif rule.pattern not in ("", "*"):
            raise step.refused(rule, f"{node.layer} is what the network puts out", "layers before it")
    used = {rule for _, rule in chosen.values()}
    for layer, (_, rule) in cut.items():
        if rule not in used and rule.pattern not in ("", "*"):
            message = f"{layer} has as many channels as what it takes, none of its own"
            raise step.refused(rule, message, "the layer before it that makes them")
    widths = Widths(graph, frozenset(chosen))
    shares: dict[int, Any] = {}
    kept_by: list[tuple[Rule, str, str]] = []
    for tied in widths.tied():
        first, *others = (chosen[node] for node in tied.nodes)
        names = list(dict.fromkeys(graph.nodes[node].layer for node in tied.nodes))
        other = next((rule for share, rule in others if share != first[0]), None)
        if other is not None:
            message = f"'{first[1].text[:40]}' and '{other.text[:40]}' for layers that meet"
            raise step.refused(other, message, f"one share for {one_of(names, 8)}")
        if tied.fixed_by:
            kept_by.append((first[1], names[0], tied.fixed_by))
            continue
        shares |= dict.fromkeys(tied.nodes, first[0])
    for rule, name, other_name in kept_by:
        if not shares or rule.pattern == name:
            message = f"{name} meets {other_name}, which keeps its channels"
            raise step.refused(rule, message, "the same share for all layers that meet in a sum")
    operators = widths.scaled(shares)
    rewriter = Rewriter(graph)
    for index in range(len(graph.nodes)):
        rewriter.keep(index, operators.get(index))
    made = rewriter.finish()
    pairs = zip(made.nodes, _weights(graph), _weights(made), strict=True)
    return made._replace(
        nodes=tuple(node if before == after else standing_for(node, before) for node, before, after in pairs)
    )


def _last(graph: Graph) -> set[int]:
    """The nodes with weights that no other node with weights follows."""
    weights = _weights(graph)
    followed: set[int] = set()
    for index in reversed(range(len(graph.nodes))):
        if weights[index] is not None or index in followed:
            followed.update(graph.nodes[index].inputs)
    return {index for index, own in enumerate(weights) if own is not None and index not in followed}


def _asked(step: RecipeStep, rule: Rule, layer: str) -> Asked:
    """What a rule asks of a layer's factors. Raises what the step refuses for an energy that nobody can tell here."""
    target = step.target(rule)
    if not target.ranks:
        expected = "singular values, as energy:0.9:5+3+1; or ranks of a file of weights: `costcalc compress FILE`"
        raise step.refused(rule, f"kept energy of {layer}: a spec has no weights", expected)

    def refuse(message: str, expected: str) -> Exception:
        return step.refused(rule, message, expected)

    return Asked(target, rule.pattern == layer, refuse)


def _is_cp_by_energy(graph: Graph, layer: str, asked: Asked) -> bool:
    """Whether a layer has a window, so that its sums of products have no singular values.

    Raises what the step refuses for one by its name.
    """
    if asked.target.energy is None or asked.target.scheme != "svd":
        return False
    own = [index for index, node in enumerate(graph.nodes) if node.layer == layer and node.operator.family == "conv"]
    found = any(has_window(graph.nodes[index].operator, dimensions(graph, index)) for index in own)
    if found and asked.by_name:
        raise asked.refuse(f"{layer} has a window: CP has no singular values", "filters, spatial or tucker")
    return found


def _fitting(step: RecipeStep, rule: Rule, target: Target, node: Node, weights: Any) -> Mapping[str, Any]:
    """What a step says of a layer. Raises what the step refuses for a codebook larger than it, unless it may stay."""
    entries = target.rates.get("entries", 0)
    if entries and not holds(at_least(weights, entries)):
        if target.is_fitting:
            return {"is_small": True}
        raise step.refused(rule, *too_few_weights(node.layer, weights, entries))
    return target.rates


def _check_blocks(step: RecipeStep, rule: Rule, node: Node, made: Compression, weights: Any) -> None:
    """Raise what the step refuses if blocks of a layer that loses some are larger than its matrix."""
    if step.kind is not Kind.PRUNE or not made.block or holds(same(made.density, 1)):
        return
    rows, columns = node.output.channels, ceil_div(weights, node.output.channels)
    if not (holds(at_least(rows, made.block[0])) and holds(at_least(columns, made.block[1]))):
        message = f"{node.layer} is a matrix of {rows}x{columns}, blocks are {made.block[0]}x{made.block[1]}"
        raise step.refused(rule, message, "blocks no larger than the layer")


def _check_rows(step: RecipeStep, rule: Rule, node: Node, made: Compression, weights: Any) -> None:
    """Raise what the step refuses if a number of csr cannot tell all columns of a row: weights, or blocks."""
    if step.kind is not Kind.ENCODE or made.places is not Index.CSR:
        return
    columns = ceil_div(ceil_div(weights, node.output.channels), made.block[1] if made.block else 1)
    if not holds(at_least(2**made.index_bits, columns)):
        what = "blocks" if made.block else "weights"
        raise step.refused(rule, *too_long_rows(node.layer, columns, made.index_bits, what))


def check_pointers(graph: Graph, steps: Sequence[RecipeStep]) -> None:
    """Raise what a step refuses if, after all steps, pointers of csr or columns are too short for a layer's entries."""
    for node, weights in zip(graph.nodes, _weights(graph), strict=True):
        rates = node.compression
        if weights is None or rates is None or rates.places not in (Index.CSR, Index.COLUMNS):
            continue
        entries = least_pointer(rates, Tensor(weights, node.output.channels, 0, 0))
        if holds(at_least(2**rates.pointer_bits, entries + 1)):
            continue
        encoding = [(step, rule) for step in steps if step.kind is Kind.ENCODE for rule in step.rules]
        own = [one for one in encoding if _matches(one[1].pattern, node.layer, [node])]
        step, rule = (own or encoding)[-1]  # a factor has what was said of its layer
        raise step.refused(rule, *too_many_entries(node.layer, entries, rates.pointer_bits, rates.elements))


def _weights(graph: Graph) -> list[Any]:
    """The weights of each node, None of one that has none."""
    found = []
    for node in graph.nodes:
        weights = node.operator.cost(*(graph.shape(i) for i in node.inputs), node.output).weights
        found.append(None if type(weights) is int and not weights else weights)
    return found


def _chosen(graph: Graph, step: RecipeStep) -> dict[str, Rule]:
    """The rule of each layer that the step is about, in running order."""
    weights = _weights(graph)
    with_maps = any(step.target(rule).maps for rule in step.rules)
    layers: dict[str, list[Node]] = {}
    for node, own in zip(graph.nodes, weights, strict=True):
        if own is not None or with_maps:
            layers.setdefault(node.layer, []).append(node)
    names = list(layers)
    kept = {names[0], names[-1]} if names and step.kind is Kind.BINARISE else set()
    found: dict[str, Rule] = {}
    tried = 0
    for rule in step.rules:
        if is_name(rule.pattern):
            matched = [rule.pattern] if rule.pattern in layers else []
        else:
            matched = [name for name in names if _matches(rule.pattern, name, layers[name])]
            tried += len(names)
        if tried > MOST_TRIED:
            raise step.refused(rule, f"too many patterns for {len(names)} layers", "names of layers, without * and ?")
        if rule.pattern == "":
            matched = [name for name in matched if name not in kept]
        if not matched and rule.place is not None and _names_a_kind(rule.pattern):
            continue
        if not matched:
            known = [*names, *(f"{ALL}{node.operator.name}" for nodes in layers.values() for node in nodes)]
            raise step.refused(
                rule,
                f"no layer with weights matches '{rule.pattern[:40]}'" if rule.pattern else "no layer has weights",
                one_of(names),
                nearest(rule.pattern, known),
            )
        if rule.pattern in ("", "*"):
            continue
        for name in matched:
            if name in found:
                raise step.refused(rule, *overlap(found[name].pattern, rule.pattern, name))
            found[name] = rule
    for rule in step.rules:
        if rule.pattern in ("", "*"):
            for name in names:
                if name not in found and not (rule.pattern == "" and name in kept):
                    found[name] = rule
    return {name: found[name] for name in names if name in found}


def _names_a_kind(pattern: str) -> bool:
    """Whether a pattern names a kind of operators and no layer: a network may have none of them."""
    word = pattern.removeprefix(ALL).strip()
    return pattern.startswith(ALL) and any(word in (name, kind.family) for name, kind in REGISTRY.items())


def _matches(pattern: str, layer: str, nodes: list[Node]) -> bool:
    word = pattern.removeprefix(ALL).strip() if pattern.startswith(ALL) else ""
    is_kind = any(word in (node.operator.name, node.operator.family) for node in nodes)
    return is_kind or matches_name(pattern, layer)


def _register(kind: Kind, doc: str) -> None:
    def run(graph: Graph, argument: Any) -> tuple[Graph, int]:
        return apply_step(graph, argument)

    run.__doc__ = doc
    seeks = _SEEKS_FACTORS if kind is Kind.FACTORISE else _SEEKS
    recipe_step(str(kind), seeks, USAGE[kind], lambda text: read_inline(str(kind), text))(run)


for _kind, _doc in {
    Kind.PRUNE: "Weights that are zero are not stored: a share of a layer at any place, N of each M, or channels.",
    Kind.QUANTISE: "Weights of so many bits, with scales and zero points; feature maps as well if asked.",
    Kind.SHARE: "Codes into a codebook of shared values, one codebook a layer.",
    Kind.ENCODE: "How the places of kept weights are stored: relative indices with fillers, CSR, or a bit for each.",
    Kind.HUFFMAN: "Values and indices in a code of variable length, by its mean bits or from a distribution.",
    Kind.BINARISE: "Weights of one bit with a scale for each filter, inputs too with xnor; first and last layer stay.",
    Kind.FACTORISE: "Kernels as products of smaller ones, of a rank by layers.",
}.items():
    _register(_kind, _doc)


@recipe_step("recipe", _SEEKS, "a recipe of `costcalc list recipes`, or a path as ./mine.yaml", load_recipe)
def recipe(graph: Graph, argument: Recipe) -> tuple[Graph, int]:
    """The steps of a recipe, one after the other: its file says what each does, by layers."""
    places = 0
    for step in argument.steps:
        graph, changed = apply_step(graph, step)
        places = max(places, changed)
    return graph, places
