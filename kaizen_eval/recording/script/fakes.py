"""fake_from: a fake that says what was recorded; and how its shapes differ from those of the recorded service."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

from kaizen_eval.bridge import run
from kaizen_eval.errors import CassetteMissing, RecordingError
from kaizen_eval.fake.fake_llm import FakeLLM
from kaizen_eval.fake.front.front import Front, TurnedAway
from kaizen_eval.fake.script_file.loading import read as read_script
from kaizen_eval.fake.wire.events import Answer, WireEvent
from kaizen_eval.recording.comparison import Difference
from kaizen_eval.recording.comparison.difference import response_differences
from kaizen_eval.recording.exchange import Exchange, Failure, RecordedRequest
from kaizen_eval.recording.file import Recording, decode
from kaizen_eval.recording.script.compiling import compiled
from kaizen_eval.recording.script.spoiling import met
from kaizen_eval.recording.script.spoken import body_of
from kaizen_eval.recording.script.writing import documents
from kaizen_eval.recording.settings import Pace
from kaizen_eval.recording.verdict import CassetteWarning
from kaizen_eval.recording.writing.storage import find, read

__all__ = ["fake_from", "shape_drift"]


def fake_from(path: str | os.PathLike[str] | Recording, *, pace: Pace = "recorded", seed: int = 0) -> FakeLLM:
    """A fake whose script is what was recorded; more rules can be added to it, which come after these.

    Args:
        path: of a cassette, or what one holds.
        pace: "instant" for a fake that takes no time.
        seed: of what no rule says.

    Raises:
        CassetteMissing: there is none.
        RecordingError: the cassette cannot be read, or has nothing that the fake could say.

    Warns:
        CassetteWarning: some of it is nothing that the fake takes.
    """
    recording = path if isinstance(path, Recording) else _recording(Path(path))
    rules, skipped = compiled(recording, pace=pace)
    if skipped:
        slots = ", ".join(str(one.slot) for one in skipped)
        told = f"{len(skipped)} of the {len(recording.exchanges)} exchanges are nothing that the fake takes: {slots}."
        if len(skipped) == len(recording.exchanges):
            raise RecordingError(told)
        warnings.warn(told, CassetteWarning, stacklevel=2)
    fake = FakeLLM(seed=seed)
    script = fake.front().desk.script
    for text in documents(rules):
        read_script(text, language="json", name="cassette").add_to(script)
    return fake


def _recording(path: Path) -> Recording:
    place = find(path)
    if place is None:
        raise CassetteMissing(f"There is no cassette {path}.", path=str(path))
    return decode(read(place), path=str(place))


def shape_drift(recording: Recording) -> dict[tuple[str, int], tuple[Difference, ...]]:
    """Where the fake, run against its own recording, answers in another shape than the service did.

    Returns:
        By lane and slot; exchanges that the fake answers in the recorded shape are left out. What the answers say, and
        how long they are, is not compared.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CassetteWarning)
        front = fake_from(recording, pace="instant").front()
    skipped = {(one.lane, one.slot) for one in compiled(recording).skipped}
    ids: dict[str, str] = {}
    asked = [one for one in recording.exchanges if (one.lane, one.slot) not in skipped]
    found = {(one.lane, one.slot): _differences(one, front, ids) for one in asked}
    return {place: differences for place, differences in found.items() if differences}


def _differences(recorded: Exchange, front: Front, ids: dict[str, str]) -> tuple[Difference, ...]:
    """Later requests name the answer by the id that the fake gave it."""
    event = run(lambda: _event(front, recorded.request, ids))
    response, failure = met(event)
    if recorded.response is not None and response is not None:
        one, other = body_of(recorded.response), body_of(response)
        if isinstance(one, dict) and isinstance(other, dict) and one.get("id"):
            ids[str(one["id"])] = str(other.get("id"))
    is_cut = recorded.failure is not None or recorded.was_left
    found = response_differences(recorded.response, response, was_left=is_cut)
    return found if recorded.was_left or bool(failure) == bool(recorded.failure) else (*found, _ends(recorded, failure))


def _ends(recorded: Exchange, failure: Failure | None) -> Difference:
    one, other = (ended.error if ended else "the end" for ended in (recorded.failure, failure))
    return Difference("failure", one, other)


async def _event(front: Front, request: RecordedRequest, ids: dict[str, str]) -> WireEvent:
    body = request.body.data
    for recorded, own in ids.items():
        body = body.replace(recorded.encode(), own.encode())
    visit = front.receive(request.method, request.path, dict(request.headers), body)
    if isinstance(visit, Answer):
        return visit
    try:
        return (
            visit.answer
            if isinstance(visit, TurnedAway)
            else front.answer(visit, await front.desk.outcome(visit.opened))
        )
    finally:
        front.desk.close(visit.opened)
