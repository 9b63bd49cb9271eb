"""A glance at a body: whether it may hold a secret, in a few microseconds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kaizen_eval.recording.redaction.rules import ESCAPED_LETTER, Rules, decoded_base64
from kaizen_eval.recording.redaction.telling import mentions_with_values
from kaizen_eval.secrets.shapes import framed_spans, shape_spans

__all__ = ["may_hold"]

_RUN = 16
"""Letters, digits, hyphens and underscores in a row; every shape with a prefix has as many."""
_BEFORE = 24
"""Characters that a prefix with other signs may stand before its run."""
_JOINTS = frozenset("./=:")
_IN_RUN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_RUNS = bytes(0x61 if code in _IN_RUN else 0x20 for code in range(256))
_LONG = b"a" * _RUN
_ESCAPED_ASCII = re.compile(rb"\\u00[2-7]")
_ESCAPES = (b"\\n", b"\\t", b"\\r", b"\\b", b"\\f")
_ESCAPED = re.compile(rb"\\u[0-9a-fA-F]{4}")
_PAIR = re.compile(r"""value\\{0,8}"\s{0,8}:\s{0,8}\\{0,8}["\d\[]""")
_ANYWHERE = ("***", "slack.com/")
_FIELD_NAMES = (
    "accepted_prediction_tokens additionalProperties cache_creation_input_tokens cache_read_input_tokens "
    "completion_tokens_details frequency_penalty incomplete_details input_tokens_details "
    "max_completion_tokens max_output_tokens output_tokens_details parallel_tool_calls presence_penalty "
    "previous_response_id prompt_tokens_details reasoning_content reasoning_effort "
    "rejected_prediction_tokens system_fingerprint"
)
_FIELDS = frozenset(_FIELD_NAMES.split())
_DELTA = re.compile(
    r'"(?:arguments|co(?:de|mpletion|ntent)|d(?:ata|elta)|input|output(?:_text)?|partial_json'
    r"|re(?:asoning(?:_content|_text)?|fusal|sponse)|summary_text|t(?:ext|hinking|oken|ranscript))"
    r'"\s{0,8}+:\s{0,8}+"([^"\\]*+(?:\\.[^"\\]*+)*+)'
)


def may_hold(data: bytes, rules: Rules, *, is_stream: bool = False) -> bool:
    """Whether there is any reason to look closely.

    Args:
        data: a body as it is, escapes and all.
        rules: what is looked for.
        is_stream: whether texts in it come in parts; several documents in a row are always looked at so.
    """
    if _has_odd_escapes(data) or any(
        _is_suspicious(writing, writing.decode("latin-1"), rules) for writing in _writings(data)
    ):
        return True
    text = data.decode("latin-1")
    if not (is_stream or b"}\n{" in data or b"}\r\n{" in data):
        return False
    if _is_tangled(text):
        return True
    parts = "".join(_DELTA.findall(text)).encode("latin-1")
    return any(_is_suspicious(writing, writing.decode("latin-1"), rules) for writing in _writings(parts))


def _writings(data: bytes) -> Iterator[bytes]:
    """Without escapes, which would seem to be letters before a key; where a backslash may be one itself, also with."""
    if b"\\" not in data:
        yield data
        return
    if b"\\\\" in data:
        yield data
    for escape in _ESCAPES:
        data = data.replace(escape, b"  ")
    yield _ESCAPED.sub(b"  ", data) if b"\\u" in data else data


def _is_suspicious(data: bytes, text: str, rules: Rules) -> bool:
    return (
        bool(rules.patterns)
        or any(hint in data for known in rules.known for hint in known.hints)
        or any(sign in text for sign in _ANYWHERE)
        or _has_secret_run(data, text, rules)
        or next(framed_spans(text), None) is not None
        or _has_telling_name(text, rules)
    )


def _has_odd_escapes(data: bytes) -> bool:
    """Whether letters or digits are escaped, as nobody does who hides nothing."""
    if b"\\u00" in data and _ESCAPED_ASCII.search(data):
        return True
    return b"%" in data and ESCAPED_LETTER.search(data.decode("latin-1")) is not None


def _has_secret_run(data: bytes, text: str, rules: Rules) -> bool:
    """Whether what stands in long runs, or is written there in base64, is a secret."""
    runs = data.translate(_RUNS)
    near: list[str] = []
    known: set[str] = set()
    start = runs.find(_LONG)
    while start >= 0:
        end = runs.find(b" ", start)
        end = len(runs) if end < 0 else end
        run = text[start:end]
        if run not in _FIELDS and run not in known:
            known.add(run)
            near.append(_with_surroundings(text, start, end))
            if len(run) >= 24 and (plain := decoded_base64(run)) and next(shape_spans(plain), None):
                return True
        start = runs.find(_LONG, end)
    together = "\n".join(near)
    if any(hint in together for known in rules.known for hint in known.long_hints):
        return True
    return next(shape_spans(together), None) is not None


def _with_surroundings(text: str, start: int, end: int) -> str:
    """A run, with what stands before or after it where a sign joins them to one key."""
    before = _BEFORE if text[start - 1 : start] in _JOINTS else 0
    after = _BEFORE if text[end : end + 1] == "." else 0
    return text[max(0, start - before) : end + after]


def _has_telling_name(text: str, rules: Rules) -> bool:
    if "value" in text and _PAIR.search(text):
        return True
    return any(mention.is_named or value for mention, value in mentions_with_values(text, rules.names))


def _is_tangled(text: str) -> bool:
    """Whether several texts come at once, or come otherwise than in JSON."""
    if any(sign in text for sign in ('index":1', 'index": 1', 'index":2', 'index": 2')):
        return True
    plain_events = text.count("data:") - text.count("data: {") - text.count("data:{") - text.count("data: [DONE]")
    return plain_events > 0
