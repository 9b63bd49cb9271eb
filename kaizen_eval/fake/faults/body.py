"""Faults of the body: a success status, and a body that is not what it should be."""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass, replace
from typing import ClassVar

from kaizen_eval.fake.faults.base import Asked, Fault, Spoiler, check_text
from kaizen_eval.fake.faults.contents import Again, whole
from kaizen_eval.fake.wire.events import Answer, Piece, WireEvent, html_answer, json_answer
from kaizen_eval.fake.wire.framing import pieces_of

__all__ = [
    "FAULTS",
    "BodyFault",
    "BrokenGzip",
    "EmptyBody",
    "HtmlReply",
    "InvalidUtf8",
    "NotJson",
    "NullBody",
    "TruncatedGzip",
    "TruncatedJson",
    "WrongContentType",
    "WrongShape",
]

_NO_UTF8 = b"\xff\xfe"
_TEXTS = re.compile(rb'("(?:id|item_id|content|text|delta)": ?")')
_ANY_TEXT = re.compile(rb'(: ?")')
_LONGEST_BLOCK = 65_535
"""Bytes that a stored block of deflate can hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyFault(Fault):
    """The base of the faults that answer 200 with a body of their own."""

    body: str

    def check(self) -> None:
        check_text(self, "body", self.body)

    def play(self, asked: Asked) -> Answer:
        return json_answer(200, self.body.encode(), ("x-request-id", asked.request_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class HtmlReply(BodyFault):
    """200 with a page."""

    name: ClassVar[str] = "html_reply"

    body: str = "<html><body><h1>Sign in to continue</h1></body></html>"

    def play(self, asked: Asked) -> Answer:
        return html_answer(200, self.body.encode(), ("x-request-id", asked.request_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class NotJson(BodyFault):
    """200 with prose."""

    name: ClassVar[str] = "not_json"

    body: str = "upstream connect error or disconnect before headers"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongShape(BodyFault):
    """200 with JSON that is no completion."""

    name: ClassVar[str] = "wrong_shape"

    body: str = '{"object": "chat.completion", "choices": []}'


@dataclass(frozen=True, slots=True, kw_only=True)
class NullBody(BodyFault):
    """200 with `null`."""

    name: ClassVar[str] = "null_body"

    body: str = "null"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyBody(BodyFault):
    """200 with nothing."""

    name: ClassVar[str] = "empty_body"

    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TruncatedJson(Spoiler):
    """200 with half a body, under a `content-length` that is true."""

    name: ClassVar[str] = "truncated_json"
    is_billed: ClassVar[bool] = False

    def spoil(self, answer: Answer) -> WireEvent:
        body = whole(answer)
        return replace(answer, body=body[: len(body) // 2])


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongContentType(Spoiler):
    """200 with the right body, under another `content-type`."""

    name: ClassVar[str] = "wrong_content_type"

    content_type: str = "text/plain; charset=utf-8"

    def check(self) -> None:
        Spoiler.check(self)
        check_text(self, "content_type", self.content_type)

    def spoil(self, answer: Answer) -> WireEvent:
        return _with_header(answer, "content-type", self.content_type)


@dataclass(frozen=True, slots=True, kw_only=True)
class TruncatedGzip(Spoiler):
    """200 with half a body in `content-encoding: gzip`."""

    name: ClassVar[str] = "truncated_gzip"
    is_billed: ClassVar[bool] = False

    def spoil(self, answer: Answer) -> WireEvent:
        packed = _packed(whole(answer))
        return _with_header(replace(answer, body=packed[: len(packed) // 2]), "content-encoding", "gzip")


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenGzip(Spoiler):
    """200 with a body in `content-encoding: gzip` whose checksum is wrong."""

    name: ClassVar[str] = "broken_gzip"
    is_billed: ClassVar[bool] = False

    def spoil(self, answer: Answer) -> WireEvent:
        packed = bytearray(_packed(whole(answer)))
        packed[-8] ^= 0xFF  # the first byte of the checksum
        return _with_header(replace(answer, body=bytes(packed)), "content-encoding", "gzip")


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidUtf8(Spoiler):
    """200 with bytes that no UTF-8 holds in the texts."""

    name: ClassVar[str] = "invalid_utf8"
    is_billed: ClassVar[bool] = False

    def spoil(self, answer: Answer) -> WireEvent:
        if isinstance(answer.body, bytes):
            return replace(answer, body=_without_utf8(answer.body))
        return replace(answer, body=Again(lambda: (_piece_without_utf8(piece) for piece in pieces_of(answer))))


FAULTS: tuple[type[Fault], ...] = (
    HtmlReply,
    TruncatedJson,
    NotJson,
    WrongShape,
    NullBody,
    EmptyBody,
    WrongContentType,
    TruncatedGzip,
    BrokenGzip,
    InvalidUtf8,
)
"""In the order of the documents."""


def _piece_without_utf8(piece: Piece) -> Piece:
    return replace(piece, data=_without_utf8(piece.data))


def _without_utf8(body: bytes) -> bytes:
    """With bytes that no UTF-8 holds at the beginning of each id and each text that the model says, or of any text."""
    spoiled, found = _TEXTS.subn(rb"\1" + _NO_UTF8, body)
    return spoiled if found else _ANY_TEXT.sub(rb"\1" + _NO_UTF8, body)


def _with_header(answer: Answer, name: str, value: str) -> Answer:
    others = tuple((known, said) for known, said in answer.headers if known.lower() != name)
    return replace(answer, headers=(*others, (name, value)))


def _packed(data: bytes) -> bytes:
    """As gzip without compression: the same bytes with every zlib."""
    head = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    return head + b"".join(_blocks(data)) + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def _blocks(data: bytes) -> list[bytes]:
    parts = [data[start : start + _LONGEST_BLOCK] for start in range(0, len(data), _LONGEST_BLOCK)] or [b""]
    last = len(parts) - 1
    return [
        struct.pack("<BHH", place == last, len(part), len(part) ^ 0xFFFF) + part for place, part in enumerate(parts)
    ]
