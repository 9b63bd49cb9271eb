"""Makes the tables of docs/laws.md: laws, mutants and their complaints, the kill matrix: run this file."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from kaizen_eval.conformance import LAWS, MUTANTS
from kaizen_eval.conformance.selftest import KEY, SHIPPED, SelfTest, matrix, selftest, tasks

__all__ = ["PAGE", "laws_told", "mutants_told", "refreshed"]

PAGE = Path(__file__).parents[2] / "docs" / "laws.md"
_ROW = re.compile(r"^\| `([^`]+)` \| (.*) \|$", re.MULTILINE)
_LONGEST = 200
"""Characters of a complaint that are shown."""


def refreshed(text: str, found: SelfTest) -> str:
    """The page with its tables made anew."""
    text = _with(text, "laws", list(_laws()))
    text = _with(text, "mutants", list(_mutants(found)))
    return _with(text, "matrix", ["```text", *matrix(found, width=100).splitlines(), "", KEY, "```"])


def laws_told(text: str) -> list[tuple[str, ...]]:
    """Of each law on the page: id, sentence, source."""
    return _cells(_region(text, "laws"))


def mutants_told(text: str) -> list[tuple[str, ...]]:
    """Of each mutant on the page: id, what is wrong with it, its law."""
    return [(name, what, law.strip("`")) for name, what, law, *_ in _cells(_region(text, "mutants"))]


def _laws() -> Iterator[str]:
    for group in dict.fromkeys(law.group for law in LAWS):
        yield from (f"### {group}", "", "| law | sentence | source |", "|---|---|---|")
        yield from (
            f"| `{law.id}` | {_cell(law.sentence)} | {_cell(law.source)} |" for law in LAWS if law.group == group
        )
        yield ""


def _mutants(found: SelfTest) -> Iterator[str]:
    complaints = {proof.mutant.id: proof.reason for proof in found.proofs}
    yield from ("| mutant | what is wrong with it | caught by | complaint |", "|---|---|---|---|")
    for mutant in MUTANTS:
        told = _cell(_short(complaints.get(mutant.id, "")))
        yield f"| `{mutant.id}` | {_cell(mutant.what)} | `{mutant.breaks}` | {told} |"


def _short(text: str) -> str:
    """On one line."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _cell(text: str) -> str:
    """Markdown would take some signs for its own, but not in code; a stroke would end the cell."""
    parts = " ".join(text.split()).replace("|", r"\|").split("`")
    return "`".join(part if place % 2 else re.sub(r"([<*_\[])", r"\\\1", part) for place, part in enumerate(parts))


def _cells(region: str) -> list[tuple[str, ...]]:
    rows = (row.groups() for row in _ROW.finditer(region))
    return [(first, *(_plain(cell) for cell in re.split(r" \| ", rest))) for first, rest in rows]


def _plain(cell: str) -> str:
    return re.sub(r"\\([|<*_\[])", r"\1", cell)


def _region(text: str, name: str) -> str:
    return text.partition(f"<!-- {name} -->")[2].partition(f"<!-- end of {name} -->")[0]


def _with(text: str, name: str, lines: list[str]) -> str:
    region = re.compile(rf"(<!-- {name} -->\n).*(<!-- end of {name} -->)", re.DOTALL)
    return region.sub(lambda found: found[1] + "\n".join(["", *lines, "", ""]) + found[2], text)


def _main() -> int:
    """Takes a minute or two; what must be mended is told, and stands on the page as it is."""
    todo = tasks(SHIPPED, [0], reference=False)
    found = selftest([0], todo=todo, processes=os.cpu_count() or 1, progress=lambda *_: None)
    PAGE.write_text(refreshed(PAGE.read_text("utf-8"), found), encoding="utf-8")
    sys.stderr.writelines(f"{problem}\n" for problem in found.problems)
    return bool(found.problems)


if __name__ == "__main__":
    sys.exit(_main())
