"""Tenants: fakes of one server that know nothing of each other, so that tests in parallel can share it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from kaizen_eval.fake.desk.desk import Desk
from kaizen_eval.fake.front.front import Front
from kaizen_eval.fake.journal.journal import Journal
from kaizen_eval.fake.server.again import Arrivals

__all__ = ["HEADER", "KEY_PREFIX", "Fake", "Tenant", "Tenants", "name_of"]

HEADER = "x-kaizen-test"
KEY_PREFIX = "sk-kaizen-test-"
_BEARER = f"Bearer {KEY_PREFIX}"


class Fake(Protocol):
    """What a server asks of a FakeLLM."""

    model: str
    """The name it goes by where a request names none."""

    @property
    def journal(self) -> Journal: ...

    def front(self, *, api_key: str | None = None) -> Front: ...

    def like_new(self) -> Fake:
        """Another one with the same rules, none of them used."""
        ...


class Tenant(NamedTuple):
    """One fake behind the server."""

    fake: Fake
    arrivals: Arrivals

    @property
    def desk(self) -> Desk:
        return self.arrivals.front.desk


def name_of(headers: Mapping[str, str]) -> str:
    """Whose a request is: by its header, else by its key; empty for the server's own fake."""
    name = headers.get(HEADER)
    if name:
        return name
    key = headers.get("authorization", "")
    return key[len(_BEARER) :] if key.startswith(_BEARER) else ""


class Tenants:
    """The server's own fake, and those that are made from it when they are first asked."""

    def __init__(self, own: Fake, *, most: int, api_key: str | None = None) -> None:
        """Begin.

        Args:
            own: whose script the others begin with.
            most: how many others there are at the same time; the least recently used goes first.
            api_key: which all of them ask for.
        """
        self._most = most
        self._api_key = api_key
        self.own = self._tenant(own)
        self._lock = threading.Lock()
        self._others: OrderedDict[str, Tenant] = OrderedDict()

    def of(self, name: str) -> Tenant:
        """The one of this name; the own one for an empty name."""
        if not name:
            return self.own
        with self._lock:
            tenant = self._others.get(name) or self._begun(name, self.own.fake.like_new())
            self._others.move_to_end(name)
            return tenant

    def put(self, name: str, fake: Fake) -> None:
        """Let this fake be the one of this name; for an empty name, the server's own."""
        if not name:
            self.own = self._tenant(fake)
            return
        with self._lock:
            self._begun(name, fake)

    def forget(self, name: str) -> None:
        """Let it go; asked again, it begins anew."""
        with self._lock:
            self._others.pop(name, None)

    def _begun(self, name: str, fake: Fake) -> Tenant:
        self._others[name] = tenant = self._tenant(fake)
        if len(self._others) > self._most:
            self._others.popitem(last=False)
        return tenant

    def _tenant(self, fake: Fake) -> Tenant:
        return Tenant(fake, Arrivals(fake.front(api_key=self._api_key)))

    def names(self) -> list[str]:
        with self._lock:
            return list(self._others)
