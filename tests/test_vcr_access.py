"""What we rely on inside vcrpy, attribute by attribute: an update that changes one of these fails here, by its name."""

from __future__ import annotations

import ast
import asyncio
import http.client
import inspect
import io
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import pytest
import urllib3.connectionpool
import vcr.patch
import vcr.stubs
from house.architecture import ROOT
from vcr.patch import CassettePatcherBuilder, ConnectionRemover
from vcr.request import Request
from vcr.stubs import (
    VCRConnection,
    VCRFakeSocket,
    VCRHTTPConnection,
    VCRHTTPResponse,
    VCRHTTPSConnection,
    aiohttp_stubs,
    urllib3_stubs,
)

from kaizen_eval.recording.clients import vcr_access
from kaizen_eval.recording.clients.patch import Patch
from kaizen_eval.recording.clients.vcr_access import (
    Connection,
    connection_patches,
    raw_request,
    response_dict,
    whole_response,
)
from kaizen_eval.recording.clients.whole import WholeResponse

PLAYED = {"status": {"code": 200, "message": "OK"}, "headers": {"x": ["1", "2"]}, "body": {"string": b"text"}}


class Everything:
    """A cassette, for stubs, that plays one response and notes what it is asked."""

    write_protected = False

    def __init__(self, *, plays=True):
        self.plays = plays
        self.asked = []
        self.appended = []

    def can_play_response_for(self, request):
        self.asked.append(request)
        return self.plays

    def play_response(self, request):
        return PLAYED

    def append(self, request, response):
        self.appended.append((request, response))

    def filter_request(self, request):
        return request

    def find_requests_with_most_matches(self, request):
        return []


def built(skip=vcr_access.OURS):
    return [*CassettePatcherBuilder(SimpleNamespace(_path="", skip_patchers=skip, custom_patches=())).build()]


def places(patchers) -> set[tuple[str, str]]:
    return {(str(patcher.getter()), patcher.attribute) for patcher in patchers if hasattr(patcher, "getter")}


def test_the_major_version_is_the_one_that_we_know():
    assert version("vcrpy").split(".")[0] == "9"


