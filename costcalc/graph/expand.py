"""A bound spec to a graph: rows repeated, blocks opened, conditions decided, operators made."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from costcalc import quantity
from costcalc.dtypes import UNDECLARED, Dtype, Formats
from costcalc.errors import OperatorError, Place, Problem, SpecError
from costcalc.graph.binding import Binding, condition, evaluate, number, scaled, whole_value
from costcalc.graph.build import INPUT, Builder, Graph
from costcalc.graph.names import Labels, Layer, Nodes, sources_of
from costcalc.graph.notes import explained
from costcalc.operators import REGISTRY, SCHEMAS, FieldRule, Operator, Shape, Written
from costcalc.spec.check import COPY, SIZE, WORDS
from costcalc.spec.fields import fit, rule_of
from costcalc.spec.model import EVERY_WIDTH, Block, Cell, Scope, Statement
from costcalc.spec.statements import DTYPE, POST_OPS
from costcalc.spec.written import AS, words_of, written_at

MAX_REPEAT = 1000
MAX_DEPTH = 16
_ROW = 64
"""The work on a row, an entry, or a copy of one, in characters of an expression."""
MAX_ROWS = 40_000
MAX_WORK = MAX_ROWS * _ROW


def expand(binding: Binding) -> Graph:
    """The graph of a bound spec. Raises SpecError with everything that does not fit."""
    return _Expander(binding).run()


@cache
def _plain(op: str) -> Operator:
    """An operator with nothing said of it, made once."""
    return REGISTRY[op]()


class _Expander:
    def __init__(self, binding: Binding) -> None:
        self.binding = binding
        self.builder = Builder(binding.input, binding.settings["batch"])
        self.problems: list[Problem] = []
        self.block = ""
        self.stage = ""
        self.row_op = ""
        self.work = 0
        self.ruled: dict[int, list[tuple[str, Cell, FieldRule]]] = {}  # the fields that each statement gives
        self.numbers: dict[int, Any] = {}  # what cells that are plain numbers come to
        self.given: dict[int, tuple[frozenset[str], frozenset[str]]] = {}  # names in rows and bodies: see `names_in`
        self.calls: list[tuple[str, Place]] = []  # of the blocks that are open: label and row, the outermost first

    def run(self) -> Graph:
        rows = self.binding.layers
        names = dict(self.binding.names)
        given, asked = self.names_in(rows)
        nodes, labels = Nodes(asked, {"input": INPUT, "x": INPUT}), Labels(given)
        names["x"] = self.builder.input
        for index, row in enumerate(rows):
            try:
                self.row(row, names, nodes, labels)
            except SpecError as error:
                self.problems.extend(explained(error.problems, self.calls, self.binding))
                self.calls.clear()
                if self.work > MAX_WORK or not self.resume(rows, index + 1, names, nodes):
                    break
        if self.problems:
            raise SpecError(self.problems)
        if not self.builder.nodes:
            raise SpecError([Problem(self.binding.spec.input.place, "the network has no layers at these settings")])
        return self.builder.finish()

    def resume(self, rows: tuple[Statement, ...], following: int, names: dict[str, Any], nodes: Nodes) -> bool:
        """After a problem, go on with the input size that the next row declares, to find what else is wrong."""
        row = rows[following] if following < len(rows) else None
        cell = row.declared_input if row else None
        if row is None or cell is None or row.sources or not SIZE.fullmatch(cell.text) or not self.binding.is_default:
            return False
        *spatial, channels = map(int, cell.text.split("x"))
        where = self.builder.resume(Shape(tuple(spatial), channels), cell.place)
        nodes["x"], names["x"] = where, self.builder.shape(where)
        return True

    def spend(self, statement: Statement, copies: int | None = None) -> None:
        """Count the work on a row, or on its copies. Raises SpecError when it is too much."""
        self.work += (1 if copies is None else copies) * _ROW + len(statement.op.text)
        if copies is None and statement.when is not None:
            self.work += len(statement.when.text)
        if copies is None and statement.repeat is not None:
            self.work += len(statement.repeat.text)
        if self.work > MAX_WORK:
            message = "the rows, blocks and copies are too many to go through"
            expected = f"at most {MAX_ROWS:,}, those left out counted"
            raise SpecError([Problem(statement.op.place, message, expected)])

    def names_in(self, statements: tuple[Statement, ...]) -> tuple[frozenset[str], frozenset[str]]:
        """The names that statements are given, and those after `from` that none was given."""
        if id(statements) not in self.given:
            given = frozenset(statement.name for statement in statements)
            asked = frozenset(cell.text for statement in statements for cell in statement.sources)
            self.given[id(statements)] = given, asked - given
        return self.given[id(statements)]

    def row(self, row: Statement, names: dict[str, Any], nodes: Nodes, known: Labels) -> None:
        self.spend(row)
        if row.when is not None and not condition(row.when, names):
            return
        inputs = sources_of(row, nodes) or (nodes["x"],)
        if row.declared_input is not None and self.binding.is_default:
            self.declared(row.declared_input, self.builder.shape(inputs[0]), "arrives")
        labels = known.of(row, self.copies(row, names, top=True))
        self.stage = labels[0] if len(labels) == 1 else f"{labels[0]} .. {labels[-1]}" if labels else ""
        self.row_op = row.op.text
        end = self.repeated(row, names, inputs, self.binding.scope, labels, nodes, 0)
        nodes["x"] = end
        names["x"] = self.builder.shape(end)
        if row.declared_output is not None and self.binding.is_default:
            self.declared(row.declared_output, self.builder.shape(end), "leaves")
        if row.name:
            nodes[row.name] = end
            names[row.name] = self.builder.shape(end)

    def copies(self, statement: Statement, names: Mapping[str, Any], top: bool = False) -> int:
        if statement.repeat is None:
            return 1
        cell = statement.repeat
        value = number(cell, names)
        if top and not cell.final:
            value = scaled(value, self.binding.spec.depths, names)
        value = quantity.concrete(whole_value(cell, value))
        if not 0 <= value <= MAX_REPEAT:
            note = "as the rule of `depths` scales and rounds it" if value != number(cell, names) else ""
            raise SpecError([Problem(cell.place, f"{value} copies", f"0 to {MAX_REPEAT}", note=note)])
        return int(value)

    def declared(self, cell: Cell, actual: Any, verb: str) -> None:
        """Check a written size; go on with the actual one."""
        if not SIZE.fullmatch(cell.text) and not cell.text.isdecimal():
            raise SpecError([Problem(cell.place, f"'{cell.text[:40]}' is no size", "HxWxC, as 112x112x32")])
        sizes = [int(size) for size in cell.text.split("x")]
        arriving = [*actual.spatial, actual.channels]
        while len(arriving) > len(sizes) and arriving[0] == 1:
            arriving = arriving[1:]
        if sizes != arriving:
            message = f"the table says {cell.text[:40]}, but {actual} {verb}"
            self.problems.append(Problem(cell.place, message, str(actual)))

    def repeated(
        self,
        statement: Statement,
        names: dict[str, Any],
        inputs: tuple[int, ...],
        scope: Scope,
        labels: list[str],
        nodes: Nodes,
        depth: int,
    ) -> int:
        """All copies of a statement, in a chain; returns the last one's node. The stride acts in the first copy only.

        A block of several inputs hands on: a copy gets the output of the copy before it, then that one's first inputs.
        """
        inner = Layer(names)
        self.spend(statement, len(labels))
        for index, label in enumerate(labels):
            inner[COPY] = index
            if depth == 0:  # a row's x is what arrives; inside a block, x stays the block's input
                self.block = label
                inner["x"] = self.builder.shape(inputs[0])
            end = self.one(statement, inner, inputs, scope, label, index, depth)
            inputs = (end, *inputs[:-1])
            if nodes.asked:
                nodes.number(label, end)
        return inputs[0]

    def one(
        self,
        statement: Statement,
        names: dict[str, Any],
        inputs: tuple[int, ...],
        scope: Scope,
        label: str,
        copy: int,
        depth: int,
    ) -> int:
        block = scope.blocks.get(statement.op.text)
        if block is not None:
            return self.open(block, statement, names, inputs, label, copy, depth)
        values = self.fields(statement, names, scope, copy)
        post_ops = [values.pop(key, "none") for key in POST_OPS]
        dtype = values.pop(DTYPE, None)
        formats = Formats(Dtype(dtype), Dtype(dtype)) if dtype else UNDECLARED
        own = words_of(statement.args.get(AS))
        ops = [statement.op.text, *(word for word in post_ops if word != "none")]
        end = -1
        for index, op in enumerate(ops):
            fields = self.post_op(op, names, scope) if index else values
            said = own[index] if index < len(own) else None
            end = self.add(statement, op, fields, (end,) if index else inputs, label, formats, scope, said)
        return end

    def add(
        self,
        statement: Statement,
        op: str,
        values: dict[str, Any],
        inputs: tuple[int, ...],
        label: str,
        formats: Formats,
        scope: Scope,
        said: Written | None,
    ) -> int:
        """A node; `said` is how the row says that it is written, unless the library writes it otherwise."""
        if said is None and op in scope.defaults and (usual := words_of(scope.defaults[op].get(AS))):
            said = usual[0]
        if self.binding.written:
            said = written_at(self.binding.written, label, op) or said
        inputs = () if REGISTRY[op].inputs == 0 else inputs
        try:
            operator = REGISTRY[op](**values) if values else _plain(op)
            return self.builder.add(
                operator, inputs, label, self.block, self.stage, self.row_op, statement.op.place, (), formats, said
            )
        except OperatorError as error:
            cell = statement.args.get(error.field, statement.op)
            arriving = ", ".join(str(self.builder.shape(index)) for index in inputs)
            note = f"the input is {arriving}" if arriving not in error.message else ""
            raise SpecError([Problem(cell.place, error.message, error.expected, note=note)]) from None

    def open(
        self,
        block: Block,
        statement: Statement,
        names: dict[str, Any],
        inputs: tuple[int, ...],
        label: str,
        copy: int,
        depth: int,
    ) -> int:
        """Run a block's body on its inputs."""
        self.calls.append((label, statement.op.place))
        if depth >= MAX_DEPTH:
            raise SpecError([Problem(statement.op.place, f"blocks nested more than {MAX_DEPTH} deep")])
        if len(inputs) != len(block.inputs):
            message = f"{block.name} takes {len(block.inputs)} inputs, {len(inputs)} arrive"
            listed = [*block.inputs[:16], *(["..."] if len(block.inputs) > 16 else [])]
            raise SpecError([Problem(statement.op.place, message, f"from: [{', '.join(listed)}]")])
        inner = Layer(WORDS if block.scope.shared else self.binding.names)
        for name, default in block.args.items():
            cell = statement.args.get(name)
            given = cell if cell is not None and cell.applies else default
            if given is None:
                place = (cell or statement.op).place
                raise SpecError([Problem(place, f"{block.name} needs a value for '{name}'", "a value, not _")])
            value = self.value(given, names if given is cell else inner)
            inner[name] = 1 if name in ("s", "stride") and copy else value
        inner[COPY] = copy
        inner["input"] = self.builder.input
        own, asked = self.names_in(block.body)
        nodes, inside = Nodes(asked, {"input": INPUT}), Labels(own)
        for name, index in zip(block.inputs, inputs, strict=True):
            nodes[name] = index
            inner[name] = self.builder.shape(index)
        previous, within = inputs[0], f"{label}."
        for entry in block.body:
            self.spend(entry)
            if entry.when is not None and not condition(entry.when, inner):
                continue
            labels = [within + name for name in inside.of(entry, self.copies(entry, inner))]
            previous = self.repeated(
                entry, inner, sources_of(entry, nodes) or (previous,), block.scope, labels, nodes, depth + 1
            )
            if entry.name:
                nodes[entry.name] = previous
                inner[entry.name] = self.builder.shape(previous)
        self.calls.pop()
        return previous

    def value(self, cell: Cell, names: Mapping[str, Any]) -> Any:
        """A cell for a block's argument: a value of any kind; a number is scaled if it is a width."""
        self.work += 8 + len(cell.text)
        if cell.items is None and cell.text.isdecimal():  # the same for every copy
            if id(cell) not in self.numbers:
                self.numbers[id(cell)] = self.scaled(cell, int(cell.text))
            return self.numbers[id(cell)]
        if cell.items:
            self.work += sum(len(item.text) for item in cell.items)
        return self.scaled(cell, evaluate(cell, names))

    def scaled(self, cell: Cell, value: Any) -> Any:
        """A cell's value by the rule of its width, if it is one."""
        if cell.width:
            rule = self.binding.widths.get(cell.width) or self.binding.widths.get(EVERY_WIDTH)
            self.work += len(rule.scale.text) + len(rule.round.text) if rule else 0
            return scaled(value, rule, self.binding.names)
        return value

    def fields(self, statement: Statement, names: Mapping[str, Any], scope: Scope, copy: int) -> dict[str, Any]:
        """The operator's fields, typed; the file's defaults fill what the statement leaves out."""
        if id(statement) not in self.ruled:
            op = statement.op.text
            cells = {**scope.defaults.get(op, {}), **{k: c for k, c in statement.args.items() if c.applies}}
            self.ruled[id(statement)] = [(*pair, rule) for pair in cells.items() if (rule := rule_of(op, pair[0]))]
        return {
            key: 1 if key == "stride" and copy else fit(rule, cell, self.value(cell, names))
            for key, cell, rule in self.ruled[id(statement)]
        }

    def post_op(self, op: str, names: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
        defaults = scope.defaults.get(op)
        if not defaults:
            return {}
        rules = SCHEMAS[op]
        return {k: fit(rules[k], c, self.value(c, names)) for k, c in defaults.items() if k in rules}
