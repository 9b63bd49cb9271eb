"""`kaizen-eval cassettes list` and `show`: what people and programs are told, and which files are meant."""

from __future__ import annotations

import io
import json
import sys
import unicodedata

import pytest
from cassettes_made import chat, record
from hypothesis import given, settings
from hypothesis import strategies as st

from kaizen_eval.cli import main
from kaizen_eval.cli.cassettes import drawing
from kaizen_eval.cli.output import console, legible, show
from kaizen_eval.recording.body import Body
from kaizen_eval.recording.conversation import conversation_of
from kaizen_eval.recording.exchange import Exchange, Failure, RecordedRequest, RecordedResponse

SHOWN = """\
#1  POST /chat/completions  gpt-5  200

user
  hi

assistant
  hi!

  stop, 3 tokens in, 2 out, {took} in all

#2  POST /chat/completions  gpt-5  200
  stream=true

user
  and you?

assistant
  andyou?!

  1 piece, the first after {first}, {streamed} in all

"""


@pytest.fixture(autouse=True)
def _terminal(monkeypatch, tmp_path):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def cassette(tmp_path):
    return record(tmp_path / "cassettes/talk.yaml", chat("hi"), chat("and you?", stream=True))


def run(capsys, *arguments: object) -> tuple[int, str]:
    code = main(["cassettes", *map(str, arguments)])
    return code, capsys.readouterr().out


def as_json(capsys, *arguments: object):
    return json.loads(run(capsys, *arguments, "--json")[1])


LISTED = """
 cassette              calls   tokens   cost     size   age   models
 ───────────────────────────────────────────────────────────────────
 cassettes/talk.yaml       2        5      ?   {size}   now   gpt-5

1 cassette, 2 calls, 5 tokens, cost unknown, {size}
"""


def test_list_tells_what_each_holds_and_the_sum(capsys, cassette):
    size = f"{cassette.stat().st_size / 1000:.1f} kB"
    assert run(capsys, "list") == (0, LISTED.format(size=size))


def test_list_as_json_has_a_row_for_each_file(capsys, cassette):
    listed = as_json(capsys, "list", cassette)
    [row] = listed["cassettes"]
    assert {name: row[name] for name in row if name not in {"recorded_at", "age_s"}} == {
        "path": str(cassette),
        "kind": "cassette",
        "bytes": cassette.stat().st_size,
        "calls": 2,
        "prompt_tokens": 3,
        "completion_tokens": 2,
        "cost_usd": None,
        "models": ["gpt-5"],
        "problem": None,
        "line": None,
    }
    assert (row["recorded_at"][-1], 0 <= row["age_s"] < 3600) == ("Z", True)
    assert (listed["totals"]["calls"], listed["totals"]["problems"]) == (2, 0)


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda data: b"", "the file is empty."),
        (lambda data: data[:-20], "the end is missing: the file is torn."),
        (lambda data: data.replace(b"schema: 1", b"schema: 99"), "the cassette has schema 99;"),
        (lambda data: data.replace(b'"hi"', b'"ho"'), "the body does not fit its digest:"),
        (lambda data: data.replace(b"slot: 1", b"slot: 1\nextra: 1"), "an exchange has no field 'extra'"),
        (lambda data: b"\xff" + data, "this is no UTF-8:"),
    ],
)
def test_a_corrupt_cassette_is_a_row_that_says_so(capsys, cassette, damage, problem):
    cassette.write_bytes(damage(cassette.read_bytes()))
    code, told = run(capsys, "list")
    [row] = as_json(capsys, "list")["cassettes"]
    assert (code, row["kind"], row["problem"].startswith(problem)) == (1, "unreadable", True)
    assert f"cassettes/talk.yaml:{row['line']}: {problem[:20]}" in told


def test_a_cassette_of_vcrpy_is_a_row_of_its_own(capsys, tmp_path):
    (tmp_path / "old.yaml").write_text("interactions: []\nversion: 1\n")
    code, told = run(capsys, "list", "old.yaml")
    assert (code, "1 of vcrpy: kaizen-eval cassettes convert" in told) == (0, True)


