"""A fake LLM as the one who answers, on virtual time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kaizen_eval.cli.evaluate.stage import Stage
from kaizen_eval.cli.output import legible
from kaizen_eval.errors import UsageError

if TYPE_CHECKING:
    from kaizen_eval.fake import FakeLLM

__all__ = ["faked"]

_MODEL = "fake"
"""Whatever model the agent names, none has answered; an evaluation of that one is held against another baseline."""
_KEEP = 10
"""Exchanges that the fake remembers: the log has them all."""


class _Faked(Stage):
    is_virtual = True

    def __init__(self, llm: FakeLLM, script: str) -> None:
        self._llm = llm
        self._how = f"by the script {legible(script)}" if script else "with made-up answers that fit"
        self.facts = {"is_deterministic": True, "model": _MODEL}

    def notices(self) -> Iterator[str]:
        if self._llm.journal.exchanges:
            yield f"Answered by a fake LLM, {self._how}, on virtual time: this says nothing of any real model."
        else:
            yield "The fake LLM was never asked: what is evaluated asks nobody, or not through an agent of kaizen-eval."


@contextmanager
def faked(script: str, *, seed: int) -> Iterator[Stage]:
    """Args:
        script: a file; empty for one that makes answers up.
        seed: of what is made up.

    Raises:
        ScriptError: the script cannot work.
        UsageError: there is no such file.
    """
    from kaizen_eval.fake import FakeLLM  # noqa: PLC0415 - loaded where it answers
    from kaizen_eval.providers import use_llm  # noqa: PLC0415 - as above

    if script and not Path(script).is_file():
        raise UsageError(f"--fake {script!r}: there is no such script; without a file the fake makes answers up.")
    llm = FakeLLM.from_file(script) if script else FakeLLM(seed=seed, keep=_KEEP)
    with use_llm(llm):
        yield _Faked(llm, script)
