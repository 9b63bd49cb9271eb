"""Cassettes that vcrpy wrote become ours: what it recorded is replayed, and nothing in a foreign file is run."""

import asyncio
import base64
import gzip
import json
from datetime import UTC, datetime

import aiohttp
import httpx
import httpx2
import pytest
import requests
import vcr
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from openai import OpenAI
from vcr.serialize import serialize
from vcr.serializers import jsonserializer, yamlserializer

from kaizen_eval.cli import main
from kaizen_eval.errors import CassetteCorrupt, SecretFound
from kaizen_eval.fake import FakeLLM
from kaizen_eval.recording import CassetteTransport, use_cassette
from kaizen_eval.recording.body import Body
from kaizen_eval.recording.exchange import RecordedRequest
from kaizen_eval.recording.file import MOST_BYTES_OF_BODY, decode
from kaizen_eval.recording.redaction import Redactor
from kaizen_eval.recording.stock import convert

MODIFIED = datetime(2026, 5, 4, tzinfo=UTC)
ASKED = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}


def converted(data, **settings):
    settings = {"redactor": Redactor(environment={}), "modified": MODIFIED, "path": "old.yaml", **settings}
    return convert(data if isinstance(data, bytes) else data.encode(), **settings)


def exchanges(data):
    return converted(data).recording.exchanges


def interaction(body=b"{}", answer=b"{}", *, status=200, headers=None, **more):
    request = {"method": "POST", "uri": "https://api.openai.com/v1/chat/completions", "body": body, "headers": {}}
    response = {"status": {"code": status, "message": "OK"}, "headers": headers or {}, "body": {"string": answer}}
    return {"request": request, "response": response, **more}


def stock(*interactions, **more):
    return yaml.dump({"interactions": list(interactions), "version": 1, **more})


def asked_and_answered(data):
    return [(one.request.body.data, one.response.status, one.response.body.data) for one in exchanges(data)]


def by_httpx(base_url):
    return httpx.post(f"{base_url}/chat/completions", json=ASKED).json()["choices"][0]["message"]["content"]


def by_requests(base_url):
    answer = requests.post(f"{base_url}/chat/completions", json=ASKED, timeout=9)
    return answer.json()["choices"][0]["message"]["content"]


def by_aiohttp(base_url):
    async def ask():
        async with aiohttp.ClientSession() as session, session.post(f"{base_url}/chat/completions", json=ASKED) as came:
            return (await came.json())["choices"][0]["message"]["content"]

    return asyncio.run(ask())


def by_openai(base_url):
    with OpenAI(api_key="sk-none", base_url=base_url, max_retries=0) as client:
        return client.chat.completions.create(**ASKED).choices[0].message.content


def by_openai_in_a_stream(base_url):
    with OpenAI(api_key="sk-none", base_url=base_url, max_retries=0) as client:
        stream = client.chat.completions.create(**ASKED, stream=True)
        return "".join(chunk.choices[0].delta.content or "" for chunk in stream)


CLIENTS = [by_httpx, by_requests, by_aiohttp, by_openai, by_openai_in_a_stream]


@pytest.mark.parametrize("ask", CLIENTS)
@pytest.mark.parametrize("form", ["yaml", "json"])
def test_what_vcrpy_recorded_is_replayed_to_the_client_that_asked(ask, form, tmp_path):
    path = tmp_path / f"old.{form}"
    fake = FakeLLM()
    fake.when(user="Hello").reply("Grüße, 🌍!")
    with fake.serve() as server:
        with vcr.use_cassette(str(path), serializer=form):
            said = ask(server.base_url)
        base_url = server.base_url
    assert main(["cassettes", "convert", str(path)]) == 0
    with use_cassette(tmp_path / "old.yaml"):
        assert (said, ask(base_url)) == ("Grüße, 🌍!", "Grüße, 🌍!")


def test_a_transport_replays_it_too(tmp_path):
    path = tmp_path / "old.yaml"
    fake = FakeLLM()
    fake.when(user="Hello").reply("Hi")
    with fake.serve() as server, vcr.use_cassette(str(path)):
        by_httpx(server.base_url)
    main(["cassettes", "convert", str(path)])
    with httpx2.Client(transport=CassetteTransport(path)) as client:
        answer = client.post("https://api.openai.com/v1/chat/completions", json=ASKED)
    assert answer.json()["choices"][0]["message"]["content"] == "Hi"


