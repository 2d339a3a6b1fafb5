"""A lender's files become trusted tables. Pure: no Django, no clock, no database.

`mapping.py` how to read a file · `encodings.py` `csv_source.py` `excel_source.py`
`parquet_source.py` rows out of files · `amounts.py` `days.py` `people.py` `words.py` `datum.py`
one value each · `card_months.py` monthly card columns as loans · `staging.py` rows to typed columns
· `checks.py` across rows and tables · `book.py` the whole of it · `returned.py` rejected rows back
to the lender · `faults.py` every code with its hint.
"""
