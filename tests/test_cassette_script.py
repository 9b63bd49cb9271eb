"""A cassette becomes a script: the fake says to what was asked what was answered, and in the same shape."""

import json
from datetime import UTC, datetime

import httpx2
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kaizen_eval.errors import CassetteMissing, RecordingError
from kaizen_eval.fake import FakeLLM
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.script.json_match import ABSENT, PRESENT, compiled
from kaizen_eval.fake.script.text_match import Exactly
from kaizen_eval.fake.script_file.grammar import schema
from kaizen_eval.fake.script_file.loading import read
from kaizen_eval.handwritten.problems import Problems
from kaizen_eval.handwritten.yaml_text import read_yaml
from kaizen_eval.recording import CassetteTransport, fake_from, script_of, shape_drift
from kaizen_eval.recording.body import Body
from kaizen_eval.recording.exchange import Exchange, Failure, RecordedRequest, RecordedResponse
from kaizen_eval.recording.file import Recording, decode, header_for
from kaizen_eval.recording.script.compiling import compiled as compile_rules
from kaizen_eval.recording.script.sayings import saying_of
from kaizen_eval.recording.script.spoken import spoken_of
from kaizen_eval.recording.script.telling_apart import fields_apart
from kaizen_eval.recording.verdict import CassetteWarning

BASE = "https://api.openai.com/v1/"
LOOK = {"name": "look", "parameters": {"type": "object", "properties": {"q": {"type": "string"}}}}
AT = datetime(2026, 1, 2, tzinfo=UTC)


def chat(text, *, stream=False, **more):
    messages = [{"role": "user", "content": text}] if isinstance(text, str) else text
    tools = [{"type": "function", "function": LOOK}]
    return "chat/completions", {"model": "gpt-4o", "messages": messages, "stream": stream, "tools": tools, **more}


def responses(text, *, stream=False, **more):
    given = [{"role": "user", "content": text}] if isinstance(text, str) else text
    return "responses", {
        "model": "gpt-4o",
        "input": given,
        "stream": stream,
        "tools": [{"type": "function", **LOOK}],
        **more,
    }


def recording_of(fake, asked, path, *, timeout=0.2):
    """What a client that asks all this one after the other records."""
    with httpx2.Client(transport=CassetteTransport(path, "record", fake.transport()), timeout=timeout) as client:
        for where, body in asked:
            ask(client, where, body)
    return decode(path.read_bytes(), path=str(path))


def ask(client, where, body):
    try:
        return client.post(BASE + where, json=body)
    except httpx2.HTTPError as error:
        return error


def said_by(fake, asked):
    """The replies; of what went wrong the status, or the client's error."""
    with httpx2.Client(transport=fake.transport(), timeout=0.2) as client:
        return [told(ask(client, where, body)) for where, body in asked]


def told(answer):
    if isinstance(answer, Exception):
        return type(answer).__name__
    if answer.status_code >= 400:
        return answer.status_code, answer.text, answer.headers.get("retry-after"), answer.headers.get("retry-after-ms")
    recorded = RecordedResponse(answer.status_code, tuple(answer.headers.multi_items()), Body(answer.content))
    found = spoken_of(recorded)
    return (
        answer.content if found is None else (found.text, found.refusal, found.finish_reason, found.usage, calls(found))
    )


def calls(reply):
    return [(call.name, call.arguments) for call in reply.tool_calls]


def exchange(
    body=None, *, path="/chat/completions", slot=1, status=200, headers=(), answer=b"{}", failure=None, **more
):
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]} if body is None else body
    request = RecordedRequest("POST", path, (), (), Body(json.dumps(asked).encode()))
    data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    sizes = (len(data),) if data else ()
    response = None if status is None else RecordedResponse(status, headers, Body(data), sizes, (0,) * len(sizes))
    return Exchange(slot=slot, key=str(asked), request=request, response=response, failure=failure, **more)


def recorded(*exchanges):
    return Recording(header_for(exchanges, recorded_at=AT, parts=()), exchanges)


