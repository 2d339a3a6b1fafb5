"""A synthetic bank and its borrowers in a made-up city, deterministic by seed."""
