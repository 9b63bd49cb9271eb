"""The public API is typed: mypy and pyright, both strict, read tests/typing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def check(*command: str):
    result = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    return result.returncode, result.stdout


def test_mypy_agrees_with_every_assert_type():
    # with the options of `mypy` alone, so that what it kept of the package serves here: with others nothing of it would
    assert check("mypy", "--no-error-summary", "tests/typing") == (0, "")


def test_pyright_agrees_with_every_assert_type():
    assert check("pyright", "--level", "error") == (0, "0 errors, 0 warnings, 0 informations\n")
