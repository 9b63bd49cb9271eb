"""The fault that answers with an error as it was recorded."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kaizen_eval.fake.faults import FAULTS
from kaizen_eval.fake.faults.status import HttpError, HttpStatus, ServerError
from kaizen_eval.recording.conversation.looking import json_of, text
from kaizen_eval.recording.exchange import RecordedResponse

__all__ = ["error_fault"]

_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]+)?")


def error_fault(response: RecordedResponse) -> Any:
    """As a script writes it: by its name, with details where it is not as usual."""
    error = _error(response)
    told = (response.status, text(error.get("type")), _code(error.get("code")), _code(error.get("param")))
    known = [one for one in _known(response.status) if one.said().status == response.status]
    fault = next((one for one in known if _is_page(response) or _said(one) == told), None)
    details: dict[str, Any] = {} if fault is not None else _spelled(*told)
    if fault is None:
        fault = HttpStatus(**details)
    elif isinstance(fault, ServerError) and fault.status != ServerError().status:
        details["status"] = fault.status
    details |= {name: value for name, value in _more(response, error) if value != getattr(fault, name)}
    if details.get("message") == fault.said().message:
        del details["message"]
    return {fault.name: details} if details else fault.name


def _known(status: int) -> Iterator[HttpError]:
    for kind in FAULTS.values():
        if issubclass(kind, HttpError) and kind not in {HttpStatus, ServerError}:
            yield kind()
    if status >= 500:
        yield ServerError(status=status)


def _said(fault: HttpError) -> tuple[int, str, str | None, str | None]:
    said = fault.said()
    return said.status, said.kind, said.code, said.param


def _spelled(status: int, kind: str, code: str | None, param: str | None) -> dict[str, Any]:
    usual = {field.name: field.default for field in dataclasses.fields(HttpStatus)}
    given = {"status": status, "kind": kind, "code": code, "param": param}
    return {name: value for name, value in given.items() if value != usual[name]}


def _more(response: RecordedResponse, error: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    headers = dict(response.headers)
    if isinstance(error.get("message"), str):
        yield "message", error["message"]
    if (ms := headers.get("retry-after-ms")) is not None and _NUMBER.fullmatch(ms):
        yield "retry_after_ms", _number(ms)
    if (after := headers.get("retry-after")) is not None:
        is_number = _NUMBER.fullmatch(after) is not None
        yield ("retry_after", _number(after)) if is_number else ("retry_after_text", after)
    if headers.get("x-should-retry") in {"true", "false"}:
        yield "should_retry", headers["x-should-retry"] == "true"
    yield "html", _is_page(response)


def _is_page(response: RecordedResponse) -> bool:
    """A gateway's: it says no more than its status."""
    return "html" in dict(response.headers).get("content-type", "")


def _error(response: RecordedResponse) -> Mapping[str, Any]:
    body = json_of(response.body.data, {})
    error = body.get("error") if isinstance(body, Mapping) else None
    return error if isinstance(error, Mapping) else {"message": error}


def _code(value: object) -> str | None:
    return None if value is None else str(value)


def _number(digits: str) -> float:
    value = float(digits)
    return int(value) if value.is_integer() else value
