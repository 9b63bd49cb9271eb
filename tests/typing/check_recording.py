"""What type-checkers see of cassettes: a decorated function keeps its type, a block gives the cassette."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import assert_type

from kaizen_eval.recording import Cassette, lane, use_cassette


@use_cassette("cassettes/plain.yaml", "record", lane="a", ignore=("user",), max_age=timedelta(days=30))
def plain(question: str, *, times: int = 1) -> str:
    return question * times


@use_cassette()
async def coroutine(question: str) -> int:
    return len(question)


@use_cassette(unused="warn")
def generator() -> Iterator[int]:
    yield 1


@use_cassette()
async def async_generator() -> AsyncIterator[int]:
    yield 1


class Suite:
    @use_cassette()
    def method(self, question: str) -> bool:
        return bool(question)


async def main() -> None:
    assert_type(plain("?", times=2), str)
    assert_type(await coroutine("?"), int)
    assert_type(next(generator()), int)
    assert_type(await anext(async_generator()), int)
    assert_type(Suite().method("?"), bool)
    with use_cassette("cassette.yaml") as cassette, lane("trial-1"):
        assert_type(cassette, Cassette)
    async with use_cassette("cassette.yaml") as cassette:
        assert_type(cassette, Cassette)
