"""Bytes -> tree of parts -> the parts we fax, with a reason for each one left out (pure)."""
