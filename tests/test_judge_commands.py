"""Commands that are judged: real processes, real sockets on loopback, real time; so they are few and quick."""

from __future__ import annotations

import asyncio
import errno
import os
import sys
from pathlib import Path

import pytest
from judge_doubles import attempt, seen

from kaizen_eval import FakeLLM
from kaizen_eval.conformance.clients.command import Command
from kaizen_eval.conformance.clients.environment import arguments, environment
from kaizen_eval.conformance.clients.judging import judge_command
from kaizen_eval.conformance.clients.plan import Terms
from kaizen_eval.conformance.clients.plans import plans_named
from kaizen_eval.conformance.clients.rehearsal import refuse_unfit
from kaizen_eval.errors import ServerFailed, UsageError

pytestmark = pytest.mark.usefixtures("ctrl_c")
CLIENTS = Path(__file__).with_name("judged_clients")
ASKING = """
import os, signal, sys, time
from http.client import HTTPConnection
from urllib.parse import urlsplit

BODY = '{"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}'

def ask(path="/v1/chat/completions", url=os.environ["OPENAI_BASE_URL"], body=BODY):
    connection = HTTPConnection(urlsplit(url).netloc)
    connection.request("POST", path, body, {"content-type": "application/json"})
    return connection.getresponse().status
"""


def client(name: str, *given: str) -> list[str]:
    return [sys.executable, "-I", str(CLIENTS / f"{name}.py"), *given]


def with_libraries(name: str, *given: str) -> list[str]:
    return [sys.executable, str(CLIENTS / f"{name}.py"), *given]


def program(source: str) -> list[str]:
    return [sys.executable, "-I", "-c", f"{ASKING}\n{source}"]


def judged(command, *plans, serve=FakeLLM.serve, **terms):
    return asyncio.run(judge_command(command, plans_named(plans), Terms.of(**terms), serve=serve))


def violated(report) -> dict[str, list[str]]:
    return {ruling.law.id: [held.plan.name for held in ruling.violated] for ruling in report.violated}


def refusal(command, **terms) -> str:
    with pytest.raises(UsageError) as refused:
        judged(command, "clean", **terms)
    return str(refused.value)


def test_a_client_that_keeps_every_law_is_found_to_do_so():
    report = judged(client("polite"))
    not_shown = [ruling.law.id for ruling in report.rulings if ruling.verdict == "not shown"]
    assert (violated(report), not_shown) == ({}, ["timeout.deadline", "answer.cut-stream"])


def test_a_client_that_asks_until_something_comes_is_a_storm_and_takes_all_for_an_answer():
    found = violated(judged(client("naive")))
    found.pop("retry.waits", None)  # a machine that is busy makes it wait
    assert found == {
        "retry.budget": [
            "rate-limit-storm",
            "server-errors",
            "resets",
            "bad-request",
            "unauthorized",
            "not-found",
            "quota",
        ],
        "retry.retry-after": ["rate-limit", "unavailable-until", "rate-limit-storm"],
        "retry.permanent": ["bad-request", "unauthorized", "not-found", "quota"],
        "retry.attempts": ["cut-body"],
        "answer.cut-body": ["truncated"],
        "answer.html": ["html"],
        "answer.empty": ["empty-body", "empty"],
        "answer.length": ["length"],
        "answer.refusal": ["refusal", "content-filter"],
    }


# Each start of an SDK takes more than a second: what docs/judge.md shows of them, which is tested there, is not here.


def test_the_plain_sdk_waits_as_it_is_told_and_takes_what_was_refused_for_an_answer():
    assert violated(judged(with_libraries("plain_sdk"), "rate-limit", "refusal")) == {"answer.refusal": ["refusal"]}


def test_the_plain_sdk_takes_no_stream_for_an_answer_whose_connection_broke():
    assert violated(judged(with_libraries("plain_sdk", "stream"), "stream-closed")) == {}


