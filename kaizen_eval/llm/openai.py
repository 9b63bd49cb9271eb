"""OpenAIProvider: one attempt through the OpenAI SDK, its failures translated."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from kaizen_eval.config import AgentConfig
from kaizen_eval.errors import (
    AttemptTimeout,
    BadResponse,
    ConfigError,
    KaizenError,
    ProviderError,
    UsageError,
)
from kaizen_eval.llm.streaming.reading import Reading
from kaizen_eval.llm.translate import connection_lost, decode_response, status_error, without_secrets
from kaizen_eval.llm.wire import check_whole, check_writable, encode_request, journal_headers
from kaizen_eval.messages import ChatDelta, ChatReply, ChatRequest
from kaizen_eval.resilience.clock import wall_time

if TYPE_CHECKING:
    import ssl

    import httpx2
    from openai import AsyncOpenAI, OpenAIError
    from openai._legacy_response import LegacyAPIResponse
    from openai.types.chat import ChatCompletion

__all__ = ["OpenAIProvider"]

_BASE_URL = "https://api.openai.com/v1"
_MOMENT = 0.1
"""Seconds."""


class OpenAIProvider:
    """A model behind OpenAI's Chat Completions, or behind a service that speaks the same.

    Without a transport of one's own, its connections belong to the event loop that first used them.
    """

    name = "openai"

    def __init__(
        self,
        api_key: str,
        base_url: str | None = None,
        organization: str | None = None,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        journal_headers: bool = False,
    ) -> None:
        """`journal_headers` tells the service whose request it is: for our own fakes alone."""
        url = base_url or _BASE_URL
        self.place = _checked_place(url)
        """Where the service is, without user and password."""
        self._secrets = (_checked_key(api_key),)
        self._tells_whose = journal_headers
        self._client = _client(api_key, url, organization, transport)
        self._create = self._client.chat.completions.with_raw_response.create

    @classmethod
    def from_config(cls, config: AgentConfig) -> Self:
        """With OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_ORG_ID of the environment where the config has none.

        Raises:
            ConfigError: a key or a model is missing; it says how to give one.
        """
        key = config.api_key or os.environ.get("OPENAI_API_KEY")
        if not key:
            raise ConfigError(
                "llm_provider 'openai' needs a key: set the environment variable OPENAI_API_KEY or the config's "
                "api_key, or use llm_provider='mock', which needs none."
            )
        _check_model(config.model)
        return cls(
            key,
            config.base_url or os.environ.get("OPENAI_BASE_URL"),
            config.organization or os.environ.get("OPENAI_ORG_ID"),
        )

    def __repr__(self) -> str:
        return f"OpenAIProvider({self.place!r})"

    async def complete(self, request: ChatRequest) -> ChatReply:
        """One attempt; retries and time limits are the caller's.

        Raises:
            ProviderError: the provider did not answer as asked.
            UsageError: the request cannot be sent.
            KaizenError: what a transport of ours raised, as it is.
        """
        self._check(request)
        check_whole(request)
        answer = await self._answer(request)
        reply = self._decoded(answer.http_response, request.model)
        self._parse(answer)
        return reply

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta, None]:
        """One attempt, part by part; raises as `complete`, also after some parts. Left early, it is closed at once."""
        asked = replace(request, stream=True)
        self._check(asked)
        answer = await self._answer(asked)
        response = answer.http_response
        reading = Reading(self.place, response.status_code, response.headers, secrets=self._secrets)
        try:
            async with aclosing(self._parts(response, reading)) as parts:
                async for part in parts:
                    for delta in reading.feed(part):
                        yield delta
                    if reading.is_done:
                        await _see_end(parts)
                        return
                for delta in reading.finish():
                    yield delta
        finally:
            await response.aclose()

    async def aclose(self) -> None:
        await self._client.close()

    def _check(self, request: ChatRequest) -> None:
        if self._client.is_closed():
            raise UsageError(f"{self!r} is closed; make a new one.")
        _check_model(request.model)

    async def _answer(self, request: ChatRequest) -> LegacyAPIResponse[ChatCompletion]:
        """What came with a success status, its body not yet looked at."""
        import httpx2  # noqa: PLC0415 - comes with the SDK
        import openai  # noqa: PLC0415 - the SDK is slow to load: only whoever uses it pays

        body = encode_request(request)
        headers = _journal_headers(request) if self._tells_whose else None
        try:
            answer: LegacyAPIResponse[ChatCompletion] = await self._create(**body, extra_headers=headers)
        except openai.OpenAIError as error:
            _raise_ours(error)
            raise self._translated(error, request.model) from self._fit_to_show(error)
        except httpx2.HTTPError as error:  # a refused stream whose reason could not be read
            _raise_ours(error)
            raise self._unanswered(error) from self._fit_to_show(error)
        except (TypeError, ValueError, RecursionError):
            check_writable(body)
            raise
        return answer

    async def _parts(self, response: httpx2.Response, reading: Reading) -> AsyncGenerator[bytes, None]:
        """The body as it comes, decompressed."""
        import httpx2  # noqa: PLC0415 - comes with the SDK

        try:
            async with aclosing(response.aiter_bytes()) as parts:
                async for part in parts:
                    yield part
        except httpx2.HTTPError as error:
            _raise_ours(error)
            raise self._broken_off(error, reading) from self._fit_to_show(error)

    def _broken_off(self, error: httpx2.HTTPError, reading: Reading) -> ProviderError:
        """Which of our errors stands for what happened after the head."""
        import httpx2  # noqa: PLC0415 - comes with the SDK

        match error:
            case httpx2.TimeoutException():
                return reading.late(self._reason(error))
            case httpx2.DecodingError():
                return reading.unreadable(self._reason(error))
            case _:
                return reading.lost(self._reason(error))

    def _parse(self, answer: LegacyAPIResponse[ChatCompletion]) -> None:
        """Let the SDK read what we could read: an agent that uses it directly must be able to, too."""
        import openai  # noqa: PLC0415 - the SDK is slow to load: only whoever uses it pays

        try:
            answer.parse()
        except (openai.OpenAIError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
            _raise_ours(error)
            raise BadResponse(
                f"The OpenAI SDK cannot read the answer of {self.place} ({self._reason(error)}).",
                status=answer.status_code,
                request_id=without_secrets(answer.request_id or "", self._secrets) or None,
                body=without_secrets(answer.text, self._secrets),
            ) from self._fit_to_show(error)

    def _decoded(self, response: httpx2.Response, model: str | None) -> ChatReply:
        return decode_response(
            response.status_code,
            response.headers,
            response.content,
            now=wall_time(),
            model=model,
            secrets=self._secrets,
        )

    def _translated(self, error: OpenAIError, model: str | None) -> KaizenError:
        """Which of our errors stands for the SDK's."""
        import openai  # noqa: PLC0415 - the SDK is slow to load: only whoever uses it pays

        match error:
            case openai.APIStatusError(response=answer):
                return status_error(
                    answer.status_code,
                    answer.headers,
                    answer.content,
                    now=wall_time(),
                    model=model,
                    secrets=self._secrets,
                )
            case openai.APITimeoutError():
                return AttemptTimeout(f"{self.place} did not answer in time ({self._reason(error)}).")
            case openai.APIConnectionError():
                return self._unanswered(error.__cause__ or error)
            case openai.APIError():
                return BadResponse(f"The OpenAI SDK cannot read the answer of {self.place} ({self._reason(error)}).")
            case _:
                return ConfigError(f"The OpenAI SDK does not work as it is set up ({self._reason(error)}).")

    def _unanswered(self, error: BaseException) -> ProviderError:
        """Which of our errors stands for what happened instead of an answer, as the HTTP client has it."""
        import httpx2  # noqa: PLC0415 - comes with the SDK

        match error:
            case httpx2.TimeoutException():
                return AttemptTimeout(f"{self.place} did not answer in time ({self._reason(error)}).")
            case httpx2.DecodingError() | httpx2.TooManyRedirects():
                return BadResponse(f"The answer of {self.place} cannot be read ({self._reason(error)}).")
            case _:
                return connection_lost(self.place, self._reason(error))

    def _reason(self, error: BaseException) -> str:
        """The innermost cause: the SDK's own words say little."""
        while error.__cause__ is not None:
            error = error.__cause__
        words = without_secrets(str(error), self._secrets)
        return f"{type(error).__name__}: {words}" if words else type(error).__name__

    def _fit_to_show(self, error: BaseException) -> BaseException | None:
        """The error as a cause that tracebacks may print; None when it or what is behind it holds a key."""
        texts = map(str, _chain(error))
        return error if all(without_secrets(text, self._secrets) == text for text in texts) else None


