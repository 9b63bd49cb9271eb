"""FakeMCP as any client meets it: here the official one, at each door."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import re
import subprocess
import sys
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from house.architecture import ROOT
from hypothesis import given
from hypothesis import strategies as st
from mcp import Client, MCPError, StdioServerParameters, stdio_client
from mcp_asking import DOORS, QUERY, searching

from kaizen_eval.errors import ConfigError, ScriptError, UsageError
from kaizen_eval.fake.mcp import MCP_FAULTS, FakeMCP, MCPCall, MCPReply
from kaizen_eval.fake.mcp.faults import Fails, Refused
from kaizen_eval.fake.mcp.results import result_of
from kaizen_eval.resilience.clock import virtual_time

EACH_DOOR = pytest.mark.parametrize("door", DOORS)
SOON = 0.2
"""Seconds after which an answer that never comes is waited for no longer."""


def opened(fake: FakeMCP, door: str) -> AbstractContextManager[Any]:
    return {"http": fake.http, "stdio": fake.stdio, "direct": nullcontext}[door]()


def client(fake: FakeMCP, door: str, behind: Any, **settings: Any) -> Client:
    if door == "http":
        return Client(behind.url, **settings)
    if door == "direct":
        return Client(fake.transport(), **settings)
    program, *args = behind.command
    return Client(stdio_client(StdioServerParameters(command=program, args=args)), **settings)


def talk(fake: FakeMCP, door: str, ask: Callable[[Client], Coroutine[Any, Any, Any]], **settings: Any) -> Any:
    """What the official client gets; what it raises, bare of the groups that its own tasks put around it."""

    async def main(behind: Any) -> Any:
        async with client(fake, door, behind, **settings) as connected:
            return (await asyncio.gather(ask(connected), return_exceptions=True))[0]

    with opened(fake, door) as behind:
        outcome = asyncio.run(main(behind))
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def search(connected: Client, *, seconds: float | None = None) -> Coroutine[Any, Any, Any]:
    return connected.call_tool("search", {"query": "x"}, read_timeout_seconds=seconds)


@EACH_DOOR
def test_it_introduces_itself(door):
    async def ask(connected):
        return connected.server_info.name, connected.instructions, connected.server_capabilities.tools.list_changed

    assert talk(FakeMCP("weather", instructions="Ask once."), door, ask) == ("weather", "Ask once.", True)


@EACH_DOOR
def test_a_tool_is_listed_with_all_that_was_said_of_it(door):
    fake = searching(annotations={"readOnlyHint": True}, output={"type": "object"})

    async def ask(connected):
        (tool,) = (await connected.list_tools()).tools
        return tool.model_dump(by_alias=True, exclude_none=True)

    assert talk(fake, door, ask) == {
        "name": "search",
        "description": "Searches.",
        "inputSchema": QUERY,
        "outputSchema": {"type": "object"},
        "annotations": {"readOnlyHint": True},
    }


@EACH_DOOR
@pytest.mark.parametrize(
    ("reply", "text", "structured"),
    [
        ("sunny", "sunny", None),
        ({"sky": "blau", "zahlen": [1]}, '{"sky": "blau", "zahlen": [1]}', {"sky": "blau", "zahlen": [1]}),
        ([1, None], "[1, null]", None),
        (lambda arguments: arguments["query"] * 2, "xx", None),
        (MCPReply(content=[{"type": "text", "text": "a"}], structured={"b": 1}), "a", {"b": 1}),
    ],
)
def test_a_reply_is_a_value_or_what_a_function_makes_of_the_arguments(door, reply, text, structured):
    result = talk(searching(reply=reply), door, search)
    assert (result.content[0].text, result.structured_content, result.is_error) == (text, structured, False)


@EACH_DOOR
def test_a_function_may_be_async(door):
    async def reply(arguments):
        await asyncio.sleep(0)
        return arguments

    assert talk(searching(reply=reply), door, search).structured_content == {"query": "x"}


@EACH_DOOR
def test_what_a_function_raises_is_told_as_an_error(door):
    fake = searching(reply=lambda _: {}["no such key"])
    result = talk(fake, door, search)
    assert (result.is_error, result.content[0].text) == (True, "KeyError: 'no such key'")
    assert [call.outcome for call in fake.calls] == ["error"]


@EACH_DOOR
def test_a_reply_that_is_no_json_is_told_as_an_error(door):
    result = talk(searching(reply=lambda _: object()), door, search)
    assert result.is_error
    assert result.content[0].text.startswith("The reply of the tool 'search' cannot be sent: Object of type object")


@EACH_DOOR
def test_an_unknown_tool_is_refused(door):
    fake = searching()
    with pytest.raises(MCPError, match="Unknown tool: serch"):
        talk(fake, door, lambda connected: connected.call_tool("serch", {}))
    assert fake.calls == (MCPCall(tool="serch", arguments={}, client=1, outcome="unknown tool"),)


@EACH_DOOR
def test_a_method_that_no_server_of_tools_has_is_refused(door):
    with pytest.raises(MCPError, match="Method not found: resources/list"):
        talk(searching(), door, lambda connected: connected.list_resources())


@EACH_DOOR
def test_the_journal_holds_calls_in_their_order_with_their_clients(door):
    fake = searching()

    async def twice(connected):
        await search(connected)
        await connected.call_tool("search", {"query": "y"})

    with opened(fake, door) as behind:
        for _ in range(2):

            async def main(behind=behind):
                async with client(fake, door, behind) as connected:
                    await twice(connected)

            asyncio.run(main())
    assert [(call.client, call.arguments["query"], call.outcome) for call in fake.calls] == [
        (1, "x", "ok"),
        (1, "y", "ok"),
        (2, "x", "ok"),
        (2, "y", "ok"),
    ]


@EACH_DOOR
def test_clients_are_told_when_the_list_of_tools_changes(door):
    """Before the answer to the call that changes it."""
    heard = []

    async def hear(message):
        heard.append(getattr(message, "method", message))

    fake = searching(reply=lambda _: repr(fake.tool("new")))

    async def ask(connected):
        await search(connected)
        return [tool.name for tool in (await connected.list_tools()).tools]

    assert talk(fake, door, ask, message_handler=hear) == ["search", "new"]
    assert heard == ["notifications/tools/list_changed"]


@EACH_DOOR
@pytest.mark.parametrize(
    "alter",
    [
        lambda fake: fake.tool("new"),
        lambda fake: fake.change("search", description="Finds."),
        lambda fake: fake.remove("search"),
    ],
    ids=["tool", "change", "remove"],
)
def test_they_are_told_from_another_thread_too(door, alter):
    async def ask(connected):
        await asyncio.to_thread(alter, fake)
        async with asyncio.timeout(5):
            await told.wait()

    async def hear(_message):
        told.set()

    fake, told = searching(), asyncio.Event()
    talk(fake, door, ask, message_handler=hear)


@EACH_DOOR
@pytest.mark.parametrize("fault", ["error", "inject"])
def test_a_fault_of_the_tool_is_a_result(door, fault):
    fake = searching().fail("search", fault, text="so what")
    result = talk(fake, door, search)
    assert (result.content[0].text, result.is_error) == ("so what", fault == "error")
    assert [call.outcome for call in fake.calls] == [fault]


@EACH_DOOR
def test_an_enormous_result_is_as_long_as_was_said(door):
    result = talk(searching().fail("search", "enormous", chars=3_000_000), door, search)
    assert len(result.content[0].text) == 3_000_000


@EACH_DOOR
def test_a_hanging_tool_never_answers_and_the_next_call_does(door):
    fake = searching().fail("search", "hang", times=1)

    async def ask(connected):
        with pytest.raises(MCPError, match="timed out"):
            await search(connected, seconds=SOON)
        return await search(connected)

    assert talk(fake, door, ask).content[0].text == "found"
    assert [call.outcome for call in fake.calls] == ["hang", "ok"]


@EACH_DOOR
def test_a_call_that_its_client_gave_up_is_in_the_journal_as_cancelled(door):
    fake = searching(reply=lambda _: asyncio.sleep(3600))

    async def ask(connected):
        with pytest.raises(MCPError, match="timed out"):
            await search(connected, seconds=SOON)
        await connected.list_tools()

    talk(fake, door, ask)
    assert [call.outcome for call in fake.calls] == ["cancelled"]


@EACH_DOOR
def test_a_server_that_dies_ends_the_connection(door):
    async def ask(connected):
        with pytest.raises(MCPError, match=r"[Cc]onnection closed|SSE stream ended"):
            await search(connected)

    fake = searching().fail("search", "die", times=1)
    with contextlib.suppress(ExceptionGroup) if door == "http" else nullcontext():  # the client's own task fails, too
        talk(fake, door, ask)
    assert [call.outcome for call in fake.calls] == ["die"]
    assert fake.clients == 0


@EACH_DOOR
def test_a_refusal_has_its_code_and_text(door):
    with pytest.raises(MCPError, match="busy") as refused:
        talk(searching().fail("search", Refused(-32000 - 7, "busy")), door, search)
    assert refused.value.code == -32007


@EACH_DOOR
def test_a_slow_tool_answers_late(door):
    fake = searching().fail("search", "slow", seconds=0.01)
    assert talk(fake, door, search).content[0].text == "found"
    assert [call.outcome for call in fake.calls] == ["ok"]


@EACH_DOOR
def test_a_result_of_the_wrong_shape_is_one_that_clients_refuse(door):
    with pytest.raises(ValueError, match="content"):
        talk(searching().fail("search", "bad_result"), door, search)


@EACH_DOOR
def test_the_handshake_and_the_listing_can_fail(door):
    fake = searching().fail("tools/list", "refused", text="not now", times=1)

    async def ask(connected):
        with pytest.raises(MCPError, match="not now"):
            await connected.list_tools()
        return len((await connected.list_tools()).tools)

    assert talk(fake, door, ask) == 1
    with pytest.raises((MCPError, ExceptionGroup)):
        talk(fake.fail("initialize", "refused"), door, search)


@EACH_DOOR
@pytest.mark.parametrize(
    ("fault", "schema"),
    [
        ("bad_schema", {"type": "object", "properties": {"query": {"type": "strin", "minLength": "many"}}}),
        ("bad_shape", "query: str"),
    ],
)
def test_a_bad_schema_is_listed_as_often_as_was_said(door, fault, schema):
    fake = searching().fail("search", fault, times=1)
    listed = [fake.heard({"id": n, "method": "tools/list"}, 1, {}).message["result"]["tools"][0] for n in (1, 2)]
    assert [tool["inputSchema"] for tool in listed] == [schema, QUERY]
    assert talk(fake, door, search).content[0].text == "found"


def test_over_stdio_something_else_than_json_stands_on_the_line():
    fake = searching().fail("search", "not_json", text="oops")
    with fake.stdio() as behind:
        call = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "search"}})
        ran = subprocess.Popen(behind.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        ran.stdin.write(f"{call}\nno json either\n".encode())
        ran.stdin.flush()
        lines = [ran.stdout.readline() for _ in range(2)]
        ran.communicate()
    assert lines[0] == b"oops\n"
    assert json.loads(lines[1])["error"]["code"] == -32700


def test_the_command_ends_when_its_stdin_does_and_fails_when_the_fake_is_gone():
    fake = FakeMCP()
    with fake.stdio() as behind:
        command = behind.command
        assert subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 0
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    assert (ran.returncode, b"ConnectionRefusedError" in ran.stderr) == (1, True)


def post(url: str, body: object, **headers: str) -> tuple[int, dict[str, str], bytes]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = Request(url, data, {"content-type": "application/json", **headers})  # noqa: S310 - our own server
    try:
        with urlopen(request) as response:  # noqa: S310
            return response.status, dict(response.headers), response.read()
    except HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def test_over_http_a_session_is_needed_and_an_unknown_one_is_not_found():
    call = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    with FakeMCP().http() as server:
        _, headers, _ = post(server.url, {**call, "method": "initialize"})
        known = {"mcp-session-id": headers["mcp-session-id"]}
        statuses = [post(server.url, call, **of)[0] for of in (known, {}, {"mcp-session-id": "old"})]
        assert statuses == [200, 400, 404]


def test_over_http_a_change_goes_out_before_the_answer_that_is_due_else_to_whoever_listens():
    fake = searching(reply=lambda _: repr(fake.tool("more")))
    with fake.http() as server:
        _, headers, _ = post(server.url, {"id": 1, "method": "initialize"})
        session = {"mcp-session-id": headers["mcp-session-id"]}
        with urlopen(Request(server.url, headers=session)) as listening:  # noqa: S310 - our own server
            call = {"id": 2, "method": "tools/call", "params": {"name": "search"}}
            _, headers, body = post(server.url, call, **session)
            fake.remove("more")
            heard = listening.readline() + listening.readline()
    assert headers["content-type"] == "text/event-stream"
    assert [json.loads(line[6:]).get("method", "answer") for line in body.splitlines() if line[:5] == b"data:"] == [
        "notifications/tools/list_changed",
        "answer",
    ]
    assert heard.splitlines()[0] == b"event: message"


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [("not_json", 200, b"Traceback (most recent call last): oops"), ("http_status", 503, b"It failed.")],
)
def test_over_http_an_answer_may_be_no_json(fault, status, body):
    details = {"status": 503} if fault == "http_status" else {}
    with FakeMCP().fail("initialize", fault, **details).http() as server:
        answered = post(server.url, {"jsonrpc": "2.0", "id": 1, "method": "initialize"})
        assert (answered[0], answered[2]) == (status, body)


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"{", -32700), (b"[]", -32600), (b"1", -32600), (b'{"id": 1}', -32600), (b'{"method": 1}', -32600)],
)
def test_what_is_no_message_is_refused(body, code):
    with FakeMCP().http() as server:
        _, headers, _ = post(server.url, {"id": 1, "method": "initialize"})
        _, _, answer = post(server.url, body, **{"mcp-session-id": headers["mcp-session-id"]})
        assert json.loads(answer)["error"]["code"] == code


@pytest.mark.parametrize(("path", "method", "status"), [("/other", "POST", 404), ("/mcp", "PUT", 405)])
def test_other_paths_and_methods_are_not_served(path, method, status):
    with FakeMCP().http() as server:
        request = Request(server.url.replace("/mcp", path), b"{}", method=method)  # noqa: S310 - our own server
        with pytest.raises(HTTPError) as refused:
            urlopen(request)  # noqa: S310
        with refused.value as answer:
            assert answer.code == status


def test_headers_of_http_are_in_the_journal():
    fake = FakeMCP()
    with fake.http() as server:
        post(server.url, {"id": 1, "method": "initialize"}, **{"X-Key": "secret"})
    assert [(request.method, request.headers["x-key"]) for request in fake.requests] == [("initialize", "secret")]


def test_arguments_that_are_no_object_are_refused():
    deed = FakeMCP().heard({"id": 1, "method": "tools/call", "params": {"name": "search", "arguments": [1]}}, 1, {})
    assert deed.message["error"] == {"code": -32602, "message": "tools/call takes a name and arguments."}


@pytest.mark.parametrize(
    ("wanted", "given"), [("2024-11-05", "2024-11-05"), ("1999-01-01", "2025-11-25"), (7, "2025-11-25")]
)
def test_the_version_is_the_clients_if_it_is_known(wanted, given):
    deed = FakeMCP().heard({"id": 1, "method": "initialize", "params": {"protocolVersion": wanted}}, 1, {})
    assert deed.message["result"]["protocolVersion"] == given


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_every_json_value_can_be_a_reply_and_its_text_is_always_there(value):
    result = result_of(value)
    text = result["content"][0]["text"]
    assert text == value if isinstance(value, str) else json.loads(text) == value
    assert result.get("structuredContent") == (value if isinstance(value, dict) else None)


def test_faults_come_in_the_order_in_which_they_were_planned():
    fake = searching().fail("search", "error", text="1", times=2).fail("search", Fails("2"), times=1)

    async def ask(connected):
        return [(await search(connected)).content[0].text for _ in range(4)]

    assert talk(fake, "direct", ask) == ["1", "1", "2", "found"]


def test_the_table_of_faults_is_by_name():
    assert {name: kind.name for name, kind in MCP_FAULTS.items()} == {name: name for name in MCP_FAULTS}


def test_each_fault_is_in_the_documents_table_with_its_details():
    rows = re.findall(r'^\| `"(\w+)"`(.*?) \|', (ROOT / "docs" / "mcp.md").read_text("utf-8"), re.MULTILINE)
    documented = {name: set(re.findall(r"`(\w+)=`", details)) for name, details in rows}
    assert documented == {name: {field.name for field in dataclasses.fields(kind)} for name, kind in MCP_FAULTS.items()}


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            lambda fake: fake.fail("serch", "hang"),
            "FakeMCP has no tool 'serch'; did you mean 'search'? It has: search.",
        ),
        (lambda fake: fake.remove("other"), "FakeMCP has no tool 'other'. It has: search."),
        (lambda fake: fake.change("search", descripton=""), "A tool of FakeMCP has no 'descripton'; did you mean"),
        (lambda fake: fake.fail("search", "hangs"), "FakeMCP has no fault 'hangs'; did you mean 'hang'?"),
        (lambda fake: fake.fail("search", "slow", second=1), "The fault 'slow' has no detail 'second'; did you mean"),
        (
            lambda fake: fake.fail("search", "hang", seconds=1),
            "The fault 'hang' has no detail 'seconds'. It takes none.",
        ),
        (lambda fake: fake.fail("initialize", "inject"), "The fault 'inject' befalls tools, not 'initialize'"),
        (lambda fake: fake.fail("search", "hang", times=0), "times takes a number from 1, not 0."),
    ],
)
def test_a_script_that_cannot_work_is_refused(script, said):
    with pytest.raises(ScriptError) as refused:
        script(searching())
    assert str(refused.value).startswith(said)


def test_assertions_show_the_calls():
    fake = searching().fail("search", "error", times=1)
    with pytest.raises(AssertionError, match=r"'search' was to be called at least once\.\nNo tool was called\."):
        fake.assert_called("search")
    fake.assert_not_called()

    async def ask(connected):
        await search(connected)
        await search(connected)

    talk(fake, "direct", ask)
    fake.assert_called("search", times=2)
    fake.assert_called("search", arguments={"query": "x"})
    fake.assert_not_called("book")
    with pytest.raises(AssertionError) as wrong:
        fake.assert_called("search", times=1, arguments={"query": "y"})
    assert str(wrong.value) == (
        "FakeMCP: 'search' was to be called 1 time with {'query': 'y'}.\n"
        "Calls:\n"
        "  1. search({'query': 'x'}): error\n"
        "  2. search({'query': 'x'}): ok"
    )
    with pytest.raises(AssertionError, match="was not to be called"):
        fake.assert_not_called("search")
    fake.reset().assert_not_called()


def test_doors_with_sockets_need_real_time_and_are_opened_once():
    fake = FakeMCP()
    with virtual_time(), pytest.raises(UsageError, match=r"give MCPServer\(transport=fake\.transport\)"):
        fake.http().start()
    with fake.http() as server, pytest.raises(UsageError, match="was opened before"):
        server.start()
    with pytest.raises(UsageError, match="is not open"):
        _ = server.url
    server.stop()


def test_without_the_package_the_door_in_process_says_what_to_install(monkeypatch):
    for name in [*sys.modules]:
        if name.partition(".")[0] == "mcp" or name == "kaizen_eval.fake.mcp.direct":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mcp", None)
    with pytest.raises(ConfigError, match=r"pip install 'kaizen-eval\[mcp\]'"):
        FakeMCP().transport()


def test_a_door_can_be_opened_from_a_loop():
    async def main() -> bool:
        async with FakeMCP().http() as server:
            return server.url.startswith("http://127.0.0.1:")

    assert asyncio.run(main())
