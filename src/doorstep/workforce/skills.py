"""What agents can do that some visits need."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SPOKEN = {
    "mandarin": _("Mandarin"),
    "english": _("English"),
    "uyghur": _("Uyghur"),
    "tibetan": _("Tibetan"),
    "mongolian": _("Mongolian"),
    "zhuang": _("Zhuang"),
    "korean": _("Korean"),
    "cantonese": _("Cantonese"),
    "wu": _("Wu (Shanghainese)"),
    "min_nan": _("Southern Min"),
    "hakka": _("Hakka"),
    "sichuanese": _("Sichuanese"),
    "sign_language": _("Sign language"),
}
OTHER = {"hardship_counselling": _("Hardship counselling")}
SKILLS = SPOKEN | OTHER
