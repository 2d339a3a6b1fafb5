"""Days past due, buckets, amounts due and how they came about: pure arithmetic, no Django.

`policy.py` the lender's parameters · `penalty.py` penalty interest · `dues.py` one instalment, one
loan, one borrower · `transitions.py` movement between two books · `bill.py` what a borrower reads.
The columnar night (`doorstep.cycle`) repeats these definitions set-wise and is tested equal.
"""