WORDS = st.text(max_size=30) | st.sampled_from(
    ["rate_limit", "{{ user }}", "{{", "null", "1e3", "a\nb\n", " x ", "no: yes", "#"]
)
ARGUMENTS = st.dictionaries(st.sampled_from(["q", "r"]), WORDS | st.integers(), max_size=2)
USAGE = st.fixed_dictionaries({"prompt": st.integers(0, 99), "completion": st.integers(0, 99)})


@st.composite
def replies(draw):
    usage = draw(st.none() | USAGE)
    kind = draw(st.sampled_from(["text", "calls", "refusal", "length"]))
    if kind == "calls":
        made = draw(
            st.lists(st.builds(lambda given: {"name": "look", "arguments": given}, ARGUMENTS), min_size=1, max_size=3)
        )
        return Reply(tool_calls=made, usage=usage)
    if kind == "refusal":
        return Reply(refusal=draw(WORDS.filter(bool)), usage=usage)
    return Reply(draw(WORDS), usage=usage, finish_reason="length" if kind == "length" else "stop")


ERRORS = st.sampled_from(
    [
        ("rate_limit", {"retry_after": 3}),
        ("rate_limit", {"message": "{{ slow }}", "retry_after_ms": 20}),
        ("insufficient_quota", {}),
        ("server_error", {"status": 500}),
        ("service_unavailable", {"should_retry": False}),
        ("bad_gateway", {}),
        ("context_length_exceeded", {}),
        ("http_status", {"status": 418, "kind": "teapot", "code": "short", "param": "spout"}),
        ("connection_reset", {}),
        ("connection_refused", {}),
        ("hang", {}),
    ]
)
LINES = st.lists(
    st.tuples(st.sampled_from([chat, responses]), st.booleans(), st.sampled_from(["a", "b", "c"]), replies() | ERRORS),
    min_size=1,
    max_size=6,
)


def scripted(lines):
    """A fake that says one after the other, and what is asked of it."""
    fake = FakeLLM()
    asked = []
    for write, stream, text, said in lines:
        rule = fake.when()
        (rule.reply(said) if isinstance(said, Reply) else rule.fail(said[0], **said[1])).times(1)
        asked.append(
            write(text, stream=stream, stream_options={"include_usage": True})
            if write is chat and stream
            else write(text, stream=stream)
        )
    return fake, asked


PUBLISHED = jsonschema.Draft202012Validator(schema())
LAW = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.mark.unmeasured
@given(lines=LINES)
@LAW
def test_the_fake_made_of_a_recording_says_the_same_again(lines, tmp_path_factory):
    fake, asked = scripted(lines)
    recording = recording_of(fake, asked, tmp_path_factory.mktemp("c") / "c.yaml", timeout=0.05)
    fake, _ = scripted(lines)
    assert said_by(fake_from(recording, pace="instant"), asked) == said_by(fake, asked)


@pytest.mark.unmeasured
@given(lines=LINES)
@LAW
def test_the_fake_run_against_its_own_recording_never_drifts_in_shape(lines, tmp_path_factory):
    fake, asked = scripted(lines)
    recording = recording_of(fake, asked, tmp_path_factory.mktemp("c") / "c.yaml", timeout=0.05)
    assert shape_drift(recording) == {}


@pytest.mark.unmeasured
@given(lines=LINES)
@LAW
def test_the_script_is_always_one_by_the_published_schema(lines, tmp_path_factory):
    fake, asked = scripted(lines)
    recording = recording_of(fake, asked, tmp_path_factory.mktemp("c") / "c.yaml", timeout=0.05)
    text = script_of(recording, name="c.yaml")
    assert list(PUBLISHED.iter_errors(read_yaml(text, Problems("c"), begins="").json())) == []
    assert len(read(text).rules) == len(asked)


@pytest.mark.unmeasured
@given(
    text=st.text(max_size=60)
    | st.lists(st.sampled_from(["{", "}", "{{", "'", " ", "x", "\n"]), max_size=12).map("".join)
)
@settings(deadline=None, max_examples=200)
def test_every_text_is_said_to_the_letter(text):
    answer = {"choices": [{"message": {"content": text}, "finish_reason": "stop"}], "usage": {}}
    fake = fake_from(recorded(exchange(headers=(("content-type", "application/json"),), answer=answer)))
    [found] = said_by(
        fake, [("chat/completions", {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]})]
    )
    assert found[0] == text