@given(
    bodies=st.lists(
        st.tuples(st.binary(max_size=60) | st.text(max_size=60).map(str.encode), st.binary(max_size=60)), max_size=4
    )
)
@settings(deadline=None, max_examples=60)
def test_every_body_that_vcrpy_writes_in_yaml_comes_back_byte_for_byte(bodies):
    recorded = [interaction(*pair) for pair in bodies]
    requests_ = [vcr.request.Request("POST", one["request"]["uri"], one["request"]["body"], {}) for one in recorded]
    written = serialize({"requests": requests_, "responses": [one["response"] for one in recorded]}, yamlserializer)
    redactor = Quiet(environment={})
    found = [
        (one.request.body.data, one.response.body.data)
        for one in converted(written, redactor=redactor).recording.exchanges
    ]
    assert found == bodies


class Quiet(Redactor):
    """Takes nothing out, so that bodies can be compared."""

    def _body(self, data, sizes, content_type, rules):
        return data, sizes


@given(texts=st.lists(st.tuples(st.text(max_size=60), st.text(max_size=60)), max_size=4))
@settings(deadline=None, max_examples=60)
def test_every_text_that_vcrpy_writes_in_json_comes_back(texts):
    bodies = [(asked.encode(), answer.encode()) for asked, answer in texts]
    recorded = [interaction(*pair) for pair in bodies]
    requests_ = [vcr.request.Request("POST", one["request"]["uri"], one["request"]["body"], {}) for one in recorded]
    written = serialize({"requests": requests_, "responses": [one["response"] for one in recorded]}, jsonserializer)
    found = converted(written, redactor=Quiet(environment={})).recording.exchanges
    assert [(one.request.body.data, one.response.body.data) for one in found] == bodies


