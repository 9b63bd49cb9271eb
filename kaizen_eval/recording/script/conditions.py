"""Conditions: what of a recorded request a rule of a script holds against what is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.script.seen import Seen
from kaizen_eval.recording.exchange import Exchange
from kaizen_eval.recording.script.scene import EARLIER, asked_body
from kaizen_eval.recording.script.telling_apart import fields_apart, text_match

__all__ = ["Asked", "conditions_of"]

_When = dict[str, Any]


class Asked(NamedTuple):
    """One exchange, with what the fake makes of its request."""

    exchange: Exchange
    inquiry: Inquiry


class _Seen(NamedTuple):
    asked: Asked
    seen: Seen
    model: str | None
    continues: bool
    """Whether it goes on where an earlier response ended, which the fake alone knows."""


def conditions_of(asked: Sequence[Asked]) -> list[_When]:
    """For each exchange its `when`; equal for two of the same request, and never met by one for another."""
    seen = [_seen(one) for one in asked]
    groups: dict[tuple[object, ...], list[int]] = {}
    loose = {_bucket(one) for one in seen if one.continues or not one.seen.user}
    for place, one in enumerate(seen):
        bucket = _bucket(one)
        own = () if bucket in loose else (one.seen.user, one.seen.turn)
        groups.setdefault((*bucket, *own), []).append(place)
    found: list[_When] = [{}] * len(seen)
    for places in groups.values():
        members = [seen[place] for place in places]
        apart = fields_apart(
            [asked_body(one.asked.exchange.request) for one in members], [one.asked.exchange.key for one in members]
        )
        for place, one, fields in zip(places, members, apart, strict=True):
            found[place] = _when(one, fields)
    return found


def _seen(asked: Asked) -> _Seen:
    body = asked_body(asked.exchange.request)
    model = body.get("model")
    return _Seen(asked, Seen(asked.inquiry), model if isinstance(model, str) else None, bool(body.get(EARLIER)))


def _bucket(one: _Seen) -> tuple[object, ...]:
    inquiry = one.asked.inquiry
    return inquiry.endpoint, one.model, inquiry.request.stream, inquiry.operation


def _when(one: _Seen, fields: dict[str, Any]) -> _When:
    when: _When = dict(_told(one))
    if one.model is None:
        fields = {"$.model": {"exists": False}, **fields}
    if one.asked.inquiry.endpoint == "responses":
        fields = {f"$.{EARLIER}": {"exists": one.continues}, **fields} if one.continues else fields
    return when | ({"json": fields} if fields else {})


def _told(one: _Seen) -> Iterator[tuple[str, Any]]:
    """What a person reads first."""
    seen, inquiry = one.seen, one.asked.inquiry
    yield "endpoint", inquiry.endpoint
    if one.model:
        yield "model", one.model
    if seen.system:
        yield "system", text_match(seen.system)
    if seen.user:
        yield "user", text_match(seen.user)
    if inquiry.speaks:
        yield from _of_conversation(one)


def _of_conversation(one: _Seen) -> Iterator[tuple[str, Any]]:
    seen = one.seen
    if seen.turn and not one.continues:
        yield "turn", seen.turn
    if seen.tools and seen.tools[0]:
        yield "tool", seen.tools[0]
    if seen.tool_result:
        yield "tool_result", text_match(seen.tool_result)
    yield "stream", one.asked.inquiry.request.stream
