"""The lender's book: borrowers, how to reach them, loans, instalments, payments.

`schema.py` names every table and column once; `models.py` keeps them in the database;
`intake/` turns a lender's files into trusted tables. A book is one day's statement by the lender.
"""
