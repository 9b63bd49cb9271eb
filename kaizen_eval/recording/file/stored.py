"""A body in the form in which a file holds it, and how that becomes its bytes."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from kaizen_eval.errors import CassetteCorrupt
from kaizen_eval.recording.body import Body, digest_of
from kaizen_eval.recording.file.fields import corrupt
from kaizen_eval.recording.file.json_layout import bare_of

__all__ = ["Stored"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A body as it stands in a file."""

    form: str
    """ "json": laid out for people; "raw": as it is; "base64"."""
    layout: str
    """What makes the bytes out of the text again; empty where nothing has to."""
    text: str
    size: int
    """Bytes that it makes."""
    digest: str
    """Of those bytes."""
    path: str
    line: int

    def later(self) -> Body:
        """Decoded when first asked for, and refused then where it does not fit its digest."""
        return Body.later(self.digest, self._held, text="" if self.form == "base64" else self.text)

    def now(self) -> Body:
        """Decoded at once and taken as it is, as somebody has edited it.

        Raises:
            CassetteCorrupt: it should be JSON and is none.
        """
        body = Body(self._made())
        if self.form == "json" and body.digest != self.digest:
            self._check_json()
        return body

    def _held(self) -> bytes:
        data = self._made()
        if len(data) != self.size or digest_of(data) != self.digest:
            raise self._corrupt(
                f"the body does not fit its digest: it was changed, or is torn. It has {len(data)} bytes; recorded "
                f"were {self.size}. If it was edited on purpose: kaizen-eval cassettes lint --accept-edits {self.path}"
            )
        return data

    def _made(self) -> bytes:
        try:
            return self._decoded()
        except ValueError as error:
            raise self._corrupt(f"the body cannot be decoded: {error}.") from error

    def _decoded(self) -> bytes:
        if self.form == "base64":
            return base64.b64decode(self.text)
        if self.form == "json":
            return bare_of(self.text, self.layout).encode()
        if self.layout == "crlf":
            return self.text.replace("\n", "\r\n").encode()
        if self.layout:
            raise ValueError(f"there is no layout {self.layout!r}")
        return self.text.encode()

    def _check_json(self) -> None:
        try:
            json.loads(self.text)
        except (ValueError, RecursionError) as error:
            raise self._corrupt(f"the body is no JSON: {error}.") from error

    def _corrupt(self, what: str) -> CassetteCorrupt:
        return corrupt(self.path, self.line, what)
