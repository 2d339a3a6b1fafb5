"""The repayment agreement as a document: every text and figure of it as plain values.

Required contents after CN-CC-70-CONTENT (article 70 of the credit-card measures), asked of every
agreement; the pledge not to apply for cards of card holders alone. The wording is data
(`documents/agreement.toml`). Pure.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.numbers import get_currency_name

from doorstep.agreements.figures import amount_in_words
from doorstep.kernel.money import babel_locale, format_minor

FOLDER = Path(__file__).parent / "documents"
TEMPLATE = FOLDER / "agreement.typ"
LANGUAGES = ("zh-Hans", "zh-Hant", "en")
CARD = "credit_card"
PLEDGE = "no_new_card_pledge"
REQUIRED = (
    "balance_structure", "schedule", "charges_during_plan", "rights_duties", "other_terms",
)  # fmt: skip
PARTS = ("principal", "interest", "penalty", "fee")


@dataclass(frozen=True)
class Owed:
    """What was owed on one loan, by part, in minor units; `rate_ppm` is charged during the plan."""

    product: str
    contract: str
    rate_ppm: int
    principal: int
    interest: int = 0
    penalty: int = 0
    fee: int = 0


@dataclass(frozen=True)
class Due:
    """One instalment of the plan, by part, in minor units."""

    number: int
    due_on: date
    principal: int
    interest: int = 0
    penalty: int = 0
    fee: int = 0

    @property
    def amount(self) -> int:
        """All that is due on the day."""
        return self.principal + self.interest + self.penalty + self.fee


@dataclass(frozen=True)
class Breach:
    """When a plan counts as broken: the lender's parameters."""

    grace_days: int
    missed: int
    open_days: int


@dataclass(frozen=True)
class Plan:
    """An approved offer as the document states it. `new_interest` is what is added during the plan.
    `assessed_on`, `disposable`: the means the plan was made to fit, where they are known."""

    kind: str
    currency: str
    counted_on: date
    owed: tuple[Owed, ...]
    dues: tuple[Due, ...]
    waived: int
    new_interest: int
    breach: Breach
    assessed_on: date | None = None
    disposable: int = 0

    @property
    def is_card(self) -> bool:
        """Whether the law on credit cards applies."""
        return any(each.product == CARD for each in self.owed)

    def sum(self, part: str) -> int:
        """What all instalments hold of a part."""
        return sum(getattr(each, part) for each in self.dues)


@dataclass(frozen=True)
class Lender:
    """What the lender says of itself, in the document's language."""

    name: str
    address: str
    hotline: str
    complaint_line: str
    verify_at: str
    pay_channels: str
    reports_credit: bool


@dataclass(frozen=True)
class Signer:
    """The borrower as the document names them; `identity` is masked."""

    name: str
    borrower_id: str
    identity: str


@dataclass(frozen=True)
class Paper:
    """Which document this is: its number and version, the code to check it by, its day, and the
    parties that sign it."""

    number: str
    version: int
    code: str
    on: date
    language: str
    parties: tuple[str, ...] = ("borrower", "lender")


@lru_cache(maxsize=1)
def words() -> Mapping[str, Any]:
    """The printed texts, by language."""
    return tomllib.loads((FOLDER / "agreement.toml").read_text("utf-8"))


def document_values(*, plan: Plan, lender: Lender, signer: Signer, paper: Paper) -> dict[str, Any]:
    """Everything the template prints, as texts. The same arguments give the same values."""
    said = words()[paper.language]
    filled = Filled(said, paper.language, plan, lender)
    sections = [each for each in said["sections"] if each["key"] != PLEDGE or plan.is_card]
    return {
        "title": said["title"],
        "summary": _summary(said, lender, signer, paper),
        "plain_title": said["plain_title"],
        "plain": filled.lines(said["plain"]),
        "sections": [
            section_filled(each, ordinal, said, filled)
            for ordinal, each in zip(said["ordinals"], sections, strict=False)
        ],
        "sign_title": said["sign_title"],
        "sign_note": said["sign_note"],
        "consents_title": said["consents_title"],
        "consents": said["consents"],
        "boxes": [
            {"party": said["parties"][party], "name": _name(party, lender, signer)}
            for party in paper.parties
        ],
        "labels": [said[f"sign_{name}"] for name in ("name", "here", "when", "where", "how")],
        "square_alt": said["square_alt"],
        "foot": f"{paper.number} · {paper.code}",
        "pages": said["pages"],
    }


