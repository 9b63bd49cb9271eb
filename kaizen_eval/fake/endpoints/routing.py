"""Routing: which endpoint a method and a path lead to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import unquote

from kaizen_eval.fake.endpoints.base import Endpoint
from kaizen_eval.fake.wire.errors import Rejection

__all__ = ["Route", "Routes", "Way"]

_USUAL = ("/v1", "")
"""What most base URLs put before a path."""
_TWICE = "/v1/v1"
"""A client that adds the version to a base URL which has it already: the service knows no such path either."""


class Route(NamedTuple):
    """One thing that can be asked."""

    method: str
    path: str
    """What follows the base URL; `{}` stands for one name, such as the id of a response."""
    endpoint: Endpoint


class Way(NamedTuple):
    """Where a request goes."""

    endpoint: Endpoint
    names: tuple[str, ...] = ()


class Routes:
    """A path is looked for at the end of a URL: whatever a base URL puts before it is none of ours."""

    def __init__(self, routes: Iterable[Route]) -> None:
        places: dict[str, dict[str, Way]] = {}
        for method, path, endpoint in routes:
            places.setdefault(path, {})[method] = Way(endpoint)
        self._known = {before + path: ways for before in _USUAL for path, ways in places.items() if "{}" not in path}
        # paths without names first: "/models/embeddings" ends like both
        ordered = sorted(places.items(), key=lambda place: "{}" in place[0])
        self._patterns = tuple((_pattern(path), ways) for path, ways in ordered)

    def way(self, method: str, path: str) -> Way:
        """Where it goes; what may be got can be asked for its head alone.

        Raises:
            Rejection: 404 for an unknown path, 405 for an unknown method of a known one.
        """
        ways, names = self._ways(method, path)
        way = ways.get("GET" if method == "HEAD" else method)
        if way is None:
            raise Rejection(
                f"Not allowed to {method} on {path}. (HINT: Perhaps you meant to use a different HTTP method?)",
                status=405,
                code="method_not_supported",
                headers=(("allow", ", ".join(_allowed(ways))),),
                is_unspoken=True,
            )
        return Way(way.endpoint, names) if names else way

    def methods(self, path: str) -> tuple[str, ...]:
        """What can be asked of a path.

        Raises:
            Rejection: 404 for an unknown one.
        """
        return _allowed(self._ways("OPTIONS", path)[0])

    def _ways(self, method: str, path: str) -> tuple[Mapping[str, Way], tuple[str, ...]]:
        ways = self._known.get(path)
        if ways is not None:
            return ways, ()
        for pattern, found in self._patterns:
            if match := pattern.search(path):
                return found, tuple(map(unquote, match.groups()))
        raise Rejection(f"Invalid URL ({method} {path})", status=404, is_unspoken=True)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(f"(?<!{_TWICE}){re.escape(path).replace(re.escape('{}'), '([^/]+)')}\\Z")


def _allowed(ways: Mapping[str, Way]) -> tuple[str, ...]:
    return tuple(sorted({*ways, "OPTIONS"} | ({"HEAD"} if "GET" in ways else set())))
