"""A loan account worked out from what happened: paid out, charged, repaid, undone, paused.

`terms.py` what was agreed · `rows.py` the rows of its schedule · `allocation.py` which money goes
where · `projection.py` the schedule, `interest.py` its interest, `recalculation.py` how payments
change it · `events.py`, `account.py` the account and its history · `pauses.py` delinquency that
stands still. All of it is arithmetic on whole minor units; nothing reads a clock.
"""
