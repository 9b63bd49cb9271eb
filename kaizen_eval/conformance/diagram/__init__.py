"""What happened in a situation as a picture of text: requests, faults and waits on the virtual time axis."""

from __future__ import annotations

from kaizen_eval.conformance.diagram.drawing import drawn
from kaizen_eval.conformance.diagram.moment import Kind, Moment
from kaizen_eval.conformance.diagram.reading import moments

__all__ = ["Kind", "Moment", "drawn", "moments"]
