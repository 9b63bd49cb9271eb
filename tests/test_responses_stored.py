"""What the Responses API remembers: bounded, each session's own, and whole under threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st
from responses_asking import completions, inquiries

from kaizen_eval.fake.endpoints.stored_responses import ITEM, Stored, StoredResponses
from kaizen_eval.fake.model.completion import Choice, Completion
from kaizen_eval.fake.wire.responses.listing import Page, encode_page, identified
from kaizen_eval.fake.wire.responses.output import encode_output
from kaizen_eval.fake.wire.responses.request import decode_inquiry


def stored(mark: str = "a", text: object = "hi", *, session: str | None = None, **fields: object) -> Stored:
    inquiry = decode_inquiry({"model": "m", "input": text, **fields}, session_id=session)
    return Stored(Completion(mark=mark, choices=(Choice(text="so"),), model="m"), inquiry)


LEAST = stored(text="").characters()


def kept(store: StoredResponses, *marks: str) -> list[bool]:
    return [store.find(None, f"resp_{mark}") is not None for mark in marks]


def test_the_oldest_response_is_forgotten_first():
    store = StoredResponses(most=2)
    for mark in "abc":
        store.keep(stored(mark))
    assert kept(store, *"abc") == [False, True, True]


def test_a_response_that_is_kept_again_is_the_latest():
    store = StoredResponses(most=2)
    for mark in "abac":
        store.keep(stored(mark))
    assert kept(store, *"abc") == [True, False, True]


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 12), st.booleans()), max_size=30))
def test_no_more_is_ever_kept_than_there_is_room_for(happenings):
    room = 2 * LEAST + 20
    store = StoredResponses(most=3, most_characters=room)
    for mark, length, is_removed in happenings:
        one = stored(mark, "x" * length)
        store.keep(one)
        if is_removed:
            store.remove(one)
        held = [found for mark in "abcdef" if (found := store.find(None, f"resp_{mark}"))]
        characters = sum(found.characters() for found in held)
        assert len(held) == len(store) <= 3
        assert characters <= room
        assert is_removed or one in held


def test_what_is_gone_leaves_its_room():
    store = StoredResponses(most_characters=3 * LEAST)
    for number in range(10):
        store.keep(stored(f"x{number}", ""))
        store.remove(stored(f"x{number}", ""))
        store.keep(stored("a", ""))
    for mark in "bc":
        store.keep(stored(mark, ""))
    assert kept(store, *"abc") == [True, True, True]


def test_what_was_cancelled_said_nothing():
    store, one = StoredResponses(), stored("a")
    store.keep(Stored(one.completion, one.inquiry, "queued"))
    store.settle(one, "cancelled")
    said = store.seen_by(None).conversation("resp_a")
    assert said is not None
    assert [item["role"] for item in said] == ["user"]


def test_what_alone_is_too_long_is_kept_until_something_follows():
    store = StoredResponses(most_characters=LEAST + 10)
    store.keep(stored("a", "x" * 50))
    before = kept(store, *"ab")
    store.keep(stored("b"))
    assert (before, kept(store, *"ab")) == ([True, False], [False, True])


def test_what_a_response_keeps_beside_those_before_it_is_what_counts():
    long = [{"role": "user", "content": "x" * 1_000}]
    plain, one_more = stored(text=long), stored(text=[*long, {"role": "user", "content": ""}])
    image = stored(text=[{"role": "user", "content": [{"type": "input_image", "image_url": "x" * 5_000}]}])
    assert 1_000 < plain.characters() < 1_500
    assert ITEM < one_more.characters() - plain.characters() < 2 * ITEM
    assert image.characters() > 5_000


def test_a_session_never_finds_what_another_was_told():
    store = StoredResponses()
    store.keep(stored(session="ann", text="mine"))
    store.keep(stored(session="bob", text="his"))
    found = [store.seen_by(session).conversation("resp_a") for session in ("ann", "bob", None)]
    assert [said and said[0]["content"][0]["text"] for said in found] == ["mine", "his", None]


@given(completions(), inquiries)
def test_a_conversation_is_always_its_input_and_then_its_output(completion, inquiry):
    store = StoredResponses()
    store.keep(Stored(completion, inquiry))
    said = store.seen_by(None).conversation(f"resp_{completion.mark}")
    assert said is not None
    assert [*said[len(inquiry.items) :]] == encode_output(completion, inquiry)
    assert [item["type"] for item in said[: len(inquiry.items)]] == [
        item.get("type", "message") for item in inquiry.items
    ]


@given(inquiries)
def test_what_is_kept_already_is_always_kept_as_the_same_object(inquiry):
    kept_once = identified(inquiry.items, "abcd")
    kept_twice = identified(kept_once, "dcba")
    assert [*map(id, kept_twice)] == [*map(id, kept_once)]


@given(completions(), inquiries)
def test_every_item_that_is_kept_can_always_be_found_by_its_id(completion, inquiry):
    store = StoredResponses()
    store.keep(Stored(completion, inquiry))
    seen = store.seen_by(None)
    own = [item for item in seen.conversation(f"resp_{completion.mark}") or () if completion.mark in item["id"]]
    assert [seen.item(item["id"]) for item in own] == own


def test_only_what_is_queued_can_be_settled_and_only_once():
    store = StoredResponses()
    done, queued = stored("a"), Stored(stored("b").completion, stored("b").inquiry, "queued")
    store.keep(done)
    store.keep(queued)
    first = [store.settle(one, "cancelled").state for one in (done, queued)]
    assert (first, store.settle(queued, "done").state) == (["done", "cancelled"], "cancelled")


def test_threads_that_keep_and_remove_at_once_leave_it_whole():
    store = StoredResponses(most=50, most_characters=20 * LEAST)
    barrier = threading.Barrier(4)

    def work(name: int) -> None:
        barrier.wait()
        for number in range(200):
            one = stored(f"{name}x{number}")
            store.keep(one)
            if number % 3 == 0:
                store.remove(one)

    with ThreadPoolExecutor(4) as threads:
        [*threads.map(work, range(4))]
    store.clear()
    store.keep(stored("last", "x" * 19 * LEAST))
    assert (len(store), kept(store, "last")) == (1, [True])


@given(st.integers(1, 12), st.integers(1, 5), st.sampled_from(["asc", "desc"]))
def test_pages_are_always_the_whole_list_and_no_page_more(count, limit, order):
    items = [{"id": f"msg_{number}"} for number in range(count)]
    seen, page, pages = [], Page(order, None, limit), 0
    while True:
        body = encode_page(items, page)
        seen += body["data"]
        pages += 1
        if not body["has_more"]:
            break
        page = page._replace(after=body["last_id"])
    assert (seen, pages) == (items if order == "asc" else items[::-1], -(-count // limit))
