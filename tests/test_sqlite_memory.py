"""SqliteMemory: what was appended is there after a crash, for every process, in order."""

from __future__ import annotations

import asyncio
import gc
import signal
import sqlite3
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from turns import recall, remember, texts, turn, turns

from kaizen_eval import BaseAgent, SqliteMemory, virtual_time
from kaizen_eval.errors import ConfigError, MemoryFailed, RunTimeout
from kaizen_eval.fake import FakeLLM, Reply
from kaizen_eval.memory import Memory, Store
from kaizen_eval.memory.written import name_bytes, turn_bytes, turn_of


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sessions.db"


@pytest.fixture
def opened(path):
    """Makes memories of that file, and closes them."""
    made = []

    def make(**settings):
        made.append(SqliteMemory(path, **settings))
        return made[-1]

    yield make
    for memory in made:
        memory.close()


def files(folder):
    return sorted(path.name for path in folder.iterdir())


# --- what is written --------------------------------------------------------------------------------------------------


@given(turns)
def test_reading_what_was_written_always_gives_the_same_turn(one):
    assert turn_of(turn_bytes(one)) == one


@given(texts, texts)
def test_two_sessions_never_have_one_name(one, other):
    assert (name_bytes(one) == name_bytes(other)) is (one == other)


@pytest.mark.parametrize("data", [b"", b"{}x", b"[1]", b'[{"role": "user"}]', b"\xff", b'"text"', b"[" * 100_000])
def test_what_is_no_turn_is_a_value_error(data):
    with pytest.raises(ValueError, match=r"."):
        turn_of(data)


# --- the file ---------------------------------------------------------------------------------------------------------


def test_another_memory_of_the_same_file_has_the_same_sessions(opened):
    remember(opened(), "s", "a", "b")
    assert recall(opened(), "s") == (turn("a"), turn("b"))


def test_a_closed_memory_opens_its_file_again(opened, path):
    memory = opened()
    remember(memory, "s", "a")
    memory.close()
    memory.close()
    beside = files(path.parent)
    remember(memory, "s", "b")
    assert (beside, recall(memory, "s")) == (["sessions.db"], (turn("a"), turn("b")))


def test_a_relative_path_stays_where_it_was(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    memory = SqliteMemory("sessions.db")
    monkeypatch.chdir("/")
    remember(memory, "s", "a")
    memory.close()
    assert memory.path == str(tmp_path / "sessions.db")
    assert files(tmp_path) == ["sessions.db"]


def test_a_file_that_is_deleted_meanwhile_is_made_anew(opened, path):
    memory = opened()
    remember(memory, "s", "a")
    for file in path.parent.iterdir():
        file.unlink()
    remember(memory, "s", "b")
    assert recall(opened(), "s") == (turn("b"),)


def test_a_limit_that_is_lowered_holds_at_once_and_for_good(opened):
    remember(opened(), "s", "a", "b", "c")
    assert recall(opened(max_turns=2), "s") == (turn("b"), turn("c"))
    remember(opened(max_turns=1), "s", "d")
    assert recall(opened(), "s") == (turn("d"),)


def test_the_least_recently_used_session_is_forgotten_and_reading_is_using(opened):
    memory = opened(max_sessions=2)
    for session in "ab":
        remember(memory, session, "1")
    recall(memory, "a")
    remember(memory, "c", "1")
    assert [len(recall(memory, session)) for session in "abc"] == [1, 0, 1]


@pytest.mark.parametrize("new", [(), (turn("x"),), (turn("x"), turn("y")), (turn("x"), turn("y"), turn("z"))])
def test_the_oldest_turns_are_exchanged_and_the_others_stay_behind_them(opened, new):
    memory = opened()
    remember(memory, "s", "a", "b", "c", "d")
    assert asyncio.run(memory.replace("s", (turn("a"), turn("b"), turn("c")), new)) is True
    assert recall(memory, "s") == (*new, turn("d"))


@pytest.mark.parametrize("old", [("b",), ("a", "c"), ("a", "b", "c")])
def test_nothing_is_exchanged_unless_the_session_begins_so(opened, old):
    memory = opened()
    remember(memory, "s", "a", "b")
    assert asyncio.run(memory.replace("s", tuple(map(turn, old)), ())) is False
    assert asyncio.run(memory.replace("nobody", tuple(map(turn, old)), ())) is False
    assert recall(memory, "s") == (turn("a"), turn("b"))


def test_reading_without_a_limit_of_sessions_writes_nothing(opened, path):
    remember(opened(), "s", "a")
    with sqlite3.connect(path) as other:
        other.execute("BEGIN IMMEDIATE")
        assert recall(opened(), "s") == (turn("a"),)
        other.rollback()
    other.close()


def test_a_session_that_is_cleared_leaves_no_rows(opened, path):
    memory = opened()
    remember(memory, "s", "a", "b")
    asyncio.run(memory.clear("s"))
    memory.close()
    with sqlite3.connect(path) as connection:
        assert list(connection.execute("SELECT * FROM turns UNION SELECT * FROM sessions")) == []
    connection.close()


def test_it_is_a_store_and_shows_what_it_is(opened, path):
    memory = opened(max_turns=3)
    assert isinstance(memory, Memory)
    assert isinstance(memory, Store)
    assert repr(memory) == f"SqliteMemory({str(path)!r}, max_turns=3, max_sessions=None)"


@pytest.mark.parametrize("bad", ["", 7, None, b"sessions.db", ":memory:"])
def test_what_is_no_path_is_refused(bad):
    with pytest.raises(ConfigError, match="SqliteMemory"):
        SqliteMemory(bad)


@pytest.mark.parametrize("bad", [{"max_turns": 0}, {"max_sessions": 0}, {"max_turns": "ten"}])
def test_a_bound_that_cannot_work_is_refused(bad, path):
    with pytest.raises(ConfigError, match=next(iter(bad))):
        SqliteMemory(path, **bad)
    assert not path.exists()


# --- threads, loops and time ------------------------------------------------------------------------------------------


def test_threads_share_a_memory_and_none_of_their_turns_is_lost(opened):
    memory = opened()
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: remember(memory, "all", *(f"{n} {k}" for k in range(5))), range(6)))
    said = [one.messages[0].content for one in recall(memory, "all")]
    assert [[text for text in said if text[0] == str(n)] for n in range(6)] == [
        [f"{n} {k}" for k in range(5)] for n in range(6)
    ]


