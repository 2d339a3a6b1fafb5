"""A condition as a sentence, in Chinese and English, for whoever must approve it."""

from __future__ import annotations

import re
from datetime import datetime, time

from doorstep.rules.catalogue import Catalogue
from doorstep.rules.condition import Condition
from doorstep.rules.tree import (
    All,
    Arithmetic,
    Call,
    Compare,
    Constant,
    Either,
    Fact,
    Member,
    Node,
    Not,
    Type,
)
from doorstep.rules.values import NOTHING, Value

_AND = {"zh": "且", "en": " and "}
_OR = {"zh": "或", "en": " or "}
_NOT = {"zh": "并非{0}", "en": "not ({0})"}
_MEMBER = {
    ("zh", False): "{0}是{1}之一", ("zh", True): "{0}不是{1}",
    ("en", False): "{0} is one of {1}", ("en", True): "{0} is none of {1}",
}  # fmt: skip
_HAS = {
    ("zh", False): "{1}中有{0}", ("zh", True): "{1}中没有{0}",
    ("en", False): "{1} has {0}", ("en", True): "{1} does not have {0}",
}  # fmt: skip
_SIGNS = {
    "zh": {"==": "为", "!=": "不为", "<": "小于", "<=": "不超过", ">": "超过", ">=": "不少于"},
    "en": {
        "==": "is", "!=": "is not", "<": "is below", "<=": "is at most",
        ">": "is above", ">=": "is at least",
    },
}  # fmt: skip
_EARLIER = {
    "zh": {"<": "早于", "<=": "不晚于", ">": "晚于", ">=": "不早于"},
    "en": {
        "<": "is before", "<=": "is not after", ">": "is after", ">=": "is not before",
    },
}  # fmt: skip
_CLOCKS = (Type.TIME, Type.DAY, Type.INSTANT)
_DENIED = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def condition_words(condition: Condition, catalogue: Catalogue, language: str) -> str:
    """The condition as one sentence in `zh` or `en`, without a full stop."""
    return _words(condition.node, catalogue, language)


def _words(node: Node, catalogue: Catalogue, language: str, *, inner: bool = False) -> str:
    def under(part: Node, beside: Node | None = None) -> str:
        if isinstance(part, Constant) and isinstance(beside, Fact):
            return code_words(beside.name, part.value, catalogue, language)
        return _words(part, catalogue, language, inner=True)

    match node:
        case Constant(value):
            return value_words(value, language)
        case Fact(name):
            return fact_words(name, catalogue, language)
        case All(parts) | Either(parts):
            joint = _AND if isinstance(node, All) else _OR
            text = joint[language].join(under(part) for part in parts)
            return f"({text})" if inner else text
        case Not(part):
            return _denied(part, catalogue, language)
        case Compare(sign, left, right):
            signs = _EARLIER if left.type in _CLOCKS and sign in _EARLIER["zh"] else _SIGNS
            sides = (under(left, right), signs[language][sign], under(right, left))
            return _spaced(sides, language)
        case Member(item, members, negated):
            texts = _HAS if isinstance(members, Fact) else _MEMBER
            return texts[language, negated].format(under(item, members), under(members, item))
        case Arithmetic(sign, left, right):
            return f"{under(left)} {sign} {under(right)}"
        case Call(function, arguments):
            beside = arguments[0] if len(arguments) == 2 else None
            texts_ = (under(one, beside) for one in arguments)
            return function.words[language].format(*texts_)


def _denied(part: Node, catalogue: Catalogue, language: str) -> str:
    if isinstance(part, Call) and part.function.words_not:
        texts = (_words(one, catalogue, language, inner=True) for one in part.arguments)
        return part.function.words_not[language].format(*texts)
    if isinstance(part, Member):
        other = Member(part.item, part.list, not part.negated)
        return _words(other, catalogue, language)
    if isinstance(part, Compare) and part.operator in ("==", "!="):
        other_ = Compare(_DENIED[part.operator], part.left, part.right)
        return _words(other_, catalogue, language)
    inside = _words(part, catalogue, language, inner=True)
    return _NOT[language].format(inside.strip("()（）") if language == "en" else inside)


def fact_words(name: str, catalogue: Catalogue, language: str) -> str:
    """The fact in a few words: its meaning up to the first remark; a yes or no as a statement."""
    meaning = catalogue.get(name)
    if meaning is None:
        return name
    text = meaning.zh if language == "zh" else meaning.en
    text = re.sub(r"\s*[((][^))]*[))]", "", re.split(r"[;;::]", text, maxsplit=1)[0]).strip()
    if meaning.type is Type.BOOL:
        return re.sub(r"^(是否为|是否|whether )", "", text)
    return f"「{text}」" if language == "zh" else f"“{text}”"


def code_words(name: str, value: Value | None, catalogue: Catalogue, language: str) -> str:
    """A fact's value as people write it; a code in the words the catalogue has for it."""
    meaning = catalogue.get(name)
    if isinstance(value, tuple):
        joint = "、" if language == "zh" else ", "
        return joint.join(code_words(name, one, catalogue, language) for one in value)
    words = meaning.words.get(str(value), {}) if meaning else {}
    return words.get(language) or value_words(value, language)


def value_words(value: Value | None, language: str) -> str:
    """A value as people write it."""
    if value is None:
        return "不详" if language == "zh" else "not known"
    if value is NOTHING:
        return "无" if language == "zh" else "none"
    if isinstance(value, bool):
        return {"zh": "否是", "en": ["no", "yes"]}[language][value]
    if isinstance(value, tuple):
        return ("、" if language == "zh" else ", ").join(value_words(v, language) for v in value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, time):
        return f"{value:%H:%M}" if not value.second else f"{value:%H:%M:%S}"
    return str(value)


def _spaced(parts: tuple[str, ...], language: str) -> str:
    if language == "en":
        return " ".join(parts)
    return re.sub(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])", "", " ".join(parts))
