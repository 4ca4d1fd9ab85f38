"""What the fuzzing tests feed to costcalc beside specs: files with stretches changed, and what people type."""

from __future__ import annotations

from typing import Any

from fuzzing import JUNK, NETWORKS, Draw, pick, seldom
from hypothesis import strategies as st


@st.composite
def mutated(draw: Any, texts: tuple[str, ...]) -> str:
    """One of the texts with a few stretches cut out, replaced, doubled or moved."""
    text = str(draw(st.sampled_from(texts)))
    for _ in range(draw(st.integers(1, 4))):
        if not text:
            break
        start = draw(st.integers(0, len(text) - 1))
        piece = text[start : start + draw(st.integers(0, 30))]
        lines = text.split("\n")
        match draw(st.integers(0, 5)):
            case 0:
                text = text[:start] + text[start + len(piece) :]
            case 1 | 2:
                text = text[:start] + str(draw(st.sampled_from(JUNK))) + text[start + len(piece) :]
            case 3:
                text = text[:start] + piece * draw(st.integers(2, 40)) + text[start:]
            case 4:
                first, second = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
                lines[first], lines[second] = lines[second], lines[first]
                text = "\n".join(lines)
            case _:
                text = "\n".join(
                    [*lines[: draw(st.integers(0, len(lines)))], *lines[draw(st.integers(0, len(lines))) :]]
                )
    return text


# What people type

_VALUES = [
    "1",
    "0.5",
    "3/4",
    "6/7",
    "2",
    "0",
    "-1",
    "1e-7",
    "0.0000001",
    "9" * 45,
    "1/3",
    "224",
    "0.1",
    "true",
    "small",
    "",
    "nan",
    "½",
]


def value(draw: Draw) -> str:
    """The value of a setting."""
    return str(draw(st.one_of(st.sampled_from(_VALUES), st.text(max_size=8))))


@st.composite
def names(draw: Any) -> str:
    """A network's name with settings and transforms after it."""
    steps = [
        "standard",
        "separable",
        "no-se",
        "pointwise-first",
        "alpha=0.5",
        "factor=2",
        "rank=4",
        "classes=10",
        "",
        "x" * 50,
    ]
    name = pick(
        draw, *NETWORKS, "mobilenet_v2", "torchvision/resnet50", "timm/ghostnet_100", "mobilenet_v7", "./none.yaml", ""
    )
    for _ in range(draw(st.integers(0, 3))):
        step = draw(st.one_of(st.sampled_from(steps), st.text(max_size=10)))
        name += "@" + step + (pick(draw, "", ":2", "=3", "(4)") if seldom(draw, 3) else "")
    return str(name)


@st.composite
def axes(draw: Any) -> str:
    """The values along an axis, as `0.25,0.5` or `0.25:1:0.25`."""
    parts = [":".join(value(draw) for _ in range(pick(draw, 1, 1, 3, 3, 2, 4))) for _ in range(draw(st.integers(1, 3)))]
    return ",".join(parts)


@st.composite
def units(draw: Any) -> str:
    """A number with a unit, as `300M` or `14MB`."""
    numbers = ["300", "3,500,000", "1.5", "0", "-3", "1_000", "9" * 50, "1.", ".5", "1e6"]
    words = ["", "M", "MB", "KiB", " G", "Q", "mb", "T", "B"]
    number = draw(st.one_of(st.sampled_from(numbers), st.text(max_size=6)))
    return str(number) + str(draw(st.one_of(st.sampled_from(words), st.text(max_size=4))))


CONFIG = """convention = "paper"
dtype = "float32"

[[check]]
network = "mobilenet_v1@alpha=0.5"
settings = {resolution = 160, classes = "10"}
max_mult_adds = "80M"
max_params = 1_400_000

[[check]]
network = "lenet5"
dtype = "int8"
max_weight_bytes = "100kB"
"""
"""A file of budgets."""


@st.composite
def command_lines(draw: Any) -> list[str]:
    """A command with options that mostly fit it; what writes a file is left out."""
    command = pick(
        draw,
        "report",
        "report",
        "compare",
        "separable",
        "show",
        "list",
        "check",
        "sweep",
        "formula",
        "verify",
        "nonsense",
    )
    light = ["lenet5", "alexnet", "mobilenet_v1", "nin", "lenet5@separable"]
    args = [command]
    for _ in range(2 if command == "compare" else 1):
        if command in ("list", "verify") or not seldom(draw, 10):  # these two take every network if none is named
            args.append(str(draw(names())) if seldom(draw, 5) else pick(draw, *light))
    choices = {
        "-a": lambda: draw(axes()) if command == "sweep" else value(draw),
        "-b": lambda: value(draw),
        "-r": lambda: pick(draw, "32", "64", "64x96", "0", "70000", value(draw)),
        "-n": lambda: pick(draw, "1", "8", "0", value(draw)),
        "-s": lambda: pick(draw, "classes=10", "classes=", "=", "classes", "x=1", f"classes={value(draw)}"),
        "-f": lambda: pick(draw, "table", "csv", "json", "latex", "html", "markdown", "github", value(draw)),
        "-c": lambda: pick(draw, "paper", "flops", "nothing", value(draw)),
        "-d": lambda: pick(draw, "int8", "float16", "binary", value(draw)),
        "--by": lambda: pick(draw, "node", "operator", "stage", "block", value(draw)),
        "--max-mult-adds": lambda: draw(units()),
        "--max-params": lambda: draw(units()),
        "--open": lambda: pick(draw, "alpha", "classes", "x"),
    }
    for _ in range(draw(st.integers(0, 4))):
        option = pick(draw, *choices)
        args += [option, str(choices[option]())]
    for _ in range(draw(st.integers(0, 2))):
        args.append(
            pick(draw, "--skip-invalid", "--best", "--layers", "--smooth", "--help", "--version", "--source", "--wrong")
        )
    return args
