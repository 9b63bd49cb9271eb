"""Each exchange is found at once, and given out once, whoever asks at the same time."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recording_doubles import URL, answered, asked, opened, raw, recorded, said

from kaizen_eval.errors import CassetteMiss
from kaizen_eval.recording.body import Body
from kaizen_eval.recording.exchange import Exchange, RecordedRequest
from kaizen_eval.recording.lookup.key import key_of
from kaizen_eval.recording.lookup.tape import Tape

HUNDRED = 100


def exchange(slot: int, question: str, lane: str = "") -> Exchange:
    request = RecordedRequest("POST", "/chat/completions", (), (), Body(json.dumps({"input": question}).encode()))
    return Exchange(lane=lane, slot=slot, key=key_of(request, lane=lane), request=request)


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abcd"), max_size=16))
@settings(deadline=None)
def test_what_is_asked_gets_the_first_that_is_left_always(held, questions):
    tape = Tape([exchange(slot, question) for slot, question in enumerate(held, 1)])
    left = {letter: [slot for slot, one in enumerate(held, 1) if one == letter] for letter in "abcd"}
    for question in questions:
        taken = tape.take(exchange(1, question).key)
        assert (taken and taken.slot) == (left[question].pop(0) if left[question] else None)
    assert [one.slot for one in tape.unused] == sorted(slot for slots in left.values() for slot in slots)


def test_of_requests_that_only_generated_ids_tell_apart_each_gets_its_own():
    """Two conversations go on with the same words: they share a key, and nothing but the id says which is which."""
    requests = [
        RecordedRequest(
            "POST", "/responses", body=Body(json.dumps({"previous_response_id": one, "input": "go on"}).encode())
        )
        for one in ("resp_aaaaaaaa1", "resp_bbbbbbbb2")
    ]
    tape = Tape([Exchange(slot=slot, key=key_of(one), request=one) for slot, one in enumerate(requests, 1)])
    taken = [tape.take_same(("", one.method, one.path, (), one.body.digest)) for one in reversed(requests)]
    assert ([one and one.slot for one in taken], tape.take(key_of(requests[0]))) == ([2, 1], None)


@pytest.fixture
def hundred(tmp_path):
    return recorded(tmp_path / "c.yaml", *(("same", str(number)) for number in range(HUNDRED)))


def test_a_hundred_identical_calls_in_threads_each_get_an_answer_of_their_own(hundred):
    cassette = opened(hundred)
    together = threading.Barrier(20)

    def ask(_: int) -> str:
        together.wait()
        return asked(cassette, "same")

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(ask, range(HUNDRED)))
    cassette.close()
    assert sorted(answers, key=int) == [str(number) for number in range(HUNDRED)]


def test_a_hundred_identical_calls_in_tasks_each_get_their_own_answer_again(tmp_path):
    async def call(cassette, number, *, is_recorded):
        turn = cassette.begin(raw("same"))
        for _ in range(number * 7 % 13):  # they end in another order than they began
            await asyncio.sleep(0)
        if is_recorded:
            answered(turn, str(number))
        return str(number) if is_recorded else said(turn.play)

    async def calls(mode):
        cassette = opened(tmp_path / "c.yaml", mode)
        answers = await asyncio.gather(*(call(cassette, n, is_recorded=mode == "record") for n in range(HUNDRED)))
        cassette.close()
        return answers

    was = asyncio.run(calls("record"))
    assert asyncio.run(calls("replay")) == was


def test_a_hundred_different_calls_in_threads_each_get_the_right_answer(tmp_path):
    path = recorded(tmp_path / "c.yaml", *((f"q{number}", str(number)) for number in range(HUNDRED)))
    cassette = opened(path)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda number: asked(cassette, f"q{number}"), range(HUNDRED)))
    assert answers == [str(number) for number in range(HUNDRED)]


def test_a_hundred_takes_in_threads_have_slots_of_their_own(tmp_path):
    cassette = opened(tmp_path / "c.yaml", "record")
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda number: answered(cassette.begin(raw(f"q{number}")), str(number)), range(HUNDRED)))
    cassette.close()
    replayed = opened(cassette.path)
    assert [asked(replayed, f"q{number}") for number in range(HUNDRED)] == [str(number) for number in range(HUNDRED)]


def test_a_secret_that_this_machine_does_not_know_fits_where_one_was_redacted(tmp_path):
    text = "log in with hunter2hunter2 and look"
    cassette = opened(tmp_path / "c.yaml", "record", environment={"DB_PASSWORD": "hunter2hunter2"})
    answered(cassette.begin(raw(text)), "in")
    cassette.close()
    assert b"hunter2" not in cassette.path.read_bytes()
    assert asked(opened(cassette.path), text) == "in"


def test_a_secret_that_this_machine_does_know_is_found_by_its_key(tmp_path):
    environment = {"DB_PASSWORD": "hunter2hunter2"}
    cassette = opened(tmp_path / "c.yaml", "record", environment=environment)
    answered(cassette.begin(raw("log in with hunter2hunter2")), "in")
    cassette.close()
    assert (
        asked(opened(cassette.path, environment={"DB_PASSWORD": "other-password"}), "log in with other-password")
        == "in"
    )


def test_a_query_tells_requests_apart_and_its_order_does_not(tmp_path):
    cassette = opened(tmp_path / "c.yaml", "record")
    answered(cassette.begin(raw("q", url=f"{URL}?b=2&a=1")), "1")
    cassette.close()
    replayed = opened(cassette.path)
    with pytest.raises(CassetteMiss):
        replayed.begin(raw("q", url=f"{URL}?a=2&b=1"))
    replayed.forgive_misses()
    played = replayed.begin(raw("q", url=f"{URL}?a=1&b=2")).play
    assert played is not None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_forked_child_replays_for_itself_and_its_parent_for_itself(hundred):
    cassette = opened(hundred, unused="ignore")
    asked(cassette, "same")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, asked(cassette, "same").encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert (os.read(reading, 9), asked(cassette, "same")) == (b"1", "1")
