"""What operators rehearse with: a sample mail, a mail server that catches notices, fax services that misbehave."""

from .samples import Catcher, sample_mail, sample_pdf, send_mail

__all__ = ["Catcher", "sample_mail", "sample_pdf", "send_mail"]
