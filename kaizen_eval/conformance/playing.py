"""Plays a situation: an agent of the subject's, a fake LLM of its own, virtual time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from kaizen_eval.budgets import Budget
from kaizen_eval.config import AgentConfig
from kaizen_eval.conformance.given_tool import Executed
from kaizen_eval.conformance.observation import Observation, Outcome
from kaizen_eval.conformance.situation import Ask, Situation
from kaizen_eval.conformance.subject import AgentFactory
from kaizen_eval.conformance.violation import Violation
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.core.result import RunResult
from kaizen_eval.errors import Deadlock
from kaizen_eval.events import Event, RunStarted
from kaizen_eval.fake import GENERATED, FakeLLM
from kaizen_eval.resilience.clock import now_ns, virtual_time
from kaizen_eval.witnesses import witnessed_by

__all__ = ["API_KEY", "LABORATORY", "Between", "TaskFactory", "played"]

API_KEY = "sk-conformance-4f9b27c1d8e64a0b"
"""A key that is no service's: whatever shows it has leaked it."""

LABORATORY: Mapping[str, Any] = {
    "model": "lab-1",
    "api_key": API_KEY,
    "prices": {"lab-1": {"input": "3", "output": "15", "cached": "0.3"}},
    "seed": 7,
    "seed_jitter": 0,
}
"""The settings of every agent, unless the situation says otherwise. With a seed, strategies that ask the same several
times are expected to send another one each time: samples with one seed are one sample."""

Between = Callable[[BaseAgent, Outcome], Awaitable[None]]


TaskFactory = Callable[..., asyncio.Task[Any]]
"""As `loop.set_task_factory` takes it."""


def played(
    situation: Situation,
    factory: AgentFactory,
    *,
    between: Between | None = None,
    log: bool = False,
    tasks: TaskFactory | None = None,
) -> Observation:
    """What could be seen. Raises Violation when it does not come to an end."""
    player = _Player(situation, factory, between, tasks)
    with _logged(player.log) if log else _silent(), virtual_time() as clock:
        try:
            return clock.run(player.play())
        except Deadlock as error:
            raise Violation(f"A run does not come to an end: {error}", player.seen(())) from error


