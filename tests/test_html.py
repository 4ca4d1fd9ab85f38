"""HTML: one file that needs nothing from elsewhere, whose table sorts and whose drawings add up."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

import costcalc
from costcalc.cli.main import main
from costcalc.report.html.table import sort_value

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
needs_a_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")


def run(*args: str) -> str:
    result = CliRunner().invoke(main, [*args, "--format", "html"])
    assert 0 == result.exit_code, result.output
    return result.stdout


class Page(HTMLParser):
    """A document read to its end: its elements with their attributes, and the rows of its tables."""

    VOID = ("meta", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        self.close()
        assert [] == self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        if "td" in self.open or "th" in self.open:
            self.rows[-1][-1] += data
        self.texts.setdefault(self.open[-1] if self.open else "", []).append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


COMMANDS = [
    "report mobilenet_v1",
    "report mobilenet_v1 --by operator",
    "report lenet5 --columns intensity",
    "report lenet5 --place",
    "sweep lenet5 -a 0.5,1",
    "compare nin lenet5 --layers",
    "check lenet5 --max-params 60k",
    "separable lenet5",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_of_its_own(command: str) -> None:
    """Closed elements, one title; nothing is fetched, and the policy would let nothing be."""
    text = run(*command.split())
    page = Page(text)

    assert text.startswith("<!doctype html>\n")
    assert 1 == len(page.all("title")) - sum(tag == "rect" for tag, _ in page.elements)
    assert any("default-src 'none'" in (meta.get("content") or "") for meta in page.all("meta"))
    assert {"link", "img", "iframe", "object", "base"}.isdisjoint(tag for tag, _ in page.elements)
    assert not any({"src", "href", "srcset", "onclick"} & set(attributes) for _, attributes in page.elements)
    assert not re.search(r"url\(|@import|https?:", text)


def test_the_table_is_that_of_the_report() -> None:
    page = Page(run("report", "lenet5", "--columns", "mult_adds"))

    assert ["layer", "op", "input", "output", "Mult-Adds"] == page.rows[0]
    assert ["C1", "conv", "32x32x1", "28x28x6", "117,600"] == page.rows[1]
    assert ["total", "", "", "", "326,520"] == page.rows[-1]


def test_the_bars_fill_the_whole_and_name_their_parts() -> None:
    """Mult-Adds and parameters, each of 1000 units; steps of memory on a scale to the peak."""
    text = run("report", "mobilenet_v1")
    mult_adds, params, memory = re.findall(r"<svg.*?</svg>", text, flags=re.S)
    live = [step["live_bytes"] for step in costcalc.load("mobilenet_v1").report().steps]
    heights = [float(height) for height in re.findall(r'height="([\d.]+)" fill', memory)]

    for svg in (mult_adds, params):
        widths = [float(width) for width in re.findall(r'width="([\d.]+)"', svg)]
        assert 1000 == pytest.approx(sum(widths), abs=0.5)
    assert "separable3.conv1, conv 1x1: 51,380,224 (9.03 %)" in mult_adds
    assert "linear1, linear: 1,025,000 (24.22 %)" in params
    assert [pytest.approx(200 * one / max(live), abs=0.01) for one in live] == heights
    assert "peak 4.817 MB at separable1.conv1" in memory


def test_a_ratio_has_no_parts() -> None:
    """Of intensity and parameters the parameters alone are drawn."""
    assert ["parameters by layer", "live float32 activations"] == Page(
        run("report", "lenet5", "--columns", "intensity")
    ).texts["h3"]


def test_a_notebook_has_the_table_alone() -> None:
    text = costcalc.load("lenet5").report()._repr_html_()

    assert "326,520" in text
    assert not re.search(r"<(html|script|style|svg)", text)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("568,740,352", 568_740_352), ("* 16.93 MB", 16_930_000), ("928 B", 928), ("3.712 kB", 3712), ("569 M", 569e6),
        ("-0.26", -0.26), ("+1,000", 1000), ("6/7", 6 / 7), ("9.03 %", 9.03), ("", None), ("none", None), ("1/0", None),
    ],
)  # fmt: skip
def test_what_a_cell_is_sorted_by(cell: str, value: float | None) -> None:
    assert value == sort_value(cell)


HOSTILE = '</title><script>alert(1)</script><img src=x onerror=alert(1)> "&amp;'


def test_texts_of_strangers_are_texts(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(
        f"costcalc: 1\nname: x\ntitle: '{HOSTILE}'\ninput: 8x8x3\nlayers:\n- {{op: gap}}\n", encoding="utf-8"
    )
    page = Page(run("report", str(file)))

    assert 1 == len(page.all("script"))
    assert [] == page.all("img")
    assert HOSTILE in "".join(page.texts["title"])


@needs_a_browser
def test_a_browser_sorts_it(tmp_path: Path) -> None:
    """Figures the most first, then the least; words from a to z; the totals stay below."""
    seen = {}
    for name, column, clicks in (("most", 4, 1), ("least", 4, 2), ("words", 0, 1)):
        press = f'document.querySelectorAll("th button")[{column}].click();' * clicks
        text = run("report", "lenet5", "--columns", "mult_adds").replace("</body>", f"<script>{press}</script></body>")
        file = tmp_path / f"{name}.html"
        file.write_text(text, encoding="utf-8")
        assert BROWSER
        done = subprocess.run(
            [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", file.as_uri()],
            capture_output=True, text=True, check=True, timeout=120,
        )  # fmt: skip
        seen[name] = Page(done.stdout).rows[1:]
        assert "total" == seen[name].pop()[0]
    figures = {name: [int(row[4].replace(",", "")) for row in rows] for name, rows in seen.items()}

    assert sorted(figures["words"], reverse=True) == figures["most"] != figures["words"]
    assert sorted(figures["words"]) == figures["least"]
    assert ["all.conv1", "all.gather1", "C1", "C3", "C5"] == [row[0] for row in seen["words"][:5]]
