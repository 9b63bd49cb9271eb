"""Which endpoint a recorded request was for, whatever its base URL put before it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.recording.lookup.key import recorded_path

PREFIXES = ["", "/v1", "/api/v1", "/openai/v1", "/proxy/team-a/v1", "/v1beta/openai", "/openai", "/gateway/v1/acc/x"]
PATHS = [
    "/chat/completions",
    "/completions",
    "/responses",
    "/responses/resp_abc123/cancel",
    "/embeddings",
    "/models",
    "/models/gpt-4o",
    "/models/org/name:free",
    "/messages",
    "/messages/count_tokens",
    "/messages/batches/x/results",
    "/audio/transcriptions",
    "/images/generations",
    "/files/file-abc/content",
    "/threads/t/messages",
    "/threads/t/runs/r/submit_tool_outputs",
    "/deployments/gpt-4o/chat/completions",
    "/models/gemini-2.0-flash:generateContent",
]


@given(st.sampled_from(PREFIXES), st.sampled_from(PATHS))
def test_what_a_base_url_puts_before_an_endpoint_never_matters(prefix, path):
    assert recorded_path(prefix + path) == path


@given(st.lists(st.sampled_from(["v1", "v2", "api", "chat", "models", "completions", "x", "messages", ""]), max_size=6))
def test_what_is_recorded_is_always_the_end_of_the_path(parts):
    path = "/" + "/".join(part for part in parts if part)
    assert f"{path}/".endswith(recorded_path("/" + "/".join(parts)).rstrip("/") + "/")


def test_two_endpoints_never_become_one():
    recorded = {recorded_path(prefix + path) for prefix in PREFIXES for path in PATHS}
    assert recorded == set(PATHS)


@pytest.mark.parametrize(
    ("path", "recorded"),
    [
        ("/v1/chat/completions", "/chat/completions"),
        ("//v1/chat/completions/", "/chat/completions"),
        ("/openai/deployments/gpt-4o/chat/completions", "/deployments/gpt-4o/chat/completions"),
        ("/openai/v1/responses", "/responses"),
        ("/v1beta/models/gemini-2.0-flash:generateContent", "/models/gemini-2.0-flash:generateContent"),
        ("/v1beta/openai/chat/completions", "/chat/completions"),
        (
            "/v1/projects/p/locations/us-central1/publishers/google/models/gemini-2.0:streamGenerateContent",
            "/models/gemini-2.0:streamGenerateContent",
        ),
        ("/v1/projects/p/locations/l/endpoints/openapi/chat/completions", "/chat/completions"),
        ("/model/anthropic.claude-3/converse-stream", "/model/anthropic.claude-3/converse-stream"),
        ("/v1/acc/gateway/openai/chat/completions", "/chat/completions"),
        ("/inference/v1/chat/completions", "/chat/completions"),
        ("/api/chat", "/api/chat"),
        ("/ollama/api/generate", "/api/generate"),
        ("/v2/rerank", "/rerank"),
        ("/v1/fim/completions", "/fim/completions"),
        ("/v1/v1/chat/completions", "/v1/v1/chat/completions"),
        ("/v1/models/v2", "/models/v2"),
        ("/v1/weather", "/weather"),
        ("/data/2.5/weather", "/data/2.5/weather"),
        ("/v1", "/"),
        ("", "/"),
        ("/", "/"),
    ],
)
def test_the_paths_of_services(path, recorded):
    assert recorded_path(path) == recorded
