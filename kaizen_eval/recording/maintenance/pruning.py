"""Recordings without some of their exchanges."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from kaizen_eval.recording.exchange import Exchange, in_order
from kaizen_eval.recording.file import Recording, header_for

__all__ = ["duplicates", "without"]


def duplicates(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """Those that ask and answer what one before them in their lane did."""
    seen: set[object] = set()
    found = []
    for one in in_order(exchanges):
        response, failure = one.response, one.failure
        said = (
            one.lane,
            one.key,
            response and (response.status, response.headers, response.body),
            failure and (failure.error, failure.message),
        )
        if said in seen:
            found.append(one)
        seen.add(said)
    return found


def without(recording: Recording, dropped: Collection[Exchange]) -> Recording:
    """The recording without them; slots count from 1 again."""
    gone = {(one.lane, one.slot) for one in dropped}
    kept = [one for one in recording.exchanges if (one.lane, one.slot) not in gone]
    lanes: dict[str, int] = {}
    exchanges = []
    for one in in_order(kept):
        lanes[one.lane] = lanes.get(one.lane, 0) + 1
        exchanges.append(replace(one, slot=lanes[one.lane]))
    header = header_for(exchanges, recorded_at=recording.header.recorded_at, parts=recording.header.parts)
    return Recording(header, tuple(exchanges))
