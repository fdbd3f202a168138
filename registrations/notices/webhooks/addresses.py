"""Where messages may go: never to a place that only we can reach.

An address is taken apart once and its name resolved once per attempt; every answer must be fit, and
the connection is made to exactly what was checked, so that a name which changes its mind between
check and use (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.encoding import iri_to_uri

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[..., Iterable[Any]]

RESOLVE_SECONDS = 5.0

# Beside what Python calls private, reserved and so on: shared by carriers, set aside, or a cloud's
# own. Of IPv6, only what is handed out for the world is fit at all.
UNFIT = [
    ipaddress.ip_network(text)
    for text in (
        "100.64.0.0/10",
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "2001::/23",
        "3fff::/20",
    )
]
IPV6_OF_THE_WORLD = ipaddress.IPv6Network("2000::/3")
# IPv6 addresses in which an IPv4 one is hidden: where it begins, counted from the right in bits.
HIDING = {
    ipaddress.IPv6Network("::ffff:0:0/96"): 0,
    ipaddress.IPv6Network("64:ff9b::/96"): 0,
    ipaddress.IPv6Network("2002::/16"): 80,
}


class Unfit(Exception):
    """Nothing is sent to this address; the message says why."""


@dataclass(frozen=True)
class Target:
    """An address taken apart. `host` is what the certificate must be for; `path` has its query."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.secure else 80
        return host if self.port == usual else f"{host}:{self.port}"


def check(url: str) -> Target:
    """Take an address apart. Raises Unfit if its form is not fit; asks nobody what is behind it."""
    if not url.isprintable() or any(c.isspace() for c in url) or "\\" in url:
        raise Unfit("The address must not hold spaces, backslashes or invisible characters.")
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError as trouble:
        raise Unfit("This is not an address.") from trouble
    allowed = ("https", "http") if settings.WEBHOOK_ALLOW_PRIVATE else ("https",)
    if parts.scheme not in allowed:
        raise Unfit("The address must begin with https://.")
    if "@" in parts.netloc:
        raise Unfit("The address must not hold a user name or password: the signature is proof.")
    if "#" in url:
        raise Unfit("The address must not hold a fragment (#…): it is never sent.")
    if not host or port == 0:
        raise Unfit("The address must name a host.")
    secure = parts.scheme == "https"
    path = iri_to_uri(parts.path or "/") + (f"?{iri_to_uri(parts.query)}" if parts.query else "")
    return Target(secure, _name(host), port or (443 if secure else 80), path)


def demand_fit(url: str, resolve: Resolve = socket.getaddrinfo) -> Target:
    """Take an address apart and look where it leads. Raises Unfit if nothing may be sent there."""
    target = check(url)
    addresses_of(target, resolve)
    return target


def addresses_of(target: Target, resolve: Resolve = socket.getaddrinfo) -> list[IPAddress]:
    """What the name stands for now, in the order in which to try. Raises Unfit if any is unfit."""
    found = _resolved(target, resolve)
    if not found:
        raise Unfit(f"{target.host} is not known in the domain name system.")
    if not settings.WEBHOOK_ALLOW_PRIVATE:
        for address in found:
            # One bad answer among good ones is how a name is made to lead inside.
            if not is_of_the_world(address):
                raise Unfit(f"{target.host} leads to {address}, which is not a public address.")
    return found


def is_of_the_world(address: IPAddress) -> bool:
    """Whether anybody could reach it: not this machine, a network of ours, or set aside."""
    if isinstance(address, ipaddress.IPv6Address):
        for network, shift in HIDING.items():
            if address in network:
                hidden = int(address) >> shift & 0xFFFFFFFF
                return is_of_the_world(ipaddress.IPv4Address(hidden))
        if address not in IPV6_OF_THE_WORLD:
            return False
    if any(address.version == network.version and address in network for network in UNFIT):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _name(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        name = host.encode("idna").decode().lower()
    except UnicodeError as trouble:
        raise Unfit("The address must name a host.") from trouble
    if not all(c.isalnum() or c in "-._" for c in name):
        raise Unfit("The address must name a host.")
    return name


def _resolved(target: Target, resolve: Resolve) -> list[IPAddress]:
    """What the name stands for. A thread of its own: the system's resolver knows no time-out."""
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(list(resolve(target.host, target.port, type=socket.SOCK_STREAM)))
        except (OSError, UnicodeError):
            answers.put([])

    threading.Thread(target=ask, daemon=True, name="webhook resolver").start()
    try:
        rows = answers.get(timeout=RESOLVE_SECONDS)
    except queue.Empty:
        raise Unfit(f"{target.host} was not found within {RESOLVE_SECONDS:.0f} seconds.") from None
    found = []
    for _, _, _, _, where in rows:
        text, _, scope = str(where[0]).partition("%")
        if scope:
            raise Unfit(f"{target.host} leads to {where[0]}, which is not a public address.")
        address = ipaddress.ip_address(text)
        if address not in found:
            found.append(address)
    return found
