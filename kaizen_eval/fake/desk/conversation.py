"""Which conversation a request belongs to."""

from __future__ import annotations

from hashlib import blake2b

from kaizen_eval.messages import ChatRequest

__all__ = ["conversation_of"]


def conversation_of(request: ChatRequest, run_id: str | None, *, is_within: bool = False) -> bytes:
    """The session when there is one, else the run with the request's opening: its system and first user message.

    An agent that is asked inside of another's run (`is_within`) has a conversation of its own, also in its session.
    """
    if request.session_id is not None:
        whose = (request.session_id, request.agent_id) if is_within else request.session_id
        return blake2b(repr(whose).encode(), digest_size=16).digest()
    opening = []
    for message in request.messages:
        if message.role in {"system", "user"}:
            opening.append((message.role, message.content))
        if message.role == "user":
            break
    return blake2b(repr((run_id, opening)).encode(), digest_size=16).digest()
