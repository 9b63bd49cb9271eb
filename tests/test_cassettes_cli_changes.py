"""`kaizen-eval cassettes scrub`, `diff`, `prune`, `convert` and `recover`: what changes, and that tests replay it."""

from __future__ import annotations

import gzip
import io
import json
import re
import sys
from pathlib import Path

import httpx2
import pytest
import yaml
from cassettes_made import KEY, ask, chat, record, replay, service
from hypothesis import given, settings
from hypothesis import strategies as st

from kaizen_eval.cli import main
from kaizen_eval.recording.body import Body
from kaizen_eval.recording.comparison.pairing import aligned
from kaizen_eval.recording.exchange import Exchange, RecordedRequest, RecordedResponse
from kaizen_eval.recording.file import decode
from kaizen_eval.recording.transport import CassetteTransport

DIFFED = """\
#1  POST /chat/completions  changed

 request               before   after
 ────────────────────────────────────
 messages[0].content   "hi"     "ho"

what was said

 before   after
 ──────────────
 hi!      ho!


#3  POST /chat/completions  added  new

2 of 3 exchanges differ
"""


@pytest.fixture(autouse=True)
def _terminal(monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)


def run(capsys, *arguments: object) -> tuple[int, str]:
    code = main(["cassettes", *map(str, arguments)])
    return code, capsys.readouterr().out


def refused(capsys, *arguments: object) -> str:
    assert main(["cassettes", *map(str, arguments)]) == 2
    return capsys.readouterr().err


def slots(path: Path) -> list[tuple[str, int, str]]:
    recording = decode(path.read_bytes(), path=str(path))
    return [
        (one.lane, one.slot, json.loads(one.request.body.data)["messages"][-1]["content"])
        for one in recording.exchanges
    ]


def with_secret(path: Path) -> Path:
    """A cassette into which somebody has written a key by hand."""
    record(path, chat("hi"), chat("use QQQ to get in"))
    path.write_text(path.read_text().replace("QQQ", KEY))
    main(["cassettes", "lint", "--accept-edits", str(path)])
    assert KEY in path.read_text()
    return path


def test_scrub_takes_secrets_out_and_the_test_replays_as_before(capsys, tmp_path):
    path = with_secret(tmp_path / "talk.yaml")
    capsys.readouterr()
    code, told = run(capsys, "scrub", path)
    assert (code, KEY in path.read_text(), told.splitlines()[-1]) == (0, False, "1 file, 1 changed, 1 key renewed")
    assert "[REDACTED] to get in!" in replay(path, [chat("hi"), chat(f"use {KEY} to get in")])[1]
    assert run(capsys, "lint", path)[0] == 0


def test_scrub_says_what_it_took_out_and_never_its_value(capsys, tmp_path):
    path = with_secret(tmp_path / "talk.yaml")
    capsys.readouterr()
    code, told = run(capsys, "scrub", "--json", path)
    [file] = json.loads(told)["files"]
    assert [(one["kind"], one["where"]) for one in file["removed"]] == [
        ("OpenAI key", "#2 request.body.messages[0].content"),
        ("OpenAI key", "#2 response.body.choices[0].message.content"),
    ]
    assert (code, file["written"], file["left"], file["keys_renewed"], KEY in told) == (0, True, [], 1, False)


def test_scrub_changes_nothing_in_a_dry_run_or_where_there_is_nothing(capsys, tmp_path):
    path = with_secret(tmp_path / "talk.yaml")
    clean = record(tmp_path / "clean.yaml", chat("hi"))
    before = path.read_bytes(), clean.read_bytes()
    capsys.readouterr()
    assert "would be taken out\n" in run(capsys, "scrub", "--dry-run", path)[1]
    assert run(capsys, "scrub", clean) == (0, "1 file, 0 changed\n")
    assert (path.read_bytes(), clean.read_bytes()) == before


def test_a_key_that_was_made_otherwise_is_not_guessed(capsys, tmp_path):
    path = tmp_path / "talk.yaml"
    inner = httpx2.MockTransport(service)
    with httpx2.Client(transport=CassetteTransport(path, "record", inner, ignore=("metadata.run",))) as client:
        ask(client, chat("use QQQ", metadata={"run": 1}))
    path.write_text(path.read_text().replace("QQQ", "QQQQ"))
    main(["cassettes", "lint", "--accept-edits", "--ignore", "metadata.run", str(path)])
    capsys.readouterr()
    assert "with other paths to ignore than []" in refused(capsys, "scrub", "--redact", "/QQQQ/", path)
    assert run(capsys, "scrub", "--redact", "/QQQQ/", "--ignore", "metadata.run", path)[0] == 0


