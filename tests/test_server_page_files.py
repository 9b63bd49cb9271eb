"""What the live page is made of, and what it is told: files that stand alone, a policy, and the journal as JSON."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest
from server_talk import chat, control, get, wire

from kaizen_eval.fake import FakeLLM
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.server.page_files import page_file

FILES = {entry.name: entry.read_text() for entry in (files("kaizen_eval.fake.server") / "page").iterdir()}
KEY = "authorization: Bearer sk-right-key"


def served(path, *headers, **settings):
    with FakeLLM().serve(**settings) as server:
        return control(server, path, *headers)


def test_every_file_that_the_page_uses_is_served():
    used = {
        name
        for text in FILES.values()
        for name in re.findall(r"""(?:href|src)="([^"#:]+)"|from "\./([^"]+)\"""", text)
        for name in name
        if name and name != "journal"
    }
    assert used | {"index.html"} == set(FILES)
    assert [name for name in FILES if page_file(name).data.decode() != FILES[name]] == []


def test_the_page_needs_nothing_from_elsewhere():
    addresses = {name: re.findall(r"""(?:https?:)?//[\w.-]+\.\w+[^"'`\s]*""", text) for name, text in FILES.items()}
    assert {name: found for name, found in addresses.items() if found} == {"icon.svg": ["http://www.w3.org/2000/svg"]}


def test_no_file_makes_elements_or_code_of_text():
    forbidden = r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(|new Function|\son\w+=|javascript:"
    assert [name for name, text in FILES.items() if re.search(forbidden, text)] == []


def test_the_page_comes_with_a_policy_that_lets_nothing_else_run():
    answer = served("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].split("; ") == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    ]


@pytest.mark.parametrize("name", ["", *sorted(FILES)])
def test_the_page_is_served_without_the_key_that_it_asks_for(name):
    assert served(f"/{name}", api_key="sk-right-key").status == 200


def test_the_page_is_for_no_other_site():
    assert [served("/", *headers).status for headers in ([], ["sec-fetch-site: cross-site"])] == [200, 403]
    with FakeLLM().serve() as server, wire(server) as connection:
        foreign = get("/_kaizen/").replace(b"host: 127.0.0.1", b"host: evil.example")
        assert connection.send(foreign).response().status == 403


def entries(fake: FakeLLM, *requests: bytes, query: str = "") -> dict:
    with fake.serve() as server:
        with wire(server) as connection:
            for request in requests:
                connection.send(request).response()
        return control(server, f"/journal{query}").json()


def test_the_journal_tells_what_was_said_in_its_parts():
    calls = [{"name": "look", "arguments": {"at": 1}}]
    fake = FakeLLM().script([Reply("both", tool_calls=calls), Reply(refusal="no"), Reply("hi", finish_reason="length")])
    told = [entry["reply"] for entry in entries(fake, *(chat(text) for text in "abc"))["exchanges"]]
    call = told[0]["tool_calls"].pop()
    assert {"name": call["name"], "arguments": json.loads(call["arguments"])} == calls[0]
    assert call["id"].startswith("call_")
    assert told == [
        {"text": "both", "refusal": None, "tool_calls": [], "finish_reason": "tool_calls"},
        {"text": None, "refusal": "no", "tool_calls": [], "finish_reason": "stop"},
        {"text": "hi", "refusal": None, "tool_calls": [], "finish_reason": "length"},
    ]


def test_of_several_answers_the_journal_tells_the_first():
    with FakeLLM().serve() as server, wire(server) as connection:
        answers = connection.send(chat("a", n=3)).response().json()["choices"]
        [entry] = control(server, "/journal").json()["exchanges"]
    said = [answer["message"]["content"] for answer in answers]
    assert len(set(said)) == 3
    assert (entry["text"], entry["reply"]["text"]) == (said[0], said[0])


def test_where_nothing_was_said_the_journal_has_no_reply():
    fake = FakeLLM()
    fake.fail("server_error").times(1)
    fake.when(user="x").reply("y")
    fake.forgive_misses()
    told = entries(fake, chat("x"), chat("nobody knows"), get("/v1/models"))["exchanges"]
    assert [(entry["outcome"], entry["reply"]) for entry in told] == [
        ("server_error", None),
        ("miss", None),
        ("reply", None),
    ]


def test_exchanges_of_one_conversation_have_the_same_mark():
    asked = [
        chat("a", 'x-kaizen-session: "s"'),
        chat("b", 'x-kaizen-session: "s"'),
        chat("a"),
        chat("", messages=[{"role": "user", "content": "a"}, {"role": "assistant", "content": "hi"}]),
        chat("b"),
    ]
    marks = [entry["conversation"] for entry in entries(FakeLLM(), *asked)["exchanges"]]
    first = [marks.index(mark) for mark in marks]
    assert first == [0, 0, 2, 2, 4]


def test_the_last_of_a_long_journal_can_be_read_alone():
    asked = [chat(f"{number}") for number in range(7)]
    pages = [entries(FakeLLM(), *asked, query=query) for query in ("?last=3", "?last=3&limit=2", "?last=0", "?last=99")]
    numbers = [([entry["number"] for entry in page["exchanges"]], page["count"], page["more"]) for page in pages]
    everything = ([1, 2, 3, 4, 5, 6, 7], 7, False)
    assert numbers == [([5, 6, 7], 7, False), ([5, 6], 7, True), everything, everything]


def test_the_journal_tells_when_its_clock_is():
    page = entries(FakeLLM(), chat("a"))
    [entry] = page["exchanges"]
    seconds = page["clock"] - entry["started"]
    assert 0 <= seconds < 60
    assert page["time"] > 1.7e9
