"""Links in a text, and whose they are."""

from __future__ import annotations

import re
from collections.abc import Collection

LINK = re.compile(
    r"(?:https?://|www\.)[^\s，。；！？、“”）)>]+"
    r"|\b(?:[a-z0-9-]+\.)+(?:com|cn|net|org|bank|top|xyz|vip|info|cc|io|me|hk|tw|co|link|shop|site)"
    r"\b(?:/[^\s，。；！？、“”）)>]*)?",
    re.IGNORECASE,
)
SCHEME = re.compile(r"^https?://", re.IGNORECASE)


def links_in(text: str) -> list[re.Match[str]]:
    """Every link of a text, with or without a scheme; the domain of an e-mail address is none."""
    return [found for found in LINK.finditer(text) if text[max(found.start() - 1, 0)] != "@"]


def host_of(link: str) -> str:
    """The host a link leads to, without user, port or the dot of a full stop."""
    rest = SCHEME.sub("", link)
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    return authority.rsplit("@", 1)[-1].split(":")[0].rstrip(".").lower()


def foreign_links(text: str, *, domains: Collection[str]) -> list[str]:
    """The hosts a text links to that belong to none of the domains."""
    hosts = dict.fromkeys(host_of(found[0]) for found in links_in(text))
    return [host for host in hosts if not any(_belongs(host, domain) for domain in domains)]


def _belongs(host: str, domain: str) -> bool:
    domain = domain.lower()
    return host == domain or host.endswith(f".{domain}")
