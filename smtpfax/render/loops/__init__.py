"""Loops over pels that Python is too slow for, and numpy is no good at: in WebAssembly, beside what calls them."""
