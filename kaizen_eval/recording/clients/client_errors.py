"""How each HTTP client says that no whole answer came, in its own words and in a cassette's."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from kaizen_eval.recording.exchange import Failure

__all__ = ["STANDARD", "Told", "errors_of_aiohttp", "errors_of_urllib3"]

_Make = Callable[[str], Exception]


class Told(NamedTuple):
    """One client's table."""

    names: tuple[tuple[type[BaseException], str], ...]
    """The first that fits counts."""
    makers: Mapping[str, _Make]

    def named(self, error: BaseException) -> str:
        return next((name for kind, name in self.names if isinstance(error, kind)), "NetworkError")

    def raised(self, failure: Failure) -> Exception:
        make = self.makers.get(failure.error) or self.makers["ReadError"]
        return make(failure.message)


_CUT_PAYLOAD = "Response payload"
"""How aiohttp begins to say that a body broke off, and not the answer before it."""

_NAMES: tuple[tuple[type[BaseException], str], ...] = (
    (TimeoutError, "ReadTimeout"),
    (ConnectionRefusedError, "ConnectError"),
    (socket.gaierror, "ConnectError"),
    (ssl.SSLError, "ConnectError"),
    (http.client.RemoteDisconnected, "RemoteProtocolError"),
    (http.client.HTTPException, "RemoteProtocolError"),
    (OSError, "ReadError"),
)

STANDARD = Told(
    _NAMES,
    {
        "ConnectError": ConnectionRefusedError,
        "ConnectTimeout": TimeoutError,
        "PoolTimeout": TimeoutError,
        "ReadError": ConnectionResetError,
        "ReadTimeout": TimeoutError,
        "RemoteProtocolError": http.client.RemoteDisconnected,
        "TimeoutException": TimeoutError,
        "WriteTimeout": TimeoutError,
    },
)
"""`http.client`, and what stands on it."""


def errors_of_urllib3(connection: Any) -> Told:
    """Those of urllib3, and with it of requests.

    Args:
        connection: the one that failed, or that would have; some of its errors hold it.
    """
    from urllib3 import exceptions as urllib3  # noqa: PLC0415 - only those who use it have it

    return Told(
        (
            (urllib3.NewConnectionError, "ConnectError"),  # of old a ConnectTimeoutError too
            (urllib3.ConnectTimeoutError, "ConnectTimeout"),
            (urllib3.TimeoutError, "ReadTimeout"),
            (urllib3.ProtocolError, "RemoteProtocolError"),
            *_NAMES,
        ),
        {
            **STANDARD.makers,
            "ConnectError": lambda message: urllib3.NewConnectionError(connection, message),
            "ConnectTimeout": lambda message: urllib3.ConnectTimeoutError(connection, message),
        },
    )


def errors_of_aiohttp(host: str, port: int, *, is_ssl: bool) -> Told:
    """Those of aiohttp, for one address."""
    import aiohttp  # noqa: PLC0415 - only those who use it have it
    from aiohttp.client_reqrep import ConnectionKey  # noqa: PLC0415 - as above

    key = ConnectionKey(host, port, is_ssl, True, None, None, None)
    return Told(
        (
            (aiohttp.ConnectionTimeoutError, "ConnectTimeout"),
            (aiohttp.ServerTimeoutError, "ReadTimeout"),
            (TimeoutError, "TimeoutException"),  # of all that it may take, which is none of aiohttp's own errors
            (aiohttp.ClientConnectorError, "ConnectError"),
            (aiohttp.ServerDisconnectedError, "RemoteProtocolError"),
            (aiohttp.ClientPayloadError, "RemoteProtocolError"),
            *_NAMES,
        ),
        {
            "ConnectError": lambda message: aiohttp.ClientConnectorError(key, OSError(errno.ECONNREFUSED, message)),
            "ConnectTimeout": aiohttp.ConnectionTimeoutError,
            "PoolTimeout": aiohttp.ConnectionTimeoutError,
            "ReadError": aiohttp.ClientOSError,
            "ReadTimeout": aiohttp.SocketTimeoutError,
            "RemoteProtocolError": lambda message: (
                aiohttp.ClientPayloadError if message.startswith(_CUT_PAYLOAD) else aiohttp.ServerDisconnectedError
            )(message),
            "TimeoutException": TimeoutError,
            "WriteTimeout": aiohttp.SocketTimeoutError,
        },
    )