def test_what_is_no_cassette_below_a_folder_does_not_count(capsys, tmp_path, cassette):
    (tmp_path / "compose.yaml").write_text("services: {}\n")
    (tmp_path / "cassettes/notes.txt").write_text("mine\n")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden/talk.yaml").write_bytes(cassette.read_bytes())
    assert [row["path"] for row in as_json(capsys, "list", ".")["cassettes"]] == ["cassettes/talk.yaml"]


@pytest.mark.parametrize("given", ["cassettes", "cassettes/*.yaml"])
def test_a_list_of_tests_that_could_not_be_recorded_is_no_cassette(capsys, cassette, given):
    cassette.with_name("unrecorded.yaml").write_text('"test_it": "needs virtual time"\n')
    assert [row["path"] for row in as_json(capsys, "list", given)["cassettes"]] == ["cassettes/talk.yaml"]


def test_what_is_torn_at_its_head_below_cassettes_counts(capsys, tmp_path, cassette):
    (tmp_path / "cassettes/torn.yaml").write_bytes(b"")
    assert [row["path"] for row in as_json(capsys, "list")["cassettes"]] == [
        "cassettes/talk.yaml",
        "cassettes/torn.yaml",
    ]


@pytest.mark.parametrize("given", ["cassettes/*.yaml", "**/talk.*", "cassettes", "cassettes/talk.yaml"])
def test_files_folders_and_patterns_mean_the_same_file_once(capsys, cassette, given):
    listed = as_json(capsys, "list", given, cassette.relative_to(cassette.parents[1]))
    assert [row["path"] for row in listed["cassettes"]] == ["cassettes/talk.yaml"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["list"], "There is no file or folder 'cassettes'."),
        (["list", "tlak.yaml"], "There is no file or folder 'tlak.yaml'; did you mean 'talk.yaml'?"),
        (["list", "*.nothing"], "Nothing matches '*.nothing'."),
        (["show", "."], "'.' is a folder; expected a cassette."),
        (
            ["show", "talk.yaml", "--exchange", "9"],
            "talk.yaml has no such exchange: its slots are 1 to 1, its lanes ''.",
        ),
    ],
)
def test_what_is_not_there_is_one_line_and_code_2(capsys, tmp_path, arguments, told):
    record(tmp_path / "talk.yaml", chat("hi"))
    assert main(["cassettes", *arguments]) == 2
    assert capsys.readouterr().err == f"kaizen-eval: {told}\n"


@pytest.mark.parametrize("wrong", ["x", "0", "1,", "3-1", "-1"])
def test_a_list_of_slots_that_is_none_is_refused(capsys, wrong):
    with pytest.raises(SystemExit) as left:
        main(["cassettes", "show", "talk.yaml", f"--exchange={wrong}"])
    assert (left.value.code, "is no list of slots" in capsys.readouterr().err) == (2, True)


def test_a_corrupt_cassette_cannot_be_shown(capsys, cassette):
    cassette.write_bytes(b"")
    assert main(["cassettes", "show", str(cassette)]) == 1
    assert capsys.readouterr().err == (
        f"kaizen-eval: {cassette}:1: the file is empty. Record it anew, or restore it from version control.\n"
    )


def test_show_is_a_conversation(capsys, cassette):
    shown = run(capsys, "show", cassette)[1]
    fields = as_json(capsys, "show", cassette)["exchanges"]
    assert [line for line in shown.splitlines() if " in all" not in line] == [
        line for line in SHOWN.splitlines() if " in all" not in line
    ]
    assert [len(one["answered"]) for one in fields] == [1, 1]


