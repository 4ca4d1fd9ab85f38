"""The scripts by which shells ask for completions: click's own cannot do with `@`, `=` and `,` within a word."""

from __future__ import annotations

import os
from typing import Any, ClassVar

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

_BASH = """\
%(complete_func)s() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        case "$line" in
        dir,*) compopt -o dirnames ;;
        file,*) compopt -o default ;;
        unfinished,*) compopt -o nospace; COMPREPLY+=("${line#*,}") ;;
        plain,*) COMPREPLY+=("${line#*,}") ;;
        esac
    done < <(env COMP_WORDS="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" \
        %(complete_var)s=bash_complete "$1")
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class Bash(BashComplete):
    """Bash cuts words at the signs of COMP_WORDBREAKS and takes what stands behind the last: it is given as much."""

    source_template: ClassVar[str] = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        line = os.environ["COMP_WORDS"]
        words = split_arg_string(line)
        incomplete = words.pop() if len(words) > 1 and not line[-1:].isspace() else ""
        value = incomplete.partition("=")[2] if incomplete.startswith("--") and "=" in incomplete else incomplete
        self._cut = max(_begin(value, sign) for sign in os.environ.get("COMP_WORDBREAKS") or " ")
        return words[1:], incomplete

    def format_completion(self, item: CompletionItem[Any]) -> str:
        kind = "unfinished" if item.type == "plain" and item.value.endswith(("=", "/")) else item.type
        return f"{kind},{item.value[self._cut :]}"


def _begin(value: str, sign: str) -> int:
    """Where the word begins that bash sees, if it cuts at a sign: an `@` or a `$` belongs to what follows it."""
    place = value.rfind(sign)
    return place if place >= 0 and sign in "@$" else place + 1


class Zsh(ZshComplete):
    """No blank is put behind a word that goes on, as `alpha=`."""

    source_template: ClassVar[str] = (
        str(ZshComplete.source_template)
        .replace("    local -a completions\n", "    local -a completions unfinished\n")
        .replace(
            'if [[ "$descr" == "_" ]]; then',
            'if [[ "$key" == *= ]]; then\n                unfinished+=("$key")\n'
            '            elif [[ "$descr" == "_" ]]; then',
        )
        .replace(
            '    if [ -n "$completions" ]; then',
            '    if [ -n "$unfinished" ]; then\n        compadd -U -S "" -V unfinished -a unfinished\n    fi\n\n'
            '    if [ -n "$completions" ]; then',
        )
    )


class Fish(FishComplete):
    """Words may have commas in them."""

    source_template: ClassVar[str] = str(FishComplete.source_template).replace(
        'string split "," $completion', 'string split --max 1 "," $completion'
    )


def register() -> None:
    """Make them the scripts of their shells."""
    for shell in (Bash, Zsh, Fish):
        add_completion_class(shell)
