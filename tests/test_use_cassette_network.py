"""While a cassette replays, no real host is reached, by no means; what httpx got it gets again."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

import httpx
import httpx2
import pytest
from cassette_doubles import Listed, by_requests, serving, using
from doubles_http import Act
from doubles_http import serving as misbehaving

from kaizen_eval.errors import CassetteMiss
from kaizen_eval.recording import use_cassette
from kaizen_eval.recording.clients.replay_guard import replay_guard
from kaizen_eval.testing import network_guard

FAR = "https://api.example.com"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "cassette.yaml"
    with serving() as service, use_cassette(path, "record"):
        by_requests(service.url, "hello")
    return path


def reach(host):
    with socket.socket() as connection:
        connection.connect((host, 9))


def test_a_client_that_nobody_patches_reaches_no_real_host_while_a_cassette_replays(path):
    with use_cassette(path, unused="ignore") as cassette:
        cassette.forgive_misses()
        with pytest.raises(ConnectionRefusedError, match="is a real host"):
            reach("203.0.113.7")


def test_and_who_swallows_that_is_told_when_the_cassette_is_closed(path):
    with pytest.raises(CassetteMiss) as told, use_cassette(path, unused="ignore"), suppress(OSError):
        reach("203.0.113.7")
    assert f"'203.0.113.7' was asked for on the network, while {path} is replayed" in str(told.value)


def test_so_is_who_swallows_it_within_a_guard_around_the_cassette(path):
    """The innermost guard refuses: the one around it hears nothing."""
    with network_guard(), pytest.raises(CassetteMiss, match=r"203\.0\.113\.7"):  # noqa: SIM117 - in turn
        with use_cassette(path, unused="ignore"), suppress(OSError):
            reach("203.0.113.7")


def test_what_is_refused_is_told_to_the_cassette_in_use_where_it_was_asked():
    with using(Listed()) as outer, using(Listed()) as inner:
        replay_guard.adjust()
        with suppress(OSError):
            reach("203.0.113.7")
    replay_guard.adjust()
    assert (len(outer.noted), len(inner.noted)) == (0, 1)


def test_nor_does_one_in_another_thread(path):
    raised = []

    def work():
        with pytest.raises(socket.gaierror) as refused:
            socket.getaddrinfo("api.example.com", 443)
        raised.append(refused.value.args[1])

    with use_cassette(path, unused="ignore") as cassette:
        cassette.forgive_misses()
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert raised == ["'api.example.com' is a real host, and this code is guarded: it may reach this machine only."]


def test_this_machine_is_reached_while_a_cassette_replays(path):
    with serving() as service, use_cassette(path, unused="ignore"):
        port = int(service.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as connection:
            assert connection.getpeername() == ("127.0.0.1", port)


def test_a_request_of_a_client_that_is_patched_does_not_reach_this_machine_either(path):
    with serving() as service, use_cassette(path, unused="ignore") as cassette:
        cassette.forgive_misses()
        with pytest.raises(CassetteMiss):
            by_requests(service.url, "bye")
    assert service.asked == []


def guarded() -> bool:
    replay_guard.adjust()
    return replay_guard._on is not None


def test_the_guard_is_on_while_all_replay_and_off_beside_one_that_needs_the_network():
    seen = [guarded()]
    with using(Listed()):
        seen.append(guarded())
        with using(Listed(mode="record-missing")):
            seen.append(guarded())
        seen.append(guarded())
    seen.append(guarded())
    assert seen == [False, True, False, True, False]


@pytest.mark.parametrize("http", [httpx, httpx2])
@pytest.mark.asyncio
async def test_a_refused_and_a_reset_connection_are_raised_again(tmp_path, http):
    async def raised(base_url, mode):
        errors = []
        async with use_cassette(tmp_path / "c.yaml", mode), http.AsyncClient() as client:
            for address in (base_url, "http://127.0.0.1:1"):
                with pytest.raises(http.TransportError) as error:
                    await client.post(f"{address}/ask", content=address.encode())
                errors.append(error.type)
        return errors

    async with misbehaving((Act.RESET,)) as server:
        recorded = await raised(server.base_url, "record")
        replayed = await raised(server.base_url, "replay")
    assert (replayed, len(server.asked)) == (recorded, 1)


@pytest.mark.asyncio
async def test_a_stream_keeps_its_chunks(tmp_path):
    async def pieces(base_url, mode):
        async with use_cassette(tmp_path / "c.yaml", mode), httpx2.AsyncClient() as client:  # noqa: SIM117 - in turn
            async with client.stream("POST", f"{base_url}/ask", content=b"hello") as answer:
                return [piece async for piece in answer.aiter_raw()]

    parts = [f"data: {number}\n\n".encode() for number in range(5)]
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    async with misbehaving((head, *parts, Act.CLOSE)) as server:
        recorded = await pieces(server.base_url, "record")
        replayed = await pieces(FAR, "replay")
    assert (replayed, b"".join(replayed)) == (recorded, b"".join(parts))
