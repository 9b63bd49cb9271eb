"""A recorded success goes wrong without a change of the file: every fault happens, each time the same."""

from dataclasses import replace

import httpx2
import openai
import pytest
import requests

from kaizen_eval.errors import CassetteUnused, ScriptError, UsageError
from kaizen_eval.fake import FakeLLM
from kaizen_eval.fake.faults import FAULTS
from kaizen_eval.fake.faults.body import TruncatedJson
from kaizen_eval.fake.faults.connection import ConnectionReset
from kaizen_eval.fake.faults.status import RateLimit
from kaizen_eval.recording import CassetteTransport, use_cassette
from kaizen_eval.recording.file import decode
from kaizen_eval.recording.script.spoiling import spoiled
from kaizen_eval.testing import virtual_time

URL = "https://api.openai.com/v1/chat/completions"
VECTORS = "https://api.openai.com/v1/embeddings"
EMBEDDED = {"model": "text-embedding-3-small", "input": "a"}
WHOLE = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}
STREAMED = WHOLE | {"stream": True}
DETAILS = {"http_status": {"status": 418}}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """1 and 2 are the same question, 3 is a stream, 4 is no conversation."""
    fake = FakeLLM()
    fake.script(["One, two", "Three, four", "Five, six, seven, eight"])
    path = tmp_path_factory.mktemp("cassettes") / "c.yaml"
    with httpx2.Client(transport=CassetteTransport(path, "record", fake.transport())) as client:
        for body in (WHOLE, WHOLE, STREAMED):
            client.post(URL, json=body)
        client.post(VECTORS, json=EMBEDDED)
    return path


def exchanges(path):
    return decode(path.read_bytes(), path="c").exchanges


def replaying(path, faults, **settings):
    settings = {"unused": "ignore", **settings}
    return httpx2.Client(transport=CassetteTransport(path, faults=faults, **settings))


def said(response):
    return response.json()["choices"][0]["message"]["content"]


def whole(path):
    return exchanges(path)[0]


def streamed(path):
    return exchanges(path)[2]


def test_asked_again_it_is_answered_as_recorded(path):
    with replaying(path, {1: "rate_limit"}) as client:
        answers = [client.post(URL, json=WHOLE) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 200, 200]
    assert [said(answer) for answer in answers[1:]] == ["One, two", "Three, four"]


def test_the_second_of_two_identical_requests_can_go_wrong(path):
    with replaying(path, {2: RateLimit(retry_after=7)}) as client:
        answers = [client.post(URL, json=WHOLE) for _ in range(3)]
    assert [answer.headers.get("retry-after") for answer in answers] == [None, "7", None]


def test_one_request_can_go_wrong_several_times(path):
    with replaying(path, {1: ["rate_limit", {"server_error": {"status": 503}}]}) as client:
        assert [client.post(URL, json=WHOLE).status_code for _ in range(3)] == [429, 503, 200]


def test_the_sdk_retries_and_gets_the_recorded_answer(path):
    http = replaying(path, {1: "rate_limit"})
    with openai.OpenAI(api_key="sk-none", http_client=http, max_retries=1) as client:
        assert client.chat.completions.create(**WHOLE).choices[0].message.content == "One, two"


def test_the_sdk_says_of_a_reset_what_it_always_says(path):
    http = replaying(path, {1: ConnectionReset()})
    with (
        openai.OpenAI(api_key="sk-none", http_client=http, max_retries=0) as client,
        pytest.raises(openai.APIConnectionError),
    ):
        client.chat.completions.create(**WHOLE)


def test_a_hang_is_a_timeout(path):
    http = replaying(path, {1: "hang"})
    with (
        openai.OpenAI(api_key="sk-none", http_client=http, max_retries=0) as client,
        pytest.raises(openai.APITimeoutError),
    ):
        client.chat.completions.create(**WHOLE)


def test_at_the_recorded_pace_a_hang_takes_the_patience_of_the_client(path):
    async def ask():
        transport = CassetteTransport(path, faults={1: "hang"}, pace="recorded", unused="ignore")
        async with httpx2.AsyncClient(transport=transport, timeout=30) as client:
            with pytest.raises(httpx2.ReadTimeout):
                await client.post(URL, json=WHOLE)

    with virtual_time() as clock:
        clock.run(ask())
        assert clock.elapsed == 30


def test_a_cut_stream_breaks_off_after_what_was_recorded(path):
    came, http = [], replaying(path, {3: {"stream_cut": {"after": 2}}})
    cut = pytest.raises(httpx2.RemoteProtocolError)
    with http as client, cut, client.stream("POST", URL, json=STREAMED) as response:
        came.extend(response.iter_raw())
    assert b"".join(came) == b"\n\n".join([*streamed(path).response.body.data.split(b"\n\n")[:2], b""])


def test_words_go_wrong_too(path):
    with replaying(path, {1: "refusal"}) as client:
        assert client.post(URL, json=WHOLE).json()["choices"][0]["message"]["refusal"].startswith("I'm sorry")


def test_what_goes_wrong_with_words_does_so_with_the_recorded_ones(path):
    with replaying(path, {1: {"unknown_tool": {"reply": None}}, 2: "wrong_content_type"}) as client:
        answers = [client.post(URL, json=WHOLE) for _ in range(4)]
    assert [said(answer) for answer in answers] == [None, "One, two", "Three, four", "Three, four"]


def test_other_words_can_be_given_to_what_goes_wrong(path):
    with replaying(path, {1: {"wrong_content_type": {"reply": "Mine"}}}) as client:
        assert said(client.post(URL, json=WHOLE)) == "Mine"


