"""Whatever goes wrong while a cassette is recorded or written: the old one is intact, and what was paid for is kept."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from recording_doubles import MOMENT, answered, asked, opened, raw, recorded, said

from kaizen_eval.errors import CassetteBusy, RecordingError, UsageError
from kaizen_eval.recording.file import decode
from kaizen_eval.recording.verdict import CassetteWarning
from kaizen_eval.recording.writing import storage
from kaizen_eval.recording.writing.keeping import keep
from kaizen_eval.recording.writing.partial import Partial
from kaizen_eval.recording.writing.recover import recover

HERE = Path(__file__).parent


@pytest.fixture
def path(tmp_path):
    return recorded(tmp_path / "c.yaml", ("one", "1"), ("two", "2"))


def names(path):
    return sorted(one.name for one in path.parent.iterdir())


def run(script: str, *arguments: object, **options) -> subprocess.CompletedProcess[str]:
    """A program of its own, with the doubles at hand."""
    code = f"import sys; sys.path.insert(0, {str(HERE)!r})\nfrom pathlib import Path\nfrom recording_doubles import *\n"
    command = [sys.executable, "-c", code + script, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=HERE.parent, **options)


LEAVING = "import os, sys; sys.stdout.flush(); sys.stderr.flush(); os._exit(0)\n"
"""For a program that could not write what it was measured to cover."""
KILLED = """
import os, signal
cassette = opened(Path(sys.argv[1]), "record")
for number in range(1000):
    turn = cassette.begin(raw(f"q{number}"))
    if number == 700:
        turn.take.head(200, JSON)
        os.kill(os.getpid(), signal.SIGKILL)
    answered(turn, str(number))
