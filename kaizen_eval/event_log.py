"""Who is told of events: the observers of a run, the log among them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from kaizen_eval.events import (
    AttemptEnded,
    AttemptStarted,
    Event,
    NodeEnded,
    NodeRetried,
    NodeSkipped,
    NodeStarted,
    Observer,
    ReplyParsed,
    RunEnded,
    RunStarted,
    ToolEnded,
    ToolStarted,
    WaitStarted,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kaizen_eval.messages import Usage

__all__ = ["LogObserver", "is_quiet", "log_metrics", "notify", "observers_of"]

_logger = logging.getLogger("kaizen_eval")
_logger.addHandler(logging.NullHandler())  # a library stays silent until its user sets logging up


def notify(observers: tuple[Observer, ...], event: Event) -> None:
    """Tell every observer; one that crashes is logged and does not disturb the run."""
    for observer in observers:
        try:
            observer.on_event(event)
        except Exception:  # an observer's crash becomes a row of the log, never a failed run
            _logger.exception("the observer %s failed on %s", type(observer).__name__, type(event).__name__)


class LogObserver:
    """Writes events to the stdlib logger `kaizen_eval`, with a dict named `kaizen` in each record's extra.

    Args:
        prompts: whether that holds what tools are called with, and what a model is told of their failures.
    """

    def __init__(self, *, prompts: bool = False) -> None:
        self._prompts = prompts

    def on_event(self, event: Event) -> None:
        level = _level(event)
        if _logger.isEnabledFor(level):
            said = _said(event) if self._prompts else {}
            _logger.log(level, _sentence(event), extra={"kaizen": _fields(event) | said})


_LOG, _LOG_WITH_PROMPTS = LogObserver(), LogObserver(prompts=True)


def is_quiet(own: Observer | None) -> bool:
    """Whether nobody would look at an event that tells of no failure."""
    return own is None and not _logger.isEnabledFor(logging.INFO)


def observers_of(own: Observer | None, *, prompts: bool = False) -> tuple[Observer, ...]:
    """Who is told of a run: the log, with prompts or without, and the config's own observer if it has one."""
    log = _LOG_WITH_PROMPTS if prompts else _LOG
    return (log,) if own is None else (log, own)


def log_metrics(metrics: Mapping[str, Any], **context: Any) -> None:
    """Log a user's own figures as the package logs its own."""
    _logger.info("metrics", extra={"kaizen": {"event": "Metrics", **context, **metrics}})


_CANCELLED = "CancelledError"
"""No failure: whoever waited has left, as the reader of a stream may."""
_LOGGED = (
    "parent_run_id",
    "model",
    "call",
    "attempt",
    "attempts",
    "tool",
    "tool_call_id",
    "node",
    "item",
    "why",
    "ms",
    "seconds",
    "tier",
)


def _level(event: Event) -> int:
    failed = getattr(event, "error", None) not in {None, _CANCELLED}
    if isinstance(event, RunEnded):
        return logging.ERROR if failed else logging.INFO
    if isinstance(event, AttemptEnded | NodeEnded | NodeRetried | ReplyParsed | ToolEnded | WaitStarted) and failed:
        return logging.WARNING
    return logging.DEBUG


def _sentence(event: Event) -> str:  # noqa: PLR0911 - one sentence for each kind of event
    match event:
        case RunStarted():
            return f"run {event.run_id} started"
        case AttemptStarted():
            return f"call {event.call}, attempt {event.attempt}: asking {event.model}"
        case AttemptEnded():
            outcome = f"answered in {event.ms:g} ms" if event.error is None else f"{event.error} after {event.ms:g} ms"
            return f"call {event.call}, attempt {event.attempt}: {outcome}"
        case WaitStarted():
            return f"call {event.call}: waiting {event.seconds:g} s after {event.error}"
        case ReplyParsed():
            return f"call {event.call}: {event.error or f'reply fits (tier {event.tier})'}"
        case ToolStarted():
            return f"call {event.call}: executing the tool {event.tool}"
        case ToolEnded():
            return f"call {event.call}: the tool {event.tool} {_of_tool(event)} after {event.ms:g} ms"
        case NodeStarted() | NodeRetried() | NodeEnded() | NodeSkipped():
            return f"node {_of_node(event)}"
        case RunEnded():
            return f"run {event.run_id} {_ended(event.error)} after {event.ms:g} ms"
        case _:
            return type(event).__name__


def _of_node(event: NodeStarted | NodeRetried | NodeEnded | NodeSkipped) -> str:
    match event:
        case NodeStarted():
            return f"{event.node} started"
        case NodeRetried():
            where = event.node if event.item is None else f"{event.node}[{event.item}]"
            return f"{where}: waiting {event.seconds:g} s after {event.error}"
        case NodeEnded():
            return f"{event.node} {_ended(event.error)} after {event.ms:g} ms"
        case NodeSkipped():
            return f"{event.node} is skipped: {event.why}"


def _ended(error: str | None) -> str:
    if error == _CANCELLED:
        return "was cancelled"
    return "ended" if error is None else f"failed: {error}"


def _of_tool(event: ToolEnded) -> str:
    return "ended" if event.error is None else f"failed: {event.error_type}"


def _fields(event: Event) -> dict[str, Any]:
    """The event as flat JSON-able values, under the names that log queries use."""
    fields: dict[str, Any] = {
        "event": type(event).__name__,
        "run_id": event.run_id,
        "session": event.session_id,
        "agent": event.agent_id,
    }
    for name in _LOGGED:
        if hasattr(event, name):
            fields[name] = getattr(event, name)
    usage: Usage | None = getattr(event, "usage", None)
    if usage is not None:
        fields["tokens"] = usage.total
    if isinstance(event, AttemptEnded | RunEnded) and event.first_token_ms is not None:
        fields["first_token_ms"] = event.first_token_ms
    if isinstance(event, RunEnded):
        fields["cost"] = None if event.cost is None else float(event.cost)
    if hasattr(event, "error"):
        fields["error_type"] = event.error_type if isinstance(event, ToolEnded) else event.error
    if isinstance(event, AttemptStarted) and event.messages:
        fields["messages"] = [dict(message) for message in event.messages]
    return fields


def _said(event: Event) -> dict[str, Any]:
    """What a model said to a tool, or is told of it."""
    if isinstance(event, ToolStarted):
        return {"arguments": event.arguments}
    return {"error": event.error} if isinstance(event, ToolEnded) else {}
