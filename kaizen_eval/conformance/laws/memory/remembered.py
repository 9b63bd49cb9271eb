"""Remembered: which turns each run of a conversation must be shown, by a model of what memory is."""

from __future__ import annotations

from collections import OrderedDict

from kaizen_eval.conformance.laws.own_requests import first_asked
from kaizen_eval.conformance.observation import Observation
from kaizen_eval.fake import Exchange

__all__ = ["remembered"]


def remembered(seen: Observation, *, cleared_after: int | None = None) -> dict[int, tuple[int, ...]]:
    """By the place of an ask, those of the asks whose turns it must be shown, oldest first.

    Args:
        seen: what was played.
        cleared_after: the place of an ask whose session was cleared when it had ended, if one was.
    """
    config = seen.situation.config
    most, sessions = config.get("max_sessions", 10_000), OrderedDict[str, list[int]]()
    shown: dict[int, tuple[int, ...]] = {}
    for place in _order(seen):
        session = seen.outcomes[place].ask.session
        if session is None:
            shown[place] = ()
            continue
        turns = sessions.pop(session, [])
        shown[place] = tuple(turns[-config["max_turns"] :])
        if seen.outcomes[place].error is None:
            turns.append(place)
        if turns and place != cleared_after:
            sessions[session] = turns
        while len(sessions) > most:
            sessions.popitem(last=False)
    return shown


def _order(seen: Observation) -> list[int]:
    """In which the runs were: together, the order in which they first asked; those that did not ask are left out."""
    places = range(len(seen.outcomes))
    if not seen.situation.together:
        return list(places)
    asked = {place: first_asked(seen, seen.outcomes[place]) for place in places}
    return sorted((place for place in places if asked[place]), key=lambda place: _number(asked[place]))


def _number(exchange: Exchange | None) -> int:
    return 0 if exchange is None else exchange.number
