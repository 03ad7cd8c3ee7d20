"""smtpfax: mail comes in over SMTP and a fax goes out (an offramp gateway, RFC 4160).

The folders stand in the order in which a mail travels; README.md draws the path.
"""

__version__ = "0.1.0"
