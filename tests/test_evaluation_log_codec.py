"""What a log holds is read as it was written, whatever it is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from kaizen_eval.evals import (
    Answer,
    AnsweredTurn,
    Case,
    CaseTurn,
    Limits,
    Outcome,
    Scored,
    SeenAttempt,
    SeenTool,
    Trial,
    TrialRecord,
)
from kaizen_eval.evals.happening import Ended
from kaizen_eval.evals.log.codec import CASE, ENDED, MANIFEST, RECORD
from kaizen_eval.evals.log.lines import Garbled, line_of, object_of
from kaizen_eval.evals.log.values import plain
from kaizen_eval.evals.manifest import Manifest
from kaizen_eval.evals.trial import Failure
from kaizen_eval.messages import Usage

TEXTS = st.text(st.characters(exclude_categories=()), max_size=8)
"""Surrogates, too."""
COSTS = st.none() | st.decimals(allow_nan=False, allow_infinity=False)
FLOATS = st.floats(allow_nan=False)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | FLOATS
    | TEXTS
    | st.decimals(allow_nan=False)
    | st.binary(max_size=4)
    | st.dates()
    | st.datetimes(timezones=st.none() | st.just(UTC))
    | st.times()
    | st.timedeltas()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(TEXTS | st.sampled_from(["$tuple", "$float", "$"]), inner, max_size=3)
        | st.dictionaries(st.integers() | st.dates(), inner, max_size=2)
        | st.sets(SCALARS, max_size=3)
        | st.frozensets(SCALARS, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = st.dictionaries(TEXTS, VALUES, max_size=2)
USAGES = st.builds(Usage, *[st.integers(0)] * 4)
ATTEMPTS = st.builds(
    SeenAttempt,
    at=FLOATS,
    ms=FLOATS,
    model=st.none() | TEXTS,
    messages=st.lists(FIELDS, max_size=2).map(tuple),
    text=st.none() | TEXTS,
    tool_calls=st.lists(st.dictionaries(TEXTS, TEXTS, max_size=2), max_size=1).map(tuple),
    usage=st.none() | USAGES,
    cost=COSTS,
    first_token_ms=st.none() | FLOATS,
    tier=st.none() | st.integers(1, 5),
    misfit=st.none() | TEXTS,
)
TURNS = st.builds(
    AnsweredTurn,
    outputs=FIELDS,
    at=FLOATS,
    ms=FLOATS,
    usage=USAGES,
    cost=COSTS,
    attempts=st.lists(ATTEMPTS, max_size=2).map(tuple),
    tools=st.lists(st.builds(SeenTool, arguments=TEXTS, result=st.none() | TEXTS), max_size=1).map(tuple),
)
RECORDS = st.builds(
    TrialRecord,
    trial=st.builds(Trial, TEXTS, st.integers(1)),
    outcome=st.sampled_from(Outcome),
    scores=st.lists(
        st.builds(Scored, value=st.none() | FLOATS, reason=TEXTS, weight=FLOATS, error=st.none() | TEXTS), max_size=2
    ).map(tuple),
    answer=st.builds(Answer, turns=st.lists(TURNS, max_size=2).map(tuple), ms=FLOATS),
    failure=st.none() | st.builds(Failure),
    began=FLOATS,
)
LIMITS = st.builds(
    Limits,
    tokens=st.none() | st.integers(1),
    cost=st.none() | st.decimals(Decimal("0.01"), 100),
    seconds=st.none() | st.floats(0.5, 100),
)
MORE = {"tags": st.lists(TEXTS, max_size=2), "id": TEXTS.filter(bool), "limits": LIMITS}
FILLED = st.dictionaries(TEXTS, VALUES, min_size=1, max_size=2)
CASE_TURNS = st.builds(CaseTurn, inputs=FIELDS, expected=st.none() | FIELDS)
CASES = st.builds(Case, inputs=FILLED, expected=st.none() | FIELDS, cluster=TEXTS, **MORE) | st.builds(
    Case, turns=st.lists(CASE_TURNS, min_size=1, max_size=2), **MORE
)
MANIFESTS = st.builds(
    Manifest,
    dataset=TEXTS,
    model=st.none() | TEXTS,
    scorers=st.lists(FIELDS, max_size=2).map(tuple),
    settings=FIELDS,
    labels=st.dictionaries(TEXTS, TEXTS, max_size=2),
    shard=st.none() | TEXTS,
)
ENDINGS = st.builds(Ended, seconds=FLOATS, cost=COSTS, stopped=st.none() | TEXTS)
KINDS = {"case": CASE, "ended": ENDED, "evaluation": MANIFEST, "trial": RECORD}
SAMPLES = {"case": CASES, "ended": ENDINGS, "evaluation": MANIFESTS, "trial": RECORDS}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(st.data())
def test_what_is_written_is_read_as_it_was(kind, data):
    value = data.draw(SAMPLES[kind])
    line = line_of(kind, KINDS[kind].write(value))
    read = KINDS[kind].read(object_of(line))
    assert (read, line.count(b"\n"), line[-1:]) == (value, 1, b"\n")
    assert line_of(kind, KINDS[kind].write(read)) == line


def through(value):
    line = line_of(
        "trial",
        RECORD.write(
            TrialRecord(
                trial=Trial("a"), outcome=Outcome.PASSED, answer=Answer(turns=(AnsweredTurn(outputs={"x": value}),))
            )
        ),
    )
    return RECORD.read(object_of(line)).answer["x"]


class Colour(Enum):
    RED = "red"


class Model(BaseModel):
    city: str


@dataclass
class Place:
    city: str


class Sullen:
    def __repr__(self):
        raise RuntimeError


class Name(str):
    __slots__ = ()


def nested(depth):
    return [nested(depth - 1)] if depth else []


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (Colour.RED, "red"),
        (Model(city="Rome"), {"city": "Rome"}),
        (Place("Rome"), {"city": "Rome"}),
        (Name("Rome"), "Rome"),
        (MappingProxyType({"city": "Rome"}), {"city": "Rome"}),
        (range(2), "range(0, 2)"),
        (Sullen(), "<Sullen whose repr raised RuntimeError>"),
        (10**5000, 10**5000),
        (nested(300), nested(300)),
    ],
    ids=["enum", "model", "dataclass", "derived", "mapping", "other", "sullen", "long", "deep"],
)
def test_objects_are_read_as_what_they_say_of_themselves(value, read):
    assert through(value) == read


def test_what_refers_to_itself_does_not_cost_the_record():
    endless = []
    endless.append(endless)
    assert through(endless) == "[[...]]"


def test_numbers_that_are_none_are_read():
    assert [repr(through(value)) for value in (float("nan"), float("-inf"), Decimal("NaN"), -0.0)] == [
        "nan",
        "-inf",
        "Decimal('NaN')",
        "-0.0",
    ]


def test_every_line_is_json_that_any_program_reads():
    def refused(constant):
        raise AssertionError(constant)

    line = line_of("x", {"values": plain([float("nan"), Decimal(1), {1, 2}, date(2026, 1, 2), time(1), timedelta(1)])})
    assert json.loads(line, parse_constant=refused)["values"][0] == {"$float": "nan"}
    assert object_of(line)["values"][1:3] == [Decimal(1), {1, 2}]


def test_what_a_later_version_adds_is_passed_by():
    document = RECORD.write(TrialRecord(trial=Trial("a"), outcome=Outcome.PASSED))
    assert RECORD.read({**document, "mood": "good"}) == TrialRecord(trial=Trial("a"), outcome=Outcome.PASSED)


def test_lines_hold_only_what_differs_from_the_default():
    record = TrialRecord(
        trial=Trial("a"), outcome=Outcome.PASSED, answer=Answer(turns=(AnsweredTurn(outputs={"x": 1}),))
    )
    assert line_of("trial", RECORD.write(record)) == (
        b'{"kind":"trial","trial":["a",1],"outcome":"passed","answer":{"turns":[{"outputs":{"x":1}}]},"crc":"f3fb2e8e"}\n'
    )


@given(st.data())
def test_a_line_of_which_a_byte_has_changed_is_never_read(data):
    line = bytearray(line_of("trial", {"trial": ["a", 1], "text": "Rome"}))
    place = data.draw(st.integers(0, len(line) - 1))
    line[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != line[place]))
    with pytest.raises(Garbled):
        object_of(bytes(line))


def test_moments_keep_their_zones():
    moment = datetime(2026, 11, 23, 14, 15, tzinfo=UTC)
    assert (through(moment), through(moment).tzinfo) == (moment, UTC)
