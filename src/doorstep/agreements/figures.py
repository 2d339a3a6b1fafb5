"""Amounts of money in words, as contracts write them beside the figures.

Chinese after the central bank's rules for filling in bills (正确填写票据和结算凭证的基本规定):
numerals that cannot be altered, one 零 for any run of noughts between, 整 where no smaller coin
follows.
"""

from __future__ import annotations

HANS = "零壹贰叁肆伍陆柒捌玖"
HANT = "零壹貳參肆伍陸柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS_HANS = ("", "万", "亿")
GROUPS_HANT = ("", "萬", "億")
MOST = 10**12  # what three groups of figures hold, in whole units
CURRENCIES = {
    "zh-Hans": {"CNY": "人民币", "HKD": "港币", "TWD": "新台币", "USD": "美元"},
    "zh-Hant": {"CNY": "人民幣", "HKD": "港幣", "TWD": "新臺幣", "USD": "美元"},
    "en": {
        "CNY": "yuan", "HKD": "Hong Kong dollars", "TWD": "New Taiwan dollars", "USD": "dollars",
    },
}  # fmt: skip
SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
GROUPS_EN = ("", " thousand", " million", " billion")


def amount_in_words(minor: int, currency: str, *, language: str) -> str:
    """An amount of hundredths in words; "" for a currency whose words we do not have, so that the
    figures stand alone. Raises ValueError below nought and from 10^12 whole units on.

    >>> amount_in_words(10_700_053, "CNY", language="zh-Hans")
    '人民币壹拾万柒仟元零伍角叁分'
    >>> amount_in_words(10_000, "CNY", language="en")
    'one hundred yuan only'
    """
    if not 0 <= minor < MOST * 100:
        raise ValueError("an amount in words is from nought to 10^12")
    name = CURRENCIES[language].get(currency)
    if name is None:
        return ""
    whole, cents = divmod(minor, 100)
    if language == "en":
        rest = f"{name} and {cents:02d}/100" if cents else f"{name} only"
        return f"{_english(whole)} {rest}"
    hans = language == "zh-Hans"
    digits, groups = (HANS, GROUPS_HANS) if hans else (HANT, GROUPS_HANT)
    return name + _chinese(whole, cents, digits, groups)


def _chinese(whole: int, cents: int, digits: str, groups: tuple[str, ...]) -> str:
    tenth, hundredth = divmod(cents, 10)
    words = f"{_whole(whole, digits, groups)}元" if whole else ""
    if not cents:
        return (words or f"{digits[0]}元") + "整"
    gap_before = whole and (not tenth or whole % 10 == 0)
    words += digits[0] if gap_before else ""
    words += f"{digits[tenth]}角" if tenth else ""
    return words + (f"{digits[hundredth]}分" if hundredth else "整")


def _whole(number: int, digits: str, groups: tuple[str, ...]) -> str:
    """Groups of four figures from the left; one nought for a gap between two of them."""
    words, gap = "", False
    for power in range(len(groups) - 1, -1, -1):
        group = number // 10_000**power % 10_000
        if not group:
            gap = gap or bool(words)
            continue
        if words and (gap or group < 1000):
            words += digits[0]
        words += _four(group, digits) + groups[power]
        gap = False
    return words


def _four(group: int, digits: str) -> str:
    words, gap = "", False
    for power in (3, 2, 1, 0):
        figure = group // 10**power % 10
        if not figure:
            gap = bool(words)
            continue
        words += (digits[0] if gap else "") + digits[figure] + PLACES[power]
        gap = False
    return words


def _english(number: int) -> str:
    if number < 1000:
        return _hundreds(number)
    parts, power = [], 0
    while number:
        number, group = divmod(number, 1000)
        if group:
            parts.append(_hundreds(group) + GROUPS_EN[power])
        power += 1
    return " ".join(reversed(parts))


def _hundreds(number: int) -> str:
    if number >= 100:
        rest = f" and {_hundreds(number % 100)}" if number % 100 else ""
        return f"{SMALL[number // 100]} hundred{rest}"
    if number < 20:
        return SMALL[number]
    return TENS[number // 10 - 2] + (f"-{SMALL[number % 10]}" if number % 10 else "")
