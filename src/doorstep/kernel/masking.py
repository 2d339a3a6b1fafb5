"""How personal data is shown to those who do not need it in full."""

from __future__ import annotations


def mask_name(name: str) -> str:
    """First character kept, the rest starred: 张小明 -> 张**."""
    name = name.strip()
    return name[:1] + "*" * min(max(len(name) - 1, 1), 3) if name else ""


def mask_number(value: str, *, head: int = 3, tail: int = 4) -> str:
    """Phone or identity number with its middle starred: 13812345678 -> 138****5678."""
    if len(value) <= head + tail:
        return "*" * len(value)
    return f"{value[:head]}{'*' * (len(value) - head - tail)}{value[-tail:]}"


def mask_email(value: str) -> str:
    """First letter and the domain kept: li.lei@example.com -> l***@example.com."""
    local, at, domain = value.partition("@")
    return f"{local[:1]}***{at}{domain}" if at else "***"


def mask_address(text: str) -> str:
    """The first six characters (province and city) kept, the street starred."""
    return text[:6] + "****" if len(text) > 6 else "****"
