"""Makes the table of kinds of secrets in docs/cassette-secrets.md: run this file."""

from __future__ import annotations

import re
from pathlib import Path

from kaizen_eval.secrets.kinds import KINDS

__all__ = ["PAGE", "refreshed"]

PAGE = Path(__file__).parents[2] / "docs" / "cassette-secrets.md"

_REGION = re.compile(r"(?<=<!-- kinds -->\n\n).*(?=\n\n<!-- end of kinds -->)", re.DOTALL)


def refreshed(text: str) -> str:
    """The page with its table made anew."""
    lines = ["| kind | |", "|---|---|", *(f"| {kind.name} | {kind.sentence} |" for kind in KINDS)]
    return _REGION.sub(lambda _: "\n".join(lines), text)


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text("utf-8")), "utf-8")
