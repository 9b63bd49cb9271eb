"""Latency: constant, drawn by a key, or a profile; what a script may write for one."""

from __future__ import annotations

import math
import statistics

import pytest
from fake_asking import ask_all, asking
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.cli import serve
from kaizen_eval.errors import ConfigError, ScriptError
from kaizen_eval.fake import FakeLLM, Reply
from kaizen_eval.fake.timing.distributions import Lognormal, Uniform
from kaizen_eval.fake.timing.latency import NO_LATENCY, PROFILES, Latency
from kaizen_eval.fake.timing.pace import AT_ONCE, Pace
from kaizen_eval.messages import Usage

seconds = st.floats(0, 100)
uniforms = st.tuples(seconds, seconds).map(lambda ends: Uniform(*sorted(ends)))
lognormals = st.builds(Lognormal, seconds, st.floats(0, 2))
latencies = st.builds(Latency, first=seconds | uniforms | lognormals, per_token=seconds | uniforms | lognormals)
keys = st.text(st.characters(codec="ascii"))
MANY = [f"req_{number}" for number in range(2_000)]


@given(latencies, keys)
def test_the_same_key_always_draws_the_same_pace(latency, key):
    assert latency.drawn(key) == latency.drawn(key)


@given(latencies, keys)
def test_a_pace_is_always_fixed_and_finite(latency, key):
    pace = latency.drawn(key)
    assert all(0 <= time < math.inf for time in (pace.first, pace.per_token, pace.seconds(1000)))


@given(uniforms, keys)
def test_a_uniform_draw_always_lies_between_its_ends(uniform, key):
    assert uniform.low - 1e-6 <= uniform.draw(key) <= uniform.high + 1e-6


@given(seconds, seconds, keys)
def test_constants_are_never_changed_by_drawing(first, per_token, key):
    assert Latency(first=first, per_token=per_token).drawn(key) == Pace(first=first, per_token=per_token)


def test_draws_of_different_keys_are_spread_as_the_distribution_says():
    uniform = [Uniform(1, 3).draw(key) for key in MANY]
    lognormal = [Lognormal(median=2, sigma=0.5).draw(key) for key in MANY]
    logs = [math.log(draw) for draw in lognormal]
    assert [
        statistics.fmean(uniform),
        statistics.pstdev(uniform),
        statistics.median(lognormal),
        statistics.fmean(logs),
        statistics.pstdev(logs),
    ] == pytest.approx([2, 1 / math.sqrt(3), 2, math.log(2), 0.5], rel=0.05)


def test_draws_are_the_same_on_every_machine_and_in_every_version():
    drawn = Latency(first=Lognormal(0.4, 0.5), per_token=Uniform(0.01, 0.03)).drawn("req_1")
    assert drawn == Pace(first=0.303417, per_token=0.024006)


def test_time_to_the_first_token_and_time_per_token_are_drawn_apart():
    drawn = Latency(first=Uniform(0, 1), per_token=Uniform(0, 1)).drawn("req_1")
    assert drawn.first != drawn.per_token


def test_no_latency_draws_nothing():
    assert NO_LATENCY.drawn("req_1") is AT_ONCE


def test_a_constant_latency_says_how_long_a_reply_takes():
    assert [Latency(first=0.5, per_token=0.25).seconds(tokens) for tokens in (0, 2)] == [0.5, 1.0]


def test_a_latency_that_is_drawn_has_no_time_of_its_own():
    with pytest.raises(ScriptError, match=r"takes another time for each request; ask \.drawn\(key\)\.seconds\(3\)"):
        Latency(first=Uniform(0, 1)).seconds(3)


