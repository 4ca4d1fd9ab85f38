"""Links in the documentation lead somewhere: on a page of the repository and on the site that MkDocs makes of docs/."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
INDEX = DOCS / "index.md"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]


def prose(text: str) -> str:
    """The page without its fenced blocks and code, in which brackets and # are no markup."""
    return re.sub(r"`[^`\n]*`", "`", re.sub(r"^```.*?^```$", "", text, flags=re.S | re.M))


def links(text: str) -> Iterator[tuple[str, str]]:
    """Each link and picture: the file or address, empty for this page, and the anchor, empty if there is none."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(text)):
        file, _, anchor = target.partition("#")
        yield file, anchor


def anchors(text: str) -> list[str]:
    """The anchors of the headings; GitHub and MkDocs make the same of them, or the heading has none to link to."""
    titles = re.findall(r"^#+ (.*?)\s*$", re.sub(r"^```.*?^```$", "", text, flags=re.S | re.M), flags=re.M)
    return [on_github(title) for title in titles if on_github(title) == on_the_site(title)]


def on_github(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def on_the_site(title: str) -> str:
    """As Python-Markdown's extension `toc`."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


def dead(page: Path, text: str) -> list[str]:
    """The links of a page that lead nowhere. What docs/ links to is in docs/: nothing else is on the site."""
    found = []
    for file, anchor in links(text):
        if file.startswith("https://"):
            continue
        target = (page.parent / file).resolve() if file else page
        outside = page.parent == DOCS and not target.is_relative_to(DOCS)
        if outside or not target.exists():
            found.append(file)
        elif anchor:
            there = anchors(text if target == page else target.read_text(encoding="utf-8"))
            if there.count(anchor) != 1:
                found.append(f"{file}#{anchor}")
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    assert dead(page, page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[a](plots.md) ![b](report.svg) [c](https://example.org/#d) [e](measures.md#every-measure)", []),
        ("# Here\n[a](#here)\n", []),
        ("`[a](nowhere.md)`\n```text\n[a](nowhere.md)\n```\n", []),
        ("[a](nowhere.md)", ["nowhere.md"]),
        ("[a](../README.md)", ["../README.md"]),
        ("[a](measures.md#nothing)", ["measures.md#nothing"]),
        ("```text\n# Here\n```\n[a](#here)\n", ["#here"]),
        ("# Here\n# Here\n[a](#here)\n", ["#here"]),
        ("# α and β\n[a](#α-and-β)\n", ["#α-and-β"]),
    ],
)
def test_dead_links_are_seen(text: str, found: list[str]) -> None:
    assert dead(INDEX, text) == found


def test_every_page_is_in_the_index() -> None:
    linked = {file for file, _ in links(INDEX.read_text(encoding="utf-8"))}

    assert [page.name for page in sorted(DOCS.glob("*.md")) if page != INDEX and page.name not in linked] == []
