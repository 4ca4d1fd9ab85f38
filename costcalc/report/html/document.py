"""A whole document around pieces of HTML: style and script stand in it, and it may fetch nothing."""

from __future__ import annotations

import re

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2733; --soft: #66717d; --line: #d9dee3; --paper: #fff; --stripe: #f4f6f8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ec; --soft: #9aa5b0; --line: #39434d; --paper: #161b20; --stripe: #1e252b; }
}
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 76rem; padding: 0 1rem; }
h2 { font-size: 1.3rem; margin: 2rem 0 .8rem; }
h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; }
p { color: var(--soft); margin: .25rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; display: block; overflow-x: auto;
  margin: 1.2rem 0; }
th, td { padding: .2rem .7rem; text-align: left; white-space: nowrap; }
th.figure, td.figure { text-align: right; }
thead th { border-bottom: 2px solid var(--ink); position: sticky; top: 0; background: var(--paper); }
th button { all: unset; cursor: pointer; }
th button:focus-visible { outline: 2px solid; }
th button::after { content: " \\2195"; color: var(--soft); }
th[aria-sort=ascending] button::after { content: " \\2191"; color: inherit; }
th[aria-sort=descending] button::after { content: " \\2193"; color: inherit; }
tbody tr:nth-child(even) { background: var(--stripe); }
tfoot td { border-top: 2px solid var(--ink); font-weight: 600; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 11px system-ui, sans-serif; fill: var(--ink); }
svg .line { stroke: var(--soft); stroke-dasharray: 4 3; }
svg .part { stroke: var(--paper); stroke-width: .5; }
.legend span { display: inline-block; margin-right: 1.1rem; }
.legend i { display: inline-block; width: .8em; height: .8em; margin-right: .35em; border-radius: 2px; }
"""

_SCRIPT = """
for (const table of document.querySelectorAll("table")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const figure = head.classList.contains("figure");
      const before = head.getAttribute("aria-sort");
      const up = before ? before === "descending" : !figure;
      const rows = [...table.tBodies[0].rows];
      const key = (row) => {
        const cell = row.cells[column];
        return figure ? parseFloat(cell.dataset.value) : cell.textContent;
      };
      rows.sort((a, b) => {
        const x = key(a), y = key(b);
        if (figure && (isNaN(x) || isNaN(y))) return isNaN(x) - isNaN(y);
        const order = figure ? x - y : x.localeCompare(y, "en", { numeric: true });
        return up ? order : -order;
      });
      table.tBodies[0].append(...rows);
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
    });
  });
}
"""


def document(body: str) -> str:
    """Pieces of HTML as a file of its own: a click on a heading sorts, figures the most first.

    The policy in its head lets a browser load nothing from anywhere.
    """
    title = re.search(r"<h2>(.*?)</h2>", body)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "script-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title[1] if title else 'costcalc'}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n{body}<script>{_SCRIPT}</script>\n</body>\n</html>\n"
    )
