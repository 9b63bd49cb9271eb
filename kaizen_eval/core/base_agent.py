"""BaseAgent: a signature, a strategy and a config behind one method, `run`."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self

from kaizen_eval import bridge, run_context
from kaizen_eval.checks import whole
from kaizen_eval.clients import Owner, clients_for, release
from kaizen_eval.core.agent_parameters import AgentParameters
from kaizen_eval.core.agent_tool import CalledAgent, refuse_endless, tool_name
from kaizen_eval.core.extract import extract
from kaizen_eval.core.lifecycle import Told, total
from kaizen_eval.core.parts import config_of, memory_of, shared_view_of, signature_of, strategy_of, tools_of
from kaizen_eval.core.result import RunResult
from kaizen_eval.core.run_stream import RunStream
from kaizen_eval.errors import InputError, OutputError, UsageError
from kaizen_eval.event_log import log_metrics
from kaizen_eval.llm import prompt
from kaizen_eval.memory.base import Memory, NoMemory, Turn, for_agent
from kaizen_eval.memory.session_lock import hold
from kaizen_eval.provider import Provider
from kaizen_eval.resilience.batch import gather_bounded
from kaizen_eval.run_context import RunContext
from kaizen_eval.signatures import AnySignature, Signature
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.streamed import Sink

if TYPE_CHECKING:
    from kaizen_eval.memory.shared_memory import SharedMemoryPool, SharedMemoryView
    from kaizen_eval.tools.definition import OnError, Tool
    from kaizen_eval.tools.toolbox_for import ToolSource
    from kaizen_eval.workflow.builder import WorkflowBuilder

__all__ = ["BaseAgent"]

_numbers = itertools.count(1)


class BaseAgent:
    """Subclass it, or use it as it is: `BaseAgent(config, signature=QA).run(question="…")`.

    `signature`, `strategy`, `tools` and `shared_memory` may be class attributes; a class or an instance serves for the
    first two.

    Args:
        config: an AgentConfig, a mapping, or any object with attributes such as `model` and `timeout`.
        signature: without one, any inputs are taken and there is one output, `response`.
        strategy: AsyncSingleShotStrategy unless given; ToolLoopStrategy for an agent with tools.
        memory: goes before the BufferMemory that `max_turns` in the config asks for.
        shared_memory: a pool whose insights of other agents the model is shown, or a `pool.view(…)` that says which.
        tools: what the model may call: functions, Tools, and sources of tools such as an MCPServer.
        provider: goes before `llm_provider` in the config.
        agent_id: names the agent in events, logs and journals; made from the class's name unless given.

    Raises:
        ConfigError: a setting cannot work.
        ToolDefinitionError: a function cannot be a tool, or two tools have one name.
    """

    signature: type[Signature] = AnySignature
    strategy: Strategy = AsyncSingleShotStrategy()
    tools: Iterable[object] = ()
    shared_memory: SharedMemoryPool | SharedMemoryView | None = None

    def __init__(  # noqa: PLR0913 - the parts that an agent is made of
        self,
        config: object = None,
        *,
        signature: type[Signature] | Signature | None = None,
        strategy: type[Strategy] | Strategy | None = None,
        memory: Memory | None = None,
        shared_memory: SharedMemoryPool | SharedMemoryView | None = None,
        tools: Iterable[Callable[..., Any] | Tool | ToolSource] | None = None,
        provider: Provider | None = None,
        agent_id: str | None = None,
    ) -> None:
        self._given_id = agent_id
        self.agent_id = agent_id or f"{type(self).__name__}-{next(_numbers)}"
        self._owner = Owner(self.agent_id)
        self.tools = tools_of(self.tools if tools is None else tools)
        self.shared_memory = self.shared_memory if shared_memory is None else shared_memory
        view = shared_view_of(self.shared_memory)
        self.config = config_of(config, provider, owner=self._owner, offered=self.tools, shared_view=view)
        self.signature = signature_of(self.signature if signature is None else signature)
        self.strategy = strategy_of(self._default_strategy() if strategy is None else strategy)
        self.memory = memory_of(memory, self.config)
        self._remembers = not isinstance(self.memory, NoMemory)

    def _default_strategy(self) -> Strategy:
        if not self.tools or self.strategy is not BaseAgent.strategy:
            return self.strategy
        from kaizen_eval.strategies.tool_loop import TOOL_LOOP  # noqa: PLC0415 - most agents have no tools

        return TOOL_LOOP

    def run(self, /, session_id: str | None = None, **inputs: Any) -> RunResult:
        """Run once and wait for the result: from any thread, also inside a running event loop.

        Raises:
            InputError: before any request.
            RunError: the run failed; RunTimeout is a TimeoutError as well.
            UsageError: called on the package's own loop, where it would wait for itself: await run_async there.
        """
        return bridge.run(self.run_async(session_id, **inputs))

    async def run_async(self, /, session_id: str | None = None, **inputs: Any) -> RunResult:
        """The same, awaited in the caller's own loop."""
        return await self._run(session_id, inputs)

    def run_stream(self, /, session_id: str | None = None, *, restart: bool = False, **inputs: Any) -> RunStream:
        """Run once and read the run while it goes on: `for` or `async for` gives events, and at last the RunResult.

        Nothing happens before the first item is asked for. A call that fails after its first words is not tried again,
        unless `restart` is set: the stream then tells of it by a `Restarted`.

        Raises:
            UsageError: the signature has an input `restart`, which cannot be given here.
        """
        if "restart" in self.signature.input_fields:
            raise UsageError(
                f"{self.signature.name} has an input 'restart', which run_stream() takes for its own; use run()."
            )
        return RunStream(lambda sink: self._run(session_id, inputs, sink=sink), restart=restart)

    async def _run(self, session_id: str | None, inputs: Mapping[str, Any], *, sink: Sink | None = None) -> RunResult:
        _check_session_id(session_id)
        refuse_endless(self._owner, self.agent_id)
        deadline = run_context.deadline_of(self.config)
        async with clients_for(self.config) as clients:
            run = run_context.begun(
                self.config,
                self.signature,
                inputs,
                agent_id=self.agent_id,
                session_id=session_id,
                deadline=deadline,
                clients=clients,
                sink=sink,
            )
            with Told(run) as told:
                async with deadline.enforced():
                    outputs = await self._outputs(run)
        own = told.metrics
        return RunResult(outputs, metrics=own, total=total(run, own), run=run, with_steps=bool(self.tools))

    async def _outputs(self, run: RunContext) -> dict[str, Any]:
        bound = run.inputs = _bound(self.signature, run.inputs, run.session_id)
        if run.session_id is None or not self._remembers:
            with run_context.activate(run):
                return await self._execute(bound)
        _refuse_nested(self.memory, run.session_id)
        run.awaits = f"an earlier run of session {run.session_id!r}"
        async with hold(self.memory, run.session_id):
            run.held = (self.memory, run.session_id)
            memory = for_agent(self.memory, self.config)
            with run_context.activate(run):  # a memory may ask agents of its own: they are part of this run
                run.awaits = "its memory"
                run.history = await self._history(memory, run.session_id)
                run.awaits = ""
                outputs = await self._execute(bound)
                run.awaits = "its memory"
                await memory.append(run.session_id, prompt.turn(self.signature, bound, outputs, run.between))
        return outputs

    async def _execute(self, bound: Mapping[str, Any]) -> dict[str, Any]:
        outputs = await _awaitable(self.strategy.execute(self.signature, dict(bound), self.config), self.strategy)
        return self.signature.check(_mapping(outputs, self.strategy))

    async def _history(self, memory: Memory, session_id: str) -> tuple[Turn, ...]:
        """The session's last `max_turns` turns, whatever its memory hands out."""
        turns = tuple(await memory.load(session_id))
        return turns if self.config.max_turns is None else turns[-self.config.max_turns :]

    def run_batch(
        self, items: Iterable[Mapping[str, Any]], *, max_concurrency: int = 10, return_errors: bool = False
    ) -> list[Any]:
        """A run for each item, in order of the items; an item holds the inputs and may hold a `session_id`.

        The first error cancels the rest and is raised; with `return_errors` it takes its result's place.
        """
        batch = self.run_batch_async(items, max_concurrency=max_concurrency, return_errors=return_errors)
        return bridge.run(batch)

    async def run_batch_async(
        self, items: Iterable[Mapping[str, Any]], *, max_concurrency: int = 10, return_errors: bool = False
    ) -> list[Any]:
        """The same, awaited in the caller's own loop."""
        whole("max_concurrency", max_concurrency, least=1)
        runs = [_item(position, item) for position, item in enumerate(items)]
        async with self:
            return await gather_bounded(
                lambda item: self.run_async(**item), runs, limit=max_concurrency, return_errors=return_errors
            )

    def as_tool(  # noqa: PLR0913 - what a Tool takes
        self,
        name: str | None = None,
        *,
        description: str | None = None,
        timeout: float | None = None,
        on_error: OnError = "tell",
        idempotent: bool = True,
        requires_approval: bool | Callable[..., Any] = False,
        approve: Callable[..., Any] | None = None,
        max_result_chars: int = 100_000,
    ) -> Tool:
        """This agent as a tool of another: it takes its inputs and returns its outputs.

        Its runs are part of the run that calls it: they end with its deadline, spend from its budget, are for its
        session, and are its children in events. What they remember is in this agent's own memory.

        It is named for the `agent_id` if one was given, else for the class, a plain BaseAgent for its signature, and
        described by the signature's docstring. The other settings are those of a Tool.
        """
        from kaizen_eval.tools.definition import Tool  # noqa: PLC0415 - most agents are no tools

        called = CalledAgent(self.agent_id, self._owner, self.signature, self.memory, self.run_async)
        return Tool(
            called.as_function(),
            name=name or self._given_id or tool_name(self._plain_name()),
            description=self.signature.instructions if description is None else description,
            parameters=AgentParameters(self.signature),
            timeout=timeout,
            on_error=on_error,
            idempotent=idempotent,
            requires_approval=requires_approval,
            approve=approve,
            max_result_chars=max_result_chars,
        )

    def to_workflow(self) -> WorkflowBuilder:
        """A workflow with this agent as its only node, `agent`: its inputs are the agent's."""
        from kaizen_eval.workflow.builder import WorkflowBuilder  # noqa: PLC0415 - most agents are in no workflow

        return WorkflowBuilder(self._given_id or self._plain_name()).add_node(self, "agent")

    def _plain_name(self) -> str:
        if type(self) is not BaseAgent:
            return type(self).__name__
        return "Agent" if self.signature is AnySignature else self.signature.__name__

    def extract_list(self, result: Mapping[str, Any], field: str, default: list[Any] | None = None) -> list[Any]:
        """`result[field]` as a list; the default when it is missing or cannot be one without loss."""
        return extract(result, field, list, [] if default is None else default)

    def extract_dict(
        self, result: Mapping[str, Any], field: str, default: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        return extract(result, field, dict, {} if default is None else default)

    def extract_str(self, result: Mapping[str, Any], field: str, default: str = "") -> str:
        return extract(result, field, str, default)

    def extract_int(self, result: Mapping[str, Any], field: str, default: int = 0) -> int:
        return extract(result, field, int, default)

    def extract_float(self, result: Mapping[str, Any], field: str, default: float = 0.0) -> float:
        return extract(result, field, float, default)

    def extract_bool(self, result: Mapping[str, Any], field: str, default: bool = False) -> bool:  # noqa: FBT001, FBT002 - the guide gives the default so
        return extract(result, field, bool, default)

    def write_insight(self, content: str, tags: Iterable[str] = (), importance: float = 0.5, segment: str = "") -> None:
        """Let the agents know that share this one's memory, as its own; without a shared memory nobody is told.

        Raises:
            ConfigError: an argument cannot work, or the insight is too long for the pool.
        """
        if self.shared_memory is not None:
            self.shared_memory.write_insight(self.agent_id, content, tags, importance, segment)

    def _log_metrics(self, metrics: Mapping[str, Any]) -> None:
        """Log a user's own figures beside the package's: one record, with the figures in its `kaizen` dict."""
        log_metrics(metrics, agent=self.agent_id)

    async def __aenter__(self) -> Self:
        """Keep one client for the block instead of one for each run."""
        self._owner.enter()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._owner.leave()

    def close(self) -> None:
        """Close the connections of `run()` that no other agent uses; the next run opens them again."""
        bridge.run(release(self._owner))

    async def aclose(self) -> None:
        """The same, from within a running loop."""
        await asyncio.to_thread(self.close)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """Only asked for what is missing: most likely because a subclass forgot this class's `__init__`."""
            if name in {"config", "memory", "agent_id", "_given_id", "_owner", "_remembers"}:
                raise AttributeError(
                    f"{type(self).__name__} has no {name!r}: its __init__ must call super().__init__(config=…)."
                )
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}(signature={self.signature.__name__}, agent_id={self.agent_id!r})"


