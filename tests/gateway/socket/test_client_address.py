from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gateway.socket.client_address import client_address, is_trusted

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"), ip_network("192.0.2.7"))

PROXY = "10.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("198.51.100.4", "198.51.100.4"),
        ("6.6.6.6, 198.51.100.4", "198.51.100.4"),
        ("6.6.6.6, 198.51.100.4, 10.9.9.9,fd00::5 , 192.0.2.7", "198.51.100.4"),
        ("6.6.6.6,, 10.9.9.9", "10.9.9.9"),
        ("198.51.100.4:1234", "198.51.100.4"),
        ("2001:DB8::0:7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ("::ffff:198.51.100.4", "198.51.100.4"),
        ("6.6.6.6, [::ffff:10.2.3.4]:80", "6.6.6.6"),
        ("fe80::1%eth0", "fe80::1"),
        ("10.1.1.1, 10.2.2.2", "10.1.1.1"),
    ],
)
def test_the_header_of_a_trusted_proxy_counts(forwarded: str, client: str) -> None:
    """The rightmost address that is not a proxy, in its canonical form, with or without a port."""
    assert client == client_address(PROXY, forwarded, TRUSTED)


@pytest.mark.parametrize(
    "garbage",
    [
        *("", " ", "unknown", "_hidden", "unix:", "256.1.1.1", "1.2.3", "010.1.1.1", "[::1", "::1]", "1.2.3.4:"),
        *("1.2.3.4:x", "[1.2.3.4]x", "é", "6.6.6.6 198.51.100.4", "6.6.6.6;", '"6.6.6.6"', "1" * 5000),
        "\u0661.\u0662.\u0663.\u0664",  # digits, but not ASCII digits
    ],
)
def test_garbage_ends_the_chain(garbage: str) -> None:
    """Everything left of it may be forged. The last proxy before it counts."""
    assert PROXY == client_address(PROXY, garbage, TRUSTED)
    assert "10.0.0.2" == client_address(PROXY, f"6.6.6.6, {garbage}, 10.0.0.2", TRUSTED)


@pytest.mark.parametrize("peer", ["198.51.100.4", "2001:db8::7"])
@pytest.mark.parametrize("trusted", [(), TRUSTED])
def test_the_header_of_any_other_peer_is_ignored(peer: str, trusted: tuple[object, ...]) -> None:
    """A client may send the header itself, with or without trusted proxies."""
    assert peer == client_address(peer, "6.6.6.6, 10.0.0.2", trusted)


def test_a_peer_without_an_address_is_itself() -> None:
    """A UNIX socket has no address."""
    assert "" == client_address("", "6.6.6.6", TRUSTED)


@pytest.mark.parametrize("peer", ["198.51.100.4", "::1", "", "nonsense"])
def test_only_peers_in_the_networks_are_trusted(peer: str) -> None:
    """An IPv4-mapped address counts as IPv4. Text that is no address is not trusted."""
    assert not is_trusted(peer, TRUSTED)
    assert is_trusted(PROXY, TRUSTED)
    assert is_trusted(f"::ffff:{PROXY}", TRUSTED)
    assert not is_trusted(PROXY, ())


addresses = st.ip_addresses()
strangers = addresses.filter(
    lambda address: not any((getattr(address, "ipv4_mapped", None) or address) in network for network in TRUSTED)
)
proxies = st.one_of(
    st.ip_addresses(v=4, network="10.0.0.0/8"),
    st.ip_addresses(v=6, network="fd00::/8"),
    st.just(ip_address("192.0.2.7")),
)
written = st.sampled_from(["{}", " {} ", "\t{}"])


@given(st.text(max_size=60), strangers, st.lists(proxies, min_size=1, max_size=5), written)
def test_no_client_can_choose_its_address(forged: str, client: object, chain: list[object], form: str) -> None:
    """For any header that it sends, the first proxy appends the real address, and the others their peers."""
    *hops, peer = chain
    header = ",".join([forged, *(form.format(address) for address in (client, *hops))])
    plain = getattr(client, "ipv4_mapped", None) or client
    assert str(plain) == client_address(str(peer), header, TRUSTED)


@given(
    st.text(max_size=40) | addresses.map(str),
    st.text(max_size=200) | st.lists(addresses | st.text(max_size=5)).map(repr),
)
def test_any_header_gives_an_address(peer: str, forwarded: str) -> None:
    """It never raises, and without trusted proxies the header has no effect."""
    assert isinstance(client_address(peer, forwarded, TRUSTED), str)
    assert client_address(peer, "", ()) == client_address(peer, forwarded, ())