def test_a_cassette_that_cannot_be_read_is_told_and_the_others_are_scrubbed(capsys, tmp_path):
    (tmp_path / "a.yaml").touch()
    path = with_secret(tmp_path / "b.yaml")
    capsys.readouterr()
    code, told = run(capsys, "scrub", "a.yaml", "b.yaml")
    assert (code, "a.yaml:1: the file is empty." in told, KEY in path.read_text()) == (1, True, False)


def test_scrub_has_no_place_for_stdin(capsys):
    assert refused(capsys, "scrub", "-") == (
        "kaizen-eval: scrub changes files in place; expected files or folders, not stdin.\n"
    )


def stock(body: object = '{"ok":true}', **headers: str) -> dict[str, object]:
    return {
        "version": 1,
        "interactions": [
            {
                "request": {
                    "body": json.dumps({"model": "gpt-5", "api_key": KEY}),
                    "headers": {"Authorization": [f"Bearer {KEY}"], "Accept": ["*/*"]},
                    "method": "POST",
                    "uri": "https://api.test/v1/chat?api_key=abcdefgh12345678&page=2",
                },
                "response": {
                    "body": {"string": body},
                    "headers": {"Set-Cookie": ["session=abcdef0123456789"], **headers},
                    "status": {"code": 200, "message": "OK"},
                },
            }
        ],
    }


@pytest.mark.parametrize(
    ("name", "write", "read"), [("a.yaml", yaml.dump, yaml.safe_load), ("a.json", json.dumps, json.loads)]
)
def test_a_stock_cassette_is_scrubbed_in_its_own_form(capsys, tmp_path, name, write, read):
    path = tmp_path / name
    path.write_text(write(stock()))
    assert run(capsys, "scrub", name)[0] == 0
    assert read(path.read_text()) == {
        "version": 1,
        "interactions": [
            {
                "request": {
                    "body": '{"model": "gpt-5", "api_key": "[REDACTED]"}',
                    "headers": {"Authorization": ["[REDACTED]"], "Accept": ["*/*"]},
                    "method": "POST",
                    "uri": "https://api.test/v1/chat?api_key=%5BREDACTED%5D&page=2",
                },
                "response": {
                    "body": {"string": '{"ok":true}'},
                    "headers": {"Set-Cookie": ["[REDACTED]"]},
                    "status": {"code": 200, "message": "OK"},
                },
            }
        ],
    }
    assert run(capsys, "scan", name)[0] == 0


def test_a_compressed_body_of_a_stock_cassette_stays_compressed(capsys, tmp_path):
    body = gzip.compress(json.dumps({"token": "abcdefgh12345678"}).encode())
    path = tmp_path / "a.yaml"
    path.write_text(yaml.dump(stock(body, **{"Content-Encoding": "gzip"})))
    assert run(capsys, "scrub", path)[0] == 0
    held = yaml.safe_load(path.read_text())["interactions"][0]["response"]["body"]["string"]
    assert gzip.decompress(held) == b'{"token": "[REDACTED]"}'


