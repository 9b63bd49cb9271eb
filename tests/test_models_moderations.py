"""Models and moderations: as the real service lists and judges."""

from __future__ import annotations

import json

import openai
import pytest
from front_asking import asked, error_of, front_of
from hypothesis import given
from hypothesis import strategies as st
from openai.types import Model, ModerationCreateResponse

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake import FakeLLM, Reply
from kaizen_eval.fake.endpoints.base import Arrival
from kaizen_eval.fake.endpoints.moderations import ModerationsEndpoint
from kaizen_eval.fake.model.completion import Choice, Completion
from kaizen_eval.fake.wire.models import MODELS, encode_model, encode_models
from kaizen_eval.fake.wire.moderations import CATEGORIES, Content, Verdict, decode_inputs, encode_response
from kaizen_eval.messages import Usage
from kaizen_eval.resilience.clock import virtual_time

texts = st.text(st.characters(codec="utf-8"), max_size=20)
verdicts = st.builds(
    Verdict,
    flagged=st.booleans(),
    categories=st.dictionaries(st.sampled_from(CATEGORIES), st.booleans()),
    scores=st.dictionaries(st.sampled_from(CATEGORIES), st.floats(0, 1)),
)
contents = st.builds(Content, text=texts, kinds=st.sampled_from([("text",), ("image",), ("text", "image")]))
PICTURE = {"type": "image_url", "image_url": {"url": "http://host/a.png"}}
SHOWN = {"type": "text", "text": "look"}


def through_the_sdk(fake, use):
    """What comes of one use of a user's own client."""
    http = openai.DefaultAsyncHttpxClient(transport=fake.transport())
    client = openai.AsyncOpenAI(api_key="k", http_client=http, max_retries=0)

    async def ask():
        async with client:
            return await use(client)

    with virtual_time() as clock:
        return clock.run(ask())


@given(texts)
def test_a_model_always_reads_strictly_as_the_sdk_s_own(name):
    body = json.loads(json.dumps(encode_model(name)))
    assert Model.model_validate(body, strict=True).model_dump(exclude_unset=True) == body
    assert body["id"] == name


@given(st.lists(texts))
def test_a_list_always_holds_the_models_in_order(names):
    assert [Model.model_validate(one, strict=True).id for one in encode_models(names)["data"]] == names


@pytest.mark.parametrize(("own", "listed"), [("fake", [*MODELS, "fake"]), ("gpt-4o", list(MODELS))])
def test_the_sdk_lists_the_well_known_models_and_the_fake_s_own(own, listed):
    models = through_the_sdk(FakeLLM(model=own), lambda client: client.models.list())
    assert (models.object, [model.id for model in models.data]) == ("list", listed)


@pytest.mark.parametrize(
    ("name", "owner", "created"),
    [
        ("gpt-4o-mini", "system", 1_721_172_741),
        ("text-embedding-ada-002", "openai-internal", 1_671_217_299),
        ("org/mine 7b", "kaizen-eval", 1_735_689_600),
    ],
)
def test_the_sdk_retrieves_a_model(name, owner, created):
    fake = FakeLLM(model="org/mine 7b")
    model = through_the_sdk(fake, lambda client: client.models.retrieve(name))
    assert model == Model(id=name, object="model", created=created, owned_by=owner)
    assert [(e.endpoint, e.outcome, e.usage) for e in fake.exchanges] == [("models", "reply", Usage())]


def test_a_model_that_does_not_exist_is_answered_as_the_service_does():
    came = asked(front_of(), "GET", "/v1/models/gpt-9%2Fx")
    assert (came.status, came.body) == (
        404,
        error_of("The model 'gpt-9/x' does not exist", param="model", code="model_not_found"),
    )


def test_any_model_may_be_asked_whether_it_is_listed_or_not():
    asking = {"model": "no-such-model", "messages": [{"role": "user", "content": "Hi"}]}
    came = through_the_sdk(FakeLLM(), lambda client: client.chat.completions.create(**asking))
    assert came.model == "no-such-model"


@given(st.lists(contents, min_size=1, max_size=3), verdicts)
def test_a_verdict_always_reads_strictly_as_the_sdk_s_own(judged, verdict):
    body = json.loads(json.dumps(encode_response(judged, [verdict] * len(judged), mark="7", model="m")))
    read = ModerationCreateResponse.model_validate(body, strict=True)
    assert read.model_dump(by_alias=True) == body
    for result, content in zip(body["results"], judged, strict=True):
        assert result["flagged"] == verdict.flagged
        assert result["categories"] == {name: verdict.categories.get(name, False) for name in CATEGORIES}
        assert {name: result["category_scores"][name] for name in verdict.scores} == verdict.scores
        assert all(set(kinds) <= set(content.kinds) for kinds in result["category_applied_input_types"].values())


@given(texts)
def test_what_is_not_flagged_always_scores_next_to_nothing_and_the_same_each_time(text):
    [result] = encode_response([Content(text)], [Verdict()], mark="7", model="m")["results"]
    assert all(0 <= score < 1e-4 for score in result["category_scores"].values())
    assert [result] == encode_response([Content(text)], [Verdict()], mark="8", model="n")["results"]


