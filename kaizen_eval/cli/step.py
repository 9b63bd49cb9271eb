"""One thing that `init` does, or leaves to the user, about one file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Action", "Step"]

Action = Literal["written", "overwritten", "extended", "kept", "left to you"]


@dataclass(frozen=True, slots=True)
class Step:
    """A file of the repository, and what becomes of it."""

    path: str
    """From the repository's root, with forward slashes."""
    action: Action
    text: str | None = None
    """The file's whole new text; None when the file stays as it is."""
    note: str = ""
    """Why it stays, or the lines that the user is asked to add."""
