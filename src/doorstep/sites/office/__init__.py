"""The office: server-rendered pages for staff. A page module keeps its views, nothing else."""
