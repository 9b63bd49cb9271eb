"""Draws an exchange for people, as a conversation or as it was on the wire."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kaizen_eval.amounts import many
from kaizen_eval.cli.output import legible
from kaizen_eval.messages import Usage
from kaizen_eval.recording.conversation import Conversation, Part, Said
from kaizen_eval.recording.conversation.contents import size
from kaizen_eval.recording.exchange import Exchange, Headers

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

__all__ = ["drawn", "ended_after_us", "raw"]

_STYLES = {"assistant": "green", "system": "magenta", "developer": "magenta", "tool": "yellow", "user": "cyan"}
_INDENT = 2


def drawn(exchange: Exchange, read: Conversation) -> Iterator[RenderableType]:
    """Its heading, what was asked and answered, and how it ended."""
    yield _heading(exchange, read)
    yield from _circumstances(read)
    for said in read.asked:
        yield from _turn(said)
    for said in read.answered:
        several = len({one.choice for one in read.answered}) > 1
        yield from _turn(said, title=f"{said.role}, answer {said.choice + 1}" if several else "")
    yield from _ending(exchange, read)
    yield ""


def raw(exchange: Exchange) -> Iterator[RenderableType]:
    """Headers and bodies; JSON in lines."""
    query = "".join(
        f"{'&' if index else '?'}{name}={value}" for index, (name, value) in enumerate(exchange.request.query)
    )
    yield _styled(f"{_name(exchange)}  {exchange.request.method} {exchange.request.path}{query}", "bold")
    yield from _wire(exchange.request.headers, exchange.request.body.data)
    if exchange.response is not None:
        yield _styled(f"{exchange.response.status}", "bold")
        yield from _wire(exchange.response.headers, exchange.response.body.data)
    yield from _broken(exchange)
    yield ""


def ended_after_us(exchange: Exchange) -> int:
    """Microseconds from the request to the last that is known of it."""
    came = [] if exchange.response is None else [exchange.response.at_us, *exchange.response.offsets_us]
    return max([*came, 0 if exchange.failure is None else exchange.failure.at_us], default=0)


def _heading(exchange: Exchange, read: Conversation) -> RenderableType:
    from rich.text import Text  # noqa: PLC0415 - only who looks at it needs to draw

    status = "" if exchange.response is None else f"  {exchange.response.status}"
    is_bad = exchange.response is None or exchange.response.status >= 400
    return Text.assemble(
        (_name(exchange), "bold"),
        f"  {exchange.request.method} {legible(exchange.request.path)}",
        (f"  {legible(read.model)}" if read.model else "", "bold"),
        (status, "red" if is_bad else "green"),
    )


def _name(exchange: Exchange) -> str:
    return f"#{exchange.slot}" + (f" of lane {legible(exchange.lane)}" if exchange.lane else "")


def _circumstances(read: Conversation) -> Iterator[RenderableType]:
    if read.settings:
        yield _dim(", ".join(f"{name}={value}" for name, value in read.settings))
    if read.tools:
        yield _dim(f"tools: {', '.join(read.tools)}")


def _turn(said: Said, *, title: str = "") -> Iterator[RenderableType]:
    yield ""
    yield _styled(legible(title or said.role), f"bold {_STYLES.get(said.role, 'blue')}")
    for part in said.parts:
        yield _indented(_part(part))


def _part(part: Part) -> Text:
    from rich.text import Text  # noqa: PLC0415 - as above

    text = legible(part.text)
    match part.kind:
        case "call":
            arguments = f"({text})" if "\n" not in text else f"\n{text}"
            return Text.assemble("→ ", (legible(part.name), "bold"), arguments, (_reference(part), "dim"))
        case "result":
            return Text.assemble("← ", text, (_reference(part), "dim"))
        case "thinking":
            return Text(f"(thinks) {text}", "italic dim")
        case "refusal":
            return Text(f"(refuses) {text}", "red")
        case "attached":
            return Text(f"[{text}]", "blue")
        case _:
            return Text(text)


def _reference(part: Part) -> str:
    return f"  {legible(part.id)}" if part.id else ""


def _ending(exchange: Exchange, read: Conversation) -> Iterator[RenderableType]:
    yield ""
    if read.problem:
        yield _indented(_styled(f"error: {legible(read.problem)}", "red"))
    yield from _broken(exchange)
    told = [read.finish, *_spent(read.spent), *_times(exchange, read)]
    if any(told):
        yield _dim(", ".join(word for word in told if word))


def _broken(exchange: Exchange) -> Iterator[RenderableType]:
    if exchange.failure is not None:
        after = f" after {_seconds(exchange.failure.at_us)}"
        yield _indented(_styled(f"{exchange.failure.error}: {legible(exchange.failure.message)}{after}", "red"))
    if exchange.was_left:
        yield _indented(_styled("the client stopped reading here", "yellow"))


def _spent(spent: Usage | None) -> Iterator[str]:
    if spent is None:
        return
    cached = f" ({spent.cached:,} cached)" if spent.cached else ""
    reasoning = f" ({spent.reasoning:,} reasoning)" if spent.reasoning else ""
    yield f"{many(spent.prompt, 'token')}{cached} in"
    if spent.completion:
        yield f"{spent.completion:,}{reasoning} out"


def _times(exchange: Exchange, read: Conversation) -> Iterator[str]:
    if exchange.response is None:
        return
    if read.pieces:
        first = exchange.response.offsets_us[0] if exchange.response.offsets_us else exchange.response.at_us
        yield f"{many(read.pieces, 'piece')}, the first after {_seconds(first)}"
    yield f"{_seconds(ended_after_us(exchange))} in all"


def _seconds(microseconds: int) -> str:
    return f"{microseconds / 1_000_000:.2f} s" if microseconds >= 100_000 else f"{microseconds / 1000:.1f} ms"


def _wire(headers: Headers, body: bytes) -> Iterator[RenderableType]:
    for name, value in headers:
        yield _dim(f"{name}: {value}")
    if body:
        yield _indented(_styled(legible(_bytes_as_text(body)), ""))


def _bytes_as_text(body: bytes) -> str:
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        pass
    try:
        return body.decode()
    except UnicodeDecodeError:
        return f"({size(len(body))} that are no text)"


def _indented(text: Text) -> RenderableType:
    from rich.padding import Padding  # noqa: PLC0415 - as above

    return Padding(text, (0, 0, 0, _INDENT))


def _dim(text: str) -> RenderableType:
    return _indented(_styled(legible(text), "dim"))


def _styled(text: str, style: str) -> Text:
    from rich.text import Text  # noqa: PLC0415 - as above

    return Text(text, style)
