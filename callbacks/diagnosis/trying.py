"""Which combination of address, nonce and token makes the signature that a request carries."""

from __future__ import annotations

import base64
import binascii
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from callbacks.diagnosis.refused import Key, Reason, Refused
from registrations.plivo.signature import (
    LONGEST_HEADER,
    MA_V2,
    MA_V3,
    MAC_LENGTH,
    MOST_CANDIDATES,
    NONCE,
    V2,
    V2_NONCE,
    V3,
    V3_NONCE,
    v2_mac,
    v3_signature,
)

# A few milliseconds' worth; the likeliest come first.
MOST_TRIED = 5_000
MOST_HOSTS = 12
HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?")


@dataclass(frozen=True)
class Address:
    """An address that Plivo may have signed, and how it differs from the expected one."""

    url: str
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Nonce:
    text: str
    reason: Reason | None = None


@dataclass(frozen=True)
class Carried:
    """A signature that a header carries."""

    header: str
    mac: bytes
    reason: Reason | None = None


@dataclass(frozen=True)
class Match:
    address: Address
    nonce: Nonce
    carried: Carried
    key: Key


def search(
    addresses: Iterable[Address],
    nonces: Sequence[Nonce],
    carried: Sequence[Carried],
    keys: Sequence[Key],
) -> tuple[Match | None, int]:
    """The first combination that makes a carried signature, and how many were tried."""
    tried = 0
    for address, nonce, key in itertools.product(addresses, nonces, keys):
        if not key.token:
            continue
        if tried == MOST_TRIED:
            break
        tried += 1
        url, question, query = address.url.partition("?")
        # A query that is signed stands between the path and the nonce.
        mac = v2_mac(url, f"{question}{query}{nonce.text}", key.token)
        made = [one for one in carried if one.mac == mac]
        if made:
            made.sort(key=lambda one: one.header not in key.signs)
            return Match(address, nonce, made[0], key), tried
    return None, tried


# --- What is carried ---


def signatures_in(refused: Refused) -> Iterator[Carried]:
    """The signatures in the headers, also where something altered how they are spelt."""
    for header in (V2, MA_V2):
        texts = refused.headers.get(header, "")[:LONGEST_HEADER].split(",")
        for text in texts[:MOST_CANDIDATES]:
            given = text.strip(" \t")
            plain = re.sub(r"[\s\"'=]", "", unquote(given).replace(" ", "+"))
            standard = plain.replace("-", "+").replace("_", "/")
            try:
                mac = base64.b64decode(standard + "=" * (-len(standard) % 4))
            except (ValueError, binascii.Error):
                continue
            if len(mac) != MAC_LENGTH:
                continue
            if len(texts) > MOST_CANDIDATES:
                yield Carried(header, mac, _repeated(header))
            elif base64.b64encode(mac).decode() != given:
                yield Carried(header, mac, _altered(header))
            else:
                yield Carried(header, mac)


def _altered(header: str) -> Reason:
    return Reason(
        f"The header {header} was altered on its way: it is spelt otherwise than Plivo spells it.",
        "Let the proxy in front of the portal pass headers on as they are.",
    )


def _repeated(header: str) -> Reason:
    return Reason(
        f"The header {header} came again and again: something on the way added it.",
        "Let the proxy in front of the portal pass Plivo's headers on once.",
    )


def nonces_in(refused: Refused) -> Iterator[Nonce]:
    given = refused.headers.get(V2_NONCE, "")[:LONGEST_HEADER]
    if not given:
        return
    if NONCE.fullmatch(given):
        yield Nonce(given)
        return
    parts = list(dict.fromkeys(part.strip(" \t\"'") for part in given.split(",")))
    reason = _repeated(V2_NONCE) if "," in given else _altered(V2_NONCE)
    for part in parts[:MOST_CANDIDATES]:
        if part:
            yield Nonce(part, reason)


# --- What may have been signed ---


def addresses_for(refused: Refused) -> Iterator[Address]:
    """The expected address, and those that differ from it, the likeliest first."""
    parts = urlsplit(refused.url)
    schemes = [parts.scheme, *({"http", "https"} - {parts.scheme})]
    bare = parts.path.rstrip("/")
    paths = [parts.path, bare or "/", f"{bare}/", f"{bare}//", parts.path.lower()]
    queries = ["", f"?{refused.query}"] if refused.query else [""]
    made: dict[str, tuple[str, ...]] = {}
    for scheme, host, path, query in itertools.product(
        schemes, _hosts(refused, parts.netloc), paths, queries
    ):
        made.setdefault(
            f"{scheme}://{host}{path}{query}",
            tuple(
                change
                for change, differs in {
                    "scheme": scheme != parts.scheme,
                    "host": name_of(host) != name_of(parts.netloc),
                    "port": port_of(host) != port_of(parts.netloc),
                    "case": path != parts.path and path == parts.path.lower(),
                    "slash": path.lower() != parts.path.lower(),
                    "query": bool(query),
                }.items()
                if differs
            ),
        )
    for url, changes in sorted(made.items(), key=lambda item: len(item[1])):
        yield Address(url, changes)


def _hosts(refused: Refused, expected: str) -> list[str]:
    """Hosts, with and without ports, that the portal may be called by."""
    headers = refused.headers
    forwarded = headers.get("X-Forwarded-Host", "").split(",")[0].strip()
    by_standard = re.search(r"host=\"?([^;,\"]+)", headers.get("Forwarded", ""), re.IGNORECASE)
    named = [
        expected,
        urlsplit(refused.public_url).netloc,
        headers.get("Host", ""),
        forwarded,
        by_standard[1] if by_standard else "",
        *refused.hosts,
    ]
    known = list(dict.fromkeys(host for host in named if HOST.fullmatch(host)))[:MOST_HOSTS]
    forwarded_port = headers.get("X-Forwarded-Port", "")
    ports = {port_of(host) for host in known} | {"443", "80", ""}
    if re.fullmatch("[0-9]{1,5}", forwarded_port):
        ports.add(forwarded_port)
    names = list(dict.fromkeys(spelling for host in known for spelling in _spellings(host)))
    every = [f"{name}:{port}" if port else name for name in names for port in sorted(ports)]
    return list(dict.fromkeys([*known, *every]))


def _spellings(host: str) -> list[str]:
    name = name_of(host)
    if re.fullmatch(r"[0-9.]+", name):
        return [name]
    other = name.removeprefix("www.") if name.startswith("www.") else f"www.{name}"
    return [name, name.lower(), other]


def name_of(host: str) -> str:
    return host.partition(":")[0]


def port_of(host: str) -> str:
    return host.partition(":")[2]


def v3_holds(refused: Refused, keys: Sequence[Key]) -> bool:
    """Whether one of these tokens makes the V3 signature that it carries."""
    nonce = refused.headers.get(V3_NONCE, "")
    url = f"{refused.url}?{refused.query}" if refused.query else refused.url
    given = {refused.headers.get(name, "").strip() for name in (V3, MA_V3)}
    return any(
        v3_signature(refused.method, url, nonce, key.token, refused.form) in given
        for key in keys
        if key.token
    )
