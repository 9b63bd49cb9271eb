"""Which threads only wait for others, also on a machine that is too busy to let them run."""

from __future__ import annotations

import gc
import sys
import threading

import pytest

from kaizen_eval.resilience.stillness import current_frames, places, standing, turns


@pytest.fixture
def waiting():
    """The id of a thread that waits for an event, for ever."""
    inside, go = threading.Event(), threading.Event()

    def wait():
        inside.set()
        go.wait()

    thread = threading.Thread(target=wait)
    thread.start()
    inside.wait()
    yield thread
    go.set()
    thread.join()


def stands_still(thread, came_to_run):
    """Looked at until it has reached its wait."""
    while (found := standing([thread.ident], {}, turns=lambda _: came_to_run)) is None and came_to_run is not None:
        pass
    return found


def test_a_thread_that_waits_for_ever_stands_still(waiting):
    first, second = stands_still(waiting, 3), stands_still(waiting, 3)
    assert (first, first is None) == (second, False)


def test_a_thread_that_wants_to_run_does_not_stand_still_wherever_it_is(waiting):
    stands_still(waiting, 3)
    assert standing([waiting.ident], {}, turns=lambda _: None) is None


def test_a_thread_that_came_to_run_in_between_has_not_stood_still(waiting):
    assert stands_still(waiting, 3) != stands_still(waiting, 4)


def test_a_thread_that_has_stood_there_from_the_start_is_not_asked_for_its_turns(waiting):
    stands_still(waiting, 3)
    assert standing([waiting.ident], places(), turns=lambda _: None) == {waiting.ident: (places()[waiting.ident], 0)}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells how often a thread came to run")
def test_the_running_thread_wants_to_run():
    assert turns(threading.get_native_id()) is None


def test_of_an_unknown_thread_nothing_is_known():
    assert turns(None) == 0


def test_nothing_is_collected_while_all_frames_are_looked_at(monkeypatch):
    found = []
    monkeypatch.setattr(sys, "_current_frames", lambda: found.append(gc.isenabled()) or {})
    assert (current_frames(), found, gc.isenabled()) == ({}, [False], True)
