"""Laws of the chat codec: what is written is read as it was, also by the OpenAI SDK's own models."""

from __future__ import annotations

import json

from chat_asking import ASKED, TOOL, asked, completions, over_the_wire, requests
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletion

from kaizen_eval.fake.wire.chat.body import decode_completion, encode_completion, write_completion
from kaizen_eval.fake.wire.chat.request import decode_inquiry
from kaizen_eval.fake.wire.errors import encode_error
from kaizen_eval.llm.wire import decode_reply, encode_request

older = asked(functions=[TOOL["function"]])
inquiries = st.sampled_from([ASKED, older, asked(logprobs=True), asked(logprobs=True, top_logprobs=3)])


@given(requests)
def test_a_request_always_arrives_as_it_was_sent(request):
    assert decode_inquiry(over_the_wire(encode_request(request))).request == request


@given(completions)
def test_a_completion_always_arrives_as_it_was_made(completion):
    assert decode_completion(over_the_wire(encode_completion(completion, ASKED))) == completion


@given(completions.filter(lambda completion: completion.choices))
def test_our_own_client_always_reads_the_first_choice(completion):
    assert decode_reply(over_the_wire(encode_completion(completion, ASKED))) == completion.reply()


@given(completions, inquiries)
def test_a_completion_is_always_valid_for_the_sdk(completion, inquiry):
    body = over_the_wire(encode_completion(completion, inquiry))
    assert json.loads(ChatCompletion.model_validate(body, strict=True).model_dump_json(exclude_unset=True)) == body


@given(completions, inquiries)
def test_what_is_written_fast_is_always_what_json_writes(completion, inquiry):
    body = json.dumps(encode_completion(completion, inquiry), ensure_ascii=False, separators=(",", ":"))
    assert write_completion(completion, inquiry) == body.encode()


def test_an_error_body_has_openais_shape():
    assert json.loads(encode_error("No.", kind="requests", code="rate_limit_exceeded")) == {
        "error": {"message": "No.", "type": "requests", "param": None, "code": "rate_limit_exceeded"}
    }
