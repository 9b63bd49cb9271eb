"""The guard lets code reach this machine, and nothing else."""

import socket
import threading
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.testing.network import allow_hosts, network_guard

LOCAL = ["localhost", "LOCALHOST.", "app.localhost", "127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "0.0.0.0", ""]  # noqa: S104 - nothing is bound


def connect(host, family=socket.AF_INET, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as connection:
        connection.connect((host, 9))


def test_a_connection_to_a_real_host_is_refused_and_remembered():
    with network_guard() as guard, pytest.raises(ConnectionRefusedError, match=r"'203\.0\.113\.7' is a real host"):
        connect("203.0.113.7")
    assert guard.refused == ["203.0.113.7"]


def test_a_look_up_of_a_real_host_fails_as_without_network_and_is_remembered():
    with network_guard() as guard, pytest.raises(socket.gaierror, match=r"'api\.example\.com' is a real host"):
        socket.getaddrinfo("api.example.com", 443)
    assert guard.refused == ["api.example.com"]


def test_bytes_are_host_names_too():
    with network_guard() as guard, pytest.raises(socket.gaierror):
        socket.getaddrinfo(b"api.example.com", 443)
    assert guard.refused == ["api.example.com"]


def test_a_request_in_another_thread_is_remembered():
    def swallow():
        with pytest.raises(OSError, match="real host"):
            connect("203.0.113.7")

    with network_guard() as guard:
        thread = threading.Thread(target=swallow)
        thread.start()
        thread.join()
    assert guard.refused == ["203.0.113.7"]


def test_what_is_let_through_is_remembered():
    with network_guard() as guard, allow_hosts("api.invalid"), pytest.raises(socket.gaierror):
        socket.getaddrinfo("api.invalid", 443)
    assert (guard.refused, set(guard.let_through)) == ([], {"api.invalid"})


@pytest.mark.parametrize("host", LOCAL)
def test_this_machine_is_not_refused(host):
    with network_guard() as guard, suppress(socket.gaierror):  # not every machine knows every name of its own
        socket.getaddrinfo(host, 9, type=socket.SOCK_STREAM)
    assert guard.refused == []


def test_a_local_server_is_reached():
    with network_guard() as guard, socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
    assert guard.refused == []


def test_the_name_of_this_machine_is_this_machine():
    with network_guard() as guard:
        socket.getaddrinfo(socket.gethostname().upper(), None)
    assert guard.refused == []


def test_unix_sockets_and_datagram_sockets_are_left_alone(tmp_path):
    with network_guard() as guard:
        connect("203.0.113.7", kind=socket.SOCK_DGRAM)
        with socket.socket(socket.AF_UNIX) as connection, pytest.raises(FileNotFoundError):
            connection.connect(str(tmp_path / "nobody"))
    assert guard.refused == []


def test_an_allowed_host_passes_by_name_and_address_inside_the_block_only():
    with network_guard() as guard:
        with allow_hosts("203.0.113.7", "db.invalid"), pytest.raises(socket.gaierror):
            socket.getaddrinfo("db.invalid", 5432)
        with pytest.raises(socket.gaierror, match="real host"):
            socket.getaddrinfo("203.0.113.7", None)
    assert guard.refused == ["203.0.113.7"]


def test_the_addresses_of_an_allowed_name_are_allowed():
    with network_guard() as guard, allow_hosts("localhost"):
        socket.getaddrinfo("127.0.0.1", 9)
    assert guard.refused == []


def test_guards_nest_and_the_inner_one_remembers():
    with network_guard() as outer:
        with network_guard() as inner, pytest.raises(socket.gaierror):
            socket.getaddrinfo("inner.example.com", None)
        with pytest.raises(socket.gaierror):
            socket.getaddrinfo("outer.example.com", None)
    assert (inner.refused, outer.refused) == (["inner.example.com"], ["outer.example.com"])


@given(st.ip_addresses())
def test_an_address_is_refused_always_but_for_those_of_this_machine(address):
    mapped = getattr(address, "ipv4_mapped", None) or address
    ours = mapped.is_loopback or mapped.is_unspecified
    with network_guard() as guard:
        try:
            socket.getaddrinfo(str(address), None)
        except socket.gaierror:
            assert guard.refused == [str(address)]
        assert bool(guard.refused) == (not ours)
