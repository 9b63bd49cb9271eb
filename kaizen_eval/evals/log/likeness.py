"""Whether two evaluations ask the same of the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kaizen_eval.errors import Incomparable
from kaizen_eval.evals.log.codec import MANIFEST
from kaizen_eval.evals.manifest import Manifest

__all__ = ["check_alike", "differences"]

_TELLING = (
    "dataset_hash",
    "task",
    "signature",
    "strategy",
    "model",
    "cassette_hash",
    "is_deterministic",
    "scorers",
    "repeats",
    "seed",
    "shard",
)
"""The others, such as the labels, may change from one sitting to the next."""


def check_alike(folder: Path, stored: Manifest, asked: Manifest) -> None:
    """Raises:
    Incomparable: the evaluation in this folder cannot be gone on with as this one.
    """
    if found := differences(stored, asked):
        told = "; ".join(f"{name}: {old!r} there, {new!r} now" for name, old, new in found)
        raise Incomparable(
            f"The evaluation in {str(folder)!r} is another one, and cannot be gone on with. What differs: {told}. "
            "Ask for the same again, or choose another folder (--out)."
        )


def differences(one: Manifest, other: Manifest, *, but: tuple[str, ...] = ()) -> list[tuple[str, Any, Any]]:
    """What tells the two apart: field, here, there. As they are logged, so that a tuple is the list that is read."""
    here, there = MANIFEST.write(one), MANIFEST.write(other)
    return [
        (name, here.get(name, getattr(one, name)), there.get(name, getattr(other, name)))
        for name in _TELLING
        if name not in but and here.get(name) != there.get(name)
    ]
