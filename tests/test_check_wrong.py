"""Budgets, wrong: options, files of budgets and the specs that they name, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest
from checking import CONFIG, TINY, repository, run

from costcalc.counting import convention_names
from costcalc.errors import one_of


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a repository, as the working folder."""
    return repository(tmp_path, monkeypatch)


EXPECTED_COUNT = "  expected: a count, as 300M or 3,500,000: k, M, G (or B) and T are powers of 1000\n"
EXPECTED_BYTES = (
    "  expected: a number of bytes, as 14MB or 512KiB: B, kB, MB, GB, TB (powers of 1000),"
    " KiB, MiB, GiB, TiB (of 1024)\n"
)
EXPECTED_NETWORK = "  expected: a name that `costcalc list` shows, a path to a spec, or - for standard input\n"
EXPECTED_ONE_WAY = "  expected: a NETWORK with its budgets on the command line, or all of it in a file\n"
LIMITS = (
    "fits, max-accumulator-bytes, max-activation-bytes, max-bits-per-weight, max-bops, "
    "max-compression-rate, max-flops, max-kept-weights, max-kernel-bytes, max-memory-access, "
    "max-memory-access-ratio, max-mult-adds, max-params, max-peak-activation-bytes, "
    "max-saved-activation-bytes, max-scale-operations, max-sparse-mult-adds, max-sparse-share, max-stored-bytes, "
    "max-traffic-bytes, max-training-bytes, max-training-mult-adds, max-weight-bytes, "
    "max-weight-sparse-mult-adds, max-workspace-bytes or max-xnor-operations"
)
"""Every bound that messages name."""
FIRST_LIMITS = (
    "--fits, --max-accumulator-bytes, --max-activation-bytes, --max-bits-per-weight, --max-bops, "
    "--max-compression-rate, --max-flops, --max-kept-weights, --max-kernel-bytes, "
    "--max-memory-access, --max-memory-access-ratio, --max-mult-adds, --max-params, "
    "--max-peak-activation-bytes, --max-saved-activation-bytes, --max-scale-operations, --max-sparse-mult-adds, "
    "--max-sparse-share, --max-stored-bytes, --max-traffic-bytes, ... (26 in all)"
)
KEYS = (
    "accumulators, activations, checkpoint, convention, dtype, fits, max-accumulator-bytes, "
    "max-activation-bytes, max-bits-per-weight, max-bops, max-compression-rate, max-flops, "
    "max-kept-weights, max-kernel-bytes, max-memory-access, max-memory-access-ratio, max-mult-adds, "
    "max-params, max-peak-activation-bytes, max-saved-activation-bytes, max-scale-operations, max-sparse-mult-adds, "
    "max-sparse-share, max-stored-bytes, max-traffic-bytes, max-training-bytes, "
    "max-training-mult-adds, max-weight-bytes, max-weight-sparse-mult-adds, max-workspace-bytes, "
    "max-xnor-operations, network, optimizer, schedule, settings or weights"
)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ["mobilenet_v1"],
            "Error: no budget\n  expected: " + FIRST_LIMITS + "\n",
        ),
        (["mobilenet_v1", "--max-params", "300Q"], "Error: max-params: '300Q': unknown unit 'Q'\n" + EXPECTED_COUNT),
        (["mobilenet_v1", "--max-mult-adds", "-5"], "Error: max-mult-adds: '-5' is below zero\n" + EXPECTED_COUNT),
        (["mobilenet_v1", "--max-params", ""], "Error: max-params: '' is no quantity\n" + EXPECTED_COUNT),
        (["mobilenet_v1", "--max-params", "1.5"], "Error: max-params: '1.5' is not a whole number\n" + EXPECTED_COUNT),
        (
            ["mobilenet_v1", "--max-params", "3MB"],
            "Error: max-params: '3MB': unknown unit 'MB'\n" + EXPECTED_COUNT + "  did you mean '3M'?\n",
        ),
        (
            ["mobilenet_v1", "--max-weight-bytes", "14M"],
            "Error: max-weight-bytes: '14M': unknown unit 'M'\n" + EXPECTED_BYTES + "  did you mean '14MB'?\n",
        ),
        (
            ["mobilenet_v1", "--max-flops", "1G"],
            "Error: max-flops: the convention paper counts mult_adds, not flops\n"
            "  expected: max-mult-adds or a convention that counts flops\n",
        ),
        (
            ["lenet5", "--max-flops", "1G", "-c", "connections"],
            "Error: max-flops: the convention connections counts connections, not flops\n"
            "  expected: max-connections or a convention that counts flops\n",
        ),
        (
            ["mobilnet_v1", "--max-params", "3M"],
            "Error: no network 'mobilnet_v1'\n" + EXPECTED_NETWORK + "  did you mean 'mobilenet_v1'?\n",
        ),
        (["--max-params", "1M", "-a", "1"], "Error: --max-params, --alpha without a NETWORK\n" + EXPECTED_ONE_WAY),
        (["-d", "int8", "-s", "classes=3"], "Error: --set, --dtype without a NETWORK\n" + EXPECTED_ONE_WAY),
        (
            ["mobilenet_v1", "--config", "x.toml", "--max-params", "1M"],
            "Error: NETWORK, --max-params beside --config\n" + EXPECTED_ONE_WAY,
        ),
        (
            ["--config", "nowhere.toml"],
            "Error: nowhere.toml: no such file or directory\n  expected: a TOML file that can be read\n",
        ),
        (["--config", "."], "Error: .: is a directory\n  expected: a TOML file that can be read\n"),
        (
            [],
            "Error: no NETWORK, and no costcalc.toml or [tool.costcalc] in pyproject.toml here or above\n"
            "  expected: a network and budgets, as `costcalc check mobilenet_v1 --max-mult-adds 300M`,"
            " or such a file\n",
        ),
        (
            ["mobilenet_v1", "--max-params", "3M", "-o", "none/out"],
            "Error: none/out: no such file or directory\n  expected: a file that can be written\n",
        ),
    ],
)
def test_wrong_use(args: list[str], message: str, folder: Path) -> None:
    """Exit code 2 and the whole message."""
    result = run(*args)

    assert (2, "", message) == (result.exit_code, result.stdout, result.stderr)


