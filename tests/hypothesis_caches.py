"""Spares programs that tests start in folders of their own what takes Hypothesis seconds in each new folder."""

from __future__ import annotations

from pathlib import Path

__all__ = ["share_caches"]

_KEPT = Path(__file__).parents[1] / ".hypothesis"
_CACHES = ("constants", "unicode_data")


def share_caches(folder: Path) -> None:
    """What it has worked out of Unicode and of our modules serves here as well; examples that failed do not."""
    here = folder / ".hypothesis"
    here.mkdir(exist_ok=True)
    for name in _CACHES:
        (_KEPT / name).mkdir(parents=True, exist_ok=True)
        if not (here / name).exists():
            (here / name).symlink_to(_KEPT / name)
