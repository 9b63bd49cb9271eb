"""A cassette as the one who answers, or who listens: one for all trials of an evaluation, each in its lane."""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaizen_eval.amounts import many
from kaizen_eval.cli.evaluate.gates import Exit, Ruling
from kaizen_eval.cli.evaluate.stage import Stage
from kaizen_eval.errors import RecordingError
from kaizen_eval.evals.trial import Trial

if TYPE_CHECKING:
    from kaizen_eval.recording import Cassette
    from kaizen_eval.recording.settings import Mode

__all__ = ["taped"]

_KEY = "OPENAI_API_KEY"


class _Taped(Stage):
    def __init__(self, cassette: Cassette) -> None:
        self._cassette = cassette
        self._words: list[str] = []
        self._error: RecordingError | None = None
        self.around = self._lane
        self.is_virtual = cassette.mode == "replay"
        self.facts = _facts(cassette) if self.is_virtual else {}

    def _lane(self, trial: Trial) -> AbstractContextManager[None]:
        """What runs side by side, and repeats of one case, ask the same."""
        from kaizen_eval.recording import lane  # noqa: PLC0415 - is loaded

        return lane(str(trial))

    def close(self) -> None:
        """A recording that was stopped replaces no whole one; what is missing may be added at any time."""
        cassette = self._cassette
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            try:
                cassette.close(passed=self.is_whole or cassette.mode != "record")
            except RecordingError as error:
                self._error = error
        self._words = [*(str(each.message) for each in told), *filter(None, [cassette.last_words])]

    def notices(self) -> Iterator[str]:
        played, recorded = len(self._cassette.played), len(self._cassette.recorded)
        if played:
            yield f"{many(played, 'answer')} came from the cassette {self._cassette.path}."
        if recorded:
            yield f"{many(recorded, 'exchange')} recorded for the cassette {self._cassette.path}."
        yield from self._words

    def rulings(self) -> Iterator[Ruling]:
        if self._error is not None:
            yield Ruling(Exit.INFRASTRUCTURE, f"{type(self._error).__name__}: {self._error}")


@contextmanager
def taped(folder: str, dataset: str, mode: Mode) -> Iterator[Stage]:
    """Raises:
    RecordingError: the cassette cannot be opened.
    """
    from kaizen_eval.recording import Cassette, CassetteSettings  # noqa: PLC0415 - loads HTTP clients, which takes long
    from kaizen_eval.recording.in_use import within  # noqa: PLC0415 - as above
    from kaizen_eval.recording.use import cassette_in_use  # noqa: PLC0415 - as above

    path = Path(folder) / f"{dataset}.yaml"
    command = f"kaizen-eval eval … --cassettes {folder} --mode record"
    cassette = Cassette.open(path, CassetteSettings(mode=mode, unused="ignore"), command=command)
    cassette.forgive_misses()  # each is a row of the evaluation
    stage = _Taped(cassette)
    try:
        with _key_for(mode), cassette_in_use(cassette) as use, within(use):
            yield stage
    finally:
        stage.close()


@contextmanager
def _key_for(mode: Mode) -> Iterator[None]:
    """SDKs make no client without one, and a replay needs none."""
    if mode != "replay" or os.environ.get(_KEY):
        yield
        return
    os.environ[_KEY] = "no-key"
    try:
        yield
    finally:
        del os.environ[_KEY]


def _facts(cassette: Cassette) -> Mapping[str, Any]:
    from kaizen_eval.recording.writing.storage import find  # noqa: PLC0415 - as above

    place = find(cassette.path)
    content = b"" if place is None else place.read_bytes()
    return {"is_deterministic": True, "cassette_hash": hashlib.sha256(content).hexdigest()[:16]}
