"""Who answers the agents of an evaluation: what their configs say, a fake, or a cassette."""

from __future__ import annotations

import argparse
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaizen_eval.cli.cassettes.output import many
from kaizen_eval.errors import UsageError
from kaizen_eval.evals.trial import Trial

if TYPE_CHECKING:
    from kaizen_eval.fake import FakeLLM
    from kaizen_eval.recording import Cassette

__all__ = ["Stage", "staged"]

_KEY = "OPENAI_API_KEY"


class Stage:
    """Real models, on real time."""

    is_virtual = False
    """Whether time is."""
    facts: Mapping[str, Any] = {}
    """What the manifest is to say of it."""

    def around(self, trial: Trial) -> AbstractContextManager[None]:  # noqa: ARG002 - others tell trials apart
        """What each trial runs in."""
        return nullcontext()

    def notices(self) -> Iterator[str]:
        """What is to be said at the end."""
        yield from ()


class _Faked(Stage):
    is_virtual = True

    def __init__(self, llm: FakeLLM, script: str) -> None:
        self._llm = llm
        self.facts = {"is_deterministic": True}
        self._told = f"a fake LLM, {f'by the script {script}' if script else 'with made-up answers'}, on virtual time"

    def notices(self) -> Iterator[str]:
        yield f"Answered by {self._told}: this says nothing of any real model."
        if not self._llm.journal.exchanges:
            yield "The fake was never asked: what is evaluated asks nobody, or not through an agent of kaizen-eval."


class _Taped(Stage):
    def __init__(self, cassette: Cassette) -> None:
        self._cassette = cassette
        self.is_virtual = cassette.mode == "replay"
        self.facts = _facts(cassette) if cassette.mode == "replay" else {}

    def around(self, trial: Trial) -> AbstractContextManager[None]:
        """A lane for each: what runs side by side, and repeats, ask the same."""
        from kaizen_eval.recording import lane  # noqa: PLC0415 - only cassettes need it

        return lane(str(trial))

    def notices(self) -> Iterator[str]:
        played, recorded = len(self._cassette.played), len(self._cassette.recorded)
        if played:
            yield f"{many(played, 'answer')} came from the cassette {self._cassette.path}."
        if recorded:
            yield f"{many(recorded, 'exchange')} recorded for the cassette {self._cassette.path}."


@contextmanager
def staged(options: argparse.Namespace, dataset: str) -> Iterator[Stage]:
    """In this block agents without a provider of their own are answered so.

    Raises:
        UsageError: the options do not fit together.
        RecordingError: the cassette cannot be opened.
    """
    _check(options)
    with ExitStack() as stack:
        if options.fake is not None:
            yield _faked(options, stack)
        elif options.cassettes is not None and options.mode != "live":
            yield _taped(options, dataset, stack)
        else:
            yield Stage()


def _check(options: argparse.Namespace) -> None:
    if options.fake is not None and options.cassettes is not None:
        raise UsageError("--fake and --cassettes both say who answers: give one of them.")
    if options.mode is not None and options.cassettes is None:
        raise UsageError(f"--mode {options.mode} needs to know which: add `--cassettes cassettes`.")
    if options.mode == "record" and options.resume:
        raise UsageError("--mode record would leave out what was recorded before --resume: use --mode record-missing.")
    if options.mode == "record" and options.shard is not None:
        raise UsageError(
            "--mode record would replace the cassette by that of one shard: record without --shard, or in a folder "
            "for each shard."
        )


def _faked(options: argparse.Namespace, stack: ExitStack) -> Stage:
    from kaizen_eval.fake import FakeLLM  # noqa: PLC0415 - loaded where it answers
    from kaizen_eval.providers import use_llm  # noqa: PLC0415 - as above

    llm = FakeLLM.from_file(options.fake) if options.fake else FakeLLM(seed=options.seed)
    stack.enter_context(use_llm(llm))
    return _Faked(llm, options.fake)


def _taped(options: argparse.Namespace, dataset: str, stack: ExitStack) -> Stage:
    """One cassette for all cases, in lanes."""
    from kaizen_eval.recording import use_cassette  # noqa: PLC0415 - loads HTTP clients, which takes long

    mode = options.mode or "replay"
    path = Path(options.cassettes) / f"{dataset}.yaml"
    if mode == "replay":
        stack.enter_context(_variable(_KEY, "no-key"))
    return _Taped(stack.enter_context(use_cassette(path, mode, unused="ignore")))


@contextmanager
def _variable(name: str, value: str) -> Iterator[None]:
    """Set where it is not: SDKs make no client without a key, and a replay needs none."""
    if os.environ.get(name):
        yield
        return
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]


def _facts(cassette: Cassette) -> Mapping[str, Any]:
    from kaizen_eval.recording.writing.storage import find  # noqa: PLC0415 - as above

    place = find(cassette.path)
    content = b"" if place is None else place.read_bytes()
    return {"is_deterministic": True, "cassette_hash": hashlib.sha256(content).hexdigest()[:16]}
