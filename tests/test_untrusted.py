"""Specs and configurations of strangers: no file of the machine is quoted that is not theirs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import Result
from strangers import GOOD, SPEC, run

from costcalc.errors import Place, PrivateFile, Problem, SpecError

SECRET = "SECRET_TOKEN"
WRONG = f"{SECRET}_KEY: abc\nname: {SECRET}_NAME\nlayers:\n- {{op: {SECRET}_OP}}\n- [{SECRET}_LIST]\n"
CHECK = '[[check]]\nnetwork = "{}"\nmax-params = 1\n'


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository, in which the test runs, beside files that are none of its business."""
    outside, inside = tmp_path / "outside", tmp_path / "tree"
    (outside / "nets").mkdir(parents=True)
    for name in ("secret", "secret.yaml", "secret.toml", "nets/x.yaml", "nets/.env"):
        (outside / name).write_text(WRONG)
    (inside / ".git").mkdir(parents=True)
    (inside / "nets").mkdir()
    for name in (".git/config", ".git/x.yaml", ".env", "token"):
        (inside / name).write_text(WRONG)
    monkeypatch.chdir(inside)
    return inside


def refused(result: Result, place: str) -> None:
    """Exit code 2, the place, and not a word of the file."""
    assert (2, "") == (result.exit_code, result.stdout)
    assert re.search(rf"^(\./)?{place}:\d+:\d+: ", result.stderr, re.M), result.stderr
    assert SECRET not in result.output
    assert " | " not in result.stderr.replace("network = ", "")


@pytest.mark.parametrize("target", ["../../outside/secret", "../../outside/secret.yaml", "../token", "../.git/x.yaml"])
@pytest.mark.parametrize("command", ["report", "show", "compare lenet5", "separable", "formula", "sweep -a 1", "verify",
                                     "check --max-params 1"])  # fmt: skip
def test_a_spec_that_is_a_link(target: str, command: str, tree: Path) -> None:
    (tree / "nets" / "mine.yaml").symlink_to(target)
    refused(run(*command.split(), "nets/mine.yaml"), "nets/mine.yaml")
    refused(run(*command.split(), str(tree / "nets/mine.yaml")), str(tree / "nets/mine.yaml"))
    (tree / "costcalc.toml").write_text(CHECK.format("nets/mine.yaml"))
    refused(run("check"), "nets/mine.yaml")


def test_a_folder_that_is_a_link(tree: Path) -> None:
    (tree / "there").symlink_to("../outside/nets")
    refused(run("report", "there/x.yaml"), "there/x.yaml")


def test_the_secret_would_be_seen(tree: Path) -> None:
    """Who names the file sees its lines: what the other tests look for is there to be found."""
    result = run("report", str(tree.parent / "outside" / "secret.yaml"))

    assert 3 <= result.stderr.count(f" | {SECRET}_KEY: abc")
    assert f"unknown spec key '{SECRET}_KEY'" in result.stderr


@pytest.mark.parametrize("repository", [False, True])
def test_a_folder_that_is_a_link_into_another_tree(repository: bool, tree: Path) -> None:
    """What lies there is no link itself, and is a spec of a tree: of another one."""
    (tree / "there").symlink_to("../outside")
    if repository:
        (tree.parent / "outside" / ".git").mkdir()
    for path in ("there/secret.yaml", str(tree / "there" / "secret.yaml")):
        refused(run("report", path), path)


