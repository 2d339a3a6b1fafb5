"""Which encoding a text file is in, and whether the declared one can be true."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence

from doorstep.kernel.errors import InputError, Where
from doorstep.portfolio.intake.faults import hint_of

SAMPLE = 1 << 20
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OTHERS = ("gb18030", "big5", "utf-16-le", "utf-16-be")
Fits = Callable[[str], bool]


def encoding_of(sample: bytes, *, declared: str, file: str, fits: Fits) -> str:
    """The encoding to read the file by. `fits` says whether a decoded header has our columns.

    Raises InputError ENCODING_WRONG where the declared one cannot be true, ENCODING_UNSURE where
    none was declared and several could be.
    """
    marked = next((name for mark, name in MARKS if sample.startswith(mark)), None)
    if declared != "auto":
        return _declared(sample, declared, marked, file, fits)
    if marked:
        return marked
    wide = _wide(sample)
    if wide:
        return wide
    if _damage(sample, "utf-8") < 0.1:
        return "utf-8"
    likely = _chinese(sample, fits)
    if likely is None:
        raise _refusal("ENCODING_UNSURE", file, "It could be several encodings.")
    return likely


def _declared(sample: bytes, declared: str, marked: str | None, file: str, fits: Fits) -> str:
    name = codecs.lookup(declared).name
    if marked and not (marked.startswith(name) or name.startswith(marked.removesuffix("-sig"))):
        raise _refusal("ENCODING_WRONG", file, f"It begins with the mark of {marked[:6]}.")
    if marked == "utf-8-sig":
        return marked
    real = _really(sample, name, fits)
    if real and codecs.lookup(real).name != name:
        raise _refusal("ENCODING_WRONG", file, f"Declared {declared}; it reads as {real}.")
    return "utf-16" if marked == "utf-16" else declared


def _really(sample: bytes, name: str, fits: Fits) -> str | None:
    """What the text more likely is than the declared `name`; None when the declaration may hold."""
    if sample.isascii() and not _wide(sample):
        return None if not name.startswith("utf-16") else "ascii"
    if name.startswith("utf-16"):
        return None if _wide(sample) or b"\x00" in sample[:200] else "utf-8"
    wide = _wide(sample)
    if wide:
        return wide
    if name == "utf-8":
        return _chinese(sample, fits) or "gb18030" if _damage(sample, name) >= 0.1 else None
    if _damage(sample, "utf-8") == 0:
        return "utf-8"
    if name in {"gb18030", "gbk", "gb2312", "big5", "cp950", "big5hkscs"}:
        likely = _chinese(sample, fits)
        family = {"gb18030": {"gb18030", "gbk", "gb2312"}, "big5": {"big5", "cp950", "big5hkscs"}}
        return likely if likely and name not in family[likely] else None
    return None


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of its ASCII part is zero."""
    even, odd = sample[:2000:2].count(0), sample[1:2000:2].count(0)
    enough = min(len(sample), 2000) // 10
    if even + odd <= enough:
        return None
    if odd > 4 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 4 * odd else None


def _damage(sample: bytes, encoding: str) -> float:
    """Share of the non-ASCII bytes that do not decode (a cut-off end does not count)."""
    if sample.isascii():
        return 0.0
    text = sample.decode(encoding, "surrogateescape")
    bad = sum("\udc80" <= c <= "\udcff" for c in text[:-4])
    high = sum(byte > 127 for byte in sample)
    return bad / high


def _chinese(sample: bytes, fits: Fits) -> str | None:
    """gb18030 or big5, by the header first, then by how common the characters are."""
    readings = {name: sample.decode(name, "replace") for name in ("gb18030", "big5")}
    fitting = [name for name, text in readings.items() if fits(text)]
    if len(fitting) == 1:
        return fitting[0]
    common = {
        "gb18030": _common(readings["gb18030"], "gb2312", 0xB0, 0xD7),
        "big5": _common(readings["big5"], "big5", 0xA4, 0xC6),
    }
    best, other = sorted(common, key=lambda name: -common[name])
    return best if common[best] - common[other] > 0.1 else None


def _common(text: str, encoding: str, first: int, last: int) -> float:
    """Share of the non-ASCII characters that belong to the character set's common level."""
    wide = [c for c in text if ord(c) > 127][:20_000]
    if not wide:
        return 0.0
    hits = 0
    for character in wide:
        code = character.encode(encoding, "ignore")
        hits += len(code) == 2 and (first <= code[0] <= last or code[0] in range(0xA1, 0xA4))
    return hits / len(wide)


def _refusal(code: str, file: str, message: str) -> InputError:
    return InputError(
        message, code=code, hint=hint_of(code), where=Where(file=file, field="encoding")
    )


def header_fits(text: str, wanted: Sequence[str]) -> bool:
    """Whether the first line holds every wanted header that is not ASCII (and there is one)."""
    line = text.split("\n", 1)[0]
    telling = [header for header in wanted if not header.isascii()]
    return bool(telling) and all(header in line for header in telling)
