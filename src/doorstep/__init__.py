"""Doorstep: the overdue-loan work of a bank or lender, from first reminder to kept plan.

The storeys of the house and what may import what are drawn in ARCHITECTURE.md.
"""

__version__ = "0.1.0"