CHECK = '[[check]]\nnetwork = "mobilenet_v1"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "w.toml:1:1: no check\n  expected: [[check]], then a network and a budget\n"),
        (
            "check = []",
            "w.toml:1:9: no check\n    1 | check = []\n      |         ^^\n"
            "  expected: [[check]], then a network and a budget\n",
        ),
        (
            '[check]\nnetwork = "vgg16"',
            "w.toml:1:1: `check` is not a list of tables\n    1 | [check]\n      | ^^^^^^^\n"
            "  expected: [[check]], in two brackets\n",
        ),
        (
            CHECK,
            f"w.toml:1:1: a check without a budget\n    1 | [[check]]\n      | ^^^^^^^^^\n  expected: {LIMITS}\n",
        ),
        (
            '[[check]]\nmax-params = "3M"',
            "w.toml:1:1: a check without a network\n    1 | [[check]]\n      | ^^^^^^^^^\n"
            '  expected: network = "mobilenet_v1", or a path to a spec\n',
        ),
        (
            CHECK + 'max-params = "300Q"',
            "w.toml:3:14: max-params: '300Q': unknown unit 'Q'\n"
            '    3 | max-params = "300Q"\n      |              ^^^^^^\n' + EXPECTED_COUNT,
        ),
        (
            CHECK + "max-params = [3]",
            "w.toml:3:14: max-params is not a quantity\n    3 | max-params = [3]\n      |              ^^^\n"
            '  expected: a number or a text, as max-params = "300M"\n',
        ),
        (
            CHECK + "max-params = 5000000\nmax-parms = 3",
            "w.toml:4:1: unknown key 'max-parms'\n    4 | max-parms = 3\n      | ^^^^^^^^^\n"
            f"  expected: {KEYS}\n"
            "  did you mean 'max-params'?\n",
        ),
        (
            'chekc = 1\nconvention = "papr"\n' + CHECK + "max-params = 1",
            "w.toml:1:1: unknown key 'chekc'\n    1 | chekc = 1\n      | ^^^^^\n"
            "  expected: accumulators, activations, check, checkpoint, convention, dtype, optimizer, schedule or"
            " weights\n"
            "  did you mean 'check'?\n"
            "w.toml:2:14: unknown convention 'papr'\n"
            '    2 | convention = "papr"\n      |              ^^^^^^\n'
            f"  expected: {one_of(convention_names(), 40)}\n  did you mean 'paper'?\n",
        ),
        (
            CHECK + "max-flops = 1",
            "w.toml:3:13: max-flops: the convention paper counts mult_adds, not flops\n"
            "    3 | max-flops = 1\n      |             ^\n"
            "  expected: max-mult-adds or a convention that counts flops\n",
        ),
        (
            '[[check]]\nnetwork = 5\ndtype = "int9"\nsettings = 5\nmax-params = 1',
            "w.toml:2:11: network is not a text\n    2 | network = 5\n      |           ^\n"
            '  expected: a text in quotes, as network = "..."\n'
            "w.toml:3:9: unknown dtype 'int9'\n    3 | dtype = \"int9\"\n      |         ^^^^^^\n"
            "  expected: bfloat16, binary, float16, float32, float4_e2m1, float64, float8_e4m3, float8_e5m2, int12,"
            " int16, int2, int3, ... (24 in all)\n"
            "  did you mean 'int8'?\n"
            "w.toml:4:12: `settings` is not a table\n    4 | settings = 5\n      |            ^\n"
            "  expected: a table, as {alpha = 0.5}\n",
        ),
        (
            '[[check]]\nnetwork = "mobilnet_v1"\nmax-params = "3Q"',
            "w.toml:2:11: no network 'mobilnet_v1'\n"
            '    2 | network = "mobilnet_v1"\n      |           ^^^^^^^^^^^^^\n'
            + EXPECTED_NETWORK
            + "  did you mean 'mobilenet_v1'?\n"
            "w.toml:3:14: max-params: '3Q': unknown unit 'Q'\n"
            '    3 | max-params = "3Q"\n      |              ^^^^\n' + EXPECTED_COUNT,
        ),
        (
            '[[check]]\nnetwork = "none.yaml"\nmax-params = 1',
            "w.toml:2:11: none.yaml: no such file or directory\n"
            '    2 | network = "none.yaml"\n      |           ^^^^^^^^^^^\n'
            "  expected: a spec file that can be read\n",
        ),
        (
            '[[check]]\nnetwork = "mobilenet_v1@standrd"\nmax-params = 1',
            "w.toml:2:11: unknown transform 'standrd'\n"
            '    2 | network = "mobilenet_v1@standrd"\n      |           ^^^^^^^^^^^^^^^^^^^^^^\n'
            "  expected: fold-norm, no-se, pointwise-first, rank=R, separable, spatial or standard,"
            " or a setting as alpha=0.75, or a recipe's step as prune=0.1\n  did you mean 'standard'?\n",
        ),
        (
            '[[check]]\nnetwork = "alexnet@no-se"\nmax-params = 1',
            "w.toml:2:11: @no-se changes nothing in this network\n"
            '    2 | network = "alexnet@no-se"\n      |           ^^^^^^^^^^^^^^^\n'
            "  expected: a `mul` of a feature map with 1x1 gates made from its own global pooling\n",
        ),
        (
            CHECK + "max-params = 1\nsettings = {classes = 10, wdith = 3}",
            "w.toml:4:27: mobilenet_v1 has no setting 'wdith'\n"
            "    4 | settings = {classes = 10, wdith = 3}\n      |                           ^^^^^^^^^\n"
            "  expected: alpha, batch, beta, body, classes or resolution\n",
        ),
        (
            CHECK + "max-params = 1\nsettings = {classes = 10, wdith = 3, alpha = 65}",
            "w.toml:4:27: mobilenet_v1 has no setting 'wdith'\n"
            "    4 | settings = {classes = 10, wdith = 3, alpha = 65}\n      |                           ^^^^^^^^^\n"
            "  expected: alpha, batch, beta, body, classes or resolution\n"
            "w.toml:4:38: alpha: 65 is out of range\n"
            "    4 | settings = {classes = 10, wdith = 3, alpha = 65}\n"
            "      |                                      ^^^^^^^^^^\n"
            "  expected: a number above 0, at most 64\n",
        ),
        (
            CHECK + "max-params = 1\n[check.settings]\nbeta = 1\nalpha = [1]",
            "w.toml:6:9: alpha is not a value\n    6 | alpha = [1]\n      |         ^^^\n"
            '  expected: a number as 0.75 or "6/7", true, false or a word\n',
        ),
        (
            '[[check]]\nnetwork = "alexnet"\nsettings.resolution = 20\nmax-params = 1',
            "specs/networks/alexnet.yaml:27:26: a window of 3 does not fit into 1 + 0 + 0 positions\n"
            "   27 |   - [27x27x256, maxpool, 3,  2, 0]\n"
            "      |                          ^\n"
            "  note: the input is 1x1x256; at resolution 20; asked for in w.toml:2:11\n",
        ),
        (
            "[[check]\n",
            "w.toml:1:8: not TOML: expected ']]' at the end of an array declaration\n"
            "    1 | [[check]\n      |        ^\n",
        ),
        (
            'a = "x',
            'w.toml:1:7: not TOML: unterminated string at the end of the file\n    1 | a = "x\n      |       ^\n',
        ),
    ],
)
def test_a_wrong_file(text: str, message: str, folder: Path) -> None:
    """Exit code 2, nothing on stdout, every error of the file with its place."""
    (folder / "w.toml").write_text(text)
    result = run("--config", "w.toml")

    assert (2, "") == (result.exit_code, result.stdout)
    assert message == result.stderr


