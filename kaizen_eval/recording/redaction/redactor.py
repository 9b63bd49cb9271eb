"""Redactor: takes the secrets out of what a cassette will keep, and looks whether any is left."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

from kaizen_eval.recording.body import Body
from kaizen_eval.recording.exchange import Exchange, Headers, Piece, RawRequest, RecordedRequest, RecordedResponse
from kaizen_eval.recording.lookup.key import recorded_path
from kaizen_eval.recording.redaction.bodies import body_found, is_stream
from kaizen_eval.recording.redaction.decoded import plain
from kaizen_eval.recording.redaction.glance import may_hold
from kaizen_eval.recording.redaction.headers import (
    bare,
    credentials_in,
    redacted_header,
    request_headers,
    response_headers,
)
from kaizen_eval.recording.redaction.known import Known, known_value, of_environment
from kaizen_eval.recording.redaction.names import Level, level_of
from kaizen_eval.recording.redaction.rules import Rules, rules_of
from kaizen_eval.recording.redaction.scan import found_in_exchange, found_in_text
from kaizen_eval.recording.redaction.search import is_secret, text_found
from kaizen_eval.secrets.kinds import NAMED, SEEN, Finding
from kaizen_eval.secrets.placeholder import REDACTED
from kaizen_eval.secrets.spans import Span, bytes_of, merged, sizes_without, text_of, without
from kaizen_eval.secrets.values import is_random, is_telling

__all__ = ["Redactor"]

_ROUNDS = 8
"""What is left may be a secret in its turn; never seen more than three."""
_SEEN_AT_MOST = 256
_HARMLESS = re.compile(r"[\w.:-]{0,7}|[a-z*/+;=_. -]{0,40}", re.ASCII)
"""Paths and values of headers in which nothing but a known value can be secret."""


class Redactor:
    """Takes secrets out of requests and responses.

    Names and shapes are the same on every machine; the values of its environment are not.

    Raises:
        ConfigError: an entry of `redact` is neither a name nor a regular expression in slashes.
    """

    def __init__(
        self, *, environment: Mapping[str, str], redact: Sequence[str] = (), keep_headers: Sequence[str] = ()
    ) -> None:
        self._rules = rules_of(redact, of_environment(environment))
        self._keep = frozenset(name.lower() for name in keep_headers)
        self._seen: dict[str, Known] = {}

    def request(self, raw: RawRequest) -> RecordedRequest:
        """What is kept of a request.

        What it shows in order to be let in is taken out of the rest of it too, and out of later responses.
        """
        query = _query_of(raw)
        shown = [*credentials_in(raw.headers), *_query_secrets(query, self._rules)]
        return self._request(raw, query, self._rules.knowing(self._learned(shown)))

    def request_anywhere(self, raw: RawRequest) -> RecordedRequest:
        """What is secret on every machine taken out of a request, and nothing else: for comparison, never to be kept.

        Wherever and with whatever settings the same request was recorded, it has at least these parts taken out.
        """
        return self._request(raw, _query_of(raw), Rules())

    def _request(self, raw: RawRequest, query: Sequence[tuple[str, str]], rules: Rules) -> RecordedRequest:
        headers = self._headers(request_headers(raw.headers, self._keep), rules)
        body, _ = self._body(raw.body, (), _content_type(raw.headers), rules)
        return RecordedRequest(
            raw.method.upper(),
            self._plain(recorded_path(urlsplit(raw.url).path), rules),
            self._query(query, rules),
            headers,
            Body(body),
        )

    def response(self, status: int, headers: Headers, pieces: Sequence[Piece], at_us: int) -> RecordedResponse:
        """What is kept of a response: as many pieces as came, though they may have other sizes, or none."""
        rules = self._rules.knowing([*self._learned(credentials_in(headers)), *self._all_seen()])
        data = b"".join([piece.data for piece in pieces])
        sizes = tuple(len(piece.data) for piece in pieces)
        body, sizes = self._body(data, sizes, _content_type(headers), rules)
        kept = self._headers(response_headers(headers, self._keep), rules)
        return RecordedResponse(status, kept, Body(body), sizes, tuple(piece.at_us for piece in pieces), at_us)

    def text(self, text: str) -> str:
        """A text of any kind without secrets; JSON and streams are read as such."""
        return text_of(self._body(bytes_of(text), (), "", self._rules.knowing(self._all_seen()))[0])

    def scan(self, exchange: Exchange) -> tuple[Finding, ...]:
        """What is left in an exchange, also in writings that are not redacted."""
        return found_in_exchange(exchange, self._rules.knowing(self._all_seen()))

    def scan_text(self, text: str) -> tuple[Finding, ...]:
        """What is left in a text of any kind."""
        return found_in_text(text, self._rules.knowing(self._all_seen()))

    def __repr__(self) -> str:
        return f"<Redactor: {len(self._rules.known)} values of the environment>"

    def _learned(self, values: Iterable[str]) -> list[Known]:
        """What to look for from now on."""
        learned = []
        for value in values:
            if is_telling(value) and REDACTED not in value:
                if len(self._seen) >= _SEEN_AT_MOST:
                    self._seen.pop(next(iter(list(self._seen))), None)
                known = self._seen.get(value) or known_value(value, SEEN)
                learned.append(self._seen.setdefault(value, known))
        return learned

    def _all_seen(self) -> list[Known]:
        return list(self._seen.values())

    def _headers(self, headers: Headers, rules: Rules) -> Headers:
        return tuple(
            (name, redacted_header(name, value, rules.names) or self._plain(value, rules)) for name, value in headers
        )

    def _query(self, query: Sequence[tuple[str, str]], rules: Rules) -> tuple[tuple[str, str], ...]:
        cleaned = (
            (self._plain(name, rules), REDACTED if _is_query_secret(name, value, rules) else self._plain(value, rules))
            for name, value in query
        )
        return tuple(sorted(cleaned))

    def _plain(self, text: str, rules: Rules) -> str:
        if _HARMLESS.fullmatch(text) and not rules.may_know(text):
            return text
        for _ in range(_ROUNDS):
            spans = merged(found.span for found in text_found(plain(text, 0, len(text)), rules))
            if not spans:
                break
            text = without(text, spans)
        return text

    def _body(
        self, data: bytes, sizes: tuple[int, ...], content_type: str, rules: Rules
    ) -> tuple[bytes, tuple[int, ...]]:
        """The body without secrets, and the sizes of as many pieces; the very same bytes where there are none."""
        if not data or not _deserves_a_look(data, content_type, rules):
            return data, sizes
        text, was = text_of(data), None
        for _ in range(_ROUNDS):
            spans = merged(found.span for found in body_found(text, content_type, rules))
            if text == was or not spans:
                break
            rules = rules.knowing(self._learned(_drawn(text, spans)))
            sizes = sizes_without(text, spans, sizes) if sizes else sizes
            text, was = without(text, spans), text
        return bytes_of(text), sizes


def _drawn(text: str, spans: Iterable[Span]) -> Iterator[str]:
    """Values that were secret by their names, and are odd enough to be looked for everywhere."""
    for span in spans:
        value = bare(text[span.start : span.end])
        if span.kind == NAMED and len(value) >= 12 and "\\" not in value and is_random(value):
            yield value


def _deserves_a_look(data: bytes, content_type: str, rules: Rules) -> bool:
    if content_type.lower().startswith(("application/x-www-form-urlencoded", "multipart/")):
        return True
    return may_hold(data, rules, is_stream=is_stream(data[:64].decode("latin-1"), content_type))


def _query_of(raw: RawRequest) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(raw.url).query, keep_blank_values=True)


def _content_type(headers: Headers) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")


def _query_secrets(query: Iterable[tuple[str, str]], rules: Rules) -> Iterator[str]:
    return (value for name, value in query if _is_query_secret(name, value, rules))


def _is_query_secret(name: str, value: str, rules: Rules) -> bool:
    """As in a body; and `key`, in which Google's services take theirs."""
    level = level_of(name, rules.names)
    return is_secret(Level.WEAK if level is Level.NONE and name.lower() in {"key", "sig"} else level, value)