def _client(
    api_key: str, base_url: str, organization: str | None, transport: httpx2.AsyncBaseTransport | None
) -> AsyncOpenAI:
    """Without retries and time limits: those are the caller's, in one loop and on one clock (also a virtual one)."""
    import openai  # noqa: PLC0415 - the SDK is slow to load: only whoever uses it pays

    http = openai.DefaultAsyncHttpxClient(transport=transport, verify=_tls())
    return openai.AsyncOpenAI(
        api_key=api_key,
        base_url=base_url,
        organization=organization,
        max_retries=0,
        timeout=None,
        http_client=http,
    )


@cache
def _tls() -> ssl.SSLContext:
    """One for the process: each takes 20 ms to make, and clients in a caller's own loop live for one run."""
    import httpx2  # noqa: PLC0415 - comes with the SDK

    return httpx2.create_ssl_context()


async def _see_end(parts: AsyncGenerator[bytes, None]) -> None:
    """Give the end of a body that is over a moment to come: then its connection is free for the next request."""
    with suppress(TimeoutError, ProviderError):
        async with asyncio.timeout(_MOMENT):
            await anext(parts, None)


def _journal_headers(request: ChatRequest) -> dict[str, str]:
    from kaizen_eval import run_context  # noqa: PLC0415 - a real service is told nothing of runs

    run = run_context.active()
    return journal_headers(request, run_id=None if run is None else run.run_id)


def _check_model(model: str | None) -> None:
    if not model:
        raise ConfigError("llm_provider 'openai' needs a model: set the config's model, such as model='gpt-4o-mini'.")


def _checked_key(key: str) -> str:
    if not re.fullmatch(r"[!-~]+", key):
        raise ConfigError(
            "The API key holds a blank, a line break or a sign that no HTTP header can carry (it is not shown here); "
            "check OPENAI_API_KEY, or the api_key of the config."
        )
    return key


def _checked_place(base_url: str) -> str:
    """The URL without user and password, for messages."""
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError(f"base_url must be like 'https://host/v1', not {base_url.rpartition('@')[2]!r}.")
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()


def _raise_ours(error: BaseException) -> None:
    """What a transport of ours raised comes out as it is, whatever it was wrapped in on its way.

    What was merely being handled meanwhile is no cause: an earlier attempt's error, as a rule.
    """
    cause = error.__cause__
    while cause is not None:
        if isinstance(cause, KaizenError):
            raise cause from cause.__cause__
        cause = cause.__cause__


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
