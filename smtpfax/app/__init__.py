"""Wiring: every object is made here, once, and handed what it needs."""
