"""Takes compression off a body while it comes."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

__all__ = ["PLAIN", "Decoder", "Undecodable", "acceptable", "decoder_for", "unpacked"]

_AT_ONCE = 2**20
"""Bytes of a piece: a small body that unpacks to a huge one never stands in memory as a whole."""

_KNOWN = {"gzip", "x-gzip", "deflate", "identity"}


class Undecodable(Exception):
    """The body is not compressed in the way that its header says."""


class Decoder(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]:
        """What can be read now; no empty piece.

        Raises:
            Undecodable: it is damaged.
        """
        ...

    def rest(self) -> Iterator[bytes]:
        """What is left at the end; that the end is missing is no error, as HTTP clients see it."""
        ...


class _Plain:
    """A body that is not compressed."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        if data:
            yield data

    def rest(self) -> Iterator[bytes]:
        yield from ()


PLAIN: Decoder = _Plain()


class _Inflating:
    """A body in one of zlib's forms; what follows its end is ignored."""

    def __init__(self, *forms: int) -> None:
        """Args:
        forms: zlib's `wbits`, in the order to try them on the first bytes.
        """
        self._inflate, *self._others = map(zlib.decompressobj, forms)

    def feed(self, data: bytes) -> Iterator[bytes]:
        piece = self._first(data) if self._others else _checked(self._inflate.decompress, data, _AT_ONCE)
        while piece:
            yield piece
            piece = _checked(self._inflate.decompress, self._inflate.unconsumed_tail, _AT_ONCE)

    def rest(self) -> Iterator[bytes]:
        piece = _checked(self._inflate.flush)
        if piece:
            yield piece

    def _first(self, data: bytes) -> bytes:
        others, self._others = self._others, []
        try:
            return self._inflate.decompress(data, _AT_ONCE)
        except zlib.error:
            (self._inflate,) = others
        return _checked(self._inflate.decompress, data, _AT_ONCE)


class _Chain:
    """A body that was compressed more than once."""

    def __init__(self, outer: Decoder, inner: Decoder) -> None:
        self._outer = outer
        self._inner = inner

    def feed(self, data: bytes) -> Iterator[bytes]:
        for piece in self._outer.feed(data):
            yield from self._inner.feed(piece)

    def rest(self) -> Iterator[bytes]:
        for piece in self._outer.rest():
            yield from self._inner.feed(piece)
        yield from self._inner.rest()


def decoder_for(encoding: str) -> Decoder | None:
    """For the value of a `content-encoding`; None where it names a way that is not known here."""
    codings = [name for part in encoding.split(",") if (name := part.strip().lower())]
    if not _KNOWN.issuperset(codings):
        return None
    decoder = PLAIN
    for coding in codings:
        if coding != "identity":
            own = _decoder(coding)
            decoder = own if decoder is PLAIN else _Chain(own, decoder)
    return decoder


def unpacked(data: bytes, encoding: str) -> bytes:
    """A whole body without its compression; as it is where that is not known, or damaged."""
    decoder = decoder_for(encoding)
    if decoder is None or decoder is PLAIN:
        return data
    try:
        return b"".join([*decoder.feed(data), *decoder.rest()])
    except Undecodable:
        return data


def acceptable(accepted: str) -> str:
    """As much of an `accept-encoding` as can be read here; "identity" where that is nothing."""
    parts = [part.strip() for part in accepted.split(",")]
    kept = [part for part in parts if part.partition(";")[0].strip().lower() in _KNOWN]
    return ", ".join(kept) or "identity"


def _decoder(coding: str) -> Decoder:
    if coding == "deflate":
        return _Inflating(zlib.MAX_WBITS, -zlib.MAX_WBITS)
    return _Inflating(zlib.MAX_WBITS | 16)


def _checked(step: Callable[..., bytes], *arguments: object) -> bytes:
    try:
        return step(*arguments)
    except zlib.error as error:
        raise Undecodable(str(error)) from error
