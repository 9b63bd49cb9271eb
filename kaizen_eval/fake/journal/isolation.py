"""Isolation of sessions: which messages hold what another session said, and who said it first."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kaizen_eval.fake.journal.account import Account
from kaizen_eval.fake.journal.exchange import Exchange
from kaizen_eval.fake.journal.wording import holds, is_answer, is_in, leaves, lines, unescaped, without
from kaizen_eval.messages import Message, Role

__all__ = ["How", "Leak", "leaks"]

How = Literal["asked", "was answered", "was told by a tool"]
"""How a session came to know what leaked out of it."""


@dataclass(frozen=True, slots=True)
class Leak:
    """One message that holds what another session said."""

    exchange: Exchange
    """Where it showed up."""
    place: int
    """Which of its messages, from 0."""
    text: str
    """What leaked."""
    source: Exchange
    """Where it was said."""
    turn: int
    """Which turn of its session that was."""
    how: How
    content: str
    """What of the message holds it: its own content, or the arguments of a call."""

    @property
    def role(self) -> Role:
        return self.exchange.request.messages[self.place].role

    @property
    def showed(self) -> str:
        return _name(self.exchange)

    @property
    def came_from(self) -> str:
        return _name(self.source)


def leaks(exchanges: Sequence[Exchange]) -> list[Leak]:
    """Each message that neither its run's input nor its session's earlier turns explain, and another session does.

    A message is looked at where it first shows up in its session. A run without a session is a session of its own;
    what agents ask as tools belongs to the session of the outermost run. What a tool answers to a session's own call is
    the session's own, whatever it is.
    """
    sessions: dict[object, _Session] = {}
    for exchange in exchanges:
        sessions.setdefault(_key(exchange), _Session()).take_part(exchange)
    found: list[Leak] = []
    for exchange in exchanges:
        own = sessions[_key(exchange)]
        own.hear(exchange)
        for place, text in own.unexplained(exchange):
            found += filter(None, [_trace(exchange, place, text, own, tuple(sessions.values()))])
        own.answer(exchange)
    return found


@dataclass(frozen=True, slots=True)
class _Said:
    """What one exchange brought into its session."""

    exchange: Exchange
    system: str
    """What its own signature explains of the system message."""
    asked: tuple[str, ...]
    """The user message that its own input explains, and every text in it."""
    answered: tuple[str, ...]
    """The reply, the arguments of its calls, and every text in them."""
    told: tuple[str, ...]
    """What tools answered since the last exchange, and every text in it."""
    shared: tuple[str, ...]
    """What agents of other sessions had let it know on purpose."""

    @property
    def asked_ns(self) -> int:
        """Since when the input was known."""
        began = self.exchange.asker.began_ns
        return self.exchange.started_ns if began is None else began

    @classmethod
    def of(cls, exchange: Exchange, results: Sequence[str]) -> _Said:
        account = _account(exchange)
        asked = dict.fromkeys((account.user, *account.said, *lines(account.said)))
        replied = (exchange.text, *(call.arguments for call in exchange.tool_calls))
        answered = dict.fromkeys(text for reply in replied for text in (reply, *leaves(reply)))
        told = dict.fromkeys(text for result in results for text in (result, *leaves(result), *_lines(result)))
        brought = (asked, answered, told, account.shared)
        return cls(exchange, account.system, *(tuple(filter(None, texts)) for texts in brought))

    def texts(self, until: int) -> Iterator[tuple[str, How, int]]:
        """What could be known by then, and since when: an input since its run began, an answer since it was out."""
        if self.asked_ns <= until:
            yield from ((text, "asked", self.asked_ns) for text in self.asked)
        if self.exchange.started_ns <= until:
            yield from ((text, "was told by a tool", self.exchange.started_ns) for text in self.told)
        ended_ns = self.exchange.ended_ns
        if ended_ns is not None and ended_ns <= until:
            yield from ((text, "was answered", ended_ns) for text in self.answered)


@dataclass(slots=True)
class _Results:
    """Tells a session's own results of tools from what else stands in messages of tools."""

    calls: Counter[str] = field(default_factory=Counter)
    """By id, which may not be unique: how many calls of the session's have no result yet."""
    seen: set[tuple[str | None, str]] = field(default_factory=set)

    def of(self, exchange: Exchange) -> list[str]:
        """Those that come first in this exchange; each answers one call that the model made before."""
        found = [message.content for message in exchange.request.messages if self._is_new(message)]
        if exchange.error is None:
            self.calls.update(call.id for call in exchange.tool_calls)
        return found

    def _is_new(self, message: Message) -> bool:
        call_id, said = message.tool_call_id, (message.tool_call_id, message.content)
        if call_id is None or said in self.seen or not self.calls[call_id]:
            return False
        self.seen.add(said)
        self.calls[call_id] -= 1
        return True


