"""Which cassette is a test's, and how it is used: by its name, its marker, and the settings."""

from __future__ import annotations

import dataclasses
import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kaizen_eval.errors import ConfigError, RecordingError
from kaizen_eval.pytest_plugin import hooks, options, stage, unrecorded
from kaizen_eval.pytest_plugin.own_cassette import OwnCassette
from kaizen_eval.pytest_plugin.place import default_path, marked_path
from kaizen_eval.pytest_plugin.virtual import CASSETTE, LLM, NOT_RECORDED
from kaizen_eval.recording.cassette import Cassette
from kaizen_eval.recording.settings import CassetteSettings
from kaizen_eval.recording.writing.storage import find
from kaizen_eval.suggestion import suggestion

if TYPE_CHECKING:
    from kaizen_eval.recording.settings import Mode

__all__ = ["of", "skip_unrecorded", "used"]

_OF_ONE = {"faults", "lane", "pace"}
"""Settings that are about the exchanges of one cassette."""
_MODE = " The mode is what --kaizen-llm names."


def of(request: pytest.FixtureRequest, fixture: str) -> OwnCassette:
    """The cassette of the test that asks.

    With both `kaizen_llm` and `kaizen_cassette` a test has two: behind other doors agents ask no cassette, and the
    test's own clients are still answered from theirs.
    """
    tapes = stage.of(request.node).tapes
    name = fixture if {CASSETTE, LLM} <= {*request.node.fixturenames} else CASSETTE
    if name not in tapes:
        tapes[name] = _made(request.node, is_second=name == LLM)
    return tapes[name]


@contextmanager
def used(request: pytest.FixtureRequest) -> Iterator[Cassette]:
    """In this block the test's own clients ask its cassette."""
    from kaizen_eval.recording.in_use import within  # noqa: PLC0415 - as below
    from kaizen_eval.recording.use import cassette_in_use  # noqa: PLC0415 - loads HTTP clients, which takes long

    hooks.register(request.config)
    tape = of(request, CASSETTE)
    skip_unrecorded(tape, request.node)
    cassette = _opened(tape)
    environment = _environment(cassette.mode, options.read(request.config).base_url)
    with _variables(environment), cassette_in_use(cassette) as use, within(use):
        yield cassette


def skip_unrecorded(tape: OwnCassette, item: pytest.Item) -> None:
    """Skip a test that is to be replayed and that could not be recorded."""
    why = unrecorded.reason(tape.path, item) if tape.settings.mode == options.REPLAY else ""
    if why and find(tape.path) is None:
        pytest.skip(f"{NOT_RECORDED}{why}")


def _opened(tape: OwnCassette) -> Cassette:
    try:
        return tape.open()
    except RecordingError as error:
        raise pytest.fail.Exception(f"kaizen: {error}", pytrace=False) from None  # no line of the test has run yet


def _environment(mode: Mode, base_url: str | None) -> Mapping[str, str]:
    """What the OpenAI SDK is told: a replay needs no key, and the SDK refuses to make a client without one."""
    if mode != options.REPLAY:
        return {} if base_url is None else {"OPENAI_BASE_URL": base_url}
    return {} if os.environ.get("OPENAI_API_KEY") else {"OPENAI_API_KEY": "no-key"}


@contextmanager
def _variables(values: Mapping[str, str]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in values.items():
            environment.setenv(name, value)
        yield


def _made(item: pytest.Item, *, is_second: bool) -> OwnCassette:
    settings = options.read(item.config)
    given = _settings(_marked(item))
    path = marked_path(settings.cassettes, item) or default_path(settings.cassettes, item.nodeid)
    if settings.is_recording:
        _check_alone(item, path, settings.cassettes)
    if is_second:
        path = path.with_name(f"{path.stem}-{LLM}{path.suffix}")
        given = {name: value for name, value in given.items() if name not in _OF_ONE}
    mode: Mode = settings.door if settings.has_cassette else options.REPLAY  # type: ignore[assignment]  # checked there
    lane = given.pop("lane", "")
    try:
        settings_of_its_own = CassetteSettings(mode=mode, **given)
    except ConfigError as error:
        raise pytest.fail.Exception(f"The marker {CASSETTE}: {error}", pytrace=False) from None
    return OwnCassette(path, settings_of_its_own, lane=lane, command=_command(item))


def _command(item: pytest.Item) -> str:
    """What records its cassette, from where pytest was called."""
    module, colons, name = item.nodeid.partition("::")
    place = os.path.relpath(item.config.rootpath / module, item.config.invocation_params.dir)
    return f"pytest {shlex.quote(f'{place}{colons}{name}')} --kaizen-llm record"


def _settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """Checked by name."""
    known = ["lane", *(field.name for field in dataclasses.fields(CassetteSettings) if field.name != "mode")]
    for name in given:
        if name not in known:
            pytest.fail(
                f"The marker {CASSETTE} has no setting {name!r}{suggestion(name, known)} It takes a path, and: "
                f"{', '.join(known)}.{_MODE if name == 'mode' else ''}",
                pytrace=False,
            )
    return {**given}


def _marked(item: pytest.Item) -> dict[str, Any]:
    """The settings of all its markers; the one nearest to the test counts."""
    named: dict[str, Any] = {}
    for marker in item.iter_markers(CASSETTE):
        if len(marker.args) > 1:
            pytest.fail(f"The marker {CASSETTE} takes a path and settings by name, not {marker.args!r}.", pytrace=False)
        named = {**marker.kwargs, **named}
    return {name: value for name, value in named.items() if name != "path"}


def _check_alone(item: pytest.Item, path: Path, folder: Path) -> None:
    """Two tests that record one cassette would replace each other's."""
    sharing = [other.nodeid for other in item.session.items if marked_path(folder, other) == path]
    if len(sharing) > 1 and options.read(item.config).door == "record":
        pytest.fail(
            f"{len(sharing)} tests record the cassette {path}, and each would replace what the others recorded: "
            f"{', '.join(sharing[:3])}{', …' if len(sharing) > 3 else ''}. Leave out the path in their marker "
            f"{CASSETTE}, or give each its own.",
            pytrace=False,
        )