@pytest.mark.parametrize(
    ("given_input", "judged"),
    [
        ("Hi", (Content("Hi"),)),
        (["Hi", ""], (Content("Hi"), Content(""))),
        ([SHOWN, PICTURE], (Content("look\nhttp://host/a.png", ("text", "image")),)),
        ([PICTURE], (Content("http://host/a.png", ("image",)),)),
    ],
)
def test_what_is_judged_together_is_one_content(given_input, judged):
    assert decode_inputs({"input": given_input}) == judged
    results = through_the_sdk(FakeLLM(), lambda client: client.moderations.create(input=given_input)).results
    assert [result.flagged for result in results] == [False] * len(judged)


def test_a_moderation_names_the_model_and_costs_nothing():
    fake = FakeLLM(model="mine")
    usual = through_the_sdk(fake, lambda client: client.moderations.create(input="Hi"))
    named = through_the_sdk(
        fake, lambda client: client.moderations.create(input="Hi", model="omni-moderation-2024-09-26")
    )
    assert (usual.model, named.model) == ("omni-moderation-latest", "omni-moderation-2024-09-26")
    assert usual.id.startswith("modr-")
    assert [(e.endpoint, e.asked, e.usage) for e in fake.exchanges] == [("moderations", "Hi", Usage())] * 2


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({}, "input", "missing_required_parameter"),
        ({"input": None}, "input", "invalid_type"),
        ({"input": []}, "input", "empty_array"),
        ({"input": ["a", 1]}, "input[1]", "invalid_type"),
        ({"input": [SHOWN, {"type": "audio"}]}, "input[1].type", "invalid_value"),
        ({"input": [{"type": "text"}]}, "input[0].text", "missing_required_parameter"),
        ({"input": [{"type": "image_url", "image_url": "u"}]}, "input[0].image_url", "invalid_type"),
        ({"input": "a", "model": 1}, "model", "invalid_type"),
        ({"input": "a", "user": "me"}, "user", "unknown_parameter"),
    ],
)
def test_what_the_service_does_not_moderate_is_refused(body, param, code):
    fake = FakeLLM()
    came = asked(front_of(fake), "POST", "/v1/moderations", body)
    assert (came.status, came.body["error"]["param"], came.body["error"]["code"]) == (400, param, code)
    assert [exchange.outcome for exchange in fake.journal.exchanges] == ["refused"]


def scripted(text):
    """The results for two inputs, of a script that says this."""
    endpoint = ModerationsEndpoint()
    inquiry = endpoint.read(Arrival("POST", "/v1/moderations", {"input": ["a", "b"]}, {}), model="fake")
    answer = endpoint.write(Completion(mark="0", choices=(Choice(text=text),), model="m"), inquiry)
    return json.loads(answer.body)["results"]


def said(result):
    """What of a result is not as usual."""
    return (
        result["flagged"],
        [name for name, flagged in result["categories"].items() if flagged],
        [name for name, score in result["category_scores"].items() if score > 0.5],
    )


@pytest.mark.parametrize(
    ("text", "came"),
    [
        ('{"flagged": true}', [(True, [], [])] * 2),
        ('{"categories": {"violence": true, "hate": false}}', [(True, ["violence"], ["violence"])] * 2),
        ('[{"categories": {"hate": true}}, {}]', [(True, ["hate"], ["hate"]), (False, [], [])]),
        ('{"category_scores": {"hate": 1}}', [(False, [], ["hate"])] * 2),
        ('{"flagged": false, "categories": {"hate": true}}', [(False, ["hate"], ["hate"])] * 2),
    ],
)
def test_a_script_says_what_is_flagged(text, came):
    assert [said(result) for result in scripted(text)] == came


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "for each of the 2, such as Reply"),
        ("[{}]", "for each of the 2, such as Reply"),
        ("[1, {}]", "A verdict has flagged"),
        ('{"flag": true}', "A verdict has flagged"),
        ('{"categories": {"violense": true}}', "no category 'violense'; did you mean 'violence'"),
        ('{"category_scores": {"x": 1}}', "no category 'x'"),
        ('{"categories": []}', "A verdict has flagged"),
        ('{"categories": {"hate": 1}}', "A verdict has flagged"),
        ('{"category_scores": {"hate": "high"}}', "A verdict has flagged"),
        ('{"flagged": "yes"}', "A verdict has flagged"),
    ],
)
def test_a_script_that_says_no_verdict_is_told_what_to_say(text, reason):
    with pytest.raises(ScriptError, match=reason):
        scripted(text)


def test_rules_for_moderations_are_tried_and_cost_nothing():
    fake = FakeLLM()
    fake.when(endpoint="moderations", user="kill").reply(Reply(data={"categories": {"violence": True}}))
    came = asked(front_of(fake), "POST", "/v1/moderations", {"input": ["kill", "kill"]})
    assert [said(result) for result in came.body["results"]] == [(True, ["violence"], ["violence"])] * 2
    assert [(e.outcome, e.usage) for e in fake.exchanges] == [("reply", Usage())]


def test_only_some_categories_are_looked_for_in_pictures():
    [result] = asked(front_of(), "POST", "/v1/moderations", {"input": [SHOWN, PICTURE]}).body["results"]
    both = [name for name, kinds in result["category_applied_input_types"].items() if kinds == ["text", "image"]]
    assert both == [
        "self-harm",
        "self-harm/instructions",
        "self-harm/intent",
        "sexual",
        "violence",
        "violence/graphic",
    ]
