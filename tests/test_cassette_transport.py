"""CassetteTransport: bound to one cassette, for sync and async clients, and ended by closing it."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx2
import openai
import pytest
from cassette_peers import PATIENCE, peer
from passage_doubles import Reel

from kaizen_eval.errors import (
    CassetteMiss,
    CassetteMissing,
    CassetteUnused,
    ConfigError,
    SecretFound,
    UsageError,
)
from kaizen_eval.fake import FakeLLM, misses
from kaizen_eval.recording import Cassette, CassetteSettings, CassetteTransport, lane
from kaizen_eval.resilience.clock import sleep

URL = "https://service.invalid/v1/ask"


def echo(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(404 if request.url.path.endswith("lost") else 200, json={"said": request.read().decode()})


def counting() -> httpx2.MockTransport:
    """Answers each request with its number."""
    numbers = iter(range(1, 10_000))
    return httpx2.MockTransport(lambda _: httpx2.Response(200, json={"number": next(numbers)}))


def ask(transport: CassetteTransport, *questions: str) -> list[object]:
    with httpx2.Client(transport=transport) as client:
        return [client.post(URL, json=question).json() for question in questions]


async def ask_at_once(transport: CassetteTransport, *questions: str) -> list[object]:
    async def one(client: httpx2.AsyncClient, question: str) -> object:
        return (await client.post(URL, json=question)).json()

    async with httpx2.AsyncClient(transport=transport) as client:
        return await asyncio.gather(*(one(client, question) for question in questions))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cassette.yaml"


def test_a_closed_client_has_ended_the_cassette(path):
    recorded = ask(CassetteTransport(path, "record", httpx2.MockTransport(echo)), "a", "b")
    assert ask(CassetteTransport(path), "a", "b") == recorded == [{"said": '"a"'}, {"said": '"b"'}]


def test_an_asynchronous_client_reads_what_a_synchronous_one_recorded(path):
    recorded = ask(CassetteTransport(path, "record", httpx2.MockTransport(echo)), "a", "b")
    assert asyncio.run(ask_at_once(CassetteTransport(path), "b", "a")) == recorded[::-1]


def test_a_replay_reaches_no_inner_transport_and_no_network(path):
    ask(CassetteTransport(path, "record", httpx2.MockTransport(echo)), "a")
    transport = CassetteTransport(path)
    ask(transport, "a")
    assert (transport._inner._sync, transport._inner._of_loops) == (None, {})


def test_a_hundred_identical_calls_at_once_each_get_their_own_answer_again(path):
    questions = ["same"] * 100
    recorded = asyncio.run(ask_at_once(CassetteTransport(path, "record", counting()), *questions))
    assert asyncio.run(ask_at_once(CassetteTransport(path), *questions)) == recorded
    assert [answer["number"] for answer in recorded] == list(range(1, 101))


def test_a_hundred_identical_calls_keep_the_order_in_which_they_were_sent_whenever_their_answers_came(path):
    async def later(request: httpx2.Request) -> httpx2.Response:
        number = len(asked)
        asked.append(request)
        await sleep((number * 37 % 100) / 1000)
        return httpx2.Response(200, json={"number": number})

    asked: list[httpx2.Request] = []
    questions = ["same"] * 100
    recorded = asyncio.run(ask_at_once(CassetteTransport(path, "record", httpx2.MockTransport(later)), *questions))
    assert asyncio.run(ask_at_once(CassetteTransport(path), *questions)) == recorded


def test_a_hundred_different_calls_at_once_get_the_right_answers(path):
    questions = [f"question {number}" for number in range(100)]
    recorded = asyncio.run(ask_at_once(CassetteTransport(path, "record", httpx2.MockTransport(echo)), *questions))
    assert asyncio.run(ask_at_once(CassetteTransport(path), *questions[::-1])) == recorded[::-1]


def test_a_hundred_different_calls_from_threads_get_the_right_answers(path):
    questions = [f"question {number}" for number in range(100)]
    ask(CassetteTransport(path, "record", httpx2.MockTransport(echo)), *questions)
    with httpx2.Client(transport=CassetteTransport(path)) as client, ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda question: client.post(URL, json=question).json(), questions)
        assert list(answers) == [{"said": f'"{question}"'} for question in questions]


def test_two_transports_in_parallel_threads_never_mix(tmp_path):
    paths = [tmp_path / "one.yaml", tmp_path / "two.yaml"]
    for path in paths:
        said = httpx2.MockTransport(lambda _, path=path: httpx2.Response(200, json=path.stem))
        ask(CassetteTransport(path, "record", said), *map(str, range(50)))
    start = threading.Barrier(2)

    def replay(path):
        start.wait(PATIENCE)
        return set(ask(CassetteTransport(path), *map(str, range(50))))

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(replay, paths)) == [{"one"}, {"two"}]


def test_two_transports_in_parallel_tasks_never_mix(tmp_path):
    paths = [tmp_path / "one.yaml", tmp_path / "two.yaml"]
    for path in paths:
        said = httpx2.MockTransport(lambda _, path=path: httpx2.Response(200, json=path.stem))
        ask(CassetteTransport(path, "record", said), *map(str, range(50)))

    async def both():
        return await asyncio.gather(*(ask_at_once(CassetteTransport(path), *map(str, range(50))) for path in paths))

    assert [set(answers) for answers in asyncio.run(both())] == [{"one"}, {"two"}]


def test_a_lane_is_the_transports_own_and_the_contexts(path):
    with (
        CassetteTransport(path, "record", counting(), lane="own") as transport,
        httpx2.Client(transport=transport) as client,
    ):
        client.post(URL)
        with lane("trial 2"):
            client.post(URL)
    assert [exchange.lane for exchange in transport.cassette.recorded] == ["own", "own/trial 2"]


def test_transports_with_lanes_share_an_open_cassette_that_stays_open(path):
    cassette = Cassette.open(path, CassetteSettings(mode="record"))
    for name in ("b", "a"):
        ask(CassetteTransport(cassette, inner=counting(), lane=name), "same")
    with lane("c"):
        ask(CassetteTransport(cassette, inner=counting()), "same")
    cassette.close()
    assert [exchange.lane for exchange in Cassette.open(path).exchanges] == ["a", "b", "c"]


@pytest.mark.parametrize("how", ["close", "leave", "client", "aclose", "aleave", "aclient"])
def test_every_way_to_close_ends_the_cassette_as_passed(how):
    assert _endings(how) == [True]


@pytest.mark.parametrize("how", ["leave", "client", "aleave", "aclient", "close", "aclose"])
def test_an_exception_on_its_way_out_ends_it_as_failed(how):
    assert _endings(how, error=RuntimeError("the test failed")) == [False]


def _endings(how: str, error: Exception | None = None) -> list[bool]:
    reel = Reel()
    transport = CassetteTransport("unused.yaml", "live")
    transport.cassette, transport._owns = reel, True
    try:
        asyncio.run(_close_async(transport, how, error)) if how.startswith("a") else _close(transport, how, error)
    except RuntimeError as raised:
        assert raised is error  # noqa: PT017 - it is the same one or another
    return reel.endings


def _close(transport: CassetteTransport, how: str, error: Exception | None) -> None:
    if how == "close":
        try:
            _raise(error)
        finally:
            transport.close()
        return
    with transport if how == "leave" else httpx2.Client(transport=transport):
        _raise(error)


async def _close_async(transport: CassetteTransport, how: str, error: Exception | None) -> None:
    if how == "aclose":
        try:
            _raise(error)
        finally:
            await transport.aclose()
        return
    async with transport if how == "aleave" else httpx2.AsyncClient(transport=transport):
        _raise(error)


def _raise(error: Exception | None) -> None:
    if error is not None:
        raise error


@pytest.mark.parametrize("passed", [True, False])
def test_whoever_knows_better_says_whether_it_passed(passed):
    reel = Reel()
    transport = CassetteTransport("unused.yaml", "live")
    transport.cassette, transport._owns = reel, True
    transport.close(passed=passed)
    assert reel.endings == [passed]


def test_the_sdk_s_own_client_knows_that_its_block_failed(path):
    http = openai.DefaultHttpxClient(transport=CassetteTransport(path, "record", httpx2.MockTransport(echo)))
    with pytest.raises(openai.NotFoundError), openai.OpenAI(api_key="x", http_client=http) as client:
        client.post("/lost", body={}, cast_to=object)
    assert (path.exists(), path.with_name("cassette.yaml.rejected").exists()) == (False, True)


def test_what_is_wrong_at_the_end_comes_out_of_the_clients_closing(path):
    ask(CassetteTransport(path, "record", httpx2.MockTransport(echo)), "a", "b")
    with pytest.raises(CassetteUnused):
        ask(CassetteTransport(path), "a")
    with pytest.raises(CassetteUnused):
        asyncio.run(ask_at_once(CassetteTransport(path), "a"))


def test_an_unused_exchange_may_be_meant(path):
    ask(CassetteTransport(path, "record", httpx2.MockTransport(echo)), "a", "b")
    assert ask(CassetteTransport(path, unused="ignore"), "a") == [{"said": '"a"'}]


def test_the_second_closing_does_nothing(path):
    ask(CassetteTransport(path, "record", httpx2.MockTransport(echo)), "a", "b")
    transport = CassetteTransport(path)
    with pytest.raises(CassetteUnused):
        transport.close()
    transport.close()
    asyncio.run(transport.aclose())


def test_the_cassette_is_ended_though_the_connections_cannot_be_closed(path):
    class Stuck(httpx2.MockTransport):
        def close(self) -> None:
            raise OSError("stuck")

    transport = CassetteTransport(path, "record", Stuck(echo))
    with pytest.raises(OSError, match="stuck"):
        ask(transport, "a")
    assert path.exists()


def test_a_secret_that_would_be_written_comes_out_of_the_closing():
    reel = Reel(error=SecretFound("a key, at response.body"))
    transport = CassetteTransport("unused.yaml", "live")
    transport.cassette, transport._owns = reel, True
    with pytest.raises(SecretFound):
        httpx2.Client(transport=transport).close()


def test_a_cassette_that_is_not_there_is_told_at_once(path):
    with pytest.raises(CassetteMissing):
        CassetteTransport(path)


def test_an_unknown_mode_is_told_with_what_may_be_meant(path):
    with pytest.raises(ConfigError, match=r"did you mean 'replay'\?"):
        CassetteTransport(path, "reply")


def test_a_miss_comes_out_of_the_client_and_of_its_closing(path):
    ask(CassetteTransport(path, "record", httpx2.MockTransport(echo)), "a")
    with pytest.raises(CassetteMiss):
        ask(CassetteTransport(path, unused="ignore"), "b")
    client = httpx2.Client(transport=CassetteTransport(path, unused="ignore"))
    with pytest.raises(CassetteMiss):
        client.post(URL, json="b")
    with pytest.raises(CassetteMiss):
        client.close()
    misses.take()


def test_the_sdk_tries_a_miss_but_once_and_raises_it_as_it_is(path):
    ask(CassetteTransport(path, "record", httpx2.MockTransport(echo)), "a")
    transport = CassetteTransport(path, unused="ignore")
    client = openai.OpenAI(api_key="x", http_client=openai.DefaultHttpxClient(transport=transport))
    with pytest.raises(CassetteMiss):
        client.chat.completions.create(model="m", messages=[])
    assert len(misses.take()) == 1
    transport.cassette.forgive_misses()
    client.close()


@pytest.mark.parametrize(
    ("inner", "asking"),
    [(httpx2.AsyncBaseTransport(), ask), (httpx2.BaseTransport(), lambda t, q: asyncio.run(ask_at_once(t, q)))],
    ids=["sync", "async"],
)
def test_an_inner_transport_of_the_other_kind_is_told_as_such(path, inner, asking):
    with pytest.raises(UsageError, match="Give it an inner"):
        asking(CassetteTransport(path, "live", inner), "a")


def test_a_request_after_the_end_is_told_as_such(path):
    transport = CassetteTransport(path, "record", httpx2.MockTransport(echo))
    transport.close()
    with pytest.raises(UsageError, match="is closed"):
        transport.handle_request(httpx2.Request("GET", URL))


def test_it_says_what_it_is(path):
    assert repr(CassetteTransport(path, "live")) == f"CassetteTransport({str(path)!r}, mode='live')"


def test_a_loop_for_each_call_can_share_one_transport_to_the_real_network(path):
    fake = FakeLLM().otherwise("hello")
    transport = CassetteTransport(path, "record")

    async def once(url: str) -> str:
        http = httpx2.AsyncClient(transport=_Lent(transport))
        async with openai.AsyncOpenAI(api_key="x", base_url=url, http_client=http) as client:
            reply = await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hi"}])
        return reply.choices[0].message.content

    with fake.serve() as server:
        said = [asyncio.run(once(server.base_url)) for _ in range(5)]
    assert (said, transport._inner._of_loops) == (["hello"] * 5, {})
    transport.close()


class _Lent(httpx2.AsyncBaseTransport):
    """A transport that its client does not close."""

    def __init__(self, transport: CassetteTransport) -> None:
        self.handle_async_request = transport.handle_async_request


def test_connections_are_kept_while_their_loop_runs(path):
    with peer(_answer_twice) as server:

        async def twice():
            async with httpx2.AsyncClient(transport=CassetteTransport(path, "record")) as client:
                return [(await client.get(server.base_url)).text for _ in range(2)]

        assert asyncio.run(twice()) == ["1", "2"]


def _answer_twice(_, sock) -> None:
    sock.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1")
    sock.recv(65_536)
    sock.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n2")
    sock.recv(65_536)


def test_a_synchronous_client_reaches_the_real_network(path):
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"
    with peer(answer) as server, httpx2.Client(transport=CassetteTransport(path, "record")) as client:
        assert client.get(server.base_url).text == "hi"
