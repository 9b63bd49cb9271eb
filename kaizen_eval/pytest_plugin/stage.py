"""Stage: what one test stands on while it runs: virtual time, its event loop, guards."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

import pytest

from kaizen_eval.errors import NeedsVirtualTime
from kaizen_eval.pytest_plugin import loops
from kaizen_eval.pytest_plugin.virtual import time_is_real
from kaizen_eval.resilience.clock import virtual_time

if TYPE_CHECKING:
    from kaizen_eval.fake import FakeLLM
    from kaizen_eval.pytest_plugin.own_cassette import OwnCassette
    from kaizen_eval.testing.network import NetworkGuard

__all__ = ["STAGE", "Stage", "of"]


@dataclass(slots=True, eq=False)
class Stage:
    """What one test stands on while it runs."""

    stack: ExitStack = field(default_factory=ExitStack)
    """Virtual time and anyio's loop, from before the first fixture until after the last."""
    guards: list[NetworkGuard] = field(default_factory=list)
    llm: FakeLLM | None = None
    """The one of the fixture."""
    door: str = "direct"
    """How it is asked."""
    tapes: dict[str, OwnCassette] = field(default_factory=dict)
    """What the test records or replays, by fixture."""
    may_ask_in_teardown: bool = False
    """Whether fixtures of the test's own are left when it is over: its cassettes stay open until they are gone."""
    has_virtual_loop: bool = False
    """Under pytest-asyncio."""
    has_lease: bool = False
    """Under anyio."""
    skip: str = ""
    """Why it is skipped when the phase that runs is over; empty when it is not."""
    was_skipped: bool = False
    """Whether it was, for that reason: once is enough, whatever its threads want afterwards."""
    was_refused: bool = False
    """Whether a real host was asked for, so far as `take_refused` knows."""

    def enter_virtual_time(self) -> None:
        self.stack.enter_context(virtual_time())

    def close(self) -> None:
        """The test is over, and judged: what its fake is asked from now on, by whatever lives on, fails no other."""
        if self.llm is not None:
            self.llm.forgive_misses()
        self.stack.close()

    def lease_anyio_loop(self, backend: object) -> None:
        """Once for a test; anyio's fixtures and the test itself then share it."""
        if not self.has_lease:
            self.has_lease = True
            loops.lease_anyio_loop(backend, self.stack)

    def refuse(self, does: str) -> NoReturn:
        """Stop what needs virtual time, in whatever thread; the test is skipped, also when its code goes on.

        Args:
            does: what the test does, such as "would wait for 3,600 s".
        """
        why = time_is_real(self.door, does)
        self.skip = self.skip or why
        raise NeedsVirtualTime(f"This test {why}: it is skipped.")

    def take_skip(self) -> str:
        why, self.skip = "" if self.was_skipped else self.skip, ""
        self.was_skipped = self.was_skipped or bool(why)
        return why

    def take_refused(self) -> list[str]:
        """The real hosts that the test asked for since the last time, each once."""
        hosts = list(dict.fromkeys(host for guard in self.guards for host in guard.refused))
        for guard in self.guards:
            guard.refused.clear()
        self.was_refused = self.was_refused or bool(hosts)
        return hosts

    @property
    def needs_network(self) -> bool:
        """Whether it asked for a real host, allowed or not."""
        return self.was_refused or any(guard.let_through or guard.refused for guard in self.guards)


STAGE = pytest.StashKey[Stage]()


def of(item: pytest.Item) -> Stage:
    if STAGE not in item.stash:
        item.stash[STAGE] = Stage()
    return item.stash[STAGE]