def test_a_stock_cassette_without_secrets_keeps_its_bytes(capsys, tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("interactions: []   # mine\nversion: 1\n")
    assert run(capsys, "scrub", path) == (0, "1 file, 0 changed\n")
    assert path.read_text() == "interactions: []   # mine\nversion: 1\n"


def test_a_bomb_of_aliases_goes_off_nowhere(capsys, tmp_path):
    rows = ["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))]
    request = f"- request: {{method: GET, uri: x, {', '.join(rows)}, body: *a29, headers: {{a: *a29}}}}"
    answer = "  response: {status: {code: 200}, body: {string: *a29}, headers: {a: *a29}}"
    (tmp_path / "a.yaml").write_text(f"interactions:\n{request}\n{answer}\n")
    assert [run(capsys, command, "a.yaml")[0] for command in ("list", "lint", "scan", "scrub", "convert")] == [
        *(0, 0, 0, 1, 1)
    ]


@pytest.mark.parametrize("text", ["interactions: [\n", "interactions: 3\n", "interactions: [{request: 1}]\n"])
def test_a_broken_stock_cassette_is_told(capsys, tmp_path, text):
    (tmp_path / "a.yaml").write_text(text)
    code, told = run(capsys, "scrub", "a.yaml")
    assert (code, re.match(r"a\.yaml(:[0-9]+)?: this is no (YAML|cassette of vcrpy): ", told) is not None) == (1, True)


def test_diff_tells_what_changed_by_exchange_and_field(capsys, tmp_path):
    record(tmp_path / "a.yaml", chat("hi"), chat("same"))
    record(tmp_path / "b.yaml", chat("ho"), chat("same"), chat("new"))
    code, told = run(capsys, "diff", "a.yaml", "b.yaml")
    assert (code, told) == (1, DIFFED)


def test_diff_as_json(capsys, tmp_path):
    record(tmp_path / "a.yaml", chat("hi"), chat("gone"))
    record(tmp_path / "b.yaml", chat("ho"))
    changes = json.loads(run(capsys, "diff", "--json", "a.yaml", "b.yaml")[1])["changes"]
    assert [(one["status"], one["before"], one["after"]) for one in changes] == [
        ("changed", {"lane": "", "slot": 1}, {"lane": "", "slot": 1}),
        ("removed", {"lane": "", "slot": 2}, None),
    ]
    assert changes[0]["request"] == [
        {"path": "messages[0].content", "before": '"hi"', "after": '"ho"', "is_words": False}
    ]


def test_two_recordings_of_the_same_do_not_differ(capsys, tmp_path):
    for name in ("a.yaml", "b.yaml"):
        record(tmp_path / name, chat("hi"), chat("and you?", stream=True))
    assert run(capsys, "diff", "a.yaml", "b.yaml") == (0, "no difference in 2 exchanges\n")


def test_what_differs_in_words_alone_can_be_left_out(capsys, tmp_path):
    record(tmp_path / "a.yaml", chat("hi"))
    (tmp_path / "b.yaml").write_text((tmp_path / "a.yaml").read_text().replace("hi!", "well"))
    main(["cassettes", "lint", "--accept-edits", "b.yaml"])
    capsys.readouterr()
    assert run(capsys, "diff", "a.yaml", "b.yaml")[0] == 1
    assert run(capsys, "diff", "--shape", "a.yaml", "b.yaml") == (0, "no difference in 1 exchange\n")


KEYS = st.lists(st.tuples(st.sampled_from(["", "b"]), st.sampled_from("xyz")), max_size=7)


def exchanges(keys: list[tuple[str, str]]) -> list[Exchange]:
    made: list[Exchange] = []
    for lane, key in keys:
        slot = 1 + sum(one.lane == lane for one in made)
        request = RecordedRequest("POST", f"/{key}", body=Body(key.encode()))
        made.append(Exchange(lane=lane, slot=slot, key=key, request=request, response=RecordedResponse(200)))
    return made


@settings(deadline=None)
@given(KEYS, KEYS)
def test_every_exchange_is_in_one_pair_and_never_with_one_of_another_lane(before, after):
    pairs = aligned(exchanges(before), exchanges(after))
    for side, keys in enumerate((before, after)):
        held = [(pair[side].lane, pair[side].slot) for pair in pairs if pair[side] is not None]
        assert sorted(held) == sorted((one.lane, one.slot) for one in exchanges(keys))
    assert [pair for pair in pairs if pair.before and pair.after and pair.before.lane != pair.after.lane] == []


@settings(deadline=None)
@given(KEYS)
def test_a_recording_is_in_pairs_with_itself(keys):
    assert [pair for pair in aligned(exchanges(keys), exchanges(keys)) if pair.before != pair.after] == []


def test_prune_drops_slots_and_counts_anew(capsys, tmp_path):
    path = record(tmp_path / "talk.yaml", chat("a"), chat("b"), chat("c"), chat("d"))
    assert run(capsys, "prune", path, "--slots", "1,3-3") == (0, f"{path}: 2 exchanges (#1, #3) dropped\n")
    assert slots(path) == [("", 1, "b"), ("", 2, "d")]
    replay(path, [chat("b"), chat("d")])


def test_prune_drops_slots_of_one_lane(capsys, tmp_path):
    path = tmp_path / "talk.yaml"
    record(path, chat("a"), chat("b"), lane="one")
    assert run(capsys, "prune", path, "--slot", "1", "--lane", "one")[0] == 0
    assert slots(path) == [("one", 1, "b")]


def test_prune_in_a_dry_run_only_says_what_it_would_do(capsys, tmp_path):
    path = record(tmp_path / "talk.yaml", chat("a"), chat("b"))
    before = path.read_bytes()
    assert run(capsys, "prune", path, "--slots", "1", "--dry-run") == (0, f"{path}: 1 exchange (#1) would be dropped\n")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--slots", "7"], "talk.yaml has no slot 7; nothing was dropped."),
        (["--slots", "1", "--lane", "x"], "talk.yaml has no slot 1 in lane 'x'; nothing was dropped."),
        (["--slots", "1,2"], "Nothing would be left of talk.yaml: remove the file instead."),
    ],
)
def test_slots_that_cannot_be_dropped_are_refused(capsys, tmp_path, arguments, told):
    path = record(tmp_path / "talk.yaml", chat("a"), chat("b"))
    before = path.read_bytes()
    assert refused(capsys, "prune", "talk.yaml", *arguments) == f"kaizen-eval: {told}\n"
    assert path.read_bytes() == before


