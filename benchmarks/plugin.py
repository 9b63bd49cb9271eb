"""What the pytest plugin costs those who do not use it, and what the suites take."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from measure import Row

__all__ = ["rows"]

ROOT = Path(__file__).parent.parent


def rows() -> Iterator[Row]:
    yield _unrelated()
    yield _suites()


def _unrelated() -> Row:
    """Pairs of runs, with the plugin and without it, so that the machine's moods meet both alike."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "test_nothing.py").write_text("def test_nothing():\n    pass\n", "utf-8")
        pairs = [(_cpu(folder), _cpu(folder, "-p", "no:kaizen")) for _ in range(20)]
    with_us, without = min(a for a, _ in pairs), min(b for _, b in pairs)
    return Row(
        name="the plugin in an unrelated pytest run",
        value=1000 * (with_us - without),
        unit="ms CPU",
        bound=20,
        beside=f"best with: {with_us:.3f} s, without: {without:.3f} s",
    )


def _cpu(folder: str, *options: str) -> float:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, folder]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _suites() -> Row:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "pytest", "-q", "suites"], check=True, capture_output=True, cwd=ROOT)
    return Row(name="pytest suites/, warm", value=time.perf_counter() - start, unit="s", bound=60)
