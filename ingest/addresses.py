"""Where documents may be fetched from: public addresses, and what a setting allows beyond them."""

from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Self

from samespace.core.errors import Misconfigured
from samespace.core.settings import Settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

OFF = "documents are not fetched by URL here (SAMESPACE_FETCH_URLS)"

# Beside what `ipaddress` calls not global: it differs between versions of Python, and does not know that a
# cloud keeps its metadata at a public address. From the registries of special-purpose addresses at
# https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry.
_SPECIAL = tuple(
    ip_network(each)
    for each in (
        "100.64.0.0/10",  # carrier-grade NAT; 100.100.100.200 is metadata
        "168.63.129.16/32",  # the host of a virtual machine, on Azure
        "192.0.0.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "198.18.0.0/15",
        "2001::/23",  # Teredo and other protocols
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",
    )
)
_UNICAST = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
# What a name may be allowed to lead to. Never loopback or a link's own addresses: a name that somebody
# else may rebind is not to open those.
_INTRANET = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
_METADATA = ip_network("fd00:ec2::/32")


def is_public(address: Address) -> bool:
    """Whether anybody on the internet could reach this address; of NAT64, the IPv4 address inside it."""
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if any(address in network for network in _SPECIAL):
        return False
    return address.version == 4 or address in _UNICAST


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """The hosts and ports that documents are fetched from."""

    names: frozenset[str]
    networks: tuple[Network, ...]
    ports: frozenset[int]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the settings say; Misconfigured for a network that is none."""
        networks = [_network(each) for each in settings.fetch_allow if _is_network(each)]
        names = [each.lower() for each in settings.fetch_allow if not _is_network(each)]
        return cls(frozenset(names), tuple(networks), frozenset(settings.fetch_ports))

    def permits(self, host: str, address: Address) -> bool:
        """Whether a host may be connected to at this address, which it was resolved to."""
        if is_public(address) or any(address in network for network in self.networks):
            return True
        is_inside = address not in _METADATA and any(address in each for each in _INTRANET)
        return is_inside and host.lower().rstrip(".") in self.names


def _is_network(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return "/" in text
    return True


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise Misconfigured(f"SAMESPACE_FETCH_ALLOW names {text!r}: {error}") from error
