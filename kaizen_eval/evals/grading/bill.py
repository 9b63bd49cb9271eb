"""The bill: what graders were paid, apart from what the answers cost that they judged."""

from __future__ import annotations

from decimal import Decimal

from kaizen_eval.events import Event, RunEnded
from kaizen_eval.messages import Usage

__all__ = ["Bill"]


class Bill:
    """Adds up the runs that it is told of, those that failed included."""

    def __init__(self) -> None:
        self.usage = Usage()
        self.cost: Decimal | None = Decimal(0)
        """USD; None when that of a run is unknown."""

    def on_event(self, event: Event) -> None:
        if isinstance(event, RunEnded):
            self.usage += event.usage
            self.cost = None if self.cost is None or event.cost is None else self.cost + event.cost
