"""What the wording lint finds in an act's text, worked out once and kept with the act.

Kept under the digest of the exact text and under the edition of the lint's own patterns: where
either is another by the time the act is cleared, the text is read again.
"""

from __future__ import annotations

from doorstep.dispatch.models import Act
from doorstep.outreach.lint import lint_edition, text_lint


def behaviours_of(act: Act) -> tuple[str, ...]:
    """The forbidden behaviours in the act's text, sorted. Notes them on the act, which is not
    saved here."""
    kept = act.linted
    if (
        kept is None
        or kept["content_sha256"] != act.content_sha256
        or kept["edition"] != lint_edition()
    ):
        text = f"{act.content.get('subject', '')}\n{act.content.get('text', '')}"
        found = sorted({finding.behaviour for finding in text_lint(text)})
        kept = act.linted = {
            "content_sha256": act.content_sha256,
            "edition": lint_edition(),
            "behaviours": found,
        }
    return tuple(kept["behaviours"])
