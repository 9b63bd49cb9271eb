"""Isolation of sessions: which messages hold what another session said, and who said it first."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kaizen_eval.fake.account import Account, texts_in
from kaizen_eval.fake.journal import Exchange
from kaizen_eval.messages import Message

__all__ = ["Leak", "leaks"]

_SHORTEST = 3
"""Characters of a text that is looked for inside of messages; a shorter one must be the whole message."""
_UNSPACED = "\u2e80"
"""Scripts from here on write words without spaces between them."""
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


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
            others = [session for session in sessions.values() if session is not own]
            found += filter(None, [_trace(exchange, place, own, others)])
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

    @classmethod
    def of(cls, exchange: Exchange) -> _Said:
        account = _account(exchange)
        asked = dict.fromkeys((account.user, *account.said, *_lines(account.said)))
        answered = dict.fromkeys((exchange.text, *_leaves(exchange.text)))
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
                if message.role != "assistant" or not any(_is_answer(message.content, reply) for reply in self.replies):
                    yield place

    def answer(self, exchange: Exchange) -> None:
        """What it is answered is the session's own from now on."""
        if exchange.text:
            self.replies.append(exchange.text)
            self.known += [exchange.text, _unescaped(exchange.text)]
            self.seen.add(exchange.text)

    def knows(self, text: str) -> bool:
        return any(_holds(own, text) for own in self.known)

    def always_said(self, text: str) -> bool:
        """Whether its first request held the text beyond its input: then it is the prompt's."""
        first = self.turns[0]
        return any(_holds(rest, text) for rest in _beyond_input(first))

    def turn(self, said: _Said) -> int:
        """Attempts of one run, or of one question outside of runs, are one turn."""
        keys = list(dict.fromkeys(_turn_key(one.exchange) for one in self.turns))
        return keys.index(_turn_key(said.exchange)) + 1


def _trace(exchange: Exchange, place: int, own: _Session, others: Sequence[_Session]) -> Leak | None:
    """The longest text in the message that another session said and this one did not."""
    content = exchange.request.messages[place].content
    found: Leak | None = None
    for session in others:
        for said in session.turns:
            for text, was_asked in (*((t, True) for t in said.asked), *((t, False) for t in said.answered)):
                if found is not None and len(text) <= len(found.text):
                    continue
                if _is_in(text, content) and not own.knows(text) and not session.always_said(text):
                    found = Leak(exchange, place, text, said.exchange, session.turn(said), was_asked)
    return found


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
                rest = _without(rest, text)
        yield rest


def _texts_of_schema(exchange: Exchange) -> list[str]:
    schema = exchange.request.output_schema
    return [] if schema is None else [json.dumps(schema, ensure_ascii=False, default=str)]


def _lines(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        yield from (line.strip() for line in text.splitlines())


def _leaves(text: str) -> Iterator[str]:
    """Every text in the JSON value that the text is or holds."""
    for match in re.finditer(r"[{\[]", text):
        try:
            value, _ = json.JSONDecoder().raw_decode(text, match.start())
        except (ValueError, RecursionError):
            continue
        yield from texts_in(value)
        return


def _is_answer(content: str, reply: str) -> bool:
    """Whether a message of the history is what became of a reply, which may have been wrapped or in need of repair."""
    said = _loose(f"{reply}\n{_unescaped(reply)}")
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return _loose(content) in said
    return all(_loose(text) in said for text in texts_in(value))


def _loose(text: str) -> str:
    return " ".join(text.casefold().split())


def _unescaped(text: str) -> str:
    """Without JSON's escapes."""
    return re.sub(r"\\(?:u([0-9a-fA-F]{4})|(.))", _plain, text)


def _plain(match: re.Match[str]) -> str:
    code, sign = match.groups()
    return chr(int(code, 16)) if code else _ESCAPES.get(sign, sign)


def _is_in(text: str, content: str) -> bool:
    """Whether a message is the text, or holds it as words of its own, plain or inside of JSON."""
    if content.strip() == text.strip():
        return True
    return len(text.strip()) >= _SHORTEST and any(_holds(content, form) for form in _forms(text))


def _forms(text: str) -> set[str]:
    """Plain, and as JSON writes it, with and without escapes for what is not ASCII."""
    if text.isascii() and text.isprintable() and not {'"', "\\"} & set(text):
        return {text}
    return {text, json.dumps(text, ensure_ascii=False)[1:-1], json.dumps(text)[1:-1]}


def _holds(content: str, text: str) -> bool:
    """Whether the text stands in the content between the borders of words."""
    return next(_places(content, text), None) is not None


def _without(content: str, text: str) -> str:
    """The content with the text blotted out, where it stands between the borders of words."""
    for place in list(_places(content, text)):
        content = f"{content[:place]}{chr(0) * len(text)}{content[place + len(text) :]}"
    return content


def _places(content: str, text: str) -> Iterator[int]:
    place = content.find(text)
    while place >= 0:
        end = place + len(text)
        if _is_border(content[max(place - 1, 0) : place], text[0]) and _is_border(content[end : end + 1], text[-1]):
            yield place
        place = content.find(text, place + 1)


def _is_border(outside: str, inside: str) -> bool:
    """Whether a word ends between two characters; the outer one may be missing."""
    return not (outside.isalnum() and inside.isalnum() and max(outside, inside) < _UNSPACED)
