"""Field days: which visits are made, by which crew, when, in which order.

The planner is plain Python over NumPy and, in `engine.py` alone, PyVRP; none of it knows Django.
`problem.py` is our own stable model of a day or a week, `problem_file.py` reads it from
PROBLEM.json, `travel.py` makes travel times. `solve.py` plans: greedy first (`greedy.py`: floor,
fallback and explanation), then the engine, then `checker.py`, which trusts nobody and passes every
plan before anyone sees it. `reasons.py` says why a visit is not planned; `replan.py` changes a day
under way.

    from doorstep.visits.problem_file import problem_read
    from doorstep.visits.solve import Limits, solve
    plan = solve(problem_read(path), limits=Limits(iterations=2_000), seed=1).plan

It is not the guard: windows come from the guard, and the door asks it again before anybody rings.
"""
