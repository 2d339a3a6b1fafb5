"""Papers, skills and refusals in words for the page's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.sites.office.case_words import language
from doorstep.treatment.wording import language_code
from doorstep.workforce.courses import courses
from doorstep.workforce.pairs import Refusal, Why
from doorstep.workforce.papers import Missing, Paper
from doorstep.workforce.skills import SKILLS

NEVER_THERE: Mapping[Paper, str | Promise] = {
    Paper.ACCOUNT: gettext_lazy("The account is closed"),
    Paper.WORK_ID: gettext_lazy("No work id"),
    Paper.PHOTOGRAPH: gettext_lazy("No photograph"),
    Paper.VETTING: gettext_lazy("No background check"),
    Paper.CONFIDENTIALITY: gettext_lazy("No confidentiality agreement signed"),
    Paper.COURSE: gettext_lazy("Exam not passed: %(course)s"),
    Paper.LETTER: gettext_lazy("No valid letter of authority"),
}
RAN_OUT: Mapping[Paper, str | Promise] = {
    Paper.VETTING: gettext_lazy("Background check ran out on %(day)s"),
    Paper.COURSE: gettext_lazy("Exam ran out on %(day)s: %(course)s"),
    Paper.LETTER: gettext_lazy("Letter of authority ran out on %(day)s"),
}
RUNS_OUT: Mapping[Paper, str | Promise] = {
    Paper.VETTING: gettext_lazy("Background check until %(day)s"),
    Paper.COURSE: gettext_lazy("Exam until %(day)s: %(course)s"),
    Paper.LETTER: gettext_lazy("Letter of authority until %(day)s"),
}
WHY_NOT: Mapping[Why, str | Promise] = {
    Why.PAPERS: gettext_lazy("papers missing"),
    Why.NOT_ROSTERED: gettext_lazy("not on the roster that day"),
    Why.AT_REST: gettext_lazy("at rest after an incident"),
    Why.OVERLOADED: gettext_lazy("too many hard encounters lately"),
    Why.TIED: gettext_lazy("knows the customer privately"),
    Why.NEIGHBOUR: gettext_lazy("lives next door"),
    Why.TOO_FEW: gettext_lazy("too few agents"),
    Why.TWICE: gettext_lazy("the same person twice"),
    Why.NOBODY_EXPERIENCED: gettext_lazy("nobody experienced among them"),
    Why.NO_WOMAN: gettext_lazy("a woman was asked for"),
    Why.SKILL: gettext_lazy("nobody has: %(skills)s"),
    Why.AFTER_INCIDENT: gettext_lazy("had an incident there together"),
    Why.DIFFERENT_BRANCHES: gettext_lazy("of different branches"),
}


def said(words: Mapping[str, str]) -> str:
    """One of several languages: the page's."""
    return words[language_code(language())]


def course_title(key: str) -> str:
    """The title of a course; a course that is gone keeps its key."""
    known = courses().get(key)
    return said(known.title) if known else key


def missing_words(missing: Missing) -> str:
    """What is missing or ran out, as a short phrase."""
    if missing.ended_on is None:
        return str(NEVER_THERE[missing.paper]) % {"course": course_title(missing.course)}
    return str(RAN_OUT[missing.paper]) % _parts(missing)


def ending_words(missing: Missing) -> str:
    """What is in order and until when."""
    return str(RUNS_OUT[missing.paper]) % _parts(missing)


def _parts(missing: Missing) -> dict[str, str]:
    return {
        "day": date_format(missing.ended_on, "DATE_FORMAT") if missing.ended_on else "",
        "course": course_title(missing.course),
    }


def all_missing_words(missing: Iterable[Missing]) -> str:
    """Everything that is missing, in one line."""
    return _("; ").join(missing_words(each) for each in missing)


def refusal_words(refusal: Refusal, *, names: Mapping[int, str]) -> str:
    """Why somebody may not go, with their name where it is one person's reason."""
    skills = ", ".join(str(SKILLS[code]) for code in refusal.skills if code in SKILLS)
    words = str(WHY_NOT[refusal.why]) % {"skills": skills}
    if len(refusal.agents) != 1:
        return words
    return _("%(name)s: %(why)s") % {"name": names[refusal.agents[0]], "why": words}


def skill_words(codes: Iterable[str]) -> list[str]:
    """Skills in the order of the list, in the page's language."""
    held = set(codes)
    return [str(label) for code, label in SKILLS.items() if code in held]
