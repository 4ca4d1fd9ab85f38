"""Makes the parts of the documentation that come from the program: `python docs/make.py`.

- `docs/cli.md` from the commands' --help, `docs/counting-rules.md` from the operators run on symbols,
  `docs/operators.md` from their fields, the list of
  transforms in `docs/comparisons.md` from their registry, that of measures in `docs/measures.md` from their table, what
  training keeps in `docs/training.md` from the operators, those of `docs/conventions.md` from their files;
- the picture in the README from a real run on a terminal (`docs/report.svg`), those of the other pages, and the page
  of all kinds of pictures (`docs/plots.md`);
- the output under each `$ command` line of a console block, in the README and in docs/.

`python docs/make.py cli.md measures.md` makes these alone. With `--check` nothing changes and what is out of date is
said; the tests do the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from making_console import ROOT, with_outputs
from making_pages import (
    catalogue_page,
    cli_page,
    comparisons_page,
    conventions_page,
    counting_page,
    measures_page,
    operators_page,
    training_page,
)
from making_pictures import PLOTS, picture, plot, plots_page

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def makers() -> dict[Path, Callable[[], str]]:
    """Every file that is made whole, and what makes it."""
    from costcalc.analysis.identify.index import index_text

    return {
        ROOT / "specs" / "index.csv": index_text,
        ROOT / "docs" / "cli.md": cli_page,
        ROOT / "docs" / "counting-rules.md": counting_page,
        ROOT / "docs" / "operators.md": operators_page,
        ROOT / "docs" / "catalogue.md": catalogue_page,
        ROOT / "docs" / "comparisons.md": comparisons_page,
        ROOT / "docs" / "measures.md": measures_page,
        ROOT / "docs" / "training.md": training_page,
        ROOT / "docs" / "conventions.md": conventions_page,
        ROOT / "docs" / "plots.md": plots_page,
        ROOT / "docs" / "report.svg": picture,
        **{ROOT / "docs" / name: partial(plot, command) for name, (_, command, _) in PLOTS.items()},
    }


def pages() -> dict[Path, Callable[[], str]]:
    """Every page and generated file, and what makes it as it should be."""
    written = {page: partial(_page, page) for page in PAGES if page.exists()}
    return {**written, **makers()}


def _page(page: Path) -> str:
    return with_outputs(page.read_text(encoding="utf-8"))


def main(words: list[str]) -> int:
    """Write what changed, or with --check say what would; of all files, or of those whose names are given."""
    check = "--check" in words
    names = [word for word in words if word != "--check"]
    made = {path: make for path, make in pages().items() if not names or path.name in names}
    if unknown := set(names) - {path.name for path in made}:
        print(f"no page: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    stale = 0
    for path, make in made.items():
        text = make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale += 1
            print(f"{'out of date' if check else 'written'}: {path.relative_to(ROOT)}")
            if not check:
                path.write_text(text, encoding="utf-8")
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
