"""The settings that the scorers of this package share, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from kaizen_eval.checks import number
from kaizen_eval.errors import ConfigError

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What each scorer may be told.

    Raises:
        ConfigError: a setting that cannot work.
    """

    kind: ClassVar[str]
    """Its name in dataset files."""

    asks_a_model: ClassVar[bool] = False
    """Whether it may say something else the next time."""

    threshold: float = 1.0
    """From which value on an answer passes."""
    weight: float = 1.0
    """In the trial's score. A scorer of weight 0 is told, and decides nothing."""
    tags: Sequence[str] = ()
    """Only cases with one of these tags are judged; none: all."""
    name: str = ""
    """In the log and in reports; its kind unless given, with the fields that it is for."""

    def __post_init__(self) -> None:
        number(f"threshold of {self.kind}", self.threshold, least=0)
        number(f"weight of {self.kind}", self.weight, least=0)
        if self.threshold > 1:
            raise ConfigError(f"threshold of {self.kind} must be at most 1, the best score, not {self.threshold!r}.")
        if self.weight == float("inf"):
            raise ConfigError(f"weight of {self.kind} must be finite.")
        if not isinstance(self.name, str):
            raise ConfigError(f"name of {self.kind} must be text, not {self.name!r}.")
        tags = (self.tags,) if isinstance(self.tags, str) else tuple(self.tags)
        if not all(isinstance(tag, str) for tag in tags):
            raise ConfigError(f"tags of {self.kind} must be a list of tags, not {self.tags!r}.")
        object.__setattr__(self, "tags", tags)
        object.__setattr__(self, "name", self.name or self.usual_name())

    def usual_name(self) -> str:
        """What it is called where it is given no name."""
        return self.kind
