"""The JSON body of a request, as far as the service's parser takes it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

from kaizen_eval.fake.wire.errors import Rejection

__all__ = ["DEEPEST", "decode_json"]

DEEPEST = 100
"""Objects and arrays within each other; deeper ones are refused, so that nothing behind runs out of stack."""
_UNREADABLE = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library "
    "correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble "
    "figuring out how to fix this, please contact us through our help center at help.openai.com.)"
)


def decode_json(body: bytes) -> Mapping[str, Any]:
    """The object in a body; of a name that comes twice, the last one.

    Raises:
        Rejection: it is no JSON object in UTF-8: also NaN, numbers out of range, half a surrogate pair, and more than
            `DEEPEST` levels. Its cause says what is wrong.
    """
    try:
        data = _parsed(body.decode())
        _check_surrogates(body, data)
        _check_depth(body, data)
    except (ValueError, RecursionError) as error:
        raise Rejection(_UNREADABLE) from error
    if not isinstance(data, dict):
        raise Rejection("Invalid type for the request body: expected an object.", code="invalid_type")
    return data


def _parsed(text: str) -> object:
    """As the parser's `decode`, which takes as long again to look for blanks around the value."""
    if text.startswith("{"):
        data, end = _PARSER.raw_decode(text)
        if end == len(text):
            return data
    return _PARSER.decode(text)


def _check_surrogates(body: bytes, data: object) -> None:
    """Refuse half of a pair, which has no UTF-8."""
    if b"\\u" in body:
        json.dumps(data, ensure_ascii=False).encode()


def _check_depth(body: bytes, data: object) -> None:
    if body.count(b"{") + body.count(b"[") <= DEEPEST:
        return
    level = [data]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _within(outer) if isinstance(inner, dict | list)]
        if not level:
            return
    raise ValueError(f"more than {DEEPEST} levels")


def _within(outer: object) -> Any:
    return outer.values() if isinstance(outer, dict) else outer


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is out of range")
    return number


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


_PARSER = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)
