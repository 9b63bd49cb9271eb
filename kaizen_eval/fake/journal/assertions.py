"""Assertions over the journal; each failure shows the exchanges as a table."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NoReturn

from kaizen_eval.amounts import many
from kaizen_eval.errors import UsageError
from kaizen_eval.fake.journal import tool_assertions, trajectory
from kaizen_eval.fake.journal.exchange import Exchange
from kaizen_eval.fake.journal.isolation import Leak, leaks
from kaizen_eval.fake.journal.journal import Journal
from kaizen_eval.fake.journal.made_call import MadeCall
from kaizen_eval.fake.journal.table import table
from kaizen_eval.fake.journal.wanted_calls import Order, ToolMatcher
from kaizen_eval.fake.script.matchers import NameMatcher
from kaizen_eval.fake.script.text_match import TextMatcher, name_holds, named, text_holds

__all__ = [
    "asked",
    "attempts",
    "calls",
    "calls_made",
    "not_asked",
    "not_called_before",
    "outcomes",
    "sessions_isolated",
    "tool_not_called",
    "tools_called",
    "waited",
]

__tracebackhide__ = True  # pytest then points at the test's line


def calls(journal: Journal, number: int) -> None:
    _whole(journal)
    if (made := len(journal.calls)) != number:
        tried = len(journal) - journal.refused
        retried = f" (in {tried} attempts)" if tried > made else ""
        _fail(f"{many(number, 'call')} wanted, {made} made{retried}.", journal)


def attempts(journal: Journal, number: int) -> None:
    if (made := len(journal) - journal.refused) != number:
        _fail(f"{many(number, 'attempt')} wanted, {made} made.", journal)


def outcomes(journal: Journal, wanted: Sequence[str]) -> None:
    _whole(journal)
    came = tuple(exchange.outcome for exchange in journal.exchanges)
    if came != tuple(wanted):
        _fail(f"The outcomes are {', '.join(came) or 'none'}; wanted: {', '.join(wanted) or 'none'}.", journal)


def asked(journal: Journal, wanted: TextMatcher, session: str | None) -> None:
    if not any(text_holds(wanted, exchange.asked) for exchange in _of(journal, session)):
        _fail(f"Nothing was asked{_in(session)} that holds {named(wanted)}.", journal)


def not_asked(journal: Journal, unwanted: TextMatcher, session: str | None) -> None:
    _whole(journal)
    found = [
        (exchange, message)
        for exchange in _of(journal, session)
        for message in exchange.request.messages
        if text_holds(unwanted, message.content)
    ]
    if found:
        exchange, message = found[0]
        where = f"the {message.role} message {message.content!r} of exchange {exchange.number}"
        _fail(f"{named(unwanted)} was asked{_in(session)}: {where}.", journal, {e.number for e, _ in found})


def waited(journal: Journal, wanted: Sequence[float]) -> None:
    _whole(journal)
    if (waits := journal.waits) != tuple(wanted):
        _fail(f"The waits between attempts are {_seconds(waits)}; wanted: {_seconds(wanted)}.", journal)


def sessions_isolated(journal: Journal) -> None:
    _whole(journal)
    found = leaks(journal.attempts)
    if found:
        marked = {number for leak in found for number in (leak.exchange.number, leak.source.number)}
        _fail("\n".join(["Sessions are not isolated.", *map(_told, found[:_MOST]), *_rest(found)]), journal, marked)


def tools_called(
    journal: Journal, calls: Iterable[ToolMatcher], order: Order, session: NameMatcher | None, agent: NameMatcher | None
) -> None:
    tool_assertions.tools_called(calls_made(journal, session, agent), calls, order, _whose(journal, session, agent))


def tool_not_called(
    journal: Journal, call: ToolMatcher, session: NameMatcher | None, agent: NameMatcher | None
) -> None:
    tool_assertions.not_called(calls_made(journal, session, agent), call, _whose(journal, session, agent))


def not_called_before(
    journal: Journal,
    call: ToolMatcher,
    first: ToolMatcher,
    session: NameMatcher | None,
    agent: NameMatcher | None,
) -> None:
    tool_assertions.not_called_before(calls_made(journal, session, agent), call, first, _whose(journal, session, agent))


def calls_made(
    journal: Journal, session: NameMatcher | None = None, agent: NameMatcher | None = None
) -> tuple[MadeCall, ...]:
    """Which tools the model called, as long as the journal kept all exchanges."""
    _whole(journal)
    return trajectory.of_journal(journal, session=session, agent=agent)


def _whose(journal: Journal, session: NameMatcher | None, agent: NameMatcher | None) -> str:
    return _in(session) + ("" if agent is None else f" by agent {named(agent)}{_unless_known(agent, journal)}")


def _unless_known(agent: NameMatcher, journal: Journal) -> str:
    known = {exchange.agent_id for exchange in journal.exchanges if exchange.agent_id is not None}
    if any(name_holds(agent, name) for name in known):
        return ""
    return f" (who asked nothing; {', '.join(map(repr, sorted(known))) or 'nobody who says a name'} did)"


_MOST = 5
"""Leaks that are told; the others are counted."""


def _whole(journal: Journal) -> None:
    """Refuse to judge by a part."""
    if len(journal.exchanges) < len(journal):
        raise UsageError(
            f"The journal kept the last {len(journal.exchanges)} of {len(journal)} exchanges, and this assertion needs "
            "all of them: make the FakeLLM with a larger `keep`, or without."
        )


def _told(leak: Leak) -> str:
    return (
        f"  {leak.showed} was shown {leak.text!r}, which {leak.came_from} {leak.how} in turn {leak.turn} "
        f"(exchange {leak.source.number}).\n"
        f"    It is in message {leak.place + 1} of {len(leak.exchange.request.messages)} of exchange "
        f"{leak.exchange.number}, {leak.role}: {leak.content!r}"
    )


def _rest(found: Sequence[Leak]) -> list[str]:
    return [f"  … and {len(found) - _MOST} more."] if len(found) > _MOST else []


def _of(journal: Journal, session: str | None) -> Iterable[Exchange]:
    return (exchange for exchange in journal.attempts if session is None or exchange.session_id == session)


def _in(session: NameMatcher | None) -> str:
    return "" if session is None else f" in session {named(session)}"


def _seconds(seconds: Iterable[float]) -> str:
    return ", ".join(f"{wait:.6f}".rstrip("0").rstrip(".") + " s" for wait in seconds) or "none"


def _fail(what: str, journal: Journal, marked: Collection[int] = ()) -> NoReturn:
    raise AssertionError(f"{what}\n\n{table(journal.exchanges, marked=marked)}")
