"""`kaizen-eval faults`: a list for people, one fault in detail, everything as JSON."""

from __future__ import annotations

import json
import re

import pytest

from kaizen_eval.cli import main
from kaizen_eval.fake import FAULTS, FakeLLM
from kaizen_eval.fake.faults import fault_of
from kaizen_eval.fake.faults.malformed import KINDS

RATE_LIMIT = """\
rate_limit (HTTP statuses), RateLimit in kaizen_eval.fake
429, code rate_limit_exceeded.

the OpenAI SDK  RateLimitError, tried again
our agents      RateLimited, tried again
door direct     the same
door sdk        the same
door server     the same

Details
latency           None   Instead of the fake's own; a number is in seconds.
message           None   The provider's words; None stands for what OpenAI usually says.
retry_after       None   Seconds.
retry_after_ms    None   Milliseconds, in a header of their own; goes before retry_after.
retry_after_text  None   retry-after to the letter, however absurd: "soon", "-1".
retry_after_date  False  Whether retry_after is sent as an HTTP date (whole seconds, rounded up)
                         instead of a number.
should_retry      None   x-should-retry: goes before what the status says.
html              False  Whether a gateway's page stands where a JSON error belongs.

Python
llm.fail("rate_limit", retry_after=20).times(1)

In a script file
- fail: {rate_limit: {retry_after: 20}}
  times: 1
"""


@pytest.fixture(autouse=True)
def _terminal(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")


def told(capsys, *arguments: str) -> str:
    assert main(["faults", *arguments]) == 0
    return capsys.readouterr().out


def test_one_fault_is_told_in_detail(capsys):
    assert told(capsys, "rate_limit") == RATE_LIMIT


def test_a_fault_is_known_by_its_class_too(capsys):
    assert told(capsys, "RateLimit") == RATE_LIMIT


def test_the_list_has_every_fault_in_its_order(capsys):
    listed = re.findall(r"^ ([a-z_0-9]+) {2,}", told(capsys), re.MULTILINE)
    assert [name for name in listed if name in FAULTS] == [row["name"] for row in as_json(capsys)]


def as_json(capsys, *arguments: str):
    return json.loads(told(capsys, "--json", *arguments))


def test_json_has_everything(capsys):
    assert [row["name"] for row in as_json(capsys)] == list(FAULTS)
    assert as_json(capsys, "hang") == next(row for row in as_json(capsys) if row["name"] == "hang")


def test_malformed_names_its_kinds(capsys):
    said = told(capsys, "malformed")
    kinds = said.partition("Kinds\n")[2].partition("\n\n")[0].replace("\n", " ")
    assert kinds.split(", ") == list(KINDS)


def test_a_door_where_a_fault_is_something_else_says_what(capsys):
    said = told(capsys, "connection_refused")
    assert "door sdk        the same\ndoor server     resets the connection that it has accepted\n" in said
    assert "door direct     the same\n" in told(capsys, "stream_cut")


def test_a_fault_of_streams_tells_what_run_stream_raises(capsys):
    assert "our agents      ConnectionLost, tried again\n" in told(capsys, "stream_cut")


def test_an_unknown_fault_is_refused_with_a_suggestion(capsys):
    assert main(["faults", "rate_limt"]) == 2
    assert capsys.readouterr().err == (
        "kaizen-eval: There is no fault 'rate_limt'; did you mean 'rate_limit'? `kaizen-eval faults` lists them all.\n"
    )


@pytest.mark.parametrize("arguments", [(), ("slow_body",), ("malformed",)])
@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_line_is_wider_than_the_terminal(capsys, monkeypatch, width, arguments):
    monkeypatch.setenv("COLUMNS", str(width))
    assert max(map(len, told(capsys, *arguments).splitlines())) <= width


def test_colors_come_and_go_as_asked(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in told(capsys, "rate_limit")
    assert told(capsys, "rate_limit", "--no-color") == RATE_LIMIT
    monkeypatch.setenv("NO_COLOR", "1")
    assert told(capsys, "rate_limit") == RATE_LIMIT


@pytest.mark.parametrize("name", FAULTS)
def test_the_examples_work(capsys, name):
    said = told(capsys, name)
    fake = FakeLLM()
    python = said.partition("Python\n")[2].partition("\n")[0]
    exec(python, {"llm": fake})  # noqa: S102 - the line that we print
    example = as_json(capsys, name)["example"]
    [rule] = fake._desk.script.rules
    assert (rule.action, rule.limit) == (fault_of(name, example), 1)
