"""Recipes read: those that ship with costcalc by name, a person's own by path, checked like a spec."""

from __future__ import annotations

from costcalc.errors import UsageError, nearest, one_of
from costcalc.recipes.rates import names_in, stand_ins
from costcalc.recipes.steps import KINDS, USAGE, Figure, Kind, Recipe, RecipeStep, Rule
from costcalc.spec import catalogue, read
from costcalc.spec.document import read_document
from costcalc.spec.problems import Problems
from costcalc.spec.sources import read_source
from costcalc.spec.tree import Mapping, Node, Scalar, Sequence, Source
from costcalc.spec.uses import check_format

KEYS = ("costcalc", "recipe", "title", "source", "network", "steps", "because", "published")
REMARKS = ("layer", "after", "at", "because")
MOST_STEPS = 16
MOST_RULES = 10_000
"""So many lines the steps of a recipe have at most: a network has no more layers."""
MOST_OPEN = 100
"""So many rates a recipe may leave open."""
MAX_SHARES = 50_000
"""So many characters the different lists of shares and of singular values may have."""


def recipe_names() -> tuple[str, ...]:
    """The recipes that ship with costcalc."""
    return catalogue.file_names("recipes")


def load_recipe(name: str) -> Recipe:
    """A recipe by its name, or by the path of a file.

    Raises UsageError for an unknown one with the nearest, or a file that cannot be read; SpecError for a wrong file.
    """
    if catalogue.is_path(name):
        return _recipe(read_source(name, "a file of a recipe that can be read"), is_own=True)._replace(name=name)
    source = catalogue.find_file("recipes", name)
    if source is None:
        known = recipe_names()
        raise UsageError(
            f"unknown recipe '{name[:40]}'",
            expected=f"{one_of(known, 20)}, or a path to a file of one",
            nearest=nearest(name, known),
        )
    return _recipe(source)


def _recipe(source: Source, is_own: bool = False) -> Recipe:
    problems = Problems()
    root = read.mapping(read_document(source, problems), problems, "a recipe")
    problems.stop()
    read.known_keys(root, KEYS, problems, "recipe")
    check_format(root, problems)
    for needed in ("recipe", "steps"):
        if root.get(needed) is None:
            problems.add(root, f"no `{needed}`", f"a section `{needed}:`")
    name = read.word(root.get("recipe"), problems, "the recipe's name")
    listed = read.sequence(root.get("steps"), problems, "steps")
    if len(listed) > MOST_STEPS:
        problems.add(listed[MOST_STEPS], f"{len(listed)} steps", f"at most {MOST_STEPS}")
    _check_size(root.get("steps") or root, problems)
    steps = [step for item in listed[:MOST_STEPS] if (step := _step(item, problems))]
    if root.get("steps") is not None and not listed:
        problems.add(root.get("steps") or root, "no steps", "at least one, as `- prune: 0.1`")
    because = read.text(root.get("because"), problems, "because")
    shown = read.sequence(root.get("published"), problems, "published")
    recipe = Recipe(
        name,
        read.text(root.get("title"), problems, "title") or name,
        read.text(root.get("source"), problems, "source"),
        read.word(root.get("network"), problems, "the network's name", read.NETWORK_NAME),
        tuple(steps),
        tuple(_figure(item, because, tuple(steps), problems) for item in shown),
    )
    if recipe.published and not recipe.network:
        problems.add(root.get("published") or root, "figures without a network", "a line `network:` with its name")
    if recipe.network and is_own:
        _check_network(root.get("network") or root, recipe.network, problems)
    problems.stop()
    return recipe


def _check_network(node: Node, name: str, problems: Problems) -> None:
    try:
        catalogue.find(name)
    except UsageError as error:
        problems.refused(node, error)


def _check_size(node: Node, problems: Problems) -> None:
    """Raise SpecError when steps say more than can be read in a moment."""
    lines = [line for step in _inside(node) for value in _inside(step) for line in _inside(value) or (value,)]
    texts = {line.text: None for line in lines if isinstance(line, Scalar)}
    shares = sum(len(text) for text in texts if "+" in text)
    for found, most, what in (
        (len(lines), MOST_RULES, "lines"),
        (len(names_in(texts)), MOST_OPEN, "open rates"),
        (shares, MAX_SHARES, "characters of shares"),
    ):
        if found > most:
            problems.add(node, f"steps of {found} {what}", f"at most {most}")
            problems.stop()


def _inside(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Mapping):
        return tuple(value for _, value in node.entries.values())
    return node.items if isinstance(node, Sequence) else ()


def _step(node: Node, problems: Problems) -> RecipeStep | None:
    entries = read.mapping(node, problems, "a step").entries
    if len(entries) != 1:
        if isinstance(node, Mapping):
            problems.add(node, f"a step of {len(entries)} kinds", "one kind a step, as `- prune: 0.1`")
        return None
    ((word, (key, value)),) = entries.items()
    if word not in KINDS:
        problems.unknown(key, "step", word, KINDS)
        return None
    kind = Kind(word)
    rules: list[Rule] = []
    if isinstance(value, Mapping):
        items = [(pattern, item) for pattern, (_, item) in value.entries.items()]
    else:
        items = [("", value)]
    for pattern, item in items:
        if not isinstance(item, Scalar) or not item.text.strip():
            problems.add(item, f"{word}: a text is expected here", USAGE[kind])
            continue
        rules.append(Rule(pattern.strip(), item.text.strip(), item.place))
    step = RecipeStep(kind, tuple(rules))
    tried = step.with_values(stand_ins(step.open))
    for rule in rules:
        try:
            tried.read(rule)
        except UsageError as error:
            problems.refused(rule.place or node, error, word)
    if not rules and isinstance(value, Mapping) and not value.entries:
        problems.add(value, f"{word}: no layers", USAGE[kind])
    return step


def _figure(node: Node, because: str, steps: tuple[RecipeStep, ...], problems: Problems) -> Figure:
    row = read.mapping(node, problems, "a published figure")
    figures = {key: read.text(value, problems, key) for key, (_, value) in row.entries.items() if key not in REMARKS}
    after = read.text(row.get("after"), problems, "after")
    kinds = [str(step.kind) for step in steps]
    if after and after not in kinds:
        problems.unknown(row.get("after") or row, "step of this recipe", after, kinds)
    at = read.text(row.get("at"), problems, "at")
    if not at:
        problems.add(row, "a published figure without its place", 'at: "Table 4"')
    own = read.text(row.get("because"), problems, "because")
    return Figure(figures, read.text(row.get("layer"), problems, "layer"), after, at, own or because, row.place)
