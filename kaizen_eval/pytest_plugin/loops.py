"""Virtual event loops for async tests, under pytest-asyncio as well as anyio, and for no other test."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from kaizen_eval.resilience.clock import VirtualLoop

__all__ = ["ask_for_own_loop", "is_asyncio_runner", "lease_anyio_loop", "on_virtual_loop", "refuse_shared_loop"]

# pytest-asyncio's own hook for this, pytest_asyncio_loop_factories, has to answer for every async test of a run once
# it exists, and its answer is a parameter of a session-scoped fixture: mixed answers would end and restart the
# session's and the modules' loops between tests. So the one fixture that makes a test's own loop is told instead.
_RUNNER = "_function_scoped_runner"
_FACTORY = "_asyncio_loop_factory"


def ask_for_own_loop(item: pytest.Item) -> None:
    """A test of pytest-asyncio gets a loop of its own, also where the ini file lets tests share one."""
    marker = item.get_closest_marker("asyncio")
    if marker is not None and _scope_of(marker) is None:
        item.add_marker(pytest.mark.asyncio(**{**marker.kwargs, "loop_scope": "function"}), append=False)


def refuse_shared_loop(item: pytest.Item) -> None:
    marker = item.get_closest_marker("asyncio")
    scope = None if marker is None else _scope_of(marker)
    if scope not in {None, "function"}:
        pytest.fail(
            f"This test asks for virtual time and for loop_scope={scope!r}: virtual time needs an event loop that no "
            "other test shares. Leave loop_scope away, or write loop_scope='function'.",
            pytrace=False,
        )


def _scope_of(marker: pytest.Mark) -> str | None:
    return marker.kwargs.get("loop_scope") or marker.kwargs.get("scope")


def is_asyncio_runner(fixture: pytest.FixtureDef[Any]) -> bool:
    """Whether this is pytest-asyncio's fixture that makes a test's own event loop."""
    return fixture.argname == _RUNNER and _FACTORY in fixture.argnames


@contextmanager
def on_virtual_loop(fixture: pytest.FixtureDef[Any]) -> Iterator[None]:
    """While it is set up, the fixture makes its event loop virtual."""
    make = fixture.func
    _replace_function(fixture, _with_virtual_factory(make))
    try:
        yield
    finally:
        _replace_function(fixture, make)


def _with_virtual_factory(make: Callable[..., Generator[Any, None, None]]) -> Callable[..., Generator[Any, None, None]]:
    def virtual(**arguments: Any) -> Generator[Any, None, None]:
        yield from make(**arguments | {_FACTORY: VirtualLoop})

    return virtual


def _replace_function(fixture: pytest.FixtureDef[Any], function: Callable[..., Any]) -> None:
    """As pytest-asyncio and anyio themselves do; pytest declares the attribute final."""
    object.__setattr__(fixture, "func", function)


def lease_anyio_loop(backend: object, stack: ExitStack) -> None:
    """Have anyio run everything on a virtual loop until the stack is closed."""
    from anyio.pytest_plugin import extract_backend_and_options, get_runner  # noqa: PLC0415 - its plugin loaded it

    name, settings = extract_backend_and_options(backend)
    if name != "asyncio":
        pytest.skip(f"virtual time needs asyncio, this is {name}")
    runner = stack.enter_context(get_runner(name, {**settings, "loop_factory": VirtualLoop}))
    if not isinstance(runner.get_loop(), VirtualLoop):  # type: ignore[attr-defined]  # the runner of asyncio has it
        pytest.fail(
            "This test asks for virtual time, but an async fixture of a wider scope keeps anyio's event loop, which "
            "is a real one. Give that fixture function scope, or move the test to a module that does not use it.",
            pytrace=False,
        )