def test_the_loop_goes_on_while_the_file_is_locked(opened, path):
    memory = opened()

    async def scene():
        with sqlite3.connect(path, check_same_thread=False) as other:
            other.execute("BEGIN IMMEDIATE")
            writing = asyncio.create_task(memory.append("s", turn("a")))
            for _ in range(3):
                await asyncio.sleep(0.01)
            was_done = writing.done()
            other.rollback()
            await writing
        other.close()
        return was_done

    assert (asyncio.run(scene()), recall(memory, "s")) == (False, (turn("a"),))


def test_one_who_is_cancelled_leaves_no_turn_and_nothing_under_way(opened, path):
    memory = opened()

    async def scene():
        with sqlite3.connect(path, check_same_thread=False) as other:
            other.execute("BEGIN IMMEDIATE")
            writing = asyncio.create_task(memory.append("s", turn("a")))
            await asyncio.sleep(0.01)
            writing.cancel()
            asyncio.get_running_loop().call_later(0.05, other.rollback)
            with pytest.raises(asyncio.CancelledError):
                await writing
            is_under_way = memory._file._lock.locked()
        other.close()
        return is_under_way

    assert asyncio.run(scene()) is False
    assert recall(memory, "s") == ()


@pytest.mark.parametrize("cancels", [1, 2])
def test_what_was_given_up_is_not_told_as_an_error_that_nobody_saw(opened, path, cancels):
    memory, told = opened(), []

    async def scene():
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["message"]))
        with sqlite3.connect(path, check_same_thread=False) as other:
            other.execute("BEGIN IMMEDIATE")
            writing = asyncio.create_task(memory.append("s", turn("a")))
            for _ in range(cancels):
                await asyncio.sleep(0.01)
                writing.cancel()
            await asyncio.wait([writing])
            await asyncio.to_thread(memory.close)  # waits for what is under way
            other.rollback()
        other.close()
        del writing
        await asyncio.sleep(0.01)
        gc.collect()

    asyncio.run(scene())
    assert told == []


def test_on_virtual_time_the_file_takes_none(opened):
    memory = opened()
    llm = FakeLLM()
    llm.otherwise(Reply(text="Hi", latency=2))
    with virtual_time() as clock:
        for _ in range(3):
            BaseAgent(provider=llm, memory=memory).run("s", message="Hello")
    assert (clock.elapsed, len(recall(memory, "s"))) == (6, 3)


