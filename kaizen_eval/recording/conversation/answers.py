"""What a response says, whichever API it is from; streams are put together before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kaizen_eval.messages import Usage
from kaizen_eval.recording.conversation.contents import parts, written
from kaizen_eval.recording.conversation.looking import count, mapping, mappings
from kaizen_eval.recording.conversation.questions import asked
from kaizen_eval.recording.conversation.said import Part, Said

__all__ = ["answered", "finish", "problem", "spent"]


def answered(body: Mapping[str, Any]) -> tuple[Said, ...]:
    """What the model said; empty where the body is in no shape that we know."""
    found = (*_choices(body), *_output(body), *_message(body), *_vectors(body), *_verdicts(body))
    return tuple(said for said in found if said.parts)


def finish(body: Mapping[str, Any]) -> str:
    """Why the model stopped, in the service's word; empty where it does not say."""
    reasons = [choice.get("finish_reason") for choice in mappings(body.get("choices"))]
    reasons += [body.get("stop_reason"), mapping(body.get("incomplete_details")).get("reason")]
    if isinstance(body.get("output"), list) and not any(reasons):
        reasons.append(body.get("status"))
    return ", ".join(dict.fromkeys(str(reason) for reason in reasons if reason))


def problem(body: Mapping[str, Any]) -> str:
    """What an error body says went wrong, in one line; empty where it is none."""
    error = body.get("error")
    if not isinstance(error, Mapping):
        return error if isinstance(error, str) else ""
    sort = error.get("code") or error.get("type")
    told = str(error.get("message") or "")
    return f"{told} ({sort})" if told and sort else told or str(sort or written(error))


def spent(body: Mapping[str, Any]) -> Usage | None:
    """What the service counted; None where it does not say."""
    usage = body.get("usage")
    if not isinstance(usage, Mapping) or not usage:
        return None
    given = mapping(usage.get("prompt_tokens_details") or usage.get("input_tokens_details"))
    made = mapping(usage.get("completion_tokens_details") or usage.get("output_tokens_details"))
    written_to_cache = _count(usage, "cache_creation_input_tokens")
    read_from_cache = _count(usage, "cache_read_input_tokens")
    return Usage(
        prompt=_count(usage, "prompt_tokens", "input_tokens") + written_to_cache + read_from_cache,
        completion=_count(usage, "completion_tokens", "output_tokens"),
        cached=read_from_cache + _count(given, "cached_tokens"),
        reasoning=_count(made, "reasoning_tokens"),
    )


def _choices(body: Mapping[str, Any]) -> Iterator[Said]:
    for choice in mappings(body.get("choices")):
        index = count(choice.get("index"))
        message = choice.get("message")
        if isinstance(message, Mapping):
            yield _chosen(message, index)
        elif isinstance(choice.get("text"), str):
            yield Said("assistant", parts(choice["text"]), index)


def _chosen(message: Mapping[str, Any], index: int) -> Said:
    thought = message.get("reasoning_content") or message.get("reasoning")
    thinking = (Part("thinking", thought),) if isinstance(thought, str) else ()
    said = asked({"messages": [{"role": "assistant", **message}]})
    return Said("assistant", (*thinking, *(part for one in said for part in one.parts)), index)


def _output(body: Mapping[str, Any]) -> Iterator[Said]:
    """The Responses API's items: what is said between two calls is one turn."""
    if isinstance(body.get("output"), list):
        items = asked({"input": [item for item in body["output"] if isinstance(item, Mapping)]})
        yield Said("assistant", tuple(part for said in items for part in said.parts))


def _message(body: Mapping[str, Any]) -> Iterator[Said]:
    """Anthropic's message, which is the body itself."""
    if body.get("type") == "message" or (body.get("role") and "content" in body):
        yield Said(str(body.get("role") or "assistant"), parts(body.get("content")))


def _vectors(body: Mapping[str, Any]) -> Iterator[Said]:
    vectors = [item["embedding"] for item in mappings(body.get("data")) if "embedding" in item]
    if vectors:
        number = "1 vector" if len(vectors) == 1 else f"{len(vectors)} vectors"
        yield Said("assistant", (Part("attached", f"{number} of {_length(vectors[0])} numbers"),))


def _length(vector: Any) -> int:
    """Base64 holds four bytes for each number."""
    if isinstance(vector, str):
        return len(vector.rstrip("=")) * 3 // 4 // 4
    return len(vector) if isinstance(vector, list) else 0


def _verdicts(body: Mapping[str, Any]) -> Iterator[Said]:
    verdicts = [item for item in mappings(body.get("results")) if "flagged" in item]
    for verdict in verdicts:
        names = [name for name, is_so in mapping(verdict.get("categories")).items() if is_so]
        told = f"flagged: {', '.join(names) or 'yes'}" if verdict["flagged"] else "not flagged"
        yield Said("assistant", (Part("text", told),))


def _count(usage: Mapping[str, Any], *names: str) -> int:
    return next((found for name in names if (found := count(usage.get(name))) > 0), 0)
