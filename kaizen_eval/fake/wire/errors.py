"""Error bodies as OpenAI writes them, and the requests that are refused with one."""

from __future__ import annotations

import json
from contextlib import suppress
from hashlib import blake2b

from kaizen_eval.fake.wire.events import Answer, json_answer

__all__ = ["Rejection", "encode_error", "refusal_id"]


class Rejection(Exception):
    """A request that the real service would refuse, whatever the script says."""

    def __init__(  # noqa: PLR0913 - the status, the four fields of an error body, headers, and a remark
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        is_unspoken: bool = False,
    ) -> None:
        """Say why.

        Args:
            message: the service's words.
            status: of the response.
            kind: the error's `type`.
            param: which field of the request is wrong.
            code: for programs.
            headers: of the response, beside those that every response has.
            is_unspoken: whether the real service may have answered, and the fake cannot.
        """
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.param = param
        self.code = code
        self.headers = headers
        self.is_unspoken = is_unspoken

    def answer(self) -> Answer:
        body = encode_error(self.message, kind=self.kind, code=self.code, param=self.param)
        return json_answer(self.status, body, *self.headers)


def encode_error(message: str, *, kind: str, code: str | None = None, param: str | None = None) -> bytes:
    """The body of an error."""
    return json.dumps({"error": {"message": message, "type": kind, "param": param, "code": code}}).encode()


def refusal_id(method: str, path: str, body: bytes) -> str:
    """The `x-request-id` of a refusal: the same for the same request, in whatever order its fields are written."""
    with suppress(ValueError, RecursionError):  # of what is no JSON, its bytes are all that there is
        body = json.dumps(json.loads(body), sort_keys=True).encode()
    asked = b"\n".join((method.encode("utf-8", "replace"), path.encode("utf-8", "replace"), body))
    return f"req_{blake2b(asked, digest_size=17).hexdigest()}"
