"""What a recording adds up to: models, tokens, cost, and the versions of what recorded it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from kaizen_eval.recording.exchange import Exchange
from kaizen_eval.recording.file.content import Header, Totals

__all__ = ["header_for", "installed_parts"]

_PARTS = ("kaizen-eval", "openai", "httpx2")


def header_for(
    exchanges: Sequence[Exchange], *, recorded_at: datetime, parts: Iterable[tuple[str, str]] | None = None
) -> Header:
    """The header of a cassette that holds these exchanges.

    `recorded_at` has a time zone and is kept to the second; `parts` are the versions of what recorded them: those that
    are installed, if none are given.
    """
    return Header(
        recorded_at=recorded_at.astimezone(UTC).replace(microsecond=0),
        totals=Totals(exchanges=len(exchanges)),
        parts=installed_parts() if parts is None else tuple(parts),
    )


def installed_parts() -> tuple[tuple[str, str], ...]:
    return tuple((name, found) for name in _PARTS if (found := _version(name)) is not None)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
