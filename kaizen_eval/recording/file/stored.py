"""A body in the form in which a file holds it, and how that becomes its bytes."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from kaizen_eval.recording.body import Body, digest_of
from kaizen_eval.recording.file.fields import corrupt

__all__ = ["Stored"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A body as it stands in a file."""

    form: str
    """ "json": with line breaks and indents that the bytes do not have; "raw": as it is; "base64"."""
    layout: str
    """What makes the bytes out of the text again; empty where nothing has to."""
    text: str
    size: int
    """Bytes that it makes."""
    digest: str
    """Of those bytes."""
    path: str
    line: int

    def body(self) -> Body:
        return Body.later(self.digest, self._made)

    def _made(self) -> bytes:
        data = self._decoded()
        if len(data) != self.size or digest_of(data) != self.digest:
            raise corrupt(
                self.path,
                self.line,
                f"the body does not fit its digest: it was changed, or is torn. It has {len(data)} bytes; recorded "
                f"were {self.size}. If it was edited on purpose: kaizen-eval cassettes lint --accept-edits {self.path}",
            )
        return data

    def _decoded(self) -> bytes:
        try:
            return base64.b64decode(self.text) if self.form == "base64" else self.text.encode()
        except (binascii.Error, ValueError) as error:
            raise corrupt(self.path, self.line, f"the body is no {self.form}: {error}.") from error
