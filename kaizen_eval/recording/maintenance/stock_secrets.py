"""Secrets in the cassettes that vcrpy writes: found, and taken out."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import yaml

from kaizen_eval.errors import CassetteCorrupt
from kaizen_eval.recording.body import Body
from kaizen_eval.recording.exchange import Exchange, Headers, Piece, RawRequest, RecordedRequest, RecordedResponse
from kaizen_eval.recording.maintenance.sighting import Scanner, Sighting, placed
from kaizen_eval.recording.redaction import Redactor
from kaizen_eval.recording.stock.interactions import Interaction, interactions_of
from kaizen_eval.recording.stock.values import read_value
from kaizen_eval.secrets.kinds import NAMED
from kaizen_eval.secrets.placeholder import REDACTED

__all__ = ["StockFile", "read", "scrubbed", "sightings", "written"]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_GZIP = b"\x1f\x8b"
_INTERACTION = re.compile(r"^- (?:request|response|recorded_at):", re.MULTILINE)


class StockFile(NamedTuple):
    """What a cassette of vcrpy holds."""

    content: dict[str, Any]
    is_json: bool
    text: str

    @property
    def interactions(self) -> list[dict[str, Any]]:
        interactions: list[dict[str, Any]] = self.content["interactions"]
        return interactions


def read(data: bytes, *, path: str) -> StockFile:
    """Raises CassetteCorrupt."""
    text = data.decode("utf-8", "replace")
    read_value(text, path)  # it refuses aliases that grow out of bounds
    is_json = text.lstrip().startswith("{")
    try:
        content = json.loads(text) if is_json else yaml.load(text, Loader=_LOADER)  # noqa: S506 - it is a safe one
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = getattr(error, "lineno", None) if mark is None else mark.line + 1
        told = str(getattr(error, "problem", None) or error).partition("\n")[0]
        raise CassetteCorrupt(f"{path}: this is no cassette of vcrpy: {told}.", path=path, line=line) from error
    interactions = content.get("interactions") if isinstance(content, dict) else None
    if not isinstance(interactions, list) or not all(_is_one(one) for one in interactions):
        raise CassetteCorrupt(f"{path}: this is no cassette of vcrpy: it has no list of interactions.", path=path)
    return StockFile(content, is_json, text)


def sightings(file: StockFile, scanner: Scanner, *, path: str) -> tuple[Sighting, ...]:
    """Raises CassetteCorrupt for interactions that vcrpy could not replay."""
    interactions = interactions_of(read_value(file.text, path), path)
    found: set[Sighting] = set()
    for slot, (one, (line, source)) in enumerate(zip(interactions, _sources(file), strict=True), start=1):
        findings = scanner.scan(_exchange(one, slot))
        if findings:
            found.update(placed(findings, f"#{slot} ", line, source, scanner))
    return tuple(sorted(found))


def _sources(file: StockFile) -> list[tuple[int, str]]:
    """The line and the text of each interaction; all of the file for each where they cannot be told apart."""
    starts = [found.start() for found in _INTERACTION.finditer(file.text)]
    if not starts or len(starts) != len(file.interactions):
        return [(1, file.text)] * len(file.interactions)
    ends = [*starts[1:], len(file.text)]
    return [
        (file.text.count("\n", 0, start) + 1, file.text[start:end]) for start, end in zip(starts, ends, strict=True)
    ]


def scrubbed(file: StockFile, redactor: Redactor) -> StockFile:
    """The same without secrets; headers, query and bodies keep their places."""
    cleaned = [_cleaned(one, redactor) for one in file.interactions]
    return file._replace(content={**file.content, "interactions": cleaned})


def written(file: StockFile) -> bytes:
    """As vcrpy writes it."""
    if file.is_json:
        return (json.dumps(file.content, indent=4) + "\n").encode()
    made: str = yaml.dump(file.content, Dumper=_DUMPER)
    return made.encode()


def _is_one(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("request"), dict) and isinstance(one.get("response"), dict)


def _exchange(one: Interaction, slot: int) -> Exchange:
    """The interaction as far as secrets can stand in it."""
    url = urlsplit(one.request.url)
    query = tuple(parse_qsl(url.query, keep_blank_values=True))
    place = f"{url.netloc}{url.path}"
    return Exchange(
        slot=slot,
        key="",
        request=RecordedRequest(one.request.method, place, query, one.request.headers, Body(one.request.body)),
        response=RecordedResponse(one.status, one.headers, Body(one.body)),
    )


def _cleaned(one: Mapping[str, Any], redactor: Redactor) -> dict[str, Any]:
    request, response = {**one["request"]}, {**one["response"]}
    headers = _headers(request.get("headers"))
    plain = redactor.request(RawRequest("POST", str(request.get("uri", "")), headers, _bytes(request.get("body"))))
    came = redactor.response(200, _headers(response.get("headers")), [Piece(_came(response), 0)], 0)
    if plain.body.data != _bytes(request.get("body")):
        request["body"] = _like(request.get("body"), plain.body.data)
    request["uri"] = _uri(str(request.get("uri", "")), redactor)
    for side in (request, response):
        side["headers"] = _cleaned_headers(side.get("headers"), redactor)
    if came.body.data != _came(response):
        response = _with_body(response, came.body.data)
    return {**one, "request": request, "response": response}


def _cleaned_headers(headers: Any, redactor: Redactor) -> Any:
    if not isinstance(headers, dict):
        return headers
    return {name: _header(str(name).lower(), value, redactor) for name, value in headers.items()}


def _header(name: str, value: Any, redactor: Redactor) -> Any:
    if isinstance(value, list):
        return [one if isinstance(one, list) else _header(name, one, redactor) for one in value]
    probe = Exchange(slot=1, key="", request=RecordedRequest("GET", "/", headers=((name, _text(value)),)))
    if not redactor.scan(probe):
        return value
    return REDACTED if any(finding.kind == NAMED for finding in redactor.scan(probe)) else redactor.text(_text(value))


def _uri(uri: str, redactor: Redactor) -> str:
    url = urlsplit(uri)
    request = redactor.request(RawRequest("GET", uri, (), b""))
    query = parse_qsl(url.query, keep_blank_values=True)
    is_same = sorted(query) == list(request.query)
    return redactor.text(uri) if is_same else redactor.text(urlunsplit(url._replace(query=urlencode(request.query))))


def _headers(headers: Any) -> Headers:
    if not isinstance(headers, dict):
        return ()
    pairs = ((str(name).lower(), value) for name, values in headers.items() for value in _listed(values))
    return tuple((name, _text(value)) for name, value in pairs)


def _listed(values: Any) -> Sequence[Any]:
    return values if isinstance(values, list) else [values]


def _text(value: Any) -> str:
    """What is no scalar has no text: aliases can make it as large as they like."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value) if isinstance(value, str | int | float) else ""


def _held(response: Mapping[str, Any]) -> Any:
    """In the layout of old httpx recordings `content`."""
    body = response.get("content" if "status_code" in response else "body")
    return body.get("string") if isinstance(body, dict) else body


def _bytes(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    return body.encode("utf-8", "surrogateescape") if isinstance(body, str) else b""


def _came(response: Mapping[str, Any]) -> bytes:
    """The body of a response, decompressed."""
    data = _bytes(_held(response))
    if not data.startswith(_GZIP):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        return data


def _like(was: Any, data: bytes) -> Any:
    """As bytes or as text, as it was."""
    return data if isinstance(was, bytes) else data.decode("utf-8", "surrogateescape")


def _with_body(response: dict[str, Any], data: bytes) -> dict[str, Any]:
    """The response with that body, compressed as its own was."""
    was = _held(response)
    made = _like(was, gzip.compress(data, mtime=0) if _bytes(was).startswith(_GZIP) else data)
    name = "content" if "status_code" in response else "body"
    return {**response, name: {**response[name], "string": made} if isinstance(response[name], dict) else made}
