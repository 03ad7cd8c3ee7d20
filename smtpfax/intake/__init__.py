"""The SMTP door: a mail is answered 250 only when it is durably ours."""
