"""Generated ids in a recorded request: numbered by their first appearance, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_asking import posted

from kaizen_eval.recording.lookup.key import canonical, key_of

PREFIXES = ["call_", "chatcmpl-", "chatcmpl-tool-", "fc_", "msg_", "resp_", "rs_", "toolu_", "tooluse_", "srvtoolu_"]
rests = st.text("abcdefXYZ0123456789", min_size=8, max_size=24)
generated = st.builds("{}{}".format, st.sampled_from(PREFIXES), rests)


def two_calls(first, second, results):
    """A conversation in which two tools are called, and their results come in an order."""
    calls = [
        {"id": one, "type": "function", "function": {"name": name, "arguments": "{}"}}
        for one, name in ((first, "weather"), (second, "time"))
    ]
    told = [{"role": "tool", "tool_call_id": one, "content": text} for one, text in zip(results, "xy", strict=True)]
    return posted({"messages": [{"role": "assistant", "content": None, "tool_calls": calls}, *told]})


@given(st.sampled_from(PREFIXES), st.lists(rests, min_size=4, max_size=4, unique=True))
def test_which_ids_were_generated_never_changes_a_key(prefix, some):
    a, b, c, d = (prefix + rest for rest in some)
    assert key_of(two_calls(a, b, (a, b))) == key_of(two_calls(c, d, (c, d)))


@given(st.sampled_from(PREFIXES), rests, rests)
def test_lists_in_lists_are_looked_through(prefix, one, other):
    keys = {key_of(posted({"input": [[{"call_id": prefix + rest}]]})) for rest in (one, other)}
    assert len(keys) == 1


@given(st.sampled_from(PREFIXES), st.lists(rests, min_size=2, max_size=2, unique=True))
def test_swapped_ids_always_change_the_key(prefix, some):
    a, b = (prefix + rest for rest in some)
    requests = [two_calls(a, b, results) for results in ((a, b), (b, a), (a, a), (b, b))]
    assert len({key_of(request) for request in [*requests, two_calls(a, a, (a, a))]}) == 5


@given(generated, generated.map(lambda text: text + "x"))
def test_a_text_that_looks_like_an_id_is_a_text(one, other):
    keys = {key_of(posted({"messages": [{"role": "user", "content": text}]})) for text in (one, other)}
    assert (len(keys) == 1) == (one == other)


@pytest.mark.parametrize(
    "body",
    [
        {"metadata": {"id": "..."}},
        {"tools": [{"function": {"parameters": {"id": "..."}}}]},
        {"messages": [{"content": [{"type": "tool_use", "id": "toolu_same1", "input": {"id": "..."}}]}]},
        {"messages": [{"tool_calls": [{"function": {"arguments": '{"id": "..."}'}}]}]},
        {"messages": [{"tool_calls": [{"function": {"arguments": {"id": "..."}}}]}]},
        {"input": {"id": "..."}},
        {"contents": [{"parts": [{"functionCall": {"args": {"id": "..."}}}]}]},
        {"user": "..."},
        {"prompt": "..."},
    ],
)
def test_ids_that_users_made_up_tell_requests_apart(body):
    keys = {key_of(posted(written(body, text))) for text in ("msg_0123456789", "msg_9876543210")}
    assert len(keys) == 2


def written(value, text):
    if isinstance(value, dict):
        return {name: written(inner, text) for name, inner in value.items()}
    return [written(inner, text) for inner in value] if isinstance(value, list) else value.replace("...", text)


@pytest.mark.parametrize("text", ["gpt-4o", "call", "call_", "call_x", "xcall_abcdefgh", "call_ab cd", "file-abcdef12"])
def test_what_is_no_generated_id_is_kept(text):
    assert f'"id":"{text}"' in canonical(posted({"id": text}))


@pytest.mark.parametrize(
    "body",
    [
        {"previous_response_id": "..."},
        {"input": [{"type": "function_call", "id": "...", "call_id": "call_same1"}]},
        {"input": [{"type": "function_call_output", "call_id": "...", "output": "x"}]},
        {"input": [{"type": "item_reference", "id": "..."}]},
        {"messages": [{"content": [{"type": "tool_result", "tool_use_id": "...", "content": "x"}]}]},
        {"tool_outputs": [{"tool_call_id": "...", "output": "x"}]},
    ],
)
def test_ids_are_found_in_the_requests_of_each_api(body):
    keys = {key_of(posted(written(body, text))) for text in ("msg_0123456789", "msg_9876543210")}
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("path", "recorded"),
    [
        ("/responses/resp_68a1b2c3d4e5f6", "/responses/<resp_1>"),
        ("/responses/resp_68a1b2c3d4e5f6/cancel", "/responses/<resp_1>/cancel"),
        ("/threads/t/messages/msg_abc123/x/msg_abc123", "/threads/t/messages/<msg_1>/x/<msg_1>"),
        ("/call_center/call_logs", "/call_center/call_logs"),
        ("/models/run-things", "/models/run-things"),
        ("/a/<resp_1>", "/a/%3Cresp_1>"),
    ],
)
def test_ids_in_a_path_are_numbered(path, recorded):
    assert canonical(posted({}, path)).partition("?")[0] == f'"POST" "{recorded}"'


def test_the_order_of_fields_does_not_change_the_numbers():
    one = {"id": "msg_0123456789", "previous_response_id": "resp_0123456789"}
    assert canonical(posted(one)) == canonical(posted(dict(reversed(one.items()))))


def test_an_id_of_the_path_is_the_same_in_the_body():
    one, other = "resp_0123456789", "resp_9876543210"
    paths = [posted({"response_id": text}, f"/responses/{one}") for text in (one, other)]
    assert key_of(paths[0]) != key_of(paths[1])


def test_an_id_in_a_query_is_numbered_and_where_to_go_on_is_not():
    told = canonical(posted({}, query=[("response_id", "resp_0123456789"), ("after", "msg_0123456789")]))
    assert told.splitlines()[0].endswith('?"after"="msg_0123456789"&"response_id"=[NaN,"GeneratedId","<resp_1>"]')
