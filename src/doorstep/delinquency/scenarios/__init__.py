"""Histories of loans written down elsewhere, gone through with our own accounts.

The form is that of the acceptance scenarios of a core banking system (Apache Fineract): terms,
steps that do something, steps that show a table. `products.py` what its products settle,
`reading.py` its terms as ours, `tables.py` our account in its tables, `replay.py` all of it
together. What a scenario asks for beyond that is Unsupported, and said so.
"""