@pytest.mark.unmeasured
def test_one_module_alone_reaches_into_vcrpy():
    importing = {}
    for path in sorted((ROOT / "kaizen_eval").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            if any(name.split(".")[0] == "vcr" for name in names):
                importing.setdefault(path.name, set()).update(names)
    importing["stub_cassette.py"] -= {"vcr.request"}  # for type-checkers alone
    assert {name for name, names in importing.items() if any(one.startswith("vcr") for one in names)} <= {
        "vcr_access.py"
    }


def test_the_groups_that_are_ours_exist():
    assert {*vcr_access.OURS} <= {*vcr.patch.PATCHER_NAMES}


def test_the_groups_that_are_not_ours_are_those_whose_stubs_are_connections():
    rest = {*vcr.patch.PATCHER_NAMES} - {*vcr_access.OURS}
    assert rest == {"httplib", "boto3", "urllib3", "httplib2"}


def test_the_urllib3_group_patches_all_that_the_requests_group_does():
    others = {*vcr.patch.PATCHER_NAMES}
    by_requests, by_urllib3 = (places(built(others - {group})) for group in ("requests", "urllib3"))
    assert by_requests <= by_urllib3
    assert by_requests


def test_the_builder_asks_a_cassette_for_three_attributes():
    class Noting:
        def __init__(self):
            self.asked = set()

        def __getattr__(self, name):
            self.asked.add(name)
            return {"_path": "", "skip_patchers": (), "custom_patches": ()}[name]

    noting = Noting()
    assert [*CassettePatcherBuilder(noting).build()]
    assert noting.asked == {"_path", "skip_patchers", "custom_patches"}


@pytest.mark.parametrize(
    "name", ["_build_patcher", "_build_cassette_subclass", "_recursively_apply_get_cassette_subclass"]
)
def test_the_builder_has_the_methods_that_we_override_or_call(name):
    assert len(inspect.signature(getattr(CassettePatcherBuilder, name)).parameters) == {"_build_patcher": 4}.get(
        name, 2
    )


def test_the_builder_makes_every_patch_in_the_method_that_we_override():
    made = []

    class Builder(CassettePatcherBuilder):
        def _build_patcher(self, obj, patched_attribute, replacement_class):
            made.append(patched_attribute)

    rest = [*Builder(SimpleNamespace(_path="", skip_patchers=vcr_access.OURS, custom_patches=())).build()]
    assert {"HTTPConnection", "ConnectionCls", "_get_conn", "_new_conn"} <= {*made}
    assert {type(patcher) for patcher in rest} <= {ConnectionRemover}


def test_stubs_are_made_in_the_method_that_we_override():
    made = []

    class Builder(CassettePatcherBuilder):
        def _build_cassette_subclass(self, base_class):
            made.append(base_class)
            return super()._build_cassette_subclass(base_class)

    assert [*Builder(SimpleNamespace(_path="", skip_patchers=vcr_access.OURS, custom_patches=())).build()]
    assert {
        VCRHTTPConnection,
        VCRHTTPSConnection,
        urllib3_stubs.VCRRequestsHTTPConnection,
        urllib3_stubs.VCRRequestsHTTPSConnection,
    } <= {*made}


def test_all_that_is_patched_is_a_patch_of_ours_or_keeps_pools_tidy():
    assert {type(patch) for patch in connection_patches()} == {Patch, ConnectionRemover}


def test_what_replaces_connections_is_ours():
    replaced = {
        patch.attribute: patch.replacement
        for patch in connection_patches()
        if isinstance(patch, Patch) and isinstance(patch.replacement, type)
    }
    assert {name for name, stub in replaced.items() if issubclass(stub, Connection)} == {*replaced}
    assert {"HTTPConnection", "HTTPSConnection", "ConnectionCls"} <= {*replaced}


@pytest.mark.parametrize(
    ("stub", "real"),
    [
        (VCRHTTPConnection, http.client.HTTPConnection),
        (VCRHTTPSConnection, http.client.HTTPSConnection),
        (urllib3_stubs.VCRRequestsHTTPConnection, urllib3.connection.HTTPConnection),
        (urllib3_stubs.VCRRequestsHTTPSConnection, urllib3.connection.HTTPSConnection),
    ],
)
def test_a_stub_names_the_class_that_it_stands_for_and_has_no_cassette_of_its_own(stub, real):
    assert (stub._baseclass, stub.cassette, stub._protocol in {"http", "https"}) == (real, None, True)


def test_a_stub_collects_a_request_and_asks_its_cassette_for_the_response():
    class Stub(VCRHTTPConnection):
        cassette = Everything()

    connection = Stub("api.example.com", 8080)
    connection.request("POST", "/ask?a=1", body=b"hello", headers={"X-A": "1"})
    response = connection.getresponse()
    (request,) = Stub.cassette.asked
    assert (request.method, request.uri, request.body_bytes, {**request.headers}) == (
        "POST",
        "http://api.example.com:8080/ask?a=1",
        b"hello",
        {"X-A": "1"},
    )
    assert (type(response), response.status, response.read()) == (VCRHTTPResponse, 200, b"text")


def test_a_stub_collects_a_request_that_is_built_step_by_step():
    class Stub(VCRHTTPConnection):
        cassette = Everything()

    connection = Stub("api.example.com")
    connection.putrequest("POST", "/ask")
    connection.putheader("X-A", "1")
    connection.endheaders(b"hel")
    connection.send(b"lo")
    connection.getresponse()
    assert raw_request(Stub.cassette.asked[0]) == (
        "POST",
        "http://api.example.com/ask",
        (("x-a", "1"),),
        b"hello",
    )


def test_a_stub_tells_the_path_to_send_from_the_whole_url():
    connection = VCRHTTPSConnection("api.example.com", 8443)
    assert connection._url("https://api.example.com:8443/ask?a=1") == "/ask?a=1"


def test_a_stub_keeps_its_connection_and_its_socket_where_we_set_them():
    source = inspect.getsource(VCRConnection.__init__)
    assert ("self.real_connection = " in source, "self._sock = None" in source) == (True, True)
    assert VCRFakeSocket().fileno() == 0


def test_vcrpys_own_stubs_still_take_all_patches_away_to_connect():
    """The day when this fails, ours need not make their connections themselves any more."""
    assert "force_reset" in inspect.getsource(VCRConnection)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (None, b""),
        ("é", "é".encode()),
        (b"\xff", b"\xff"),
        (bytearray(b"a"), b"a"),
        (io.BytesIO(b"file"), b"file"),
        (io.StringIO("file"), b"file"),
        (iter([b"a", b"b"]), b"ab"),
    ],
    ids=["none", "text", "bytes", "bytearray", "file", "text file", "iterator"],
)
def test_a_request_has_its_body_as_bytes(body, expected):
    assert raw_request(Request("POST", "http://a/b", body, {})).body == expected


