"""One case per overdue borrower: where it stands, what comes next and why, and all that happened.

A case is opened and moved by the night (`doorstep.cycle`), worked by staff, and closed when nothing
is overdue any more. Rows that staff lists need are kept on the case itself, so that a list of
100,000 open cases is one indexed query.
"""
