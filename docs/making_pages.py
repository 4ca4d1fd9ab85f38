"""The pages that are made from tables of the program: commands, operators, measures, conventions, the catalogue."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from making_console import ROOT, examples, filled, run, with_outputs

if TYPE_CHECKING:
    from costcalc.ledger import Ledger

GENERATED = "<!-- Made by `python docs/make.py`; do not edit. -->\n\n"


def cli_page() -> str:
    """Every command's help."""
    from costcalc.cli.main import COMMANDS

    parts = ["# Commands\n\n" + GENERATED + "Exit codes: 0 fine, 1 a check failed, 2 the input or the usage is wrong."]
    for words in ([], *([command] for command in COMMANDS)):
        parts.append(f"## costcalc {' '.join(words)}".rstrip())
        parts.append("```text\n" + run([*words, "--help"]).rstrip() + "\n```")
    return "\n\n".join(parts) + "\n"


_FIGURES = "<!-- figures: made by `python docs/make.py` -->\n"
_LIBRARIES = "<!-- libraries: made by `python docs/make.py` -->\n", "<!-- end of the libraries -->"


def catalogue_page() -> str:
    """What is written by hand, then every published figure beside the computed one, family by family."""
    import costcalc
    from costcalc.report.formats import render_records
    from costcalc.spec import catalogue

    head = (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8").partition(_FIGURES)[0]
    head = filled(head, _LIBRARIES, libraries_table())
    families = {name: spec.family for spec in catalogue.specs() for name in spec.names}
    checks: dict[str, list[dict[str, object]]] = {}
    for check in costcalc.verify():
        plain = check.network.partition("@")[0]
        checks.setdefault(families[plain], []).append(check.as_dict())
    parts = [with_outputs(head) + _FIGURES.rstrip()]
    for family, rows in sorted(checks.items()):
        parts.append(f"## {family}\n")
        parts.append(render_records(rows, "markdown", f"{len(rows)} published figures").rstrip())
    return "\n\n".join(parts) + "\n"


def libraries_table() -> str:
    """The families of torchvision, timm and Keras of which costcalc has names, and how many it has."""
    sys.path.insert(0, str(ROOT / "tests"))
    from golden.libraries.names import LIBRARIES, families

    found = [*families()]
    lines = ["| library | family | names | of which costcalc has | it has not |", "| --- | --- | ---: | ---: | --- |"]
    for one in found:
        missing = [name for name in one.names if name not in one.known]
        if one.known:
            shown = ", ".join(missing[:6]) + f" and {len(missing) - 6} more" * (len(missing) > 6)
            lines.append(f"| {one.library} | {one.name} | {len(one.names)} | {len(one.known)} | {shown} |")
    for library in LIBRARIES:
        own = [one for one in found if one.library == library]
        names, known = (
            sum(len(part) for part in parts) for parts in zip(*((o.names, o.known) for o in own), strict=True)
        )
        lines.append(f"| **{library}** | all {len(own)} | {names} | {known} | |")
    return "\n".join(lines)


_TRANSFORMS = "<!-- transforms: made by `python docs/make.py` -->\n"
_BEHIND = "<!-- end of the transforms -->"


def comparisons_page() -> str:
    """What is written by hand, with every transform: what it does, what it looks for, where it comes from."""
    from costcalc.transform.steps import transforms

    head, _, rest = (ROOT / "docs" / "comparisons.md").read_text(encoding="utf-8").partition(_TRANSFORMS)
    parts = []
    for name, known in sorted(transforms().items()):
        doc = "\n".join(line.strip() for line in (known.function.__doc__ or "").strip().splitlines())
        argument = f" {known.takes}." if known.takes else ""
        parts.append(f"### @{name}{'=R' if known.takes else ''}\n\n{doc}\n\nLooks for {known.seeks}.{argument}\n\n")
    return with_outputs(f"{head}{_TRANSFORMS}\n{''.join(parts)}{_BEHIND}{rest.partition(_BEHIND)[2]}")


_STORAGE = "<!-- storage: made by `python docs/make.py` -->\n", "<!-- end of the storage -->"
_TRAINING = "<!-- training: made by `python docs/make.py` -->\n", "<!-- end of the training -->"
_MEASURES = "<!-- measures: made by `python docs/make.py` -->\n", "<!-- end of the measures -->"
_RESIDUAL = "# residual.yaml\n"


def measures_page() -> str:
    """What is written by hand, with who owns memory and every measure: definition, expression, and a worked example."""
    import costcalc
    from costcalc.counting import convention_names, load_convention
    from costcalc.measures import NAMES, known_measures
    from costcalc.storage import homes

    page = (ROOT / "docs" / "measures.md").read_text(encoding="utf-8")
    page = filled(page, _STORAGE, (homes.__doc__ or "").partition("\n")[2].strip())
    block = costcalc.from_spec(next(body for _, body in examples(page) if body.startswith(_RESIDUAL)))
    loaded = [load_convention(name) for name in ("paper", "flops", *convention_names())]
    parts = []
    for name, measure in costcalc.MEASURES.items():
        counting = next(one for one in loaded if name in known_measures(one))
        under = "" if counting.name == "paper" else f", under the convention `{counting.name}`"
        also = "".join(f", before `{old}`" for old in measure.old_names)
        better = {True: "; less is better", False: "; more is better", None: ""}[measure.less_is_better]
        lines = [
            *([measure.about, ""] if measure.about else []),
            f"- in tables: {measure.title}{also}",
            f"- {measure.counted_in}: `{measure.how}`{better}",
            f"- in the block{under}: {_worked(block.ledger(counting.name), name)}",
        ]
        parts.append("\n".join([f"### {name}", "", *lines]))
    names = ["Names that the expression of a measure may use, each for one node:\n"]
    names += [f"- `{name}`: {about}" for name, about in NAMES.items()]
    names.append("\n`bytes(numbers, bits)` are the whole bytes that hold so many numbers of so many bits.")
    return with_outputs(filled(page, _MEASURES, "\n\n".join([*parts, "\n".join(names)])))


def training_page() -> str:
    """What is written by hand, and what each operator keeps for its gradient: the operator itself, run on symbols."""
    import sympy

    from costcalc import training
    from costcalc.operators import REGISTRY, Keeps
    from costcalc.operators.examples import example_of, inputs, lettered

    def number(letter: str) -> sympy.Symbol:
        return sympy.Symbol(letter, integer=True, positive=True)

    lines = [
        (training.__doc__ or "").partition("\n")[2].strip(),
        "\nOperators that are not in the table keep nothing. Numbers beside maps are those of one sample, of an input",
        "of HxWxM (two where an operator takes several); `indices` have 64 bits, `statistics` the format of partial",
        "sums, and those of a batch norm are `shared` by the batch. [Counting rules](counting-rules.md) name each",
        "derivative.\n",
        "| operator | keeps | beside maps |",
        "| --- | --- | --- |",
    ]
    for name, cls in sorted(REGISTRY.items()):
        operator = cls(**{key: lettered(value, number) for key, value in example_of(name).items()})
        arriving = inputs(name, number)
        kept = operator.kept(*arriving, operator.shape(*arriving))._asdict()
        beside = ", ".join(f"{key} `{sympy.factor(value)}`" for key, value in kept.items() if value != 0)
        if cls.keeps is not Keeps.NOTHING or beside:
            lines.append(f"| `{name}` | {cls.keeps} | {beside} |")
    page = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    return with_outputs(filled(page, _TRAINING, "\n".join(lines)))


_WRITTEN = "<!-- written: made by `python docs/make.py` -->\n", "<!-- end of the words -->"
_NAMES = "<!-- names: made by `python docs/make.py` -->\n", "<!-- end of the names -->"
_CONVENTIONS = "<!-- conventions: made by `python docs/make.py` -->\n", "<!-- end of the conventions -->"


def conventions_page() -> str:
    """What is written by hand, with the ways to write an operator, the names of rules, and every convention."""
    from costcalc.counting import convention_names, load_convention
    from costcalc.counting.names import ABOUT, NAMES
    from costcalc.operators import Written

    page = (ROOT / "docs" / "conventions.md").read_text(encoding="utf-8")
    words = [f"- `{word}`: {word.about}" for word in Written]
    grow = {name for name, found in NAMES.items() if found.grows}
    names = [f"- `{name}`: {about}{' (grows with the batch)' if name in grow else ''}" for name, about in ABOUT.items()]
    parts = []
    for name in convention_names():
        one = load_convention(name)
        lines = [
            f"For {one.purpose}.",
            "",
            f"Counts {one.title}.",
            "",
            f"- total: `{one.total}`",
            f"- source: {one.source}",
        ]
        parts.append("\n".join([f"### {name}", "", *lines]))
    for marks, text in ((_WRITTEN, words), (_NAMES, names)):
        page = filled(page, marks, "\n".join(text))
    return with_outputs(filled(page, _CONVENTIONS, "\n\n".join(parts)))


def _worked(ledger: Ledger, name: str) -> str:
    """How a network's figure comes from its layers, in words."""
    from costcalc.measures import Peak, Ratio, Together, measure_of
    from costcalc.report.tables.columns import figure_text

    how, whole = measure_of(name).how, ledger[name]
    if isinstance(how, Ratio):
        return f"{_digits(ledger[how.over])} / {_digits(ledger[how.under])} = {figure_text(name, whole)}"
    if isinstance(how, Together):
        return f"{' + '.join(_digits(ledger[part]) for part in how.measures)} = {_digits(whole)}"
    terms = [f"{_digits(layer[name])} of {layer.name}" for layer in ledger.layers.values()]
    if isinstance(how, Peak):
        return f"the largest of {', '.join(terms)}: {_digits(whole)}"
    return f"{' + '.join(terms)} = {_digits(whole)}"


def _digits(value: object) -> str:
    """A figure with all its digits."""
    return f"{value:,}" if isinstance(value, int) else str(value)


def counting_page() -> str:
    """Each operator's formulas: the operator itself, run on symbols."""
    import sympy

    from costcalc.operators import COUNTERS, REGISTRY
    from costcalc.operators.examples import example_of, inputs, lettered

    def number(letter: str) -> sympy.Symbol:
        return sympy.Symbol(letter, integer=True, positive=True)

    lines = [
        GENERATED + "# Counting rules\n",
        "What one layer costs for one sample, operator by operator. The formulas are not written by hand: they are the",
        "operators, run on symbols. The input has H x W positions and M channels; N is the number of output channels,",
        "k the kernel's side, s the stride, g the groups; padding is `same` where a window slides. A bias adds one",
        "addition per output; norms and activations are at inference. Conventions (`specs/conventions/`) turn these",
        "counters into one total.\n",
    ]
    for name, cls in sorted(REGISTRY.items()):
        fields = {key: lettered(value, number) for key, value in example_of(name).items()}
        operator = cls(**fields)
        arriving = inputs(name, number)
        output = operator.shape(*arriving)
        cost = dict(zip(COUNTERS, operator.cost(*arriving, output), strict=True))
        doc = [line.strip() for line in (cls.__doc__ or "").strip().splitlines()]
        shown = ", ".join(f"{key} {value}" for key, value in fields.items())
        lines += [f"## {name}\n", *doc, ""]
        lines.append(f"With {shown}:" if shown else "Counts:")
        lines.append("")
        lines += [f"- output: `{output}`"]
        lines += [f"- {key}: `{sympy.factor(value)}`" for key, value in cost.items() if value != 0]
        lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def operators_page() -> str:
    """Every operator's fields: what each takes, its default, what it means."""
    from costcalc.operators import REGISTRY, SCHEMAS
    from costcalc.operators.about import purpose
    from costcalc.spec.described import COLUMNS, FieldWords, fields_in_words, fields_of_every_operator

    def table(fields: list[FieldWords]) -> list[str]:
        rows = [
            f"| `{one.name}`{f', `{one.short}`' if one.short else ''} | {one.takes} "
            f"| {'required' if one.required else f'`{one.default}`' if one.default else ''} | {one.means} |"
            for one in fields
        ]
        return ["| field | takes | default | means |", "| --- | --- | --- | --- |", *rows, ""]

    lines = [
        GENERATED + "# Operators\n",
        "What a row of a [spec](spec-format.md) can say: the columns of every row, and the fields of each operator",
        "with what they take, their defaults and their short names. `costcalc list operators conv` prints the same;",
        "[counting rules](counting-rules.md) has each operator's formulas and sources. A value may be an expression.\n",
        "## Every row\n",
        "| column | means |",
        "| --- | --- |",
        *(f"| `{name}` | {means} |" for name, means in COLUMNS.items()),
        "",
        "## Every operator\n",
        *table(fields_of_every_operator()),
    ]
    families = sorted({cls.family for cls in REGISTRY.values()})
    for family in families:
        lines.append(f"## {family.capitalize()}\n")
        names = sorted(name for name, cls in REGISTRY.items() if cls.family == family)
        lines += [f"- `{name}`: {purpose(name)}" for name in names if not SCHEMAS[name]]
        lines += [""] * any(not SCHEMAS[name] for name in names)
        for name in names:
            if SCHEMAS[name]:
                own = fields_in_words(name)[: len(SCHEMAS[name])]
                lines += [f"### {name}\n", f"{purpose(name)}\n", *table(own)]
    return "\n".join(lines).rstrip() + "\n"
