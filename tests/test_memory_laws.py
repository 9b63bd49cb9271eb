"""What all memories have in common, held against a plain dict: any story leaves both with the same turns."""

from __future__ import annotations

import asyncio
import tempfile
from collections import OrderedDict
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from turns import names, turns

from kaizen_eval import BufferMemory, SqliteMemory, SummaryMemory, WindowMemory
from kaizen_eval.memory import Store

PLENTY = 10**9


class Story(RuleBasedStateMachine):
    """A memory, and what it must hold."""

    def __init__(self, make, *, max_turns=None, max_sessions=None):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.make = partial(make, Path(self.folder.name))
        self.memory = self.make()
        self.held = OrderedDict()
        self.max_turns = max_turns
        self.max_sessions = max_sessions
        self.runner = asyncio.Runner()

    def teardown(self):
        self.runner.close()
        self.close()
        self.folder.cleanup()

    def close(self):
        if isinstance(self.memory, SqliteMemory):
            self.memory.close()

    @rule(session=names, said=turns)
    def append(self, session, said):
        self.runner.run(self.memory.append(session, said))
        own = [*self.held.pop(session, []), said]
        self.held[session] = own if self.max_turns is None else own[-self.max_turns :]
        if self.max_sessions is not None and len(self.held) > self.max_sessions:
            self.held.popitem(last=False)

    @rule(session=names)
    def load(self, session):
        assert self.runner.run(self.memory.load(session)) == tuple(self.held.get(session, ()))
        if session in self.held:
            self.held.move_to_end(session)

    @rule(session=names)
    def clear(self, session):
        self.runner.run(self.memory.clear(session))
        self.held.pop(session, None)

    @precondition(lambda self: isinstance(self.memory, Store))
    @rule(session=names, count=st.integers(0, 3), new=st.lists(turns, max_size=3), other=st.booleans(), said=turns)
    def replace(self, session, count, new, other, said):
        own = self.held.get(session, [])
        old = [*own[:count], said] if other else own[:count]
        new = new[: len(old)]
        fits = own[: len(old)] == old
        assert self.runner.run(self.memory.replace(session, tuple(old), tuple(new))) is fits
        if fits and session in self.held:
            own[: len(old)] = new

    @precondition(lambda self: isinstance(self.memory, SqliteMemory))
    @rule(closes=st.booleans())
    def come_back_later(self, closes):
        if closes:
            self.close()
        else:
            left, self.memory = self.memory, self.make()
            left.close()

    @invariant()
    def holds_no_more_sessions_than_it_may(self):
        if isinstance(self.memory, BufferMemory):
            assert len(self.memory) == len(self.held)


BOUNDS = {"max_turns": 3, "max_sessions": 2}
MEMORIES = {
    "buffer": (lambda _: BufferMemory(), {}),
    "bounded buffer": (lambda _: BufferMemory(**BOUNDS), BOUNDS),
    "window": (lambda _: WindowMemory(PLENTY), {}),
    "bounded window": (lambda _: WindowMemory(PLENTY, max_sessions=2), {"max_sessions": 2}),
    "window on a file": (lambda folder: WindowMemory(PLENTY, store=SqliteMemory(folder / "window")), {}),
    "summary": (lambda _: SummaryMemory(max_turns=PLENTY, max_tokens=PLENTY), {}),
    "summary on a file": (lambda folder: SummaryMemory(max_turns=PLENTY, store=SqliteMemory(folder / "summary")), {}),
    "window on a summary on a file": (
        lambda folder: WindowMemory(
            PLENTY, store=SummaryMemory(max_tokens=PLENTY, store=SqliteMemory(folder / "sessions"))
        ),
        {},
    ),
    "file": (lambda folder: SqliteMemory(folder / "sessions"), {}),
    "bounded file": (lambda folder: SqliteMemory(folder / "sessions", **BOUNDS), BOUNDS),
}


@pytest.mark.unmeasured
@pytest.mark.parametrize(("make", "bounds"), MEMORIES.values(), ids=MEMORIES)
def test_a_memory_always_holds_what_was_said_to_it_and_nothing_else(make, bounds):
    story = settings(
        max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    run_state_machine_as_test(partial(Story, make, **bounds), settings=story)
