"""Makes the parts of the documentation that come from the program: `python docs/make.py`.

- `docs/cli.md` from the commands' --help, `docs/counting-rules.md` from the operators run on symbols,
  `docs/operators.md` from their fields, the list of
  transforms in `docs/comparisons.md` from their registry, that of measures in `docs/measures.md` from their table, what
  training keeps in `docs/training.md` from the operators, those of `docs/conventions.md` from their files;
- the picture in the README from a real run on a terminal (`docs/report.svg`), those of the other pages, and the page
  of all kinds of pictures (`docs/plots.md`);
- the output under each `$ command` line of a console block, in the README and in docs/.

`python docs/make.py cli.md measures.md` makes these alone. With `--check` nothing changes and what is out of date is
said; the tests do the same.
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from costcalc.ledger import Ledger

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
GENERATED = "<!-- Made by `python docs/make.py`; do not edit. -->\n\n"
PLOTS = {
    "alpha.svg": (
        "alpha",
        "sweep mobilenet_v1 mobilenet_v2 --alpha 0.5:1:0.25 --resolution 128:224:32",
        "Mult-Adds of two networks against α: a hue for each, a shade for each resolution",
    ),
    "resolution.svg": (
        "resolution",
        "sweep mobilenet_v1 mobilenet_v2 mnasnet_a1 vgg16 --resolution 96:224:32",
        "Mult-Adds against resolution, logarithmic: beside VGG-16 the others would be flat",
    ),
    "setting.svg": (
        "setting",
        "sweep shufflenet_v1 --set groups=1,2,3,4,8",
        "Mult-Adds of ShuffleNetV1 against its groups",
    ),
    "heatmap.svg": (
        "heatmap",
        "sweep mobilenet_v1 --alpha 0.25:1:0.25 --resolution 128:224:32 --kind heatmap",
        "Mult-Adds of MobileNetV1 over α and resolution",
    ),
    "sixteen.svg": (
        "accuracy",
        "sweep mobilenet_v1 --set classes=1001 --alpha 0.25:1:0.25 --resolution 128:224:32 --kind accuracy",
        "Top-1 of the sixteen MobileNetV1 against Mult-Adds, each named by α and resolution",
    ),
    "scatter.svg": (
        "scatter",
        "compare mobilenet_v1 mobilenet_v2 mobilenet_v3_large shufflenet_v2 squeezenet1_1 resnet50 vgg16 "
        "--measure mult_adds,params",
        "Parameters against Mult-Adds of seven networks",
    ),
    "mobilenets.svg": ("catalogue", "list mobilenet_v", "Top-1 against Mult-Adds of the MobileNets"),
    "compare.svg": (
        "compare",
        "compare mobilenet_v1@standard mobilenet_v1 mobilenet_v2 mobilenet_v3_large",
        "Mult-Adds, parameters and peak of four networks, with the ratios to the first",
    ),
    "vgg16.svg": (
        "layers",
        "report vgg16",
        "Each layer of VGG-16: convolutions cost Mult-Adds, the first linear layer parameters",
    ),
    "resnet152.svg": ("layers", "report resnet152", "A deep network is drawn by stage: ResNet-152"),
    "memory.svg": ("memory", "report mobilenet_v2 --measure live_bytes", "Live memory of MobileNetV2 over its steps"),
    "waterfall.svg": (
        "waterfall",
        "explain mobilenet_v1 --against fvcore,thop,ptflops",
        "What other counters count more of MobileNetV1, and the small steps enlarged",
    ),
    "compressed.svg": (
        "compressed",
        "compress alexnet@recipe=deep_compression_alexnet",
        "What Deep Compression stores of AlexNet, by layer",
    ),
}
"""Pictures of the docs: what kind each is of, the command that draws it with --plot, and what is to be seen."""
PICTURE = ["report", "mobilenet_v2", "--by", "block"]
PROGRAM = "from costcalc.cli import main; main(prog_name='costcalc')"


def makers() -> dict[Path, Callable[[], str]]:
    """Every file that is made whole, and what makes it."""
    from costcalc.analysis.identify.index import index_text

    return {
        ROOT / "specs" / "index.csv": index_text,
        ROOT / "docs" / "cli.md": cli_page,
        ROOT / "docs" / "counting-rules.md": counting_page,
        ROOT / "docs" / "operators.md": operators_page,
        ROOT / "docs" / "catalogue.md": catalogue_page,
        ROOT / "docs" / "comparisons.md": comparisons_page,
        ROOT / "docs" / "measures.md": measures_page,
        ROOT / "docs" / "training.md": training_page,
        ROOT / "docs" / "conventions.md": conventions_page,
        ROOT / "docs" / "plots.md": plots_page,
        ROOT / "docs" / "report.svg": picture,
        **{ROOT / "docs" / name: partial(plot, command) for name, (_, command, _) in PLOTS.items()},
    }


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
    head = _filled(head, _LIBRARIES, libraries_table())
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
    page = _filled(page, _STORAGE, (homes.__doc__ or "").partition("\n")[2].strip())
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
    return with_outputs(_filled(page, _MEASURES, "\n\n".join([*parts, "\n".join(names)])))


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
    return with_outputs(_filled(page, _TRAINING, "\n".join(lines)))


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
        page = _filled(page, marks, "\n".join(text))
    return with_outputs(_filled(page, _CONVENTIONS, "\n\n".join(parts)))


def _filled(page: str, marks: tuple[str, str], text: str) -> str:
    """The page with the text between two marks."""
    (head, start, rest), end = page.partition(marks[0]), marks[1]
    return f"{head}{start}\n{text}\n\n{end}{rest.partition(end)[2]}"


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


def piped() -> dict[str, str]:
    """The variables of a command whose result goes to no terminal."""
    return {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "FORCE_COLOR")}


def run(args: list[str], folder: Path | None = None, stdin: str | None = None) -> str:
    """What a command prints when piped, errors included."""
    environment = {**piped(), "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *args],
        cwd=folder, env=environment, capture_output=True, text=True, input=stdin, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


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
        cost = dict(zip(COUNTERS, operator.cost(*arriving, output).as_tuple(), strict=True))
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


def picture() -> str:
    """A real terminal's output as SVG, drawn by rich."""
    import io

    from rich.console import Console
    from rich.text import Text

    columns = 98
    text = Text.from_ansi(on_terminal(columns, PICTURE).rstrip())
    console = Console(record=True, width=columns, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(text)
    svg = console.export_svg(title="costcalc " + " ".join(PICTURE), unique_id="costcalc")
    return re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.S)


