"""Who we are to a borrower: the lender's own names, ways to pay, hotline and domains.

They are the lender's, never a template's: `lender.toml` in DOORSTEP_HOME. The demo has one made up.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doorstep.kernel.errors import InputError, Where
from doorstep.outreach.links import foreign_links
from doorstep.outreach.render import Value
from doorstep.outreach.words import LANGUAGES, Medium

LENDER_FILE = "lender.toml"
DEMO_FILE = Path(__file__).parent / "demo_lender.toml"
EACH_LANGUAGE = ("name", "full_name", "address", "seal", "pay_channels")
TEXTS = ("hotline", "complaint_line", "website", "verify_at")

PENALTY = {
    "zh-Hans": "逾期部分会按合同约定计收罚息。",
    "zh-Hant": "逾期部分會按契約約定計收逾期利息。",
    "en": "Penalty interest is added to the overdue part as the contract provides.",
}
CREDIT = {
    "zh-Hans": "逾期情况会如实报送征信系统。",
    "zh-Hant": "逾期情況會如實報送信用資料機構。",
    "en": "The late payment is reported to the credit register as it is.",
}
COURT = {
    "zh-Hans": "我们已决定就此依法提起诉讼，届时由法院审理。",
    "zh-Hant": "我們已決定就此依法提起訴訟，屆時由法院審理。",
    "en": "We have decided to bring this before a court, which will then hear both sides.",
}


@dataclass(frozen=True)
class Prices:
    """What a message costs, in minor units of `currency`: an SMS segment, an e-mail, a letter."""

    currency: str = "CNY"
    sms: int = 0
    email: int = 0
    letter: int = 0

    def of(self, medium: Medium, segments: int) -> int:
        """The cost of one message."""
        if medium is Medium.SMS:
            return self.sms * segments
        return {Medium.EMAIL: self.email, Medium.LETTER: self.letter}.get(medium, 0)


@dataclass(frozen=True)
class Lender:
    """The lender as borrowers know it. `domains`: the only ones a text may link to.

    `charges_penalty`, `reports_credit`: consequences that are true of this lender.
    `plain_from_age`: years of age from which the plain, large-print wording is chosen.
    """

    words: Mapping[str, Mapping[str, str]]
    texts: Mapping[str, str]
    domains: tuple[str, ...]
    charges_penalty: bool
    reports_credit: bool
    plain_from_age: int
    prices: Prices

    def facts(self) -> dict[str, Value]:
        """The facts of `fields.toml` that come from the lender."""
        return {
            "lender_name": self.words["name"],
            "lender_full_name": self.words["full_name"],
            "lender_address": self.words["address"],
            "seal": self.words["seal"],
            "pay_channels": self.words["pay_channels"],
            **self.texts,
            "lender_domains": " ".join(self.domains),
            "consequence_credit": CREDIT if self.reports_credit else None,
        }


def lender_load(path: Path) -> Lender:
    """The lender in a TOML file; InputError names the field that cannot be used."""
    try:
        return lender_from_mapping(tomllib.loads(path.read_text("utf-8")), file=path.name)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _bad(path.name, None, f"Not readable as TOML: {error}.") from None


def lender_from_mapping(values: Mapping[str, Any], *, file: str) -> Lender:
    """The lender in plain values, checked: every text there, every address in its own domains."""
    optional = {"domains", "consequences", "prices", "plain_from_age"}
    for name in sorted(set(values) - {*EACH_LANGUAGE, *TEXTS, *optional}):
        raise _bad(file, name, "Unknown name.")
    words = {name: _each_language(values.get(name), name, file) for name in EACH_LANGUAGE}
    texts = {name: _text(values.get(name), name, file) for name in TEXTS}
    domains = tuple(_text(each, "domains", file).lower() for each in values.get("domains", []))
    for name in ("website", "verify_at"):
        if strangers := foreign_links(texts[name], domains=domains):
            raise _bad(file, name, f"{strangers[0]} is not among the domains of the lender.")
    consequences = values.get("consequences", {})
    return Lender(
        words=words,
        texts=texts,
        domains=domains,
        charges_penalty=_flag(consequences, "penalty_interest", file),
        reports_credit=_flag(consequences, "credit_record", file),
        plain_from_age=_whole(values.get("plain_from_age", 65), "plain_from_age", file),
        prices=_prices(values.get("prices", {}), file),
    )


def _prices(raw: Mapping[str, Any], file: str) -> Prices:
    for name in sorted(set(raw) - {"currency", "sms", "email", "letter"}):
        raise _bad(file, f"prices.{name}", "Unknown name.")
    counts = {
        name: _whole(raw.get(name, 0), f"prices.{name}", file)
        for name in ("sms", "email", "letter")
    }
    return Prices(currency=_text(raw.get("currency", "CNY"), "prices.currency", file), **counts)


def _each_language(raw: Any, place: str, file: str) -> dict[str, str]:
    if not isinstance(raw, dict) or set(raw) != set(LANGUAGES):
        raise _bad(file, place, f"Needed in {', '.join(LANGUAGES)} and no other.")
    return {language: _text(text, f"{place}.{language}", file) for language, text in raw.items()}


def _text(raw: Any, place: str, file: str) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise _bad(file, place, "A text is needed.")
    return raw.strip()


def _flag(raw: Mapping[str, Any], name: str, file: str) -> bool:
    value = raw.get(name, False)
    if not isinstance(value, bool):
        raise _bad(file, f"consequences.{name}", "Write true or false.")
    return value


def _whole(raw: Any, place: str, file: str) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or raw < 0:
        raise _bad(file, place, f"{raw!r} is not a whole number of 0 or more.")
    return raw


def _bad(file: str, place: str | None, message: str) -> InputError:
    return InputError(
        message,
        code="BAD_LENDER",
        hint="docs/reference/wording.md lists what the file holds.",
        where=Where(file=file, field=place),
    )
