"""What RingCentral may answer to a fax instead of its message.

In:    nothing.
Out:   TRICKS; `error` writes its errors, in the older and the newer shape together, as it does.
Fails: never.
"""

from __future__ import annotations

import json

from smtpfax.testing.trick import SILENT, Trick


def error(code: str, message: str = "no", *, parameter: str = "") -> bytes:
    """The body of an error."""
    named = {"parameterName": parameter} if parameter else {}
    inside = {"errorCode": code, "message": message, **named}
    return json.dumps({"errorCode": "InvalidParameter", "message": message, "errors": [inside], **named}).encode()


def _answers(name: str, status: int, code: str = "", *, takes: bool = False, **headers: str) -> Trick:
    body = error(code) if code else b"<h1>of a proxy</h1>"
    sent = {key.replace("_", "-"): value for key, value in headers.items()}
    return Trick(name=name, takes=takes, status=status, body=body, headers=sent)


TRICKS = (
    Trick(name="drops before taking it", takes=False),
    Trick(name="drops after taking it", takes=True),
    Trick(name="never answers, took it", takes=True, status=SILENT),
    Trick(name="never answers, took nothing", takes=False, status=SILENT),
    Trick(name="malformed JSON", takes=True, status=200, body=b'{"id": 44'),
    Trick(name="no id", takes=True, status=200, body=b'{"messageStatus": "Queued"}'),
    Trick(name="a hostile id", takes=True, status=200, body=b'{"id": "../../x"}'),
    Trick(name="a list", takes=True, status=200, body=b"[]"),
    Trick(name="nesting", takes=True, status=200, body=b"[" * 100_000),
    Trick(name="huge", takes=True, status=200, body=b" " * 17_000_000),
    _answers("500 after taking it", 500, "CMN-201", takes=True),
    _answers("500 before taking it", 500, "MSG-352"),
    _answers("502 after taking it", 502, takes=True),
    _answers("504 before taking it", 504),
    _answers("503 of the service", 503, "CMN-211", Retry_After="7"),
    _answers("redirect", 307, Location="/elsewhere"),
    _answers("an invalid recipient", 400, "CMN-101"),
    _answers("400 of a proxy", 400),
    _answers("too large", 400, "MSG-337"),
    _answers("an empty document", 400, "MSG-347"),
    _answers("no permission", 403, "CMN-401"),
    _answers("faxing is not available", 403, "MSG-340"),
    _answers("403 of a proxy", 403),
    _answers("404 of the API", 404, "CMN-102"),
    _answers("404 of a wrong url", 404, "CMN-120"),
    _answers("413", 413),
    _answers("a media type that it does not know", 415, "MSG-348"),
    _answers("429", 429, "CMN-301", Retry_After="90"),
    _answers("429 without a time", 429, "MSG-305"),
)