@given(data=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(deadline=None, max_examples=150)
def test_what_is_no_cassette_is_always_told_as_such(data):
    with pytest.raises(CassetteCorrupt):
        converted(data)


@given(cut=st.floats(0, 0.99))
@settings(deadline=None, max_examples=60)
def test_a_json_cassette_that_is_cut_is_never_read_as_a_shorter_one(cut):
    whole = json.dumps({"interactions": [interaction("{}", "{}"), interaction("[]", "[]")], "version": 1})
    with pytest.raises(CassetteCorrupt):
        converted(whole[: int(len(whole) * cut)])


def test_a_body_that_was_compressed_is_readable():
    packed = interaction(b"{}", gzip.compress(b'{"a":1}'), headers={"content-encoding": ["gzip"]})
    assert asked_and_answered(stock(packed)) == [(b"{}", 200, b'{"a":1}')]


def test_a_body_that_vcrpy_has_decompressed_stays_as_it_is():
    plain = interaction(b"{}", b'{"a":1}', headers={"Content-Encoding": ["gzip"]})
    assert asked_and_answered(stock(plain)) == [(b"{}", 200, b'{"a":1}')]


def test_what_told_of_the_compression_is_gone():
    packed = interaction(
        b"{}", gzip.compress(b"x"), headers={"content-encoding": ["gzip"], "content-type": ["text/plain"]}
    )
    assert exchanges(stock(packed))[0].response.headers == (("content-type", "text/plain"),)


def test_a_compressed_body_that_grows_out_of_bounds_is_refused():
    bomb = gzip.compress(b"0" * (MOST_BYTES_OF_BODY + 1), compresslevel=1)
    with pytest.raises(CassetteCorrupt, match=r"interaction 1 .* unpacks to more than"):
        exchanges(stock(interaction(b"{}", bomb, headers={"content-encoding": ["gzip"]})))


def test_the_json_that_vcrpy_keeps_of_aiohttp_is_the_body_that_was_sent():
    body = {"model": "gpt-4o", "temperature": 0.5, "n": 1, "stream": True, "user": "1", "stop": None, "x": ["true", {}]}
    sent = json.dumps(body, sort_keys=True).encode()
    assert asked_and_answered(stock(interaction(body))) == [(sent, 200, b"{}")]


def test_the_old_layout_of_httpx_is_read():
    old = interaction()
    old["response"] = {"status_code": 201, "http_version": "HTTP/1.1", "headers": {"a": ["b"]}, "content": "Grüße"}
    assert asked_and_answered(stock(old)) == [(b"{}", 201, "Grüße".encode())]


def test_a_body_in_base64_is_read():
    one = interaction()
    one["response"]["body"] = {"base64_string": base64.b64encode(b"\x00\xff").decode()}
    assert asked_and_answered(stock(one)) == [(b"{}", 200, b"\x00\xff")]


def test_the_parts_of_an_iterated_body_are_one_body():
    assert asked_and_answered(stock(interaction([b"a", b"\xff"], "x"))) == [(b"a\xff", 200, b"x")]


def test_metadata_is_no_hindrance():
    assert asked_and_answered(stock(interaction(), metadata={"by": "me"})) == [(b"{}", 200, b"{}")]


def test_words_without_quotes_stay_texts():
    text = stock(interaction()).replace("headers: {}", "headers: {x-request-id: 2023-06-01, retry-after: 1:30}")
    assert exchanges(text)[0].response.headers[1] == ("retry-after", "1:30")


def test_aliases_repeat_what_stands_before_them():
    shared = ["application/json"]
    one = interaction(headers={"content-type": shared, "retry-after": shared})
    assert "&id001" in stock(one)
    assert exchanges(stock(one))[0].response.headers == (
        ("content-type", "application/json"),
        ("retry-after", "application/json"),
    )


def test_identical_requests_keep_the_order_in_which_they_were_recorded():
    found = exchanges(stock(interaction(b"{}", b"1"), interaction(b"{}", b"2")))
    assert [(one.slot, one.response.body.data) for one in found] == [(1, b"1"), (2, b"2")]
    assert found[0].key == found[1].key


def test_secrets_are_taken_out():
    key = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEF"
    one = interaction(json.dumps({"prompt": f"my key is {key}"}).encode(), b"{}", headers={"set-cookie": ["a=b"]})
    one["request"]["headers"] = {"Authorization": [f"Bearer {key}"]}
    found = exchanges(stock(one))[0]
    assert (key in repr(found), found.request.headers, found.response.headers) == (False, (), ())


@pytest.mark.parametrize(
    ("more", "headers", "moment", "by"),
    [
        ({"recorded_at": "2024-02-03T04:05:06"}, {}, datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC), "the cassette"),
        (
            {},
            {"date": ["Sat, 03 Feb 2024 04:05:06 GMT"]},
            datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC),
            "the date of its responses",
        ),
        ({}, {"date": ["soon"]}, MODIFIED, "the date of the file"),
    ],
)
def test_it_is_dated_by_what_tells_it_best(more, headers, moment, by):
    made = converted(stock(interaction(headers=headers, **more)))
    assert (made.recording.header.recorded_at, made.dated_by) == (moment, by)


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (BOMB, 9, "grows beyond"),
        ("interactions: !!python/object/apply:os.system ['true']\n", 1, "the tag !!python/object/apply:os.system"),
        ("interactions: &a [*a]\n", 1, "repeats nothing that is whole"),
        ("interactions: []\nversion: 1\ninteractions: []\n", 3, "'interactions' is written twice"),
        ("interactions: []\n---\nversion: 1\n", 2, "a second document"),
        ("interactions: [\n", 2, "this is no YAML"),
        ("interactions: !!binary '%'\n", 1, "no base64"),
        ('{"interactions": [],\n "version": }', 2, "this is no JSON"),
        ("interactions: " + "[" * 60 + "]" * 60, 1, "nested more than 50 deep"),
    ],
)
def test_what_no_cassette_holds_is_refused_with_its_line(text, line, said):
    with pytest.raises(CassetteCorrupt, match=said) as refused:
        converted(text)
    assert refused.value.line == line


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("version: 1\n", "no list of interactions"),
        ("interactions: []\nversion: 2\n", "has version '2'"),
        ("- request: {}\n  response: {}\n", "older than vcrpy 1.0"),
        (stock({"request": {}}), "interaction 1 cannot be read"),
        (stock(interaction(), {"request": {"method": "GET"}, "response": {}}), "interaction 2 .* it has no 'uri'"),
        (stock(interaction(status=7)), "7 is no status"),
        (stock(interaction(answer={"what": 1})), "a body is a text or bytes"),
    ],
)
def test_what_is_wrong_with_a_cassette_is_told(content, said):
    with pytest.raises(CassetteCorrupt, match=said):
        converted(content)


def test_the_command_says_by_what_it_is_dated(tmp_path, capsys):
    path = tmp_path / "old.yaml"
    path.write_text(stock(interaction(headers={"date": ["Sat, 03 Feb 2024 04:05:06 GMT"]})))
    assert main(["cassettes", "convert", str(path)]) == 0
    assert "as the date of its responses says" in capsys.readouterr().out
    assert len(decode(path.read_bytes(), path="x").exchanges) == 1


def test_what_still_holds_a_secret_is_not_converted():
    class Blind(Redactor):
        def request(self, raw):
            return RecordedRequest(raw.method, "/chat/completions", body=Body(raw.body))

    one = interaction(json.dumps({"api_key": "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEF"}).encode())
    with pytest.raises(SecretFound, match=r"request\.body\.api_key of #1"):
        converted(stock(one), redactor=Blind(environment={}))
