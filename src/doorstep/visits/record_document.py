"""The visit record as a document: every text of it as plain values, in three languages. Pure.

The wording is data (`documents/record.toml`); what it must contain is in `record.py`.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time

from doorstep.kernel.errors import DoorstepError
from doorstep.kernel.masking import mask_address, mask_name
from doorstep.kernel.money import babel_locale, format_minor
from doorstep.kernel.pdf import pdf_render

FOLDER = Path(__file__).parent / "documents"
TEMPLATE = FOLDER / "record.typ"
LANGUAGES = ("zh-Hans", "zh-Hant", "en")
UNPRINTABLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
PLAIN = (
    (0x20, 0x7E), (0xA0, 0xFF), (0x2010, 0x2027), (0x3000, 0x303F), (0x4E00, 0x9FA5),
    (0xFF01, 0xFF5E),
)  # fmt: skip
NO_SHAPE = "CHARACTER_NOT_PRINTABLE"
Pair = list[str]


@dataclass(frozen=True)
class Issuer:
    """What the lender says of itself, in the document's language."""

    name: str
    hotline: str
    complaint_line: str
    verify_at: str


@dataclass(frozen=True)
class Paper:
    """Which record this is. `masked`: the customer's name and address are covered."""

    number: str
    code: str
    language: str
    digest: str
    outcome: str
    filed_at: datetime
    late_why: str
    customer: str
    customer_number: str
    masked: bool = False


@lru_cache(maxsize=1)
def words() -> Mapping[str, Any]:
    """The printed texts, by language."""
    return tomllib.loads((FOLDER / "record.toml").read_text("utf-8"))


def record_values(
    *, contents: Mapping[str, Any], landed: Mapping[str, Any], issuer: Issuer, paper: Paper
) -> dict[str, Any]:
    """Everything the template prints, as texts. The same arguments give the same values."""
    told = _Told(contents, landed, paper)
    said = told.said
    values = {
        "title": said["title"],
        "private": said["masked"] if paper.masked else said["private"],
        "summary": told.summary(issuer),
        "sections": [
            {"key": key, "title": said["sections"][key], "pairs": pairs, "lines": lines,
             "table": table}
            for key, (pairs, lines, table) in told.sections().items()
        ],
        "digest": f"{said['digest']} {paper.digest}",
        "check": said["check"].format(
            verify_at=issuer.verify_at, hotline=issuer.hotline, complaint=issuer.complaint_line
        ),
        "foot": f"{paper.number} · {said['code']} {paper.code}",
        "square_alt": said["square_alt"],
        "pages": said["pages"],
    }  # fmt: skip
    printed: dict[str, Any] = _printable(values, _shown)
    return printed


def record_pdf(*, values: Mapping[str, Any], language: str, at: datetime) -> bytes:
    """The PDF; a character that no font of this machine has is printed as its number. Raises
    DoorstepError as `pdf_render` does."""
    parts = {"template": TEMPLATE, "language": language, "title": values["title"], "at": at}
    try:
        return pdf_render(values=values, **parts)
    except DoorstepError as error:
        if error.code != NO_SHAPE:
            raise
        return pdf_render(values=_printable(values, _plain), **parts)


def _printable(value: Any, shown: Callable[[str], str]) -> Any:
    """The same with what no font prints written as its number: a small picture that somebody typed
    never keeps a record from being filed."""
    if isinstance(value, str):
        return "".join(shown(each) for each in value)
    if isinstance(value, Mapping):
        return {key: _printable(each, shown) for key, each in value.items()}
    if isinstance(value, Sequence):
        return [_printable(each, shown) for each in value]
    return value


def _shown(character: str) -> str:
    kind, number = unicodedata.category(character), ord(character)
    if character == "\n":
        return character
    if 0xFE00 <= number <= 0xFE0F:
        return ""
    if kind in UNPRINTABLE or (number > 0xFFFF and kind[0] not in "LN"):
        return _number(character)
    return character


def _plain(character: str) -> str:
    """What every font with Chinese has; all else as its number."""
    number = ord(character)
    if character == "\n" or any(first <= number <= last for first, last in PLAIN):
        return character
    return _number(character)


