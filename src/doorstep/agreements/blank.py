"""A repayment agreement with its figures left open, to be filled in by hand at the door.

The wording is that of every agreement. It counts only when the lender has approved what was filled
in and both have signed: a field agent promises nothing.
"""

from __future__ import annotations

from typing import Any

from doorstep.agreements.document import (
    PARTS,
    PLEDGE,
    Breach,
    Filled,
    Lender,
    Signer,
    section_filled,
    words,
)

LINE = "__________"
LOANS, INSTALMENTS = 3, 12
OPEN = (
    "total", "owed", "waived", "interest", "fee", "penalty", "count", "kind", "first_on",
    "first_amount", "last_on", "last_amount", "counted_on", "currency", "disposable",
    "assessed_on",
)  # fmt: skip
IN_WORDS = ("total_words", "owed_words", "waived_words")
HOLDS = frozenset({"many", "waived", "interest", "fee", "penalty", "beyond_means"})
CONDITIONS = HOLDS | {"one", "no_interest", "no_fee", "no_penalty"}


class Blank(Filled):
    """The wording with lines to write on where a plan's figures stand."""

    def __init__(self, said: Any, language: str, lender: Lender, breach: Breach) -> None:
        self._said, self._language = said, language
        empty = said["in_words"].format(words=LINE)
        self._values = {
            **dict.fromkeys(OPEN, LINE),
            **dict.fromkeys(IN_WORDS, empty),
            "grace": str(breach.grace_days), "missed": str(breach.missed),
            "open_days": str(breach.open_days), "hotline": lender.hotline,
            "complaint_line": lender.complaint_line, "verify_at": lender.verify_at,
            "pay_channels": lender.pay_channels,
        }  # fmt: skip
        self._holds = {name: name in HOLDS for name in CONDITIONS}
        self._holds["credit"] = lender.reports_credit

    def _owed(self) -> dict[str, Any]:
        names = ("product", "contract", "rate", *PARTS, "total")
        return self._empty(names, texts=3, rows=[[""] * len(names)] * LOANS)

    def _dues(self) -> dict[str, Any]:
        names = ("number", "due_on", *PARTS, "amount")
        rows = [[str(number), *[""] * (len(names) - 1)] for number in range(1, INSTALMENTS + 1)]
        return self._empty(names, texts=2, rows=rows)

    def _empty(
        self, names: tuple[str, ...], *, texts: int, rows: list[list[str]]
    ) -> dict[str, Any]:
        columns = self._said["columns"]
        total = [columns["total"], *[""] * (len(names) - 1)]
        return {
            "texts": texts, "headings": [columns[name] for name in names], "rows": rows,
            "total": total,
        }  # fmt: skip


def blank_values(
    *, lender: Lender, signer: Signer, breach: Breach, language: str, is_card: bool
) -> dict[str, Any]:
    """Everything the template prints, with the customer's name and open figures."""
    said = words()[language]
    filled = Blank(said, language, lender, breach)
    sections = [each for each in said["sections"] if each["key"] != PLEDGE or is_card]
    return {
        "title": said["title"],
        "summary": [
            [said["number"], LINE],
            [said["drafted"], LINE],
            [said["lender"], f"{lender.name} · {lender.address} · {lender.hotline}"],
            [said["borrower"], signer.name],
            [said["customer_number"], signer.borrower_id],
        ],
        "plain_title": said["plain_title"],
        "plain": [said["blank_note"], *filled.lines(said["plain"])],
        "sections": [
            section_filled(each, ordinal, said, filled)
            for ordinal, each in zip(said["ordinals"], sections, strict=False)
        ],
        "sign_title": said["sign_title"],
        "sign_note": said["sign_note"],
        "consents_title": said["consents_title"],
        "consents": said["consents"],
        "boxes": [
            {"party": said["parties"]["borrower"], "name": signer.name},
            {"party": said["parties"]["lender"], "name": lender.name},
        ],
        "labels": [said[f"sign_{name}"] for name in ("name", "here", "when", "where", "how")],
        "square_alt": said["square_alt"],
        "foot": said["title"],
        "pages": said["pages"],
    }  # fmt: skip