"""


def test_a_kill_amid_a_thousand_calls_loses_at_most_the_one_in_flight(tmp_path):
    path = tmp_path / "c.yaml"
    assert run(KILLED, path).returncode == -signal.SIGKILL
    assert names(path) == ["c.yaml.partial"]
    place = recover(path)
    cassette = opened(place)
    assert [asked(cassette, f"q{number}") for number in range(700)] == [str(number) for number in range(700)]
    assert (place.name, cassette.unused, names(path)) == ("c.jsonl", (), ["c.jsonl"])


def test_a_kill_leaves_the_old_cassette_as_it_was(path):
    was = path.read_bytes()
    run(KILLED, path)
    assert path.read_bytes() == was


def test_a_torn_last_line_is_dropped_and_said(tmp_path):
    path = tmp_path / "c.yaml"
    run(KILLED, path)
    partial = storage.beside(path, "partial")
    partial.write_bytes(partial.read_bytes()[:-20])
    with pytest.warns(CassetteWarning, match=r"The last line of .*c\.yaml\.partial is torn: the exchange"):
        place = recover(partial)
    assert len(decode(place.read_bytes(), path="").exchanges) == 699


def test_what_a_crash_left_is_moved_aside_by_the_next_recording_and_told(tmp_path):
    path = tmp_path / "c.yaml"
    run(KILLED, path)
    with pytest.warns(CassetteWarning, match=r"kaizen-eval cassettes recover .*c\.yaml\.partial-1"):
        cassette = opened(path, "record")
    cassette.close()
    assert names(path) == ["c.yaml", "c.yaml.partial-1"]


def test_recovering_keeps_the_cassette_that_stood_there(path):
    was = path.read_bytes()
    run(KILLED, path)
    recover(storage.beside(path, "partial"))
    assert storage.beside(path, "replaced").read_bytes() == was


def test_what_was_being_added_is_recovered_behind_what_is_there(path):
    run(KILLED.replace('"record"', '"record-missing"').replace("700", "2"), path)
    recover(path)
    held = decode(path.read_bytes(), path="").exchanges
    assert [(one.slot, said(one)) for one in held] == [(1, "1"), (2, "2"), (3, "0"), (4, "1")]


def test_what_was_being_added_comes_behind_what_the_cassette_holds_by_now(path):
    run(KILLED.replace('"record"', '"record-missing"').replace("700", "1"), path)
    left = storage.beside(path, "partial").rename(storage.beside(path, "partial-1"))
    cassette = opened(path, "record-missing", unused="ignore")
    answered(cassette.begin(raw("three")), "3")
    cassette.close()
    recover(left)
    held = decode(path.read_bytes(), path="").exchanges
    assert [(one.slot, said(one)) for one in held] == [(1, "1"), (2, "2"), (3, "3"), (4, "0")]


def test_there_is_nothing_to_recover_where_nothing_was_left(path):
    with pytest.raises(RecordingError, match="There is nothing to recover"):
        recover(path)


def test_of_several_that_were_left_one_is_to_be_named(path):
    for ending in ("rejected", "partial-1"):
        storage.beside(path, ending).write_bytes(path.read_bytes())
    with pytest.raises(UsageError, match=r"c\.yaml\.partial-1, .*c\.yaml\.rejected\. Name the one to recover"):
        recover(path)


def test_a_rejected_recording_is_recovered(tmp_path):
    cassette = opened(tmp_path / "c.yaml", "record")
    answered(cassette.begin(raw("one")), "1")
    cassette.close(passed=False)
    assert asked(opened(recover(cassette.path)), "one") == "1"
    assert names(cassette.path) == ["c.yaml"]


def test_a_recording_that_goes_on_is_not_recovered(path):
    cassette = opened(path, "record")
    answered(cassette.begin(raw("one")), "1")
    with pytest.raises(CassetteBusy):
        recover(path)
    cassette.close()


def test_a_second_writer_is_refused_with_the_path(path):
    first = opened(path, "record")
    with pytest.raises(CassetteBusy) as caught:
        opened(path, "record-missing")
    first.close()
    assert str(caught.value) == (
        f"Somebody else is recording {path}: another process, or another test of this one, holds {path}.partial. "
        "Wait until it is done, or record into a cassette of another name."
    )


def test_a_second_process_is_refused(path):
    first = opened(path, "record")
    answered(first.begin(raw("three")), "3")
    refused = run("opened(Path(sys.argv[1]), 'record')", path)
    first.close()
    assert "CassetteBusy" in refused.stderr
    assert asked(opened(path), "three") == "3"


def test_a_cassette_behind_a_link_is_the_same_cassette(path):
    link = path.with_name("link.yaml")
    link.symlink_to(path)
    first = opened(link, "record")
    with pytest.raises(CassetteBusy):
        opened(path, "record")
    answered(first.begin(raw("three")), "3")
    first.close()
    assert (link.is_symlink(), asked(opened(path), "three")) == (True, "3")


def test_permissions_are_kept(path):
    path.chmod(0o640)
    recorded(path, ("three", "3"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_cassette_has_the_permissions_of_any_new_file(tmp_path):
    plain = tmp_path / "plain"
    plain.touch()
    path = recorded(tmp_path / "c.yaml", ("three", "3"))
    assert path.stat().st_mode == plain.stat().st_mode


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_sent(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RecordingError, match=r"cannot be recorded: File exists .*/file\)\. Nothing was sent"):
        opened(tmp_path / "file" / "c.yaml", "record")


@pytest.fixture
def open_folder():
    """One that every user may come to."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="becomes another user")
def test_a_folder_that_may_not_be_written_is_told_before_anything_is_sent(open_folder):
    path = recorded(open_folder / "c.yaml", ("one", "1"))
    was = path.read_bytes()
    refused = run("import os\nos.setuid(65534)\nopened(Path(sys.argv[1]), 'record')", path)
    assert "cannot be recorded: Permission denied" in refused.stderr
    assert (path.read_bytes(), names(path)) == (was, ["c.yaml"])


@pytest.mark.skipif(os.getuid() != 0, reason="becomes another user")
def test_a_folder_that_may_not_be_written_is_replayed(open_folder):
    path = recorded(open_folder / "c.yaml", ("one", "1"))
    asking = "c = opened(Path(sys.argv[1]))\nprint(asked(c, 'one'))\nc.close()\n"
    told = run(f"import os\n{asking}os.setuid(65534)\n{asking}{LEAVING}", path)  # the first time loads libraries
    assert (told.stdout, told.stderr) == ("1\n1\n", "")


FULL = (
    """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
cassette = opened(Path(sys.argv[1]), "record")
for number in range(20):
    answered(cassette.begin(raw(f"q{number}")), str(number))
import traceback
try:
    cassette.close()
except Exception:
    traceback.print_exc()
"""
    + LEAVING
)


