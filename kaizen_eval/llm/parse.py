"""The outputs that a model's reply states, and how much it took to read them.

| tier | the text is |
|---|---|
| 1 | strict JSON of exactly the fields |
| 2 | that, wrapped (fence, tags, tool call, `{"result": …}`, a list of one, a string) or with fields to spare |
| 3 | prose, drafts and echoes around it: the last object with our fields counts |
| 4 | almost JSON: quotes, commas, escapes, comments, the last brace, or `key: value` lines repaired |
| 5 | right in content, with values in another form: `"3"` for 3, `POSITIVE` for positive, "a" for ["a"] |

The highest tier that was needed is reported. A repair restores exactly what was meant, or nothing: a reply that is
cut off, contradicts itself or could mean two things is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from kaizen_eval.errors import EmptyReply, ReplyDoesNotFit
from kaizen_eval.llm.parsing.complaint import misfits, nothing_found, shown
from kaizen_eval.llm.parsing.conform import Conformer, without_surplus
from kaizen_eval.llm.parsing.echo import is_echo
from kaizen_eval.llm.parsing.embedded import last_object
from kaizen_eval.llm.parsing.envelope import after_thinking, inside, opened
from kaizen_eval.llm.parsing.lines import from_lines
from kaizen_eval.llm.parsing.names import shares
from kaizen_eval.llm.parsing.repair import completed, mended
from kaizen_eval.llm.parsing.strict import decode
from kaizen_eval.signatures import Signature

__all__ = ["Parsed", "outputs"]

_BEGINS_RESPONSE = re.compile(r"\{\s*+[\"'\u201c\u2018]?response[\"'\u201d\u2019]?\s*+:")


@dataclass(frozen=True, slots=True)
class Parsed:
    values: dict[str, Any]
    """Python values by output field."""
    tier: int
    """1 when the text was strict JSON of exactly the fields; the higher, the more had to be forgiven."""


def outputs(signature: type[Signature], text: str) -> Parsed:
    """What the text states for the signature's outputs; ReplyDoesNotFit or EmptyReply when nothing is certain."""
    try:
        data = decode(text)
        if isinstance(data, dict):
            return Parsed(signature.check_json(data), 1)
    except ValueError:
        pass
    bare = opened(text)
    if not bare:
        raise EmptyReply(f"The reply for {signature.name} is empty: expected {_expected(signature)}.", reply=text)
    if signature.free_text and (prose := _prose(signature, text, bare)):
        return prose
    return _tolerant(signature, text, bare)


def _expected(signature: type[Signature]) -> str:
    return "some text" if signature.free_text else f"a JSON object with {', '.join(signature.output_fields)}"


def _prose(signature: type[Signature], text: str, bare: str) -> Parsed | None:
    """The whole text as the value, without the thinking before it; None when it begins like the JSON asked for."""
    answer = after_thinking(bare)
    if not answer:
        raise ReplyDoesNotFit(f"The reply for {signature.name} holds only thinking: {shown(text)}.", reply=text)
    if _BEGINS_RESPONSE.match(opened(answer)):
        return None
    try:
        values = signature.check_json({"response": text if answer == bare else answer})
    except ValueError as error:
        raise ReplyDoesNotFit(f"The reply for {signature.name} is no text: {shown(text)}.", reply=text) from error
    return Parsed(values, 1 if answer == bare else 3)


def _tolerant(signature: type[Signature], text: str, bare: str) -> Parsed:
    data, tier = _found(signature, bare)
    fields = signature.output_fields
    if not isinstance(data, dict) or not shares(data, fields) or is_echo(data, fields):
        raise ReplyDoesNotFit(nothing_found(signature.name, fields, text), reply=text)
    try:
        return _fitted(signature, data, tier)
    except ValidationError as error:
        raise ReplyDoesNotFit(misfits(signature.name, error), reply=text) from error


def _found(signature: type[Signature], bare: str) -> tuple[object, int]:
    """The value that the text holds, unwrapped unless it fits as it is, and the tier at which it was found; None when
    there is none.
    """
    data, tier = _read(signature, bare)
    return inside(data, signature.output_fields, signature.name, fits=lambda each: _fits(signature, each)), tier


def _fits(signature: type[Signature], data: object) -> bool:
    try:
        return isinstance(data, dict) and bool(signature.check_json(data))
    except ValidationError:
        return False


def _read(signature: type[Signature], bare: str) -> tuple[object, int]:
    try:
        return decode(bare), 2
    except ValueError:
        passage = last_object(bare, signature.output_fields, signature.name)
    if passage is not None and passage.data is not None:
        return passage.data, 3
    fields = signature.output_fields
    return (passage and mended(passage.text)) or completed(bare, fields) or from_lines(bare, fields), 4


def _fitted(signature: type[Signature], data: dict[str, Any], tier: int) -> Parsed:
    """The values as they came, or without surplus, or brought into the form asked for; else what is wrong with them."""
    try:
        return Parsed(signature.check_json(data), tier)
    except ValidationError:
        data = without_surplus(data, signature.output_fields)
    try:
        return Parsed(signature.check_json(data), tier)
    except ValidationError as error:
        problem = error
    try:
        return Parsed(signature.check_json(Conformer(signature.output_schema()).conform(data)), 5)
    except ValidationError:
        raise problem from None
