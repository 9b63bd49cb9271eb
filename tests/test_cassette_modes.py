"""What each mode of a cassette does with a request, and with the file."""

from __future__ import annotations

import pytest
from recording_doubles import JSON, MOMENT, answered, asked, opened, raw, recorded, said

from kaizen_eval.errors import CassetteCorrupt, CassetteDrifted, CassetteMiss, CassetteMissing, UsageError
from kaizen_eval.recording.cassette import Turn
from kaizen_eval.recording.file import decode


@pytest.fixture
def path(tmp_path):
    return recorded(tmp_path / "c.yaml", ("one", "1"), ("two", "2"))


def held(path):
    return [(exchange.slot, said(exchange)) for exchange in decode(path.read_bytes(), path=str(path)).exchanges]


def test_what_was_recorded_is_replayed_in_any_order(path):
    cassette = opened(path)
    assert [asked(cassette, "two"), asked(cassette, "one")] == ["2", "1"]
    cassette.close()


def test_identical_requests_are_served_in_the_order_in_which_they_were_sent(tmp_path):
    cassette = opened(tmp_path / "c.yaml", "record")
    first, second = cassette.begin(raw("roll")), cassette.begin(raw("roll"))
    answered(second, "2")
    answered(first, "1")
    cassette.close()
    replayed = opened(tmp_path / "c.yaml")
    assert [asked(replayed, "roll"), asked(replayed, "roll")] == ["1", "2"]


def test_what_was_given_out_once_is_not_given_out_again(path):
    cassette = opened(path)
    asked(cassette, "one")
    with pytest.raises(CassetteMiss):
        cassette.begin(raw("one"))
    cassette.forgive_misses()


def test_another_host_and_another_order_of_fields_find_the_same_exchange(path):
    cassette = opened(path)
    request = raw("one", url="http://localhost:8080/openai/v1/chat/completions")
    spaced = request._replace(body=b'{"messages":[{"content":"one","role":"user"}], "model":"gpt-4o-mini"}')
    played = cassette.begin(spaced).play
    assert played is not None
    assert said(played) == "1"


def test_a_cassette_that_is_not_there_says_how_it_is_recorded(tmp_path):
    with pytest.raises(CassetteMissing) as caught:
        opened(tmp_path / "none.yaml")
    assert str(caught.value) == (
        f"There is no cassette {tmp_path}/none.yaml, so nothing can be replayed. Record it: pytest --kaizen-llm record"
    )


def test_record_replaces_the_whole_file(path):
    recorded(path, ("three", "3"))
    assert held(path) == [(1, "3")]


def test_record_replaces_nothing_when_the_test_failed(path):
    was = path.read_bytes()
    cassette = opened(path, "record")
    answered(cassette.begin(raw("three")), "3")
    cassette.close(passed=False)
    assert path.read_bytes() == was


@pytest.mark.parametrize("mode", ["record", "record-missing", "replay", "verify"])
@pytest.mark.parametrize("text", ["interactions: []\nversion: 1\n", "a diary\n", "", "\x00"])
def test_a_foreign_file_is_neither_read_nor_recorded_over(tmp_path, mode, text):
    path = tmp_path / "c.yaml"
    path.write_text(text)
    with pytest.raises(CassetteCorrupt):
        opened(path, mode)
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {"c.yaml": text}


@pytest.mark.parametrize("mode", ["record", "record-missing", "replay", "verify"])
def test_a_torn_cassette_is_neither_replayed_nor_recorded_over(path, mode):
    torn = path.read_bytes()[:-40]
    path.write_bytes(torn)
    with pytest.raises(CassetteCorrupt):
        opened(path, mode)
    assert path.read_bytes() == torn


def test_record_missing_keeps_what_is_there_and_adds_what_is_not_behind_it(path):
    cassette = opened(path, "record-missing")
    assert asked(cassette, "one") == "1"
    answered(cassette.begin(raw("new")), "n")
    assert asked(cassette, "two") == "2"
    cassette.close()
    assert held(path) == [(1, "1"), (2, "2"), (3, "n")]


