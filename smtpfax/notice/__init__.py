"""The stage after the outcome: the sender is told, in plain words and in RFC 3464's."""
