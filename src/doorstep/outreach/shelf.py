"""The wordings that ship, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from doorstep.kernel.errors import NotFound
from doorstep.outreach.template import Template, template_load

SHIPPED = Path(__file__).parent / "wordings"


@cache
def shipped_templates() -> dict[str, Template]:
    """Every template that ships, by key."""
    found = [template_load(path) for path in sorted(SHIPPED.glob("*.toml"))]
    return {template.key: template for template in found}


def shipped_template(key: str) -> Template:
    """The template that ships under a key; NotFound when none does."""
    try:
        return shipped_templates()[key]
    except KeyError:
        raise NotFound(f"No template {key} ships.", code="NO_TEMPLATE") from None
