"""One patch of all HTTP clients for the whole process, there while any cassette is in use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

from kaizen_eval.recording.clients.patch import Patch

__all__ = ["Patched", "http_clients_patched"]


class Patched:
    """Patches for the first who asks, and takes the patches away when the last has gone."""

    def __init__(self, patches: Callable[[], Iterable[Patch | AbstractContextManager[Any]]]) -> None:
        self._patches = patches
        self._lock = threading.Lock()
        self._users = 0
        self._undo = ExitStack()
        self._covered: list[Patch] = []
        """Those over which somebody else has patched, and who has not gone yet."""

    @contextmanager
    def __call__(self) -> Iterator[None]:
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def _enter(self) -> None:
        with self._lock:
            if not self._users:
                self._install()
            self._users += 1

    def _leave(self) -> None:
        with self._lock:
            self._users -= 1
            if not self._users:
                self._undo.close()

    def _install(self) -> None:
        self._undo = ExitStack()
        self._undo.callback(self._uncover)
        try:
            for patch in self._patches():
                self._put(patch)
        except BaseException:
            self._undo.close()
            raise

    def _put(self, patch: Patch | AbstractContextManager[Any]) -> None:
        if isinstance(patch, Patch):
            self._undo.callback(self._take_back, patch)
            patch.apply()
        else:
            self._undo.enter_context(patch)

    def _take_back(self, patch: Patch) -> None:
        if not patch.undo():
            self._covered.append(patch)

    def _uncover(self) -> None:
        """What was covered and is not any more is undone now, the latest first."""
        self._covered = [patch for patch in reversed(self._covered) if not patch.undo()][::-1]


def _all_patches() -> Iterator[Patch | AbstractContextManager[Any]]:
    """Those on vcrpy come first: whatever it finds when it is imported is what it takes for the original."""
    from kaizen_eval.recording.clients.vcr_access import connection_patches  # noqa: PLC0415, I001 - it costs, see the tests
    from kaizen_eval.recording.clients.aiohttp_patch import aiohttp_patches  # noqa: PLC0415 - after vcrpy
    from kaizen_eval.recording.clients.httpx_patch import httpx_patches  # noqa: PLC0415 - after vcrpy
    from kaizen_eval.recording.clients.real_connections import real_connection_patches  # noqa: PLC0415 - after vcrpy
    from kaizen_eval.recording.clients.tornado_patch import tornado_patches  # noqa: PLC0415 - after vcrpy

    yield from connection_patches()
    yield from aiohttp_patches()
    yield from httpx_patches()
    yield from tornado_patches()
    yield from real_connection_patches()


http_clients_patched = Patched(_all_patches)
"""A block in which requests go through the cassette in use, where there is one."""
