"""Recovers what a recording left that did not come to its end: a cassette out of a partial or rejected file."""

from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from kaizen_eval.errors import CassetteCorrupt, RecordingError, SecretFound, UsageError
from kaizen_eval.recording import verdict
from kaizen_eval.recording.exchange import Exchange, in_order
from kaizen_eval.recording.file import decode, exchange_of
from kaizen_eval.recording.redaction import Redactor
from kaizen_eval.recording.writing.keeping import found_in, keep
from kaizen_eval.recording.writing.lock import locked, unlock
from kaizen_eval.recording.writing.masking import masked
from kaizen_eval.recording.writing.partial import PARTIAL
from kaizen_eval.recording.writing.storage import beside, find, read, real, remove, write

__all__ = ["REPLACED", "recover"]

REPLACED = "replaced"
"""The ending of a cassette that a recovered one has taken the place of."""

_LEFT = re.compile(r"(?P<cassette>.+)\.(?:partial(?:-[0-9]+)?|rejected)")


class _Left(NamedTuple):
    """What a file beside a cassette holds."""

    exchanges: tuple[Exchange, ...]
    recorded_at: datetime
    adds: bool = False
    """Whether it holds only what the cassette lacked."""


def recover(path: Path | str, *, environment: Mapping[str, str] = os.environ, redact: Sequence[str] = ()) -> Path:
    """Make what a recording left the cassette; where that is now.

    A line that a crash has torn is dropped, with a warning. What still scans as a secret is masked, with a warning. A
    cassette that stood there is kept as `….replaced`; one that was being added to is added to. The file that was
    recovered is removed.

    Args:
        path: of a `.partial`, `.partial-1` … or `.rejected` file, or of a cassette with one of those beside it.
        environment: whose secret-named variables hold secrets.
        redact: as in CassetteSettings.

    Raises:
        CassetteBusy: somebody is recording into it now.
        CassetteCorrupt: it is no such file, or more than its last line is torn.
        RecordingError: there is nothing to recover, or the cassette cannot be written.
        UsageError: several files are beside the cassette, and none was named.
    """
    source = _source(real(Path(path)))
    cassette = source.with_name(_named(source))
    with _alone(source, cassette):
        place = _recovered(source, cassette, Redactor(environment=environment, redact=redact))
        source.unlink()
    return place


@contextmanager
def _alone(source: Path, cassette: Path) -> Iterator[None]:
    """Nobody records meanwhile.

    Raises:
        CassetteBusy: somebody does.
    """
    partial = beside(cassette, PARTIAL)
    holding = locked(partial, cassette=cassette)
    try:
        yield
    finally:
        if partial != source and os.fstat(holding).st_size == 0:
            remove(partial)  # made by the lock
        unlock(holding)


def _named(source: Path) -> str:
    found = _LEFT.fullmatch(source.name)
    return "" if found is None else found["cassette"]


def _source(path: Path) -> Path:
    """Raises:
    RecordingError: there is none.
    UsageError: there are several.
    """
    left = [path] if _named(path) and path.is_file() else _left_beside(path)
    if not left:
        sought = f"{path}" if _named(path) else f"{path}.partial, {path}.partial-1 … or {path}.rejected"
        raise RecordingError(f"There is nothing to recover: no {sought}.", path=str(path))
    if len(left) > 1:
        names = ", ".join(str(one) for one in left)
        raise UsageError(f"{len(left)} recordings of {path} are left: {names}. Name the one to recover.")
    return left[0]


def _left_beside(path: Path) -> list[Path]:
    names = os.listdir(path.parent) if path.parent.is_dir() else []  # noqa: PTH208 - names, not paths
    return [path.with_name(name) for name in sorted(names) if _named(path.with_name(name)) == path.name]


def _recovered(source: Path, cassette: Path, redactor: Redactor) -> Path:
    left = _read(source)
    there = find(cassette)
    if there is None:
        return keep(cassette, _safe(source, left.exchanges, redactor), left.recorded_at)
    if not left.adds:
        write(beside(there, REPLACED), read(there))
        return keep(cassette, _safe(source, left.exchanges, redactor), left.recorded_at)
    kept = decode(read(there), path=str(there))
    added = _behind(kept.exchanges, left.exchanges)
    return keep(cassette, _safe(source, (*kept.exchanges, *added), redactor), kept.header.recorded_at)


def _behind(kept: Sequence[Exchange], added: Sequence[Exchange]) -> Iterator[Exchange]:
    """In slots that none of those kept has, whatever has become of the cassette since."""
    slots = {exchange.lane: exchange.slot for exchange in kept}  # they are in order
    for exchange in in_order(added):
        slots[exchange.lane] = slots.get(exchange.lane, 0) + 1
        yield replace(exchange, slot=slots[exchange.lane])


def _safe(source: Path, exchanges: Sequence[Exchange], redactor: Redactor) -> tuple[Exchange, ...]:
    found = found_in(exchanges, redactor)
    if not found:
        return tuple(exchanges)
    warnings.warn(verdict.masked(source, found), verdict.CassetteWarning, stacklevel=4)
    safe = tuple(masked(exchange, redactor) for exchange in exchanges)
    if left := found_in(safe, redactor):
        raise SecretFound(verdict.secrets(source, left, None), path=str(source))
    return safe


def _read(source: Path) -> _Left:
    data = read(source)
    if data.startswith(b'{"partial":'):
        return _read_partial(data, source)
    recording = decode(data, path=str(source))
    return _Left(recording.exchanges, recording.header.recorded_at)


def _read_partial(data: bytes, source: Path) -> _Left:
    head, *lines = data.split(b"\n")
    torn = lines.pop() if lines else b""
    if torn:
        text = f"The last line of {source} is torn: the exchange that was being written there is lost."
        warnings.warn(text, verdict.CassetteWarning, stacklevel=5)
    try:
        told = json.loads(head)
        adds, recorded_at = told["mode"] == "record-missing", datetime.fromisoformat(told["recorded_at"])
    except (ValueError, KeyError, TypeError) as error:
        raise CassetteCorrupt(
            f"{source}, line 1: this is no head of a partial file: {error}.", path=str(source), line=1
        ) from error
    exchanges = [exchange_of(line, path=str(source), number=number) for number, line in enumerate(lines, 2)]
    return _Left(tuple(exchanges), recorded_at.astimezone(UTC), adds)
