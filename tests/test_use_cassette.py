"""`use_cassette` around blocks and functions: what is recorded in one is replayed in the next, and all is put back."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import fields
from pathlib import Path

import aiohttp
import httpx
import httpx2
import openai
import pytest
from cassette_doubles import CLIENTS, by_aiohttp_async, by_requests, serving
from doubles_http import response
from doubles_http import serving as misbehaving

from kaizen_eval.errors import CassetteMiss, CassetteMissing, CassetteUnused, ConfigError, RecordingError, UsageError
from kaizen_eval.recording import CassetteTransport, lane, use_cassette
from kaizen_eval.recording.in_use import current
from kaizen_eval.recording.settings import CassetteOptions, CassetteSettings
from kaizen_eval.recording.use import _closed_after
from kaizen_eval.recording.verdict import CassetteWarning

FAR = "https://api.example.com"
ask = by_requests


def by_httpx(base_url, question):
    return httpx.post(f"{base_url}/ask", content=question).text


def by_httpx2(base_url, question):
    return httpx2.post(f"{base_url}/ask", content=question).text


async def by_httpx_async(base_url, question):
    async with httpx.AsyncClient() as client:
        return (await client.post(f"{base_url}/ask", content=question)).text


async def by_httpx2_async(base_url, question):
    async with httpx2.AsyncClient() as client:
        return (await client.post(f"{base_url}/ask", content=question)).text


EVERY_CLIENT = {**CLIENTS, "httpx": by_httpx, "httpx2": by_httpx2}
EVERY_ASYNC_CLIENT = {"httpx": by_httpx_async, "httpx2": by_httpx2_async, "aiohttp": by_aiohttp_async}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cassette.yaml"


def record(path, *questions, base_url="", ask=ask):
    with serving() as service, use_cassette(path, "record"):
        for question in questions:
            ask(base_url or service.url, question)


def names_in_use() -> str | None:
    cassette = current()
    return cassette.path.stem if cassette else None


@pytest.mark.parametrize("ask", EVERY_CLIENT.values(), ids=EVERY_CLIENT)
def test_what_a_client_recorded_it_finds_again(path, ask):
    record(path, "hello", "hello", "bye", ask=ask)
    with use_cassette(path):
        answers = [ask(FAR, question) for question in ("bye", "hello", "hello")]
    assert answers == ["live: bye", "live: hello", "live: hello"]


@pytest.mark.parametrize("ask", EVERY_ASYNC_CLIENT.values(), ids=EVERY_ASYNC_CLIENT)
def test_what_a_client_recorded_it_finds_again_in_tasks(path, ask):
    async def main(base_url, mode):
        async with use_cassette(path, mode):
            return await asyncio.gather(*(ask(base_url, str(number)) for number in range(5)))

    with serving() as service:
        recorded = asyncio.run(main(service.url, "record"))
    assert asyncio.run(main(FAR, "replay")) == recorded == [f"live: {number}" for number in range(5)]


def test_what_one_client_recorded_another_finds(path):
    record(path, "hello", ask=by_httpx2)
    with use_cassette(path):
        assert by_httpx(FAR, "hello") == "live: hello"


def test_a_miss_is_no_connection_error_of_the_openai_sdk_and_is_not_tried_again(path):
    record(path, "hello")
    client = openai.OpenAI(api_key="test", base_url=f"{FAR}/v1", max_retries=2)
    with use_cassette(path, unused="ignore") as cassette:
        cassette.forgive_misses()
        with pytest.raises(CassetteMiss):
            client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hello"}])


def test_a_miss_is_no_connection_error_of_the_async_openai_sdk_either(path):
    record(path, "hello")

    async def main():
        async with openai.AsyncOpenAI(api_key="test", base_url=f"{FAR}/v1", max_retries=2) as client:
            await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hello"}])

    with use_cassette(path, unused="ignore") as cassette:
        cassette.forgive_misses()
        with pytest.raises(CassetteMiss):
            asyncio.run(main())


def test_a_missing_cassette_says_how_to_record_it(path):
    with (
        pytest.raises(CassetteMissing, match=r"""use_cassette\('.*cassette\.yaml', mode="record"\)"""),
        use_cassette(path),
    ):
        pass


def test_after_a_missing_cassette_nothing_is_in_use(path):
    with pytest.raises(CassetteMissing), use_cassette(path):
        pass
    with serving() as service:
        assert ask(service.url, "hello") == "live: hello"


def test_a_block_needs_a_path():
    with pytest.raises(UsageError, match="needs a path here"), use_cassette():
        pass


def test_a_block_is_not_begun_twice(path):
    record(path, "hello")
    use = use_cassette(path, unused="ignore")
    with use, pytest.raises(UsageError, match="has begun already"):
        use.__enter__()


def test_a_use_can_be_used_again_when_it_has_ended(path):
    record(path, "hello")
    use = use_cassette(path)
    for _ in range(2):
        with use:
            assert ask(FAR, "hello") == "live: hello"


def test_an_unknown_mode_is_refused_where_it_is_written():
    with pytest.raises(ConfigError, match="There is no cassette mode 'recrod'"):
        use_cassette("x", mode="recrod")


def test_a_function_for_a_path_is_refused():
    with pytest.raises(UsageError, match=r"Decorate with `@use_cassette\(\)`"):
        use_cassette(test_a_block_needs_a_path)


def test_the_options_are_the_settings():
    assert {*CassetteOptions.__annotations__} == {field.name for field in fields(CassetteSettings)} - {"mode"}


def test_settings_reach_the_cassette(path):
    record(path, "hello", "bye")
    with use_cassette(path, unused="ignore"):
        ask(FAR, "hello")


def test_unused_exchanges_fail_a_block_that_passes(path):
    record(path, "hello", "bye")
    with pytest.raises(CassetteUnused), use_cassette(path):
        ask(FAR, "hello")


def test_unused_exchanges_do_not_hide_what_the_block_raises(path):
    record(path, "hello", "bye")
    with pytest.raises(ZeroDivisionError), use_cassette(path):
        _ = 1 / 0


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, SystemExit, GeneratorExit, StopIteration])
def test_whatever_ends_a_block_the_cassette_goes_out_of_use(path, error):
    record(path, "hello")
    with pytest.raises(error), use_cassette(path):
        raise error
    with serving() as service:
        assert (current(), ask(service.url, "hello")) == (None, "live: hello")


def test_of_a_recording_that_fails_the_cassette_keeps_nothing(path):
    record(path, "hello")
    before = path.read_bytes()
    with serving() as service, pytest.raises(ZeroDivisionError), use_cassette(path, "record"):
        raise ZeroDivisionError(ask(service.url, "other"))
    assert path.read_bytes() == before


def test_a_failing_save_is_raised_and_all_is_put_back(path):
    original = httpx2.HTTPTransport.handle_request

    def recorded_into_a_folder():
        with serving() as service, use_cassette(path, "record"):
            ask(service.url, "hello")
            path.mkdir()

    with pytest.raises(RecordingError):
        recorded_into_a_folder()
    assert (httpx2.HTTPTransport.handle_request, current()) == (original, None)


def test_lanes_keep_the_same_questions_apart(path):
    def asked(base_url, mode, *names):
        with use_cassette(path, mode) as cassette:
            for name in names:
                with lane(name):
                    ask(base_url, "hello")
        return sorted((exchange.lane, exchange.slot) for exchange in cassette.recorded or cassette.played)

    with serving() as service:
        recorded = asked(service.url, "record", "a", "b", "a")
    assert asked(FAR, "replay", "b", "a", "a") == recorded == [("a", 1), ("a", 2), ("b", 1)]


def test_the_lane_of_a_use_comes_before_those_in_it(path):
    with serving() as service, use_cassette(path, "record", lane="trial") as cassette, lane("critic"):
        ask(service.url, "hello")
    assert [exchange.lane for exchange in cassette.recorded] == ["trial/critic"]


def test_a_decorated_function_has_its_cassette(path):
    record(path, "hello")

    @use_cassette(path)
    def function(question, *, times=1):
        """Its words."""
        return ask(FAR, question) * times

    assert (function("hello", times=2), function.__name__, function.__doc__) == (
        "live: hellolive: hello",
        "function",
        "Its words.",
    )
    assert list(inspect.signature(function).parameters) == ["question", "times"]


def test_each_call_opens_the_cassette_anew(path):
    record(path, "hello")
    function = use_cassette(path)(lambda: ask(FAR, "hello"))
    assert [function(), function()] == ["live: hello", "live: hello"]


def test_a_function_that_calls_itself_goes_on_with_its_cassette(path):
    record(path, "2", "1", "0")

    @use_cassette(path)
    def countdown(number):
        return [ask(FAR, str(number)), *(countdown(number - 1) if number else [])]

    assert countdown(2) == ["live: 2", "live: 1", "live: 0"]


def test_a_decorated_coroutine_has_its_cassette(path):
    record(path, "hello")

    @use_cassette(path)
    async def function():
        return await by_httpx2_async(FAR, "hello")

    assert inspect.iscoroutinefunction(function)
    assert asyncio.run(function()) == "live: hello"


def test_calls_of_a_decorated_coroutine_side_by_side_have_each_their_own(path):
    record(path, "hello")

    @use_cassette(path)
    async def function():
        return await by_httpx2_async(FAR, "hello")

    async def main():
        return await asyncio.gather(*(function() for _ in range(5)))

    assert asyncio.run(main()) == ["live: hello"] * 5


def test_a_coroutine_that_a_plain_function_returns_is_refused(path):
    record(path, "hello")

    async def main():
        return await by_httpx2_async(FAR, "hello")

    with pytest.raises(UsageError, match="Decorate the `async def` itself"):
        use_cassette(path)(lambda: main())()  # noqa: PLW0108 - it is what is refused


class Suite:
    path: Path

    @use_cassette()
    def method(self):
        return names_in_use()

    @use_cassette()
    @staticmethod
    def static():
        return names_in_use()

    @use_cassette()
    @classmethod
    def of_class(cls):
        return names_in_use()


def test_without_a_path_the_cassette_is_named_after_the_function_beside_its_module(tmp_path):
    code = "from kaizen_eval.recording import use_cassette\n\n@use_cassette()\ndef test_it():\n    pass\n"
    (tmp_path / "test_mine.py").write_text(code)
    namespace = {"__name__": "test_mine"}
    exec(compile(code, str(tmp_path / "test_mine.py"), "exec"), namespace)  # noqa: S102 - it stands for a user's module
    with pytest.raises(CassetteMissing) as missing:
        namespace["test_it"]()
    assert missing.value.path == str(tmp_path / "cassettes" / "test_mine" / "test_it.yaml")


@pytest.mark.parametrize("call", [Suite().method, Suite.static, Suite.of_class, Suite().static, Suite().of_class])
def test_methods_are_decorated_as_functions_are(call):
    with pytest.raises(CassetteMissing, match="Suite"):
        call()


def test_a_class_is_not_decorated():
    with pytest.raises(UsageError, match="decorate the methods of Suite"):
        use_cassette("x")(Suite)


def test_what_has_no_file_cannot_name_its_cassette():
    with pytest.raises(UsageError, match="cannot name a cassette after"):
        use_cassette()(len)


def generator_of(path, seen):
    @use_cassette(path, unused="ignore")
    def generator(question):
        sent = question
        while True:
            try:
                sent = yield ask(FAR, sent)
            except ZeroDivisionError:
                sent = "bye"
            finally:
                seen.append(names_in_use())

    return generator


def test_a_generator_has_its_cassette_while_it_runs_and_not_between(path):
    record(path, "hello", "ciao", "bye")
    seen = []
    steps = generator_of(path, seen)("hello")
    said = [next(steps), names_in_use(), steps.send("ciao"), names_in_use(), steps.throw(ZeroDivisionError)]
    assert (said, seen) == (["live: hello", None, "live: ciao", None, "live: bye"], ["cassette"] * 2)


def test_a_generator_that_is_left_ends_with_its_cassette_in_use_and_then_none(path):
    record(path, "hello")
    seen = []
    steps = generator_of(path, seen)("hello")
    next(steps)
    steps.close()
    assert (seen, current()) == (["cassette"], None)


def test_a_generator_returns_what_it_returns(path):
    record(path, "hello")

    @use_cassette(path, unused="ignore")
    def generator():
        yield 1
        return 2

    def outer():
        return (yield from generator())

    steps = outer()
    assert next(steps) == 1
    with pytest.raises(StopIteration) as ended:
        next(steps)
    assert ended.value.value == 2


def test_an_async_generator_has_its_cassette_while_it_runs_and_not_between(path):
    record(path, "hello", "bye")
    said = []

    @use_cassette(path)
    async def generator():
        try:
            yield await by_httpx2_async(FAR, "hello")
        except ZeroDivisionError:
            yield await by_httpx2_async(FAR, "bye")

    async def main():
        steps = generator()
        said.extend([await anext(steps), names_in_use(), await steps.athrow(ZeroDivisionError), names_in_use()])
        said.append([item async for item in steps])

    assert inspect.isasyncgenfunction(generator)
    asyncio.run(main())
    assert said == ["live: hello", None, "live: bye", None, []]


def test_an_async_generator_that_is_left_puts_all_back(path):
    record(path, "hello")

    @use_cassette(path, unused="ignore")
    async def generator():
        yield 1
        yield 2

    async def main():
        steps = generator()
        await anext(steps)
        await steps.aclose()
        return current()

    assert asyncio.run(main()) is None


def test_a_transport_with_a_cassette_of_its_own_is_the_innermost(path, tmp_path):
    record(path, "hello")
    transport = CassetteTransport(tmp_path / "own.yaml", "record")
    with serving() as service, use_cassette(path, unused="ignore"), httpx2.Client(transport=transport) as client:
        assert client.post(f"{service.url}/ask", content="bye").text == "live: bye"
    with httpx2.Client(transport=CassetteTransport(tmp_path / "own.yaml")) as client:
        assert client.post(f"{FAR}/ask", content="bye").text == "live: bye"


class Unwritable:
    def close(self, *, passed):
        raise RecordingError("disk full")


def test_what_the_block_raises_comes_before_what_its_cassette_raises_which_is_told_with_it():
    with pytest.raises(ZeroDivisionError) as raised, _closed_after(Unwritable()):
        _ = 1 / 0
    assert raised.value.__notes__ == ["Its cassette could not be closed either: RecordingError: disk full"]


def test_a_cassette_that_cannot_be_closed_fails_a_block_that_passes():
    with pytest.raises(RecordingError, match="disk full"), _closed_after(Unwritable()):
        pass


def test_redirects_of_aiohttp_are_followed_again(path):
    async def follow(base_url, mode):
        async with use_cassette(path, mode), aiohttp.request("GET", f"{base_url}/first") as answer:
            return answer.status, await answer.text(), [each.status for each in answer.history]

    moved = b"HTTP/1.1 302 Found\r\nlocation: /v1/second\r\ncontent-length: 0\r\n\r\n"

    async def main():
        async with misbehaving(moved, response(b"there", content_type="text/plain")) as server:
            recorded = await follow(server.base_url, "record")
            return recorded, await follow(server.base_url, "replay"), len(server.asked)

    answer = (200, "there", [302])
    assert asyncio.run(main()) == (answer, answer, 2)


def test_a_call_that_records_over_what_another_recorded_says_so(path):
    @use_cassette(path, "record")
    def asks(url, question):
        return by_requests(url, question)

    with serving() as service:
        asks(service.url, "hello")
        asks(service.url, "hello")
        with pytest.warns(CassetteWarning) as told:
            asks(service.url, "bye")
    (warning,) = told
    assert str(warning.message).startswith(
        f"{path} was recorded before by the same use_cassette, with 1 request that is no longer in it: each block, and"
    )


def test_a_recording_of_nothing_says_so(path):
    with (
        pytest.warns(CassetteWarning, match="was recorded, and is empty: no request came"),
        use_cassette(path, "record"),
    ):
        pass


def test_a_block_that_began_in_another_task_does_not_record_nothing_silently(path):
    async def main(url):
        use = use_cassette(path, "record")
        await asyncio.create_task(use.__aenter__())
        await by_aiohttp_async(url, "hello")
        await use.__aexit__(None, None, None)

    with serving() as service, pytest.warns(CassetteWarning, match="in a task that the block has not begun"):
        asyncio.run(main(service.url))
