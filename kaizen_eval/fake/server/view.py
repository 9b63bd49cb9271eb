"""The journal as JSON, without secrets: what the page and programs in other languages read."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from kaizen_eval.fake.desk.conversation import conversation_of
from kaizen_eval.fake.desk.desk import Desk
from kaizen_eval.fake.journal.exchange import Exchange, Opened
from kaizen_eval.fake.model.completion import Choice
from kaizen_eval.llm.translate import without_secrets
from kaizen_eval.messages import Message, ToolCall
from kaizen_eval.resilience.clock import now_ns, wall_time

__all__ = ["journal_json"]


def journal_json(desk: Desk, *, since: int, limit: int, last: int | None, secrets: Collection[str]) -> bytes:
    """What began or ended after version `since`; of more than `limit`, those that changed first.

    A `version` that is older than the journal's says that there is more. `clock` and `time` are the same instant, in
    seconds: on the clock that tells when an exchange `started`, and since the epoch.

    Args:
        desk: whose journal it is.
        since: 0 for all.
        limit: exchanges in one answer.
        last: leaves out all but so many that changed last; None leaves out none.
        secrets: which are made unreadable.
    """
    journal = desk.journal
    changed = sorted(journal.changed_since(since), key=lambda pair: pair[0].version)[-(last or 0) :]
    shown = changed[:limit]
    version = shown[-1][0].version if len(changed) > limit else max([since, *(o.version for o, _ in shown)])
    said = {
        "journal": journal.serial,
        "version": version,
        "count": len(journal),
        "more": len(changed) > limit,
        "clock": round(now_ns() / 1e9, 6),
        "time": round(wall_time(), 6),
        "exchanges": [_exchange(opened, exchange, desk) for opened, exchange in shown],
    }
    return without_secrets(json.dumps(said, default=str, ensure_ascii=False), secrets).encode("utf-8", "replace")


def _exchange(opened: Opened, exchange: Exchange, desk: Desk) -> dict[str, Any]:
    inquiry, request = opened.inquiry, exchange.request
    return {
        "number": exchange.number,
        "version": opened.version,
        "door": exchange.door or None,
        "endpoint": exchange.endpoint,
        "operation": inquiry.operation or None,
        "session": exchange.session_id,
        "agent": exchange.agent_id,
        "conversation": _conversation(exchange).hex(),
        "question": exchange.question.hex() or None,
        "attempt": exchange.attempt,
        "model": request.model,
        "stream": request.stream,
        "outcome": exchange.outcome,
        "error": exchange.error,
        "refused": None if exchange.refused is None else asdict(exchange.refused),
        "rule": exchange.rule or None,
        "near_misses": _near_misses(opened, desk),
        "text": exchange.text,
        "reply": None if opened.said is None else _reply(opened.said, is_cut=request.stream and bool(exchange.error)),
        "usage": _usage(exchange),
        "started": exchange.started,
        "first_byte_ms": _ms(exchange.started_ns, exchange.first_byte_ns),
        "ended_ms": _ms(exchange.started_ns, exchange.ended_ns),
        "bytes_in": exchange.bytes_in,
        "bytes_out": exchange.bytes_out,
        "request": {
            "headers": dict(inquiry.headers),
            "messages": [_message(message) for message in request.messages],
            "body": _json_value(inquiry.body),
        },
    }


def _conversation(exchange: Exchange) -> bytes:
    return conversation_of(exchange.request, exchange.asker.run_id, is_within=exchange.asker.is_within)


def _near_misses(opened: Opened, desk: Desk) -> list[dict[str, str]]:
    """As the script stands now."""
    near = () if opened.refused is not None else desk.near_misses(opened)
    return [{"rule": label, "differed": differed} for label, differed in near if label != opened.rule]


def _reply(said: Choice, *, is_cut: bool) -> dict[str, Any]:
    return {
        "text": said.text,
        "refusal": said.refusal,
        "tool_calls": _calls(said.tool_calls),
        "finish_reason": None if is_cut else said.finish_reason,
    }


def _usage(exchange: Exchange) -> dict[str, int | str] | None:
    usage = exchange.usage
    if usage is None:
        return None
    return {
        "prompt": usage.prompt,
        "completion": usage.completion,
        "total": usage.total,
        "cached": usage.cached,
        "reasoning": usage.reasoning,
        "counted_in": exchange.counted_in,
    }


def _message(message: Message) -> dict[str, Any]:
    said: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        said["tool_calls"] = _calls(message.tool_calls)
    if message.tool_call_id is not None:
        said["tool_call_id"] = message.tool_call_id
    return said


def _calls(calls: Iterable[ToolCall]) -> list[dict[str, str]]:
    return [{"id": call.id, "name": call.name, "arguments": call.arguments} for call in calls]


def _json_value(body: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return None if body is None else dict(body)


def _ms(start_ns: int, end_ns: int | None) -> float | None:
    """Milliseconds, rounded to 1 µs."""
    return None if end_ns is None else round((end_ns - start_ns) / 1e6, 3)
