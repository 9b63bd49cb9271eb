"""Guard of the control paths: lets the owner of the machine in, and no page that a browser of theirs shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address

from kaizen_eval.fake.front.access import access_with
from kaizen_eval.fake.wire.errors import Rejection

__all__ = ["PREFIX", "Guard", "is_loopback"]

PREFIX = "/_kaizen"
"""Of the control paths."""


class Guard:
    """With a key, whoever has it is let in; without one, whoever speaks to this machine by its own name."""

    def __init__(self, api_key: str | None) -> None:
        self._access = access_with(api_key)
        self._has_key = api_key is not None

    def check(self, headers: Mapping[str, str]) -> None:
        """Refuse, with a Rejection, whoever is not let in."""
        self.check_origin(headers)
        self._access.check(headers)

    def check_origin(self, headers: Mapping[str, str]) -> None:
        """The same for what holds no secret: the page itself, which asks for the key."""
        host = headers.get("host", "")
        origin = headers.get("origin")
        if origin is not None and origin.lower().partition("://")[2] != host.lower():
            raise _foreign(f"a page of {origin!r} asked")
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            raise _foreign("a page of another site asked")
        # a foreign name may lead here by DNS rebinding; it cannot know the key
        if not self._has_key and not is_loopback(_name(host)):
            raise _foreign(f"the host {host!r} was asked")


def is_loopback(name: str) -> bool:
    """Whether a host's name or address can only mean this machine."""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _name(host: str) -> str:
    """Of a Host header, without the port; empty for what is none."""
    match = re.fullmatch(r"(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::\d*)?", host.lower(), re.ASCII)
    return (match[1] or match[2]) if match else ""


def _foreign(why: str) -> Rejection:
    return Rejection(
        f"The control paths of the fake are for its own page and for programs of this machine, and {why}.",
        status=403,
        code="foreign_page",
    )
