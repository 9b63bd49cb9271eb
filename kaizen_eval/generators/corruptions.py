"""Replies that models really send: each named, made of the values that were meant, with what a runtime owes it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake import Reply
from kaizen_eval.fake.faults.malformed import KINDS, Must, spoiled
from kaizen_eval.fake.reply import canonical_json
from kaizen_eval.messages import ToolCall
from kaizen_eval.suggestion import suggestion

__all__ = ["CORRUPTIONS", "ENDINGS", "Corrupted", "Owed", "corrupt"]

Owed = Literal["the value", "an error", "either"]
"""What comes of a reply: exactly the value that was meant, an error, or either of them; never another value."""

_OWED: Mapping[Must, Owed] = {"repaired": "the value", "error": "an error", "either": "either"}
_EXACT = frozenset(
    {
        "clean",
        "fence_json",
        "unclosed_fence",
        "tool_call_xml",
        "double_encoded",
        "bom",
        "wrapped_in_result",
        "wrapped_in_list",
        "function_call_wrapper",
        "extra_fields",
    }
)
"""Kinds under which no value can be mistaken for another: they hold strict JSON of it. Of the others, a text of odd
letters may leave nothing certain.
"""
_PLAIN = re.compile(r"[A-Za-z]+(?: [A-Za-z]+)*")
_WORDS_OF_JSON = frozenset({"true", "false", "null", "none", "nan", "yes", "no", "on", "off", "infinity", "inf"})


@dataclass(frozen=True, slots=True)
class Corrupted:
    """One reply, and what it is owed."""

    kind: str
    reply: Reply
    """For a script."""
    owed: Owed
    meant: Mapping[str, Any] | None
    """JSON values by output; None where nothing was."""


def corrupt(kind: str, value: Mapping[str, Any], *, schema: Mapping[str, Any] | None = None) -> Corrupted:
    """The value as a reply of this kind.

    Args:
        kind: one of `CORRUPTIONS`.
        value: what is meant, a JSON object.
        schema: of the outputs; some kinds need to know what is required, or listed.

    Raises:
        ScriptError: there is no such kind, or the value holds nothing that can go wrong in this way.
    """
    if kind not in CORRUPTIONS:
        raise ScriptError(f"There is no kind of reply {kind!r}{suggestion(kind, list(CORRUPTIONS))}")
    if kind in ENDINGS:
        reply = ENDINGS[kind](canonical_json(dict(value)))
        return Corrupted(kind, reply, "an error", None)
    made = spoiled(kind, json.dumps(value, ensure_ascii=False), schema)
    meant = None if made.meant is None else dict(made.meant)
    return Corrupted(kind, Reply(made.text), _owed(kind, value), meant)


def _owed(kind: str, value: Mapping[str, Any]) -> Owed:
    owed = _OWED[KINDS[kind].must]
    if owed != "the value" or kind in _EXACT or all(_is_plain(each) for each in value.values()):
        return owed
    return "either"


def _is_plain(value: object) -> bool:
    """Whether it stays what it is without quotes: words, numbers, and short lists of words."""
    if isinstance(value, str):
        return _PLAIN.fullmatch(value) is not None and value.lower() not in _WORDS_OF_JSON
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, str) and _is_plain(item) for item in value)
    return isinstance(value, int | float)


def _cut(text: str) -> Reply:
    """As the service ends it when there are no tokens left."""
    return Reply(text[: len(text) // 2], finish_reason="length")


ENDINGS: Mapping[str, Callable[[str], Reply]] = {
    "length": _cut,
    "length_but_whole": lambda text: Reply(text, finish_reason="length"),
    "content_filter": lambda text: Reply(text[: len(text) // 2], finish_reason="content_filter"),
    "refused": lambda _: Reply(refusal="I cannot help with that."),
    "tool_call_only": lambda text: Reply(tool_calls=[ToolCall(id="", name="final_answer", arguments=text)]),
}
"""Replies that end otherwise than with an answer, whatever they say."""

CORRUPTIONS: Mapping[str, Owed] = {
    **{name: _OWED[kind.must] for name, kind in KINDS.items()},
    **dict.fromkeys(ENDINGS, "an error"),
}
"""Every kind, with what it is owed when all that is meant is words and numbers; see `Corrupted.owed` for one reply."""