def test_duplicates_are_dropped_but_for_the_first(capsys, tmp_path):
    path = record(tmp_path / "cassettes/talk.yaml", chat("a"), chat("b"), chat("a"))
    (tmp_path / "cassettes/torn.yaml").touch()
    assert run(capsys, "prune", "--duplicates") == (0, "cassettes/talk.yaml: 1 exchange (#3) dropped\n")
    assert slots(path) == [("", 1, "a"), ("", 2, "b")]
    assert run(capsys, "prune", "--duplicates") == (0, "Nothing to prune.\n")


def test_old_cassettes_are_removed_whole(capsys, tmp_path):
    old = record(tmp_path / "cassettes/old.yaml", chat("a"))
    new = record(tmp_path / "cassettes/new.yaml", chat("a"))
    recorded = decode(old.read_bytes(), path="").header.recorded_at
    old.write_text(old.read_text().replace(f"{recorded:%Y-%m-%d}", "2020-01-01"))
    assert json.loads(run(capsys, "prune", "--older-than", "1w", "--json")[1]) == {
        "dry_run": False,
        "pruned": [{"path": "cassettes/old.yaml", "exchanges": None}],
    }
    assert (old.exists(), new.exists()) == (False, True)


def test_leftovers_are_removed_but_not_what_is_being_recorded(capsys, tmp_path):
    path = tmp_path / "cassettes/talk.yaml"
    record(path, chat("a"))
    for ending in ("partial-1", "rejected", "replaced"):
        path.with_name(f"talk.yaml.{ending}").touch()
    assert run(capsys, "prune", "--leftovers")[0] == 0
    assert [one.name for one in path.parent.iterdir()] == ["talk.yaml"]
    with httpx2.Client(transport=CassetteTransport(path, "record", httpx2.MockTransport(service))) as client:
        ask(client, chat("b"))
        assert main(["cassettes", "prune", "--leftovers"]) == 1
        assert "Somebody else is recording" in capsys.readouterr().err
    assert slots(path) == [("", 1, "b")]


def test_yaml_becomes_json_lines_and_yaml_again(capsys, tmp_path):
    path = record(tmp_path / "talk.yaml", chat("hi"), chat("and you?", stream=True))
    was = path.read_bytes()
    assert run(capsys, "convert", "talk.yaml", "--to", "jsonl") == (0, "talk.yaml: talk.jsonl, 2 exchanges\n")
    assert (path.exists(), slots(tmp_path / "talk.jsonl")) == (False, [("", 1, "hi"), ("", 2, "and you?")])
    run(capsys, "convert", "talk.jsonl", "--to", "yaml")
    assert (path.read_bytes(), (tmp_path / "talk.jsonl").exists()) == (was, False)


def test_convert_leaves_the_source_where_an_output_is_named(capsys, tmp_path):
    path = record(tmp_path / "talk.yaml", chat("hi"))
    (tmp_path / "out").mkdir()
    assert run(capsys, "convert", "talk.yaml", "--to", "jsonl", "--output", "out")[0] == 0
    assert (path.exists(), slots(tmp_path / "out/talk.jsonl")) == (True, [("", 1, "hi")])


def test_convert_overwrites_nothing_unasked(capsys, tmp_path):
    record(tmp_path / "talk.yaml", chat("hi"))
    (tmp_path / "talk.jsonl").write_text("mine")
    assert run(capsys, "convert", "talk.yaml", "--to", "jsonl") == (
        1,
        "talk.yaml: talk.jsonl is there already; --force overwrites it.\n",
    )
    assert run(capsys, "convert", "talk.yaml", "--to", "jsonl", "--force")[0] == 0


