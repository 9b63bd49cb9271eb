"""What a model is told went wrong: one short sentence each."""

from __future__ import annotations

from collections.abc import Collection

from kaizen_eval.errors import ToolFailed, ToolServerFailed
from kaizen_eval.llm.parsing.complaint import shown
from kaizen_eval.llm.translate import without_secrets
from kaizen_eval.suggestion import suggestion
from kaizen_eval.tools.arguments import flaw
from kaizen_eval.tools.secrets import blotted

__all__ = [
    "clean",
    "id_used_twice",
    "of_exception",
    "too_large",
    "too_late",
    "too_many",
    "unknown",
    "unreadable",
    "unserialisable",
]

_LONGEST = 1_000
"""Characters of a sentence: names and keys that a model makes up may be of any length."""
_LONGEST_OF_EXCEPTION = 300
"""Characters of an exception's own words."""
_SHORTEST_SECRET = 8
"""A key such as "none" is no secret, and its letters may stand anywhere."""


def unknown(name: str, known: Collection[str]) -> str:
    there_are = f"There are: {', '.join(sorted(known))}." if known else "There is none at all."
    return f"There is no tool {shown(name)}{suggestion(name, known)} {there_are}"


def unreadable(name: str, arguments: str) -> str:
    wrong = f" ({found})" if (found := flaw(arguments)) else ""
    return f"{name} was not executed: its arguments are no whole JSON object: {shown(arguments)}{wrong}."


def too_late(name: str, seconds: float) -> str:
    return f"{name} did not end within {seconds:g} s."


def too_large(name: str, size: int, most: int) -> str:
    return f"The result of {name} has {size:,} characters, and at most {most:,} are passed on; ask for less."


def unserialisable(name: str, reason: Exception, secrets: Collection[str]) -> str:
    return f"The result of {name} cannot be written as JSON: {_words(reason, secrets)}"


def too_many(name: str, asked: int, at_most: int) -> str:
    return f"{name} was not executed: {asked:,} calls were made at once, and only the first {at_most:,} are executed."


def id_used_twice(name: str, call_id: str) -> str:
    return f"{name} was not executed: another call of the same reply has the id {call_id}; make a new call."


def of_exception(name: str, error: BaseException, secrets: Collection[str]) -> str:
    """Its type and its message, without traceback; a ToolFailed in the tool's own words speaks for itself, unlike that
    of another tool within it.
    """
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    words = _words(error, secrets)
    if words and (isinstance(error, ToolServerFailed) or (isinstance(error, ToolFailed) and not error.tool)):
        return words
    kind = type(error).__name__
    return f"{name} failed: {kind}: {words}" if words else f"{name} failed: {kind}."


def clean(text: str, secrets: Collection[str] = ()) -> str:
    """On one line, without secrets, not too long, and such that it can be sent."""
    hidden = [secret for secret in secrets if len(secret) >= _SHORTEST_SECRET]
    line = " ".join(without_secrets(text, hidden).split())
    return _cut(line, _LONGEST).encode("utf-8", "replace").decode()


def _words(error: BaseException, secrets: Collection[str]) -> str:
    try:
        text = clean(blotted(str(error)), secrets)
    except Exception:  # noqa: BLE001 - an exception that cannot be printed is still told by its type
        return ""
    return _cut(text, _LONGEST_OF_EXCEPTION)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]} …"
