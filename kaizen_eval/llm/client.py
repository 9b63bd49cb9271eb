"""One call: attempts within the retry policy and the deadline, each timed, measured and judged."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from kaizen_eval.config import AgentConfig
from kaizen_eval.errors import AttemptTimeout, BudgetExceeded, ProviderError
from kaizen_eval.events import AttemptEnded, AttemptStarted, Exchanged, WaitStarted
from kaizen_eval.llm.in_time import in_time
from kaizen_eval.llm.provided import as_awaitable, as_reply
from kaizen_eval.llm.spent import answered_by, tokens_billed, used
from kaizen_eval.llm.telling import Telling
from kaizen_eval.llm.usable import refuse_unusable
from kaizen_eval.messages import ChatReply, ChatRequest, Message, Usage
from kaizen_eval.metrics import pricing
from kaizen_eval.metrics.meter import Attempt
from kaizen_eval.provider import Provider, StreamingProvider
from kaizen_eval.resilience.clock import elapsed_ms, now_ns, sleep, wall_time
from kaizen_eval.resilience.retry import wait_before
from kaizen_eval.run_context import RunContext

if TYPE_CHECKING:
    from kaizen_eval.llm.listening import Listening

__all__ = ["ask"]

_TOLD = "Not tried again: the reader of the stream had seen some of the answer; run_stream(restart=True) tries again."

_unseeded = Random()  # noqa: S311 - jitter is no secret


async def ask(
    provider: Provider, request: ChatRequest, *, config: AgentConfig, run: RunContext, telling: Telling
) -> ChatReply:
    """Ask until an attempt succeeds, within the retry policy and the run's deadline.

    Where the run is read as a stream, `telling` tells the reader what comes. From then on the call is not asked again,
    unless the reader wants to be told of that.

    Raises:
        ProviderError: the last attempt's, with a note of how many there were and over how long.
        OutputError: the reply was cut, is empty, or only calls tools.
    """
    call = _Call(provider, request, config, run, telling, started=now_ns())
    failed = 0
    while True:
        failed += 1
        try:
            return await call.attempt(failed)
        except ProviderError as error:
            wait = call.wait_after(error, failed)
            if wait is None:
                raise
            await telling.take_back(failed, error)
        await sleep(wait)


@dataclass(slots=True, eq=False)
class _Call:
    provider: Provider
    request: ChatRequest
    config: AgentConfig
    run: RunContext
    telling: Telling
    started: int
    """Nanoseconds on the loop's clock."""
    failure: str = ""
    """Of the last attempt that is to be tried again."""

    @property
    def number(self) -> int:
        return self.telling.call

    async def attempt(self, number: int) -> ChatReply:
        """One request, recorded whatever becomes of it.

        Raises:
            BudgetExceeded: before it, when there is nothing left to spend.
            ConfigError: before it, when a budget limits the cost and the model's price is unknown.
        """
        self._need_budget(number)
        started = now_ns()
        self._tell_start(number)
        listening = self._listening()
        reply: ChatReply | None = None
        error: BaseException | None = None
        try:
            reply = await (self._complete() if listening is None else listening.reply())
            refuse_unusable(reply, self.request)
        except BaseException as raised:
            error = raised
            raise
        finally:
            made = self._measured(number, started, reply, error, listening)
            self._record(made, reply)
            self._confide(made, reply, error)
        return reply

    def _need_budget(self, number: int) -> None:
        try:
            self.run.purse.before_attempt(is_first=number == 1, model=self.request.model, price_known=self._has_price)
        except BudgetExceeded as refused:
            if self.failure:
                refused.add_note(f"The attempt before it had failed: {self.failure}")
            raise

    def _listening(self) -> Listening | None:
        """None where nobody reads, or the provider gives whole replies only."""
        if not self.telling.is_read or not isinstance(self.provider, StreamingProvider):
            return None
        from kaizen_eval.llm.listening import Listening  # noqa: PLC0415 - few runs are read

        return Listening(self.provider, self.request, seconds=self.config.request_timeout, telling=self.telling)

    async def _complete(self) -> ChatReply:
        answer = as_awaitable(self.provider.complete(self.request), self.provider)
        return as_reply(await in_time(answer, self.config.request_timeout, self._late), self.provider)

    def _late(self) -> AttemptTimeout:
        return AttemptTimeout(f"No answer within request_timeout ({self.config.request_timeout:g} s).")

    def wait_after(self, error: ProviderError, failed: int) -> float | None:
        """Seconds to wait before the next attempt; None, with a note on the error, when there is none."""
        wait = wait_before(self.config.retry, failed, error, self._random(failed))
        objection = None if wait is None else self._objection(wait)
        if objection is not None:
            error.add_note(objection)
        if wait is None or objection is not None:
            error.add_note(_gave_up(failed, elapsed_ms(self.started, now_ns())))
            return None
        self.failure = f"{type(error).__name__}: {error}"
        self._tell_wait(failed, wait, error)
        return wait

    def _objection(self, wait: float) -> str | None:
        """Why there is no other attempt after so many seconds; None where there is."""
        if self.telling.is_final:
            return _TOLD
        if wait >= self.run.deadline.remaining():
            return f"No time for another attempt: the wait of {wait:g} s would pass the run's deadline."
        if wait >= self.run.purse.seconds_left():
            return f"No time for another attempt: the wait of {wait:g} s would use up a budget's max_seconds."
        return None

    def _random(self, failed: int) -> Random:
        """Each wait draws by itself, also where a seed makes it repeatable."""
        seed = self.config.seed_jitter
        lot = self.run.draw.name if seed is None else seed
        return _unseeded if lot == "" else Random(f"{lot}:{self.number}:{failed}")  # noqa: S311 - jitter is no secret

    def _measured(
        self,
        number: int,
        started: int,
        reply: ChatReply | None,
        error: BaseException | None,
        listening: Listening | None,
    ) -> Attempt:
        usage, estimated = used(reply, listening)
        model = answered_by(reply, listening) or self.request.model
        return Attempt(
            call=self.number,
            number=number,
            ms=elapsed_ms(started, now_ns()),
            model=model,
            usage=usage,
            cost=None if reply is not None and usage is None else self._cost(usage, model),
            error=None if error is None else type(error).__name__,
            first_token_ms=self._first_token(started, listening),
            estimated=estimated,
        )

    def _record(self, made: Attempt, reply: ChatReply | None) -> None:
        self.run.meter.add(made)
        self.run.purse.after_attempt(tokens=tokens_billed(reply, made.usage), cost=made.cost)
        self.run.tell(
            AttemptEnded,
            call=made.call,
            attempt=made.number,
            model=made.model,
            ms=made.ms,
            usage=made.usage,
            error=made.error,
            first_token_ms=made.first_token_ms,
        )

    def _confide(self, made: Attempt, reply: ChatReply | None, error: BaseException | None) -> None:
        self.run.confide(
            Exchanged,
            call=made.call,
            attempt=made.number,
            request=self.request,
            reply=reply,
            failure=error,
            cost=made.cost,
        )

    def _first_token(self, started: int, listening: Listening | None) -> float | None:
        """From the attempt's start; that of the run is noted on its meter."""
        if listening is None or listening.first_ns is None:
            return None
        self.run.meter.begin_to_hear(elapsed_ms(self.run.started_ns, listening.first_ns))
        return elapsed_ms(started, listening.first_ns)

    def _has_price(self) -> bool:
        return self._cost(Usage(prompt=1), self.request.model) is not None

    def _cost(self, usage: Usage | None, answered: str | None) -> Decimal | None:
        """By the model that answered, else by the one that was asked."""
        prices, at = self.config.prices, wall_time()
        if self.request.model in prices:
            return pricing.cost(usage, self.request.model, prices, at=at)
        found = pricing.cost(usage, answered, prices, at=at)
        return pricing.cost(usage, self.request.model, prices, at=at) if found is None else found

    def _tell_start(self, number: int) -> None:
        asked = self.request.messages if self.config.log_prompts else ()
        messages = tuple(map(_logged, asked))
        self.run.tell(AttemptStarted, call=self.number, attempt=number, model=self.request.model, messages=messages)

    def _tell_wait(self, failed: int, seconds: float, error: ProviderError) -> None:
        name = type(error).__name__
        self.run.tell(WaitStarted, call=self.number, attempt=failed, seconds=seconds, error=name)


def _logged(message: Message) -> dict[str, Any]:
    told: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        told["tool_calls"] = [dataclasses.asdict(call) for call in message.tool_calls]
    if message.tool_call_id is not None:
        told["tool_call_id"] = message.tool_call_id
    return told


def _gave_up(attempts: int, ms: float) -> str:
    return f"Gave up after {attempts} attempt{'s' if attempts != 1 else ''} over {ms / 1000:g} s."