def test_convert_reads_stdin_and_writes_stdout(capsysbinary, tmp_path, monkeypatch):
    path = record(tmp_path / "talk.yaml", chat("hi"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
    assert main(["cassettes", "convert", "-", "--output", "-"]) == 0
    assert capsysbinary.readouterr().out == path.read_bytes()


def test_a_stock_cassette_becomes_one_of_ours_in_place(capsys, tmp_path):
    path = tmp_path / "talk.yaml"
    asked = stock(json.dumps({"choices": []}))
    asked["interactions"][0]["request"] |= {
        "body": json.dumps(chat("hi")),
        "uri": "https://api.test/v1/chat/completions",
    }
    path.write_text(yaml.dump(asked))
    code, told = run(capsys, "convert", "talk.yaml")
    assert (code, told.splitlines()[0]) == (0, "talk.yaml: talk.yaml, 1 exchange")
    assert replay(path, [chat("hi")]) == ['{"choices": []}']
    assert (run(capsys, "lint", path)[0], run(capsys, "scan", path)[0]) == (0, 0)


def test_a_stock_cassette_may_have_comments_and_its_version_first(capsys, tmp_path):
    text = yaml.dump(stock(json.dumps({"choices": []})))
    (tmp_path / "talk.yaml").write_text(f"# of old\nversion: 1\n{text.replace('version: 1', '')}")
    assert run(capsys, "convert", "talk.yaml")[0] == 0


def test_what_cannot_be_converted_is_told_and_the_others_are(capsys, tmp_path):
    (tmp_path / "a.yaml").write_text("interactions: 3\n")
    record(tmp_path / "b.yaml", chat("hi"))
    code, told = run(capsys, "convert", "a.yaml", "b.yaml", "--to", "jsonl")
    assert (code, told.splitlines()) == (
        1,
        ["a.yaml: this is no cassette of vcrpy: it has no list of interactions.", "b.yaml: b.jsonl, 1 exchange"],
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-"], "What comes from stdin has no name: say where to with --output; - is stdout."),
        (["a.yaml", "b.yaml", "--output", "-"], "--output - writes one cassette to stdout, and no JSON beside it."),
        (["a.yaml", "b.yaml", "--output", "c"], "Several cassettes need a folder for --output; 'c' is none."),
    ],
)
def test_an_output_that_cannot_be_is_refused(capsys, tmp_path, arguments, told):
    for name in ("a.yaml", "b.yaml"):
        record(tmp_path / name, chat("hi"))
    assert refused(capsys, "convert", *arguments) == f"kaizen-eval: {told}\n"


def test_recover_makes_a_cassette_of_what_was_left(capsys, tmp_path):
    path = record(tmp_path / "talk.yaml", chat("hi"))
    left = path.rename(tmp_path / "talk.yaml.rejected")
    assert run(capsys, "recover", "talk.yaml.rejected") == (0, f"{path}: recovered from talk.yaml.rejected\n")
    assert (left.exists(), slots(path)) == (False, [("", 1, "hi")])


def test_recover_says_what_was_lost(capsys, tmp_path):
    path = record(tmp_path / "talk.jsonl", chat("hi"), chat("ho"))
    head = {"partial": 1, "mode": "record", "recorded_at": "2026-11-22T00:00:00+00:00"}
    _, first, second, *_ = path.read_text().splitlines()
    path.unlink()
    (tmp_path / "talk.yaml.partial").write_text(f"{json.dumps(head)}\n{first}\n{second[:50]}")
    [row] = json.loads(run(capsys, "recover", "--json", "talk.yaml")[1])["recovered"]
    assert (row["from"], row["path"], len(row["warnings"])) == ("talk.yaml", str(tmp_path / "talk.yaml"), 1)


def test_recover_without_anything_left_is_one_line(capsys, tmp_path):
    assert main(["cassettes", "recover", "talk.yaml"]) == 1
    assert capsys.readouterr().err.startswith("kaizen-eval: There is nothing to recover: no ")


def test_recover_names_the_very_file_that_is_not_there(capsys, tmp_path):
    main(["cassettes", "recover", "talk.yaml.rejected"])
    told = f"kaizen-eval: There is nothing to recover: no {tmp_path}/talk.yaml.rejected.\n"
    assert capsys.readouterr().err == told
