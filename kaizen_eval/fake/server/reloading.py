"""Keeps a desk at what a script file says, also when the file changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from kaizen_eval.fake.desk.desk import Desk
from kaizen_eval.fake.script_file import Watched
from kaizen_eval.fake.timing.latency import Latency

__all__ = ["Reloading"]

_REST = 0.25
"""Seconds between two looks at the file."""


class Reloading:
    """Reads the file at once.

    Raises:
        ScriptError: naming line and column of everything that is wrong.
        OSError: there is no such file, or it cannot be read.
    """

    def __init__(
        self,
        desk: Desk,
        path: Path,
        *,
        seed: int | None,
        latency: Latency | None,
        tell: Callable[[str], None],
    ) -> None:
        """`seed` and `latency` go before those of the file; `tell` is told what comes of each change."""
        self._watched = Watched(path)
        self._desk = desk
        self._seed = seed
        self._latency = latency
        self._tell = tell
        self._use()

    async def watch(self) -> None:
        """Look at the file for as long as it is not cancelled."""
        while True:
            await asyncio.sleep(_REST)
            self.look()

    def look(self) -> None:
        """Read the file again if it says something else; the old script stays while the new one cannot be used."""
        if not self._watched.changed():
            return
        problem = self._watched.reload()
        if problem is not None:
            self._tell(f"{problem}\nThe script as it was before stays in force.")
            return
        self._use()
        self._tell(f"{self._watched.path.name} was read again: {len(self._watched.current.rules)} rules.")

    def _use(self) -> None:
        said = self._watched.current
        seed = said.seed if self._seed is None else self._seed
        self._desk.use(said.script(), seed=seed, latency=said.latency if self._latency is None else self._latency)
