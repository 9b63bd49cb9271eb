"""One writer at a time: a file that only one process, and one cassette in it, holds."""

from __future__ import annotations

from pathlib import Path

from kaizen_eval.errors import CassetteBusy
from kaizen_eval.held_files import exclusive, let_go

__all__ = ["locked", "unlock"]

unlock = let_go


def locked(path: Path, *, cassette: Path) -> int:
    """The open file, made if need be; held until `unlock`, or until the process ends in whatever way.

    Raises:
        CassetteBusy: somebody else holds it.
        OSError: it cannot be opened or made.
    """
    descriptor = exclusive(path)
    if descriptor is None:
        raise CassetteBusy(
            f"Somebody else is recording {cassette}: another process, or another test of this one, holds {path}. "
            "Wait until it is done, or record into a cassette of another name.",
            path=str(cassette),
        )
    return descriptor
