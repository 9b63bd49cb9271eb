"""The desk: takes a request, lets the brain decide, waits out the latency, and keeps the journal; for every door."""

from __future__ import annotations

import asyncio
import inspect
import os
import threading
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kaizen_eval.draws import draw
from kaizen_eval.errors import ScriptError, UsageError
from kaizen_eval.fake import brain, misses
from kaizen_eval.fake.client.heard import Heard
from kaizen_eval.fake.desk.conversation import conversation_of
from kaizen_eval.fake.desk.question import digest
from kaizen_eval.fake.desk.repeats import Repeats
from kaizen_eval.fake.faults.base import Asked, Fault
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.journal.account import asker
from kaizen_eval.fake.journal.exchange import CANCELLED, MISS, WAITING, Opened, WhyRefused
from kaizen_eval.fake.journal.journal import Journal
from kaizen_eval.fake.limits.rate_limits import NO_LIMITS, OVER_LIMIT, RateLimits, Turnstile
from kaizen_eval.fake.model import improvise
from kaizen_eval.fake.model.completion import Choice, Completion
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.script.making import Generated, Making, Occasion
from kaizen_eval.fake.script.matching import ANY
from kaizen_eval.fake.script.progress import FRESH, Progress
from kaizen_eval.fake.script.script import Action, Said, Saying, Script, saying_of
from kaizen_eval.fake.script.seen import Seen
from kaizen_eval.fake.timing.latency import Latency
from kaizen_eval.fake.wire.headers import Allowances
from kaizen_eval.llm.streaming.accumulator import Accumulator
from kaizen_eval.llm.streaming.billing import completion_of_part, usage_of_part
from kaizen_eval.messages import Usage
from kaizen_eval.resilience.clock import now_ns, sleep, wall_time

if TYPE_CHECKING:
    from kaizen_eval.fake.endpoints.stored_responses import StoredResponses

__all__ = ["Desk"]

_REPLY = "reply"
_APART = 1 << 32
"""Attempts from one draw to the next: more than a conversation ever makes."""
_REMEMBERED = 100_000
"""Questions whose attempts are counted; a fake that serves for ever does not fill the memory."""