def _bound(signature: type[Signature], inputs: Mapping[str, Any], session_id: str | None) -> dict[str, Any]:
    wanted = [name for name, field in signature.input_fields.items() if field.required]
    if session_id is not None and not inputs and (wanted or signature is AnySignature):
        name = wanted[0] if wanted else "question"
        raise InputError(
            f"run() was given a session_id ({session_id!r}) and no inputs; inputs go by name: run({name}=…)."
        )
    return signature.bind(inputs)


def _check_session_id(session_id: object) -> None:
    if session_id is not None and (not isinstance(session_id, str) or not session_id):
        raise InputError(f"session_id must be a non-empty text or None, not {session_id!r}.")


def _refuse_nested(memory: Memory, session_id: str) -> None:
    for run in run_context.ancestors(run_context.active()):
        if run.held is not None and run.held[0] is memory and run.held[1] == session_id:
            raise UsageError(
                f"A run of session {session_id!r} was started inside a run of the same session: it would wait for "
                "itself for ever. Await run_async() without this session_id, or with another."
            )


def _awaitable(outcome: object, strategy: Strategy) -> Awaitable[object]:
    if not isinstance(outcome, Awaitable):
        raise UsageError(
            f"{type(strategy).__name__}.execute must be a coroutine function: write `async def execute(…)`."
        )
    return outcome


def _mapping(outputs: object, strategy: Strategy) -> Mapping[str, Any]:
    """A result of another agent's run counts as its outputs."""
    if isinstance(outputs, RunResult):
        return outputs.outputs
    if not isinstance(outputs, Mapping):
        raise OutputError(
            f"{type(strategy).__name__}.execute must return a dict of outputs, not {type(outputs).__name__}."
        )
    return outputs


def _item(position: int, item: object) -> dict[str, Any]:
    if not isinstance(item, Mapping):
        raise InputError(f"Item {position} of the batch must be a mapping of inputs, not {item!r}.")
    return dict(item)
