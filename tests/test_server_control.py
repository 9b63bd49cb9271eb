"""The control paths: health, journal, script, reset; whom they let in; and a fake for each test."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from importlib.metadata import version

import pytest
from hypothesis import given
from hypothesis import strategies as st
from server_talk import chat, control, get, until, wire

from kaizen_eval.errors import ConfigError
from kaizen_eval.fake import FakeLLM
from kaizen_eval.fake.server.guard import Guard
from kaizen_eval.fake.server.page_files import page_file
from kaizen_eval.fake.server.running import Serving
from kaizen_eval.fake.server.tenants import Tenants, name_of
from kaizen_eval.fake.wire.errors import Rejection

SCRIPT = b"version: 1\nrules:\n  - when: {user: hello}\n    reply: from the script\n"


@pytest.fixture
def server() -> Iterator[Serving]:
    fake = FakeLLM()
    fake.when(user="hello").reply("hi there").times(2)
    fake.when(user="other").reply("else")
    fake.forgive_misses()
    with fake.serve() as running:
        yield running


def say(server: Serving, text: str, *headers: str):
    with wire(server) as connection:
        return connection.send(chat(text, *headers)).response()


def test_health_tells_that_it_runs_and_who_is_served(server):
    say(server, "hello", "x-kaizen-test: a")
    said = control(server, "/health").json()
    assert said == said | {
        "status": "ok",
        "version": version("kaizen-eval"),
        "tokens": "exact",
        "exchanges": 0,
        "tests": ["a"],
    }
    assert said["seconds"] >= 0


def test_the_journal_is_told_whole_and_without_keys(server):
    say(
        server,
        "hello, my key is sk-verysecret123",
        "authorization: Bearer sk-verysecret123",
        "x-api-key: sk-alsosecret456",
        "cookie: id=7",
        'x-kaizen-session: "s"',
    )
    said = control(server, "/journal").json()
    [exchange] = said["exchanges"]
    assert {name: said[name] for name in ("count", "version", "more")} == {"count": 1, "version": 2, "more": False}
    assert exchange == exchange | {
        "number": 1,
        "door": "server",
        "endpoint": "chat",
        "operation": None,
        "agent": None,
        "attempt": 0,
        "model": "fake",
        "stream": False,
        "outcome": "reply",
        "error": None,
        "rule": "when(user='hello').reply(…)",
        "text": "hi there",
    }
    assert exchange["request"]["messages"] == [{"role": "user", "content": "hello, my key is [secret]"}]
    assert exchange["request"]["body"]["messages"][0]["content"] == "hello, my key is [secret]"
    assert exchange["near_misses"][0]["rule"] == "when(user='other').reply(…)"
    assert 0 <= exchange["first_byte_ms"] <= exchange["ended_ms"]
    assert "secret1" not in json.dumps(said)
    assert "secret4" not in json.dumps(said)
    assert "cookie" not in exchange["request"]["headers"]


def test_the_journal_is_read_on_from_where_it_was(server):
    for _ in range(2):
        say(server, "hello")
    first = control(server, "/journal?limit=1").json()
    rest = control(server, f"/journal?since={first['version']}").json()
    end = control(server, f"/journal?since={rest['version']}").json()
    assert [e["number"] for page in (first, rest, end) for e in page["exchanges"]] == [1, 2]
    assert (first["more"], rest["more"], end["exchanges"]) == (True, False, [])


def test_whoever_waits_for_the_journal_is_told_at_once(server):
    with wire(server) as waiting:
        waiting.send(get("/_kaizen/journal?wait=60"))
        say(server, "hello")
        assert waiting.response().json()["exchanges"][0]["number"] == 1


def test_an_exchange_is_told_again_when_it_ends():
    may_end = threading.Event()

    async def held(request):
        await asyncio.get_running_loop().run_in_executor(None, may_end.wait)
        return "done"

    fake = FakeLLM().otherwise(held)
    with fake.serve() as server, wire(server) as asking, wire(server) as following:
        asking.send(chat())
        until(fake.journal, len)
        begun = following.send(get("/_kaizen/journal")).response().json()
        following.send(get(f"/_kaizen/journal?since={begun['version']}&wait=60"))
        may_end.set()
        ended = following.response().json()
    assert [page["exchanges"][0]["outcome"] for page in (begun, ended)] == ["…", "reply"]


def test_a_reset_begins_the_script_and_the_journal_anew(server):
    for _ in range(2):
        say(server, "hello")
    assert say(server, "hello").status == 501
    before = control(server, "/journal").json()
    assert control(server, "/reset", method="POST").json() == {"status": "ok"}
    after = control(server, f"/journal?since={before['version']}").json()
    assert (after["exchanges"], after["count"], after["journal"] != before["journal"]) == ([], 0, True)
    assert say(server, "hello").text == "hi there"


def test_whoever_waits_for_a_journal_that_is_reset_is_told(server):
    say(server, "hello")
    version_ = control(server, "/journal").json()["version"]
    with wire(server) as waiting, wire(server) as other:
        waiting.send(get("/_kaizen/health")).response()
        waiting.send(get(f"/_kaizen/journal?since={version_}&wait=60"))
        other.send(get("/_kaizen/health")).response()
        other.send(get("/_kaizen/reset", method="POST")).response()
        assert waiting.response().json()["exchanges"] == []


@pytest.mark.parametrize(("model", "encoding"), [("gpt-4o", "o200k_base"), ("gpt-4", "cl100k_base"), ("m", "estimate")])
def test_the_journal_says_what_tokens_are_counted_in(server, model, encoding):
    with wire(server) as connection:
        connection.send(chat("hello", model=model)).response()
    [told] = control(server, "/journal").json()["exchanges"]
    assert told["usage"]["counted_in"] == server.fake("").exchanges[0].counted_in == encoding


def test_a_script_is_put_in_force(server):
    assert control(server, "/script", method="POST", body=SCRIPT).json() == {"status": "ok", "rules": 1}
    assert say(server, "hello").text == "from the script"


def test_a_script_may_be_json(server):
    body = json.dumps({"version": 1, "rules": [{"when": {"user": "hello"}, "reply": "of\tJSON"}]}).encode()
    control(server, "/script", "content-type: application/json", method="POST", body=body)
    assert say(server, "hello").text == "of\tJSON"


def test_a_script_that_is_wrong_is_refused_with_its_lines_and_changes_nothing(server):
    answer = control(server, "/script", method="POST", body=b"version: 1\nrules:\n  - reply: 3\n    whenn: {}\n")
    assert answer.status == 400
    assert "4:5" in answer.json()["error"]["message"]
    assert say(server, "hello").text == "hi there"


def test_each_test_has_a_fake_of_its_own(server):
    said = [say(server, "hello", f"x-kaizen-test: {name}").status for name in "aaabbb"]
    assert said == [200, 200, 501] * 2
    assert [len(server.fake(name).journal) for name in ("a", "b", "")] == [3, 3, 0]


def test_a_key_names_a_test_too(server):
    say(server, "hello", "authorization: Bearer sk-kaizen-test-mine")
    assert [e.outcome for e in server.fake("mine").exchanges] == ["reply"]


def test_control_paths_are_those_of_the_test_that_is_named(server):
    control(server, "/script", "x-kaizen-test: a", method="POST", body=SCRIPT)
    assert [say(server, "hello", f"x-kaizen-test: {name}").text for name in "ab"] == ["from the script", "hi there"]
    control(server, "/reset", "x-kaizen-test: a", method="POST")
    counts = [control(server, "/journal", f"x-kaizen-test: {name}").json()["count"] for name in "ab"]
    assert (counts, say(server, "hello", "x-kaizen-test: a").text) == ([0, 1], "from the script")


def test_a_test_brings_its_own_fake(server):
    server.put("mine", FakeLLM().otherwise("mine alone"))
    assert say(server, "anything", "x-kaizen-test: mine").text == "mine alone"
    server.forget("mine")
    assert say(server, "hello", "x-kaizen-test: mine").text == "hi there"


def test_the_servers_own_fake_may_be_exchanged(server):
    server.put("", FakeLLM().otherwise("from another"))
    assert say(server, "hello").text == "from another"


@given(st.lists(st.sampled_from("abcdef"), max_size=30), st.integers(1, 4))
def test_there_are_never_more_tests_than_allowed_and_the_latest_stay(names, most):
    tenants = Tenants(FakeLLM(), most=most)
    for name in names:
        tenants.of(name)
    latest = list(dict.fromkeys(reversed(names)))[:most]
    assert tenants.names() == latest[::-1]


def test_a_test_may_have_any_name():
    assert [
        name_of(headers)
        for headers in (
            {},
            {"x-kaizen-test": "ü"},
            {"authorization": "Bearer sk-other"},
            {"authorization": "Bearer sk-kaizen-test-1"},
            {"authorization": "Bearer sk-kaizen-test-1", "x-kaizen-test": "2"},
        )
    ] == ["", "ü", "", "1", "2"]


LOCAL = ("127.0.0.1", "127.0.0.1:8000", "localhost:80", "LOCALHOST", "[::1]:8000", "app.localhost:1", "127.9.9.9")
FOREIGN = ("evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.1", "", "localhost@evil", "[::1", "a b")


@pytest.mark.parametrize("host", LOCAL)
def test_this_machine_is_let_in(host):
    Guard(None).check({"host": host})
    Guard(None).check({"host": host, "origin": f"http://{host}", "sec-fetch-site": "same-origin"})


@pytest.mark.parametrize("host", FOREIGN)
def test_another_name_for_this_machine_is_not_let_in(host):
    with pytest.raises(Rejection, match="control paths of the fake are for its own page"):
        Guard(None).check({"host": host})


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
@pytest.mark.parametrize("key", [None, "key"])
def test_a_page_of_another_site_is_not_let_in(headers, key):
    with pytest.raises(Rejection, match="control paths of the fake are for its own page"):
        Guard(key).check({"host": "127.0.0.1:1", "authorization": "Bearer key"} | headers)


def test_no_answer_of_a_control_path_is_for_other_sites(server):
    for path in ("/journal", "/health", "/nothing"):
        answer = control(server, path, "origin: https://evil.example")
        assert (answer.status, [name for name in answer.headers if name.startswith("access-control")]) == (403, [])


@pytest.fixture
def locked() -> Iterator[Serving]:
    with FakeLLM().otherwise("hi").serve(api_key="sk-right-key") as running:
        yield running


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/_kaizen/journal", "/_kaizen/health", "/_kaizen/nothing"])
@pytest.mark.parametrize("key", [[], ["authorization: Bearer wrong"]])
def test_without_the_key_nobody_is_let_in(locked, path, key):
    with wire(locked) as connection:
        data = chat("hi", *key) if path.startswith("/v1") else get(path, *key)
        answer = connection.send(data).response()
    assert (answer.status, answer.json()["error"]["type"]) == (401, "invalid_request_error")


def test_with_the_key_everybody_is_let_in(locked):
    key = "authorization: Bearer sk-right-key"
    assert say(locked, "hi", key).text == "hi"
    told = control(locked, "/journal", key, "host: whatever.example")
    assert (told.status, "right-key" in told.body.decode()) == (400, False)  # two hosts
    assert control(locked, "/journal", key).json()["count"] == 1


def test_the_key_is_in_no_journal(locked):
    say(locked, "my key is sk-right-key", "authorization: Bearer sk-right-key", "x-note: sk-right-key")
    assert b"right-key" not in control(locked, "/journal", "authorization: Bearer sk-right-key").body


def test_a_host_that_others_reach_needs_a_key():
    with pytest.raises(ConfigError, match=r"The host '0\.0\.0\.0' can be reached by others: give an api_key"):
        FakeLLM().serve(host="0.0.0.0")  # noqa: S104 - is refused
    assert FakeLLM().serve(host="0.0.0.0", api_key="k") is not None  # noqa: S104 - is not started


def test_an_unknown_setting_is_refused_with_a_suggestion():
    with pytest.raises(ConfigError, match="no setting 'max_bodi'; did you mean 'max_body'"):
        FakeLLM().serve(max_bodi=3)


@pytest.mark.parametrize("setting", [{"max_body": 0}, {"speed": 0}, {"idle_seconds": float("nan")}])
def test_a_setting_that_cannot_work_is_refused(setting):
    with pytest.raises(ConfigError, match=f"{next(iter(setting))} takes a number"):
        FakeLLM().serve(**setting)


def test_only_files_of_the_page_are_served():
    assert [page_file(name) for name in ("../view.py", "view.py", "__init__.py", "/etc/passwd", ".", "..")] == [
        None
    ] * 6


def test_a_folder_without_its_slash_leads_to_the_page(server):
    answer = control(server, "")
    assert (answer.status, answer.headers["location"]) == (308, "/_kaizen/")
