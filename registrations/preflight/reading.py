"""Reading what people wrote: links, phone numbers, domains, sentences.

Every pattern here takes time in proportion to the text: repeats are bounded, and a run of letters
is entered at its beginning only. Texts come from anybody.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from registrations.preflight.data import BARE_LINK_ENDINGS, PRIVATE_SUFFIXES, SHARED_SUFFIXES

# Browsers and search engines give up where addresses are longer (sitemaps.org).
LONGEST_ADDRESS = 2048

_QUOTES = str.maketrans("\u2019\u2018\u201c\u201d\u00a0", "''\"\" ")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_LINK = re.compile(
    rf"""(?<![\w@.-])(?:
        https?://[^\s<>"'\])}},]+
      | www\.[^\s<>"'\])}},]+
      | (?:{_LABEL}\.){{1,4}}[a-z]{{2,12}}/[^\s<>"'\])}},]*
      | (?:{_LABEL}\.){{1,4}}(?:{"|".join(sorted(BARE_LINK_ENDINGS))})(?![\w@.-]*[\w@])
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@((?:[\w-]{1,63}\.){1,5}[a-z]{2,24})", re.IGNORECASE)
_PHONE = re.compile(
    r"""(?<![\w+.-])(?:
        (?:\+?1[\s.-]?)?(?:\(\d{3}\)[\s.-]?|\d{3}[\s.-])\d{3}[\s.-]\d{4}
      | \+\d[\d\s().-]{7,18}\d
      | 1?[-.\s]?8(?:00|33|44|55|66|77|88)[-.\s][A-Z0-9][A-Z0-9-]{5,9}
    )(?!\w)""",
    re.VERBOSE,
)
# Bare digits are an order's number as easily as a telephone's: here the words beside them decide.
_BARE_PHONE = re.compile(
    r"\b(?:call|phone|tel|dial|text|ring|at)\b[\s:]{0,3}(?:us )?(?:at )?(1?[2-9]\d{9})(?!\d)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|[\n;]+")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_STATE_SITE = re.compile(r"\.[a-z]{2}\.us$")
_NEGATION = re.compile(
    r"\b(?:not|no|never|without|nor|none|neither|don't|doesn't|won't|isn't|aren't|cannot|can't"
    r"|exclude[sd]?|excluding|except|prohibit(?:s|ed)?|refuse)\b"
)


@dataclass(frozen=True)
class Link:
    """A link as it stands in a text."""

    text: str

    @property
    def host(self) -> str:
        return host_of(self.text)

    @property
    def is_spelt_out(self) -> bool:
        """It begins like a link or has a path; else it may be a name such as Acme.com."""
        return "/" in self.text or self.text.lower().startswith("www.")


def straightened(text: str) -> str:
    """Straight quotes and plain blanks instead of a word processor's."""
    return text.translate(_QUOTES)


def folded(text: str) -> str:
    """Lower case, straight quotes, single spaces."""
    return " ".join(straightened(text).lower().split())


def words(text: str) -> list[str]:
    return _WORD.findall(folded(text))


def sentences(text: str) -> list[str]:
    """The sentences of a text, folded. A line is a sentence too."""
    parts = _SENTENCE_END.split(text)
    return [sentence for part in parts if (sentence := folded(part))]


def is_negated(sentence: str) -> bool:
    """Whether a folded sentence says that something is not so."""
    return bool(_NEGATION.search(sentence))


def links_in(text: str) -> list[Link]:
    """Every link, in its order; the domain of an e-mail address is none."""
    found = (match.group().rstrip(".,;:!?*") for match in _LINK.finditer(text))
    return [Link(link) for link in found]


def email_domains_in(text: str) -> list[str]:
    return [match.group(1).lower() for match in _EMAIL.finditer(text)]


def phones_in(text: str) -> list[str]:
    """Every telephone number, as written."""
    return [match.group() for match in _PHONE.finditer(text)] + [
        match.group(1) for match in _BARE_PHONE.finditer(text)
    ]


def host_of(url: str) -> str:
    """The host of a web address in small letters, "" if there is none that can be read."""
    url = url[:LONGEST_ADDRESS]
    try:
        return (urlsplit(url if "://" in url else f"//{url}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def domain_of_email(address: str) -> str:
    return address.rpartition("@")[2].strip().lower()


def registrable(host: str) -> str:
    """The part of a host that somebody registered: shop.acme.com → acme.com."""
    labels = host.lower().strip(".").split(".")
    if ".".join(labels[-2:]) in SHARED_SUFFIXES:
        return ".".join(labels[-3:])
    if _STATE_SITE.search(host):
        # ci.boulder.co.us, boulder.k12.co.us: localities of a state.
        return ".".join(labels[-4:])
    return ".".join(labels[-2:])


def belongs_to(host: str, hosts: frozenset[str]) -> bool:
    """Whether a host is one of these or lies below one of them."""
    labels = host.split(".")
    return any(".".join(labels[start:]) in hosts for start in range(len(labels)))


def is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def trouble_with_url(url: str) -> str:
    """Why this is not the public address of a web page, as the end of a sentence; "" if it is."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "cannot be read as a web address"
    host = host_of(url)
    is_private = host.rpartition(".")[2] in PRIVATE_SUFFIXES or "." not in host
    troubles = {
        "does not begin with https://": parts.scheme not in ("http", "https"),
        "holds a space": any(letter.isspace() for letter in url),
        "names a machine by its number": is_ip_address(host),
        "is not on the public internet": is_private,
        "holds a user name or password": parts.username is not None,
        "names a port": port is not None,
    }
    return next((trouble for trouble, is_so in troubles.items() if is_so), "")


def text_of(registration: Any, *fields: str) -> str:
    """These fields of a registration, one a line."""
    return "\n".join(str(getattr(registration, field) or "") for field in fields)
