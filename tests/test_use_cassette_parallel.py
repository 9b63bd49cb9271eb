"""Cassettes side by side: whoever asks, in whatever task or thread, never gets another's answer."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import aiohttp
import httpx
import httpx2
import pytest
from cassette_doubles import ASYNC_CLIENTS, CLIENTS, Turn, answering, by_aiohttp_async, by_requests, serving, using

from kaizen_eval.errors import CassetteMiss, UsageError
from kaizen_eval.recording import use_cassette
from kaizen_eval.recording.body import Body
from kaizen_eval.recording.clients.patches import http_clients_patched
from kaizen_eval.recording.exchange import Exchange, RecordedRequest, RecordedResponse
from kaizen_eval.recording.settings import CassetteSettings

FAR = "http://api.example.com"
QUESTIONS = ("one", "two", "three")


async def by_httpx2_async(base_url, question):
    async with httpx2.AsyncClient(verify=False) as client:
        return await posted(client, base_url, question)


async def posted(client, base_url, question):
    return (await client.post(f"{base_url}/ask", content=question)).text


async def posted_by_aiohttp(session, base_url, question):
    async with session.post(f"{base_url}/ask", data=question) as response:
        return await response.text()


class Asked:
    """A cassette to replay that answers every question with its own name."""

    mode = "replay"
    settings = CassetteSettings()
    path = "asked.yaml"

    def __init__(self, name):
        self.name = name

    def begin(self, raw):
        body = f"{self.name}: {raw.body.decode()}".encode()
        response = RecordedResponse(200, (), Body(body), (len(body),), (0,))
        exchange = Exchange(slot=1, key="", request=RecordedRequest("POST", "/ask"), response=response)
        return Turn(exchange, None)


CONNECTED = {
    "aiohttp": (aiohttp.ClientSession, posted_by_aiohttp),
    "httpx": (partial(httpx.AsyncClient, verify=False), posted),
    "httpx2": (partial(httpx2.AsyncClient, verify=False), posted),
}
"""Something to connect with, which tasks share, and how one asks by it."""


async def a_task(name, ask):
    with using(Asked(name)):
        answers = []
        for question in QUESTIONS:
            answers.append(await ask(FAR, question))
            await asyncio.sleep(0)
        return answers


def a_thread(name, connect, ask):
    """Twenty tasks on one client, each with a cassette of its own."""

    async def tasks():
        async with connect() as client:
            return await asyncio.gather(*(a_task(f"{name}.{number}", partial(ask, client)) for number in range(20)))

    return asyncio.run(tasks())


@pytest.mark.parametrize(("connect", "ask"), CONNECTED.values(), ids=CONNECTED)
def test_twenty_tasks_in_each_of_twenty_threads_get_their_own_answers(connect, ask):
    with http_clients_patched(), ThreadPoolExecutor(20) as pool:
        answers = [*pool.map(lambda number: a_thread(number, connect, ask), range(20))]
    assert answers == [
        [[f"{thread}.{task}: {question}" for question in QUESTIONS] for task in range(20)] for thread in range(20)
    ]


@pytest.mark.parametrize("name", [name for name in CLIENTS if name not in ASYNC_CLIENTS])
def test_twenty_threads_get_their_own_answers(name):
    def asking(number):
        with using(Asked(str(number))):
            return [CLIENTS[name](FAR, question) for question in QUESTIONS]

    with http_clients_patched(), ThreadPoolExecutor(20) as pool:
        answers = [*pool.map(asking, range(20))]
    assert answers == [[f"{thread}: {question}" for question in QUESTIONS] for thread in range(20)]


def recorded(folder, name, *questions):
    """A cassette on disk, recorded from a service that answers everything with its own words."""
    path = folder / f"{name}.yaml"
    with serving(encode=lambda answer: name.encode() + b" " + answer) as service, use_cassette(path, "record"):
        for question in questions:
            by_requests(service.url, question)
    return path


def test_cassettes_on_disk_do_not_mix_either(tmp_path):
    paths = [recorded(tmp_path, f"c{number}", *QUESTIONS) for number in range(5)]

    async def task(path):
        async with use_cassette(path):
            return [await by_aiohttp_async(FAR, question) for question in QUESTIONS]

    async def tasks():
        return await asyncio.gather(*(task(path) for path in paths))

    with ThreadPoolExecutor(5) as pool:
        answers = [*pool.map(lambda _: asyncio.run(tasks()), range(5))]
    assert answers == [[[f"c{number} live: {question}" for question in QUESTIONS] for number in range(5)]] * 5


def test_a_task_without_a_cassette_reaches_the_service_beside_one_with(tmp_path):
    path = recorded(tmp_path, "c", "hello")

    async def main(service):
        begun, ended = asyncio.Event(), asyncio.Event()

        async def with_one():
            with use_cassette(path):
                begun.set()
                await ended.wait()
                return await by_httpx2_async(FAR, "hello")

        task = asyncio.create_task(with_one())
        await begun.wait()
        live = [await by_httpx2_async(service.url, "hello"), await by_aiohttp_async(service.url, "hello")]
        ended.set()
        return live, await task

    with serving() as service:
        assert asyncio.run(main(service)) == (["live: hello", "live: hello"], "c live: hello")


def test_a_new_thread_uses_the_only_cassette_and_is_told_to_choose_between_several(tmp_path):
    first, second = recorded(tmp_path, "a", "hello"), recorded(tmp_path, "b", "hello")
    said = []

    def in_a_thread(work):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    def asking():
        try:
            said.append(by_requests(FAR, "hello"))
        except UsageError as error:
            said.append(type(error))

    with use_cassette(first):
        in_a_thread(asking)
    with use_cassette(first, unused="ignore") as one, use_cassette(second, unused="ignore") as other:
        in_a_thread(asking)
        one.forgive_misses()
        other.forgive_misses()
        context = contextvars.copy_context()
        in_a_thread(lambda: context.run(asking))
    assert said == ["a live: hello", UsageError, "b live: hello"]


def test_an_executor_of_a_loop_uses_the_cassette_of_its_block(tmp_path):
    path = recorded(tmp_path, "a", "hello")

    async def main():
        async with use_cassette(path):
            return await asyncio.get_running_loop().run_in_executor(None, by_requests, FAR, "hello")

    assert asyncio.run(main()) == "a live: hello"


def test_a_miss_in_one_does_not_reach_for_another():
    with http_clients_patched(), using(answering(hello="outer")), using(answering()), pytest.raises(CassetteMiss):
        by_requests(FAR, "hello")
