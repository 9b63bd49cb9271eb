"""The desk: takes a request, lets the brain decide, waits out the latency, and keeps the journal; for every door."""

from __future__ import annotations

import asyncio
import inspect
import threading

from kaizen_eval.errors import ScriptMiss, UsageError
from kaizen_eval.fake import brain, generate, misses
from kaizen_eval.fake.account import asker
from kaizen_eval.fake.fault import Asked
from kaizen_eval.fake.journal import CANCELLED, MISS, WAITING, Journal, Opened
from kaizen_eval.fake.latency import Latency
from kaizen_eval.fake.question import digest
from kaizen_eval.fake.repeats import Repeats
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.script import Action, Saying, Script, saying_of
from kaizen_eval.messages import ChatRequest
from kaizen_eval.resilience.clock import now_ns, sleep, wall_time

__all__ = ["Desk"]

_REMEMBERED = 100_000
"""Questions whose attempts are counted; a fake that serves for ever does not fill the memory."""


class Desk:
    """What all doors of one fake share. One lock guards script and journal; nothing is awaited while it is held."""

    def __init__(self, *, seed: int, latency: Latency, keep: int | None) -> None:
        self.seed = seed
        self.latency = latency
        self._keep = keep
        self._lock = threading.RLock()
        self._start_anew()

    def reset(self) -> None:
        """Forget rules, exchanges and misses."""
        with self._lock:
            misses.forgive(self)
            self._start_anew()

    def _start_anew(self) -> None:
        self.script = Script()
        self.journal = Journal(keep=self._keep)
        self._forgiving = False
        self._repeats = Repeats(_REMEMBERED)
        """By conversation and question."""

    def open(self, request: ChatRequest) -> Opened:
        """Begin an exchange.

        Raises:
            ScriptError: the script is not finished.
        """
        self.script.check()
        question = digest(request, self.seed)
        run = asker(request)
        key = hash((request.session_id, run.run_id if request.session_id is None else None, question))
        with self._lock:
            attempt = self._repeats.count(key)
            opened = Opened(len(self.journal) + 1, request, now_ns(), question, attempt, run)
            self.journal.add(opened)
        return opened

    async def outcome(self, opened: Opened) -> brain.Outcome:
        """What the client meets, once its latency has passed.

        Raises:
            ScriptMiss: no rule is for the request.
            Exception: whatever a function of the script raised, as it is.
        """
        choice = self._choose(opened)
        opened.rule = choice.label
        try:
            outcome = await self._decided(choice, opened)
        except asyncio.CancelledError:
            opened.outcome = CANCELLED
            raise
        opened.outcome, opened.text, opened.usage = outcome.label, outcome.text, outcome.usage
        return outcome

    async def _decided(self, choice: brain.Choice, opened: Opened) -> brain.Outcome:
        saying = await self._saying(choice.action, opened)
        outcome = brain.outcome(saying, opened.request, asked=self._told(opened), latency=self.latency)
        if outcome.seconds:
            await sleep(outcome.seconds)
        return outcome

    def close(self, opened: Opened, error: BaseException | None = None) -> None:
        """End an exchange, with what was raised; the first time counts."""
        if opened.ended_ns is not None:
            return
        if error is not None and opened.error is None:
            opened.error = type(error).__name__
            if opened.outcome == WAITING:
                opened.outcome = opened.error
        opened.ended_ns = now_ns()

    def forgive(self) -> None:
        """Misses, and whatever else it complains of, are expected here: the ones so far, and those to come."""
        self._forgiving = True
        misses.forgive(self)

    def complain(self, error: UsageError) -> None:
        """Fail the test in which this is raised, unless it is forgiven: its agent may swallow every error."""
        if not self._forgiving:
            misses.record(self, error)

    def _choose(self, opened: Opened) -> brain.Choice:
        with self._lock:
            choice = brain.decide(opened.request, self.script)
            if choice is None:
                raise self._missed(opened)
            if choice.place is not None:
                self.script.uses[choice.place] += 1
        return choice

    def _missed(self, opened: Opened) -> ScriptMiss:
        opened.outcome = MISS
        miss = brain.miss(opened.request, self.script)
        self.complain(miss)
        return miss

    async def _saying(self, action: Action | None, opened: Opened) -> Saying:
        if action is None:
            return Reply(generate.text(opened.request, seed=self.seed, attempt=opened.attempt))
        if not callable(action):
            return action
        said = action(opened.request)
        return saying_of(await said if inspect.isawaitable(said) else said, where=f"What {opened.rule} returned")

    def _told(self, opened: Opened) -> Asked:
        return Asked(f"req_{opened.question.hex()}{opened.attempt:02x}", wall_time())
