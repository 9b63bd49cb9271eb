"""Cassettes that a person edited, written as they would be if they had been recorded so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kaizen_eval.recording.file import Form, Recording, decode, encode, header_for
from kaizen_eval.recording.lookup.key import key_of
from kaizen_eval.recording.maintenance.documents import documents, request_digest

__all__ = ["accepted", "plain_text"]


def accepted(data: bytes, *, path: str, form: Form, ignore: Sequence[str] = ()) -> bytes:
    """The file with digests, sizes, order and text made anew, and with other keys for requests that were edited.

    Raises:
        CassetteCorrupt: more is wrong with it than that it was edited.
    """
    recording = decode(data, path=path, accept_edits=True)
    digests = {(one.lane, one.slot): request_digest(one) for one in documents(plain_text(data))}
    exchanges = tuple(
        replace(one, key=key_of(one.request, lane=one.lane, ignore=ignore))
        if one.request.body.data and digests.get((one.lane, one.slot)) != one.request.body.digest
        else one
        for one in recording.exchanges
    )
    header = header_for(exchanges, recorded_at=recording.header.recorded_at, parts=recording.header.parts)
    return encode(Recording(header, exchanges), form=form)


def plain_text(data: bytes) -> str:
    """The text of a cassette that can be read, without what a checkout on Windows makes of it."""
    return data.decode("utf-8-sig").replace("\r\n", "\n")
