"""Cassette: what was recorded, or is being recorded, behind one method: `begin`."""

from __future__ import annotations

import logging
import os
import threading
import warnings
import weakref
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import parse_qsl, urlsplit

from kaizen_eval.errors import (
    CassetteDrifted,
    CassetteMiss,
    CassetteMissing,
    CassetteStale,
    CassetteUnused,
    RecordingError,
    UsageError,
)
from kaizen_eval.recording import verdict
from kaizen_eval.recording.body import digest_of
from kaizen_eval.recording.exchange import Exchange, RawRequest, RecordedRequest
from kaizen_eval.recording.file import Recording, decode
from kaizen_eval.recording.file.limits import MOST_BYTES_OF_BODY, too_large
from kaizen_eval.recording.in_use import current_lane
from kaizen_eval.recording.lookup.key import has_holes, key_of, recorded_path
from kaizen_eval.recording.lookup.tape import Sent, Tape
from kaizen_eval.recording.missed import Missed
from kaizen_eval.recording.redaction import Redactor
from kaizen_eval.recording.settings import CassetteSettings, Mode
from kaizen_eval.recording.writing.finishing import Finish, lost_error
from kaizen_eval.recording.writing.partial import Partial
from kaizen_eval.recording.writing.recorder import NOWHERE, Recorder
from kaizen_eval.recording.writing.storage import find, read, real
from kaizen_eval.recording.writing.take import Take
from kaizen_eval.resilience.clock import now_ns

__all__ = ["RECORD", "Cassette", "Turn"]

RECORD = "pytest --kaizen-llm record"
"""The command that records, where nobody knows a better one."""

_WRITING: frozenset[Mode] = frozenset({"record", "record-missing"})
_log = logging.getLogger("kaizen_eval.recording")
_log.addHandler(logging.NullHandler())  # a library stays silent until its user sets logging up


class Turn(NamedTuple):
    """What is to be done about one request; neither is: send it, and tell nobody."""

    play: Exchange | None = None
    """Answer with this."""
    take: Take | None = None
    """Send it, and tell this what comes."""


