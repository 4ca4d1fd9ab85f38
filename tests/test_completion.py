"""What shells offer when Tab is pressed, in a real pseudo-terminal where the shell is installed."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from costcalc.cli import main

BREAKS = " \t\n\"'@><=;|&(:"
"""COMP_WORDBREAKS of bash."""


def offered(line: str, shell: str = "bash", **environment: str) -> list[str]:
    """What the program answers a shell for a line, the cursor at its end."""
    asked = {"COMP_WORDS": line, "COMP_WORDBREAKS": BREAKS, "_COSTCALC_COMPLETE": f"{shell}_complete", **environment}
    with pytest.MonkeyPatch.context() as patch:
        for key, value in asked.items():
            patch.setenv(key, value)
        from costcalc.cli import shells

        shells.register()
        return CliRunner().invoke(main, prog_name="costcalc").stdout.splitlines()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("costcalc rep", "plain,report"),
        ("costcalc report mobilenet_v", "plain,mobilenet_v1"),
        ("costcalc report torchvision/mob", "plain,torchvision/mobilenet_v2"),
        ("costcalc report mobilenet_v1@stan", "plain,@standard"),
        ("costcalc report mobilenet_v1@standard@al", "unfinished,@alpha="),
        ("costcalc report lenet_300_100@recipe=deep_compression_len", "plain,deep_compression_lenet5"),
        ("costcalc report lenet_300_100@pru", "unfinished,@prune="),
        ("costcalc report mine", "plain,mine.yaml"),
        ("costcalc report mine.yaml:mine_", "plain,mine_small"),
        ("costcalc report mine.yaml:mine_small@own", "unfinished,@own_setting="),
        ("costcalc report ./", "file,./"),
        ("costcalc report /tm", "file,/tm"),
        ("costcalc report nothing_at_all", "file,nothing_at_all"),
        ("costcalc sweep shufflenet_v1 --set gr", "unfinished,groups="),
        ("costcalc sweep mine.yaml --set own", "unfinished,own_setting="),
        ("costcalc formula mobilenet_v1 --open res", "plain,resolution"),
        ("costcalc report vgg16 -c fv", "plain,fvcore"),
        ("costcalc report vgg16 -c ./ou", "file,./ou"),
        ("costcalc report vgg16 --convention=fv", "plain,fvcore"),
        ("costcalc report vgg16 --columns params,intens", "plain,params,intensity"),
        ("costcalc report vgg16 --columns=params,intens", "plain,params,intensity"),
        ("costcalc compare a b --sort top", "plain,top1"),
        ("costcalc list --sort y", "plain,year"),
        ("costcalc sweep shufflenet_v1 --sort al", "plain,alpha"),
        ("costcalc sweep shufflenet_v1 --set groups=", "plain,4"),
        ("costcalc sweep shufflenet_v1 --set groups=1,", "plain,1,4"),
        ("costcalc report shufflenet_v1 --set groups=", "plain,8"),
        ("costcalc report vgg16 --plot a.svg --size co", "plain,column"),
        ("costcalc report vgg16 --weights conv1=int8,*=float1", "plain,float16"),
        ("costcalc report vgg16 --optimizer ad", "plain,adam"),
        ("costcalc check vgg16 --max-peak-b", "plain,--max-peak-bytes"),
        ("costcalc check vgg16 --fits stm32f7", "plain,stm32f746"),
        ("costcalc explain vgg16 --against fvcore,tho", "plain,fvcore,thop"),
        ("costcalc list meas", "plain,measures"),
        ("costcalc list operators conv_", "plain,conv_transpose"),
        ("costcalc list --family mobile", "plain,mobilenet"),
        ("costcalc compress vgg16 --recipe deep_compression_s", "plain,deep_compression_squeezenet"),
    ],
)
def test_a_word_is_offered(line: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    spec = "costcalc: 1\nname: mine\ninput: 8x8x3\nsettings: {own_setting: {default: 1}}\nlayers:\n- {op: relu}\n"
    spec += "variants: {mine_small: {alpha: 0.5}}\n"
    (tmp_path / "mine.yaml").write_text(spec, encoding="utf-8")

    assert expected in offered(line)


def test_nothing_is_read_or_run_to_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe would be waited for, code would be run: neither is opened."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    os.mkfifo("pipe.yaml")
    (tmp_path / "loaded.py").write_text("raise SystemExit('run')", encoding="utf-8")

    for name in ("pipe.yaml", "torch:loaded.net", "broken.onnx"):
        assert "unfinished,@alpha=" in offered(f"costcalc report {name}@al"), name
        assert "unfinished,alpha=" in offered(f"costcalc report {name} --set al")


def test_strangers_names_are_no_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bash takes what is offered as it is; a link that leads nowhere and a folder that is gone end nothing."""
    monkeypatch.chdir(tmp_path)
    hostile = ["$(id)", "`id`", "a;id", "a|id", "a&id", "a>b", "\x1b[31m", "a\nplain,b", "\u202e", "a b", "*", "a'b"]
    for name in hostile:
        Path(f"zz{name}.yaml").touch()
    Path("zz_loop.yaml").symlink_to("zz_loop.yaml")
    also = "".join(f"  {json.dumps(f'zz/{name}')}: {{}}\n" for name in hostile if not set(name) & set("\n "))
    Path("zz.yaml").write_text(
        f"costcalc: 1\nname: zz\ninput: 8x8x3\nlayers:\n- {{op: gap}}\nalso:\n  zz/fine: {{}}\n{also}"
    )
    assert ["plain,zz.yaml"] == offered("costcalc report zz")
    assert ["plain,zz/fine"] == offered("costcalc report zz.yaml:zz/")
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert "plain,nin" in offered("costcalc report ni")


