"""The HTTP door: Kazoo's Faxes API, the SMTP log, health, metrics; and the administrator's door on a Unix socket."""
