"""The interactions of a cassette of vcrpy, whichever of its layouts they have, as they went over the wire."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from kaizen_eval.errors import CassetteCorrupt
from kaizen_eval.recording.exchange import Headers, RawRequest
from kaizen_eval.recording.file import MOST_BYTES_OF_BODY
from kaizen_eval.recording.passing.decompression import Undecodable, decoder_for
from kaizen_eval.recording.stock.values import jsonable

__all__ = ["Interaction", "interactions_of"]

_OF_THE_WIRE = {"content-encoding", "content-length", "transfer-encoding"}


class Interaction(NamedTuple):
    """What was asked, and what came; secrets included."""

    request: RawRequest
    status: int
    headers: Headers
    body: bytes
    """Not compressed."""
    recorded_at: str = ""
    """Where the interaction says it."""


def interactions_of(content: Any, path: str) -> tuple[Interaction, ...]:
    """Raises CassetteCorrupt for what is no cassette of version 1, with the interaction that is wrong."""
    if isinstance(content, list):
        raise _corrupt(path, "this cassette is older than vcrpy 1.0, and has no version. Record it anew with vcrpy.")
    interactions = content.get("interactions") if isinstance(content, Mapping) else None
    if not isinstance(interactions, list):
        raise _corrupt(path, "this is no cassette of vcrpy: it has no list of interactions.")
    version = content.get("version", 1)
    if str(version) != "1":
        raise _corrupt(path, f"the cassette has version {version!r}; vcrpy writes version 1, and only that is read.")
    return tuple(_numbered(interactions, path))


def _numbered(interactions: list[Any], path: str) -> Iterator[Interaction]:
    for number, one in enumerate(interactions, start=1):
        try:
            yield _interaction(one)
        except (KeyError, TypeError, ValueError) as error:
            told = f"it has no {error.args[0]!r}" if isinstance(error, KeyError) else str(error)
            raise _corrupt(path, f"interaction {number} cannot be read: {told}.") from error


def _corrupt(path: str, what: str) -> CassetteCorrupt:
    return CassetteCorrupt(f"{path}: {what}", path=path)


def _interaction(one: Any) -> Interaction:
    asked, came = _object(one, "request"), _object(one, "response")
    headers, body = _response(came)
    return Interaction(_request(asked), _status(came), headers, body, str(one.get("recorded_at") or ""))


def _object(value: Any, name: str) -> Mapping[str, Any]:
    found = value[name] if isinstance(value, Mapping) else None
    if not isinstance(found, Mapping):
        raise TypeError(f"its {name} is no object")
    return found


def _request(asked: Mapping[str, Any]) -> RawRequest:
    headers = _headers(asked.get("headers"))
    body = _plain(_asked(asked.get("body")), _coding(headers))
    return RawRequest(str(asked["method"]).upper(), str(asked["uri"]), headers, body)


def _status(came: Mapping[str, Any]) -> int:
    """In the layout of old httpx recordings `status_code`."""
    code = int(came["status_code"] if "status_code" in came else _object(came, "status")["code"])
    if not 100 <= code <= 599:
        raise ValueError(f"{code} is no status of HTTP")
    return code


def _response(came: Mapping[str, Any]) -> tuple[Headers, bytes]:
    """Without compression, and without the headers that told of it; a body that came decompressed stays as it is."""
    headers = _headers(came.get("headers"))
    body = _plain(_bytes(came.get("content") if "status_code" in came else came.get("body")), _coding(headers))
    return tuple(pair for pair in headers if pair[0] not in _OF_THE_WIRE), body


def _plain(data: bytes, coding: str) -> bytes:
    """Without its compression; as it is where it is not compressed so. Raises ValueError where it grows too large."""
    decoder = decoder_for(coding)
    if decoder is None or not data:
        return data
    found = bytearray()
    try:
        for piece in chain(decoder.feed(data), decoder.rest()):
            found += piece
            if len(found) > MOST_BYTES_OF_BODY:
                raise ValueError(f"a body unpacks to more than {MOST_BYTES_OF_BODY:,} bytes")
    except Undecodable:
        return data
    return bytes(found)


def _coding(headers: Headers) -> str:
    return ", ".join(value for name, value in headers if name == "content-encoding")


def _headers(headers: Any) -> Headers:
    """Names with a value or several; in old layouts pairs."""
    if headers is None:
        return ()
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return tuple((str(name).lower(), _text(value)) for name, values in pairs for value in _listed(values))


def _listed(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str("" if value is None else value)


def _bytes(body: Any) -> bytes:
    """Of a text, of bytes, of the parts of an iterator, or of an object that holds one of them."""
    match body:
        case bytes():
            return body
        case str():
            return body.encode("utf-8", "surrogatepass")
        case list():
            return b"".join(map(_bytes, body))
        case {"base64_string": str(text)}:
            return _decoded(text)
        case {"string": inner}:
            return _bytes(inner)
        case None | {} if not body:
            return b""
    raise TypeError(f"a body is a text or bytes, and here is {body!r:.40}")


def _asked(body: Any) -> bytes:
    """Likewise; of aiohttp's requests vcrpy keeps the JSON before it is written."""
    if isinstance(body, Mapping) and not {"base64_string", "string"} & body.keys():
        return json.dumps(jsonable(body)).encode() if body else b""
    return _bytes(body)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"a base64_string is no base64 ({error})") from error