def test_a_run_that_is_out_of_time_leaves_no_turn(opened):
    memory = opened()
    llm = FakeLLM()
    llm.fail("hang")
    with virtual_time(), pytest.raises(RunTimeout):
        BaseAgent({"timeout": 5}, provider=llm, memory=memory).run("s", message="Hello")
    assert recall(memory, "s") == ()


def test_a_session_goes_on_where_another_process_left_it(opened):
    llm = FakeLLM()
    BaseAgent(provider=llm, memory=opened()).run("s", message="I am Alice")
    BaseAgent(provider=llm, memory=opened()).run("s", message="Who am I?")
    said = [message.content for message in llm.journal.requests[1].messages if message.role == "user"]
    assert said == ["message: I am Alice", "message: Who am I?"]


# --- processes --------------------------------------------------------------------------------------------------------

CHILD = """
import asyncio, os, signal
from kaizen_eval.memory import SqliteMemory, Turn
from kaizen_eval.messages import Message

def turn(text):
    return Turn((Message("user", text), Message("assistant", f"re: {{text}}")))

def remember(memory, session, *said):
    async def all_of_it():
        for text in said:
            await memory.append(session, turn(text))
    asyncio.run(all_of_it())

memory = SqliteMemory({path!r})
"""
"""Without this folder's modules, which load Hypothesis: there are many children."""


def started(path, script, **pipes):
    return subprocess.Popen(
        [sys.executable, "-c", CHILD.format(path=str(path)) + textwrap.dedent(script)], text=True, **pipes
    )


def said(memory, session):
    return [one.messages[0].content for one in recall(memory, session)]


def test_processes_share_a_file_and_each_finds_its_turns_in_its_order(opened, path):
    script = """
        for n in range(20):
            remember(memory, "all", f"{who} {n}")
    """
    children = [started(path, f"who = {who!r}" + textwrap.dedent(script)) for who in "abc"]
    assert [child.wait() for child in children] == [0, 0, 0]
    found = said(opened(), "all")
    own = [[text for text in found if text[0] == who] for who in "abc"]
    assert own == [[f"{who} {n}" for n in range(20)] for who in "abc"]


@pytest.mark.parametrize("after", [1, 2, 7, 30])
def test_a_process_that_is_killed_has_lost_nothing_that_was_appended(opened, path, after):
    script = """
        for n in range(10_000):
            remember(memory, "s", str(n))
            print(n, flush=True)
    """
    with started(path, script, stdout=subprocess.PIPE) as child:
        told = [next(child.stdout) for _ in range(after)]
        child.kill()
        told += list(child.stdout)
    found = said(opened(), "s")
    assert found == [str(n) for n in range(len(found))]
    assert len(told) <= len(found) <= len(told) + 1


@pytest.mark.parametrize("statement", range(1, 8))
def test_a_process_that_is_killed_between_two_statements_leaves_all_or_nothing(opened, path, statement):
    script = f"""
        remember(memory, "s", "before")
        left = iter(range({statement}, 0, -1))
        (connection, _), = memory._file._open
        connection.set_trace_callback(lambda sql: next(left) == 1 and os.kill(os.getpid(), signal.SIGKILL))
        try:
            asyncio.run(memory.replace("s", (turn("before"),), (turn("after"),)))
        finally:
            connection.set_trace_callback(None)
        print("replaced")
    """
    with started(path, script, stdout=subprocess.PIPE) as child:
        told = child.stdout.read()
    assert said(opened(), "s") == (["after"] if told else ["before"])
    assert child.returncode == (0 if told else -signal.SIGKILL)


@pytest.mark.parametrize("statements", range(4))
def test_a_file_in_whose_making_a_process_was_killed_is_made_again(opened, path, statements):
    script = f"""
        from dataclasses import replace
        from kaizen_eval.memory.sqlite_schema import SESSIONS
        from kaizen_eval.sqlite.file import SqliteFile

        def deadly():
            yield from SESSIONS.migrations[0][:{statements}]
            os.kill(os.getpid(), signal.SIGKILL)

        SqliteFile(memory.path + "2", replace(SESSIONS, migrations=[deadly()])).transact(print, writes=False)
    """
    assert started(path, script).wait() == -signal.SIGKILL
    Path(f"{path}2").rename(path)
    remember(opened(), "s", "a")
    assert said(opened(), "s") == ["a"]


