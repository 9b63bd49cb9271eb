"""What is ambient during a run: one ContextVar, and the RunContext in it."""

from __future__ import annotations

import asyncio
import dataclasses
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kaizen_eval.budgets import NO_LIMITS, Purse, budgets_of
from kaizen_eval.clients import Clients
from kaizen_eval.config import AgentConfig
from kaizen_eval.draws import Draw, draw
from kaizen_eval.event_log import is_quiet, notify, observers_of
from kaizen_eval.events import Event, Observer
from kaizen_eval.memory.base import Turn
from kaizen_eval.messages import Message
from kaizen_eval.metrics.meter import Meter
from kaizen_eval.metrics.steps import Step
from kaizen_eval.resilience.clock import now_ns
from kaizen_eval.resilience.deadline import Deadline
from kaizen_eval.signatures import Signature
from kaizen_eval.streamed import Sink
from kaizen_eval.witnesses import present

if TYPE_CHECKING:
    from kaizen_eval.memory.insight import Shown

__all__ = ["RunContext", "activate", "active", "ancestors", "apart", "begun", "deadline_of", "find", "of", "outermost"]


@dataclass(slots=True, kw_only=True, eq=False)
class RunContext:
    """One run of one agent, from its entry to its end."""

    run_id: str
    started_ns: int = field(default_factory=now_ns)
    """On the clock of the run's event loop."""
    draw: Draw = field(default_factory=draw)
    """Of what is drawn by lot for it."""
    owner: object
    """`AgentConfig.owner` of the agent that runs."""
    agent_id: str
    session_id: str | None
    signature: type[Signature]
    inputs: Mapping[str, Any]
    """Bound inputs, as the caller gave them: before any preprocessing."""
    meter: Meter
    deadline: Deadline
    clients: Clients
    observers: tuple[Observer, ...] = ()
    quiet: bool = False
    """Whether the observers look at failures alone."""
    witnesses: tuple[Observer, ...] = ()
    """Who is told everything, quiet or not."""
    history: tuple[Turn, ...] = ()
    shared: Shown | None = None
    """What other agents have let it know; None until it first asks a model, and where it shares no memory."""
    parent: RunContext | None = None
    held: tuple[object, str] | None = None
    """The memory and session that this run holds, if any."""
    calls: int = 0
    """Calls made so far."""
    purse: Purse = NO_LIMITS
    sink: Sink | None = None
    """Where the reader of this run's stream is told of it; None where nobody reads one."""
    told: set[int] = field(default_factory=set)
    """The calls of which that reader has been told something that still stands."""
    steps: list[Step] = field(default_factory=list)
    """What a run with tools has done so far."""
    executing: tuple[str, ...] = ()
    """The tools that the last reply called, while they are executed."""
    awaits: str = ""
    """What it waits for that is neither a model nor a tool, if anything."""
    between: list[Message] = field(default_factory=list)
    """What stands between the input and the answer: calls of tools and their results, as later turns repeat them."""
    once: dict[tuple[str, str, str], tuple[Mapping[str, Any], object]] = field(default_factory=dict)
    """Calls of tools that are executed once at most, by agent, tool and call id: with what, and what became of them.
    That of the outermost run counts.
    """
    inside: list[Meter] = field(default_factory=list)
    """The meters of the runs inside of this one, however deep."""
    parse_tier: int = 0
    """The most repair that a reply of this run needed; 0 before any was read."""
    closed: bool = False
    is_workflow: bool = False
    """Whether it is that of a workflow, and not of an agent."""

    def next_call(self) -> int:
        """The number of a call that begins now, from 1."""
        self.calls += 1
        return self.calls

    def tell(self, kind: type[Event], *, error: str | None = None, **what: Any) -> None:
        """Tell the observers of an event of this run; nothing is made of one that nobody looks at."""
        is_looked_at = error is not None or not self.quiet
        if not is_looked_at and not self.witnesses:
            return
        if "error" in kind.__dataclass_fields__:
            what["error"] = error
        event = self._event(kind, what)
        if is_looked_at:
            notify(self.observers, event)
        notify(self.witnesses, event)

    def confide(self, kind: type[Event], **what: Any) -> None:
        """Tell the witnesses alone."""
        if self.witnesses:
            notify(self.witnesses, self._event(kind, what))

    async def show(self, kind: type[Event], **what: Any) -> None:
        """Tell the reader of this run's stream, if there is one, and wait until it has been taken."""
        if self.sink is not None:
            self.awaits = "the reader of its stream"
            await self.sink.put(self._event(kind, what))
            self.awaits = ""

    def _event(self, kind: type[Event], what: Mapping[str, Any]) -> Event:
        at = now_ns() / 1e9
        return kind(run_id=self.run_id, agent_id=self.agent_id, session_id=self.session_id, at=at, **what)


