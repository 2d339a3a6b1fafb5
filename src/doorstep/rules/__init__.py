"""The law as cited, dated rules: one condition, read in four ways.

Packs live in `rulepacks/`; the pure parts load, lint, decide, explain and compare them.
"""