def test_show_as_json_has_the_conversation_and_the_bodies(capsys, cassette):
    one = as_json(capsys, "show", cassette, "--exchange", "2")["exchanges"][0]
    assert (one["slot"], one["status"], one["model"], one["settings"], one["pieces"]) == (
        2,
        200,
        "gpt-5",
        {"stream": "true"},
        1,
    )
    assert one["answered"] == [
        {"role": "assistant", "choice": 0, "parts": [{"kind": "text", "text": "andyou?!", "name": "", "id": ""}]}
    ]
    assert json.loads(one["request"]["body"]) == chat("and you?", stream=True)


def test_raw_shows_headers_and_bodies(capsys, cassette):
    shown = run(capsys, "show", cassette, "--exchange", "1", "--raw")[1]
    assert shown.startswith("#1  POST /chat/completions\n")
    assert '  content-type: application/json\n  {\n    "model": "gpt-5",\n' in shown
    assert "\n200\n" in shown


def test_a_cassette_can_come_from_stdin(capsys, cassette, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(cassette.read_bytes())))
    assert [one["slot"] for one in as_json(capsys, "show", "-")["exchanges"]] == [1, 2]


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_line_is_wider_than_the_terminal(capsys, monkeypatch, tmp_path, width):
    monkeypatch.setenv("COLUMNS", str(width))
    path = record(tmp_path / f"cassettes/{'long-' * 20}.yaml", chat("a word and more of them " * 20))
    for command in (["list"], ["show", path], ["show", path, "--raw"]):
        assert max(map(len, run(capsys, *command)[1].splitlines())) <= width


def test_a_pipe_gets_whole_lines(capsys, monkeypatch, tmp_path):
    monkeypatch.delenv("COLUMNS")
    name = "long-" * 20
    record(tmp_path / f"cassettes/{name}.yaml", chat("a word and more of them " * 20))
    assert f" cassettes/{name}.yaml " in run(capsys, "list")[1]


def test_colors_come_and_go_as_asked(capsys, cassette, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in run(capsys, "show", cassette)[1]
    assert "\x1b[" not in run(capsys, "show", cassette, "--no-color")[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in run(capsys, "list")[1]


@settings(deadline=None)
@given(st.text())
def test_a_text_never_commands_the_terminal(text):
    shown = legible(text)
    assert [sign for sign in shown if unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\t\n"] == []


def drawn(capsys, exchange: Exchange) -> str:
    class Options:
        no_color = True

    show(console(Options()), drawing.drawn(exchange, conversation_of(exchange)))
    return capsys.readouterr().out


def test_a_failure_is_told_with_its_time(capsys):
    request = RecordedRequest("POST", "/chat/completions", body=Body(json.dumps(chat("hi")).encode()))
    failed = Exchange(
        slot=3, lane="b", key="", request=request, failure=Failure("ReadTimeout", "timed out", 60_000_000)
    )
    assert drawn(capsys, failed) == (
        "#3 of lane b  POST /chat/completions  gpt-5\n\nuser\n  hi\n\n  ReadTimeout: timed out after 60.00 s\n\n"
    )


def test_several_answers_calls_thoughts_and_what_was_left_are_told(capsys):
    call = {"id": "c1", "function": {"name": "f", "arguments": '{"a": 1}'}}
    choices = [
        {"index": 0, "message": {"reasoning_content": "Hm", "tool_calls": [call]}},
        {"index": 1, "message": {"content": None, "refusal": "No."}},
    ]
    body = json.dumps({"choices": choices}).encode()
    request = RecordedRequest("POST", "/chat/completions", body=Body(json.dumps(chat("hi", n=2)).encode()))
    response = RecordedResponse(200, (), Body(body), (len(body),), (2_000,), 1_000)
    one = Exchange(slot=1, key="", request=request, response=response, was_left=True)
    assert drawn(capsys, one).partition("\n\nassistant")[2] == (
        ', answer 1\n  (thinks) Hm\n  → f({"a": 1})  c1\n\nassistant, answer 2\n  (refuses) No.\n\n'
        "  the client stopped reading here\n  2.0 ms in all\n\n"
    )