def test_whoever_asks_in_another_order_gets_each_its_own(tmp_path):
    fake = FakeLLM()
    fake.script(["one", "two", "three", "four"])
    loop = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]
    asked = [chat("a"), chat(loop), chat("a", temperature=0.5), chat([{"role": "system", "content": "x"}, loop[0]])]
    recording = recording_of(fake, asked, tmp_path / "c.yaml")
    again = said_by(fake_from(recording), asked[::-1])
    assert [found[0] for found in again] == ["four", "three", "two", "one"]


def test_a_request_without_a_user_takes_no_answer_of_others(tmp_path):
    fake = FakeLLM()
    fake.script(["one", "two"])
    alone = [{"role": "system", "content": "x"}]
    asked = [chat(alone), chat([*alone, {"role": "user", "content": "a"}])]
    recording = recording_of(fake, asked, tmp_path / "c.yaml")
    assert [found[0] for found in said_by(fake_from(recording), asked[::-1])] == ["two", "one"]


def test_identical_requests_are_answered_in_the_order_sent_and_then_as_the_last(tmp_path):
    fake = FakeLLM()
    fake.script(["one", "two"])
    recording = recording_of(fake, [chat("a"), chat("a")], tmp_path / "c.yaml")
    assert [found[0] for found in said_by(fake_from(recording), [chat("a")] * 4)] == ["one", "two", "two", "two"]


def test_a_tool_loop_is_told_apart_by_what_the_tools_answered(tmp_path):
    fake = FakeLLM()
    fake.script([Reply(tool_calls=[{"name": "look", "arguments": {"q": "x"}, "id": "call_1"}]), "done"])
    call = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    history = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "42"},
    ]
    asked = [chat("a"), chat(history)]
    fake = fake_from(recording_of(fake, asked, tmp_path / "c.yaml"))
    assert [found[0] for found in said_by(fake, asked[::-1])] == ["done", None]


@pytest.mark.parametrize("arguments", ["", "{}", '{"q": ', "{{ user }}"])
def test_arguments_of_a_call_stay_as_they_were_written(tmp_path, arguments):
    fake = FakeLLM()
    fake.script([Reply(tool_calls=[{"name": "look", "arguments": arguments, "id": "call_1"}])])
    recording = recording_of(fake, [chat("a")], tmp_path / "c.yaml")
    [said] = said_by(fake_from(recording), [chat("a")])
    assert (said[-1], shape_drift(recording)) == ([("look", arguments)], {})


def test_a_response_that_goes_on_from_an_earlier_one_is_answered(tmp_path):
    fake = FakeLLM()
    fake.script(["one", "two"])
    path = tmp_path / "c.yaml"
    with httpx2.Client(transport=CassetteTransport(path, "record", fake.transport())) as client:
        first = client.post(BASE + "responses", json={"model": "gpt-4o", "input": "a"}).json()["id"]
        client.post(BASE + "responses", json={"model": "gpt-4o", "input": "b", "previous_response_id": first})
    recording = decode(path.read_bytes(), path="c")
    assert shape_drift(recording) == {}
    with httpx2.Client(transport=fake_from(recording).transport()) as client:
        first = client.post(BASE + "responses", json={"model": "gpt-4o", "input": "a"}).json()["id"]
        later = {"model": "gpt-4o", "input": "b", "previous_response_id": first}
        assert client.post(BASE + "responses", json=later).json()["output"][0]["content"][0]["text"] == "two"


def test_what_was_redacted_fits_whatever_is_asked():
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "key [REDACTED]!"}]}
    answer = {"choices": [{"message": {"content": "ok"}, "finish_reason": "stop"}]}
    fake = fake_from(recorded(exchange(asked, answer=answer, headers=(("content-type", "application/json"),))))
    [found] = said_by(fake, [("chat/completions", {**asked, "messages": [{"role": "user", "content": "key s3cr3t!"}]})])
    assert found[0] == "ok"


