"""Which encoding a model uses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.metrics.tokens import ESTIMATE, encoding_of
from kaizen_eval.metrics.tokens.families import encoding_name

O200K = (
    "gpt-4o gpt-4o-mini gpt-4o-2024-08-06 gpt-4o-audio-preview chatgpt-4o-latest gpt-4.1 gpt-4.1-nano-2025-04-14"
    " gpt-4.5-preview gpt-5 gpt-5-mini gpt-5.1 gpt-5.1-codex-max o1 o1-2024-12-17 o1-mini o3 o3-pro o4-mini"
    " o4-mini-2025-04-16 gpt-oss-20b gpt-oss:120b openai/gpt-oss-120b openai/gpt-4o openrouter/openai/gpt-4o-mini"
    " openai:gpt-4o GPT-4o ft:gpt-4o-mini-2024-07-18:org::id ft:o4-mini-2025-04-16:org:name:id openai/ft:gpt-4o:o::i"
)
CL100K = (
    "gpt-4 gpt-4-0613 gpt-4-turbo gpt-4-32k gpt-4-1106-preview gpt-3.5 gpt-3.5-turbo gpt-3.5-turbo-0125 gpt-35-turbo"
    " text-embedding-3-small text-embedding-3-large text-embedding-ada-002 davinci-002 ft:gpt-3.5-turbo:org::id"
    " azure/gpt-4-turbo ft:babbage-002:org::id"
)
UNKNOWN = (
    "fake gpt gpt-2 gpt-4. gpt-4x gpt-4ox gpt-6 gpt-50 o2 o10 o1x o3d foo-gpt-4o claude-sonnet-4-5 gemini-2.5-pro"
    " llama3 o1-labs/llama-3 text-davinci-003 text-embedding-4 ft: / :"
)


@pytest.mark.parametrize("model", O200K.split())
def test_newer_models_use_o200k_base(model):
    assert encoding_of(model) is encoding_of("gpt-4o")


@pytest.mark.parametrize("model", CL100K.split())
def test_older_models_and_embeddings_use_cl100k_base(model):
    assert encoding_of(model) is encoding_of("gpt-4")


@pytest.mark.parametrize("model", [None, "", *UNKNOWN.split()])
def test_for_a_model_that_nobody_knows_there_is_the_estimate(model):
    assert encoding_of(model) is ESTIMATE


def test_the_encodings_say_who_they_are():
    encodings = [encoding_of(model) for model in ("gpt-4o", "gpt-4", "fake")]
    assert [(encoding.name, encoding.is_exact) for encoding in encodings] == [
        ("o200k_base", True),
        ("cl100k_base", True),
        ("estimate", False),
    ]


@given(st.text())
def test_no_name_is_too_odd(name):
    assert encoding_name(name) in {None, "o200k_base", "cl100k_base"}


@given(st.sampled_from((O200K + " " + CL100K).split()), st.dates())
def test_a_dated_name_is_always_of_the_family(model, day):
    if ":" not in model:
        assert encoding_name(f"{model}-{day}") == encoding_name(model)
