"""Every code block of README.md and docs/ does what the text says; how, is told in tests/house/documents.py."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from house.architecture import ROOT
from house.documents import LANGUAGES, Block, Command, blocks, commands, holds, module
from hypothesis_caches import share_caches

DOCUMENTS = ["README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]

PYTEST_INI = "[pytest]\nfilterwarnings = error\nasyncio_default_fixture_loop_scope = function\n"
CONFTEST = "from kaizen_eval import FakeLLM, use_llm\n\ninstalled = use_llm(FakeLLM())\ninstalled.__enter__()\n"


def executable(words: list[str]) -> list[str]:
    """The command in this environment: only Python programs of ours can be shown in a document."""
    programs = {
        "kaizen-eval": [sys.executable, "-m", "kaizen_eval"],
        "pytest": [sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:cacheprovider"],
        "python": [sys.executable],
    }
    assert words[0] in programs, f"`$ {words[0]} …` cannot be run here: mark the block with <!-- not run: reason -->"
    return programs[words[0]] + words[1:]


def run(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        executable(shlex.split(line)),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={"PATH": str(Path(sys.executable).parent), "HOME": str(folder), "COLUMNS": "100", "PYTHONPATH": str(ROOT)},
    )


@pytest.fixture
def folder(tmp_path):
    """An empty one, as far as documents can tell."""
    share_caches(tmp_path)
    (tmp_path / "pytest.ini").write_text(PYTEST_INI)
    return tmp_path


def blocks_of(name: str) -> list[Block]:
    return list(blocks((ROOT / name).read_text("utf-8")))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_language_of_each_block_is_named(name):
    assert [block for block in blocks_of(name) if block.language not in LANGUAGES and block.mark != "not run"] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_not_run_says_why(name):
    assert [block for block in blocks_of(name) if block.mark and not block.value] == []


def test_the_python_blocks_of_a_document_run_as_one_module(folder):
    (folder / "conftest.py").write_text(CONFTEST)
    for name in DOCUMENTS:  # in one process: to start one for each document takes ten times as long
        source = module(blocks_of(name))
        (folder / f"test_{Path(name).stem}.py").write_text(source)
    answer = run("pytest -q --import-mode importlib", folder)
    assert answer.returncode == pytest.ExitCode.OK, answer.stdout


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_commands_print_what_is_shown(name, folder):
    for block in blocks_of(name):
        if block.mark == "file":
            (folder / block.value).write_text(block.text)
        elif block.language == "console" and block.mark is None:
            for command in commands(block):
                output = run(command.line, folder).stdout
                assert holds(output, command.output), output


def test_a_block_is_read_with_its_line_and_its_mark():
    text = "Text.\n\n<!-- file: a.py -->\n```python\nx = 1\n```\n- list\n\n  ```console\n  $ ls\n  a.py\n  ```\n"
    assert list(blocks(text)) == [
        Block("python", "x = 1\n", 5, "file", "a.py"),
        Block("console", "$ ls\na.py\n", 10),
    ]


def test_python_blocks_keep_their_line_numbers():
    text = "# Title\n```python\nx = 1\n```\n<!-- not run: no key -->\n```python\nno\n```\n```python\ny = x\n```\n"
    assert module(list(blocks(text))) == "\n\nx = 1\n\n\n\n\n\n\ny = x\n"


def test_a_console_block_is_commands_and_their_output():
    block = Block("console", "$ a --b\n1\n2\n$ c\n", 1)
    assert list(commands(block)) == [Command("a --b", ("1", "2")), Command("c")]


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ((), True),
        (("one",), True),
        (("one", "two  "), True),
        (("one", "...", "three"), True),
        (("...", "three"), True),
        (("two", "one"), False),
        (("one", "three"), False),
        (("on",), False),
        (("ne",), False),
    ],
)
def test_output_holds_lines_in_order(expected, found):
    assert holds("one\ntwo\n\nthree\n", expected) is found
