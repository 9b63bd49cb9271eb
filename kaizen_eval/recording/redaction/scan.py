"""What redaction has left: looks wider than it, also at other writings of the same text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kaizen_eval.recording.exchange import Exchange, Headers, content_type
from kaizen_eval.recording.redaction.bodies import body_found
from kaizen_eval.recording.redaction.decoded import from_json, from_percent, plain
from kaizen_eval.recording.redaction.json_text import Path
from kaizen_eval.recording.redaction.names import level_of
from kaizen_eval.recording.redaction.rules import Rules, decoded_base64
from kaizen_eval.recording.redaction.search import is_secret, text_found
from kaizen_eval.secrets.kinds import NAMED, Finding
from kaizen_eval.secrets.spans import text_of, without

__all__ = ["found_in_exchange", "found_in_text"]

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_UNESCAPINGS = 4


def found_in_exchange(exchange: Exchange, rules: Rules) -> tuple[Finding, ...]:
    """All that is left in an exchange, each once."""
    return tuple(dict.fromkeys(_masked(finding, rules) for finding in _in_exchange(exchange, rules)))


def found_in_text(text: str, rules: Rules) -> tuple[Finding, ...]:
    """All that is left in a text, which may be JSON or a stream, each once."""
    return tuple(dict.fromkeys(_masked(finding, rules) for finding in _in_body(text, "", "text", rules)))


def _in_exchange(exchange: Exchange, rules: Rules) -> Iterator[Finding]:
    request, response, failure = exchange.request, exchange.response, exchange.failure
    yield from _in_plain(request.path, "request.path", rules)
    for name, value in request.query:
        yield from _in_named(name, value, f"request.query.{name}", rules)
    yield from _in_headers(request.headers, "request.headers", rules)
    yield from _in_body(text_of(request.body.data), content_type(request.headers), "request.body", rules)
    if response:
        yield from _in_headers(response.headers, "response.headers", rules)
        yield from _in_body(text_of(response.body.data), content_type(response.headers), "response.body", rules)
    if failure:
        yield from _in_plain(failure.message, "failure.message", rules)
    yield from _in_plain(exchange.lane, "lane", rules)


def _in_headers(headers: Headers, where: str, rules: Rules) -> Iterator[Finding]:
    for name, value in headers:
        yield from _in_named(name, value, f"{where}.{name}", rules)


def _in_named(name: str, value: str, where: str, rules: Rules) -> Iterator[Finding]:
    if is_secret(level_of(name, rules.names), value):
        yield Finding(where, NAMED)
    yield from _in_plain(name, where, rules)
    yield from _in_plain(value, where, rules)


def _in_plain(text: str, where: str, rules: Rules) -> Iterator[Finding]:
    for found in text_found(plain(text, 0, len(text)), rules):
        yield Finding(where + _written(found.path), found.span.kind)
    yield from _in_other_writings(text, where, rules)


def _in_body(text: str, content_type: str, where: str, rules: Rules) -> Iterator[Finding]:
    if not text:
        return
    is_many = text.startswith(("data:", "event:", ":")) or content_type.startswith("text/event-stream")
    for found in body_found(text, content_type, rules):
        event = f".events[{found.document}]" if is_many else ""
        yield Finding(where + event + _written(found.path), found.span.kind)
    yield from _in_other_writings(text, where, rules)


def _in_other_writings(text: str, where: str, rules: Rules) -> Iterator[Finding]:
    """The same without the escapes of JSON, of URLs, and with base64 decoded."""
    for other in _writings(text):
        yield from (Finding(where, span.kind) for span in rules.spans(other))


def _writings(text: str) -> Iterator[str]:
    unescaped = text
    for _ in range(_UNESCAPINGS):
        if "\\" not in unescaped:
            break
        unescaped = from_json(unescaped, 0, len(unescaped)).text
        yield unescaped
    for plainer in {text, unescaped}:
        if "%" in plainer:
            yield from_percent(plainer, 0, len(plainer), form=True).text
    yield from filter(None, (decoded_base64(code[0]) for code in _BASE64.finditer(unescaped)))


def _written(path: Path) -> str:
    return "".join([f"[{element}]" if isinstance(element, int) else f".{element}" for element in path])


def _masked(finding: Finding, rules: Rules) -> Finding:
    """A place whose names hold no secret either."""
    where = "".join(character if character.isprintable() else "?" for character in finding.where)
    where = without(where, rules.spans(where))
    return finding._replace(where=where if len(where) <= 300 else f"{where[:300]}…")