def test_use_cassette_takes_faults_for_any_client(path):
    with use_cassette(path, faults={1: "rate_limit", 2: "connection_reset"}, unused="ignore"):
        assert [requests.post(URL, json=WHOLE, timeout=9).status_code for _ in range(2)] == [429, 200]
        with pytest.raises(requests.ConnectionError):
            requests.post(URL, json=WHOLE, timeout=9)


def test_an_exchange_that_went_wrong_and_was_not_asked_for_again_is_not_unused(path):
    with replaying(path, {1: "bad_request"}, unused="fail") as client:
        client.post(URL, json=WHOLE)
        client.post(URL, json=WHOLE)
        client.post(URL, json=WHOLE)
        client.post(URL, json=STREAMED)
        client.post(VECTORS, json=EMBEDDED)
    one_is_met = replaying(path, {1: "bad_request"}, unused="fail")
    with pytest.raises(CassetteUnused, match="3 of the 4"), one_is_met as client:
        client.post(URL, json=WHOLE)


def test_a_fault_that_nobody_met_fails_the_test(path):
    transport = CassetteTransport(path, faults={4: ["rate_limit", "rate_limit"]})
    client = httpx2.Client(transport=transport)
    for body in (WHOLE, WHOLE, STREAMED):
        client.post(URL, json=body)
    client.post(VECTORS, json=EMBEDDED)
    with pytest.raises(CassetteUnused, match="More was to go wrong with exchange 4"):
        client.close()


def test_nothing_goes_wrong_while_it_is_recorded(tmp_path):
    fake = FakeLLM()
    with httpx2.Client(
        transport=CassetteTransport(tmp_path / "c.yaml", "record", fake.transport(), faults={1: "hang"})
    ) as client:
        assert client.post(URL, json=WHOLE).status_code == 200


def test_the_file_is_as_it_was_where_missing_exchanges_are_recorded(path, tmp_path):
    copy = tmp_path / "c.yaml"
    copy.write_bytes(path.read_bytes())
    inner, new = FakeLLM().transport(), WHOLE | {"model": "gpt-4o-mini"}
    with httpx2.Client(
        transport=CassetteTransport(copy, "record-missing", inner, faults={1: "hang"}, unused="ignore")
    ) as client:
        client.post(URL, json=new)
    assert exchanges(copy)[:4] == exchanges(path)


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ({9: "rate_limit"}, r"exchange 9, which .* does not have; it has 1 to 4"),
        ({("a", 1): "rate_limit"}, r"exchange 1 of lane 'a', .* none there"),
        ({1: "stream_cut"}, "stream_cut cannot happen to exchange 1: its answer is no stream"),
        ({4: "refusal"}, "refusal cannot happen to exchange 4: it is no request to a model"),
        ({4: "broken_arguments"}, "no model speaks in its answer"),
    ],
)
def test_what_cannot_go_wrong_is_told_when_the_cassette_is_opened(path, faults, said):
    with pytest.raises(UsageError, match=said):
        CassetteTransport(path, faults=faults)


def test_an_unknown_fault_is_told_with_the_nearest(path):
    with pytest.raises(ScriptError, match="'rate_limit'"):
        CassetteTransport(path, faults={1: "rate_limt"})


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_every_fault_happens_the_same_each_time_and_is_no_success(name, path):
    fault = FAULTS[name](**DETAILS.get(name, {}))
    exchange = streamed(path) if fault.is_of_streams else whole(path)
    one, other = spoiled(exchange, fault), spoiled(exchange, fault)
    assert (one, one.fault) == (other, name)
    assert (one.request, one.key, one.slot) == (exchange.request, exchange.key, exchange.slot)
    assert (one.response, one.failure) != (exchange.response, None) or name in {"slow_body", "slow_headers"}


@pytest.mark.unmeasured
@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_client_meets_what_it_would_meet_at_the_door_sdk(name, tmp_path):
    fault = FAULTS[name](**DETAILS.get(name, {}))
    body = STREAMED if fault.is_of_streams else WHOLE
    fake = FakeLLM()
    fake.fail(fault)
    with httpx2.Client(transport=CassetteTransport(tmp_path / "c.yaml", "record", FakeLLM().transport())) as client:
        client.post(URL, json=body)
    replay = CassetteTransport(tmp_path / "c.yaml", faults={1: fault}, pace="recorded")
    assert met(replay, body) == met(fake.transport(), body)


def met(transport, body):
    with virtual_time() as clock:
        return clock.run(_met(transport, body))


async def _met(transport, body):
    async with httpx2.AsyncClient(transport=transport, timeout=60) as client:
        try:
            async with client.stream("POST", URL, json=body) as response:
                pieces = [len(piece) async for piece in _few(response.aiter_bytes())]
                return response.status_code, response.headers.get("content-type"), len(pieces) > MANY
        except httpx2.HTTPError as error:
            return type(error).__name__


MANY = 500


async def _few(pieces):
    count = 0
    async for piece in pieces:
        yield piece
        count += 1
        if count > MANY:
            return


def test_what_goes_wrong_with_an_answer_does_so_when_it_came(path):
    late = replace(whole(path).response, at_us=1_000_000, offsets_us=(2_000_000,))
    made = spoiled(replace(whole(path), response=late), TruncatedJson())
    assert (made.response.at_us, made.response.offsets_us) == (2_000_000, (2_000_000,))


def test_a_fault_has_its_own_latency(path):
    assert spoiled(whole(path), RateLimit(latency=1.5)).response.offsets_us == (1_500_000,)
