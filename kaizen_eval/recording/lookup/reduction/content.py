"""What the body of a request says: JSON, a form, the parts of an upload, or a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl

from kaizen_eval.recording.body import digest_of
from kaizen_eval.recording.exchange import RecordedRequest, media_type
from kaizen_eval.recording.lookup.reduction.exact_json import parsed

__all__ = ["Bytes", "Content", "content_of", "text_or_bytes"]

_BOUNDARY = re.compile(rb"--([^\r\n]{1,200})\r\n")
_PARAMETER = re.compile(r';\s*([\w-]+)=("(?:[^"\\]|\\.)*"|[^;\s]*)')


@dataclass(frozen=True, slots=True)
class Bytes:
    """What is no text."""

    digest: str
    size: int

    def __str__(self) -> str:
        return f"{self.size} bytes {self.digest}"


class Content(NamedTuple):
    """What a body says."""

    kind: Literal["nothing", "JSON", "form", "parts", "text", "bytes"]
    value: Any
    """Of JSON, see `exact_json`; of forms and parts, what stands in each field, a list where a name comes twice."""


def content_of(request: RecordedRequest) -> Content:
    """Never raises: what is not what it claims to be is a text, or bytes."""
    data = request.body.data
    if not data:
        return Content("nothing", None)
    kind = media_type(request.headers)
    try:
        if kind == "application/x-www-form-urlencoded":
            return Content("form", _form(data))
        if kind.startswith("multipart/"):
            return Content("parts", _parts(data))
        return Content("JSON", parsed(data))
    except ValueError:
        value = text_or_bytes(data)
        return Content("text" if isinstance(value, str) else "bytes", value)


def _form(data: bytes) -> dict[str, Any]:
    text = data.decode("ascii")
    return _fields(parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="surrogateescape"))


def _parts(data: bytes) -> dict[str, Any]:
    """What stands in each part, whatever the boundary is."""
    first = _BOUNDARY.match(data)
    if first is None:
        raise ValueError("no boundary")
    whole, end, rest = data[first.end() :].rpartition(b"\r\n--" + first[1] + b"--")
    if not end or rest.strip():
        raise ValueError("no end")
    return _fields([_part(part) for part in whole.split(b"\r\n--" + first[1] + b"\r\n")])


def _part(part: bytes) -> tuple[str, Any]:
    """Its name and what it holds: a text or bytes, among what else is told of it."""
    head, end, data = part.partition(b"\r\n\r\n")
    headers = [_header(line) for line in head.decode().split("\r\n")]
    told = dict(headers)
    found = _PARAMETER.findall(told.pop("content-disposition", ""))
    parameters = {name.lower(): value[1:-1] if value.startswith('"') else value for name, value in found}
    if not end or "name" not in parameters or len(parameters) != len(found) or len(told) != len(headers) - 1:
        raise ValueError("no part of a form")
    name, held = parameters.pop("name"), text_or_bytes(data)
    return name, {**parameters, **told, "content": held} if parameters or told else held


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, list[Any]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}


def text_or_bytes(data: bytes) -> str | Bytes:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return Bytes(digest_of(data), len(data))
