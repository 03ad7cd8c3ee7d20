"""The two HTTP doors, each as one table of routes.

In:    Deps.
Out:   make_public: what programs ask over the network; make_admin: what the command line asks over its Unix socket.
Fails: never.

Rule: what is not in a table is not served; a test walks both with every kind of wrong token.
"""

from __future__ import annotations

from aiohttp import web

from . import (
    accounts_routes,
    admin_routes,
    callback_routes,
    confirm_routes,
    fax_routes,
    log_routes,
    order_routes,
    probes,
    queue_routes,
    received_routes,
    rendered_routes,
    resting_routes,
    send_routes,
)
from .auth import Scope
from .deps import Deps
from .peer import by_peer
from .queue_routes import steer
from .routes import CallHandler, Route, by_token, make_app

ACCOUNT = "/v2/accounts/{account}/faxes"
FAXBOX = "/v2/accounts/{account}/faxboxes/{faxbox}/faxes"


def _get(path: str, handler: CallHandler, scope: Scope | None = Scope.READ) -> Route:
    return Route(method="GET", path=path, handler=handler, scope=scope)


def _admin(method: str, path: str, handler: CallHandler) -> Route:
    return Route(method=method, path=path, handler=handler, scope=None)


PUBLIC = (
    _get("/healthz", probes.healthz, None),
    _get("/readyz", probes.readyz, None),
    _get("/metrics", probes.metrics, None),
    _get("/documents/{name}", fax_routes.signed_document, None),
    _get("/confirm/{id}", confirm_routes.ask, None),
    Route(method="POST", path="/confirm/{id}", handler=confirm_routes.answer, scope=None),
    Route(method="POST", path="/callbacks/{name}", handler=callback_routes.callback, scope=None),
    _get("/v2/resting", resting_routes.resting),
    Route(method="DELETE", path="/v2/resting/{id}", handler=resting_routes.clear, scope=Scope.WRITE),
    _get("/v2/smtplog", log_routes.whole_log),
    _get("/v2/smtplog/{id}", log_routes.any_attempt),
    _get(f"{ACCOUNT}/smtplog", log_routes.account_log),
    _get(f"{ACCOUNT}/smtplog/{{id}}", log_routes.account_attempt),
    *(
        Route(method="PUT", path=path + below, handler=order_routes.create, scope=Scope.WRITE)
        for path in (ACCOUNT, FAXBOX)
        for below in ("", "/outgoing")
    ),
    _get(f"{ACCOUNT}/outgoing", fax_routes.outgoing),
    _get(f"{ACCOUNT}/outgoing/{{id}}", fax_routes.outgoing_fax),
    _get(f"{ACCOUNT}/outgoing/{{id}}/attachment", fax_routes.outgoing_attachment),
    _get(f"{ACCOUNT}/outgoing/{{id}}/rendered", rendered_routes.rendered),
    _get(f"{ACCOUNT}/outbox/{{id}}/rendered", rendered_routes.rendered),
    _get(f"{ACCOUNT}/outbox", fax_routes.outbox),
    _get(f"{ACCOUNT}/outbox/{{id}}", fax_routes.outbox_fax),
    _get(f"{ACCOUNT}/outbox/{{id}}/attachment", fax_routes.outbox_attachment),
    _get(f"{ACCOUNT}/inbox", fax_routes.inbox),
    _get(f"{ACCOUNT}/inbox/{{id}}", fax_routes.inbox_fax),
    _get(f"{ACCOUNT}/inbox/{{id}}/attachment", fax_routes.inbox_attachment),
    Route(method="PATCH", path=f"{ACCOUNT}/inbox/{{id}}", handler=received_routes.mark, scope=Scope.WRITE),
    _get("/received/{id}", received_routes.ask, None),
    Route(method="POST", path="/received/{id}", handler=received_routes.answer, scope=None),
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
    _admin("POST", "/admin/queue/{id}/retry", steer(queue_routes.retry)),
    _admin("POST", "/admin/queue/{id}/cancel", steer(queue_routes.cancel)),
    _admin("POST", "/admin/queue/{id}/hold", steer(queue_routes.hold)),
    _admin("POST", "/admin/queue/{id}/release", steer(queue_routes.release)),
    _admin("POST", "/admin/inbox/{name}/fetch", received_routes.fetch),
    _admin("POST", "/admin/send", send_routes.send),
    _admin("POST", "/admin/backup", admin_routes.backup),
)


def make_public(deps: Deps) -> web.Application:
    """What programs ask, with a token."""
    return make_app(deps, PUBLIC, admit=by_token)


def make_admin(deps: Deps) -> web.Application:
    """What the command line asks; to be served on a Unix socket and nowhere else."""
    return make_app(deps, ADMIN, admit=by_peer)
