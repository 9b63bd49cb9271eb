"""One answer that fits: build the request, ask, read the reply, and ask again when it does not fit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kaizen_eval import providers, run_context
from kaizen_eval.clients import Owner, clients_for
from kaizen_eval.config import AgentConfig
from kaizen_eval.errors import OutputError, OutputTruncated
from kaizen_eval.events import Misread, ReplyParsed
from kaizen_eval.llm import client, parse, prompt
from kaizen_eval.llm.telling import Telling
from kaizen_eval.messages import ChatReply, ChatRequest
from kaizen_eval.metrics.steps import CallStep
from kaizen_eval.provider import Provider
from kaizen_eval.resilience.clock import elapsed_ms, now_ns
from kaizen_eval.run_context import RunContext
from kaizen_eval.signatures import Signature

if TYPE_CHECKING:
    from kaizen_eval.memory.insight import Shown

__all__ = ["Answer", "ask", "call", "request_of", "run_for"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said in the end."""

    reply: ChatReply
    values: dict[str, Any] | None
    """Python values by output field; None where the reply calls tools."""
    call: int
    """Which call of the run it was, from 1."""


async def call(signature: type[Signature], inputs: Mapping[str, Any], config: object) -> dict[str, Any]:
    """Checked outputs, within the active run when it is this config's, else in a run of its own."""
    config = AgentConfig.from_domain_config(config)
    bound = signature.bind(inputs)
    async with run_for(signature, bound, config) as run:
        answer = await ask(signature, request_of(signature, bound, config, run), config, run)
    return answer.values or {}


async def ask(signature: type[Signature], request: ChatRequest, config: AgentConfig, run: RunContext) -> Answer:
    """An answer that fits, or calls of the request's tools.

    A reply that does neither is asked for again, as a new call, `config.output_retries` times.
    """
    asking = _Asking(providers.resolve(config, run.clients), signature, request, config, run)
    once = asking.as_a_step if config.offered else asking.once
    asked = 0
    while True:
        asked += 1
        telling = Telling(signature, run, run.next_call(), may_call_tools=bool(request.tools))
        try:
            return await once(telling)
        except OutputTruncated:
            raise
        except OutputError as error:
            if asked > config.output_retries or telling.is_final:
                error.add_note(_why_no_more(asked, config.output_retries, told=telling.is_final))
                raise
            await telling.take_back(run.meter.attempts_of(telling.call), error)


@dataclass(slots=True, eq=False)
class _Asking:
    provider: Provider
    signature: type[Signature]
    request: ChatRequest
    config: AgentConfig
    run: RunContext

    async def as_a_step(self, telling: Telling) -> Answer:
        """One call, entered in the run's steps whatever becomes of it."""
        started, outcome = now_ns(), "answer"
        try:
            answer = await self.once(telling)
            outcome = "tool_calls" if answer.values is None else "answer"
        except BaseException as error:
            outcome = type(error).__name__
            raise
        finally:
            at, ms = elapsed_ms(self.run.started_ns, started), elapsed_ms(started, now_ns())
            self.run.steps.append(CallStep(call=telling.call, outcome=outcome, at=at, ms=ms))
        return answer

    async def once(self, telling: Telling) -> Answer:
        reply = await client.ask(self.provider, self.request, config=self.config, run=self.run, telling=telling)
        values = None
        if not (reply.tool_calls and self.request.tools):
            values = _read(self.signature, reply, self.run, telling)
        await telling.say_whole(reply.text)
        return Answer(reply, values, telling.call)


def request_of(
    signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig, run: RunContext
) -> ChatRequest:
    """The first question of a run."""
    return prompt.build(
        signature,
        inputs,
        run.history,
        shared=_shared(config, run),
        config=config,
        session_id=run.session_id,
        agent_id=run.agent_id,
    )


def _shared(config: AgentConfig, run: RunContext) -> Shown | None:
    """Read when the run first asks a model, and once: all its calls are shown the same."""
    if run.shared is None and config.shared_view is not None:
        run.shared = config.shared_view.shown_to(run.agent_id)
    return run.shared


def run_for(
    signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
) -> AbstractAsyncContextManager[RunContext]:
    """The active run when it is this config's; else one for a strategy that is executed by itself: a deadline, but no
    session, history or metrics.
    """
    active = run_context.of(config.owner)
    return _detached(signature, inputs, config) if active is None else nullcontext(active)


@asynccontextmanager
async def _detached(
    signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
) -> AsyncIterator[RunContext]:
    deadline = run_context.deadline_of(config)
    agent_id = config.owner.agent_id if isinstance(config.owner, Owner) else ""
    async with deadline.enforced(), clients_for(config) as clients:
        run = run_context.begun(config, signature, inputs, agent_id=agent_id, deadline=deadline, clients=clients)
        with run_context.activate(run):
            yield run


def _why_no_more(asked: int, output_retries: int, *, told: bool) -> str:
    if told:
        return "Not asked again: the reader of the stream had seen some of it; run_stream(restart=True) asks again."
    return f"Asked {asked} time{'s' if asked != 1 else ''}; output_retries={output_retries}."


def _read(signature: type[Signature], reply: ChatReply, run: RunContext, telling: Telling) -> dict[str, Any]:
    try:
        parsed = parse.outputs(signature, reply.text or "")
        telling.check(parsed.values, reply=reply.text)
    except OutputError as error:
        run.tell(ReplyParsed, call=telling.call, tier=None, error=type(error).__name__)
        run.confide(Misread, call=telling.call, why=str(error))
        raise
    run.tell(ReplyParsed, call=telling.call, tier=parsed.tier)
    run.parse_tier = max(run.parse_tier, parsed.tier)
    return parsed.values