_current: ContextVar[RunContext | None] = ContextVar("kaizen_eval.run", default=None)
_under_way: dict[str, RunContext] = {}
"""The active runs of this process, in whatever task or thread, by their ids."""


def active() -> RunContext | None:
    """The run in which this code executes; None outside, and in a task that outlives its run."""
    context = _current.get()
    return None if context is None or context.closed else context


def of(owner: object) -> RunContext | None:
    """The active run, when it belongs to this owner: another agent's strategy sees none of it."""
    context = active()
    return context if context is not None and owner is not None and context.owner is owner else None


def find(run_id: str) -> RunContext | None:
    """The run of this id, from wherever it is asked; None once it has ended, and when another process runs it."""
    return _under_way.get(run_id)


def ancestors(context: RunContext | None) -> Iterator[RunContext]:
    """This run, the run that started it, and so on."""
    while context is not None:
        yield context
        context = context.parent


def outermost(context: RunContext) -> RunContext:
    """The agent's run that this one is part of; workflows around agents have no sessions."""
    around = list(ancestors(context))
    return next((run for run in reversed(around) if not run.is_workflow), around[-1])


class activate:  # noqa: N801 - a block, and called as such; one made by a generator takes three times as long
    """Make this the active run of the block; it is closed at the end, also for tasks that live on."""

    __slots__ = ("_context", "_token")

    def __init__(self, context: RunContext) -> None:
        self._context = context

    def __enter__(self) -> RunContext:
        context = self._context
        self._token: Token[RunContext | None] = _current.set(context)
        _under_way[context.run_id] = context
        context.purse.open()
        return context

    def __exit__(self, *raised: object) -> None:
        context = self._context
        context.closed = True
        context.purse.close()
        _under_way.pop(context.run_id, None)
        _current.reset(self._token)


@contextmanager
def apart(run: RunContext, name: str) -> Iterator[list[Meter]]:
    """Tell the runs of the block from the others inside of this run, which stays the one that they are inside of.

    Yields their meters, which are in `run.inside` as well.
    """
    part = dataclasses.replace(run, agent_id=name, parent=run, inside=[])
    token = _current.set(part)
    try:
        yield part.inside
    finally:
        part.closed = True
        _current.reset(token)


def deadline_of(config: AgentConfig) -> Deadline:
    """That of a run that begins now: by its config's timeout, and no later than the run around it."""
    outer = active()
    return Deadline(config.timeout, inherited=None if outer is None else outer.deadline)


def begun(  # noqa: PLR0913 - what makes one run differ from another
    config: AgentConfig,
    signature: type[Signature],
    inputs: Mapping[str, Any],
    *,
    agent_id: str,
    session_id: str | None = None,
    deadline: Deadline,
    clients: Clients,
    sink: Sink | None = None,
) -> RunContext:
    """A run that begins now, inside of the active one if there is any."""
    outer, meter = active(), Meter()
    for around in ancestors(outer):
        around.inside.append(meter)
    return RunContext(
        run_id=os.urandom(16).hex(),
        owner=config.owner,
        agent_id=agent_id,
        session_id=session_id,
        signature=signature,
        inputs=inputs,
        meter=meter,
        deadline=deadline,
        clients=clients,
        observers=observers_of(config.observer, prompts=config.log_prompts),
        quiet=is_quiet(config.observer),
        witnesses=present(),
        parent=outer,
        purse=_purse(config, outer, session_id),
        sink=sink,
    )


def _purse(config: AgentConfig, outer: RunContext | None, session_id: str | None) -> Purse:
    around = NO_LIMITS if outer is None else outer.purse
    if not config.budget and around is NO_LIMITS:
        return around
    clock = asyncio.get_running_loop().time
    return Purse(budgets_of(config.budget), parent=around, session_id=session_id, clock=clock)