def test_our_own_provider_has_none_of_these_lapses():
    report = judged(with_libraries("our_agent"), "rate-limit", "html", "refusal")
    kept = [ruling.law.id for ruling in report.rulings if ruling.verdict == "kept"]
    assert violated(report) == {}
    assert {"retry.retry-after", "answer.html", "answer.refusal"} <= set(kept)


def test_a_command_that_does_not_heed_an_interrupt_is_ended_and_cancelled_late():
    report = judged(program("signal.signal(signal.SIGINT, signal.SIG_IGN); ask()"), "interrupt")
    [ruling] = report.violated
    [showing] = ruling.showings
    assert (ruling.law.id, showing.seen.ended, showing.seen.exit_code) == (
        "timeout.cancels-the-request",
        "interrupt",
        None,
    )


def test_a_client_that_waits_for_ever_overruns_its_deadline_and_is_ended_soon_after():
    report = judged(program("ask()"), "hang", deadline=0.5)
    [ruling] = report.violated
    assert (ruling.law.id, ruling.showings[0].seen.ended) == ("timeout.deadline", "deadline")
    assert ruling.showings[0].told.endswith("after the deadline. It was ended there.")


def test_plans_that_need_a_deadline_are_left_out_without_one():
    report = judged(program("ask()"), "clean", "hang")
    assert ([each.plan.name for each in report.played], [plan.name for plan in report.left_out]) == (
        ["clean"],
        ["hang"],
    )


def test_whoever_a_command_has_started_ends_with_it(tmp_path):
    held = tmp_path / "held"
    os.mkfifo(held)
    reader = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
    judged(
        program(f"import subprocess; subprocess.Popen(['sleep', '600'], stdout=open({str(held)!r}, 'w')); ask()"),
        "clean",
    )
    os.set_blocking(reader, True)
    with os.fdopen(reader, "rb") as nobody_writes:
        assert nobody_writes.read() == b""


def test_a_client_may_be_told_the_url_by_an_argument():
    asks = program("ask(url=sys.argv[1])")
    assert violated(judged([*asks, "{base_url}"], "clean")) == {}


@pytest.mark.parametrize("endpoint", ["chat/completions", "responses"])
@pytest.mark.parametrize(("stream", "law"), [("false", "answer.cut-body"), ("true", "answer.cut-stream")])
def test_a_reply_that_was_cut_is_none_at_each_endpoint(endpoint, stream, law):
    told = '"input": "Hello"' if endpoint == "responses" else '"messages": [{"role": "user", "content": "Hello"}]'
    body = f'{{"model": "gpt-4o", "stream": {stream}, {told}}}'
    assert violated(judged(program(f"ask('/v1/{endpoint}', body={body!r})"), "truncated")) == {law: ["truncated"]}


def test_what_leads_a_client_to_the_fake_goes_before_what_the_environment_says():
    given = {"OPENAI_BASE_URL": "https://else.invalid", "NO_PROXY": "else.invalid", "LANG": "C"}
    assert environment("http://127.0.0.1:9/v1", given) == {
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "OPENAI_API_BASE": "http://127.0.0.1:9/v1",
        "KAIZEN_BASE_URL": "http://127.0.0.1:9/v1",
        "OPENAI_API_KEY": "sk-kaizen-judge",
        "KAIZEN_API_KEY": "sk-kaizen-judge",
        "NO_PROXY": "127.0.0.1,else.invalid",
        "no_proxy": "127.0.0.1",
        "LANG": "C",
    }


def test_an_argument_keeps_its_other_braces():
    assert arguments(["a", "{base_url}/x", '{"b": {}}'], "http://h/v1") == ["a", "http://h/v1/x", '{"b": {}}']


