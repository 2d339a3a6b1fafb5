"""Ways to reach a person. Every one opens to a clearance alone; only `doorstep.dispatch` calls."""
