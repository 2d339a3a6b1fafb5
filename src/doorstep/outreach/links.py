"""Links in a text, and whose they are."""

from __future__ import annotations

import re
from collections.abc import Collection

TOP = "com|cn|net|org|bank|top|xyz|vip|info|cc|io|me|hk|tw|co|link|shop|site|club|app|example|test"
STOP = r"\s，。；！？、“”‘’「」『』（）()<>【】\"'"
LINK = re.compile(
    rf"(?:https?://|www\.)[^{STOP}]+"
    rf"|(?<![a-z0-9-])(?:[a-z0-9-]+\.)+(?:{TOP})(?![a-z0-9-])(?:/[^{STOP}]*)?",
    re.IGNORECASE,
)
SCHEME = re.compile(r"^https?://", re.IGNORECASE)
PLAIN = re.compile(r"[\x21-\x7e]*")


def links_in(text: str) -> list[str]:
    """Every link of a text, with or without a scheme; the domain of an e-mail address is none."""
    return [
        _without_words_after(found[0])
        for found in LINK.finditer(text)
        if text[max(found.start() - 1, 0)] != "@"
    ]


def _without_words_after(link: str) -> str:
    """Chinese is written without spaces: what follows a link is cut off, unless it has a dot and
    so may be part of the name of a host."""
    plain = PLAIN.match(link)
    assert plain is not None
    return link if "." in link[plain.end() :] else plain[0]


def host_of(link: str) -> str:
    """The host a link leads to, without user, port or closing punctuation."""
    rest = SCHEME.sub("", link)
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    return authority.rsplit("@", 1)[-1].split(":")[0].rstrip(".,;!?").lower()


def foreign_links(text: str, *, domains: Collection[str]) -> list[str]:
    """The hosts a text links to that belong to none of the domains."""
    hosts = dict.fromkeys(host_of(link) for link in links_in(text))
    return [host for host in hosts if not any(_belongs(host, domain) for domain in domains)]


def _belongs(host: str, domain: str) -> bool:
    domain = domain.lower()
    return host == domain or host.endswith(f".{domain}")
