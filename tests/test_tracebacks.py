"""Tracebacks can be cut down to the reader's own lines, whatever an error came from."""

from __future__ import annotations

import asyncio
import json
import traceback

import pydantic
import pytest

from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import InputError
from kaizen_eval.signatures import InputField, Signature
from kaizen_eval.tracebacks import is_foreign, shorten_all


class Question(Signature):
    text: str = InputField()


def functions(error):
    return [frame.name for frame in traceback.extract_tb(error.__traceback__)]


def test_only_the_readers_lines_are_left():
    with pytest.raises(InputError) as caught:
        BaseAgent(signature=Question).run(text=3)
    error = caught.value
    shorten_all(error)
    assert functions(error) == ["test_only_the_readers_lines_are_left"]


def fails_in_turn():
    try:
        {}["mine"]
    except KeyError as cause:
        raise InputError("ours") from cause


def test_what_an_error_came_from_is_cut_as_well():
    with pytest.raises(InputError) as caught:
        asyncio.run(asyncio.to_thread(fails_in_turn))
    shorten_all(caught.value)
    assert functions(caught.value)[-1] == "fails_in_turn"
    assert functions(caught.value.__cause__) == ["fails_in_turn"]


def test_an_error_that_is_its_own_context_is_no_endless_loop():
    error = ValueError("round")
    error.__context__ = KeyError("and round")
    error.__context__.__context__ = error
    shorten_all(error)
    assert functions(error) == []


@pytest.mark.parametrize(
    ("file", "foreign"),
    [(asyncio.__file__, True), (pydantic.__file__, True), (json.__file__, False), (__file__, False)],
)
def test_what_is_ours_asyncios_or_installed_is_foreign(file, foreign):
    assert is_foreign(file) is foreign
