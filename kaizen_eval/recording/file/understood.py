"""Makes the header and the exchanges of a cassette out of the fields of its file."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from kaizen_eval.recording.body import EMPTY, Body
from kaizen_eval.recording.exchange import Exchange, Failure, Headers, RecordedRequest, RecordedResponse
from kaizen_eval.recording.file.content import SCHEMA, Header, Totals
from kaizen_eval.recording.file.fields import Fields
from kaizen_eval.recording.file.moments import amount_of, moment_of
from kaizen_eval.recording.file.stored import Stored

__all__ = ["exchange_from", "header_from"]

_HEADER = frozenset({"schema", "recorded_at", "parts", "models", "totals"})
_TOTALS = frozenset(
    {"exchanges", "prompt_tokens", "completion_tokens", "cost_usd", "unpriced", "unmetered", "price_table"}
)
_EXCHANGE = frozenset({"lane", "slot", "key", "sent_at_us", "request", "response", "failure", "was_left"})
_REQUEST = frozenset({"method", "path", "query", "headers", "body"})
_LEAST, _MOST = 100, 999
_RESPONSE = frozenset({"status", "headers", "body", "sizes", "offsets_us", "at_us"})
_FAILURE = frozenset({"error", "message", "at_us"})
_BODY = frozenset({"bytes", "digest", "layout", "json", "raw", "base64", "text"})
_FORMS = ("json", "raw", "base64")


def header_from(fields: Fields) -> Header:
    """Raises CassetteCorrupt for a file of another version, before it looks at anything else."""
    _of_this_version(fields)
    fields.only(_HEADER, "the header")
    return Header(
        recorded_at=_moment(fields),
        totals=_totals(fields.fields("totals")),
        parts=fields.pairs("parts"),
        models=fields.texts("models"),
    )


def _of_this_version(fields: Fields) -> None:
    if "schema" not in fields:
        fields.refuse("schema", f"this is no cassette of kaizen-eval: it does not begin with 'schema: {SCHEMA}'.")
    version = fields.count("schema")
    if version > SCHEMA:
        upgrade = "upgrade it: pip install --upgrade kaizen-eval."
        fields.refuse("schema", f"the cassette has schema {version}; this kaizen-eval reads {SCHEMA}: {upgrade}")
    if version < SCHEMA:
        fields.refuse("schema", f"the cassette has schema {version}; this kaizen-eval reads {SCHEMA}: record it anew.")


def _moment(fields: Fields) -> datetime:
    written = fields.text("recorded_at")
    try:
        return moment_of(written)
    except ValueError:
        fields.refuse("recorded_at", f"'recorded_at' is {written!r}; expected a time such as \"2026-11-22T22:54:31Z\".")


def _totals(fields: Fields) -> Totals:
    fields.only(_TOTALS, "'totals'")
    return Totals(
        exchanges=fields.count("exchanges"),
        prompt_tokens=fields.count("prompt_tokens"),
        completion_tokens=fields.count("completion_tokens"),
        cost_usd=_cost(fields),
        unpriced=fields.texts("unpriced") if "unpriced" in fields else (),
        unmetered=fields.count("unmetered") if "unmetered" in fields else 0,
        price_table=fields.text("price_table") if "price_table" in fields else "",
    )


def _cost(fields: Fields) -> Decimal | None:
    written = fields.text("cost_usd")
    try:
        return amount_of(written)
    except ValueError:
        fields.refuse("cost_usd", f"'cost_usd' is {written!r}; expected an amount such as \"0.0125\", or unknown.")


def exchange_from(fields: Fields, *, accept_edits: bool = False) -> Exchange:
    """Its bodies are decoded, and held against their digests, when they are first asked for."""
    fields.only(_EXCHANGE, "an exchange")
    if fields.count("slot") == 0:
        fields.refuse("slot", "'slot' is 0; slots count from 1.")
    was_left = fields.flag("was_left") if "was_left" in fields else False
    if "response" not in fields and "failure" not in fields and not was_left:
        fields.refuse(
            "request",
            "the exchange has neither a 'response' nor a 'failure', and its client did not leave ('was_left'); it "
            "needs one of them.",
        )
    return Exchange(
        lane=fields.text("lane") if "lane" in fields else "",
        slot=fields.count("slot"),
        key=fields.text("key"),
        request=_request(fields.fields("request"), accept_edits=accept_edits),
        response=_response(fields.fields("response"), accept_edits=accept_edits) if "response" in fields else None,
        failure=_failure(fields.fields("failure")) if "failure" in fields else None,
        was_left=was_left,
        sent_at_us=fields.count("sent_at_us"),
    )


def _request(fields: Fields, *, accept_edits: bool) -> RecordedRequest:
    fields.only(_REQUEST, "a request")
    return RecordedRequest(
        method=fields.text("method"),
        path=fields.text("path"),
        query=_pairs(fields, "query"),
        headers=_pairs(fields, "headers"),
        body=_body(fields, accept_edits=accept_edits),
    )


def _response(fields: Fields, *, accept_edits: bool) -> RecordedResponse:
    fields.only(_RESPONSE, "a response")
    body = _body(fields, accept_edits=accept_edits)
    sizes, offsets = _pieces(fields)
    if accept_edits and sum(sizes) != len(body.data):
        sizes, offsets = ((len(body.data),), offsets[-1:] or (0,)) if body.data else ((), ())
    return RecordedResponse(
        status=_status(fields),
        headers=_pairs(fields, "headers"),
        body=body,
        sizes=sizes,
        offsets_us=offsets,
        at_us=fields.count("at_us"),
    )


def _status(fields: Fields) -> int:
    status = fields.count("status")
    if not _LEAST <= status <= _MOST:
        fields.refuse("status", f"'status' is {status}; an HTTP status has three digits, from {_LEAST} to {_MOST}.")
    return status


def _pieces(fields: Fields) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The sizes, which add up to the bytes of the body, and the offsets, one for each."""
    sizes = fields.counts("sizes") if "sizes" in fields else ()
    offsets = fields.counts("offsets_us") if "offsets_us" in fields else ()
    size = fields.fields("body").count("bytes") if "body" in fields else 0
    if sum(sizes) != size:
        fields.refuse("sizes", f"the sizes of the pieces add up to {sum(sizes)} bytes; the body has {size}.")
    if len(sizes) != len(offsets):
        fields.refuse("offsets_us", f"there are {len(sizes)} sizes and {len(offsets)} offsets; expected one for each.")
    return sizes, offsets


def _failure(fields: Fields) -> Failure:
    fields.only(_FAILURE, "a failure")
    return Failure(fields.text("error"), fields.text("message"), fields.count("at_us"))


def _pairs(fields: Fields, name: str) -> Headers:
    return fields.pairs(name) if name in fields else ()


def _body(fields: Fields, *, accept_edits: bool) -> Body:
    if "body" not in fields:
        return EMPTY
    stored = _stored(fields.fields("body"))
    return stored.now() if accept_edits else stored.later()


def _stored(fields: Fields) -> Stored:
    fields.only(_BODY, "a body")
    forms = [form for form in _FORMS if form in fields]
    if len(forms) != 1:
        came = " and ".join(map(repr, forms)) or "none"
        fields.refuse("digest", f"a body stands in one of the forms 'json', 'raw' and 'base64'; here is {came}.")
    return Stored(
        form=forms[0],
        layout=fields.text("layout") if "layout" in fields else "",
        text=fields.text(forms[0]),
        size=fields.count("bytes"),
        digest=fields.text("digest"),
        path=fields.path,
        line=fields.line_of(forms[0]),
    )
