"""The faults by name: what a provider does wrong on purpose.

`.fail("rate_limit", retry_after=3600)` equals `.fail(RateLimit(retry_after=3600))`. Every fault takes `latency`.

| name | class | takes | what the client meets |
|---|---|---|---|
| rate_limit | RateLimit | *HTTP* | 429 |
| insufficient_quota | InsufficientQuota | *HTTP* | 429, code `insufficient_quota` |
| server_error | ServerError | *HTTP*, status=500 (to 599) | 500, 502, 503, 504, 529 … |
| http_status | HttpStatus | *HTTP*, status (400 to 599), kind, code | that status |
| bad_request | BadRequest | *HTTP* | 400 |
| context_length_exceeded | ContextLengthExceeded | *HTTP* | 400, code `context_length_exceeded` |
| authentication | Authentication | *HTTP* | 401 |
| permission_denied | PermissionDenied | *HTTP* | 403 |
| not_found | NotFound | *HTTP* | 404 |
| connection_refused | ConnectionRefused | | no connection |
| connection_reset | ConnectionReset | | a connection that is reset before the response |
| connection_cut | ConnectionCut | | a connection that ends in the middle of the body |
| garbage | Garbage | | bytes that are not HTTP |
| hang | HangBeforeHeaders | | nothing, for as long as the client waits |
| hang_in_body | HangInBody | | half a body, then nothing |
| html_reply | HtmlReply | body | 200 with a page |
| truncated_json | TruncatedJson | body | 200 with half a completion |
| not_json | NotJson | body | 200 with prose |
| wrong_shape | WrongShape | body | 200 with JSON that is no completion |
| null_body | NullBody | body | 200 with `null` |
| empty_body | EmptyBody | body | 200 with nothing |
| empty | Empty | text (None, "", blanks) | a completion without text |
| refusal | Refusal | message | a completion that refuses |
| content_filter | ContentFilter | text | a completion that the provider withheld |
| length | Length | text | a completion cut at the token limit |
| tool_call_only | ToolCallOnly | tool, arguments | a completion that calls a tool and says nothing |
| malformed | Malformed | text | a completion whose text does not fit |

*HTTP* stands for message, retry_after (seconds), retry_after_ms, retry_after_date (send `retry_after` as a date),
should_retry (`x-should-retry`), html (a gateway's page instead of a JSON error). The completions, from `empty` on, are
billed; what stands above them is not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake import http_faults, reply_faults, wire_faults
from kaizen_eval.fake.fault import Fault
from kaizen_eval.suggestion import suggestion

__all__ = ["FAULTS", "ambiguous", "fault_of", "written"]

FAULTS: Mapping[str, type[Fault]] = {
    fault.name: fault
    for fault in (
        http_faults.RateLimit,
        http_faults.InsufficientQuota,
        http_faults.ServerError,
        http_faults.HttpStatus,
        http_faults.BadRequest,
        http_faults.ContextLengthExceeded,
        http_faults.Authentication,
        http_faults.PermissionDenied,
        http_faults.NotFound,
        wire_faults.ConnectionRefused,
        wire_faults.ConnectionReset,
        wire_faults.ConnectionCut,
        wire_faults.Garbage,
        wire_faults.HangBeforeHeaders,
        wire_faults.HangInBody,
        wire_faults.HtmlReply,
        wire_faults.TruncatedJson,
        wire_faults.NotJson,
        wire_faults.WrongShape,
        wire_faults.NullBody,
        wire_faults.EmptyBody,
        reply_faults.Empty,
        reply_faults.Refusal,
        reply_faults.ContentFilter,
        reply_faults.Length,
        reply_faults.ToolCallOnly,
        reply_faults.Malformed,
    )
}


def fault_of(fault: object, details: Mapping[str, Any]) -> Fault:
    """The fault itself, or the one of this name or class with these details.

    Raises:
        ScriptError: an unknown name, an unknown detail, or one that cannot work.
    """
    if isinstance(fault, Fault):
        if details:
            raise ScriptError(
                f"Details belong to a fault's name; {fault!r} has its own. Leave out: {', '.join(details)}."
            )
        return fault
    kind = FAULTS.get(fault) if isinstance(fault, str) else fault
    if not isinstance(kind, type) or not issubclass(kind, Fault):
        raise ScriptError(_unknown(fault))
    takes = [field.name for field in dataclasses.fields(kind)]
    for name in details:
        if name not in takes:
            known = ", ".join(takes)
            raise ScriptError(f"{kind.name} has no detail {name!r}{suggestion(name, takes)} It takes: {known}.")
    missing = [name for name in _needs(kind) if name not in details]
    if missing:
        raise ScriptError(f"{kind.name} needs {', '.join(missing)}: .fail({kind.name!r}, {missing[0]}=…).")
    return kind(**details)


def written(kind: type[Fault]) -> str:
    """The fault as a value, such as `RateLimit()`."""
    return f"{kind.__name__}({', '.join(f'{name}=…' for name in _needs(kind))})"


def ambiguous(name: str, *, where: str, fault: str) -> ScriptError:
    """The error for a text that is a fault's name, too."""
    return ScriptError(
        f"{where} was given {name!r}, which is a text and the name of a fault: for the fault write {fault}, for the "
        f"text Reply({name!r})."
    )


def _needs(kind: type[Fault]) -> list[str]:
    return [field.name for field in dataclasses.fields(kind) if field.default is dataclasses.MISSING]


def _unknown(fault: object) -> str:
    if isinstance(fault, str):
        return f"There is no fault {fault!r}{suggestion(fault, list(FAULTS))} There are: {', '.join(FAULTS)}."
    return f".fail() takes a fault or the name of one, such as 'rate_limit', not {fault!r}."
