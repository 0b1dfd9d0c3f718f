import socket
from pathlib import Path

from loadtest.processes.ports import HOST, free_port


def test_each_port_is_free_and_given_once() -> None:
    """Two servers that start at the same time do not get the same port."""
    ports = {free_port() for _ in range(50)}

    assert 50 == len(ports)
    for port in ports:
        with socket.socket() as probe:
            probe.bind((HOST, port))


def test_no_port_can_be_taken_by_an_outgoing_connection() -> None:
    """The range of outgoing ports is above."""
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])

    assert all(free_port() < lowest for _ in range(50))
