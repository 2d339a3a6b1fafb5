"""Days past due, buckets, amounts due and how they came about: pure arithmetic, no Django.

`policy.py` the lender's parameters · `penalty.py` penalty interest · `dues.py` one instalment, one
loan, one borrower · `transitions.py` movement between two books · `bill.py` what a borrower reads.
The columnar night (`doorstep.cycle`) repeats these definitions set-wise and is tested equal.

`daycount.py`, `rounding.py` parts of a year, parts of a cent · `schedule.py` a schedule by days ·
`amortisation.py` a table by periods · `apr.py` the yearly rate of a credit · `accounts` a loan
worked out from its history · `scenarios` histories written elsewhere.
"""
