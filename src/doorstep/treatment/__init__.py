"""What to do next with an overdue borrower: the ladder, a versioned decision table.

The table is data (`ladders/*.toml`); `ladder.py` reads it and decides one borrower with reasons;
the columnar night applies the same rows set-wise and is tested equal.
"""
