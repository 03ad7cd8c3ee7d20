"""The doors for people: the `smtpfax` command."""

from .main import main

__all__ = ["main"]