def test_a_request_has_its_headers_as_text():
    request = Request("post", "http://a/b", None, {"X-A": b"\xe9", "X-B": 1, "X-C": ["first", "second"]})
    assert raw_request(request)[:3] == ("POST", "http://a/b", (("x-a", "é"), ("x-b", "1"), ("x-c", "first")))


def test_a_response_reads_as_it_was_written():
    response = WholeResponse(200, "OK", (("x", "1"), ("x", "2"), ("y", "3")), b"text")
    assert whole_response(response_dict(response)) == response


def test_tornados_headers_are_pairs_and_aiohttps_body_may_be_left_out():
    told = {"status": {"code": 200, "message": None}, "headers": [("X", ["1"])], "body": {}}
    assert whole_response(told) == (200, "", (("x", "1"),), b"")


async def by_stub(cassette, real=None, **settings):
    request = vcr_access.aiohttp_request(cassette, real)
    async with aiohttp.ClientSession() as session:
        return await request(session, "POST", "http://api.example.com/ask", **settings)


@pytest.mark.asyncio
async def test_the_stub_of_aiohttp_asks_its_cassette_and_plays_what_it_says():
    cassette = Everything()
    response = await by_stub(cassette, data=b"hello", headers={"X-A": "1"})
    assert raw_request(cassette.asked[0]) == ("POST", "http://api.example.com/ask", (("x-a", "1"),), b"hello")
    assert (response.status, await response.read(), response.headers.getall("x")) == (200, b"text", ["1", "2"])


@pytest.mark.asyncio
async def test_the_stub_of_aiohttp_calls_the_function_that_we_give_it_and_appends_what_comes():
    class Response:
        status, reason, headers, history = 200, "OK", {"x": "1"}, ()

        async def read(self):
            return b"live"

    async def real(session, method, url, **settings):
        await asyncio.sleep(0)
        return Response()

    cassette = Everything(plays=False)
    await by_stub(cassette, real, data=b"hello")
    ((request, response),) = cassette.appended
    assert (request, whole_response(response)) == (cassette.asked[0], (200, "OK", (("x", "1"),), b"live"))


def test_the_stub_of_aiohttp_wraps_what_it_is_given():
    assert aiohttp_stubs.vcr_request(Everything(), aiohttp.ClientSession._request).__wrapped__ is (
        aiohttp.ClientSession._request
    )


@pytest.mark.parametrize("name", ["_request", "_build_url", "_prepare_headers"])
def test_a_session_of_aiohttp_has_what_we_ask_of_it(name):
    assert callable(getattr(aiohttp.ClientSession, name))


def test_the_stub_of_tornado_takes_a_cassette_and_a_function():
    source = (Path(vcr.stubs.__file__).parent / "tornado_stubs.py").read_text("utf-8")
    functions = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    assert [argument.arg for argument in functions["vcr_fetch_impl"].args.args] == ["cassette", "real_fetch_impl"]
