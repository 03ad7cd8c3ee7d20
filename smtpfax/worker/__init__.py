"""Claim a job, run its stage, write the event: the only loop."""
