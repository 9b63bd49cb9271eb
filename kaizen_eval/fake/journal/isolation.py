"""Isolation of sessions: which messages hold what another session said, and who said it first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kaizen_eval.fake.journal.account import Account
from kaizen_eval.fake.journal.exchange import Exchange
from kaizen_eval.fake.journal.wording import holds, is_answer, is_in, leaves, lines, unescaped, without
from kaizen_eval.messages import Message

__all__ = ["Leak", "leaks"]


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
    was_asked: bool
    """Whether it was asked there; else it was answered."""

    @property
    def message(self) -> Message:
        return self.exchange.request.messages[self.place]

    @property
    def showed(self) -> str:
        return _name(self.exchange)

    @property
    def came_from(self) -> str:
        return _name(self.source)


def leaks(exchanges: Sequence[Exchange]) -> list[Leak]:
    """Each message that neither its run's input nor its session's earlier turns explain, and another session does.

    A message is looked at where it first shows up in its session. A run without a session is a session of its own;
    what agents ask as tools belongs to the session of the outermost run.
    """
    sessions: dict[object, _Session] = {}
    for exchange in exchanges:
        sessions.setdefault(_key(exchange), _Session()).turns.append(_Said.of(exchange))
    found: list[Leak] = []
    for exchange in exchanges:
        own = sessions[_key(exchange)]
        own.hear(exchange)
        for place in own.unexplained(exchange):
            found += filter(None, [_trace(exchange, place, own, tuple(sessions.values()))])
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
    """The reply, and every text in it."""

    @property
    def asked_ns(self) -> int:
        """Since when the input was known."""
        began = self.exchange.asker.began_ns
        return self.exchange.started_ns if began is None else began

    @classmethod
    def of(cls, exchange: Exchange) -> _Said:
        account = _account(exchange)
        asked = dict.fromkeys((account.user, *account.said, *lines(account.said)))
        answered = dict.fromkeys((exchange.text, *leaves(exchange.text)))
        return cls(exchange, account.system, tuple(filter(None, asked)), tuple(filter(None, answered)))


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

    def hear(self, exchange: Exchange) -> None:
        """What the exchange asks is the session's own from now on."""
        said = self.turns[self.heard]
        self.heard += 1
        self.seen |= {said.system, *said.asked[:1]}
        self.known += [said.system, *said.asked, *_texts_of_schema(exchange)]

    def unexplained(self, exchange: Exchange) -> Iterator[int]:
        """The places of messages that have no explanation of the session's own."""
        for place, message in enumerate(exchange.request.messages):
            if message.content.strip() and message.content not in self.seen:
                self.seen.add(message.content)
                if message.role != "assistant" or not any(is_answer(message.content, reply) for reply in self.replies):
                    yield place

    def answer(self, exchange: Exchange) -> None:
        """What it is answered is the session's own from now on."""
        if exchange.text:
            self.replies.append(exchange.text)
            self.known += [exchange.text, unescaped(exchange.text)]
            self.seen.add(exchange.text)

    def knows(self, text: str) -> bool:
        return any(holds(own, text) for own in self.known)

    def was_told(self, text: str) -> bool:
        """Whether its first request held the text beyond its own input."""
        return any(holds(rest, text) for rest in _beyond_input(self.turns[0]))

    def turn(self, said: _Said) -> int:
        """Attempts of one run, or of one question outside of runs, are one turn."""
        keys = list(dict.fromkeys(_turn_key(one.exchange) for one in self.turns))
        return keys.index(_turn_key(said.exchange)) + 1


def _trace(exchange: Exchange, place: int, own: _Session, sessions: Sequence[_Session]) -> Leak | None:
    """The longest text in the message that another session said, and neither this one nor the prompt."""
    content = exchange.request.messages[place].content
    found: Leak | None = None
    others = [session for session in sessions if session is not own]
    for session, said, text, was_asked in _everything_said(others, until=exchange.started_ns):
        if found is not None and len(text) <= len(found.text):
            continue
        known_ns = said.asked_ns if was_asked else said.exchange.ended_ns or 0
        if is_in(text, content) and not own.knows(text) and not _is_prompt(text, session, known_ns, others):
            found = Leak(exchange, place, text, said.exchange, session.turn(said), was_asked)
    return found


def _everything_said(sessions: Sequence[_Session], *, until: int) -> Iterator[tuple[_Session, _Said, str, bool]]:
    """What could be known by then: an input since its run began, an answer since it was out."""
    for session in sessions:
        for said in session.turns:
            if said.asked_ns <= until:
                yield from ((session, said, text, True) for text in said.asked)
            if said.exchange.ended_ns is not None and said.exchange.ended_ns <= until:
                yield from ((session, said, text, False) for text in said.answered)


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
    return exchange.asker.run_id or exchange.question


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


def _texts_of_schema(exchange: Exchange) -> list[str]:
    schema = exchange.request.output_schema
    return [] if schema is None else [json.dumps(schema, ensure_ascii=False, default=str)]
