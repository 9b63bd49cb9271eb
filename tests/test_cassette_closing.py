"""What is said when a cassette is closed: nothing is swallowed, and a failed test hears of nothing twice."""

from __future__ import annotations

import warnings
from datetime import timedelta

import pytest
from recording_doubles import JSON, MOMENT, answered, asked, opened, raw, recorded, said

from kaizen_eval.errors import (
    CassetteCorrupt,
    CassetteMiss,
    CassetteStale,
    CassetteUnused,
    RecordingError,
    SecretFound,
    UsageError,
)
from kaizen_eval.fake import misses
from kaizen_eval.recording.file import decode
from kaizen_eval.recording.verdict import CassetteWarning
from kaizen_eval.recording.writing.storage import beside

UNUSED = (
    "Either the code no longer asks what it asked when this was recorded, or these are not needed: take them "
    "out with kaizen-eval cassettes prune {} --slots 1,3-4; or set unused='warn' or 'ignore'."
)
REJECTED = "What was recorded is kept, masked, in {0}. To make it the cassette: kaizen-eval cassettes recover {0}"


@pytest.fixture
def path(tmp_path):
    return recorded(tmp_path / "c.yaml", ("one", "1"), ("two", "2"), ("three", "3"), ("four", "4"))


@pytest.fixture(autouse=True)
def no_misses_are_left():
    yield
    misses.take()


def names(path):
    return sorted(one.name for one in path.parent.iterdir())


def held(path):
    return decode(path.read_bytes(), path=str(path)).exchanges


def test_exchanges_that_nobody_asked_for_fail_a_passing_test_and_are_named(path):
    cassette = opened(path)
    asked(cassette, "two")
    with pytest.raises(CassetteUnused) as caught:
        cassette.close()
    assert str(caught.value) == "\n".join(
        [
            f"3 of the 4 exchanges in {path} were not asked for:",
            "  - slot 1, POST /chat/completions: 'one'",
            "  - slot 3, POST /chat/completions: 'three'",
            "  - slot 4, POST /chat/completions: 'four'",
            UNUSED.format(path),
        ]
    )


def test_unused_exchanges_of_lanes_are_pruned_lane_by_lane(tmp_path):
    cassette = opened(tmp_path / "c.yaml", "record")
    for lane in ("", "a", "a"):
        answered(cassette.begin(raw("same"), lane=lane), "1")
    cassette.close()
    command = f"kaizen-eval cassettes prune {cassette.path}"
    with pytest.raises(CassetteUnused) as caught:
        opened(cassette.path).close()
    assert f"{command} --lane '' --slots 1 && {command} --lane a --slots 1-2;" in str(caught.value)


def test_unused_exchanges_warn_where_that_is_asked(path):
    with pytest.warns(CassetteWarning, match="4 of the 4 exchanges in .* were not asked for"):
        opened(path, unused="warn").close()


def test_unused_exchanges_are_nothing_where_that_is_asked(path):
    opened(path, unused="ignore").close()


def test_a_failed_test_hears_nothing_of_unused_or_old_exchanges(path, caplog):
    cassette = opened(path, max_age=timedelta(), expired="fail", now=MOMENT + timedelta(days=9))
    cassette.close(passed=False)
    assert caplog.text == ""


def test_closing_twice_says_nothing_twice(path):
    cassette = opened(path)
    with pytest.raises(CassetteUnused):
        cassette.close()
    cassette.close()


def test_an_old_cassette_warns(path):
    cassette = opened(path, unused="ignore", max_age=timedelta(days=30), now=MOMENT + timedelta(days=31))
    with pytest.warns(CassetteWarning) as caught:
        cassette.close()
    assert str(caught[0].message) == (
        f"The cassette {path} is 31 days old, recorded at 2026-03-01; it may be 30 days old. "
        "Record it anew: pytest --kaizen-llm record"
    )


def test_an_old_cassette_fails_where_that_is_asked(path):
    settings = {"unused": "ignore", "expired": "fail", "max_age": timedelta(hours=1)}
    with pytest.raises(CassetteStale, match=r"is 2 hours old, .* it may be 1 hours old"):
        opened(path, now=MOMENT + timedelta(hours=2), **settings).close()


