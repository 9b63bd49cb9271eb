"""Parts of a dataset for several machines: a case is always in the same part, whatever stands around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from zlib import crc32

from kaizen_eval.errors import ConfigError

__all__ = ["Shard"]

_WRITTEN = re.compile(r"([0-9]{1,6})/([0-9]{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shard:
    """One of so many parts; `str()` gives "2/4".

    Raises:
        ConfigError: there is no such part.
    """

    number: int
    """From 1."""
    of: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.of:
            raise ConfigError(f"There is no part {self}: expected 1/{self.of} to {self.of}/{self.of}, or 1/1 for all.")

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def holds(self, case: str) -> bool:
        """Whether the case of this id is in this part; of `of` parts, exactly one holds it."""
        return crc32(case.encode("utf-8", "surrogatepass")) % self.of == self.number - 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Raises:
        ConfigError: it is not written as "2/4".
        """
        found = _WRITTEN.fullmatch(text.strip())
        if found is None:
            raise ConfigError(
                f"{text!r} is no part of a dataset: expected two numbers such as 2/4, the second of four."
            )
        return cls(int(found[1]), int(found[2]))
