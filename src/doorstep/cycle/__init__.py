"""The night: the whole book, columnar, from delinquency to a decision for every overdue borrower.

Stages write Parquet and a manifest each, so a killed run goes on where it stopped and ends in the
same bytes. Publishing turns the decisions into cases and work items, set-based, once per date.
"""