def plot(command: str) -> str:
    """What a command draws with --plot."""
    from click.testing import CliRunner

    from costcalc.cli import main as program

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plot.svg"
        done = CliRunner().invoke(program, [*command.split(), "--plot", str(file)])
        assert done.exit_code == 0, done.stderr
        return file.read_text(encoding="utf-8")


_PICTURES = "<!-- pictures: made by `python docs/make.py` -->\n", "<!-- end of the pictures -->"


def plots_page() -> str:
    """What is written by hand, with a picture of each kind and the command that draws it."""
    parts = []
    for name, (kind, command, about) in PLOTS.items():
        parts.append(f"### {kind}: {about}\n\n```sh\ncostcalc {command} --plot {name}\n```\n\n![{about}]({name})\n")
    return with_outputs(_filled((ROOT / "docs" / "plots.md").read_text(encoding="utf-8"), _PICTURES, "\n".join(parts)))


def on_terminal(columns: int, args: list[str]) -> str:
    """What a command prints on a terminal of that many columns."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns)}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, *args], stdout=theirs, env=environment)
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 65536):
            seen += chunk
    except OSError:  # Linux says so when the other end has closed
        pass
    os.close(ours)
    process.wait()
    return seen.decode().replace("\r\n", "\n")


_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", flags=re.S | re.M)
_FILE = re.compile(r"# ([\w./-]+\.(?:yaml|toml|py))\n")


def examples(text: str) -> Iterator[tuple[str, str]]:
    """Each fenced block of a page: its language and its content."""
    for match in _FENCE.finditer(text):
        yield match.group(1), match.group(2)


def in_a_shell(command: str, folder: Path) -> str:
    """What a line of sh prints that begins with costcalc."""
    script = command.replace("costcalc", '"$PYTHON" -m costcalc')
    environment = {**piped(), "NO_COLOR": "1", "PYTHON": sys.executable}
    done = subprocess.run(
        ["sh", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def with_outputs(text: str, answer: Callable[[str, Path], str] = in_a_shell) -> str:
    """The page with the output under each `$ command` of its console blocks as the program prints it now.

    `answer` says what a command prints in a folder. A block whose first line is `# NAME.yaml` is a file; commands run
    in a folder that holds the page's files so far, and the model files of tests/golden/models.
    An output line `...` stands for lines left out.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for model in sorted((ROOT / "tests" / "golden" / "models").glob("*.*")):
            if model.suffix in (".onnx", ".keras", ".tflite", ".pt2"):
                (folder / model.name).symlink_to(model)

        def replace(match: re.Match[str]) -> str:
            language, body = match.group(1), match.group(2)
            file = _FILE.match(body)
            if file:
                (folder / file.group(1)).write_text(body[file.end() :], encoding="utf-8")
            if language != "console":
                return match.group(0)
            return f"```console\n{_session(body, folder, answer)}```"

        return _FENCE.sub(replace, text)


def _session(body: str, folder: Path, answer: Callable[[str, Path], str]) -> str:
    """A console block with fresh outputs."""
    out = []
    for part in re.split(r"^(?=\$ )", body, flags=re.M):
        command, _, old = part.partition("\n")
        if not command.startswith("$ costcalc"):
            out.append(part)
            continue
        new = answer(command[2:], folder)
        assert "Traceback" not in new, new
        blank = "\n" if old.endswith("\n\n") else ""
        out.append(f"{command}\n{_abridged(new, old)}{blank}")
    return "".join(out)


def _abridged(new: str, old: str) -> str:
    """`new`, shortened where `old` has a line `...`: the lines before and after it stay."""
    if "...\n" not in old:
        return new
    head, _, tail = old.partition("...\n")
    lines = new.splitlines(keepends=True)
    first, last = head.count("\n"), tail.rstrip("\n").count("\n") + bool(tail.strip())
    return "".join([*lines[:first], "...\n", *(lines[-last:] if last else [])])


def pages() -> dict[Path, Callable[[], str]]:
    """Every page and generated file, and what makes it as it should be."""
    written = {page: partial(_page, page) for page in PAGES if page.exists()}
    return {**written, **makers()}


def _page(page: Path) -> str:
    return with_outputs(page.read_text(encoding="utf-8"))


def main(words: list[str]) -> int:
    """Write what changed, or with --check say what would; of all files, or of those whose names are given."""
    check = "--check" in words
    names = [word for word in words if word != "--check"]
    made = {path: make for path, make in pages().items() if not names or path.name in names}
    if unknown := set(names) - {path.name for path in made}:
        print(f"no page: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    stale = 0
    for path, make in made.items():
        text = make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale += 1
            print(f"{'out of date' if check else 'written'}: {path.relative_to(ROOT)}")
            if not check:
                path.write_text(text, encoding="utf-8")
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
