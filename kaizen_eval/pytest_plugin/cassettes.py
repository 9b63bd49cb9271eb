"""Which cassette is a test's, and how it is used: by its name, its marker, and the settings."""

from __future__ import annotations

import dataclasses
import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from kaizen_eval.errors import RecordingError
from kaizen_eval.pytest_plugin import hooks, options, stage
from kaizen_eval.pytest_plugin.own_cassette import OwnCassette
from kaizen_eval.pytest_plugin.place import default_path
from kaizen_eval.pytest_plugin.virtual import CASSETTE
from kaizen_eval.recording.cassette import Cassette
from kaizen_eval.recording.settings import CassetteSettings
from kaizen_eval.suggestion import suggestion

if TYPE_CHECKING:
    from kaizen_eval.recording.settings import Mode

__all__ = ["of", "used"]


def of(request: pytest.FixtureRequest) -> OwnCassette:
    """The cassette of the test that asks, the same for all of its fixtures."""
    own = stage.of(request.node)
    if own.tape is None:
        own.tape = _made(request.node)
    return own.tape


@contextmanager
def used(request: pytest.FixtureRequest) -> Iterator[Cassette]:
    """In this block the test's own clients ask its cassette."""
    from kaizen_eval.recording.in_use import within  # noqa: PLC0415 - as below
    from kaizen_eval.recording.use import cassette_in_use  # noqa: PLC0415 - loads HTTP clients, which takes long

    hooks.register(request.config)
    cassette = _opened(of(request))
    environment = _environment(cassette.mode, options.read(request.config).base_url)
    with _variables(environment), cassette_in_use(cassette) as use, within(use):
        yield cassette


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


def _made(item: pytest.Item) -> OwnCassette:
    settings = options.read(item.config)
    marked = _marked(item)
    given = marked.pop("path", None)
    mode: Mode = settings.door if settings.has_cassette else options.REPLAY  # type: ignore[assignment]  # checked there
    path = settings.cassettes / given if given else default_path(settings.cassettes, item.nodeid)
    command = f"pytest {shlex.quote(item.nodeid)} --kaizen-llm record"
    return OwnCassette(path, _settings({"mode": mode, **marked}), command=command)


def _settings(given: Mapping[str, Any]) -> CassetteSettings:
    known = [field.name for field in dataclasses.fields(CassetteSettings)]
    for name in given:
        if name not in known:
            pytest.fail(
                f"The marker {CASSETTE} has no setting {name!r}{suggestion(name, known)} It takes a path, and: "
                f"{', '.join(known)}.",
                pytrace=False,
            )
    return CassetteSettings(**given)


def _marked(item: pytest.Item) -> dict[str, Any]:
    marker = item.get_closest_marker(CASSETTE)
    if marker is None:
        return {}
    named: Mapping[str, Any] = marker.kwargs
    if len(marker.args) > 1:
        pytest.fail(f"The marker {CASSETTE} takes a path and settings by name, not {marker.args!r}.", pytrace=False)
    return {**({"path": marker.args[0]} if marker.args else {}), **named}
