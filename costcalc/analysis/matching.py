"""Which networks a word means."""

from __future__ import annotations

from collections.abc import Sequence


def matching(networks: Sequence[tuple[str, str, str]], word: str, family: str | None) -> list[int]:
    """The places of those of some networks, each a name, a title and a family, that a word and a family ask for.

    A library's names (`torchvision/...`) are meant by a word that names the library, or where no other name has it.
    """
    wanted = word.lower()
    found: list[int] = []
    of_libraries: list[int] = []
    for index, texts in enumerate(networks):
        if (family is None or texts[2] == family) and any(wanted in text.lower() for text in texts):
            library, slash, _ = texts[0].partition("/")
            is_meant = not slash or "/" in wanted or library == wanted
            (found if is_meant else of_libraries).append(index)
    return found or (of_libraries if wanted else [])