def test_a_cassette_of_just_that_age_is_not_old(path):
    opened(path, unused="ignore", max_age=timedelta(days=1), expired="fail", now=MOMENT + timedelta(days=1)).close()


def test_several_complaints_are_one_error_with_notes(path):
    cassette = opened(path, max_age=timedelta(), expired="fail", now=MOMENT + timedelta(days=9))
    with pytest.raises(CassetteUnused) as caught:
        cassette.close()
    assert [note.split(",")[0] for note in caught.value.__notes__] == [f"The cassette {path} is 9 days old"]


def test_a_miss_that_was_swallowed_fails_at_the_end(path):
    cassette = opened(path, unused="ignore")
    with pytest.raises(CassetteMiss) as missed:
        cassette.begin(raw("five"))
    with pytest.raises(CassetteMiss) as caught:
        cassette.close()
    assert str(missed.value) in str(caught.value)
    assert misses.take() == ()


def test_a_miss_is_told_to_the_test_runner(path):
    cassette = opened(path)
    with pytest.raises(CassetteMiss) as missed:
        cassette.begin(raw("five"))
    assert misses.take() == (misses.Miss(cassette, str(missed.value), CassetteMiss),)


def test_a_miss_tells_the_nearest_and_the_command(path):
    cassette = opened(path)
    with pytest.raises(CassetteMiss) as missed:
        cassette.begin(raw("thre"))
    cassette.forgive_misses()
    assert "messages[0].content" in str(missed.value)
    assert "pytest --kaizen-llm record" in str(missed.value)


def test_forgiven_misses_fail_nothing_neither_those_before_nor_those_to_come(path):
    cassette = opened(path, unused="ignore")
    with pytest.raises(CassetteMiss):
        cassette.begin(raw("five"))
    cassette.forgive_misses()
    with pytest.raises(CassetteMiss):
        cassette.begin(raw("six"))
    cassette.close()
    assert misses.take() == ()


def test_a_changed_body_is_found_when_it_is_played_and_told_again_at_the_end(path):
    path.write_text(path.read_text().replace('"content": "1"', '"content": "7"'))
    cassette = opened(path, unused="ignore")
    with pytest.raises(CassetteCorrupt):
        cassette.begin(raw("one"))
    with pytest.raises(CassetteCorrupt, match="the error did not reach the test"):
        cassette.close()


def test_a_failed_test_keeps_what_was_recorded_beside_the_cassette_and_logs_it(path, caplog):
    cassette = opened(path, "record")
    answered(cassette.begin(raw("new")), "n")
    cassette.close(passed=False)
    rejected = beside(path, "rejected")
    assert [said(one) for one in held(rejected)] == ["n"]
    assert caplog.messages == [REJECTED.format(rejected)]
    assert names(path) == ["c.yaml", "c.yaml.rejected"]


def test_a_failed_test_that_recorded_nothing_leaves_nothing(path):
    opened(path, "record").close(passed=False)
    assert names(path) == ["c.yaml"]


def test_a_recording_that_passes_takes_the_place_of_a_rejected_one(path):
    cassette = opened(path, "record")
    answered(cassette.begin(raw("new")), "n")
    cassette.close(passed=False)
    recorded(path, ("new", "n"))
    assert names(path) == ["c.yaml"]


def test_a_failed_test_hears_of_no_second_error_when_nothing_can_be_kept(path, caplog):
    cassette = opened(path, "record")
    answered(cassette.begin(raw("new")), "n")
    beside(path, "rejected").mkdir()
    cassette.close(passed=False)
    assert f"The exchanges are in {path}.partial. To make them a cassette: kaizen-eval" in caplog.text


def test_what_is_under_way_at_the_end_is_kept_as_if_its_client_had_left_and_told(tmp_path):
    cassette = opened(tmp_path / "c.yaml", "record")
    take = cassette.begin(raw("slow")).take
    assert take is not None
    take.head(200, JSON)
    take.piece(b"{")
    with pytest.warns(CassetteWarning, match="1 exchange in .* was not over when it was closed"):
        cassette.close()
    take.piece(b"}")
    take.end()
    (kept,) = held(cassette.path)
    assert kept.response is not None
    assert (kept.was_left, kept.response.body.data) == (True, b"{")