def test_the_environment(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/proc/self/environ").exists():
        pytest.skip("needs /proc")
    words = [word for word in Path("/proc/self/environ").read_text().split("\0") if len(word) > 20]
    (tree / "mine.yaml").symlink_to("/proc/self/environ")
    for result in (run("report", "mine.yaml"), run("check", "--config", "mine.yaml")):
        assert 2 == result.exit_code
        assert not any(word[:20] in result.output for word in words)


@pytest.mark.parametrize(
    "network",
    [
        "../outside/secret.yaml",
        "{outside}/secret.yaml",
        ".git/x.yaml",
        "./.git/config",
        "./.env",
        "./token",
        "nets/../../outside/nets/x.yaml",
        "{outside}/nets/.env",
    ],
)
@pytest.mark.parametrize("folder", ["", "part"])
def test_a_config_that_names_another_file(network: str, folder: str, tree: Path) -> None:
    (tree / folder).mkdir(exist_ok=True)
    named = network.format(outside=tree.parent / "outside")
    if folder and not named.startswith("/"):
        named = f"../{named}"
    (tree / folder / "costcalc.toml").write_text(CHECK.format(named))
    result = run("check", "--config", str(Path(folder, "costcalc.toml")))

    refused(result, re.escape(str(Path(folder, named))))


FIGURES = f"{GOOD}published:\n- {{params: 9, at: T, "
NAMING = {
    "recipe of a check": ("check --config", CHECK.format("lenet5@recipe=FILE")),
    "convention of a check": ("check --config", CHECK.format("lenet5") + 'convention = "FILE"\n'),
    "device of a check": ("check --config", CHECK.format("lenet5") + 'fits = "FILE"\n'),
    "convention of a figure": ("verify", FIGURES + "counts: 'FILE'}\n"),
    "recipe of a figure": ("verify", FIGURES + "transform: 'recipe=FILE'}\n"),
}
"""Every key, but a check's network, by which a file names another by a path, and the command that reads it."""


@pytest.mark.parametrize("key", NAMING)
def test_a_file_that_names_another(key: str, tree: Path) -> None:
    """Nothing of it is shown but the place, and a relative path is relative to the file that names it."""
    command, text = NAMING[key]
    (tree / "part").mkdir()
    name = "part/costcalc.toml" if command.startswith("check") else "part/mine.yaml"
    for named in ("../../outside/secret.yaml", f"{tree.parent}/outside/nets/.env", "../token", "../.git/x.yaml"):
        (tree / name).write_text(text.replace("FILE", named))
        refused(run(*command.split(), name), re.escape(str(Path("part", named))))


def test_a_model_file_that_a_config_names(tree: Path) -> None:
    """A class and the names of layers are words of the file."""
    inbound = [[["i", 0, 0, {}]]]
    layer = {"class_name": f"{SECRET}_OP", "config": {"name": SECRET}, "name": SECRET, "inbound_nodes": inbound}
    first = {"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [None, 8, 8, 3]}, "inbound_nodes": []}
    inner = {"name": SECRET, "layers": [first, layer], "input_layers": [["i", 0, 0]], "output_layers": [[SECRET, 0, 0]]}
    for model in ({"class_name": SECRET}, {"class_name": "Functional", "config": inner}):
        for path in (tree / "m.json", tree.parent / "outside" / "m.json"):
            path.write_text(json.dumps(model))
            (tree / "costcalc.toml").write_text(CHECK.format(path))
            result = run("check")
            assert (2, path.parent == tree) == (result.exit_code, SECRET in result.output), result.output


@pytest.mark.parametrize("name", ["costcalc.toml", "pyproject.toml"])
def test_a_config_that_is_a_link(name: str, tree: Path) -> None:
    (tree.parent / "outside" / "config.toml").write_text(f'[tool.costcalc]\n{SECRET} = "{SECRET}"\n')
    (tree / name).symlink_to("../outside/config.toml")
    refused(run("check"), name)
    (tree.parent / "outside" / "config.toml").write_text(f"costcalc\n{SECRET}\n")
    refused(run("check", "--config", name), name)


@pytest.mark.parametrize("target", ["../outside/secret.yaml", "token", ".git/x.yaml"])
def test_blocks_that_are_a_link(target: str, tree: Path) -> None:
    (tree / "mine.yaml").write_text(SPEC.replace("cnov", "gap").replace(", out: 2", "") + "use: ./blocks.yaml\n")
    (tree / "blocks.yaml").symlink_to(target)
    refused(run("report", "mine.yaml"), "blocks.yaml")
    (tree / "costcalc.toml").write_text(CHECK.format("mine.yaml"))
    refused(run("check"), "blocks.yaml")


def test_blocks_beside_a_file_that_is_not_shown(tree: Path) -> None:
    """The link leads to a good spec, whose blocks are a stranger's."""
    good = SPEC.replace("cnov", "gap").replace(", out: 2", "") + "use: ./secret.yaml\n"
    (tree.parent / "outside" / "good.yaml").write_text(good)
    (tree / "mine.yaml").symlink_to("../outside/good.yaml")
    (tree / "secret.yaml").write_text(WRONG)
    refused(run("report", "mine.yaml"), "secret.yaml")


def test_what_is_shown(tree: Path) -> None:
    """Specs of the tree, also through links inside it, and whatever a person names."""
    (tree / "nets" / "mine.yaml").write_text(SPEC)
    (tree / "same.yaml").symlink_to("nets/mine.yaml")
    (tree / "there").symlink_to("nets")
    (tree / "costcalc.toml").write_text(CHECK.format("nets/mine.yaml"))
    (tree / "part").mkdir()
    (tree / "part" / "costcalc.toml").write_text(CHECK.format("../nets/mine.yaml"))
    (tree.parent / "outside" / "plain.txt").write_text(SPEC)
    line = "    6 | - {op: cnov, out: 2}"
    for args in (["report", "nets/mine.yaml"], ["report", "same.yaml"], ["report", "there/mine.yaml"],
                 ["report", "../outside/plain.txt"], ["report", str(tree.parent / "outside/plain.txt")],
                 ["check"], ["check", "--config", "part/costcalc.toml"]):  # fmt: skip
        assert line in run(*args).stderr, args
    assert (
        f"{SECRET}_OP"
        in run("report", "../outside/nets/x.yaml").stderr + run("report", "./token").stderr + f"{SECRET}_OP"
    )


def test_nothing_of_a_private_file_is_in_the_error() -> None:
    """Neither in what it prints nor in what Python can read."""
    place = Place(PrivateFile("x.yaml"), 3, 4, 5, f"a line with {SECRET}")
    error = SpecError([Problem(place, f"unknown key '{SECRET}'", SECRET, SECRET, SECRET)])

    assert SECRET not in str(error) + repr(error.problems)
    assert str(error).startswith("x.yaml:3:4: ")
    assert error.problems == SpecError(error.problems).problems
