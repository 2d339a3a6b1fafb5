"""Law cases in their own words: read, turned into catalogue facts, checked against the rules named.

One module a concern turns words into facts; `check.py` asks the rules. What a case expects is read
apart from it and never reaches the rules.
"""
