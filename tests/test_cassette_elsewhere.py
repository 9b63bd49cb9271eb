"""Redaction never breaks replay: machines that know of other secrets find what was recorded."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from recorded_asking import chat, json_values, posted
from recording_doubles import URL, answered, asked, opened, raw

from kaizen_eval.errors import CassetteMiss, SecretFound
from kaizen_eval.recording.exchange import RawRequest
from kaizen_eval.recording.lookup.holed import Holed
from kaizen_eval.recording.lookup.key import fits_holes
from kaizen_eval.secrets.placeholder import REDACTED

KEY = "sk-proj-abcdefghijklmnopqrstuvwx1234567890"
SECRETS = {"DB_PASSWORD": "hunter2hunter2", "GITHUB_TOKEN": "zz9-plural-z-4lpha", "MAIL_SECRET": "hunter2hunter2-abc"}
MACHINES = [{name: SECRETS[name] for name in names} for n in range(4) for names in itertools.combinations(SECRETS, n)]
parts = st.sampled_from(
    [*SECRETS.values(), KEY, "Hello", " and ", "the password: ", '{"token": "', '"}', "\n", REDACTED]
)
texts = st.lists(parts, min_size=1, max_size=6).map("".join)
machines = st.sampled_from(MACHINES)
numbers = itertools.count(1)


def again(folder, questions, recorder, replayer, *, order=None, **changed):
    """What a second machine is told, asking in this order what a first one has recorded: the places."""
    path = folder / f"{next(numbers)}.yaml"
    cassette = opened(path, "record", environment=recorder)
    for place, question in enumerate(questions):
        answered(cassette.begin(raw(question)), str(place))
    cassette.close()
    replayed = opened(path, environment=replayer, **changed)
    return [int(asked(replayed, questions[place])) for place in order or range(len(questions))]


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("elsewhere")


@given(text=texts, recorder=machines, replayer=machines)
@settings(deadline=None)
def test_what_one_machine_recorded_another_finds_always(folder, text, recorder, replayer):
    try:
        found = again(folder, [text], recorder, replayer)
    except SecretFound:  # there is no such recording
        reject()
    assert found == [0]


@pytest.mark.parametrize(("recorder", "replayer"), [(SECRETS, {}), ({}, SECRETS), (MACHINES[1], MACHINES[2])])
def test_each_question_finds_its_own_answer_in_whatever_order(folder, recorder, replayer):
    secrets = " ".join(SECRETS.values())
    questions = [f"{secrets}: question {place}" for place in range(6)]
    assert again(folder, questions, recorder, replayer, order=[4, 1, 5, 0, 2, 3]) == [4, 1, 5, 0, 2, 3]


def test_what_is_secret_by_settings_that_came_later_is_found(folder):
    assert again(folder, ["about Project Nighthawk"], {}, {}, redact=("/Night[a-z]+/",)) == [0]


def test_what_is_secret_by_settings_that_are_gone_is_found(tmp_path):
    cassette = opened(tmp_path / "c.yaml", "record", redact=("/Night[a-z]+/", "codename"))
    answered(cassette.begin(raw("about Project Nighthawk", codename="Nighthawk")), "1")
    cassette.close()
    assert asked(opened(cassette.path), "about Project Nighthawk", codename="Nighthawk") == "1"


def test_what_only_the_replaying_machine_takes_for_a_secret_of_its_own_request_is_found(tmp_path):
    def shown(key):
        request = raw("log in as made-up-user-1")
        return RawRequest(request.method, URL, (*request.headers[:1], ("authorization", f"Bearer {key}")), request.body)

    cassette = opened(tmp_path / "c.yaml", "record")
    answered(cassette.begin(shown("another-key-2")), "1")
    cassette.close()
    assert opened(cassette.path).begin(shown("made-up-user-1")).play is not None


def test_a_miss_tells_no_secret_that_only_this_machine_knows(tmp_path):
    cassette = opened(tmp_path / "c.yaml", "record")
    answered(cassette.begin(raw("Hello")), "1")
    cassette.close()
    replayed = opened(cassette.path, environment=SECRETS)
    with pytest.raises(CassetteMiss) as missed:
        replayed.begin(raw("log in with hunter2hunter2"))
    replayed.forgive_misses()
    assert ("hunter2" in str(missed.value), REDACTED in str(missed.value)) == (False, True)


holed_texts = st.lists(st.sampled_from(["a", "b", "ab", " ", REDACTED]), max_size=4).map("".join)
bodies = st.recursive(
    json_values | holed_texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=6,
)
conversations = st.lists(st.sampled_from(["a", "b", REDACTED, f"a{REDACTED}", f"{REDACTED}b"]), min_size=1, max_size=2)


@given(st.lists(bodies, max_size=5), bodies)
def test_the_index_finds_what_looking_at_each_would_find(recorded, body):
    agree([posted(one) for one in recorded], posted(body))


@given(st.lists(conversations, max_size=8), st.lists(st.sampled_from(["a", "b", "ab", "aab"]), min_size=1, max_size=2))
def test_the_index_finds_the_first_of_several_that_fit(recorded, said):
    agree([chat(*one) for one in recorded], chat(*said))


@pytest.mark.parametrize("said", [1, 1.5, "text", "call_0123456789", "", None, True])
def test_the_index_finds_what_a_hole_fits_that_is_all_of_a_text(said):
    agree([posted({"id": REDACTED, "x": 1})], posted({"id": said, "x": 1}))


def agree(recorded, request):
    """Also while one after the other is taken out of the index."""
    index, left = Holed(), dict(enumerate(recorded))
    for place, one in left.items():
        index.add(place, one)
    found = 0
    while found is not None:
        found = index.first_for(request)
        assert found == next((place for place, one in left.items() if fits_holes(one, request)), None)
        if found is not None:
            index.remove(found)
            del left[found]
