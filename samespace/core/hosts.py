"""Names and addresses of machines."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether this name or address is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