def test_a_wrong_spec_is_told_as_everywhere(folder: Path) -> None:
    """The error of the spec itself, wherever the file of budgets lies."""
    (folder / "nets").mkdir()
    (folder / "nets" / "wrong.yaml").write_text(TINY.replace("conv,        4, 3", "cnov,        4, 3"))
    (folder / "costcalc.toml").write_text('[[check]]\nnetwork = "nets/wrong.yaml"\nmax-params = 1\n')
    result = run()

    assert 2 == result.exit_code
    assert result.stderr.startswith("nets/wrong.yaml:14:6: unknown operator 'cnov'\n")


@pytest.mark.parametrize("network", ["-", "-:small", "-@standard", "<stdin>@standard", "-@alpha=0.5"])
def test_a_file_reads_no_standard_input(network: str, folder: Path) -> None:
    """What is piped to a job is not for its file of budgets, and may never end."""
    (folder / "costcalc.toml").write_text(f'[[check]]\nnetwork = "{network}"\nmax-params = 1\n')
    result = run(stdin=(folder / "tiny.yaml").read_text())

    assert (2, "") == (result.exit_code, result.stdout)
    assert result.stderr.startswith("costcalc.toml:2:11: a file of budgets reads no standard input\n")


def test_two_files_in_one_folder(folder: Path) -> None:
    (folder / "costcalc.toml").write_text(CONFIG)
    (folder / "pyproject.toml").write_text(CONFIG.replace("[[check]]", "[[tool.costcalc.check]]"))
    result = run()

    assert (2, "") == (result.exit_code, result.stdout)
    assert result.stderr == (
        "Error: both costcalc.toml and pyproject.toml have budgets\n  expected: one of them, or --config FILE\n"
    )
    assert 1 == run("--config", "pyproject.toml").exit_code