@pytest.mark.parametrize(
    ("written", "latency"),
    [
        (1.5, Latency(first=1.5)),
        ("fast", PROFILES["fast"]),
        ({}, Latency()),
        ({"first": 0.2, "per_token": 0.01}, Latency(first=0.2, per_token=0.01)),
        ({"first": {"uniform": [0.1, 0.3]}}, Latency(first=Uniform(0.1, 0.3))),
        ({"first": {"uniform": {"low": 0, "high": 1}}}, Latency(first=Uniform(0, 1))),
        ({"per_token": {"lognormal": {"median": 0.4, "sigma": 0.5}}}, Latency(per_token=Lognormal(0.4, 0.5))),
        ({"per_token": {"lognormal": [0.4, 0.5]}}, Latency(per_token=Lognormal(0.4, 0.5))),
        (Latency(first=3), Latency(first=3)),
    ],
)
def test_a_script_may_write_a_latency_in_many_ways(written, latency):
    assert Latency.of(written) == latency


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (-1, "latency takes a number of seconds, 0 or more, not -1."),
        (True, "latency takes a number of seconds, 0 or more, not True."),
        (math.nan, "latency takes a number of seconds, 0 or more, not nan."),
        (None, "latency takes a number of seconds, 0 or more, not None."),
        (
            "typicl",
            (
                "latency takes a number of seconds or a profile, 'fast', 'typical', 'slow', 'reasoning', "
                "not 'typicl'; did you mean 'typical'?"
            ),
        ),
        (
            {"frist": 1},
            "A latency has no 'frist'; did you mean 'first'? It takes first and per_token, in seconds.",
        ),
        ({1: 2}, "A latency has no 1. It takes first and per_token, in seconds."),
        ({"first": "1"}, "Latency's first takes a number of seconds, 0 or more, not '1'."),
        (
            {"first": {"unifrom": [0, 1]}},
            (
                "Latency's first knows no distribution 'unifrom'; did you mean 'uniform'? "
                'It is {"uniform": [low, high]} or {"lognormal": {"median": …, "sigma": …}}.'
            ),
        ),
        (
            {"first": {}},
            (
                'Latency\'s first takes one distribution, {"uniform": [low, high]} or {"lognormal": {"median": …, '
                '"sigma": …}}, not {}.'
            ),
        ),
        ({"first": {"uniform": [1]}}, "Latency's first: uniform takes low and high, not [1]."),
        (
            {"per_token": {"lognormal": {"median": 1}}},
            "Latency's per_token: lognormal takes median and sigma, not {'median': 1}.",
        ),
        ({"first": {"uniform": [2, 1]}}, "Uniform goes from low to high, not from 2 to 1; exchange them."),
        ({"first": {"uniform": ["a", 1]}}, "Uniform's low takes a number of seconds, 0 or more, not 'a'."),
        ({"first": {"uniform": [0, math.inf]}}, "Uniform's high takes a number of seconds, 0 or more, not inf."),
        ({"first": {"lognormal": [-1, 1]}}, "Lognormal's median takes a number of seconds, 0 or more, not -1."),
        ({"first": {"lognormal": [1, -1]}}, "Lognormal's sigma is a number from 0 to 5, not -1."),
        ({"first": {"lognormal": [1, "a"]}}, "Lognormal's sigma is a number from 0 to 5, not 'a'."),
        ({"first": {"lognormal": [1, 6]}}, "Lognormal's sigma is a number from 0 to 5, not 6."),
    ],
)
def test_what_is_no_latency_is_refused_with_what_would_be_one(written, message):
    with pytest.raises(ScriptError) as refused:
        Latency.of(written)
    assert str(refused.value) == message


def test_profiles_go_from_fast_to_slow_and_a_model_that_thinks_begins_last():
    paces = {name: [profile.drawn(key) for key in MANY[:99]] for name, profile in PROFILES.items()}
    whole = {name: statistics.median(pace.seconds(100) for pace in drawn) for name, drawn in paces.items()}
    first = {name: statistics.median(pace.first for pace in drawn) for name, drawn in paces.items()}
    assert whole["fast"] < whole["typical"] < whole["slow"]
    assert sorted(first, key=first.__getitem__) == ["fast", "typical", "slow", "reasoning"]


def times(fake: FakeLLM, *asked) -> list[float]:
    ask_all(fake, *asked)
    return [exchange.seconds for exchange in fake.journal.exchanges]


def test_a_fake_takes_as_long_as_was_drawn_for_the_request_whatever_others_ask():
    latency = Latency(first=Uniform(0.1, 0.9), per_token=Uniform(0.01, 0.02))
    alone = times(FakeLLM(latency=latency), asking("a"))
    among = times(FakeLLM(latency=latency), asking("b"), asking("c"), asking("a"))
    assert (among[2:], len({*among})) == (alone, 3)


def test_times_are_the_same_where_ids_are_not():
    fakes = [FakeLLM(latency="fast", real_ids=real_ids) for real_ids in (True, True, False)]
    assert len({*(tuple(times(fake, asking(model="o3"))) for fake in fakes)}) == 1


def test_a_reply_that_is_whole_comes_with_its_last_token():
    reply = Reply("hi", usage=Usage(1, 10), latency=Latency(first=1, per_token=0.25))
    assert times(FakeLLM().otherwise(reply), asking()) == [3.5]


@pytest.mark.parametrize(
    ("written", "latency"),
    [(None, None), ("slow", PROFILES["slow"]), ("0.3", Latency(first=0.3)), ("1+0.5", Latency(first=1, per_token=0.5))],
)
def test_the_command_line_takes_seconds_or_a_profile(written, latency):
    assert serve._latency(written) == latency


def test_the_command_line_refuses_what_is_neither():
    with pytest.raises(ConfigError, match=r"or a profile, fast, typical, slow, reasoning, not 'soon'\.$"):
        serve._latency("soon")
