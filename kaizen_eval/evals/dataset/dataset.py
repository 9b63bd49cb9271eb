"""Dataset: cases that fit a signature, read as often as they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, overload

from kaizen_eval.errors import DatasetError
from kaizen_eval.evals.case import Case
from kaizen_eval.evals.dataset.checking import checked
from kaizen_eval.evals.dataset.fitting import Fitting
from kaizen_eval.evals.dataset.grammar import CaseMaker
from kaizen_eval.evals.dataset.problems import Problems
from kaizen_eval.evals.dataset.sources import InPython, Source, source_of
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
        self._take(InPython(tuple(cases), name=name, scorers=tuple(scorers)), signature)

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
        dataset._take(source_of(Path(path)), signature)  # noqa: SLF001 - one of this class
        return dataset

    def typed_by(self, signature: type[Signature] | Signature) -> Dataset:
        """The same cases, held against this signature.

        Raises:
            DatasetError: with all that does not fit.
        """
        wanted = _class_of(signature)
        if wanted is self.signature:
            return self
        dataset = Dataset.__new__(Dataset)
        dataset._take(self._source, wanted)  # noqa: SLF001 - one of this class
        return dataset

    def _take(self, source: Source, signature: type[Signature] | Signature | None) -> None:
        self._source = source
        self.name: str = source.name
        self.path: str = source.path
        """Empty for one made in Python."""
        self.signature: type[Signature] | None = _class_of(signature) if signature is not None else source.signature()
        """What the cases were held against; None: nothing."""
        self.scorers: tuple[Any, ...] = source.scorers
        """As they are written: names, mappings of a name to settings, or scorers."""
        self._fitting = Fitting(self.signature)
        found = checked(source, self._fitting)
        self._count = found.count
        self._cases = found.cases
        self._bare = found.bare
        self.hash: str = found.hash
        """Of the ids of all cases, what they ask and expect, and their limits, in whatever order."""

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Case]:
        self._refuse_bare()
        return self._read() if self._source.is_lazy else iter(self._cases)

    def _read(self) -> Iterator[Case]:
        problems = self._problems()
        maker = CaseMaker(self._fitting, problems, checks=False)
        for written in self._source.written(problems):
            case = maker.case(written)
            if case is not None:
                yield case
        problems.raise_any()

    def _at(self, place: int) -> Case:
        if not self._source.is_lazy:
            return self._cases[place]
        problems = self._problems()
        written = self._source.written_at(place, problems)
        case = None if written is None else CaseMaker(self._fitting, problems, checks=False).case(written)
        if case is None:
            raise problems.error()
        return case

    def _problems(self) -> Problems:
        return Problems(self.path or self.name, path=self.path)

    @overload
    def __getitem__(self, place: int) -> Case: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Case]: ...
    def __getitem__(self, place: int | slice) -> Case | Sequence[Case]:
        self._refuse_bare()
        if isinstance(place, slice):
            return [self._at(each) for each in range(self._count)[place]]
        try:
            return self._at(range(self._count)[place])
        except IndexError:
            raise IndexError(f"{self.name} has {self._count} cases, and none at {place}.") from None

    def _refuse_bare(self) -> None:
        if self._bare is not None:
            raise DatasetError(str(self._bare), path=self._bare.path, line=self._bare.line)

    def __repr__(self) -> str:
        typed = "" if self.signature is None else f", signature={self.signature.__name__}"
        return f"<Dataset {self.name!r}: {self._count} cases{typed}>"


def _class_of(signature: type[Signature] | Signature) -> type[Signature]:
    found = signature if isinstance(signature, type) else type(signature)
    if not issubclass(found, Signature):
        raise DatasetError(f"A dataset's signature is a Signature class, not {signature!r}.")
    return found
