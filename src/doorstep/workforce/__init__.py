"""Who works here: branches, teams, staff, and what each role may do.

`roles.py` is the one table of permissions; `models.py` keeps branches, teams and staff accounts and
the record of who looked at whose personal data, and why.
"""
