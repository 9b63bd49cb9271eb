"""The patch of the HTTP clients: one for the process, put back whatever happens, and a good neighbour to vcrpy's."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from contextlib import ExitStack, contextmanager
from itertools import chain
from types import SimpleNamespace

import httpx
import httpx2
import pytest
import vcr
from cassette_doubles import CLIENTS, answering, by_aiohttp, by_requests, serving, using
from hypothesis import given, settings
from hypothesis import strategies as st
from vcr.patch import CassettePatcherBuilder

from kaizen_eval.recording.clients.patch import Patch
from kaizen_eval.recording.clients.patches import Patched, http_clients_patched

FAR = "https://api.example.com"
EVERY_CLIENT = pytest.mark.parametrize("ask", CLIENTS.values(), ids=CLIENTS)


def places() -> list[tuple[object, str]]:
    """Every attribute that vcrpy patches."""
    builder = CassettePatcherBuilder(SimpleNamespace(_path="", skip_patchers=(), custom_patches=()))
    patchers = [patcher for patcher in builder.build() if hasattr(patcher, "getter")]
    return [(patcher.getter(), patcher.attribute) for patcher in patchers]


def state() -> list[object]:
    """What stands in each of these places, by identity, and whether the object itself holds it."""
    return [(getattr(owner, name), name in vars(owner)) for owner, name in places()]


ORIGINALS = state()


def test_vcrpy_patches_what_we_think_it_does():
    names = {f"{getattr(owner, '__name__', owner)}.{name}" for owner, name in places()}
    assert {
        "http.client.HTTPConnection",
        "http.client.HTTPSConnection",
        "urllib3.connection.HTTPConnection",
        "HTTPSConnectionPool.ConnectionCls",
        "HTTPSConnectionPool._get_conn",
        "ClientSession._request",
        "HTTPTransport.handle_request",
        "AsyncHTTPTransport.handle_async_request",
    } <= names


def test_while_it_is_there_nothing_else_stands_where_requests_leave():
    with http_clients_patched():
        changed = {f"{getattr(owner, '__name__', owner)}.{name}" for owner, name in changed_places()}
    in_this_process = {"WSGITransport.handle_request", "ASGITransport.handle_async_request"}
    assert not changed & in_this_process
    assert {"http.client.HTTPConnection", "ClientSession._request", "HTTPTransport.handle_request"} <= changed


def changed_places() -> list[tuple[object, str]]:
    return [place for place, old, new in zip(places(), ORIGINALS, state(), strict=True) if old != new]


def test_afterwards_every_attribute_is_the_original_object():
    with http_clients_patched():
        pass
    assert state() == ORIGINALS


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, GeneratorExit])
def test_it_is_taken_away_whatever_ends_the_block(error):
    with pytest.raises(error), http_clients_patched():
        raise error
    assert state() == ORIGINALS


def test_it_goes_with_the_last_who_needs_it():
    first, second = http_clients_patched(), http_clients_patched()
    first.__enter__()
    patched = state()
    second.__enter__()
    first.__exit__(None, None, None)
    assert state() == patched != ORIGINALS
    second.__exit__(None, None, None)
    assert state() == ORIGINALS


class Home:
    own = 1


class Heir(Home):
    pass


@given(st.lists(st.sampled_from(["own", "new"]), max_size=8))
@settings(deadline=None)
def test_patches_undone_in_turn_leave_no_trace(names):
    before = (dict(vars(Home)), dict(vars(Heir)))
    Home.new = 2
    held = (dict(vars(Home)), dict(vars(Heir)))
    patches = []
    for name in names:
        patches.append(Patch(Heir, name, object()))
        patches[-1].apply()
    assert [patch.undo() for patch in reversed(patches)] == [True] * len(names)
    assert (dict(vars(Home)), dict(vars(Heir))) == held
    del Home.new
    assert (dict(vars(Home)), dict(vars(Heir))) == before


def test_a_patch_that_somebody_patched_over_stays_under_theirs():
    ours, theirs = Patch(Home, "own", "ours"), None
    ours.apply()
    theirs = Patch(Home, "own", "theirs")
    theirs.apply()
    assert (ours.undo(), Home.own) == (False, "theirs")
    assert (theirs.undo(), ours.undo(), Home.own) == (True, True, 1)


def test_a_patch_that_cannot_be_made_takes_back_those_before_it():
    def patches():
        yield Patch(Home, "own", 2)
        raise ZeroDivisionError

    patched = Patched(patches)
    with pytest.raises(ZeroDivisionError), patched():
        pass
    assert Home.own == 1


def test_what_was_covered_is_taken_back_when_it_can_be():
    patched = Patched(lambda: [Patch(Home, "own", "ours")])
    block = patched()
    block.__enter__()
    theirs = Patch(Home, "own", "theirs")
    theirs.apply()
    block.__exit__(None, None, None)
    theirs.undo()
    assert Home.own == "ours"
    with patched():
        pass
    assert Home.own == 1


@contextmanager
def stock(path, mode="all"):
    with vcr.use_cassette(str(path), record_mode=mode, match_on=["method", "path", "body"]) as cassette:
        yield cassette


@EVERY_CLIENT
def test_inside_a_block_of_vcrpy_ours_answers_and_then_its_own_records_again(ask, tmp_path):
    with serving() as service, stock(tmp_path / "stock.yaml") as theirs:
        around = state()
        with http_clients_patched(), using(answering(hello="ours")):
            assert ask(service.url, "hello") == "ours"
        assert state() == around
        assert ask(service.url, "after") == "live: after"
    assert [request.body for request in theirs.requests] == [b"after"]
    assert state() == ORIGINALS


@EVERY_CLIENT
def test_inside_ours_a_block_of_vcrpy_answers_and_then_ours_again(ask, tmp_path):
    path = tmp_path / "stock.yaml"
    with serving() as service, stock(path):
        ask(service.url, "hello")
    with http_clients_patched(), using(answering(hello="ours")):
        within = state()
        with stock(path, "none"):
            assert ask(service.url, "hello") == "live: hello"
        assert state() == within
        assert ask(service.url, "hello") == "ours"
    assert state() == ORIGINALS


@EVERY_CLIENT
def test_a_request_beside_ours_goes_where_vcrpy_sends_it(ask, tmp_path):
    with serving() as service, stock(tmp_path / "stock.yaml") as theirs, http_clients_patched():
        assert ask(service.url, "beside") == "live: beside"
    assert [request.body for request in theirs.requests] == [b"beside"]


def test_a_block_of_vcrpy_that_outlives_ours_is_not_disturbed(tmp_path):
    with serving() as service, ExitStack() as outer:
        ours = http_clients_patched()
        ours.__enter__()
        theirs = outer.enter_context(stock(tmp_path / "stock.yaml"))
        ours.__exit__(None, None, None)
        by_requests(service.url, "hello")
        by_aiohttp(service.url, "bye")
    assert [request.body for request in theirs.requests] == [b"hello", b"bye"]
    with http_clients_patched():
        pass
    assert state() == ORIGINALS


def test_a_marked_test_of_pytest_recording_may_use_ours(pytester_like):
    assert pytester_like("1 passed") == ""


@pytest.fixture
def pytester_like(tmp_path):
    """Runs one test file with pytest-recording in a process of its own; what went wrong, or nothing."""

    def run(expected: str) -> str:
        (tmp_path / "test_it.py").write_text(
            textwrap.dedent("""
                import pytest, requests
                from kaizen_eval.recording import use_cassette

                @pytest.mark.vcr
                def test_it(tmp_path, service):
                    with use_cassette(tmp_path / "c.yaml", "record"):
                        assert requests.post(f"{service}/ask", data="ours").text == "live: ours"
                    assert requests.post(f"{service}/ask", data="theirs").text == "live: theirs"
                    with use_cassette(tmp_path / "c.yaml"):
                        assert requests.post("https://api.example.com/ask", data="ours").text == "live: ours"
                """)
        )
        with serving() as service:
            fixture = f"import pytest\n\n@pytest.fixture\ndef service():\n    return {service.url!r}\n"
            (tmp_path / "conftest.py").write_text(fixture)
            command = [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "--record-mode=all",
                "-p",
                "no:cacheprovider",
                str(tmp_path),
            ]
            said = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path).stdout
        recorded = [*tmp_path.glob("cassettes/**/*.yaml")]
        is_right = expected in said and len(recorded) == 1 and "theirs" in recorded[0].read_text()
        return "" if is_right and "ours" not in recorded[0].read_text() else said

    return run


def test_transports_within_this_process_stay_as_they_are():
    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, text="mine"))
    with http_clients_patched(), using(answering()), httpx2.Client(transport=transport) as client:
        assert client.get(FAR).text == "mine"


def test_a_request_in_another_thread_meets_no_gap_while_one_is_sent():
    """vcrpy's own stubs take every patch away while they make a connection."""
    seen, ended = set(), threading.Event()

    def look():
        while not ended.is_set():
            seen.update(map(id, chain.from_iterable(state())))

    with http_clients_patched(), using(answering(**{f"q{number}": "a" for number in range(100)})):
        allowed = {*map(id, chain.from_iterable(state()))}
        watcher = threading.Thread(target=look)
        watcher.start()
        for number in range(100):
            by_requests(FAR, f"q{number}")
        ended.set()
        watcher.join()
    assert seen <= allowed


def test_httpx_is_patched_as_httpx2_is():
    with http_clients_patched():
        patched = httpx.HTTPTransport.handle_request, httpx2.AsyncHTTPTransport.handle_async_request
    assert [function.__module__ for function in patched] != [httpx.__name__, httpx2.__name__]
    assert [function.__wrapped__ for function in patched] == [
        httpx.HTTPTransport.handle_request,
        httpx2.AsyncHTTPTransport.handle_async_request,
    ]