def test_what_the_fake_answers_by_itself_is_left_to_it(tmp_path):
    asked = ("embeddings", {"model": "text-embedding-3-small", "input": "a"})
    recording = recording_of(FakeLLM(), [asked], tmp_path / "c.yaml")
    assert script_of(recording) == "version: 1\nrules: []\n"


def test_a_failure_of_an_endpoint_without_a_model_comes_again_before_its_success(tmp_path):
    fake = FakeLLM()
    fake.fail("rate_limit").times(1)
    asked = [("embeddings", {"model": "text-embedding-3-small", "input": "a"})] * 2
    recording = recording_of(fake, asked, tmp_path / "c.yaml")
    with httpx2.Client(transport=fake_from(recording).transport()) as client:
        assert [client.post(BASE + where, json=body).status_code for where, body in asked] == [429, 200]


def test_what_the_fake_has_no_endpoint_for_is_told():
    foreign = exchange(path="/messages", slot=2)
    answer = {"choices": [{"message": {"content": "ok"}}]}
    with pytest.warns(CassetteWarning, match="1 of the 2 exchanges are nothing that the fake takes: 2"):
        fake_from(recorded(exchange(answer=answer), foreign))


def test_a_recording_of_which_the_fake_takes_nothing_makes_no_fake():
    with pytest.raises(RecordingError, match="nothing that the fake takes"):
        fake_from(recorded(exchange(path="/messages")))


def test_a_script_says_what_it_leaves_out():
    assert script_of(recorded(exchange(path="/messages")), name="c.yaml") == (
        "# Made of the cassette 'c.yaml'.\n"
        "# Left out: exchange 1, POST /messages, is nothing that the fake takes.\n"
        "version: 1\nrules: []\n"
    )


@pytest.mark.unmeasured
def test_a_script_that_would_be_too_large_is_refused_and_a_fake_is_made_all_the_same():
    answer = {"choices": [{"message": {"content": "x" * 2000}}]}
    bodies = [{"model": "gpt-4o", "messages": [{"role": "user", "content": str(n)}]} for n in range(600)]
    recording = recorded(*(exchange(body, slot=n + 1, answer=answer) for n, body in enumerate(bodies)))
    with pytest.raises(RecordingError, match="one may have 1,048,576"):
        script_of(recording)
    assert said_by(fake_from(recording), [("chat/completions", bodies[-1])])[0][0] == "x" * 2000


def test_there_is_no_fake_of_a_cassette_that_is_not_there(tmp_path):
    with pytest.raises(CassetteMissing):
        fake_from(tmp_path / "c.yaml")


STREAM = (("content-type", "text/event-stream"),)
EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"one"}}]}\n\n'


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (exchange(status=None, failure=Failure("ConnectError", "")), "connection_refused"),
        (exchange(status=None, failure=Failure("ReadError", "")), "connection_reset"),
        (exchange(status=None, failure=Failure("RemoteProtocolError", "")), "connection_closed"),
        (exchange(status=None, failure=Failure("ReadTimeout", "", 5_000_000)), "hang"),
        (exchange(status=None, was_left=True), "hang"),
        (exchange(answer=b"", failure=Failure("ReadError", "")), "reset_after_headers"),
        (exchange(failure=Failure("ReadError", "")), "reset_in_body"),
        (exchange(failure=Failure("RemoteProtocolError", "")), "connection_cut"),
        (exchange(failure=Failure("ReadTimeout", "")), "hang_in_body"),
        (
            exchange(headers=STREAM, answer=EVENT * 2, failure=Failure("ReadError", "")),
            {"stream_cut": {"after": 2, "ending": "reset", "reply": "oneone"}},
        ),
        (
            exchange(headers=STREAM, answer=EVENT + EVENT[:9], failure=Failure("RemoteProtocolError", "")),
            {"stream_cut_in_event": {"after": 1, "ending": "cut", "reply": "one"}},
        ),
        (
            exchange(headers=STREAM, answer=EVENT, failure=Failure("ReadTimeout", "")),
            {"stream_stall": {"after": 1, "reply": "one"}},
        ),
        (exchange(answer=b""), "empty_body"),
        (exchange(answer=b"null"), "null_body"),
        (exchange(answer=b"oops"), {"not_json": {"body": "oops"}}),
        (exchange(answer=b'{"a": 1}'), {"wrong_shape": {"body": '{"a": 1}'}}),
        (exchange(answer=b"<p>", headers=(("content-type", "text/html"),)), {"html_reply": {"body": "<p>"}}),
        (exchange(status=400, answer=b"?"), {"http_status": {"status": 400, "kind": ""}}),
        (exchange(answer={"choices": [{"message": {"content": None}}]}), {"empty": {"text": None}}),
    ],
)
def test_what_went_wrong_is_the_fault_that_does_so(one, said):
    assert saying_of(one, pace="instant") == {"fail": said}


