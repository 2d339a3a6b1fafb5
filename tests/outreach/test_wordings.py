"""Every text that ships is sound; whatever it must contain, taken away, keeps it from approval."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from doorstep.kernel.errors import InputError, NotFound
from doorstep.outreach.abusive import abuse_probabilities
from doorstep.outreach.checking import FaultKind, template_check
from doorstep.outreach.contents import CONTENTS, contents_of, required_contents
from doorstep.outreach.fields import FIELDS
from doorstep.outreach.selectors import template_choose
from doorstep.outreach.shelf import shipped_template, shipped_templates
from doorstep.outreach.template import Template, Text, names_in, template_from_mapping
from doorstep.outreach.wording import LIKELY
from doorstep.outreach.words import LANGUAGES, Kind, Medium, Reading, Tone
from tests.outreach.sayings import LENDER

ALL = list(shipped_templates().values())
IDS = [template.key for template in ALL]
WITHOUT = [
    (template, language, item)
    for template in ALL
    for language in LANGUAGES
    for item in required_contents(template.kind, template.medium)
]


def faults(template: Template) -> list[tuple[FaultKind, str, str]]:
    return [
        (fault.kind, fault.language, fault.what)
        for fault in template_check(template, domains=LENDER.domains)
    ]


def reworded(template: Template, body: str, *, language: str = "zh-Hans") -> Template:
    texts = dict(template.texts)
    texts[language] = Text(subject=texts[language].subject, body=body)
    return replace(template, texts=texts)


@pytest.mark.parametrize("template", ALL, ids=IDS)
def test_every_text_that_ships_can_be_approved(template: Template) -> None:
    assert faults(template) == []


@pytest.mark.parametrize("template", ALL, ids=IDS)
def test_no_text_that_ships_sounds_unkind(template: Template) -> None:
    lines = [line for text in template.texts.values() for line in text.whole.splitlines()]
    assert max(abuse_probabilities(lines)) < LIKELY


def test_there_is_a_text_for_every_purpose_and_a_plain_one_for_older_people() -> None:
    assert {template.kind for template in ALL} == set(Kind)
    tones = {(t.tone, t.medium) for t in ALL if t.kind is Kind.REMINDER}
    for medium in (Medium.SMS, Medium.EMAIL):
        for tone in (Tone.FRIENDLY, Tone.SECOND, Tone.HARDSHIP, Tone.CONSEQUENCE):
            assert (tone, medium) in tones
    plain = {template.medium for template in ALL if template.reading is Reading.PLAIN}
    assert plain >= {Medium.SMS, Medium.EMAIL, Medium.LETTER}


@pytest.mark.parametrize(("template", "language", "item"), WITHOUT)
def test_without_a_required_content_a_text_is_refused(
    template: Template, language: str, item: str
) -> None:
    """Each fact and each sentence that shows the item is taken out; the check names the item."""
    asked = CONTENTS.items[item]
    body, subject = template.texts[language].body, template.texts[language].subject
    for names in asked.fields:
        for name in names:
            body, subject = (each.replace(f"{{{name}}}", "…") for each in (body, subject))
    pattern = asked.words.get(language[:2])
    while pattern is not None and (found := pattern.search(body)):
        body = body[: found.start()] + body[found.end() :]
    texts = dict(template.texts) | {language: Text(subject, body)}
    assert (FaultKind.MISSING, language, item) in faults(replace(template, texts=texts))


def test_every_rule_named_as_a_reason_is_a_rule_of_the_law(outside: Path) -> None:
    import yaml

    law = yaml.safe_load((outside / "law" / "rules.yaml").read_text("utf-8"))
    known = {rule["id"] for rule in law["rules"]} | {"house"}
    named = {rule for item in CONTENTS.items.values() for rule in item.basis}
    assert named <= known


def test_every_item_of_a_collection_letter_in_the_measures_is_asked_for(outside: Path) -> None:
    """The card measures name nine items; the collection letter asks for each."""
    import yaml

    law = yaml.safe_load((outside / "law" / "rules.yaml").read_text("utf-8"))
    rows = law["required_contents"]["collection_letter"]
    asked = [row for row in rows if row["basis"] == "CN-CC-69-LETTER"]
    items = CONTENTS.required[Kind.LETTER]
    from_the_measures = [i for i in items if "CN-CC-69-LETTER" in CONTENTS.items[i].basis]
    assert len(asked) == 9
    assert {"holder", "balance", "cause", "law", "rights", "duties", "query_way", "pay_way",
            "dispute_way", "evidence_way", "contact", "seal", "complaint_way"} <= {
        *from_the_measures
    }  # fmt: skip


def test_a_call_script_checks_the_person_before_it_names_the_account() -> None:
    script = shipped_template("call_script")
    body = script.texts["zh-Hans"].body
    early = reworded(script, f"您尾号{{account_tail}}的账户逾期了。\n{body}")
    assert faults(script) == []
    assert (FaultKind.MISPLACED, "zh-Hans", "right_party") in faults(early)


def test_a_text_a_stranger_may_read_tells_nothing_of_a_debt() -> None:
    neutral = shipped_template("contact_check_sms")
    body = neutral.texts["zh-Hans"].body
    for telling in ("您有{amount_due}", "您的贷款", "有欠款", "逾期"):
        kinds = {kind for kind, _language, _what in faults(reworded(neutral, body + telling))}
        assert kinds == {FaultKind.NOT_NEUTRAL}


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ("详见 http://pay.example.com/x", FaultKind.FOREIGN_LINK),
        ("详见 yunchuan-bank.example.evil.top", FaultKind.FOREIGN_LINK),
        ("不还就等着坐牢", FaultKind.FORBIDDEN),
        ("{nobody_knows_this}", FaultKind.UNREADABLE),
        ("[?没有名字]", FaultKind.UNREADABLE),
        ("{name}", FaultKind.NOT_MASKED),
    ],
)
def test_what_a_text_must_not_hold(more: str, kind: FaultKind) -> None:
    sms = shipped_template("reminder_friendly_sms")
    spoilt = reworded(sms, sms.texts["zh-Hans"].body + more)
    assert {found for found, _language, _what in faults(spoilt)} == {kind}


def test_the_lenders_own_address_may_be_linked_to() -> None:
    sms = shipped_template("reminder_friendly_sms")
    body = sms.texts["zh-Hans"].body + "详见https://www.yunchuan-bank.example/还款，谢谢"
    assert faults(reworded(sms, body)) == []


def test_a_text_message_has_no_subject_and_an_email_has_one() -> None:
    sms = shipped_template("reminder_friendly_sms")
    texts = {code: Text("x", text.body) for code, text in sms.texts.items()}
    assert {kind for kind, *_ in faults(replace(sms, texts=texts))} == {FaultKind.SUBJECT}
    mail = shipped_template("reminder_friendly_email")
    texts = {code: Text("", text.body) for code, text in mail.texts.items()}
    assert FaultKind.SUBJECT in {kind for kind, *_ in faults(replace(mail, texts=texts))}


def test_a_file_that_cannot_be_used_names_the_field() -> None:
    good = {
        "key": "x", "version": "1", "kind": "reminder", "tone": "friendly", "medium": "sms",
        "reading": "usual", "title": dict.fromkeys(LANGUAGES, "x"),
        "texts": {language: {"body": "{who}"} for language in LANGUAGES},
    }  # fmt: skip
    assert template_from_mapping(good, file="x.toml").ref == "x/1"
    for name, bad in (
        ("kind", "rumour"), ("title", {"en": "x"}), ("texts", {"en": {"body": "x"}}),
        ("texts", {language: {"body": ""} for language in LANGUAGES}),
        ("texts", {language: {"body": "{whom}"} for language in LANGUAGES}),
    ):  # fmt: skip
        with pytest.raises(InputError) as refused:
            template_from_mapping({**good, name: bad}, file="x.toml")
        assert str(refused.value.where.field).startswith(name)
    with pytest.raises(InputError, match="Unknown"):
        template_from_mapping({**good, "more": 1}, file="x.toml")


def test_every_fact_a_text_names_is_in_the_catalogue_and_every_fact_is_named() -> None:
    named = {name for t in ALL for text in t.texts.values() for name in names_in(text.whole)}
    assert named == set(FIELDS)


def test_both_chinese_scripts_stay_apart() -> None:
    simplified_only = re.compile("[这们发还应与马车门问时间单号联系电话请您后为进关]")
    for template in ALL:
        hant = template.texts["zh-Hant"].whole + template.titles["zh-Hant"]
        found = set(simplified_only.findall(hant)) - set("您後為還應與號請")
        assert not found, (template.key, found)


def test_choosing_falls_back_from_plain_to_usual_and_never_to_another_purpose() -> None:
    templates = shipped_templates()
    chosen = template_choose(
        templates=templates, kind=Kind.PRE_DUE, tone=Tone.FRIENDLY, medium=Medium.SMS,
        reading=Reading.PLAIN,
    )  # fmt: skip
    assert chosen.key == "pre_due_sms"
    plain = template_choose(
        templates=templates, kind=Kind.REMINDER, tone=Tone.FRIENDLY, medium=Medium.SMS,
        reading=Reading.PLAIN,
    )  # fmt: skip
    assert plain.key == "reminder_plain_sms"
    with pytest.raises(NotFound):
        template_choose(
            templates=templates, kind=Kind.LETTER, tone=Tone.PLAIN_FACTS, medium=Medium.SMS,
            reading=Reading.USUAL,
        )  # fmt: skip


def test_what_is_contained_is_told_by_words_and_facts() -> None:
    text = "{lender_name}：金额有疑问请致电{hotline}"
    found = contents_of(text, named=names_in(text), language="zh-Hans")
    assert {"lender", "hotline", "dispute"} <= found
    assert "amount" not in found
