"""The faults by name: what a provider does wrong on purpose.

`.fail("rate_limit", retry_after=3600)` equals `.fail(RateLimit(retry_after=3600))`. What each is, takes and leads to is
told by `kaizen-eval faults` and by docs/faults.md, both made by letting it happen.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.fault import Fault
from kaizen_eval.suggestion import suggestion

__all__ = ["FAULTS", "ambiguous", "fault_of", "written"]


class _Faults(Mapping[str, type[Fault]]):
    """Loaded when somebody looks: a server without a script starts without them."""

    def __getitem__(self, name: str) -> type[Fault]:
        return _loaded()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_loaded())

    def __len__(self) -> int:
        return len(_loaded())


FAULTS: Mapping[str, type[Fault]] = _Faults()


@cache
def _loaded() -> Mapping[str, type[Fault]]:
    from kaizen_eval.fake import (  # noqa: PLC0415 - see above
        body_faults,
        connection_faults,
        delivery_faults,
        http_faults,
        reply_faults,
        stream_additions,
        stream_changes,
        stream_cuts,
        tool_faults,
    )

    faults: tuple[type[Fault], ...] = (
        http_faults.RateLimit,
        http_faults.InsufficientQuota,
        http_faults.ServerError,
        http_faults.HttpStatus,
        http_faults.BadRequest,
        http_faults.ContextLengthExceeded,
        http_faults.Authentication,
        http_faults.PermissionDenied,
        http_faults.NotFound,
        http_faults.RequestTimeout,
        http_faults.Conflict,
        http_faults.PayloadTooLarge,
        http_faults.Unprocessable,
        http_faults.BadGateway,
        http_faults.ServiceUnavailable,
        http_faults.GatewayTimeout,
        http_faults.Overloaded,
        connection_faults.ConnectionRefused,
        connection_faults.ConnectionReset,
        connection_faults.ConnectionClosed,
        connection_faults.Garbage,
        connection_faults.HangBeforeHeaders,
        connection_faults.HalfOpen,
        delivery_faults.ResetAfterHeaders,
        delivery_faults.ResetInBody,
        delivery_faults.ConnectionCut,
        delivery_faults.HangInBody,
        delivery_faults.SlowHeaders,
        delivery_faults.SlowBody,
        delivery_faults.LengthTooLong,
        delivery_faults.LengthTooShort,
        delivery_faults.InvalidChunk,
        body_faults.HtmlReply,
        body_faults.TruncatedJson,
        body_faults.NotJson,
        body_faults.WrongShape,
        body_faults.NullBody,
        body_faults.EmptyBody,
        body_faults.WrongContentType,
        body_faults.TruncatedGzip,
        body_faults.BrokenGzip,
        body_faults.InvalidUtf8,
        stream_cuts.StreamCut,
        stream_cuts.StreamCutInEvent,
        stream_cuts.StreamCutInCharacter,
        stream_cuts.StreamWithoutDone,
        stream_cuts.StreamUnended,
        stream_cuts.StreamStall,
        stream_additions.StreamError,
        stream_additions.StreamFailed,
        stream_additions.StreamDuplicates,
        stream_additions.StreamComments,
        stream_additions.StreamEndless,
        stream_changes.StreamWithoutFirst,
        stream_changes.StreamReordered,
        stream_changes.StreamInvalidJson,
        stream_changes.StreamInvalidUtf8,
        stream_changes.StreamCrumbs,
        stream_changes.StreamWrongId,
        stream_changes.StreamWithoutIndex,
        stream_changes.StreamAsJson,
        reply_faults.Empty,
        reply_faults.Refusal,
        reply_faults.ContentFilter,
        reply_faults.Length,
        reply_faults.ToolCallOnly,
        reply_faults.Malformed,
        tool_faults.BrokenArguments,
        tool_faults.UnknownTool,
        tool_faults.WrongToolId,
    )
    return {fault.name: fault for fault in faults}


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