class Desk:
    """What all doors of one fake share. One lock guards script and journal; nothing is awaited while it is held."""

    def __init__(self, *, seed: int, latency: Latency, keep: int | None, rate_limits: RateLimits = NO_LIMITS) -> None:
        self.seed = seed
        self.latency = latency
        self._rate_limits = rate_limits
        self.real_ids = False
        """Whether ids and times of replies are those of a real service, which differ each time."""
        self._keep = keep
        self._lock = threading.RLock()
        self._responses: StoredResponses | None = None
        self._start_anew(Script())

    @property
    def responses(self) -> StoredResponses:
        """What the Responses API remembers."""
        from kaizen_eval.fake.endpoints.stored_responses import StoredResponses  # noqa: PLC0415 - few ask

        with self._lock:
            if self._responses is None:
                self._responses = StoredResponses()
            return self._responses

    def reset(self) -> None:
        """Forget rules, exchanges, misses and stored responses."""
        with self._lock:
            misses.forgive(self)
            self._start_anew(Script())

    def rewind(self) -> None:
        """Forget exchanges and misses; the rules stay, none of them used."""
        with self._lock:
            misses.forgive(self)
            self._start_anew(self.script.unused())

    def like_new(self) -> Desk:
        """Another one that begins with the same script, none of it used."""
        desk = Desk(seed=self.seed, latency=self.latency, keep=self._keep, rate_limits=self._rate_limits)
        desk.real_ids, desk._forgiving = self.real_ids, self._forgiving
        with self._lock:
            desk.script = self.script.unused()
        return desk

    def _start_anew(self, script: Script) -> None:
        if self._responses is not None:
            self._responses.clear()
        self.script = script
        self.journal = Journal(keep=self._keep)
        self._turnstile = Turnstile(self._rate_limits)
        self._forgiving = False
        self._repeats = Repeats(_REMEMBERED)
        """By conversation and question."""

    def use(self, script: Script, *, seed: int | None = None, latency: Latency | None = None) -> None:
        """Another script from the next request on; the journal stays, uses and conversations' states begin anew.

        Args:
            script: one that no other desk uses.
            seed: None keeps the one that there is.
            latency: None keeps the one that there is.
        """
        with self._lock:
            self.script = script
            self.seed = self.seed if seed is None else seed
            self.latency = self.latency if latency is None else latency

    def open(self, inquiry: Inquiry, *, question: bytes | None = None) -> Opened:
        """Begin an exchange; `question` is its digest, where it is known already.

        Raises:
            ScriptError: the script is not finished.
        """
        self.script.check()
        request = inquiry.request
        question = digest(request, self.seed) if question is None else question
        run = asker(inquiry)
        key = hash((request.session_id, run.run_id if request.session_id is None else None, question))
        with self._lock:
            attempt = self._repeats.count(key) + (run.draw or draw().number) * _APART
            opened = Opened(len(self.journal) + 1, inquiry, now_ns(), question, attempt, run)
            self.journal.add(opened)
        return opened

    def refuse(self, inquiry: Inquiry, why: WhyRefused, *, error: str | None = None) -> Opened:
        """Begin an exchange that comes to nothing, whatever the script says; `error` is what our provider raises."""
        run = asker(inquiry)
        with self._lock:
            opened = Opened(len(self.journal) + 1, inquiry, now_ns(), b"", 0, run)
            self.journal.add(opened)
            self.journal.refuse(opened, why)
        opened.error = error
        return opened

    async def outcome(self, opened: Opened) -> brain.Outcome:
        """What the client meets, once its latency has passed.

        Raises:
            ScriptMiss: no rule is for the request.
            Exception: whatever a function of the script raised, as it is.
        """
        choice = self.choose(opened)
        try:
            outcome = await self.decided(choice, opened)
            if outcome.seconds:
                await sleep(outcome.seconds)
        except asyncio.CancelledError:
            opened.outcome = CANCELLED
            raise
        self.note(opened, outcome)
        return outcome

    def choose(self, opened: Opened) -> brain.Choice:
        """The rule for a request; it is used up by one, and leads the conversation on. Rate limits come before it.

        Raises:
            ScriptMiss: there is none.
        """
        with self._lock:
            opened.allowances, refusal = self._turnstile.admit(opened.inquiry, opened.started_ns)
            if refusal is not None:
                opened.rule = OVER_LIMIT
                return brain.Choice(refusal, OVER_LIMIT, Occasion(_seen(opened, FRESH), ANY))
            script = self.script
            progress = script.conversations.take(_conversation(opened)) if script.is_personal else FRESH
            seen = _seen(opened, progress)
            met = brain.met(seen, script)
            choice = brain.decide(seen, script)
            if choice is None:
                opened.outcome = MISS
                miss = brain.miss(seen, script)
                script.advance(None, met, progress)
                self.complain(miss)
                raise miss
            script.advance(choice.place, met, progress)
        opened.rule = choice.label
        return choice

    @property
    def unlimited(self) -> Allowances | None:
        """What a response tells of rate limits where they do not apply."""
        return self._turnstile.exempt.allowances

    def near_misses(self, opened: Opened) -> tuple[brain.NearMiss, ...]:
        """The rules that came nearest to a request without taking it, as things stand now."""
        with self._lock:
            progress = self.script.conversations.look(_conversation(opened))
            return brain.near_misses(_seen(opened, progress), self.script)

    async def decided(self, choice: brain.Choice, opened: Opened) -> brain.Outcome:
        """What the client meets, before its latency; waits for the script's own function alone."""
        said = self.at_once(choice, opened)
        return said if isinstance(said, brain.Outcome) else await self.awaited(said, opened)

    async def awaited(self, said: Awaitable[object], opened: Opened) -> brain.Outcome:
        """What the script's own function leads to, once it has returned."""
        outcome = self._led_to(self._returned(await said, opened), Occasion(_seen(opened, FRESH), ANY), opened)
        return outcome if isinstance(outcome, brain.Outcome) else await self.awaited(outcome, opened)

    def at_once(self, choice: brain.Choice, opened: Opened) -> brain.Outcome | Awaitable[object]:
        """The same without waiting, where it can be had; else what is to be waited for."""
        return self._led_to(choice.action, choice.occasion, opened)

    def _led_to(self, action: Action, occasion: Occasion, opened: Opened) -> brain.Outcome | Awaitable[object]:
        while not isinstance(action, Reply | Fault | Generated):
            if isinstance(action, Making):
                action = self._made(action, occasion)
                continue
            said = action(opened.request)
            if inspect.isawaitable(said):
                return said
            action = self._returned(said, opened)
        return self._outcome(action, opened)

    def _made(self, action: Making, occasion: Occasion) -> Action:
        try:
            said: Action = action.make(occasion)
        except ScriptError as error:
            self.complain(error)
            raise
        return said

    def _returned(self, said: object, opened: Opened) -> Said:
        return saying_of(said, where=f"What {opened.rule} returned")

    def note(self, opened: Opened, outcome: brain.Outcome) -> None:
        """Enter in the journal what is sent."""
        opened.outcome, opened.text, opened.usage = outcome.label, outcome.text, outcome.usage
        if isinstance(outcome.event, Completion):
            opened.counted_in = outcome.event.encoding.name
            if outcome.event.choices:
                opened.said = outcome.event.choices[0]

    def settle(self, opened: Opened, heard: Heard, *, left: str | None = None) -> None:
        """Enter what became of a chat's stream that something happened to on its way, or that its client left.

        Once anything has come, that is billed; what the stream itself says of the bill holds.

        Args:
            opened: the exchange.
            heard: what has come.
            left: the class of what its client left with, if it did, before it had all.
        """
        if opened.ended_ns is not None:
            return
        so_far, name = heard.so_far, heard.error
        if name is None and left is not None and not heard.is_whole:
            name = left
            opened.said, opened.text = None, ""
            if opened.outcome == _REPLY:
                opened.outcome = CANCELLED
        if opened.said is None and so_far.has_begun:
            opened.said = _said(so_far)
            opened.text = brain.words(opened.said)
        if so_far.usage is not None or name is not None:
            opened.usage = so_far.usage or _part(opened, so_far)
        opened.error = name

    def close(self, opened: Opened, error: BaseException | None = None) -> None:
        """End an exchange, with what was raised; the first time counts."""
        if opened.ended_ns is not None:
            return
        if error is not None and opened.error is None:
            opened.error = type(error).__name__
            if opened.outcome == WAITING:
                opened.outcome = opened.error
        opened.ended_ns = now_ns()
        self.journal.ended(opened)

    def forgive(self) -> None:
        """Misses, and whatever else it complains of, are expected here: the ones so far, and those to come."""
        self._forgiving = True
        misses.forgive(self)

    def complain(self, error: UsageError) -> None:
        """Fail the test in which this is raised, unless it is forgiven: its agent may swallow every error."""
        if not self._forgiving:
            misses.record(self, error)

    def _outcome(self, saying: Saying | Generated, opened: Opened) -> brain.Outcome:
        outcome = self._decided(saying, opened)
        if self.real_ids and isinstance(outcome.event, Completion):
            return replace(outcome, event=replace(outcome.event, created=int(wall_time())))
        return outcome

    def _decided(self, saying: Saying | Generated, opened: Opened) -> brain.Outcome:
        if isinstance(saying, Reply) or (isinstance(saying, Fault) and not saying.spoils):
            return self._carried(saying, opened)
        if isinstance(saying, Fault):
            return self._carried(self._unspoiled(saying, opened), opened, fault=saying)
        made = self._unspoiled(None, opened)
        if saying.usage is not None:
            made = tuple(replace(reply, usage=saying.usage) for reply in made)
        return self._carried(made, opened, latency=saying.latency)

    def _carried(
        self,
        said: Saying | Sequence[Reply],
        opened: Opened,
        *,
        fault: Fault | None = None,
        latency: Latency | None = None,
    ) -> brain.Outcome:
        return brain.outcome(
            said,
            opened.inquiry,
            asked=self._told(opened),
            latency=latency or self.latency,
            fault=fault,
            seed=self.seed,
        )

    def _unspoiled(self, fault: Fault | None, opened: Opened) -> tuple[Reply, ...]:
        if not opened.inquiry.speaks:
            return ()
        given = None if fault is None else fault.given()
        if given is not None:
            return (given,)
        return improvise.replies(opened.inquiry, seed=self.seed, attempt=opened.attempt)

    def mark(self, opened: Opened) -> str:
        """What the ids in an answer hold."""
        return os.urandom(16).hex() if self.real_ids else _key(opened)

    def _told(self, opened: Opened) -> Asked:
        return Asked(f"req_{self.mark(opened)}", wall_time(), _key(opened))


def _part(opened: Opened, so_far: Accumulator) -> Usage | None:
    """What is billed for as much of a reply; nothing before its beginning has come."""
    if not so_far.has_begun:
        return None
    read = opened.usage or usage_of_part(opened.request, "")
    said = completion_of_part(so_far.text, so_far.tool_calls, refusal=so_far.refusal, model=opened.request.model)
    return replace(read, completion=said, reasoning=0)


def _said(so_far: Accumulator) -> Choice:
    return Choice(text=so_far.text or None, tool_calls=so_far.tool_calls, refusal=so_far.refusal or None)


def _key(opened: Opened) -> str:
    """What tells this attempt of this question from all others, in each run."""
    return f"{opened.question.hex()}{opened.attempt:02x}"


def _seen(opened: Opened, progress: Progress) -> Seen:
    return Seen(opened.inquiry, question=opened.question, attempt=opened.attempt, progress=progress)


def _conversation(opened: Opened) -> bytes:
    return conversation_of(opened.request, opened.asker.run_id, is_within=opened.asker.is_within)
