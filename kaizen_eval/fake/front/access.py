"""Access: which requests hold a key that opens the fake."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from typing import Protocol

from kaizen_eval.errors import ConfigError
from kaizen_eval.fake.wire.errors import Rejection

__all__ = ["SECRET_HEADERS", "Access", "access_with", "masked", "without_keys"]

SECRET_HEADERS = ("authorization", "api-key", "x-api-key", "proxy-authorization", "cookie")
"""Where a key may stand."""
_MISSING = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
    "(i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the "
    "API from your browser and are prompted for a username and password. You can obtain an API key from "
    "https://platform.openai.com/account/api-keys."
)
_CHALLENGE = (("www-authenticate", 'Basic realm="OpenAI API"'),)


class Access(Protocol):
    """Lets requests in, or does not."""

    def check(self, headers: Mapping[str, str]) -> None:
        """Raises Rejection for a request that is not let in; names are in lower case."""
        ...


def access_with(api_key: str | None) -> Access:
    """For those who have this key, or for everybody.

    Raises:
        ConfigError: no HTTP header can carry the key.
    """
    if api_key is None:
        return _Everybody()
    if not api_key or not all("!" <= sign <= "~" for sign in api_key):
        raise ConfigError(
            "The fake's api_key must be of printable ASCII without blanks, as every HTTP header can carry it (it is "
            "not shown here)."
        )
    return _KeyHolders(api_key)


def without_keys(headers: Mapping[str, str]) -> dict[str, str]:
    """What may be shown of them; names are in lower case."""
    shown = dict(headers) if type(headers) is dict else dict(headers.items())
    for secret in SECRET_HEADERS:
        shown.pop(secret, None)
    return shown


def masked(key: str) -> str:
    """Enough to tell which key it was, and too little to use it."""
    return f"{key[:5]}***{key[-2:]}" if len(key) >= 12 else "***"


class _Everybody:
    def check(self, headers: Mapping[str, str]) -> None:
        pass


class _KeyHolders:
    def __init__(self, api_key: str) -> None:
        self._key = api_key.encode()

    def check(self, headers: Mapping[str, str]) -> None:
        given = _given(headers)
        if not given:
            raise Rejection(_MISSING, status=401, headers=_CHALLENGE)
        if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), self._key):
            raise Rejection(
                f"Incorrect API key provided: {masked(given)}. You can find your API key at "
                "https://platform.openai.com/account/api-keys.",
                status=401,
                code="invalid_api_key",
            )


def _given(headers: Mapping[str, str]) -> str:
    """The key as a bearer, as the password of a browser, or where Azure's clients put it; empty where none is."""
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() == "basic":
        return _password(credentials)
    return headers.get("api-key", "")


def _password(credentials: str) -> str:
    try:
        return base64.b64decode(credentials).decode().partition(":")[2]
    except ValueError:
        return ""
