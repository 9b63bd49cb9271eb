"""Where a server of tools is: what the user said, checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from os import PathLike, fspath
from typing import Any
from urllib.parse import urlsplit

from kaizen_eval.errors import ConfigError

__all__ = ["Command", "Endpoint", "Given", "Url", "endpoint_of"]


@dataclass(frozen=True, slots=True)
class Command:
    """A program to start, which is spoken to over its stdin and stdout."""

    words: tuple[str, ...]
    env: Mapping[str, str] | None = field(default=None, repr=False)
    """Beside PATH, HOME and the few others that are always passed on."""
    cwd: str | None = None

    def __str__(self) -> str:
        return self.words[0].rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Url:
    """Streamable HTTP."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        """Without user, password and query, which may be secrets."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


@dataclass(frozen=True, slots=True)
class Given:
    """A transport of the `mcp` package that the user makes."""

    transport: Callable[[], AbstractAsyncContextManager[Any]]

    def __str__(self) -> str:
        return getattr(self.transport, "__qualname__", type(self.transport).__name__)


Endpoint = Command | Url | Given


def endpoint_of(  # noqa: PLR0913 - whatever says where a server is
    command: object,
    url: object,
    transport: object,
    *,
    env: Mapping[str, str] | None,
    cwd: str | PathLike[str] | None,
    headers: Mapping[str, str] | None,
) -> Endpoint:
    """The one that was given.

    Raises:
        ConfigError: none was, or several, or one that cannot be.
    """
    if sum(given is not None for given in (command, url, transport)) != 1:
        raise ConfigError("MCPServer takes one of command=[…], url=… and transport=…, and no other beside it.")
    if command is None and (env is not None or cwd is not None):
        raise ConfigError("env and cwd are for a server that is started: give them with command=[…].")
    if url is None and headers is not None:
        raise ConfigError("headers are for a server that is asked over HTTP: give them with url=….")
    if command is not None:
        return Command(_words(command), None if env is None else dict(env), None if cwd is None else fspath(cwd))
    return Url(_address(url), dict(headers or {})) if url is not None else Given(_maker(transport))


def _words(command: object) -> tuple[str, ...]:
    if isinstance(command, str) or not isinstance(command, Sequence):
        raise ConfigError(f'command takes a list of words, such as ["npx", "-y", "a-server"], not {command!r}.')
    if not command or not all(isinstance(word, str) for word in command):
        raise ConfigError("command takes a list of texts, the program's name first.")
    return tuple(command)


def _address(url: object) -> str:
    if not isinstance(url, str) or urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
        raise ConfigError('url takes an address such as "http://127.0.0.1:8000/mcp".')
    return url


def _maker(transport: object) -> Callable[[], AbstractAsyncContextManager[Any]]:
    if not callable(transport):
        raise ConfigError(f"transport takes a function that opens one, such as FakeMCP().transport, not {transport!r}.")
    return transport