def test_what_bash_keeps_of_a_word_is_not_repeated() -> None:
    assert "plain,@standard" in offered("costcalc report mobilenet_v1@stan")
    assert "plain,mobilenet_v1@standard" in offered("costcalc report mobilenet_v1@stan", COMP_WORDBREAKS=" ")


SHELLS = {
    "bash": (["--norc", "--noprofile", "-i"], 'eval "$(_COSTCALC_COMPLETE=bash_source costcalc)"'),
    "zsh": (["-f", "-i"], 'autoload -U compinit; compinit -D; eval "$(_COSTCALC_COMPLETE=zsh_source costcalc)"'),
    "fish": (["--no-config", "-i"], "_COSTCALC_COMPLETE=fish_source costcalc | source"),
}


class Terminal:
    """A shell in a pseudo-terminal."""

    def __init__(self, shell: str, folder: Path) -> None:
        self.seen = ""
        self.child, self.end = pty.fork()
        if not self.child:
            os.environ.update(PATH=f"{folder}:{os.environ['PATH']}", HOME=str(folder), TERM="xterm", PS1="$ ")
            os.chdir(folder)
            os.execvp(shell, [shell, *SHELLS[shell][0]])

    def type(self, text: str, until: str, seconds: float = 60) -> str:
        """Type, and wait until something is seen; what was seen since, without the sequences of a terminal."""
        os.write(self.end, text.encode())
        seen, stop = "", time.monotonic() + seconds
        while until not in seen and time.monotonic() < stop:
            if select.select([self.end], [], [], 0.2)[0]:
                raw = os.read(self.end, 65536).decode(errors="replace")
                if "\x1b[c" in raw or "\x1b[0c" in raw:  # fish asks what terminal this is
                    os.write(self.end, b"\x1b[?62;c")
                seen += re.sub(r"\x1b(\[[0-9;?=>]*[a-zA-Z]|\][^\x07\x1b]*(\x07|\x1b\\)|[=>()][0B]?)", "", raw)
        return seen

    def close(self) -> None:
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        os.close(self.end)


@pytest.mark.parametrize("shell", SHELLS)
def test_tab_in_a_terminal(shell: str, tmp_path: Path) -> None:
    """The words on the line are completed, and the line runs."""
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    program = tmp_path / "costcalc"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m costcalc "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    terminal = Terminal(shell, tmp_path)
    try:
        terminal.type(SHELLS[shell][1] + "; echo rea''dy\r", until="ready")
        assert "@standard" in terminal.type("costcalc report mobilenet_v1@stan\t", until="@standard")
        terminal.type("\x15", until="")  # takes the line back
        assert "weight_bytes" in terminal.type(
            "costcalc report lenet5 --columns params,weight_b\t\t", until="weight_bytes"
        )
        terminal.type("\x15", until="")  # takes the line back
        assert "pha=" in terminal.type("costcalc report mobilenet_v1@al\t", until="pha=")
        assert "convention paper" in terminal.type("1/2 --top 1\r", until="convention paper")
    finally:
        terminal.close()