class Cassette:
    """Replays, records, or both. Made by `open`, and of use until `close`; safe to ask from any thread."""

    def __init__(  # noqa: PLR0913 - what `open` has found out
        self,
        path: Path,
        settings: CassetteSettings,
        *,
        lane: str,
        clock: Callable[[], int],
        now: Callable[[], datetime],
        redactor: Redactor,
        command: str,
        recording: Recording | None,
        partial: Partial | None,
    ) -> None:
        self.path = path
        self.settings = settings
        self.lane = lane
        self._now = now
        self._opened_at = now()
        self._redactor = redactor
        self._command = command
        self._recording = recording
        self._partial = partial
        self._exchanges = () if recording is None else recording.exchanges
        self._tape = Tape(self._going_wrong(), ignore=settings.ignore)
        self._recorder = Recorder(redactor=redactor, clock=clock, keeps=partial or NOWHERE, taken=self._exchanges)
        self._mutex = threading.Lock()
        self._is_closed = False
        self._is_forked = False
        self.reworded = 0
        """Verified answers that have the same shape and other words now; known when it is closed."""
        self.last_words = ""
        """Where a recording that failed is kept, and how it becomes the cassette; empty before that."""
        self._missed = Missed(self)
        _cassettes.add(self)

    @classmethod
    def open(  # noqa: PLR0913 - each with its default; what is read from outside is named
        cls,
        path: Path | str,
        settings: CassetteSettings = CassetteSettings(),  # noqa: B008 - it is frozen
        *,
        lane: str = "",
        clock: Callable[[], int] = now_ns,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        environment: Mapping[str, str] = os.environ,
        command: str = RECORD,
    ) -> Self:
        """The cassette of this path, ready for requests.

        Args:
            path: of the file; one beside it in the other form, `.yaml` or `.jsonl`, is found too. Symbolic links are
                followed; folders are made.
            settings: its mode, and more.
            lane: of the requests that name none.
            clock: nanoseconds; the offsets of what is recorded come from it.
            now: with a time zone; what the cassette is dated with.
            environment: whose secret-named variables hold secrets.
            command: what records this cassette; messages tell it.

        Raises:
            CassetteMissing: there is none to replay or verify.
            CassetteCorrupt: the file is torn, foreign or changed. It is not recorded over in any mode either: whoever
                means that removes it first.
            CassetteBusy: it is to be recorded, and somebody else does that.
            RecordingError: it cannot be read, or its folder not be written.
        """
        path, mode = Path(path), settings.mode
        partial = _partial(path, mode, now()) if mode in _WRITING else None
        try:
            recording = None if mode == "live" else _recording(path, mode, command)
        except BaseException:
            if partial is not None:
                partial.remove()
            raise
        redactor = Redactor(environment=environment, redact=settings.redact, keep_headers=settings.keep_headers)
        return cls(
            path,
            settings,
            lane=lane,
            clock=clock,
            now=now,
            redactor=redactor,
            command=command,
            recording=recording,
            partial=partial,
        )

    @property
    def mode(self) -> Mode:
        return self.settings.mode

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What the file held when it was opened; none where it is recorded anew, or where nothing is replayed."""
        return self._exchanges

    @property
    def played(self) -> tuple[Exchange, ...]:
        """In the order asked for; with those that went wrong."""
        return tuple(self._tape.played)

    @property
    def unused(self) -> tuple[Exchange, ...]:
        """Those of which a client met what goes wrong, and that were not asked for again, are none."""
        if not self.settings.faults:
            return self._tape.unused
        met = {(one.lane, one.slot) for one in self._tape.played}
        return tuple(one for one in self._tape.unused if type(one) is Exchange and (one.lane, one.slot) not in met)

    @property
    def recorded(self) -> tuple[Exchange, ...]:
        """What has been recorded since it was opened and is over, by lane and slot."""
        return self._recorder.recorded

    def begin(self, raw: RawRequest, *, lane: str | None = None) -> Turn:
        """What is to be done about a request that is about to be sent; its slot is given here.

        Args:
            raw: with the whole body, as the client sends it.
            lane: where it is None, the cassette's own, and in it the one of the block that this is called in.

        Raises:
            CassetteMiss: nothing that is left is for it. The error also fails the closing, unless it is forgiven.
            UsageError: the cassette is closed, or this process is a fork of the one that records.
            RecordingError: the body is too large for any cassette; nothing was sent.
        """
        self._check_use()
        if self.mode == "live":
            return Turn()
        self._check_size(raw)
        lane = _lane_within(self.lane) if lane is None else lane
        if self.mode == "record":
            key, request = self._keyed(raw, lane)
            return Turn(take=self._recorder.take(lane, key, request))
        try:
            return self._played(raw, lane)
        except RecordingError as error:
            self.note(error)
            raise

    def note(self, error: RecordingError) -> None:
        """A request found no answer, or no more of one; the agent may swallow it: its test is to fail all the same."""
        self._missed.note(error)

    def forgive_misses(self) -> None:
        """Misses are expected here: the ones so far, and those to come."""
        self._missed.forgive()

    def close(self, *, passed: bool = True) -> None:
        """Say what is to be said, and keep what was recorded; the second time does nothing.

        What is still under way is kept as if its client had left, and told.

        Args:
            passed: whether what used it succeeded. If not, nothing is raised: what was recorded is kept beside the
                cassette, masked, and logged.

        Raises:
            SecretFound: a secret would be written; the old cassette is as it was.
            RecordingError: the cassette cannot be written; the old one is as it was.
            CassetteMiss: somebody swallowed one.
            CassetteDrifted: the real service answers otherwise than recorded.
            CassetteUnused: not all that was recorded was asked for.
            CassetteStale: it is older than it may be.
        """
        with self._mutex:
            if self._is_closed:
                return
            self._is_closed = True
        left = self._recorder.leave_all()
        if self._is_forked:
            return
        try:
            if passed:
                self._close_passed(left)
            else:
                self._close_failed()
        finally:
            if self._partial is not None:
                self._partial.keep()

    def discard(self) -> None:
        """Close it, and keep nothing of what was recorded: what used it came to no end. Nothing is raised."""
        with self._mutex:
            if self._is_closed:
                return
            self._is_closed = True
        self._recorder.leave_all()
        if self._partial is not None and not self._is_forked:
            self._partial.remove()

    def __repr__(self) -> str:
        return f"<Cassette {str(self.path)!r}: {self.mode}>"

    def _going_wrong(self) -> tuple[Exchange, ...]:
        """What is replayed, each with its faults before it."""
        if not self.settings.faults or self._recording is None:
            return self._exchanges
        from kaizen_eval.recording.script.spoiling import with_faults  # noqa: PLC0415 - for those who want faults alone

        return with_faults(self._exchanges, self.settings.faults, lane=self.lane, path=str(self.path))

    def _check_use(self) -> None:
        if self._is_closed:
            raise UsageError(
                f"The cassette {self.path} is closed, and a request came for it: close it when all are answered."
            )
        if self._is_forked and self._partial is not None:
            raise UsageError(
                f"The cassette {self.path} is recorded by the process that this one was forked from: open another "
                "cassette here, or record in one process."
            )

    def _check_size(self, raw: RawRequest) -> None:
        if len(raw.body) > MOST_BYTES_OF_BODY:
            error = too_large(len(raw.body))
            self.note(error)
            raise error

    def _keyed(self, raw: RawRequest, lane: str) -> tuple[str, RecordedRequest]:
        request = self._redactor.request(raw)
        return key_of(request, lane=lane, ignore=self.settings.ignore), request

    def _played(self, raw: RawRequest, lane: str) -> Turn:
        sent = _sent(raw, lane)
        known = self._tape.key_of_same(sent)
        if known is not None and (found := self._tape.take_same(sent) or self._tape.take(known)) is not None:
            return self._playing(found)
        key, request = self._keyed(raw, lane)
        found = self._tape.take(key) or self._tape.take_rekeyed(key) or self._recorded_elsewhere(raw, request, lane)
        if found is not None:
            return self._playing(found)
        if self.mode == "record-missing":
            return Turn(take=self._recorder.take(lane, key, request))
        raise CassetteMiss(self._miss_message(request, lane), path=str(self.path))

    def _recorded_elsewhere(self, raw: RawRequest, request: RecordedRequest, lane: str) -> Exchange | None:
        """By a machine that knew of more secrets, or of fewer: what it kept is held against all that it may have."""
        if not has_holes(request):
            return self._tape.take_fitting(request, lane=lane)
        anywhere = self._redactor.request_anywhere(raw)
        key = key_of(anywhere, lane=lane, ignore=self.settings.ignore)
        return self._tape.take(key) or self._tape.take_fitting(anywhere, lane=lane)

    def _playing(self, found: Exchange) -> Turn:
        if found.response is not None:
            found.response.body.data  # noqa: B018 - read here, where an error of it is noted
        verifies = self.mode == "verify" and type(found) is Exchange
        return Turn(found, self._recorder.verify(found) if verifies else None)

    def _miss_message(self, request: RecordedRequest, lane: str) -> str:
        from kaizen_eval.recording.comparison.nearest import miss_message  # noqa: PLC0415 - for those who miss alone

        return miss_message(
            request,
            path=str(self.path),
            exchanges=self.exchanges,
            used={(exchange.lane, exchange.slot) for exchange in self.played},
            command=self._command,
            lane=lane,
            ignore=self.settings.ignore,
        )

    def _close_passed(self, left: tuple[Exchange, ...]) -> None:
        errors = list(filter(None, [self._kept(), self._missed.error(self.path), self._drifted()]))
        words = [verdict.unfinished(self.path, left)] if left else []
        unused, stale = self._unused_error(), self._stale_error()
        fails = self.settings.unused == "fail" and self.mode != "record-missing"
        errors += [unused] if unused and fails else []
        words += [str(unused)] if unused and not fails and self.settings.unused != "ignore" else []
        errors += [stale] if stale and self.settings.expired == "fail" else []
        words += [str(stale)] if stale and self.settings.expired != "fail" else []
        _say(errors, words)

    def _close_failed(self) -> None:
        if self._partial is None:
            return
        if not self.recorded:
            self._partial.remove()
            return
        self.last_words = self._finish(self._partial).failed()
        _log.warning("%s", self.last_words)

    def _kept(self) -> RecordingError | None:
        """What went wrong when the cassette was written."""
        lost = self._recorder.lost
        if self._partial is None:
            return lost_error(self.path, lost) if lost else None
        if self.mode == "record-missing" and not self.recorded and not lost:
            self._partial.remove()
            return None
        return self._finish(self._partial).passed()

    def _finish(self, partial: Partial) -> Finish:
        return Finish(
            path=self.path,
            exchanges=(*self.exchanges, *self.recorded),
            lost=self._recorder.lost,
            recorded_at=self._dated(),
            redactor=self._redactor,
            partial=partial,
        )

    def _dated(self) -> datetime:
        """A cassette that is added to is as old as its oldest part."""
        return self._opened_at if self._recording is None else self._recording.header.recorded_at

    def _drifted(self) -> CassetteDrifted | None:
        if not (verified := self._recorder.verified):
            return None
        from kaizen_eval.recording.writing.verifying import drifts_of  # noqa: PLC0415 - for the mode that verifies alone

        shapes, words = drifts_of(verified)
        if words:
            self.reworded = len(words)
            _log.warning("%s", verdict.reworded(self.path, words))
        if not shapes:
            return None
        text = verdict.drifted(self.path, shapes, of=len(verified), command=self._command)
        return CassetteDrifted(text, path=str(self.path))

    def _unused_error(self) -> CassetteUnused | None:
        left = self.unused
        if not left:
            return self._unmet_error()
        return CassetteUnused(verdict.unused(self.path, left, among=self.exchanges), path=str(self.path))

    def _unmet_error(self) -> CassetteUnused | None:
        slots = [str(one.slot) for one in self._tape.unused if type(one) is not Exchange]
        return CassetteUnused(verdict.unmet(self.path, slots), path=str(self.path)) if slots else None

    def _stale_error(self) -> CassetteStale | None:
        max_age = self.settings.max_age
        if self._recording is None or max_age is None:
            return None
        text = verdict.stale(self.path, self._recording.header.recorded_at, self._now(), max_age, self._command)
        return None if text is None else CassetteStale(text, path=str(self.path))

    def _after_fork(self) -> None:
        self._is_forked = True
        self._mutex = threading.Lock()
        self._tape.after_fork()
        self._recorder.after_fork()
        if self._partial is not None:
            self._partial.after_fork()


_cassettes: weakref.WeakSet[Cassette] = weakref.WeakSet()


def _forked() -> None:
    for cassette in list(_cassettes):
        cassette._after_fork()  # noqa: SLF001 - its own module


os.register_at_fork(after_in_child=_forked)


def _partial(path: Path, mode: Mode, now: datetime) -> Partial:
    try:
        partial = Partial(real(path), mode=mode, recorded_at=now)
    except OSError as error:
        raise RecordingError(
            f"{path} cannot be recorded: {error.strerror or error} ({error.filename or path}). Nothing was sent.",
            path=str(path),
        ) from error
    if partial.moved is not None:
        try:
            warnings.warn(verdict.left_over(partial.moved), verdict.CassetteWarning, stacklevel=3)
        except BaseException:
            partial.remove()
            raise
    return partial


def _recording(path: Path, mode: Mode, command: str) -> Recording | None:
    place = find(path)
    if place is None:
        if mode in _WRITING:
            return None
        raise CassetteMissing(verdict.missing(path, command), path=str(path))
    recording = decode(read(place), path=str(place))
    return None if mode == "record" else recording


def _lane_within(own: str) -> str:
    return "/".join(part for part in (own, current_lane()) if part)


def _sent(raw: RawRequest, lane: str) -> Sent:
    url = urlsplit(raw.url)
    query = tuple(sorted(parse_qsl(url.query, keep_blank_values=True))) if url.query else ()
    return lane, raw.method.upper(), recorded_path(url.path), query, digest_of(raw.body)


def _say(errors: list[RecordingError], words: list[str]) -> None:
    """Raise the first, with all else as notes; what fails nothing is a warning."""
    if errors:
        first, *others = errors
        for note in [*map(str, others), *words]:
            first.add_note(note)
        raise first
    for word in words:
        warnings.warn(word, verdict.CassetteWarning, stacklevel=4)