def test_a_reply_takes_as_long_as_it_took():
    response = RecordedResponse(
        200, (), Body(b'{"choices":[{"message":{"content":"a"}}]}'), (41,), (1_500_000,), 1_000_000
    )
    one = Exchange(slot=1, key="", request=exchange().request, response=response)
    assert saying_of(one) == {"reply": {"text": "a", "latency": 1.5}}


def test_a_stream_begins_and_goes_on_as_it_did():
    response = RecordedResponse(200, STREAM, Body(EVENT * 2), (len(EVENT),) * 2, (300_000, 700_000), 300_000)
    one = Exchange(slot=1, key="", request=exchange().request, response=response)
    assert saying_of(one)["reply"]["latency"] == {"first": 0.3, "per_token": 0.2}


def test_drift_of_a_shape_is_told_by_slot_and_field():
    answer = {"choices": [{"message": {"content": "a", "mood": "good"}, "finish_reason": "stop"}]}
    found = shape_drift(recorded(exchange(answer=answer, headers=(("content-type", "application/json"),))))
    assert "choices[0].message.mood" in [one.path for one in found["", 1]]


def test_requests_that_differ_in_what_was_redacted_are_told_apart():
    said = [[{"role": "user", "content": text}, {"role": "assistant", "content": ""}] for text in ("a [REDACTED]", "b")]
    histories = [[*one, {"role": "user", "content": "go on"}] for one in said]
    bodies = [{"model": "gpt-4o", "messages": history} for history in histories]
    answers = [{"choices": [{"message": {"content": text}}]} for text in ("one", "two")]
    both = [exchange(body, slot=n, answer=answers[n - 1]) for n, body in enumerate(bodies, start=1)]
    asked = json.loads(json.dumps(bodies).replace("[REDACTED]", "secret"))
    found = said_by(fake_from(recorded(*both)), [("chat/completions", body) for body in reversed(asked)])
    assert [one[0] for one in found] == ["two", "one"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["a", "", "it's", "é"]),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b c", "d'e", 'f"g', "h\\"]), inner, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.unmeasured
@given(bodies=st.lists(st.dictionaries(st.sampled_from(["x", "y z"]), JSON, max_size=2), min_size=2, max_size=5))
@settings(deadline=None, max_examples=200)
def test_the_fields_that_tell_requests_apart_hold_for_their_own_alone(bodies):
    keys = [json.dumps(body, sort_keys=True) for body in bodies]
    for key, fields in zip(keys, fields_apart(bodies, keys), strict=True):
        wanted = {
            path: EXISTING[said["exists"]] if "exists" in said else Exactly(said["exact"])
            for path, said in fields.items()
        }
        held = {other for other, body in zip(keys, bodies, strict=True) if compiled(wanted).hold(body)}
        assert held == {key}


EXISTING = {True: PRESENT, False: ABSENT}


@pytest.mark.parametrize("write", [chat, responses])
@pytest.mark.parametrize("fault", ["stream_error", "stream_failed"])
def test_an_error_that_stood_in_a_stream_stands_there_again(write, fault, tmp_path):
    fake = FakeLLM()
    fake.fail(fault, message="Too {{ bad }}")
    recording = recording_of(fake, [write("a", stream=True)], tmp_path / "c.yaml")
    [rule] = compile_rules(recording, pace="instant").rules
    [(name, details)] = rule["fail"].items()
    assert (name.startswith("stream_"), details["message"], shape_drift(recording)) == (True, "Too {{ bad }}", {})