def test_parent_and_forked_child_go_on_with_connections_of_their_own(opened, path):
    script = """
        remember(memory, "s", "before")
        child = os.fork()
        if not child:
            remember(memory, "s", "child")
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        remember(memory, "s", "parent")
        memory.close()
    """
    assert started(path, script).wait() == 0
    assert said(opened(), "s") == ["before", "child", "parent"]


def test_a_memory_that_was_made_never_loads_anything_more(path):
    """A child that is forked while a thread loads a module waits for it for ever."""
    script = """
        import sys
        made = set(sys.modules)
        remember(memory, "s", "a")
        asyncio.run(memory.load("s"))
        asyncio.run(memory.replace("s", (turn("a"),), (turn("b"),)))
        memory.close()
        asyncio.run(memory.clear("s"))
        print(sorted(set(sys.modules) - made))
    """
    with started(path, script, stdout=subprocess.PIPE) as child:
        assert child.stdout.read() == "[]\n"


def test_a_fork_waits_for_what_other_threads_are_writing(opened, path):
    script = """
        import threading
        writing = threading.Thread(target=remember, args=(memory, "s", *map(str, range(50))))
        writing.start()
        codes = []
        for n in range(5):
            child = os.fork()
            if not child:
                remember(memory, f"child {n}", "a")
                os._exit(0)
            codes.append(os.waitpid(child, 0)[1])
        writing.join()
        assert codes == [0] * 5
    """
    assert started(path, script).wait() == 0
    memory = opened()
    assert said(memory, "s") == [str(n) for n in range(50)]
    assert [said(memory, f"child {n}") for n in range(5)] == [["a"]] * 5


# --- files that are none ----------------------------------------------------------------------------------------------


def a_text(path):
    path.write_text("Dear diary, " * 20)


def a_short_text(path):
    path.write_text("x")


def another_database(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE cats (name)")
    connection.close()


def another_applications(path):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA application_id = 7")
    connection.execute("PRAGMA user_version = 1")
    connection.close()


def of_a_newer_version(path):
    SqliteMemory(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


def damaged(path):
    SqliteMemory(path).close()
    data = path.read_bytes()
    path.write_bytes(data[:100] + b"\0" * (len(data) - 100))


STRANGE = {
    a_text: "is no SQLite database, and no file of sessions: it is left as it is. Name another path",
    a_short_text: "is no SQLite database",
    another_database: "is a SQLite database of something else",
    another_applications: "is a SQLite database of something else",
    of_a_newer_version: "was written by a newer kaizen-eval: its format is 99, and this version knows formats up to 1",
    damaged: "it is damaged; put a copy in its place, or move it away to begin anew",
}


@pytest.mark.parametrize(("make", "told"), STRANGE.items(), ids=[make.__name__ for make in STRANGE])
def test_a_file_that_cannot_be_used_is_refused_and_left_as_it_is(path, make, told):
    make(path)
    before = path.read_bytes()
    with pytest.raises(MemoryFailed, match=told) as failed:
        SqliteMemory(path)
    assert (failed.value.path, path.read_bytes(), files(path.parent)) == (str(path), before, ["sessions.db"])


def test_a_folder_that_is_not_there_and_one_in_the_files_place_are_told(tmp_path):
    for place in (tmp_path / "nowhere" / "sessions.db", tmp_path):
        with pytest.raises(MemoryFailed, match="cannot be reached"):
            SqliteMemory(place)


def test_a_turn_that_is_damaged_is_told_with_its_session(opened, path):
    memory = opened()
    remember(memory, "s", "a")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE turns SET messages = 'nonsense'")
    connection.close()
    with pytest.raises(MemoryFailed, match=r"A turn of session 's' in .* is damaged"):
        recall(memory, "s")
    asyncio.run(memory.clear("s"))
    assert recall(memory, "s") == ()


def test_a_memory_that_failed_goes_on_when_its_file_is_well_again(opened, path):
    memory = opened()
    remember(memory, "s", "a")
    memory.close()
    saved = path.read_bytes()
    path.write_text("Dear diary, " * 20)
    with pytest.raises(MemoryFailed, match="no SQLite database"):
        recall(memory, "s")
    path.write_bytes(saved)
    assert recall(memory, "s") == (turn("a"),)
