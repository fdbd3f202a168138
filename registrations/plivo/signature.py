"""Plivo's signatures on callbacks: making them, and telling true ones from forged.

V2 is the Base64 of HMAC-SHA256, keyed with the auth token, over scheme, host, path and nonce. It
covers neither the query nor the body nor the time
(https://www.plivo.com/docs/messaging/concepts/signature-validation). V3 covers the parameters too;
Plivo documents it for voice only, so here it is verified when present and never demanded.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

V2, MA_V2, V2_NONCE = (
    "X-Plivo-Signature-V2",
    "X-Plivo-Signature-Ma-V2",
    "X-Plivo-Signature-V2-Nonce",
)
V3, MA_V3, V3_NONCE = (
    "X-Plivo-Signature-V3",
    "X-Plivo-Signature-Ma-V3",
    "X-Plivo-Signature-V3-Nonce",
)

# The URL ends in a slash and the nonce has none, so the signed text can be split in one way only.
NONCE = re.compile(r"[A-Za-z0-9._-]{1,128}")
LONGEST_HEADER = 1024
MOST_CANDIDATES = 4


@dataclass(frozen=True)
class Verdict:
    """What became of verifying one request.

    `mac` is the signature as *we* computed it, 32 bytes, by which a request is known again however
    its header was spelt. `reason` says in words why it was refused. `v3` is absent, ok or bad.
    """

    valid: bool
    scheme: str = ""
    mac: bytes = b""
    reason: str = ""
    v3: str = "absent"


def v2_mac(url: str, nonce: str, token: str) -> bytes:
    """The 32 bytes of a V2 signature. Raises ValueError for an empty token: anybody could sign."""
    return _mac(token, f"{_signed_part(url)}{nonce}")


def v2_signature(url: str, nonce: str, token: str) -> str:
    """The V2 signature as the header carries it."""
    return base64.b64encode(v2_mac(url, nonce, token)).decode()


def v3_mac(
    method: str, url: str, nonce: str, token: str, params: Iterable[tuple[str, str]] = ()
) -> bytes:
    """The 32 bytes of a V3 signature. `params`: (name, value) pairs of a POSTed form."""
    query = "&".join(
        f"{name}={value}"
        for name, value in sorted(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    )
    form = "".join(f"{name}{value}" for name, value in sorted(params)) if method == "POST" else ""
    text = _signed_part(url)
    if query or form:
        text += f"?{query}"
    if query and form:
        text += "."
    return _mac(token, f"{text}{form}.{nonce}")


def v3_signature(
    method: str, url: str, nonce: str, token: str, params: Iterable[tuple[str, str]] = ()
) -> str:
    """The V3 signature as the header carries it."""
    return base64.b64encode(v3_mac(method, url, nonce, token, params)).decode()


def verify(
    headers: Mapping[str, str],
    url: str,
    own_tokens: Sequence[str],
    main_tokens: Sequence[str],
    *,
    method: str = "POST",
    query: str = "",
    form: Sequence[tuple[str, str]] = (),
) -> Verdict:
    """Whether Plivo made this request to `url`, the callback URL as it was given to Plivo.

    `headers` maps names in the spelling above to values; `own_tokens` are the live tokens of the
    account the object belongs to, `main_tokens` those of its main account.
    """
    nonce = headers.get(V2_NONCE, "")
    if not nonce:
        return Verdict(valid=False, reason="There is no V2 nonce.")
    if not NONCE.fullmatch(nonce):
        return Verdict(valid=False, reason="The V2 nonce is malformed, or came twice.")
    if not headers.get(V2) and not headers.get(MA_V2):
        return Verdict(valid=False, reason="There is no V2 signature.")
    for scheme, header, tokens in (
        ("V2", V2, own_tokens),
        ("Ma-V2", MA_V2, main_tokens),
    ):
        expected = [v2_mac(url, nonce, token) for token in tokens if token]
        found = _match(headers.get(header, ""), expected)
        if found:
            v3 = _verify_v3(headers, url, [*own_tokens, *main_tokens], method, query, form)
            return Verdict(valid=True, scheme=scheme, mac=found, v3=v3)
    if not any(own_tokens) and not any(main_tokens):
        return Verdict(valid=False, reason="The account has no live token to verify with.")
    return Verdict(valid=False, reason="No live token of the account makes this signature.")


def _verify_v3(
    headers: Mapping[str, str],
    url: str,
    tokens: Sequence[str],
    method: str,
    query: str,
    form: Sequence[tuple[str, str]],
) -> str:
    given = [headers[name] for name in (V3, MA_V3) if headers.get(name)]
    if not given:
        return "absent"
    nonce = headers.get(V3_NONCE, "")
    full_url = f"{url}?{query}" if query else url
    expected = [v3_mac(method, full_url, nonce, token, form) for token in tokens if token]
    return "ok" if any(_match(value, expected) for value in given) else "bad"


def _match(header: str, expected: Iterable[bytes]) -> bytes:
    """The expected MAC that the header carries, or nothing. Compares all, in constant time."""
    if len(header) > LONGEST_HEADER:
        return b""
    expected = list(expected)
    hit = b""
    for text in header.split(",")[:MOST_CANDIDATES]:
        candidate = _decoded(text.strip())
        for mac in expected:
            if hmac.compare_digest(candidate, mac):
                hit = mac
    return hit


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return b""


def _signed_part(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _mac(token: str, text: str) -> bytes:
    if not token:
        raise ValueError("An empty auth token signs nothing.")
    return hmac.digest(token.encode(), text.encode(), hashlib.sha256)