class _Player:
    def __init__(
        self, situation: Situation, factory: AgentFactory, between: Between | None, tasks: TaskFactory | None
    ) -> None:
        self.situation = situation
        self.between = between
        self.tasks = tasks
        self.llm = FakeLLM(seed=situation.seed, latency=situation.latency).script(situation.script).otherwise(GENERATED)
        self.log: list[str] = []
        self.events: list[Event] = []
        self.executed: list[Executed] = []
        self.outcomes: dict[int, Outcome] = {}
        self.run_ids: dict[int, str] = {}
        """The first run of each ask, by its place."""
        self.started_ns = 0
        settings = {**LABORATORY, "provider": self.llm, "observer": self, **_with_budget(situation.config)}
        parts: dict[str, Any] = {"signature": situation.signature}
        if situation.tools:
            parts["tools"] = [given.tool(self.executed.append) for given in situation.tools]
        self.agent = factory(AgentConfig.from_domain_config(settings), **parts)

    def on_event(self, event: Event) -> None:
        self.events.append(event)

    async def play(self) -> Observation:
        self.started_ns = now_ns()
        known = asyncio.all_tasks()
        asyncio.get_running_loop().set_task_factory(self.tasks)
        asyncio.get_running_loop().set_exception_handler(_unheard)
        if self.situation.together:
            await asyncio.gather(*(self._ask(place, ask) for place, ask in enumerate(self.situation.asks)))
        else:
            for place, ask in enumerate(self.situation.asks):
                await self._ask(place, ask)
                if self.between is not None:
                    await self.between(self.agent, self.outcomes[place])
        for _ in range(3):  # what has ended may need a turn of the loop to be gone
            await asyncio.sleep(0)
        left = sorted(_described(task) for task in asyncio.all_tasks() - known if not task.done())
        return self.seen(left)

    def seen(self, leftovers: list[str] | tuple[str, ...]) -> Observation:
        journal = self.llm.journal
        return Observation(
            situation=self.situation,
            started_ns=self.started_ns,
            outcomes=tuple(outcome for _, outcome in sorted(self.outcomes.items())),
            exchanges=journal.exchanges,
            calls=journal.calls,
            executed=tuple(self.executed),
            events=tuple(self.events),
            log=tuple(self.log),
            leftovers=tuple(leftovers),
        )

    async def _ask(self, place: int, ask: Ask) -> None:
        await asyncio.sleep(ask.wait)
        inputs, items = deepcopy(dict(ask.inputs)), list[object]()
        running = self._read(ask, inputs, items) if ask.stream else self.agent.run_async(ask.session, **inputs)
        task = asyncio.create_task(_witnessed(running, _FirstRun(self.run_ids, place)), name=f"ask {place + 1}")
        if ask.cancel_after is not None:
            asyncio.get_running_loop().call_later(ask.cancel_after, task.cancel)
        started, events_before = now_ns(), len(self.events)
        result, error = await _ended(task)
        self.outcomes[place] = Outcome(
            ask=ask,
            result=result,
            error=error,
            started_ns=started,
            ended_ns=now_ns(),
            inputs=inputs,
            items=tuple(items),
            run_id=self.run_ids.get(place) or self._first_run_since(events_before),
        )

    async def _read(self, ask: Ask, inputs: Mapping[str, Any], items: list[object]) -> RunResult | None:
        async with self.agent.run_stream(ask.session, **inputs) as stream:
            async for item in stream:
                if isinstance(item, RunResult):
                    return item
                items.append(item)
                if len(items) == ask.leave_after:
                    return None
        return None

    def _first_run_since(self, count: int) -> str | None:
        """Of an ask whose code does not run for it."""
        begun = (e for e in self.events[count:] if isinstance(e, RunStarted) and e.parent_run_id is None)
        return next((event.run_id for event in begun), None)


def _with_budget(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """A Budget keeps count: each play has one of its own, made of the arguments that stand in the situation."""
    given = config.get("budget")
    return {**config, "budget": Budget(**given)} if isinstance(given, Mapping) else config


def _unheard(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Tasks that a subject leaves behind are a law's affair; what they raise in the end is nobody's."""


class _FirstRun:
    """Notes which run an ask began, also where tasks that it made began it."""

    def __init__(self, run_ids: dict[int, str], place: int) -> None:
        self.run_ids = run_ids
        self.place = place

    def on_event(self, event: Event) -> None:
        if isinstance(event, RunStarted) and event.parent_run_id is None:
            self.run_ids.setdefault(self.place, event.run_id)


async def _witnessed(running: Coroutine[Any, Any, Any], witness: _FirstRun) -> Any:
    with witnessed_by(witness):
        return await running


async def _ended(task: asyncio.Task[Any]) -> tuple[Any, BaseException | None]:
    try:
        return await task, None
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - what a subject raises is what is looked at
        return None, error


def _described(task: asyncio.Task[Any]) -> str:
    coroutine = task.get_coro()
    return f"{task.get_name()}: {getattr(coroutine, '__qualname__', coroutine)}"


class _Keeping(logging.Handler):
    def __init__(self, kept: list[str]) -> None:
        super().__init__(level=logging.NOTSET)
        self._kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        extra = {name: value for name, value in vars(record).items() if name not in _USUAL}
        self._kept.append(f"{record.name} {record.levelname} {self.format(record)} {extra}")


_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


@contextmanager
def _logged(kept: list[str]) -> Iterator[None]:
    """Whatever any logger is told, for as long as the block lasts; nobody else is told of it."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers
    root.handlers = [_Keeping(kept)]
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(level)
        root.handlers = handlers


@contextmanager
def _silent() -> Iterator[None]:
    """Our own loggers say nothing: thousands of runs fail here on purpose, and whoever looks wants to see one."""
    own = logging.getLogger("kaizen_eval")
    was_disabled, own.disabled = own.disabled, True
    try:
        yield
    finally:
        own.disabled = was_disabled
