"""Runs pytest on a small project of its own, with the plugin installed by its entry point."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from hypothesis_caches import share_caches

REPOSITORY = Path(__file__).parents[1]

INI = """\
[pytest]
asyncio_default_fixture_loop_scope = function
filterwarnings = error
addopts = --strict-markers --strict-config -p no:cacheprovider
"""

LISTENING = """
import json, pathlib

def pytest_runtest_logreport(report):
    if report.when == "call" or report.outcome != "passed":
        line = {"test": report.location[2], "when": report.when, "outcome": report.outcome,
                "text": report.longreprtext, "sections": {title.split()[1]: text for title, text in report.sections},
                "kaizen": getattr(report, "kaizen", None), "properties": report.user_properties}
        with pathlib.Path("reports.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\\n")
"""

_TRACER = {"COVERAGE_CORE": "sysmon"} if sys.version_info >= (3, 12) else {}
"""With coverage's default one, the price table takes many seconds to import."""

INSTALLED = {
    "METADATA": "Metadata-Version: 2.1\nName: kaizen-eval\nVersion: 0\n",
    "entry_points.txt": "[pytest11]\nkaizen = kaizen_eval.pytest_plugin\n",
}


@dataclass(frozen=True, repr=False)
class Ran:
    """One pytest run."""

    code: int
    output: str
    reports: dict[str, dict[str, Any]]
    """By the test's name: its call, or what failed or skipped it before or after."""

    def __repr__(self) -> str:
        return self.output

    def outcome(self, test: str) -> str:
        """`passed`, or phase and outcome of what went wrong."""
        report = self.reports[test]
        return report["outcome"] if report["when"] == "call" else f"{report['when']} {report['outcome']}"

    def outcomes(self) -> dict[str, str]:
        return {test: self.outcome(test) for test in self.reports}

    def text(self, test: str) -> str:
        return self.reports[test]["text"]

    def block(self) -> str:
        """The plugin's section of the terminal output, with real seconds as N."""
        found = re.search(r"^=+ kaizen =+\n(?:.*\n)*?(?==)", self.output, re.MULTILINE)
        return re.sub(r"in \d+\.\d\d s", "in N s", re.sub("=+", "=", found[0])) if found else ""


def run(folder: Path, tests: str, *args: str, ini: str = "", randomly: bool = False, **modules: str) -> Ran:
    """Run `tests` in an empty folder; `ini` is added to the ini file, `modules` stand beside the tests."""
    _write(folder, {"test_it.py": tests, "conftest.py": LISTENING, "pytest.ini": INI + ini})
    _write(folder, {f"{name}.py": text for name, text in modules.items()})
    _write(folder / "kaizen_eval-0.dist-info", INSTALLED)
    share_caches(folder)
    order = [] if randomly else ["-p", "no:randomly"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *order, *args],
        cwd=folder,
        env=_environment(folder),
        text=True,
        capture_output=True,
        check=False,
        timeout=120,
    )
    return Ran(done.returncode, done.stdout + done.stderr, _reports(folder))


def _write(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(dedent(text))


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "OPENAI_", "COV"))}
    wanted = {"PYTHONPATH": f"{REPOSITORY}{os.pathsep}{folder}", "COLUMNS": "80", "NO_COLOR": "1"}
    return kept | wanted | _TRACER


def _reports(folder: Path) -> dict[str, dict[str, Any]]:
    file = folder / "reports.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return {report["test"]: report for report in map(json.loads, lines)}
