"""Plivo's signatures on callbacks: making them, and telling true ones from forged.

V2 is the Base64 of HMAC-SHA256, keyed with the auth token, over scheme, host, path and nonce. It
covers neither the query nor the body nor the time
(https://www.plivo.com/docs/messaging/concepts/signature-validation). V3 covers the parameters too;
Plivo documents it for voice only, so here it is verified when present and never demanded.
"""

from __future__ import annotations

import base64
import binascii
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

HEADERS = [V2, MA_V2, V2_NONCE, V3, MA_V3, V3_NONCE]

# The URL ends in a slash and the nonce has none, so the signed text can be split in one way only.
# A nonce that came twice was joined by a comma, which is not among these letters either.
NONCE = re.compile(r"[A-Za-z0-9._-]{1,128}")
LONGEST_HEADER = 1024
MOST_CANDIDATES = 4
MAC_LENGTH = 32


@dataclass(frozen=True)
class Verdict:
    """What became of verifying one request.

    `scheme` is V2 or Ma-V2, whichever header held. `mac` is the signature as *we* computed it, 32
    bytes, by which a request is known again however its header was spelt. `token_index` is the
    place of the token that made it in its list, -1 if none did. `reason` says in words why the
    request was refused. `v3` is absent, ok or bad.
    """

    valid: bool
    scheme: str = ""
    mac: bytes = b""
    reason: str = ""
    v3: str = "absent"
    token_index: int = -1


def v2_mac(url: str, nonce: str, token: str) -> bytes:
    """The 32 bytes of a V2 signature. Raises ValueError for an empty token: anybody could sign."""
    return _mac(token, f"{_signed_part(url)}{nonce}")


def v2_signature(url: str, nonce: str, token: str) -> str:
    """The V2 signature as the header carries it. Raises ValueError for an empty token."""
    return base64.b64encode(v2_mac(url, nonce, token)).decode()


def v3_mac(
    method: str, url: str, nonce: str, token: str, params: Iterable[tuple[str, str]] = ()
) -> bytes:
    """The 32 bytes of a V3 signature. `params`: (name, value) pairs of a POSTed form.

    Raises ValueError for an empty token.
    """
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    query = "&".join(f"{name}={value}" for name, value in sorted(pairs))
    posted = sorted(params) if method.upper() == "POST" else []
    form = "".join(f"{name}{value}" for name, value in posted)
    text = _signed_part(url)
    if query or form:
        text += f"?{query}"
    if query and form:
        text += "."
    return _mac(token, f"{text}{form}.{nonce}")


def v3_signature(
    method: str, url: str, nonce: str, token: str, params: Iterable[tuple[str, str]] = ()
) -> str:
    """The V3 signature as the header carries it. Raises ValueError for an empty token."""
    return base64.b64encode(v3_mac(method, url, nonce, token, params)).decode()


def verify(
    headers: Mapping[str, str],
    url: str,
    own_tokens: Sequence[str],
    main_tokens: Sequence[str],
    method: str = "POST",
    query: str = "",
    form: Sequence[tuple[str, str]] = (),
) -> Verdict:
    """Whether Plivo made this request to `url`, the callback URL as it was given to Plivo.

    `headers` may hold more than the signatures; letter case does not matter. `own_tokens` are the
    live tokens of the account the object belongs to and stand behind V2; `main_tokens` are those
    of its main account and stand behind Ma-V2. An account that is itself the main one has no main
    tokens besides its own. `query` and `form` (pairs of a form-encoded body) count for V3 only.
    Never raises, whatever the headers hold.
    """
    given = {name.lower(): value for name, value in headers.items()}
    tokens_behind = {V2: own_tokens, MA_V2: main_tokens or own_tokens}

    nonce = given.get(V2_NONCE.lower(), "")
    if not nonce:
        return Verdict(valid=False, reason="There is no V2 nonce.")
    if not NONCE.fullmatch(nonce):
        return Verdict(valid=False, reason="The V2 nonce is malformed, or came twice.")
    carried = {scheme: given.get(scheme.lower(), "") for scheme in tokens_behind}
    if not any(carried.values()):
        return Verdict(valid=False, reason="There is no V2 signature.")
    candidates = {scheme: _candidates(value) for scheme, value in carried.items()}
    if not any(candidates.values()):
        return Verdict(valid=False, reason="The V2 signature is malformed.")
    if not any(token for tokens in tokens_behind.values() for token in tokens):
        return Verdict(valid=False, reason="The account has no live token to verify with.")

    for scheme, tokens in tokens_behind.items():
        macs = [v2_mac(url, nonce, token) if token else b"" for token in tokens]
        index = _matching(candidates[scheme], macs)
        if index >= 0:
            return Verdict(
                valid=True,
                scheme="V2" if scheme == V2 else "Ma-V2",
                mac=macs[index],
                v3=_verify_v3(given, url, own_tokens, main_tokens, method, query, form),
                token_index=index,
            )
    return Verdict(valid=False, reason="No live token of the account makes this signature.")


def _verify_v3(
    given: Mapping[str, str],
    url: str,
    own_tokens: Sequence[str],
    main_tokens: Sequence[str],
    method: str,
    query: str,
    form: Sequence[tuple[str, str]],
) -> str:
    tokens_behind = {V3: own_tokens, MA_V3: main_tokens or own_tokens}
    carried = {scheme: given.get(scheme.lower(), "") for scheme in tokens_behind}
    if not any(carried.values()):
        return "absent"
    nonce = given.get(V3_NONCE.lower(), "")
    if not NONCE.fullmatch(nonce):
        return "bad"
    whole_url = f"{url}?{query}" if query else url
    for scheme, tokens in tokens_behind.items():
        macs = [v3_mac(method, whole_url, nonce, token, form) if token else b"" for token in tokens]
        if _matching(_candidates(carried[scheme]), macs) >= 0:
            return "ok"
    return "bad"


def _candidates(header: str) -> list[bytes]:
    """The well-formed signatures a header holds; a server joins doubled headers with a comma."""
    texts = header.split(",") if len(header) <= LONGEST_HEADER else []
    if len(texts) > MOST_CANDIDATES:
        return []
    return [mac for text in texts if (mac := _decoded(text.strip(" \t")))]


def _decoded(text: str) -> bytes:
    """The 32 bytes of a signature, or nothing if it is not spelt the one way Base64 spells them."""
    try:
        mac = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return b""
    # Several texts decode to the same bytes; only the one that encoding them gives is taken.
    one_spelling = base64.b64encode(mac).decode() == text
    return mac if one_spelling and len(mac) == MAC_LENGTH else b""


def _matching(candidates: Sequence[bytes], macs: Sequence[bytes]) -> int:
    """Which of our MACs a candidate equals, or -1. Compares all with all, in constant time."""
    found = -1
    for index, mac in enumerate(macs):
        for candidate in candidates:
            if hmac.compare_digest(candidate, mac) and found < 0:
                found = index
    return found


def _signed_part(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _mac(token: str, text: str) -> bytes:
    if not token:
        raise ValueError("An empty auth token signs nothing.")
    # A form may hold half a surrogate pair: that is a wrong signature, not a fault of ours.
    return hmac.digest(token.encode(), text.encode("utf-8", "surrogatepass"), "sha256")
