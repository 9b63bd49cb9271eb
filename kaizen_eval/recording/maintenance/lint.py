"""What is wrong with a cassette, although or because nobody recorded it so: rules, and what breaks them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from kaizen_eval.errors import CassetteCorrupt
from kaizen_eval.recording.file import Recording, decode, encode
from kaizen_eval.recording.maintenance.documents import Document, documents, text_block
from kaizen_eval.recording.maintenance.editing import plain_text
from kaizen_eval.recording.maintenance.sighting import Scanner, in_exchanges

__all__ = ["RULES", "Problem", "linted", "whole"]

RULES = {
    "corrupt": "The file is torn, foreign, or has fields that no cassette has; nothing of it is replayed.",
    "edited": "A body does not fit its digest, because somebody changed it.",
    "text": "The text beside a stream, for reviewers, is not what the stream says.",
    "unsorted": "Exchanges are not in the order of their lanes and slots, in which recording writes them.",
    "secret": "Something that looks like a secret is in it.",
    "old": "It was recorded longer ago than it may be.",
    "leftover": "Beside it stands what a recording left behind that failed or was stopped.",
}


class Problem(NamedTuple):
    """Something that breaks a rule."""

    rule: str
    text: str
    """What is wrong, with the way to mend it."""
    line: int | None = None
    """Where, from 1."""


def linted(
    data: bytes, *, path: str, scanner: Scanner, now: datetime, max_age: timedelta | None = None
) -> tuple[Problem, ...]:
    """What is wrong with the file of those bytes, by line."""
    recording, problems = _read(data, path)
    if recording is None:
        return problems
    text = plain_text(data)
    found = documents(text)
    problems += tuple(_unsorted(found))
    problems += tuple(_texts(found, recording))
    problems += tuple(_secrets(recording, text, scanner, path))
    problems += tuple(_old(recording, now, max_age))
    return tuple(sorted(problems, key=lambda problem: problem.line or 0))


def _read(data: bytes, path: str) -> tuple[Recording | None, tuple[Problem, ...]]:
    """The recording, if need be as it was edited, and why it cannot be replayed."""
    try:
        return whole(decode(data, path=path)), ()
    except CassetteCorrupt as error:
        problem = Problem("corrupt", _bare(error, path), error.line)
    try:
        return whole(decode(data, path=path, accept_edits=True)), (problem._replace(rule="edited"),)
    except CassetteCorrupt:
        return None, (problem,)


def whole(recording: Recording) -> Recording:
    """The same, each of its bodies looked at. Raises CassetteCorrupt."""
    for exchange in recording.exchanges:
        _ = exchange.request.body.data
        _ = exchange.response is None or exchange.response.body.data
    return recording


def _bare(error: CassetteCorrupt, path: str) -> str:
    place = f"{path}:{error.line}: " if error.line else f"{path}: "
    return str(error).removeprefix(place)


def _unsorted(found: tuple[Document, ...]) -> Iterator[Problem]:
    for before, after in pairwise(found):
        if (after.lane, after.slot) < (before.lane, before.slot):
            place = f"slot {after.slot} stands after slot {before.slot}"
            yield Problem("unsorted", f"{place}; `lint --accept-edits` sorts.", after.line)
            return


def _texts(found: tuple[Document, ...], recording: Recording) -> Iterator[Problem]:
    """A body's text as it stands, and as it would be written."""
    written = {(one.lane, one.slot): one for one in documents(encode(recording, form="yaml").decode())}
    for document in found:
        mine, ours = text_block(document), text_block(written[document.lane, document.slot])
        if mine is not None and mine[0] != (ours or ("",))[0]:
            yield Problem("text", "the text is not what the stream says; `lint --accept-edits` renews it.", mine[1])


def _secrets(recording: Recording, text: str, scanner: Scanner, path: str) -> Iterator[Problem]:
    for seen in in_exchanges(recording.exchanges, text, scanner):
        told = f"{seen.kind} in {seen.where}; to take it out: kaizen-eval cassettes scrub {path}"
        yield Problem("secret", told, seen.line)


def _old(recording: Recording, now: datetime, max_age: timedelta | None) -> Iterator[Problem]:
    passed = now - recording.header.recorded_at
    if max_age is not None and passed > max_age:
        yield Problem("old", f"recorded {passed.days} days ago; it may be {max_age.days} days old.")
