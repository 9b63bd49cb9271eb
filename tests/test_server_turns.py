"""When responses go out: at the end of the loop's turn in which they were ready, and never later."""

from __future__ import annotations

import asyncio

import pytest
from server_talk import chat

from kaizen_eval.fake import FakeLLM
from kaizen_eval.fake.server.connection import Connection
from kaizen_eval.fake.server.service import FakeService
from kaizen_eval.fake.server.settings import ServerSettings
from kaizen_eval.fake.server.tenants import Tenants

pytestmark = pytest.mark.asyncio


class Recording(asyncio.Transport):
    """Tells who was written to, in order, and by how many writes."""

    def __init__(self, name: str, told: list[str]) -> None:
        super().__init__()
        self._name, self._told = name, told

    def write(self, data):
        self._told.append(f"{self._name}: {data[:15].decode()}")

    def close(self):
        self._told.append(f"{self._name}: closed")

    def abort(self):
        self._told.append(f"{self._name}: aborted")

    def is_closing(self):
        return False


def served(**fake: object) -> FakeService:
    return FakeService(Tenants(FakeLLM(**fake), most=1), ServerSettings())


def connected(service: FakeService, name: str, told: list[str]) -> Connection:
    connection = Connection(service)
    connection.connection_made(Recording(name, told))
    return connection


async def test_what_is_ready_in_one_turn_goes_out_together_in_the_order_asked():
    service, told = served(), []
    for name in ("a", "b"):
        connected(service, name, told).data_received(chat("hello"))
        told.append(f"{name} asked")
    await asyncio.sleep(0)
    assert told == ["a asked", "b asked", "a: HTTP/1.1 200 OK", "b: HTTP/1.1 200 OK"]


async def test_a_response_is_sent_before_the_next_request_of_its_connection_is_answered():
    service, told = served(), []
    connected(service, "a", told).data_received(chat("hello") * 3)
    assert told == ["a: HTTP/1.1 200 OK"] * 2
    await asyncio.sleep(0)
    assert told == ["a: HTTP/1.1 200 OK"] * 3


async def test_a_response_that_is_ready_when_the_server_stops_is_sent():
    service, told = served(), []
    connected(service, "a", told).data_received(chat("hello"))
    service.close()
    await asyncio.sleep(0)
    assert told == ["a: HTTP/1.1 200 OK", "a: aborted"]


async def test_a_client_that_waits_for_its_answer_is_not_taken_to_be_slow():
    (waiting, idle), told = (served(latency=3600), served()), []
    for service, name in ((waiting, "waiting"), (idle, "idle")):
        connection = connected(service, name, told)
        connection.data_received(chat("hello") if service is waiting else b"")
        connection.check_patience(asyncio.get_running_loop().time() + 3600)
    assert told == ["idle: closed"]


async def test_a_client_that_has_left_is_sent_nothing():
    service, told = served(), []
    connection = connected(service, "a", told)
    connection.data_received(chat("hello"))
    connection.connection_lost(None)
    await asyncio.sleep(0)
    assert told == []