@dataclass(slots=True)
class _Session:
    """One session, as it grows."""

    turns: list[_Said] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    """What the session has said so far."""
    seen: set[str] = field(default_factory=set)
    """Messages that are explained, or told already."""
    replies: list[str] = field(default_factory=list)
    heard: int = 0
    results: _Results = field(default_factory=_Results)

    def take_part(self, exchange: Exchange) -> None:
        """Another exchange of the session."""
        self.turns.append(_Said.of(exchange, self.results.of(exchange)))

    def hear(self, exchange: Exchange) -> None:
        """What the exchange asks is the session's own from now on."""
        said = self.turns[self.heard]
        self.heard += 1
        self.seen |= {said.system, *said.asked[:1], *said.told}
        self.known += [said.system, *said.asked, *said.told, *said.shared, *_texts_of_schema(exchange)]

    def unexplained(self, exchange: Exchange) -> Iterator[tuple[int, str]]:
        """The places of messages, and texts in them, that have no explanation of the session's own."""
        for place, message in enumerate(exchange.request.messages):
            for text in (message.content, *(call.arguments for call in message.tool_calls)):
                if text.strip() and text not in self.seen:
                    self.seen.add(text)
                    if message.role != "assistant" or not any(is_answer(text, reply) for reply in self.replies):
                        yield place, text

    def answer(self, exchange: Exchange) -> None:
        """What it is answered is the session's own from now on."""
        for text in filter(None, (exchange.text, *(call.arguments for call in exchange.tool_calls))):
            self.replies.append(text)
            self.known += [text, unescaped(text)]
            self.seen.add(text)

    def knows(self, text: str) -> bool:
        return any(holds(own, text) for own in self.known)

    def was_told(self, text: str) -> bool:
        """Whether its first request held the text beyond its own input."""
        return any(holds(rest, text) for rest in _beyond_input(self.turns[0]))

    def turn(self, said: _Said) -> int:
        """Attempts and steps of one run, or of one question outside of runs, are one turn."""
        keys = list(dict.fromkeys(_turn_key(one.exchange) for one in self.turns))
        return keys.index(_turn_key(said.exchange)) + 1


def _trace(exchange: Exchange, place: int, content: str, own: _Session, sessions: Sequence[_Session]) -> Leak | None:
    """The longest text in the content that another session said, and neither this one nor the prompt."""
    found: Leak | None = None
    others = [session for session in sessions if session is not own]
    for session in others:
        for said in session.turns:
            for text, how, known_ns in said.texts(exchange.started_ns):
                if found is not None and len(text) <= len(found.text):
                    continue
                if is_in(text, content) and not own.knows(text) and not _is_prompt(text, session, known_ns, others):
                    found = Leak(exchange, place, text, said.exchange, session.turn(said), how, content)
    return found


def _is_prompt(text: str, source: _Session, known_ns: int, others: Sequence[_Session]) -> bool:
    """Whether the source was told the text at its very start, or another session before anyone could know it."""
    return any(
        session.was_told(text)
        for session in others
        if session is source or session.turns[0].exchange.started_ns < known_ns
    )


def _account(exchange: Exchange) -> Account:
    """By the run; outside of runs, the last user message is all that can be taken for new input."""
    if exchange.asker.account is not None:
        return exchange.asker.account()
    return Account("", exchange.asked, ())


def _key(exchange: Exchange) -> object:
    return exchange.asker.root or exchange.session_id


def _turn_key(exchange: Exchange) -> object:
    """The run; outside of runs what was said until the user last spoke, which all steps of a tool loop share."""
    if exchange.asker.run_id is not None:
        return exchange.asker.run_id
    messages = exchange.request.messages
    spoken = [place for place, message in enumerate(messages) if message.role == "user"]
    return messages[: spoken[-1] + 1] if spoken else exchange.question


def _name(exchange: Exchange) -> str:
    if exchange.session_id is not None:
        return f"session {exchange.session_id!r}"
    return f"the run without a session in exchange {exchange.number}"


def _beyond_input(said: _Said) -> Iterator[str]:
    """A request's texts without what its input explains."""
    for message in said.exchange.request.messages:
        rest = message.content
        if rest in said.asked:
            continue
        if said.exchange.asker.account is not None:
            for text in said.asked:
                rest = without(rest, text)
        yield rest


def _lines(result: str) -> Iterator[str]:
    """Of a text; those of JSON say nothing by themselves."""
    return lines([]) if next(leaves(result), None) is not None else lines([result])


def _texts_of_schema(exchange: Exchange) -> list[str]:
    schema = exchange.request.output_schema
    return [] if schema is None else [json.dumps(schema, ensure_ascii=False, default=str)]
