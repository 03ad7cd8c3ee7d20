"""What backends received -> a faxbox's inbox: the way back, a path of its own."""
