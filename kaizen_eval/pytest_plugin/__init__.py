"""What pytest sees of kaizen-eval: options, fixtures, hooks; all work is done in modules loaded on first use."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

from kaizen_eval.pytest_plugin import options, virtual

if TYPE_CHECKING:
    from kaizen_eval.fake import FakeLLM
    from kaizen_eval.pytest_plugin.agents import AgentFactory
    from kaizen_eval.pytest_plugin.served import ServedLLM
    from kaizen_eval.recording.cassette import Cassette
    from kaizen_eval.resilience.clock import VirtualClock

__all__ = [
    "kaizen_agent",
    "kaizen_cassette",
    "kaizen_clock",
    "kaizen_llm",
    "kaizen_server",
    "pytest_addoption",
    "pytest_collection_finish",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_runtest_call",
    "pytest_runtest_setup",
    "pytest_runtest_teardown",
    "pytest_terminal_summary",
]

_HEAVY = frozenset({"kaizen_eval.fake.misses", "kaizen_eval.pytest_plugin.stage"})

if "kaizen_eval.testing" not in sys.modules:  # else pytest warns that it is too late
    pytest.register_assert_rewrite("kaizen_eval.testing")


@pytest.fixture
def kaizen_clock(request: pytest.FixtureRequest) -> Iterator[VirtualClock]:
    """Virtual time for this test: waits are over at once, and `kaizen_clock.elapsed` adds them up."""
    from kaizen_eval.pytest_plugin import fixtures  # noqa: PLC0415 - loaded by the first test that uses it

    with fixtures.clock(request) as clock:
        yield clock


@pytest.fixture
def kaizen_llm(request: pytest.FixtureRequest) -> Iterator[FakeLLM]:
    """A FakeLLM that every agent without a provider of its own asks, whatever its config says.

    On virtual time; behind the door "server" on real time.
    """
    from kaizen_eval.pytest_plugin import fixtures  # noqa: PLC0415 - loaded by the first test that uses it

    with fixtures.llm(request) as llm:
        yield llm


@pytest.fixture
def kaizen_server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServedLLM]:
    """A FakeLLM that answers over HTTP, at `.base_url`; OPENAI_BASE_URL and OPENAI_API_KEY lead to it. On real time."""
    from kaizen_eval.pytest_plugin import served  # noqa: PLC0415 - loaded by the first test that uses it

    with served.server(request, monkeypatch) as llm:
        yield llm


@pytest.fixture
def kaizen_cassette(request: pytest.FixtureRequest) -> Iterator[Cassette]:
    """What answers the test's own HTTP clients: its cassette, in the mode that `--kaizen-llm` names, else replayed."""
    from kaizen_eval.pytest_plugin import cassettes  # noqa: PLC0415 - loaded by the first test that uses it

    with cassettes.used(request) as cassette:
        yield cassette


@pytest.fixture
def kaizen_agent(request: pytest.FixtureRequest, kaizen_llm: FakeLLM) -> AgentFactory:  # noqa: ARG001 - is asked
    """Makes agents for this test: `kaizen_agent(MyAgent, max_turns=3)` or `kaizen_agent(signature=QA)`."""
    from kaizen_eval.pytest_plugin.agents import AgentFactory  # noqa: PLC0415 - loaded by the first test that uses it

    return AgentFactory(options.read(request.config))


def pytest_addoption(parser: pytest.Parser) -> None:
    options.declare(parser)


def pytest_configure(config: pytest.Config) -> None:
    settings = options.read(config)
    config.addinivalue_line(
        "markers", f"{virtual.MARKER}: run this test on virtual time; an async test's event loop is virtual, too."
    )
    config.addinivalue_line(
        "markers",
        f"{virtual.CASSETTE}(path=None, **settings): record or replay this test's HTTP traffic; settings are those of "
        "use_cassette.",
    )
    if settings.has_cassette:
        _watch(config, settings)


def _watch(config: pytest.Config, settings: options.Settings) -> None:
    """What is known of all tests together; xdist's controller hears what became of every one."""
    from kaizen_eval.pytest_plugin.census import Census  # noqa: PLC0415 - as below
    from kaizen_eval.pytest_plugin.orphans import Orphans  # noqa: PLC0415 - as below
    from kaizen_eval.pytest_plugin.unrecorded import Recorder  # noqa: PLC0415 - most pytest runs never need it

    census = Census(settings.cassettes)
    config.pluginmanager.register(census, "kaizen_census")
    if hasattr(config, "workerinput"):
        return
    if settings.is_recording:
        config.pluginmanager.register(Recorder(census), "kaizen_recorder")
    if settings.door != "live":
        config.pluginmanager.register(Orphans(census), "kaizen_orphans")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test with the marker uses the fixture."""
    for item in items:
        if virtual.CASSETTE in item.keywords and item.get_closest_marker(virtual.CASSETTE) is not None:
            names = getattr(item, "fixturenames", [])
            if virtual.CASSETTE not in names and virtual.LLM not in names:
                names.insert(0, virtual.CASSETTE)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tests that ask for virtual time bring in the hooks that give it; without any, none is registered.

    A strategy that was asked for is loaded once, so that a wrong name is heard of, also where no test uses it.
    """
    wanted = options.read(session.config).strategy
    if wanted is not None and not session.testsfailed:  # else a module may be missing because its file is broken
        from kaizen_eval.pytest_plugin import strategy  # noqa: PLC0415 - most pytest runs never need it

        strategy.check(wanted, session)
    items = [item for item in session.items if virtual.is_ours(item)]
    if items:
        from kaizen_eval.pytest_plugin import hooks  # noqa: PLC0415 - most pytest runs never need it

        hooks.prepare(session.config, items)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """What fails while fixtures are set up is told as what fails in a test."""
    __tracebackhide__ = True
    return (yield from _settled(item, "setup"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A test that has passed fails after all when a fake had no answer, or when a real host was asked."""
    __tracebackhide__ = True
    return (yield from _settled(item, "call"))  # outermost, so that what other plugins raise is seen, too


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """The same for what happens while fixtures are torn down."""
    __tracebackhide__ = True
    return (yield from _settled(item, "teardown"))


def _settled(item: pytest.Item, phase: str) -> Generator[None, object, object]:
    __tracebackhide__ = True
    try:
        result = yield
    except BaseException as error:
        _settle(item, phase, error)
        raise
    _settle(item, phase, None)
    return result


def _settle(item: pytest.Item, phase: str, error: BaseException | None) -> None:
    """Nothing at all in pytest runs that have loaded neither a fake nor a fixture of ours."""
    if not sys.modules.keys().isdisjoint(_HEAVY):
        from kaizen_eval.pytest_plugin import ending  # noqa: PLC0415 - most pytest runs never need it

        ending.settle(item, phase, error)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    seen = [report for reports in terminalreporter.stats.values() for report in reports]
    ours = [report for report in seen if hasattr(report, "kaizen")]
    skipped = Counter(
        {report.nodeid: report.kaizen_skipped for report in seen if hasattr(report, "kaizen_skipped")}.values()
    )
    if (ours or skipped) and not terminalreporter.no_summary:
        from kaizen_eval.pytest_plugin import summary  # noqa: PLC0415 - most pytest runs never need it

        summary.write(terminalreporter, ours, skipped=skipped)