def contents_of(values: Mapping[str, Any]) -> list[str]:
    """The required contents a document has: its sections that say something."""
    return [each["key"] for each in values["sections"] if each["lines"] or each["table"]]


def contents_missing(values: Mapping[str, Any], *, is_card: bool) -> list[str]:
    """The required contents a document lacks."""
    has = contents_of(values)
    wanted = (*REQUIRED, PLEDGE) if is_card else REQUIRED
    return [key for key in wanted if key not in has]


def texts_of(values: Mapping[str, Any]) -> dict[str, str]:
    """Every text of a document by where it stands, for checks of what is printed."""
    found: dict[str, str] = {}

    def look(value: Any, where: str) -> None:
        if isinstance(value, str):
            found[where] = value
        elif isinstance(value, Mapping):
            for key, each in value.items():
                look(each, f"{where}.{key}" if where else key)
        elif isinstance(value, Sequence):
            for number, each in enumerate(value, 1):
                look(each, f"{where}.{number}")

    look(values, "")
    return found


def months_between(first: date, last: date) -> int:
    """Whole or begun months from a day to another, as a term in months is counted."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return months + (last.day > first.day)


def _name(party: str, lender: Lender, signer: Signer) -> str:
    return {"borrower": signer.name, "lender": lender.name}.get(party, "")


def _summary(said: Any, lender: Lender, signer: Signer, paper: Paper) -> list[list[str]]:
    version = said["version"].format(version=paper.version)
    return [
        [said["number"], f"{paper.number} · {version}"],
        [said["code"], paper.code],
        [said["drafted"], day_words(paper.on, paper.language)],
        [said["lender"], f"{lender.name} · {lender.address} · {lender.hotline}"],
        [said["borrower"], signer.name],
        [said["customer_number"], signer.borrower_id],
        *([[said["identity"], signer.identity]] if signer.identity else []),
    ]


def section_filled(raw: Any, ordinal: str, said: Any, filled: Filled) -> dict[str, Any]:
    """A section of the wording with its figures, ready to be printed."""
    kind = raw.get("table", "")
    return {
        "key": raw["key"],
        "title": said["section"].format(ordinal=ordinal, title=raw["title"]),
        "lines": filled.lines(raw["lines"]),
        "table": filled.table(kind) if kind else None,
        "after": filled.lines(raw.get("after", [])),
    }


class Filled:
    """The wording with the plan's figures in it."""

    def __init__(self, said: Any, language: str, plan: Plan, lender: Lender) -> None:
        self._said, self._language, self._plan = said, language, plan
        self._values = self._texts(lender)
        self._holds = self._conditions(lender)

    def lines(self, raw: Sequence[str]) -> list[str]:
        """The lines that hold for this plan, filled in."""
        found = []
        for line in raw:
            condition, text = line[1:].split(" ", 1) if line.startswith("?") else ("", line)
            if not condition or self._holds[condition]:
                found.append(text.format(**self._values))
        return found

    def table(self, kind: str) -> dict[str, Any]:
        """A table: headings, rows and the total, how many columns of text come first."""
        return self._owed() if kind == "owed" else self._dues()

    def _texts(self, lender: Lender) -> dict[str, str]:
        plan, first, last = self._plan, self._plan.dues[0], self._plan.dues[-1]
        owed = sum(getattr(each, part) for each in plan.owed for part in PARTS)
        total = plan.sum("amount")
        return {
            "total": self._money(total), "total_words": self._words(total),
            "owed": self._money(owed), "owed_words": self._words(owed),
            "waived": self._money(plan.waived), "waived_words": self._words(plan.waived),
            "interest": self._money(plan.new_interest), "fee": self._money(plan.sum("fee")),
            "penalty": self._money(plan.sum("penalty")),
            "count": str(len(plan.dues)), "kind": self._said["kinds"][plan.kind],
            "first_on": self._day(first.due_on), "first_amount": self._money(first.amount),
            "last_on": self._day(last.due_on), "last_amount": self._money(last.amount),
            "counted_on": self._day(plan.counted_on), "currency": self._currency(),
            "grace": str(plan.breach.grace_days), "missed": str(plan.breach.missed),
            "open_days": str(plan.breach.open_days), "disposable": self._money(plan.disposable),
            "assessed_on": self._day(plan.assessed_on) if plan.assessed_on else "",
            "hotline": lender.hotline, "complaint_line": lender.complaint_line,
            "verify_at": lender.verify_at, "pay_channels": lender.pay_channels,
        }  # fmt: skip

    def _conditions(self, lender: Lender) -> dict[str, bool]:
        plan = self._plan
        holds = {part: plan.sum(part) > 0 for part in ("fee", "penalty")}
        holds["interest"] = plan.new_interest > 0
        return {
            **holds,
            **{f"no_{part}": not given for part, given in holds.items()},
            "many": len(plan.dues) > 1,
            "one": len(plan.dues) == 1,
            "waived": plan.waived > 0,
            "beyond_means": plan.assessed_on is not None,
            "credit": lender.reports_credit,
        }

    def _owed(self) -> dict[str, Any]:
        columns = self._said["columns"]
        rows = [
            [
                self._product(each.product), each.contract, rate_words(each.rate_ppm),
                *self._figures([getattr(each, part) for part in PARTS]),
            ]
            for each in self._plan.owed
        ]  # fmt: skip
        sums = [sum(getattr(each, part) for each in self._plan.owed) for part in PARTS]
        names = ("product", "contract", "rate", *PARTS, "total")
        return {
            "texts": 3,
            "headings": [columns[name] for name in names],
            "rows": rows,
            "total": [columns["total"], "", "", *self._figures(sums)],
        }

    def _dues(self) -> dict[str, Any]:
        columns = self._said["columns"]
        rows = [
            [
                str(each.number), self._day(each.due_on),
                *self._figures([getattr(each, part) for part in PARTS]),
            ]
            for each in self._plan.dues
        ]  # fmt: skip
        names = ("number", "due_on", *PARTS, "amount")
        return {
            "texts": 2,
            "headings": [columns[name] for name in names],
            "rows": rows,
            "total": [
                columns["total"], "", *self._figures([self._plan.sum(part) for part in PARTS])
            ],
        }  # fmt: skip

    def _figures(self, parts: Sequence[int]) -> list[str]:
        return [self._money(each) for each in (*parts, sum(parts))]

    def _product(self, code: str) -> str:
        names: Mapping[str, str] = self._said["products"]
        return names.get(code, code)

    def _money(self, minor: int) -> str:
        return format_minor(minor, self._plan.currency, language=self._language)

    def _words(self, minor: int) -> str:
        words_of = amount_in_words(minor, self._plan.currency, language=self._language)
        return self._said["in_words"].format(words=words_of) if words_of else ""

    def _day(self, on: date) -> str:
        return day_words(on, self._language)

    def _currency(self) -> str:
        name = get_currency_name(self._plan.currency, locale=babel_locale(self._language))
        return f"{name} ({self._plan.currency})"


def day_words(on: date, language: str) -> str:
    """A day as people of the language write it in full."""
    return format_date(on, "long", locale=babel_locale(language))


def rate_words(ppm: int) -> str:
    """Parts per million as a percentage without needless noughts: 43500 -> 4.35%."""
    text = f"{Decimal(ppm) / 10_000:.4f}".rstrip("0").rstrip(".")
    return f"{text}%"