def test_a_full_disk_leaves_the_old_cassette_and_what_fitted_of_the_new(path):
    was = path.read_bytes()
    failed = run(FULL, path)
    assert "RecordingError: " in failed.stderr
    assert "could not be written: File too large. What stood there before is as it was." in failed.stderr
    assert "kaizen-eval cassettes recover" in failed.stderr
    assert (path.read_bytes(), names(path)) == (was, ["c.yaml", "c.yaml.partial"])
    assert len(decode(recover(path).read_bytes(), path="").exchanges) in range(1, 20)


def test_a_partial_file_on_a_full_device_fails_no_exchange(tmp_path):
    partial = Partial(tmp_path / "c.yaml", mode="record", recorded_at=MOMENT)
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, partial._descriptor)
    os.close(full)
    exchange = decode(recorded(tmp_path / "d.yaml", ("one", "1")).read_bytes(), path="").exchanges[0]
    partial.append(exchange)
    assert isinstance(partial.error, OSError)
    assert partial.error.errno == errno.ENOSPC
    os.close(partial._descriptor)


CUT = """
import os
import signal
def at_rename(event, _):
    if event == "os.rename":
        {}
sys.addaudithook(at_rename)
cassette = opened(Path(sys.argv[1]), "record")
answered(cassette.begin(raw("three")), "3")
cassette.close()
"""


def test_a_kill_before_the_rename_leaves_the_old_cassette_and_the_new_one_to_be_recovered(path):
    was = path.read_bytes()
    run(CUT.format("os.kill(os.getpid(), signal.SIGKILL)"), path)
    assert path.read_bytes() == was
    recover(path)
    assert asked(opened(path), "three") == "3"


@pytest.mark.parametrize("error", ["KeyboardInterrupt", "OSError"])
def test_a_rename_that_is_interrupted_leaves_the_old_cassette_and_the_new_one_to_be_recovered(path, error):
    was = path.read_bytes()
    cut = run(CUT.format(f"raise {error}"), path)
    assert error in cut.stderr
    assert (path.read_bytes(), names(path)) == (was, ["c.yaml", "c.yaml.partial"])
    recover(path)
    assert asked(opened(path), "three") == "3"


def test_a_folder_of_that_name_is_not_replaced(tmp_path):
    path = tmp_path / "c.yaml"
    path.mkdir()
    with pytest.raises(RecordingError, match=r"cannot be read: Is a directory"):
        opened(path, "record")
    assert names(path) == ["c.yaml"]


def test_a_file_that_cannot_be_written_is_told_with_its_path(path):
    def full(_path: Path, _data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(RecordingError) as caught:
        keep(path, (), MOMENT, write=full)
    assert str(caught.value) == (
        f"{path} could not be written: No space left on device. What stood there before is as it was."
    )


def test_a_cassette_of_more_than_five_hundred_is_lines_and_found_by_its_old_name(path):
    recorded(path, *((f"q{number}", str(number)) for number in range(501)))
    assert names(path) == ["c.jsonl"]
    assert asked(opened(path, unused="ignore"), "q500") == "500"


def test_a_cassette_that_is_small_again_is_yaml_again(path):
    recorded(path, *((f"q{number}", str(number)) for number in range(501)))
    recorded(path, ("one", "1"))
    assert names(path) == ["c.yaml"]


def test_a_forked_child_records_nothing_and_leaves_its_parents_file_alone(tmp_path):
    cassette = opened(tmp_path / "c.yaml", "record")
    answered(cassette.begin(raw("one")), "1")
    child = os.fork()
    if child == 0:
        try:
            cassette.begin(raw("two"))
        except UsageError:
            cassette.close()
            os._exit(7)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert names(cassette.path) == ["c.yaml.partial"]
    answered(cassette.begin(raw("three")), "3")
    cassette.close()
    assert len(decode(cassette.path.read_bytes(), path="").exchanges) == 2


def test_a_child_that_outlives_its_parent_holds_no_lock(tmp_path):
    script = """
import os, signal
cassette = opened(Path(sys.argv[1]), "record")
answered(cassette.begin(raw("one")), "1")
reading, writing = os.pipe()
child = os.fork()
if child == 0:
    os.write(writing, b".")
    os.closerange(0, 3)
    signal.pause()
os.read(reading, 1)
print(child, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    path = tmp_path / "c.yaml"
    child = int(run(script, path).stdout)
    try:
        assert recover(path) == path
    finally:
        os.kill(child, signal.SIGKILL)
