"""Which addresses are public: never one that Python does not call global, nor one that hides another."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.addresses import FetchPolicy, is_public
from samespace.core.errors import Misconfigured
from samespace.core.settings import Settings

BLOCKS = [
    "10.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "100.64.0.0/10",
    "192.0.0.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
    "::ffff:0:0/96",
    "2002::/16",
    "::/96",
]
in_blocks = st.one_of([st.ip_addresses(network=block) for block in BLOCKS])
anywhere = st.ip_addresses() | in_blocks


@given(anywhere)
@example(ip_address("224.0.1.1"))
def test_what_is_not_global_is_not_public(address: IPv4Address | IPv6Address) -> None:
    if not address.is_global or address.is_multicast or address.is_loopback or address.is_private:
        assert not is_public(address)


@given(in_blocks)
def test_no_block_of_these_is_public(address: IPv4Address | IPv6Address) -> None:
    assert not is_public(address)
    assert not FetchPolicy.of(Settings()).permits("x", address)


@given(st.ip_addresses(v=4))
def test_an_address_in_another_is_that_address(inner: IPv4Address) -> None:
    assert is_public(ip_address(int(ip_address("64:ff9b::")) + int(inner))) == is_public(inner)
    assert not is_public(ip_address(f"::ffff:{inner}"))
    assert not is_public(ip_address(int(ip_address("2002::")) + (int(inner) << 80)))


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:4700::1111", True),
        ("2001:4860:4860::8888", True),
        ("2001::1", False),
        ("168.63.129.16", False),
        ("3fff::1", False),
        ("fec0::1", False),
        ("5f00::1", False),
        ("64:ff9b:1::1", False),
    ],
)
def test_some_of_each(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public


def test_a_network_that_is_none_is_told() -> None:
    with pytest.raises(Misconfigured, match=r"SAMESPACE_FETCH_ALLOW names '10\.0\.0\.0/99'"):
        FetchPolicy.of(Settings(fetch_allow="10.0.0.0/99"))
