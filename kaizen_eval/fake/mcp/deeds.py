"""What a FakeMCP does about a message: decided here, carried out by its doors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Ask", "Deed", "Later", "Nothing", "Perish", "Say", "Silence", "Status", "Utter"]


@dataclass(frozen=True, slots=True)
class Say:
    """Send this message."""

    message: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Utter:
    """Send this text, which is no message, where the answer to this request belongs."""

    text: str
    id: object


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the user's own function; `then` makes of what it gives, or raises, what is done next."""

    function: Callable[[dict[str, Any]], Any]
    arguments: dict[str, Any]
    then: Callable[[object], Deed]


@dataclass(frozen=True, slots=True)
class Later:
    """Wait, then do this."""

    seconds: float
    deed: Deed


@dataclass(frozen=True, slots=True)
class Status:
    """Answer with this status of HTTP; where there is none, send the message."""

    status: int
    message: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Silence:
    """Leave the request without an answer."""


@dataclass(frozen=True, slots=True)
class Perish:
    """End, as a process that is killed."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is nothing to answer."""


Deed = Say | Utter | Ask | Later | Status | Silence | Perish | Nothing
