"""`kaizen-eval cassettes lint` and `scan`: what is found, where, and what edits become."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cassettes_made import KEY, chat, record, replay, stream
from hypothesis import given, settings
from hypothesis import strategies as st

from kaizen_eval.cli import main
from kaizen_eval.recording.maintenance.lint import RULES, linted
from kaizen_eval.recording.maintenance.sighting import in_text
from kaizen_eval.recording.redaction import Redactor

NOBODY = Redactor(environment={})
STOCK = f"""\
interactions:
- request:
    body: '{{"model":"gpt-5","api_key":"{KEY}"}}'
    headers:
      Authorization:
      - Bearer {KEY}
      Content-Type:
      - application/json
    method: POST
    uri: https://api.test/v1/chat/completions?api_key=abcdefgh12345678
  response:
    body:
      string: '{{"ok":true}}'
    headers:
      Set-Cookie:
      - session=abcdef0123456789; path=/
    status:
      code: 200
      message: OK
version: 1
"""


@pytest.fixture(autouse=True)
def _terminal(monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def cassette(tmp_path):
    return record(tmp_path / "cassettes/talk.yaml", chat("hi"), chat("and you there?", stream=True))


def edit(path, *changes: tuple[str, str]) -> None:
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)


def lint(capsys, *arguments: object) -> tuple[int, list[tuple[str, str, int]]]:
    code = main(["cassettes", "lint", "--json", *map(str, arguments)])
    problems = json.loads(capsys.readouterr().out)["problems"]
    return code, [(one["path"], one["rule"], one["line"]) for one in problems]


def scan(capsys, *arguments: object) -> tuple[int, list[tuple[int, str, str]]]:
    code = main(["cassettes", "scan", "--json", *map(str, arguments)])
    findings = json.loads(capsys.readouterr().out)["findings"]
    return code, [(one["line"], one["kind"], one["where"]) for one in findings]


def line_of(path, text: str) -> int:
    return next(number for number, line in enumerate(path.read_text().splitlines(), start=1) if text in line)


def test_what_was_recorded_has_no_problem(capsys, cassette):
    assert lint(capsys) == (0, [])


def test_problems_are_told_in_a_line_each(capsys, cassette):
    edit(cassette, ('"content": "hi"', '"content": "ho"'))
    assert main(["cassettes", "lint"]) == 1
    line = line_of(cassette, "json: |")
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith(f"cassettes/talk.yaml:{line}: edited: the body does not fit its digest")
    assert out[-1] == "1 cassette, 1 problem"


def test_a_torn_cassette_is_corrupt_and_stays_as_it_is(capsys, cassette):
    cassette.write_bytes(cassette.read_bytes()[:-30])
    torn = cassette.read_bytes()
    code, problems = lint(capsys, "--accept-edits")
    assert (code, [rule for _, rule, _ in problems], cassette.read_bytes()) == (1, ["corrupt"], torn)


def test_an_edited_request_is_found_by_what_it_asks_now(capsys, cassette):
    edit(cassette, ('"content": "hi"', '"content": "good day"'))
    assert [rule for _, rule, _ in lint(capsys)[1]] == ["edited"]
    assert lint(capsys, "--accept-edits") == (0, [])
    assert '"hi!"' in replay(cassette, [chat("good day"), chat("and you there?", stream=True)])[0]


def test_an_edited_answer_is_replayed_as_it_is_now(capsys, cassette):
    edit(cassette, ("hi!", "Good day, Sir!"))
    assert lint(capsys, "--accept-edits") == (0, [])
    assert '"Good day, Sir!"' in replay(cassette, [chat("hi"), chat("and you there?", stream=True)])[0]


def test_an_edited_stream_gets_its_text_and_its_sizes(capsys, cassette):
    edit(cassette, ('{"content": "you"}', '{"content": "them over"}'))
    assert {rule for _, rule, _ in lint(capsys)[1]} == {"edited", "text"}
    assert lint(capsys, "--accept-edits") == (0, [])
    assert replay(cassette, [chat("hi"), chat("and you there?", stream=True)])[1] == stream(
        "and them_over there?!"
    ).decode().replace("them_over", "them over")
    assert "      andthem overthere?!\n" in cassette.read_text()


def test_exchanges_that_were_taken_out_by_hand_are_accepted(capsys, cassette):
    head, _, second = cassette.read_text().split("---\n")
    cassette.write_text(f"{head}---\n{second}")
    assert [rule for _, rule, _ in lint(capsys)[1]] == ["edited"]
    assert lint(capsys, "--accept-edits") == (0, [])
    replay(cassette, [chat("and you there?", stream=True)])


def test_a_text_that_is_not_what_the_stream_says_is_found(capsys, cassette):
    edit(cassette, ("andyouthere?!\n", "something else\n"))
    line = line_of(cassette, "text: ")
    assert lint(capsys) == (1, [("cassettes/talk.yaml", "text", line)])
    assert lint(capsys, "--accept-edits") == (0, [])


def test_exchanges_out_of_order_are_found_and_sorted(capsys, cassette):
    was = cassette.read_text()
    head, first, second = was.removesuffix("...\n").split("---\n")
    cassette.write_text(f"{head}---\n{second}---\n{first}...\n")
    assert [rule for _, rule, _ in lint(capsys)[1]] == ["unsorted"]
    assert lint(capsys, "--accept-edits") == (0, [])
    assert cassette.read_text() == was


def test_accepting_edits_changes_nothing_where_there_are_none(capsys, cassette):
    was = cassette.read_bytes()
    assert lint(capsys, "--accept-edits") == (0, [])
    assert cassette.read_bytes() == was


def test_a_dry_run_only_says_what_it_would_do(capsys, cassette):
    edit(cassette, ('"content": "hi"', '"content": "ho"'))
    was = cassette.read_bytes()
    assert main(["cassettes", "lint", "--accept-edits", "--dry-run"]) == 1
    assert capsys.readouterr().out.startswith("cassettes/talk.yaml: would be written anew\n")
    assert cassette.read_bytes() == was


def test_json_lines_are_looked_at_too(capsys, tmp_path):
    path = record(tmp_path / "talk.jsonl", chat("hi"))
    assert lint(capsys, path) == (0, [])
    edit(path, ('\\"hi\\"', '\\"ho\\"'))
    assert lint(capsys, path) == (1, [(str(path), "edited", 2)])
    assert lint(capsys, path, "--accept-edits") == (0, [])
    replay(path, [chat("ho")])


@pytest.mark.parametrize("ending", ["partial", "partial-1", "rejected", "replaced"])
def test_what_a_recording_left_behind_is_found(capsys, cassette, ending):
    left = cassette.with_name(f"talk.yaml.{ending}")
    left.touch()
    found = [(f"cassettes/talk.yaml.{ending}", "leftover", None)]
    assert lint(capsys) == (1, found)
    assert lint(capsys, "cassettes/talk.yaml") == (1, found)


def test_a_secret_is_found_with_the_command_that_takes_it_out(capsys, cassette):
    edit(cassette, ('"content": "hi"', f'"content": "hi {KEY}"'))
    lint(capsys, "--accept-edits")
    line = line_of(cassette, KEY)
    assert main(["cassettes", "lint"]) == 1
    out = capsys.readouterr().out
    assert out.startswith(
        f"cassettes/talk.yaml:{line}: secret: OpenAI key in #1 request.body.messages[0].content; "
        "to take it out: kaizen-eval cassettes scrub cassettes/talk.yaml\n"
    )
    assert KEY not in out


def test_what_is_older_than_it_may_be_is_found(capsys, cassette):
    assert lint(capsys, "--max-age", "1d") == (0, [])
    before = (datetime.now(UTC) - timedelta(days=40)).strftime("%Y-%m-%d")
    edit(cassette, (datetime.now(UTC).strftime("%Y-%m-%d"), before))
    assert lint(capsys, "--max-age", "30d") == (1, [("cassettes/talk.yaml", "old", None)])


@pytest.mark.parametrize("wrong", ["30", "d", "1y", "-1d"])
def test_an_age_that_is_none_is_refused(capsys, wrong):
    with pytest.raises(SystemExit) as left:
        main(["cassettes", "lint", f"--max-age={wrong}"])
    assert (left.value.code, "is no age" in capsys.readouterr().err) == (2, True)


def test_help_tells_the_rules(capsys):
    with pytest.raises(SystemExit):
        main(["cassettes", "lint", "--help"])
    out = " ".join(capsys.readouterr().out.split())
    assert [name for name, sentence in RULES.items() if f" {name} {sentence}" not in out] == []


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_a_file_holds_is_told_and_raises_nothing(data):
    assert linted(data, path="x.yaml", scanner=NOBODY, now=datetime.now(UTC))


def test_a_clean_cassette_has_no_findings(capsys, cassette):
    assert scan(capsys) == (0, [])


def test_secrets_of_a_stock_cassette_are_found_by_line_and_kind(capsys, tmp_path):
    (tmp_path / "stock.yaml").write_text(STOCK)
    assert scan(capsys, "stock.yaml") == (
        1,
        [
            (3, "named secret", "#1 request.body.api_key"),
            (5, "named secret", "#1 request.headers.authorization"),
            (6, "OpenAI key", "#1 request.headers.authorization"),
            (10, "named secret", "#1 request.query.api_key"),
            (15, "named secret", "#1 response.headers.set-cookie"),
            (16, "secret after a telling name", "#1 response.headers.set-cookie"),
        ],
    )


def test_a_key_split_over_a_stream_is_found(capsys, tmp_path):
    said = "".join(
        f"data: {json.dumps({'choices': [{'index': 0, 'delta': {'content': part}}]})}\n\n"
        for part in (KEY[:9], KEY[9:20], KEY[20:])
    )
    interaction = {
        "request": {"method": "POST", "uri": "https://api.test/", "body": None, "headers": {}},
        "response": {
            "status": {"code": 200},
            "headers": {"content-type": ["text/event-stream"]},
            "body": {"string": said},
        },
    }
    (tmp_path / "stock.json").write_text(json.dumps({"version": 1, "interactions": [interaction]}))
    code, found = scan(capsys, "stock.json")
    assert (code, {kind for _, kind, _ in found}) == (1, {"OpenAI key"})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"a\nb: {KEY}\n", [(2, "OpenAI key")]),
        ("x\n-----BEGIN PRIVATE KEY-----\nMIIEvQ\nabc\n-----END PRIVATE KEY-----\n", [(2, "private key")]),
        ("nothing\n", []),
    ],
)
def test_any_text_is_scanned_line_by_line(text, found):
    assert [(one.line, one.kind) for one in in_text(text, NOBODY)] == found


def test_values_of_the_environment_count(capsys, cassette, monkeypatch):
    monkeypatch.setenv("SHOP_API_KEY", "and you there?")
    assert [kind for _, kind, _ in scan(capsys)[1]][:1] == ["value of an environment variable"]


def test_what_is_named_on_the_command_line_counts(capsys, cassette):
    code, found = scan(capsys, "--redact", "/you there/")
    assert (code, {kind for _, kind, _ in found}) == (1, {"own rule"})


def test_the_value_is_never_told(capsys, tmp_path):
    (tmp_path / "notes.txt").write_text(f"{KEY}\n{base64.b64encode(KEY.encode()).decode()}\n")
    assert main(["cassettes", "scan", "notes.txt"]) == 1
    out = capsys.readouterr().out
    assert out.splitlines()[0] == "notes.txt:1: OpenAI key"
    assert KEY[8:] not in out


def test_binary_files_are_skipped_and_counted(capsys, tmp_path):
    (tmp_path / "a.bin").write_bytes(b"\0" + KEY.encode())
    assert main(["cassettes", "scan", "."]) == 0
    assert capsys.readouterr().out == "0 files, 0 findings, 1 binary file skipped\n"


def test_a_comment_in_a_cassette_is_looked_at(capsys, cassette):
    cassette.write_text(f"# recorded with {KEY}\n{cassette.read_text()}")
    assert scan(capsys) == (1, [(1, "OpenAI key", "a comment")])
