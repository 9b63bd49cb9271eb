"""What recordings left beside cassettes: partial, rejected and replaced files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from kaizen_eval.cli.cassettes.places import DEFAULT, texts

__all__ = ["is_leftover", "leftovers"]

_LEFTOVER = re.compile(r".+\.(?:yaml|yml|jsonl)\.(?:partial(?:-[0-9]+)?|rejected|replaced)|\..+\.writing")


def is_leftover(path: Path) -> bool:
    return _LEFTOVER.fullmatch(path.name) is not None


def leftovers(given: Sequence[str]) -> list[Path]:
    """Those below the folders that are meant, and beside the files."""
    found: dict[Path, None] = {}
    for text in given or [DEFAULT]:
        path = Path(text)
        if path.is_dir() or is_leftover(path):
            found |= dict.fromkeys(one for one in texts([text]) if is_leftover(one))
        elif path.is_file():
            beside = path.parent.glob(f"{_escaped(path.name)}.*")
            found |= dict.fromkeys(one for one in sorted(beside) if is_leftover(one))
    return list(found)


def _escaped(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)
