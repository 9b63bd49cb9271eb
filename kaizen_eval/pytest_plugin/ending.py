"""The end of a test: what it must not have done fails it, also where its own code swallowed the error."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

import pytest

from kaizen_eval.errors import KaizenError, RecordingError, ScriptError, ScriptMiss
from kaizen_eval.pytest_plugin import stage
from kaizen_eval.tracebacks import shorten_all

if TYPE_CHECKING:
    from kaizen_eval.fake import FakeLLM
    from kaizen_eval.fake.misses import Miss
    from kaizen_eval.pytest_plugin.own_cassette import OwnCassette

__all__ = ["RECIPE", "settle"]

RECIPE = """\
kaizen: @given runs the test's body once per example, and all examples would share one fake, one script and one clock.
Make them in the body instead:

    from kaizen_eval.testing import FakeLLM, use_llm, virtual_time

    @settings(deadline=None)  # the first example loads libraries
    @given(...)
    def test_...(value):
        with virtual_time() as clock, use_llm(FakeLLM()) as llm:
            ..."""


def settle(item: pytest.Item, phase: str, error: BaseException | None) -> None:
    """Fail the phase when nothing else has; otherwise show what was found beside what failed.

    An error of ours says all it knows in its message: its traceback keeps the reader's own lines, unless pytest was
    asked for the whole with `--full-trace`.
    """
    _skip_if_due(item)
    if isinstance(error, pytest.skip.Exception):
        _discard_cassettes(item)
    if isinstance(error, KaizenError) and not item.config.getoption("fulltrace"):
        shorten_all(error)
    if error is not None and _is_shared_by_examples(error):
        error.add_note(RECIPE)
    if phase == "setup" and error is None:
        return  # what was found is told with the test itself
    complaints = _complaints(item, phase, str(error))
    passed = error is None and not complaints
    is_to_go_on = phase == "call" and passed and _may_ask_in_teardown(item)
    about_cassettes = [] if is_to_go_on else _about_cassettes(item, passed=passed)
    found = "\n\n".join([*complaints, *about_cassettes])
    if found and error is None:
        pytest.fail(found, pytrace=False)
    if found:
        item.add_report_section(phase, "kaizen", found)
    if found and isinstance(error, KeyboardInterrupt):
        _tell_at_once(item.config, found)


def _tell_at_once(config: pytest.Config, found: str) -> None:
    """A test that is interrupted gets no report."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None:
        terminal.ensure_newline()
        terminal.write_line(found)


def _skip_if_due(item: pytest.Item) -> None:
    """What a test has missed when it was stopped does not count."""
    why = item.stash[stage.STAGE].take_skip() if stage.STAGE in item.stash else ""
    if why:
        _discard_cassettes(item)
        _complaints(item, "teardown", "")
        pytest.skip(why)


def _complaints(item: pytest.Item, phase: str, known: str) -> list[str]:
    missed = [miss for miss in _misses() if miss.message not in known]
    found = [_about_misses(missed)] if missed else []
    if stage.STAGE in item.stash:
        found += _about_stage(item.stash[stage.STAGE], phase, known)
    return found


def _discard_cassettes(item: pytest.Item) -> None:
    """A test that is skipped has recorded nothing, whatever it asked before."""
    for tape in _tapes(item):
        tape.discard()


def _about_cassettes(item: pytest.Item, *, passed: bool) -> list[str]:
    """What is found when the test's cassettes are closed, which keep a recording only of a test that has passed."""
    return [f"kaizen: {words}" for tape in _tapes(item) if (words := _closed(tape, passed=passed))]


def _may_ask_in_teardown(item: pytest.Item) -> bool:
    return stage.STAGE in item.stash and item.stash[stage.STAGE].may_ask_in_teardown


def _closed(tape: OwnCassette, *, passed: bool) -> str:
    from kaizen_eval.recording.verdict import CassetteWarning  # noqa: PLC0415 - most tests have no cassette

    try:
        return tape.close(passed=passed)
    except (RecordingError, CassetteWarning) as error:  # warnings are errors with `-W error`
        return "\n".join([str(error), *getattr(error, "__notes__", ())])


def _tapes(item: pytest.Item) -> Sequence[OwnCassette]:
    return [*item.stash[stage.STAGE].tapes.values()] if stage.STAGE in item.stash else []


def _about_stage(own: stage.Stage, phase: str, known: str) -> list[str]:
    unfinished = _unfinished(own.llm) if phase == "call" and own.llm is not None else ""
    refused = own.take_refused()
    found = [f"kaizen: {unfinished}"] if unfinished and unfinished not in known else []
    return [*found, *([_about_hosts(refused)] if refused else [])]


def _unfinished(llm: FakeLLM) -> str:
    try:
        llm.check_script()
    except ScriptError as error:
        return str(error)
    return ""


def _misses() -> tuple[Miss, ...]:
    """What fakes had no answer for since the last time, in whatever test or thread they were made."""
    misses = sys.modules.get("kaizen_eval.fake.misses")
    taken: tuple[Miss, ...] = () if misses is None else misses.take()
    return taken


def _about_misses(missed: Sequence[Miss]) -> str:
    kinds = {miss.kind for miss in missed}
    whose = "cassette" if any(issubclass(kind, RecordingError) for kind in kinds) else "fake"
    messages = dict.fromkeys(miss.message for miss in missed)
    return "\n\n".join(
        [
            f"kaizen: {_what_failed(kinds)}, and the error did not reach the test.",
            *messages,
            f"Or, if the test means it, call forgive_misses() on the {whose}.",
        ]
    )


def _what_failed(kinds: AbstractSet[type[KaizenError]]) -> str:
    if any(issubclass(kind, RecordingError) for kind in kinds):
        return "a cassette could not answer"
    if ScriptMiss in kinds:
        return "a fake LLM was asked what its script does not answer"
    if ScriptError in kinds:
        return "the script of a fake LLM failed"
    return "a fake LLM was asked what it does not speak"


def _about_hosts(hosts: Sequence[str]) -> str:
    names = ", ".join(repr(host) for host in hosts)
    return (
        f"kaizen: this test asked for {names} on the network. Nothing was sent: a test with kaizen fixtures reaches "
        "this machine only. Let the agent use the fake (no provider of its own, not even in its config), or, if the "
        f"host is meant, wrap the code in `with kaizen_eval.testing.allow_hosts({names}):`."
    )


def _is_shared_by_examples(error: BaseException) -> bool:
    """Hypothesis's own health check about function-scoped fixtures, over one of ours."""
    return type(error).__name__ == "FailedHealthCheck" and "function-scoped fixture 'kaizen_" in str(error)
