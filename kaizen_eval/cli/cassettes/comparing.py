"""`kaizen-eval cassettes diff`: what changed between two recordings of a test."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kaizen_eval.amounts import many
from kaizen_eval.cli.cassettes.opened import recording_at
from kaizen_eval.cli.cassettes.options import Commands, add_command, add_ignore
from kaizen_eval.cli.cassettes.places import single
from kaizen_eval.cli.output import as_json, console, legible, show
from kaizen_eval.recording.comparison.difference import Difference, differences, response_differences
from kaizen_eval.recording.comparison.pairing import Pair, aligned
from kaizen_eval.recording.conversation import Said, conversation_of, last_words
from kaizen_eval.recording.exchange import Exchange, Failure

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["add_to"]

_SUMMARY = "tell what changed between two recordings of a test"
_DETAILS = (
    "By exchange and field. Ids, times and fingerprints, which are others each time, do not count; with --shape what "
    "is said does not either, only what it is made of. Exit code 1: they differ."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """What differs in one pair of exchanges."""

    pair: Pair
    request: tuple[Difference, ...] = ()
    response: tuple[Difference, ...] = ()

    @property
    def status(self) -> str:
        if self.pair.before is None:
            return "added"
        return "removed" if self.pair.after is None else "changed"


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    parser = add_command(commands, "diff", _SUMMARY, _DETAILS, parents=parents)
    parser.add_argument("before", metavar="A", help="a cassette; - reads stdin: git show HEAD:A | … diff - A")
    parser.add_argument("after", metavar="B", help="another")
    parser.add_argument("--shape", action="store_true", help="leave out what differs in words alone")
    add_ignore(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    before, after = (recording_at(single(path)).exchanges for path in (options.before, options.after))
    pairs = aligned(before, after)
    changes = [change for pair in pairs if (change := _change(pair, options)) is not None]
    if options.json:
        as_json({"exchanges": len(pairs), "changes": [_fields(change) for change in changes]})
    else:
        show(console(options), _drawn(changes, len(pairs)))
    return int(bool(changes))


def _change(pair: Pair, options: argparse.Namespace) -> _Change | None:
    before, after = pair
    if before is None or after is None:
        return _Change(pair=pair)
    request = differences(before.request, after.request, ignore=options.ignore)
    response = tuple(_answers(before, after, words=not options.shape))
    return _Change(pair=pair, request=request, response=response) if request or response else None


def _answers(before: Exchange, after: Exchange, *, words: bool) -> Iterator[Difference]:
    yield from response_differences(before.response, after.response, words=words)
    if _ended(before.failure) != _ended(after.failure):
        yield Difference("failure", _ended(before.failure), _ended(after.failure))
    if before.was_left != after.was_left:
        yield Difference("was_left", str(before.was_left).lower(), str(after.was_left).lower())


def _ended(failure: Failure | None) -> str:
    return "absent" if failure is None else failure.error


def _fields(change: _Change) -> dict[str, object]:
    return {
        "status": change.status,
        "before": _place(change.pair.before),
        "after": _place(change.pair.after),
        "request": [_difference(one) for one in change.request],
        "response": [_difference(one) for one in change.response],
    }


def _place(exchange: Exchange | None) -> dict[str, object] | None:
    return None if exchange is None else {"lane": exchange.lane, "slot": exchange.slot}


def _difference(one: Difference) -> dict[str, object]:
    return {"path": one.path, "before": one.recorded, "after": one.asked, "is_words": one.is_words}


def _drawn(changes: Sequence[_Change], pairs: int) -> Iterator[RenderableType]:
    for change in changes:
        yield _heading(change)
        if change.status == "changed":
            said = list(_said(change))
            told = [one for one in change.response if not (said and one.is_words)]
            yield from (
                _table(title, found) for title, found in (("request", change.request), ("response", told)) if found
            )
            yield from said
        yield ""
    if not changes:
        yield f"no difference in {many(pairs, 'exchange')}"
        return
    yield f"{len(changes)} of {many(pairs, 'exchange')} differ"


def _heading(change: _Change) -> RenderableType:
    from rich.text import Text  # noqa: PLC0415 - only who looks at it needs to draw

    before, after = change.pair
    one = after if before is None else before
    assert one is not None  # noqa: S101 - a pair has one of both
    slots = [f"#{exchange.slot}" for exchange in change.pair if exchange is not None]
    name = slots[0] if len(set(slots)) == 1 else " → ".join(slots)
    lane = f" of lane {legible(one.lane)}" if one.lane else ""
    style = {"added": "green", "removed": "red", "changed": "yellow"}[change.status]
    told = "" if change.status == "changed" else f"  {legible(last_words(one))}"
    place = f"  {one.request.method} {legible(one.request.path)}"
    return Text.assemble((f"{name}{lane}", "bold"), place, (f"  {change.status}", style), (told, "dim"))


def _table(title: str, found: Sequence[Difference]) -> RenderableType:
    from rich import box  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(title, style="cyan", overflow="fold")
    table.add_column("before", overflow="fold")
    table.add_column("after", overflow="fold")
    for one in found:
        table.add_row(legible(one.path), legible(one.recorded), legible(one.asked))
    return table


def _said(change: _Change) -> Iterator[RenderableType]:
    """The whole answers side by side, where what they say differs."""
    from rich import box  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above

    before, after = change.pair
    if before is None or after is None or not any(one.is_words for one in change.response):
        return
    texts = [_text(conversation_of(exchange).answered) for exchange in (before, after)]
    if texts[0] == texts[1]:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title="what was said", title_justify="left", title_style="bold")
    table.add_column("before", ratio=1, overflow="fold")
    table.add_column("after", ratio=1, overflow="fold")
    table.add_row(*texts)
    yield table


def _text(answered: Sequence[Said]) -> str:
    parts = (part for said in answered for part in said.parts)
    return legible("\n".join(f"→ {part.name}({part.text})" if part.kind == "call" else part.text for part in parts))
