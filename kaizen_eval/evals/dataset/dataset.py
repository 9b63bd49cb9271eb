"""Dataset: cases that fit a signature, read as often as they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, overload

from kaizen_eval.errors import DatasetError
from kaizen_eval.evals.case import Case
from kaizen_eval.evals.dataset.checking import checked
from kaizen_eval.evals.dataset.fitting import Fitting
from kaizen_eval.evals.dataset.problems import Problems
from kaizen_eval.evals.dataset.rereading import case_again
from kaizen_eval.evals.dataset.sources import InPython, Lines, Source, source_of

if TYPE_CHECKING:
    from kaizen_eval.signatures import Signature

__all__ = ["Dataset"]


class Dataset(Sequence[Case]):
    """Cases in their order. They are read again each time they are asked for, where they stand in a JSONL file.

    Cases written in Python may be `Case`s, or mappings as a file would have them.

    Raises:
        DatasetError: with all that is wrong with any case, before anything runs.
    """

    def __init__(
        self,
        cases: Iterable[Case | Mapping[str, Any]],
        *,
        name: str = "dataset",
        signature: type[Signature] | Signature | None = None,
        scorers: Iterable[Any] = (),
    ) -> None:
        if isinstance(cases, str | bytes | Mapping) or not isinstance(cases, Iterable):
            raise DatasetError(f"A dataset takes a list of cases, not {cases!r}. For a file: Dataset.load(path).")
        self._take(InPython(tuple(cases), name=name, scorers=tuple(scorers)), _class_of(signature))

    @classmethod
    def load(cls, path: str | Path, *, signature: type[Signature] | Signature | None = None) -> Self:
        """The cases in a file: .yaml, .jsonl or .csv.

        Args:
            path: of the file.
            signature: goes before the one that the file names.

        Raises:
            DatasetError: with file and line of everything that is wrong.
        """
        dataset = cls.__new__(cls)
        dataset._take(source_of(Path(path)), _class_of(signature))  # noqa: SLF001 - one of this class
        return dataset

    def typed_by(self, signature: type[Signature] | Signature) -> Dataset:
        """The same cases, held against this signature; a file is read again.

        Raises:
            DatasetError: with all that does not fit.
        """
        wanted = _class_of(signature)
        if wanted is self.signature:
            return self
        dataset = Dataset.__new__(Dataset)
        source = source_of(Path(self.path)) if self.path else self._source
        dataset._take(source, wanted)  # noqa: SLF001 - one of this class
        return dataset

    def _take(self, source: Source, signature: type[Signature] | None) -> None:
        problems = Problems(source.label, path=source.path)
        opened = source.open(problems, signature)
        self._source = source
        self.name = opened.name
        self.path = source.path
        """Empty for one made in Python."""
        self.signature = signature or opened.signature
        """What the cases were held against; None: nothing."""
        self.scorers = opened.scorers
        """As they are written: names, mappings of a name to settings, or scorers."""
        self._fitting = Fitting(self.signature)
        self._checked = checked(opened, self._fitting, problems, keep=not isinstance(source, Lines))
        self.hash = self._checked.digest
        """Of the ids of all cases, what they ask and expect, and their limits, in whatever order."""

    def __len__(self) -> int:
        return self._checked.total

    def __iter__(self) -> Iterator[Case]:
        self._refuse_bare()
        return self._read(self._source) if isinstance(self._source, Lines) else iter(self._checked.cases)

    def _read(self, lines: Lines) -> Iterator[Case]:
        problems = Problems(self.path, path=self.path)
        for written in lines.written(problems):
            yield case_again(written.value, self._fitting)
        problems.raise_any()

    def _at(self, place: int) -> Case:
        if not isinstance(self._source, Lines):
            return self._checked.cases[place]
        return case_again(self._source.written_at(place).value, self._fitting)

    @overload
    def __getitem__(self, place: int) -> Case: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Case]: ...
    def __getitem__(self, place: int | slice) -> Case | Sequence[Case]:
        self._refuse_bare()
        if isinstance(place, slice):
            return [self._at(each) for each in range(len(self))[place]]
        try:
            return self._at(range(len(self))[place])
        except IndexError:
            raise IndexError(f"{self.name} has {_counted(len(self))}, and none at {place}.") from None

    def _refuse_bare(self) -> None:
        bare = self._checked.bare
        if bare is not None:
            raise DatasetError(str(bare), path=bare.path, line=bare.line)

    def __repr__(self) -> str:
        typed = "" if self.signature is None else f", signature={self.signature.__name__}"
        return f"<Dataset {self.name!r}: {_counted(len(self))}{typed}>"


def _class_of(signature: type[Signature] | Signature | None) -> type[Signature] | None:
    if signature is None:
        return None
    from kaizen_eval.signatures import Signature  # noqa: PLC0415 - loads pydantic, which not all datasets need

    found = signature if isinstance(signature, type) else type(signature)
    if not issubclass(found, Signature):
        raise DatasetError(f"A dataset's signature is a Signature class, not {signature!r}.")
    return found


def _counted(cases: int) -> str:
    return "1 case" if cases == 1 else f"{cases:,} cases"
