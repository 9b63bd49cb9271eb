"""Connections of `http.client` itself, which would go round the cassette in use, are refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from kaizen_eval.errors import CassetteMiss, UsageError
from kaizen_eval.recording.clients.patch import Patch
from kaizen_eval.recording.clients.vcr_access import REAL_CONNECTIONS
from kaizen_eval.recording.in_use import Usable, current

if TYPE_CHECKING:
    from http.client import HTTPConnection

__all__ = ["real_connection_patches"]


def real_connection_patches() -> list[Patch]:
    plain, *_ = REAL_CONNECTIONS
    return [Patch(plain, "putrequest", _refusing(plain.putrequest))]


def _refusing(real: Callable[..., None]) -> Callable[..., None]:
    @wraps(real)
    def putrequest(self: HTTPConnection, *request: Any, **settings: Any) -> None:
        if (
            type(self) in REAL_CONNECTIONS
        ):  # the classes that others derive from it may have nothing to do with a network
            cassette = current()
            if cassette is not None and cassette.mode != "live":
                raise _refused(self.host, cassette)
        real(self, *request, **settings)

    return putrequest


def _refused(host: str, cassette: Usable) -> UsageError:
    text = (
        f"This connection to {host!r} goes round the cassette {cassette.path}, so nothing was sent: it was made before "
        "the cassette came into use, or by a class that was imported by its name. Make it in the block, by "
        "`http.client.HTTPSConnection(…)`, or with another client."
    )
    cassette.note(CassetteMiss(text, path=str(cassette.path)))
    return UsageError(text)
