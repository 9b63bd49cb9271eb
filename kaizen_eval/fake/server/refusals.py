"""What the server itself answers: refusals in the real service's words, and marked answers of its own."""

from __future__ import annotations

import json

from kaizen_eval.errors import ScriptMiss
from kaizen_eval.fake.wire.errors import encode_error
from kaizen_eval.fake.wire.events import Answer, json_answer
from kaizen_eval.llm.translate import MISS_HEADER, SCRIPT_ERROR_HEADER

__all__ = ["failed", "missed", "refused"]

_LAST_WORD = ("x-should-retry", "false")
"""Trying again would change nothing, and hide what is wrong."""


def missed(miss: ScriptMiss) -> Answer:
    """For a request that no rule is for: `error` also holds the `nearest` rule and what `differed`."""
    said = {"message": str(miss), "type": "script_miss", "param": None, "code": "script_miss"}
    said |= {"nearest": miss.nearest, "differed": miss.differed}
    return json_answer(501, json.dumps({"error": said}).encode(), (MISS_HEADER, "1"), _LAST_WORD)


def failed(error: BaseException) -> Answer:
    """For a script that is wrong, or a function of it that raised."""
    name = type(error).__name__
    body = encode_error(f"The script of the fake failed: {name}: {error}", kind="script_error", code=name)
    return json_answer(500, body, (SCRIPT_ERROR_HEADER, name), _LAST_WORD)


def refused(status: int, message: str) -> Answer:
    """For what is no request of the API."""
    return json_answer(status, encode_error(message, kind="invalid_request_error"))
