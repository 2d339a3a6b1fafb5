"""Words everybody uses: money, days, the clock, masking, errors. Imports nothing of ours."""
