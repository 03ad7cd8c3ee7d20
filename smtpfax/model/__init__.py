"""The nouns and the rules: plain values, no I/O, nothing of the house is imported here."""
