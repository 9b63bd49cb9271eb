"""The hooks that only tests on virtual time need; registered when the first one is collected or set up."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Generator, Sequence
from typing import Any

import pytest

from kaizen_eval.pytest_plugin import loops, options, stage
from kaizen_eval.pytest_plugin.figures import figures
from kaizen_eval.pytest_plugin.virtual import (
    CASSETTE,
    needs_virtual_time,
    time_is_real,
    wants_virtual_time,
    was_skipped,
)

__all__ = [
    "prepare",
    "pytest_fixture_setup",
    "pytest_runtest_call",
    "pytest_runtest_makereport",
    "pytest_runtest_setup",
    "pytest_runtest_teardown",
    "register",
]

_NAME = "kaizen_hooks"
_NOT_USERS = ("_pytest", "anyio", "kaizen_eval", "pytest_")
"""What the modules of plugins begin with, whose fixtures ask no service."""


def prepare(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Register the hooks for these tests."""
    register(config)
    for item in items:
        if wants_virtual_time(item):
            loops.ask_for_own_loop(item)
        elif needs_virtual_time(item):
            item.add_marker(pytest.mark.skip(reason=time_is_real(options.read(item.config).door)))


def register(config: pytest.Config) -> None:
    if not config.pluginmanager.has_plugin(_NAME):
        config.pluginmanager.register(sys.modules[__name__], _NAME)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Virtual time begins before the first fixture, so that no loop is made before it."""
    if wants_virtual_time(item):
        loops.refuse_shared_loop(item)
        stage.of(item).enter_virtual_time()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Virtual time ends after the last fixture, when the test's loop is closed."""
    try:
        return (yield)
    finally:
        if stage.STAGE in item.stash:
            item.stash[stage.STAGE].close()
            del item.stash[stage.STAGE]  # the test may run again


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """The fixtures that bring an event loop to life bring a virtual one; those of wider scope are left alone."""
    if fixturedef.scope == "function" and _goes_on(fixturedef):
        own = request.node.stash.get(stage.STAGE, None)
        if own is not None and own.tapes and CASSETTE in request.fixturenames:  # else it cannot ask at its end
            own.may_ask_in_teardown = True
    if fixturedef.scope != "function" or not wants_virtual_time(request.node):
        return (yield)
    if _is_async(fixturedef.func) and "anyio_backend" in request.fixturenames:
        stage.of(request.node).lease_anyio_loop(request.getfixturevalue("anyio_backend"))
    if not loops.is_asyncio_runner(fixturedef):
        return (yield)
    stage.of(request.node).has_virtual_loop = True
    with loops.on_virtual_loop(fixturedef):
        return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    if wants_virtual_time(item) and _is_async(getattr(item, "obj", None)):
        _provide_loop(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The test's figures travel on its report, from xdist's workers too."""
    report = yield
    own = item.stash.get(stage.STAGE, None)
    if lacked := was_skipped(report):
        _tell_of_skip(report, lacked)
    elif call.when == "call" and own is not None:
        report.kaizen = _figures(own)  # type: ignore[attr-defined]  # ours alone
    if why := _unrecorded(report, own):
        report.kaizen_unrecorded = why  # type: ignore[attr-defined]  # ours alone
    return report


def _goes_on(fixturedef: pytest.FixtureDef[Any]) -> bool:
    """Whether it is somebody's own and does something when the test is over."""
    function: Any = inspect.unwrap(fixturedef.func)
    if str(function.__module__).startswith(_NOT_USERS):
        return False
    return inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)


def _figures(own: stage.Stage) -> dict[str, Any]:
    used = {str(tape.path): tape.figures() for tape in own.tapes.values() if tape.opened is not None}
    asks_a_service = any(cassette["mode"] != options.REPLAY and not cassette["service"] for cassette in used.values())
    journal = None if own.llm is None else own.llm.journal
    door = next((cassette["mode"] for cassette in used.values()), None) if own.llm is None else own.door
    return figures(journal, door, network=own.needs_network or asks_a_service, cassettes=used)


def _tell_of_skip(report: pytest.TestReport, lacked: str) -> None:
    """For the summary; and with -rs the place of the test is shown, not of the line in here that skips it."""
    path, line, _ = report.location
    report.longrepr = (path, (line or 0) + 1, f"Skipped: {_reason(report)}")
    report.kaizen_skipped = lacked  # type: ignore[attr-defined]  # ours alone


def _unrecorded(report: pytest.TestReport, own: stage.Stage | None) -> str:
    """Why what this test recorded, or would have, is not its cassette, though it did not fail."""
    if not report.skipped:
        return ""
    if hasattr(report, "kaizen_skipped"):
        return _reason(report)
    if own is None or not any(tape.has_lost for tape in own.tapes.values()):
        return ""
    if hasattr(report, "wasxfail"):
        return f"failed, as it was expected to: {report.wasxfail or 'xfail'}"
    return f"skipped itself: {_reason(report)}"


def _reason(report: pytest.TestReport) -> str:
    assert isinstance(report.longrepr, tuple)  # noqa: S101 - for the type checker
    return report.longrepr[2].removeprefix("Skipped: ")


def _provide_loop(item: Any) -> None:
    own = stage.of(item)
    if "anyio_backend" in item.funcargs:
        own.lease_anyio_loop(item.funcargs["anyio_backend"])
    elif item.get_closest_marker("asyncio") is not None and not own.has_virtual_loop:
        pytest.fail(
            "This test asks for virtual time, but pytest-asyncio made its event loop in a way that is not known here.",
            pytrace=False,
        )


def _is_async(function: object) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
