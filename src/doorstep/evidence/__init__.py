"""What was done, kept so that neither side can alter it unseen: a Merkle log (RFC 6962).

Leaves hold salted commitments, never plaintext. The pure parts (log, proof, checkpoint, verify)
use no framework; models and services keep the log in the database.
"""
