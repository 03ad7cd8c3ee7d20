"""The two HTTP doors, each as one table of routes.

In:    Deps.
Out:   make_public: what programs ask over the network; make_admin: what the command line asks over its Unix socket.
Fails: never.

Rule: what is not in a table is not served; a test walks both with every kind of wrong token.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from . import (
    accounts_routes,
    act_routes,
    admin_routes,
    auth_routes,
    callback_routes,
    confirm_routes,
    fax_routes,
    faxbox_routes,
    incoming_routes,
    log_routes,
    openapi_routes,
    order_body,
    order_routes,
    probes,
    queue_routes,
    received_routes,
    rendered_routes,
    resting_routes,
    send_routes,
    steering,
)
from .about import HTML, JSON, NOTHING_SAID, About
from .answers import (
    InboxFax,
    InboxFaxDeleted,
    IncomingFax,
    JobDeleted,
    JobDetail,
    JobRow,
    JobSummary,
    NumberTold,
    RestingNumber,
)
from .answers_log import AttemptDetail, AttemptRow
from .auth import Scope
from .auth_routes import ApiKey, SignedIn
from .deps import Deps
from .kazoo_faxbox import FaxboxAsked, FaxboxNamed, FaxboxRemoved, FaxboxTold
from .links import SIGNED_KEYS
from .negotiate import Disposition, Form
from .openapi import document
from .openapi_routes import OPENAPI, site_of
from .order_shape import FaxShape
from .peer import by_peer
from .query import TIME_KEYS
from .queue_routes import steered
from .received_routes import ReadMark
from .routes import CallHandler, Route, by_token, make_app

ACCOUNT = "/v2/accounts/{account}"
FAXBOXES, FAXBOX = f"{ACCOUNT}/faxboxes", f"{ACCOUNT}/faxboxes/{{id}}"
BELOW = (ACCOUNT, f"{ACCOUNT}/faxboxes/{{faxbox}}")  # all of an account's faxes, and those of one faxbox


SIGNED = About(gives=(Form.TIFF,), query=SIGNED_KEYS)
PDF_OR_TIFF = About(gives=(Form.PDF, Form.TIFF))
ANY_FORM = About(gives=tuple(Form), query={"disposition": Disposition})
RESUBMIT = About(whole_body=act_routes.Resubmit, answer=JobDetail, code=202)
ORDER = About(
    body=FaxShape, takes=order_body.TAKES, headers={order_routes.KEY: order_routes.Key}, answer=JobDetail, code=202
)
FORWARD = About(whole_body=act_routes.Forward, answer=JobDetail, code=202)
PAGE, OCTETS = About(gives=(HTML,), query=SIGNED_KEYS), About(gives=(JSON,))


def _get(path: str, handler: CallHandler, scope: Scope | None = Scope.READ, about: About = NOTHING_SAID) -> Route:
    return Route(method="GET", path=path, handler=handler, scope=scope, about=about)


def _open(path: str, handler: CallHandler, about: About, method: str = "GET") -> Route:
    """For anybody."""
    return Route(method=method, path=path, handler=handler, scope=None, about=about)


def _page(path: str, handler: CallHandler, answer: object, filters: Sequence[str]) -> Route:
    """A page of a list, newest first."""
    return _get(path, handler, about=About(answer=answer, page=True, filters=filters, query=TIME_KEYS))


def _one(path: str, handler: CallHandler, answer: object) -> Route:
    """One record."""
    return _get(path, handler, about=About(answer=answer))


def _write(method: str, path: str, handler: CallHandler, about: About) -> Route:
    """For tokens that may write."""
    return Route(method=method, path=path, handler=handler, scope=Scope.WRITE, about=about)


def _admin(method: str, path: str, handler: CallHandler) -> Route:
    return Route(method=method, path=path, handler=handler, scope=None)


def _faxes(below: str) -> tuple[Route, ...]:
    """Faxes and their log, below an account or a faxbox."""
    here = f"{below}/faxes"
    outgoing, outbox, inbox = (f"{here}/{folder}/{{id}}" for folder in ("outgoing", "outbox", "inbox"))
    return (
        _page(f"{here}/smtplog", log_routes.account_log, AttemptRow, log_routes.FILTERS),
        _one(f"{here}/smtplog/{{id}}", log_routes.account_attempt, AttemptDetail),
        _write("PUT", here, order_routes.create, ORDER),
        _write("PUT", f"{here}/outgoing", order_routes.create, ORDER),
        _page(f"{here}/outgoing", fax_routes.outgoing, JobRow, fax_routes.FILTERS),
        _one(outgoing, fax_routes.outgoing_fax, JobDetail),
        _write("DELETE", outgoing, act_routes.cancel_fax, About(answer=JobDetail)),
        _get(f"{outgoing}/attachment", fax_routes.outgoing_attachment, about=ANY_FORM),
        _get(f"{outgoing}/rendered", rendered_routes.rendered, about=PDF_OR_TIFF),
        _page(f"{here}/outbox", fax_routes.outbox, JobSummary, fax_routes.FILTERS),
        _one(outbox, fax_routes.outbox_fax, JobDetail),
        _write("PUT", outbox, act_routes.outbox_action, RESUBMIT),
        _write("DELETE", outbox, act_routes.delete_outbox, About(answer=JobDeleted)),
        _get(f"{outbox}/attachment", fax_routes.outbox_attachment, about=ANY_FORM),
        _write("DELETE", f"{outbox}/attachment", act_routes.delete_outbox_attachment, About(answer=JobDeleted)),
        _get(f"{outbox}/rendered", rendered_routes.rendered, about=PDF_OR_TIFF),
        _page(f"{here}/inbox", fax_routes.inbox, InboxFax, fax_routes.FILTERS),
        _one(inbox, fax_routes.inbox_fax, InboxFax),
        _write("PUT", inbox, act_routes.inbox_action, FORWARD),
        _write("PATCH", inbox, received_routes.mark, About(body=ReadMark, answer=InboxFax)),
        _write("DELETE", inbox, act_routes.delete_inbox, About(answer=InboxFaxDeleted)),
        _get(f"{inbox}/attachment", fax_routes.inbox_attachment, about=ANY_FORM),
        _write("DELETE", f"{inbox}/attachment", act_routes.delete_inbox_attachment, About(answer=InboxFaxDeleted)),
        _page(f"{here}/incoming", incoming_routes.incoming, IncomingFax, ()),
        _one(f"{here}/incoming/{{id}}", incoming_routes.incoming_fax, IncomingFax),
    )


PUBLIC = (
    _open("/healthz", probes.healthz, About(gives=(JSON,))),
    _open("/readyz", probes.readyz, About(gives=(JSON,))),
    _open("/metrics", probes.metrics, About(gives=("text/plain",))),
    _open("/openapi.json", openapi_routes.openapi, About(gives=(JSON,))),
    _open("/documents/{name}", fax_routes.signed_document, SIGNED),
    _open("/confirm/{id}", confirm_routes.ask, PAGE),
    _open("/confirm/{id}", confirm_routes.answer, PAGE, "POST"),
    _open("/received/{id}", received_routes.ask, PAGE),
    _open("/received/{id}", received_routes.answer, PAGE, "POST"),
    _open("/callbacks/{name}", callback_routes.callback, OCTETS, "POST"),
    _open("/v2/api_auth", auth_routes.api_auth, About(body=ApiKey, answer=SignedIn, code=201), "PUT"),
    _get(FAXBOXES, faxbox_routes.faxboxes, about=About(answer=FaxboxTold, page=True)),
    _write("PUT", FAXBOXES, faxbox_routes.create, About(body=FaxboxNamed, answer=FaxboxTold, code=201)),
    _one(FAXBOX, faxbox_routes.faxbox, FaxboxTold),
    _write("POST", FAXBOX, faxbox_routes.replace, About(body=FaxboxNamed, answer=FaxboxTold)),
    _write("PATCH", FAXBOX, faxbox_routes.patch, About(body=FaxboxAsked, answer=FaxboxTold)),
    _write("DELETE", FAXBOX, faxbox_routes.delete, About(answer=FaxboxRemoved)),
    _get("/v2/resting", resting_routes.resting, about=About(answer=list[RestingNumber])),
    _write("DELETE", "/v2/resting/{id}", resting_routes.clear, About(answer=NumberTold)),
    _page("/v2/smtplog", log_routes.whole_log, AttemptRow, log_routes.ALL_FILTERS),
    _one("/v2/smtplog/{id}", log_routes.any_attempt, AttemptDetail),
    *(route for below in BELOW for route in _faxes(below)),
)
# No tokens here: `by_peer` stands before every one of them.
ADMIN = (
    _admin("GET", "/admin/status", admin_routes.status),
    _admin("POST", "/admin/apply", accounts_routes.apply),
    _admin("GET", "/admin/tokens", accounts_routes.tokens),
    _admin("POST", "/admin/tokens", accounts_routes.create_token),
    _admin("DELETE", "/admin/tokens/{id}", accounts_routes.revoke_token),
    _admin("GET", "/admin/users", accounts_routes.users),
    _admin("POST", "/admin/users/password", accounts_routes.set_password),
    _admin("GET", "/admin/backends", admin_routes.backends),
    _admin("POST", "/admin/backends/{name}/test", admin_routes.test_backend),
    _admin("GET", "/admin/number", admin_routes.number),
    _admin("GET", "/admin/resting", resting_routes.resting),
    _admin("DELETE", "/admin/resting/{id}", resting_routes.clear),
    _admin("GET", "/admin/log", log_routes.whole_log),
    _admin("GET", "/admin/log/{id}", log_routes.any_attempt),
    _admin("GET", "/admin/queue", queue_routes.queue),
    _admin("GET", "/admin/queue/{id}", queue_routes.queued_job),
    _admin("POST", "/admin/queue/{id}/retry", steered(steering.retry)),
    _admin("POST", "/admin/queue/{id}/cancel", steered(steering.cancel)),
    _admin("POST", "/admin/queue/{id}/hold", steered(steering.hold)),
    _admin("POST", "/admin/queue/{id}/release", steered(steering.release)),
    _admin("POST", "/admin/inbox/{name}/fetch", received_routes.fetch),
    _admin("POST", "/admin/send", send_routes.send),
    _admin("POST", "/admin/backup", admin_routes.backup),
)


def make_public(deps: Deps) -> web.Application:
    """What programs ask, with a token."""
    app = make_app(deps, PUBLIC, admit=by_token)
    app[OPENAPI] = document(PUBLIC, site_of(deps))
    return app


def make_admin(deps: Deps) -> web.Application:
    """What the command line asks; to be served on a Unix socket and nowhere else."""
    return make_app(deps, ADMIN, admit=by_peer)