def _number(character: str) -> str:
    return f"[U+{ord(character):04X}]"


class _Told:
    """The contents of one record in the words of a language."""

    def __init__(
        self, contents: Mapping[str, Any], landed: Mapping[str, Any], paper: Paper
    ) -> None:
        self.contents, self.landed, self.paper = contents, landed, paper
        self.said = words()[paper.language]
        self.language = paper.language
        self.zone = ZoneInfo(contents["time"]["zone"])

    def summary(self, issuer: Issuer) -> list[Pair]:
        """What stands on top."""
        said, paper = self.said, self.paper
        name = mask_name(paper.customer) if paper.masked else paper.customer
        late = said["late"][paper.late_why] if paper.late_why else said["in_time"]
        return [
            [said["number"], paper.number], [said["code"], paper.code],
            [said["lender"], f"{issuer.name} · {issuer.hotline}"],
            [said["customer"], f"{name} · {paper.customer_number}"],
            [said["outcome"], said["outcomes"][paper.outcome]],
            [said["filed"], f"{self.moment(paper.filed_at.isoformat())} · {late}"],
        ]  # fmt: skip

    def sections(self) -> dict[str, tuple[list[Pair], list[str], dict[str, Any] | None]]:
        """Every part, each as pairs, lines and a table."""
        return {
            "time_place": (self._time_place(), [], None),
            "people": (self._people(), [], None),
            "steps": ([], [], self._steps()),
            "consents": (self._consents(), [], None),
            "recordings": ([], self._recordings(), None),
            "said": (self._said_pairs(), [], None),
            "result": (self._result(), [], None),
            "plan": ([], [], self._plan()),
            "incidents": ([], self._incidents(), None),
            "signatures": ([], self._signatures(), None),
        }

    def moment(self, text: str | None) -> str:
        """An instant in the borrower's time."""
        if not text:
            return str(self.said["nothing"])
        at = datetime.fromisoformat(text).astimezone(self.zone)
        return format_datetime(at, "medium", locale=babel_locale(self.language))

    def clock(self, text: str | None) -> str:
        """The time of day of an instant."""
        if not text:
            return str(self.said["nothing"])
        at = datetime.fromisoformat(text).astimezone(self.zone)
        return format_time(at, "medium", locale=babel_locale(self.language))

    def money(self, minor: int, currency: str) -> str:
        """An amount with its currency."""
        return format_minor(minor, currency, language=self.language)

    def _time_place(self) -> list[Pair]:
        said, place = self.said, self.contents["place"]
        address = place["address"]
        if self.paper.masked and address:
            address = mask_address(address)
        return [
            [said["began"], self.moment(self.contents["time"]["began"])],
            [said["ended"], self.moment(self.contents["time"]["ended"])],
            [said["zone"], self.contents["time"]["zone"]],
            [said["address"], address or said["nothing"]],
            [said["arrived"], self._point(place["arrived"])],
            [said["left"], self._point(place["left"])],
        ]

    def _point(self, point: Mapping[str, float] | None) -> str:
        if point is None or self.paper.masked:
            return str(self.said["nothing" if point is None else "covered"])
        text = f"{point['latitude']:.5f}, {point['longitude']:.5f}"
        if "distance_m" in point:
            text += " · " + self.said["from_door"].format(metres=round(point["distance_m"]))
        return text

    def _people(self) -> list[Pair]:
        said, met = self.said, self.contents["met"]
        crew = [
            f"{each['name']} ({each['work_id']})" if each["work_id"] else each["name"]
            for each in self.contents["crew"]
        ]
        shown = self.contents["shown"]
        return [
            [said["crew"], "; ".join(crew)],
            [said["vehicle"], self.contents.get("vehicle") or said["nothing"]],
            [said["met"], said["met_who"].get(met["who"], said["nothing"])],
            [said["identity"], said["yes"] if met["identity"] else said["no"]],
            [said["others"], "; ".join(met["people"]) or said["nothing"]],
            [said["shown"], "; ".join(shown) or said["nothing"]],
        ]

    def _steps(self) -> dict[str, Any]:
        said = self.said
        rows = [
            [said["steps"].get(each["step"], each["step"]), self.clock(each["at"]),
             said["how"].get(each["how"], each["how"]), each["why"]]
            for each in self.contents["steps"]
        ]  # fmt: skip
        return {"headings": said["step_headings"], "rows": rows, "figures": 0}

    def _consents(self) -> list[Pair]:
        said = self.said
        return [
            [said["steps"].get(each["what"], each["what"]),
             f"{said['yes'] if each['given'] else said['no']} · {self.clock(each['at'])}"]
            for each in self.contents["consents"]
        ]  # fmt: skip

    def _recordings(self) -> list[str]:
        said, found = self.said, []
        for each in self.contents["recordings"]:
            span = f"{self.clock(each['begun'])}–{self.clock(each['ended'])}"
            found.append(f"{each['recording']} · {span}")
            found += [f"{said['gap']} {self.clock(gap['at'])} · {gap['why']}"
                      for gap in each["gaps"]]  # fmt: skip
        return found or [said["no_recording"]]

    def _said_pairs(self) -> list[Pair]:
        said, told = self.said, self.contents
        pairs = [
            [said["said"], told["said"]],
            [said["reasons"], "; ".join(told["reasons"])],
            [said["situation"], told["situation"]],
            [said["mood"], told["mood"]],
            [said["disputes"], "; ".join(told["disputes"])],
        ]
        if hardship := told["hardship"]:
            cause = said["causes"].get(hardship["cause"], hardship["cause"])
            pairs.append([said["hardship"], f"{cause} {hardship['note']}".strip()])
        return [pair for pair in pairs if pair[1]]

    def _result(self) -> list[Pair]:
        said = self.said
        pairs = [[said["outcome"], said["outcomes"][self.paper.outcome]]]
        for each in self.contents["amounts"]:
            day = format_date(
                date.fromisoformat(each["due_on"]), "long", locale=babel_locale(self.language)
            )
            amount = self.money(each["minor"], each["currency"])
            pairs.append([said["amounts"][each["what"]], said["until"].format(
                amount=amount, day=day, currency=each["currency"])])  # fmt: skip
        if agreement := self.contents["agreement"]:
            state = said["plan_states"].get(agreement["state"], agreement["state"])
            more = agreement["number"] or agreement["why"]
            pairs.append([said["plan"], f"{state} {more}".strip()])
        if self.contents["facts"]:
            pairs.append([said["facts"], str(len(self.contents["facts"]))])
        return pairs

    def _plan(self) -> dict[str, Any] | None:
        agreement = self.contents["agreement"]
        if not agreement or not agreement["rows"]:
            return None
        currency = agreement["currency"]
        locale = babel_locale(self.language)
        rows = [
            [format_date(date.fromisoformat(row[0]), "medium", locale=locale),
             *(self.money(each, currency) for each in (*row[1:], sum(row[1:])))]
            for row in agreement["rows"]
        ]  # fmt: skip
        return {"headings": self.said["plan_headings"], "rows": rows, "figures": 5}

    def _incidents(self) -> list[str]:
        said, told = self.said, self.contents["incidents"]
        found = []
        if not told["cleared"]:
            found.append(said["uncleared"].format(why=told["uncleared_why"] or said["nothing"]))
        if told["left_early"]:
            found.append(said["left_early"].format(why=told["left_early"]))
        return found or [said["no_incident"]]

    def _signatures(self) -> list[str]:
        said, found = self.said, []
        for each in self.contents["signatures"]:
            name = each["name"]
            if self.paper.masked and each["party"] == "borrower":
                name = mask_name(name)
            found.append(
                f"{said['about'][each['about']]} · {said['parties'][each['party']]} · {name} · "
                f"SHA-256 {each['sha256'][:16]}…"
            )
        signed = any(each["party"] == "borrower" for each in self.contents["signatures"])
        return found if signed else [*found, said["not_signed"]]