def test_a_pyproject_named_without_budgets(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[project]\n")
    result = run("--config", "pyproject.toml")

    assert (2, "") == (result.exit_code, result.stdout)
    assert result.stderr == (
        "pyproject.toml:1:1: no table [tool.costcalc]\n    1 | [project]\n      | ^\n"
        "  expected: [[tool.costcalc.check]]\n"
    )


def test_github_has_an_annotation_for_each_problem(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At its file, line and column, from the repository's root; standard error says it as ever."""
    (folder / "nets").mkdir()
    (folder / "nets" / "w.toml").write_text('[[check]]\nnetwork = "mobilnet_v1"\nmax-params = "3Q"\n', encoding="utf-8")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(folder))
    monkeypatch.chdir(folder / "nets")
    result = run("--config", "w.toml", "-f", "github")
    plain = run("--config", "w.toml")

    assert [
        "::error file=nets/w.toml,line=2,col=11,title=costcalc%3A wrong input::no network 'mobilnet_v1'%0A"
        "  expected: a name that `costcalc list` shows, a path to a spec, or - for standard input%0A"
        "  did you mean 'mobilenet_v1'?",
        "::error file=nets/w.toml,line=3,col=14,title=costcalc%3A wrong input::max-params: '3Q': unknown unit 'Q'%0A"
        "  expected: a count, as 300M or 3,500,000: k, M, G (or B) and T are powers of 1000",
    ] == result.stdout.splitlines()
    assert (2, plain.stderr) == (result.exit_code, result.stderr)


@pytest.mark.parametrize(
    ("args", "wrong"),
    [
        ("--max-mult-addds 3M --format github", "unknown budget 'max-mult-addds'%0A"),
        ("--dtype int99 -f github", "Invalid value for '-d' / '--dtype': 'int99' is not"),
        ("--format=github --alfa 1", "No such option '--alfa'."),
    ],
)
def test_github_has_an_annotation_of_an_option_that_there_is_not(args: str, wrong: str) -> None:
    result = run("lenet5", *args.split())

    assert 2 == result.exit_code
    assert result.stdout.startswith(f"::error title=costcalc%3A wrong input::{wrong}") and 1 == result.stdout.count(
        "\n"
    )
    assert "" == run("lenet5", *args.split(), "-o", "out.txt").stdout


def test_github_has_an_annotation_of_a_wrong_option() -> None:
    result = run("lenet5", "--max-params", "3Q", "-f", "github")

    assert 2 == result.exit_code
    assert result.stdout.startswith("::error title=costcalc%3A wrong input::max-params: '3Q': unknown unit 'Q'%0A")


def test_a_file_of_annotations_is_not_written_for_wrong_input(folder: Path) -> None:
    assert 2 == run("lenet5", "--max-params", "3Q", "-f", "github", "-o", str(folder / "out.txt")).exit_code
    assert not (folder / "out.txt").exists()