def test_warnings_that_are_errors_come_when_all_is_kept(tmp_path):
    cassette = opened(tmp_path / "c.yaml", "record")
    cassette.begin(raw("slow"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(CassetteWarning):
            cassette.close()
    assert names(cassette.path) == ["c.yaml"]


HIDDEN = "YzJzdGNISnZhaTFoWW1Oa1pXWm5hR2xxYTJ4dGJtOXdjWEp6ZEhWMmQzaDVlakF4TWpNME5UWTNPRGs9"
"""A key in base64 in base64, which is looked for and not taken out."""


@pytest.mark.parametrize("passed", [True, False])
def test_a_secret_that_is_left_is_not_written(path, passed):
    was = path.read_bytes()
    cassette = opened(path, "record")
    answered(cassette.begin(raw("new")), f"look: {HIDDEN} there")
    if passed:
        with pytest.raises(SecretFound):
            cassette.close()
    else:
        cassette.close(passed=False)
    assert (path.read_bytes(), names(path)) == (was, ["c.yaml", "c.yaml.rejected"])
    assert [said(one) for one in held(beside(path, "rejected"))] == ["look: [REDACTED] there"]


def test_where_a_secret_is_is_told_and_never_which(path):
    cassette = opened(path, "record")
    answered(cassette.begin(raw("new")), HIDDEN)
    with pytest.raises(SecretFound) as caught:
        cassette.close()
    assert HIDDEN not in str(caught.value)
    assert str(caught.value) == "\n".join(
        [
            f"{path} was not written: what was recorded still holds secrets.",
            "  - slot 1, response.body: OpenAI key",
            REJECTED.format(f"{path}.rejected"),
            "Name what is secret in `redact` (names, or regular expressions in slashes), and record again.",
        ]
    )


def test_two_heads_a_piece_before_the_head_and_an_end_before_it_are_mistakes(tmp_path):
    take = opened(tmp_path / "c.yaml", "record").begin(raw()).take
    assert take is not None
    with pytest.raises(UsageError, match="came before its head"):
        take.piece(b"x")
    with pytest.raises(UsageError, match="ended before its head"):
        take.end()
    take.head(200, ())
    with pytest.raises(UsageError, match="two heads"):
        take.head(200, ())


def test_the_first_end_counts(tmp_path):
    cassette = opened(tmp_path / "c.yaml", "record")
    turn = cassette.begin(raw())
    answered(turn, "1")
    assert turn.take is not None
    turn.take.fail("ReadError", "late")
    turn.take.leave()
    assert [(one.failure, one.was_left) for one in cassette.recorded] == [(None, False)]
    cassette.close()


def test_what_takes_how_long_comes_from_the_clock_alone(tmp_path):
    first, second = (recorded(tmp_path / f"{name}.yaml", ("one", "1"), ("two", "2")) for name in "ab")
    assert first.read_bytes() == second.read_bytes()
    response = held(first)[0].response
    assert response is not None
    assert (response.at_us, response.offsets_us) == (1000, (2000, 3000))


def test_a_cassette_that_cannot_be_written_says_where_its_exchanges_are(path):
    cassette = opened(path, "record")
    answered(cassette.begin(raw("new")), "n")
    path.unlink()
    path.mkdir()
    with pytest.raises(RecordingError) as caught:
        cassette.close()
    assert str(caught.value) == (
        f"{path} could not be written: Is a directory. What stood there before is as it was. "
        f"The exchanges are in {path}.partial. To make them a cassette: kaizen-eval cassettes recover {path}.partial"
    )


def test_an_answer_that_cannot_be_kept_disturbs_no_client_and_fails_the_closing(path):
    was = path.read_bytes()
    cassette = opened(path, "record")
    answered(cassette.begin(raw("fine")), "f")
    odd = cassette.begin(raw("odd")).take
    assert odd is not None
    odd.head(200, None)  # no transport of ours does this
    odd.end()
    with pytest.raises(RecordingError, match=r"What came in slot 2 of .* cannot be kept: TypeError"):
        cassette.close()
    assert (path.read_bytes(), [said(one) for one in held(beside(path, "rejected"))]) == (was, ["f"])
