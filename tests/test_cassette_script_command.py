"""`kaizen-eval cassettes script`: the script of a cassette, printed or written, and nothing overwritten unasked."""

import json

import httpx2
import pytest

from kaizen_eval.cli import main
from kaizen_eval.fake import FakeLLM
from kaizen_eval.recording import CassetteTransport

URL = "https://api.openai.com/v1/chat/completions"
SCRIPT = """\
# Made of the cassette 'c.yaml'.
version: 1
rules:
- when:
    endpoint: "chat"
    model: "gpt-4o"
    user:
      exact: "Hello"
    turn: 1
    stream: false
  reply:
    text: "Hi"
    usage:
      prompt: 8
      completion: 1
"""


@pytest.fixture
def path(tmp_path):
    fake = FakeLLM()
    fake.when(user="Hello").reply("Hi")
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}
    with httpx2.Client(transport=CassetteTransport(tmp_path / "c.yaml", "record", fake.transport())) as client:
        client.post(URL, json=asked)
    return tmp_path / "c.yaml"


def test_it_is_printed(path, capsys):
    assert main(["cassettes", "script", str(path), "--pace", "instant"]) == 0
    assert capsys.readouterr().out == SCRIPT


def test_what_is_written_can_be_loaded(path, tmp_path, capsys):
    target = tmp_path / "script.yaml"
    assert main(["cassettes", "script", str(path), "--output", str(target)]) == 0
    assert capsys.readouterr().out == f"{path}: {target}, 1 rule\n"
    with httpx2.Client(transport=FakeLLM.from_file(target).transport()) as client:
        answer = client.post(URL, json={"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]})
    assert answer.json()["choices"][0]["message"]["content"] == "Hi"


def test_no_file_is_overwritten_unasked(path, capsys):
    before = path.read_bytes()
    assert main(["cassettes", "script", str(path), "--output", str(path)]) == 1
    assert (path.read_bytes(), "--force overwrites it" in capsys.readouterr().err) == (before, True)


def test_as_json_it_says_what_it_holds(path, capsys):
    assert main(["cassettes", "script", str(path), "--pace", "instant", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"rules": 1, "skipped": [], "script": SCRIPT}


def test_there_is_no_script_of_nothing(tmp_path):
    assert main(["cassettes", "script", str(tmp_path / "none.yaml")]) == 2
