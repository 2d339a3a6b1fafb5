"""What softens or stops collection: disputes, complaints, hardship, stop requests and the like.

A `Hold` keeps a borrower (or one loan) out of the ladder from a day, for a stated reason, until a
day or until it is ended. Holds come from the lender's book or are placed by staff.
"""
