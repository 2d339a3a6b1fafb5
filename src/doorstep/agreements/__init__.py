"""Promises to pay (a promise is not an agreement): kept to the day and the minor unit."""
