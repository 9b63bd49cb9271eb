"""Cassette files that are torn, foreign or changed: an error that names the line, never a shorter body."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cassette_exchanges import RECORDINGS, answered, recorded
from hypothesis import given, settings
from hypothesis import strategies as st

from kaizen_eval.errors import CassetteCorrupt, RecordingError
from kaizen_eval.recording.body import Body
from kaizen_eval.recording.exchange import Failure
from kaizen_eval.recording.file import MOST_BYTES_OF_BODY, Form, Recording, decode, encode, exchange_of, line_of

ASKED = b'{"model":"gpt-5-mini","messages":[{"role":"user","content":"How many?"}],"n":1.50}'
STREAM = b'data: {"choices":[{"index":0,"delta":{"content":"Se"}}]}\n\ndata: [DONE]\n\n'
BODIES = (ASKED, STREAM, b"plain\ntext", b"\xff\xfe", STREAM.replace(b"\n", b"\r\n"), b"trailing \nspace", b"\n\n", b"")
FILES: dict[Form, bytes] = {
    form: encode(recorded(*(answered(ASKED, body, slot=slot) for slot, body in enumerate(BODIES, 1))), form=form)
    for form in ("yaml", "jsonl")
}
FORMS = pytest.mark.parametrize("form", ["yaml", "jsonl"])
SMALL = encode(recorded(answered(ASKED, b'{"a": 1}')), form="yaml").decode()


def read(data: bytes | str) -> Recording:
    """All of it, its bodies included."""
    recording = decode(data.encode() if isinstance(data, str) else data, path="a.yaml")
    for exchange in recording.exchanges:
        assert exchange.request.body.data is not None
        assert exchange.response is None or exchange.response.body.data is not None
    return recording


def refused(data: bytes | str) -> str:
    with pytest.raises(CassetteCorrupt) as error:
        read(data)
    assert error.value.path == "a.yaml"
    return str(error.value)


@FORMS
def test_a_file_that_is_cut_at_any_byte_is_always_refused(form: Form):
    data = FILES[form]

    for at in range(len(data)):
        refused(data[:at])


@FORMS
@settings(deadline=None)
@given(recording=RECORDINGS, part=st.floats(0, 1, exclude_max=True))
def test_any_file_that_is_cut_anywhere_is_refused(form: Form, recording: Recording, part: float):
    data = encode(recording, form=form)

    refused(data[: int(len(data) * part)])


def may_be_missing(line: str) -> bool:
    """What people may leave out, or what nothing else tells."""
    return line.startswith(("# ", "- [", "  price_table", "  unmetered", "  - [")) or line in {
        "    text: |-\n",
        "      Se\n",
    }


def test_a_file_without_one_of_its_lines_is_always_refused():
    lines = FILES["yaml"].decode().splitlines(keepends=True)
    missed = []

    for at, line in enumerate(lines):
        if not may_be_missing(line):
            try:
                read("".join(lines[:at] + lines[at + 1 :]))
            except CassetteCorrupt:
                continue
            missed.append(line)

    assert missed == []


def test_lines_without_one_of_them_are_always_refused():
    lines = FILES["jsonl"].splitlines(keepends=True)

    for at in range(len(lines)):
        refused(b"".join(lines[:at] + lines[at + 1 :]))


@FORMS
@settings(deadline=None)
@given(at=st.integers(0, 10_000), junk=st.binary(min_size=1, max_size=4))
def test_changed_bytes_are_refused_or_change_no_body(form: Form, at: int, junk: bytes):
    data = FILES[form]
    at %= len(data)
    known = {body.digest for body in map(Body, (*BODIES, ASKED))}

    try:
        recording = read(data[:at] + junk + data[at + len(junk) :])
    except CassetteCorrupt:
        return

    bodies = [
        body for x in recording.exchanges for body in (x.request.body, x.response.body if x.response else Body(b""))
    ]
    assert [body for body in bodies if body.digest not in known] == []
    assert len(recording.exchanges) == len(BODIES)


LATER = "upgrade it: pip install --upgrade kaizen-eval."
ANCHORS = "a cassette has no anchors (&) and aliases (*): write the value itself."
FIELDS = "It takes: failure, key, lane, request, response, sent_at_us, slot, was_left."
NO_TAGS = "a cassette has no tags, and here is 'tag:yaml.org,2002:{}': write the plain value."
PAIRS = '\'headers\' is a list; expected a list of pairs of texts, such as ["name", "value"].'
MARKER = (
    "here is a conflict marker of version control, {!r}: resolve it, or take one side whole: "
    "git checkout --theirs a.yaml"
)
COUNTED = (
    "{} and the file holds {}: some are missing or were added. Record it anew, or restore it from version control."
)
CHANGED = (
    "the body does not fit its digest: it was changed, or is torn. It has 8 bytes; recorded were 8. "
    "If it was edited on purpose: kaizen-eval cassettes lint --accept-edits a.yaml"
)
FORMS_OF_BODY = "a body stands in one of the forms 'json', 'raw' and 'base64'; here is 'json' and 'raw'."
AMOUNT = 'expected an amount such as "0.0125", or unknown.'
TORN_LINES = 'the end is missing: the file is torn. Its last line should be {"end": …}, with the number of exchanges.'
FOREIGN = "this is no cassette of kaizen-eval: it does not begin with 'schema: 1'."
COUNT = "expected a whole number from 0."
TORN = "the end is missing: the file is torn. Its last line should be '...', which ends every cassette."


@pytest.mark.parametrize(
    ("was", "is_now", "message"),
    [
        ("schema: 1", "schema: 2", f"2: the cassette has schema 2; this kaizen-eval reads 1: {LATER}"),
        ("schema: 1", "schema: 0", "2: the cassette has schema 0; this kaizen-eval reads 1: record it anew."),
        ("schema: 1", "schema: one", f"2: 'schema' is 'one'; {COUNT}"),
        ("schema: 1", "a: 1", f"1: {FOREIGN}"),
        ("2026-11-22T", "", "3: 'recorded_at' is '22:54:31Z'; expected a time such as \"2026-11-22T22:54:31Z\"."),
        ("cost_usd: unknown", 'cost_usd: "-1"', f"12: 'cost_usd' is '-1'; {AMOUNT}"),
        ("slot: 1", "slot: 1\nslot: 1", "16: 'slot' is written twice; first in line 15."),
        ("slot: 1", "slot: &a 1", f"15: {ANCHORS}"),
        ("slot: 1", "slot: *a", f"15: {ANCHORS}"),
        ("slot: 1", "&a slot: 1", "15: the name of a field is a plain word."),
        ("slot: 1", "slot: !!int 1", f"15: {NO_TAGS.format('int')}"),
        ("slot: 1", "<<: {slot: 1}", f"15: an exchange has no field '<<'. {FIELDS}"),
        ("slot: 1", "slott: 1", f"15: an exchange has no field 'slott'; did you mean 'slot'? {FIELDS}"),
        ("slot: 1", "slot: 0", "15: 'slot' is 0; slots count from 1."),
        ("slot: 1", "slot: true", f"15: 'slot' is true; {COUNT}"),
        ("slot: 1", "slot:", f"15: 'slot' is empty; {COUNT}"),
        ("slot: 1", "slot: {a: 1}", f"15: 'slot' is an object; {COUNT}"),
        ("slot: 1", f"slot: {'9' * 99}", f"15: 'slot' is '{'9' * 56}...; {COUNT}"),
        ("slot: 1\n", "", f"15: the field 'slot' is missing; {COUNT}"),
        ("slot: 1", f"slot: {'[' * 99}", "15: values are nested deeper than in any cassette."),
        ("slot: 1", "slot: 1\nwas_left: 1", "16: 'was_left' is 1; expected true or false."),
        ("POST", "[POST", "20: this is no YAML: while parsing a flow sequence, did not find expected ',' or ']'."),
        ("POST", "12", "19: 'method' is 12; expected a text, in quotes."),
        ("POST", "PO\x07ST", "19: this is no YAML: control characters are not allowed."),
        ("POST", "PO\0ST", "19: here is a NUL character; a cassette never holds one."),
        ("POST", "PO\rST", "19: here is a carriage return without a line feed; a cassette never holds one."),
        ("[content-type, ", "[", f"21: {PAIRS}"),
        ("status: 200", "status: 99999", "39: 'status' is 99999; an HTTP status has three digits, from 100 to 999."),
        ("  - [content-type", "    [content-type", f"21: {PAIRS}"),
        ("[gpt-5-mini]", "[1]", "7: 'models' is a list; expected a list of texts, in quotes."),
        ("[gpt-5-mini]", "gpt-5-mini", "7: 'models' is 'gpt-5-mini'; expected a list."),
        ("exchanges: 1", "exchanges: 2", f"9: {COUNTED.format('the header counts 2 exchanges', 1)}"),
        ("sizes: [8]", "sizes: [3, 4]", "43: the sizes of the pieces add up to 7 bytes; the body has 8."),
        ("sizes: [8]", "sizes: [3, -4]", "43: 'sizes' is a list; expected a list of whole numbers from 0."),
        ("sizes: [8]", "sizes: [4, 4]", "44: there are 2 sizes and 1 offsets; expected one for each."),
        ('"a": 1', '"a": 2', f"49: {CHANGED}"),
        ("layout: spaced\n    json", "base64", "48: the body cannot be decoded: Incorrect padding."),
        ("layout: spaced", "layout: odd", "49: the body cannot be decoded: there is no layout 'odd'."),
        (
            "layout: spaced\n    json",
            "layout: odd\n    raw",
            "49: the body cannot be decoded: there is no layout 'odd'.",
        ),
        ("layout: spaced", "raw: a", f"47: {FORMS_OF_BODY}"),
        ("slot: 1", "<<<<<<< HEAD\nslot: 1", f"15: {MARKER.format('<<<<<<<')}"),
        ("# A", "<<<<<<< HEAD\n# A", f"1: {MARKER.format('<<<<<<<')}"),
        ("---\n", "=======\n---\n", f"14: {MARKER.format('=======')}"),
        ("...\n", "", f"52: {TORN}"),
        ("...\n", "...\nslot: 2\n", f"54: {TORN}"),
        ("...\n", SMALL[SMALL.index("---") :], "54: slot 1 is there twice; first in line 15."),
    ],
)
def test_what_is_wrong_is_told_with_its_line(was: str, is_now: str, message: str):
    assert was in SMALL

    assert refused(SMALL.replace(was, is_now)) == f"a.yaml:{message}"


STOCK = "interactions:\n- request:\n    body: !!binary gA==\n    method: GET\nversion: 1\n"
CONVERT = "this is a cassette of vcrpy. Convert it: kaizen-eval cassettes convert a.yaml"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "1: the file is empty. Record it anew, or restore it from version control."),
        (b"\n \n", "1: the file is empty. Record it anew, or restore it from version control."),
        (b"\xef\xbb\xbf", f"1: {FOREIGN}"),
        (b"schema: 1\na: \xff\n...\n", "2: this is no UTF-8: invalid start byte. A cassette is text in UTF-8."),
        (SMALL.encode("utf-16"), "1: this is no UTF-8: invalid start byte. A cassette is text in UTF-8."),
        (STOCK.encode(), f"1: {CONVERT}"),
        (b'{"version": 1, "interactions": [{"request": {}}]}\n', f"1: {CONVERT}"),
        (b'{"a": 1}\n', f"1: {FOREIGN}"),
        (b"<html>", f"1: {FOREIGN}"),
        (b"schema\n...\n", "1: here is 'schema'; expected the fields of the header, or of an exchange."),
        (b"a: &a [schema]\nb: &b [*a, *a]\n...\n", f"1: {ANCHORS}"),
        (
            b"schema: !!python/object/apply:os.system [ls]\n...\n",
            f"1: {NO_TAGS.format('python/object/apply:os.system')}",
        ),
    ],
)
def test_what_is_no_cassette_is_told_so(data: bytes, message: str):
    assert refused(data) == f"a.yaml:{message}"


@pytest.mark.parametrize(
    ("was", "is_now", "message"),
    [
        ('"slot":2', '"slot":', "3: this line is no JSON: Expecting value: line 1 column 19 (char 18)."),
        ('"slot":2', '"slot":2,"slot":3', "3: 'slot' is written twice."),
        ('"slot":2', '"slot":NaN', f"3: 'slot' is nan; {COUNT}"),
        ('"slot":2', '"slot":1', "3: slot 1 is there twice; first in line 2."),
        ('"end":8', '"end":9', "10: the last line counts 9 exchanges; there are 8."),
        ('"end":8', '"end":8,"a":1', "10: the last line has no field 'a'. It takes: end."),
        ('{"end":8}', "[8]", f"10: {TORN_LINES}"),
        ('"exchanges":8', '"exchanges":7', f"1: {COUNTED.format('the header counts 7 exchanges', 8)}"),
    ],
)
def test_what_is_wrong_in_lines_of_json_is_told_with_its_line(was: str, is_now: str, message: str):
    text = FILES["jsonl"].decode()
    assert was in text

    assert refused(text.replace(was, is_now)) == f"a.yaml:{message}"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"", "p:7: this line is no JSON: Expecting value: line 1 column 1 (char 0)."),
        (b"[1]", "p:7: this line is no JSON object."),
        (b"\xff", "p:7: this line is no JSON: "),
        (b'{"slot":' + b"[" * 99_999, "p:7: this line is no JSON: maximum recursion depth exceeded"),
        (b'{"slot":' + b"9" * 9999, "p:7: this line is no JSON: "),
    ],
)
def test_a_line_that_is_no_exchange_is_refused_with_its_number(line: bytes, message: str):
    with pytest.raises(CassetteCorrupt) as error:
        exchange_of(line, path="p", number=7)

    assert (str(error.value)[: len(message)], error.value.path, error.value.line) == (message, "p", 7)


def test_a_changed_body_is_found_when_it_is_asked_for_and_not_before():
    recording = decode(SMALL.replace('"a": 1', '"a": 2').encode(), path="a.yaml")
    response = recording.exchanges[0].response

    assert response is not None
    assert recording.exchanges[0].request.body.data == ASKED
    with pytest.raises(CassetteCorrupt, match="does not fit its digest"):
        response.body.data  # noqa: B018 - asking is the point


class Endless(bytes):
    """A body that only says how long it is."""

    def __len__(self) -> int:
        return MOST_BYTES_OF_BODY + 1


def test_a_body_that_is_too_large_is_refused_before_it_is_written():
    exchange = answered(b"{}", Endless(b"{}"))

    with pytest.raises(RecordingError, match="keeps bodies of up to 134,217,728"):
        line_of(exchange)
    with pytest.raises(RecordingError, match="keeps bodies of up to 134,217,728"):
        encode(recorded(exchange), form="yaml")


@pytest.mark.parametrize(
    ("was", "owner"),
    [
        ("schema: 1\n", "the header"),
        ("  exchanges: 1\n", "'totals'"),
        ("slot: 1\n", "an exchange"),
        ("  method: POST\n", "a request"),
        ("  status: 200\n", "a response"),
        ("    bytes: 8\n", "a body"),
    ],
)
def test_a_field_that_nothing_has_is_refused_wherever_it_stands(was: str, owner: str):
    indent = was[: len(was) - len(was.lstrip())]

    assert f": {owner} has no field 'odd'. It takes: " in refused(SMALL.replace(was, f"{was}{indent}odd: 1\n"))


def test_an_exchange_that_ends_in_nothing_is_refused():
    text = SMALL[: SMALL.index("response:")] + "...\n"

    assert refused(text).startswith("a.yaml:18: the exchange has neither a 'response' nor a 'failure'")
    assert read(text.replace("slot: 1\n", "slot: 1\nwas_left: true\n")).exchanges[0].was_left


def test_a_failure_has_no_other_fields_either():
    lost = replace(answered(b"{}", b""), response=None, failure=Failure("ReadError", "lost"))
    text = encode(recorded(lost), form="yaml").decode()

    assert ": a failure has no field 'odd'. It takes: " in refused(text.replace("failure:\n", "failure:\n  odd: 1\n"))
