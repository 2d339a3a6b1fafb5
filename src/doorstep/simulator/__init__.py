"""A synthetic lender and its borrowers: made up from a seed, pure of Django.

`bank.py` puts it together · `city.py` a made-up city on a generated grid · `people.py` borrowers
and employers · `identities.py` names and numbers of nobody · `reach.py` how to reach them ·
`lending.py` products and loans · `behaviour.py` hidden types and how arrears move · `history.py`
what was paid when · `statement.py` what the lender states on a day · `dealings.py` contacts,
promises, protections · `delivery.py` files.
Nobody in it exists: identity numbers fail their checksum, phones are of ranges nobody assigns,
the city lies in open sea.
"""
