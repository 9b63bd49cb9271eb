"""Clients that take their answers whole, and what was not read whole when it was recorded."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import aiohttp
import pytest
from cassette_doubles import CLIENTS, Listed, by_aiohttp_async, exchange_of, failing, using
from doubles_http import Act
from doubles_http import serving as misbehaving

from kaizen_eval.errors import CassetteMiss
from kaizen_eval.recording import use_cassette
from kaizen_eval.recording.clients.patches import http_clients_patched
from kaizen_eval.testing import virtual_time

FAR = "https://api.example.com"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cassette.yaml"


async def asked(base_url, path, mode, *, seconds=None, total=None):
    """The class of what is raised."""
    limits = aiohttp.ClientTimeout(total=total)
    async with use_cassette(path, mode), aiohttp.ClientSession(timeout=limits) as session:
        try:
            async with asyncio.timeout(seconds), session.post(f"{base_url}/ask", data="hello"):
                return None
        except Exception as error:  # noqa: BLE001 - whatever it is
            return type(error)


def hung(path, **limits):
    async def main():
        async with misbehaving((Act.HANG,)) as server:
            return await asked(server.base_url, path, "record", **limits)

    return asyncio.run(main())


@pytest.mark.parametrize("limits", [{"seconds": 0.05}, {"total": 0.05}])
def test_time_that_ran_out_runs_out_again(path, limits):
    recorded = hung(path, **limits)
    with virtual_time() as clock:
        assert (clock.run(asked(FAR, path, "replay", **limits)), recorded) == (TimeoutError, TimeoutError)


def test_who_waits_longer_than_the_one_that_recorded_misses_what_would_have_come(path):
    hung(path, seconds=0.05)
    with virtual_time() as clock, pytest.raises(CassetteMiss, match="stopped waiting before any answer came"):
        clock.run(asked(FAR, path, "replay"))


def test_a_race_that_is_lost_again_misses_nothing(path):
    hung(path, seconds=0.05)

    async def main():
        async with use_cassette(path):
            task = asyncio.create_task(by_aiohttp_async(FAR, "hello"))
            await asyncio.sleep(1)
            task.cancel()
            return await asyncio.gather(task, return_exceptions=True)

    with virtual_time() as clock:
        (error,) = clock.run(main())
    assert type(error) is asyncio.CancelledError


@pytest.mark.parametrize("client", CLIENTS)
def test_what_another_client_left_in_the_middle_is_no_whole_answer(client):
    left = replace(exchange_of(b"hello", b"half an ans"), was_left=True)
    with using(Listed([left])) as cassette, http_clients_patched(), pytest.raises(CassetteMiss):
        CLIENTS[client](FAR, "hello")
    (said,) = cassette.noted
    assert said.startswith("POST /ask: the client that recorded this (exchange 1) stopped reading after 1 piece, and")


def test_what_another_client_gave_up_is_no_broken_connection():
    with using(Listed([failing(b"hello", "CancelledError")])), http_clients_patched(), pytest.raises(CassetteMiss):
        CLIENTS["requests"](FAR, "hello")