def test_a_command_that_asks_nothing_is_told_where_to_ask():
    assert refusal([sys.executable, "-c", "print('Hello'); exit(3)"]) == (
        "The command made no request to the fake (it exited with 3): does it read OPENAI_BASE_URL or OPENAI_API_BASE "
        "or KAIZEN_BASE_URL? Where it takes an argument, {base_url} in that stands for the URL.\n"
        "Its stdout:\n  Hello"
    )


def test_a_command_that_never_ends_is_ended():
    assert refusal(program("ask(); time.sleep(60)"), timeout=1.0).startswith(
        "The command still ran after 1 s, although every request was answered at once. It is to ask once, print the "
    )


def test_a_command_that_asks_the_same_for_ever_is_ended():
    assert refusal(program("while True: ask()")).startswith(
        "The command was ended: it asked the same again and again, although every request is answered at once."
    )


def test_a_command_that_prints_without_end_is_ended():
    told = refusal([sys.executable, "-c", "while True: print('x' * 100_000)"])
    assert told.startswith("The command was ended: it printed more than 16 MiB")
    assert len(told) < 3_000_000


def test_a_command_that_fails_although_it_was_answered_is_shown_with_the_end_of_its_output():
    told = refusal(program("ask(); print('\\n'.join(map(str, range(20)))); sys.exit('no')"))
    assert told == (
        "The command exited with 1, although every request was answered. It is to ask once, print the answer and exit "
        "with 0, or with another code where there is no answer.\n"
        "Its stdout:\n  …\n" + "".join(f"  {number}\n" for number in range(8, 20)) + "Its stderr:\n  no"
    )


@pytest.mark.parametrize(
    ("asks", "says"),
    [
        ("ask(body='{}')", "/v1/chat/completions: 400 you must provide a model parameter."),
        (
            "ask('/v1/v1')",
            "/v1/v1: 404 Invalid URL (POST /v1/v1). The base URL ends in /v1, and the path follows it.",
        ),
    ],
)
def test_requests_that_the_api_does_not_take_are_told(asks, says):
    assert refusal(program(asks)) == f"No request of the command is one that the API takes: POST {says}"


def test_a_command_that_failed_in_the_rehearsal_and_was_not_answered_is_refused_too():
    with pytest.raises(UsageError, match="exited with 1, although"):
        refuse_unfit(seen(attempt(0, ServerFailed("It failed.")), exit_code=1))


def test_without_a_port_nothing_can_be_judged():
    def no_port(fake):
        server = fake.serve()
        server.start = _raising(OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address"))
        return server

    with pytest.raises(UsageError) as refused:
        judged(program("ask()"), "clean", serve=no_port)
    assert str(refused.value) == (
        f"No port of 127.0.0.1 can be had for the fake: [Errno {errno.EADDRNOTAVAIL}] Cannot assign requested address."
    )


def _raising(error):
    def start():
        raise error

    return start


def a_file(path: Path, text: str, mode: int) -> str:
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def started(program: str) -> str:
    with pytest.raises(UsageError) as refused, Command([program], os.environ):
        pass
    return str(refused.value)


def test_a_command_that_is_not_there_is_named():
    assert started("no-such-program") == (
        "There is no command 'no-such-program': neither a program on PATH nor a file from here."
    )


@pytest.mark.parametrize(
    ("text", "mode", "says"),
    [
        ("#!/bin/sh\n", 0o600, "may not be run: make it executable (chmod +x), or name its interpreter before it."),
        ("#!/no/such/shell\n", 0o700, "cannot be run: the interpreter that its first line names is not there."),
        ("ask\n", 0o700, "is no program: begin it with a line such as #!/bin/sh, or name its interpreter before it."),
    ],
)
def test_a_file_that_cannot_be_run_is_named_with_what_to_do(tmp_path, text, mode, says):
    path = a_file(tmp_path / "client", text, mode)
    assert started(path) == f"{path!r} {says}"


def test_a_name_that_no_program_can_have_is_refused():
    assert started("a\0b") == "'a\\x00b' cannot be run: embedded null byte."
