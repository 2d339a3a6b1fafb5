"""What we say: templates, required contents, wording lint, and what a reply means.

Nothing here sends; the one door does (`doorstep.dispatch`).
"""
