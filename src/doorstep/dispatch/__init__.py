"""The one door: clear, record, send, record. Nothing reaches a person by another way.

Clearance, caps, evidence and the outbox row are written in one transaction before anything is
sent; what became of it is written after.
"""