def test_record_missing_drops_nothing_that_was_not_asked_for_and_warns(path):
    cassette = opened(path, "record-missing")
    answered(cassette.begin(raw("new")), "n")
    with pytest.warns(UserWarning, match="2 of the 2 exchanges in .* were not asked for"):
        cassette.close()
    assert held(path) == [(1, "1"), (2, "2"), (3, "n")]


def test_record_missing_without_anything_missing_leaves_the_file_alone(path):
    was = path.stat()
    cassette = opened(path, "record-missing")
    asked(cassette, "one")
    asked(cassette, "two")
    cassette.close()
    assert path.stat() == was


def test_record_missing_makes_a_cassette_where_there_is_none(tmp_path):
    cassette = opened(tmp_path / "deep" / "folder" / "c.yaml", "record-missing")
    answered(cassette.begin(raw("new")), "n")
    cassette.close()
    assert held(cassette.path) == [(1, "n")]


def test_a_cassette_that_was_added_to_is_as_old_as_its_oldest_part(path):
    cassette = opened(path, "record-missing", now=MOMENT.replace(year=2030), unused="ignore")
    answered(cassette.begin(raw("new")), "n")
    cassette.close()
    assert decode(path.read_bytes(), path="").header.recorded_at == MOMENT


def test_verify_plays_what_was_recorded_and_takes_what_comes(path):
    cassette = opened(path, "verify", unused="ignore")
    turn = cassette.begin(raw("one"))
    answered(turn, "1")
    cassette.close()
    assert turn.play is not None
    assert said(turn.play) == "1"


def test_an_answer_of_another_shape_is_drift_told_by_field(path):
    cassette = opened(path, "verify", unused="ignore")
    turn = cassette.begin(raw("one"))
    assert turn.take is not None
    turn.take.head(200, JSON)
    turn.take.piece(b'{"choices": [{"message": {"role": "assistant", "text": "1"}}]}')
    turn.take.end()
    was = path.read_bytes()
    with pytest.raises(CassetteDrifted) as caught:
        cassette.close()
    assert str(caught.value).splitlines()[0] == (
        f"1 of the 1 exchanges of {path} that were verified are answered otherwise now:"
    )
    assert "slot 1, POST /chat/completions: 'one': choices[0].message" in str(caught.value)
    assert path.read_bytes() == was


def test_an_answer_in_other_words_is_logged_and_fails_nothing(path, caplog):
    cassette = opened(path, "verify", unused="ignore")
    answered(cassette.begin(raw("one")), "eins")
    cassette.close()
    assert "1 answers have other words now, and the same shape:" in caplog.text


def test_an_error_where_an_answer_was_recorded_is_drift(path):
    cassette = opened(path, "verify", unused="ignore")
    turn = cassette.begin(raw("one"))
    assert turn.take is not None
    turn.take.fail("ConnectError", "refused")
    with pytest.raises(CassetteDrifted, match="failure: absent -> ConnectError"):
        cassette.close()


def test_live_neither_plays_nor_takes_nor_needs_a_file(tmp_path):
    cassette = opened(tmp_path / "none.yaml", "live")
    assert cassette.begin(raw("one")) == Turn(None, None)
    cassette.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", ["replay", "record", "record-missing", "verify", "live"])
def test_a_closed_cassette_refuses_requests(path, mode):
    cassette = opened(path, mode, unused="ignore")
    cassette.close()
    with pytest.raises(UsageError, match="is closed, and a request came for it"):
        cassette.begin(raw("one"))


def test_lanes_are_served_apart_and_count_their_own_slots(tmp_path):
    cassette = opened(tmp_path / "c.yaml", "record")
    for lane in ("b", "a", "b"):
        answered(cassette.begin(raw("same"), lane=lane), f"for {lane}")
    cassette.close()
    places = [(one.lane, one.slot) for one in decode(cassette.path.read_bytes(), path="").exchanges]
    assert places == [("a", 1), ("b", 1), ("b", 2)]


def test_what_is_ignored_now_need_not_have_been_ignored_when_it_was_recorded(tmp_path):
    cassette = opened(tmp_path / "c.yaml", "record")
    answered(cassette.begin(raw("one", metadata={"trace_id": "1"})), "1")
    cassette.close()
    replayed = opened(cassette.path, ignore=("metadata.trace_id",))
    assert asked(replayed, "one", metadata={"trace_id": "2"}) == "1"
