"""Starting and stopping a server: from Python, and from the command line."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from server_talk import PATIENCE, chat, control, get, until, wire
from test_imports import loaded_by

from kaizen_eval.cli import main
from kaizen_eval.errors import UsageError
from kaizen_eval.fake import FakeLLM
from kaizen_eval.fake.desk.desk import Desk
from kaizen_eval.fake.server.reloading import Reloading
from kaizen_eval.fake.server.running import bound, serve
from kaizen_eval.fake.server.settings import ServerSettings
from kaizen_eval.fake.server.tenants import Tenants
from kaizen_eval.fake.timing.latency import NO_LATENCY, Latency
from kaizen_eval.resilience.clock import virtual_time

pytestmark = pytest.mark.measured_children  # nothing else runs the command `serve` to its end

SCRIPT = "version: 1\nseed: 3\nlatency: 0.5\nrules:\n  - reply: one\n"


def test_a_fake_is_served_and_its_assertions_work_meanwhile():
    fake = FakeLLM().otherwise("hi")
    with fake.serve() as server:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", server.base_url)
        with wire(server) as connection:
            connection.send(chat("who asks?")).response()
            fake.assert_asked("who asks?")
            fake.assert_outcomes("reply")


def test_rules_may_be_added_while_it_runs():
    fake = FakeLLM().otherwise("before")
    with fake.serve() as server, wire(server) as connection:
        assert connection.send(chat()).response().text == "before"
        fake.when(user="hello").reply("after")
        assert connection.send(chat()).response().text == "after"


def test_a_stopped_server_leaves_nothing_behind():
    before = set(threading.enumerate())
    with FakeLLM().serve() as server:
        port = int(server.base_url.rpartition(":")[2].partition("/")[0])
    assert set(threading.enumerate()) <= before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


@pytest.mark.parametrize("turns", range(8))
def test_a_connection_that_comes_while_it_stops_is_closed(turns):
    """Whatever had become of it by then: it waits, is accepted, or is made."""

    sock, clients = bound("127.0.0.1", 0), []

    async def come_and_stop(stop: asyncio.Event) -> None:
        await asyncio.sleep(0.01)  # until it listens
        clients.append(socket.create_connection(sock.getsockname(), timeout=PATIENCE))
        for _ in range(turns):
            await asyncio.sleep(0)
        stop.set()

    async def served() -> None:
        stop = asyncio.Event()
        coming = asyncio.ensure_future(come_and_stop(stop))
        await serve(sock, Tenants(FakeLLM(), most=1), ServerSettings(), stop)
        await coming

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        asyncio.run(served())
        gc.collect()
    with clients[0] as client, suppress(ConnectionResetError):
        assert client.recv(1) == b""
    assert [str(each.message) for each in warned] == []


def test_what_is_under_way_ends_when_it_stops():
    cancelled = threading.Event()

    async def never(request):
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    fake = FakeLLM()
    fake.when(user="wait").reply(never)
    fake.when(user="late").reply("late").times(1)
    fake.fail("hang")
    with fake.serve() as server, wire(server) as waiting, wire(server) as hanging, wire(server) as idle:
        waiting.send(chat("wait"))
        hanging.send(chat("hang"))
        idle.send(get("/_kaizen/health")).response()
        until(fake.journal, lambda exchanges: len(exchanges) == 2)
        server.stop()
        assert [one.everything() for one in (waiting, hanging, idle)] == [b""] * 3
    assert cancelled.wait(PATIENCE)
    assert [(e.error, e.ended is None) for e in fake.exchanges] == [("CancelledError", False)] * 2


def test_it_stops_once_and_starts_once():
    server = FakeLLM().serve()
    server.start()
    server.stop()
    server.stop()
    with pytest.raises(UsageError, match="was started before"):
        server.start()


def test_its_url_is_there_while_it_runs():
    server = FakeLLM().serve()
    with pytest.raises(UsageError, match=r"inside of `with fake\.serve\(\) as server:`"):
        _ = server.base_url
    assert repr(server) == "Serving(not running)"


def test_it_can_be_entered_in_an_event_loop():
    async def ask():
        async with FakeLLM().otherwise("hi").serve() as server:
            return await asyncio.to_thread(lambda: control(server, "/health").status)

    assert asyncio.run(ask()) == 200


def test_under_virtual_time_it_is_refused():
    with virtual_time(), pytest.raises(UsageError, match="A server's time is real"):
        FakeLLM().serve().start()


def test_a_taken_port_is_an_error():
    with FakeLLM().serve() as server:
        port = int(server.base_url.rpartition(":")[2].partition("/")[0])
        with pytest.raises(OSError, match="in use"):
            FakeLLM().serve(port=port).start()


def test_it_listens_on_ipv6():
    with FakeLLM().serve(host="::1") as server:
        assert re.fullmatch(r"http://\[::1\]:\d+/v1", server.base_url)
        assert control(server, "/health", "x: y").status == 200


def test_a_second_server_of_one_fake_has_the_same_journal():
    fake = FakeLLM().otherwise("hi")
    with fake.serve() as one, fake.serve() as two:
        for server in (one, two):
            with wire(server) as connection:
                connection.send(chat()).response()
    assert len(fake.journal) == 2


def test_real_ids_differ_each_time_and_the_time_is_real():
    def twice(**options):
        with FakeLLM(**options).otherwise("hi").serve() as server:
            answers = []
            for _ in range(2):
                with wire(server) as connection:
                    answers.append(connection.send(chat(seed=1)).response().json())
            return [(answer["id"], answer["created"]) for answer in answers]

    (fake_id, fake_time), _ = twice()
    assert twice()[0] == (fake_id, fake_time)
    (one, now), (two, _) = twice(real_ids=True)
    assert len({one, two, fake_id}) == 3
    assert now > fake_time


class Program(NamedTuple):
    """`kaizen-eval serve`, running."""

    process: subprocess.Popen[str]
    line: str

    @property
    def url(self) -> str:
        return self.line.removeprefix("listening on ").removesuffix("/v1")

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err


@contextmanager
def program(*options: object, **environment: str) -> Iterator[Program]:
    command = [sys.executable, "-W", "error", "-m", "kaizen_eval", "serve", "--port", "0", *map(str, options)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | environment
    ) as process:
        try:
            yield Program(process, process.stdout.readline().rstrip("\n"))
        finally:
            process.kill()


def test_the_command_prints_one_line_and_ends_in_order():
    with program() as running:
        assert re.fullmatch(r"listening on http://127\.0\.0\.1:\d+/v1", running.line)
        with wire(running) as connection:
            assert connection.send(chat()).response().status == 200
        assert running.end() == (0, "", "")


def test_an_interrupted_command_says_so_by_its_code():
    with program("--script", "/dev/null/nothing.yaml") as running:
        assert running.process.wait(PATIENCE) == 1
    with program() as running:
        assert running.end(signal.SIGINT) == (130, "", "")


def test_the_commands_options_reach_the_fake(tmp_path):
    (tmp_path / "key").write_text("sk-from-file\n")
    (tmp_path / "s.yaml").write_text(SCRIPT.replace("one", "'{{ model }} speaks'"))
    options = ("--api-key-file", tmp_path / "key", "--script", tmp_path / "s.yaml", "--model", "mine", "--rpm", "2")
    key = "authorization: Bearer sk-from-file"
    with program(*options, "--speed", "1000", "--max-body", "1000") as running, wire(running) as connection:
        first = connection.send(chat("hi", key, temperature=1)).response()
        statuses = [connection.send(chat("hi", *headers)).response().status for headers in ([key], [key], [])]
        too_long = connection.send(chat("x" * 2000, key)).response().status
        out = running.end()
    assert (first.text, statuses, too_long) == ("fake speaks", [200, 429, 401], 413)
    assert "sk-from-file" not in repr(out)


def test_the_key_may_come_from_the_environment():
    with program(KAIZEN_API_KEY="sk-env") as running, wire(running) as connection:
        assert [
            connection.send(chat("hi", *key)).response().status for key in ([], ["authorization: Bearer sk-env"])
        ] == [401, 200]


def test_the_command_tells_that_a_script_was_read_again(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(SCRIPT)
    with program("--script", path, "--speed", "1000") as running:
        (tmp_path / "new").write_text(SCRIPT.replace("one", "two"))
        (tmp_path / "new").replace(path)  # else it may be read while it is half written
        assert running.process.stderr.readline() == "kaizen-eval: s.yaml was read again: 1 rules.\n"
        with wire(running) as connection:
            assert connection.send(chat()).response().text == "two"


def failed(capsys: pytest.CaptureFixture[str], *options: object) -> tuple[int, str]:
    code = main(["serve", *map(str, options)])
    captured = capsys.readouterr()
    assert captured.out == ""
    return code, captured.err


def test_a_taken_port_is_one_line(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = (
            f"kaizen-eval: Cannot listen on 127.0.0.1:{port}: Address already in use. Another program listens there; "
        )
        assert failed(capsys, "--port", port) == (1, line + "--port 0 takes a free one.\n")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--host", "10.0.0.1"), "The host '10.0.0.1' can be reached by others"),
        (("--latency", "soon"), "--latency takes seconds"),
        (("--latency", "-1"), "--latency takes seconds"),
        (("--speed", "0"), "speed takes a number above 0"),
    ],
)
def test_an_option_that_cannot_work_is_a_usage_error(capsys, options, said):
    code, err = failed(capsys, "--port", 0, *options)
    assert (code, said in err, err.count("\n")) == (2, True, 1)


@pytest.mark.parametrize("option", ["--rpm", "--tpm", "--max-body", "--journal-keep"])
@pytest.mark.parametrize("given", ["0", "-1", "1.5", "many"])
def test_a_count_is_a_whole_number_from_1(capsys, option, given):
    with pytest.raises(SystemExit) as left:
        main(["serve", f"{option}={given}"])
    said = f"argument {option}: {given!r} is no whole number from 1\n"
    assert (left.value.code, capsys.readouterr().err.endswith(said)) == (2, True)


def test_a_script_that_is_not_there_is_named(capsys):
    assert failed(capsys, "--script", "nowhere.yaml") == (1, "kaizen-eval: No such file or directory: 'nowhere.yaml'\n")


def test_a_script_that_is_wrong_ends_the_command_with_its_lines(capsys, tmp_path):
    (tmp_path / "s.yaml").write_text("version: 1\nrules:\n  - replyy: x\n")
    code, err = failed(capsys, "--script", tmp_path / "s.yaml")
    assert (code, "s.yaml:3:5" in err) == (2, True)


def test_an_empty_key_file_is_refused(capsys, tmp_path):
    (tmp_path / "key").write_text("\n")
    code, err = failed(capsys, "--api-key-file", tmp_path / "key")
    assert (code, "holds no key" in err) == (2, True)


def test_the_command_starts_without_what_it_does_not_need():
    libraries = {"pydantic", "openai", "httpx2", "jsonschema", "rich", "yaml", "hypothesis", "pytest"}
    parts = {"endpoints.responses", "endpoints.embeddings", "faults.status", "script.builder", "server.control"}
    others = {"importlib.metadata", "importlib.resources", "typing_extensions"}
    heavy = {*libraries, *others, *(f"kaizen_eval.fake.{part}" for part in parts)}
    assert loaded_by("from kaizen_eval.cli import _parser; _parser(['serve'])") & heavy == set()


class Told:
    """A desk with a script file, and what was told of it."""

    def __init__(self, path: Path, **first: object) -> None:
        self.path = path
        self.lines: list[str] = []
        self.desk = Desk(seed=0, latency=NO_LATENCY, keep=None)
        self.reloading = Reloading(self.desk, path, **{"seed": None, "latency": None} | first, tell=self.lines.append)

    def write(self, text: str) -> None:
        self.path.write_text(text)
        self.reloading.look()

    @property
    def facts(self) -> tuple[object, ...]:
        return self.desk.seed, self.desk.latency, [rule.action.text for rule in self.desk.script.rules]


def test_a_script_file_is_in_force_at_once_and_again_when_it_changes(tmp_path):
    (tmp_path / "s.yaml").write_text(SCRIPT)
    told = Told(tmp_path / "s.yaml")
    assert told.facts == (3, Latency(first=0.5), ["one"])
    told.reloading.look()
    told.write(SCRIPT.replace("one", "two").replace("3", "4"))
    assert (told.facts, told.lines) == ((4, Latency(first=0.5), ["two"]), ["s.yaml was read again: 1 rules."])


def test_a_script_that_became_wrong_leaves_the_old_one_in_force(tmp_path):
    (tmp_path / "s.yaml").write_text(SCRIPT)
    told = Told(tmp_path / "s.yaml")
    told.write("version: 1\nrules: 3\n")
    [line] = told.lines
    assert (told.facts[2], "s.yaml:2:" in line, line.endswith("stays in force.")) == (["one"], True, True)


def test_what_was_said_on_the_command_line_goes_before_the_file(tmp_path):
    (tmp_path / "s.yaml").write_text(SCRIPT)
    told = Told(tmp_path / "s.yaml", seed=9, latency=Latency(first=2))
    assert told.facts == (9, Latency(first=2), ["one"])


WATCHED = """
import os, sys
from server_talk import chat, control, get, wire
from kaizen_eval import FakeLLM

written = []
to_write = os.O_WRONLY | os.O_RDWR
sys.addaudithook(lambda event, args: event == "open" and args[2] & to_write and written.append(args[0]))
open(os.devnull, "w").close()
fake = FakeLLM()
fake.forgive_misses()
with fake.serve() as server, wire(server) as connection:
    for request in (chat("hi"), chat("hi", stream=True), chat("hi", colour=1), get("/v1/files/../../x", method="PUT")):
        connection.send(request).response()
    for path in ("/health", "/journal", "/", "/../../x", "/%2e%2e/x"):
        control(server, path)
    control(server, "/script", method="POST", body=b"version: 1\\nrules: [{reply: hi}]")
print(written)
"""


def test_a_server_writes_no_file():
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run([sys.executable, "-B", "-c", WATCHED], env=env, check=True, capture_output=True, text=True)
    assert ran.stdout == f"{[os.devnull]}\n"
