"""The web application. One request, one transaction; one handler for what may go wrong."""

import logging
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask, Response, g, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError
from werkzeug.wrappers import Response as WerkzeugResponse

from core import db, log, passwords, vault
from core.config import Config
from core.errors import N_, BadLogin, InvalidForm, NotYours, Refused, TooMany, Unavailable, Unfit
from core.ids import new_code
from engine.drafts import Outdated
from engine.runs import ModelFault
from tasks import incidents as stopped
from tasks import lookups, services
from tasks.workshop import Overtaken
from web import (
    absences,
    accesses,
    agenda,
    agreements,
    audit,
    auth,
    bodies,
    bulk,
    calls,
    cases,
    comments,
    compression,
    consents,
    contacts,
    deadlines,
    desk,
    directory,
    documents,
    emergencies,
    erasures,
    exchange,
    feeds,
    files,
    guides,
    handouts,
    inbox,
    incidents,
    integration,
    language,
    layout,
    leaflets,
    mailing,
    modeller,
    models,
    moves,
    notices,
    offices,
    outings,
    pathways,
    people,
    permits,
    reentry,
    referrals,
    reminders,
    reveals,
    rota,
    search,
    security,
    sheets,
    shelters,
    statistics,
    status,
    steps,
    terms,
    texting,
    transfers,
    trying,
    trying_form,
    trying_table,
    versions,
    workshop,
    workshop_list,
    workshop_parts,
)

PAGES = (
    absences, mailing, reminders, moves, trying, trying_form, trying_table,
    bulk, inbox, contacts, calls, search, cases, reentry, transfers, referrals, deadlines, people, consents, comments,
    documents, integration, steps, sheets, pathways, permits, shelters, reveals, rota, directory, bodies,
    agreements, terms, offices, models, exchange, workshop, versions, workshop_list, workshop_parts, modeller,
    notices, incidents,
    emergencies, files, feeds, statistics, status, outings, agenda, desk, leaflets, guides,
    audit, handouts, accesses, erasures, texting,
)  # fmt: skip
# What a script of ours is told when Flask itself refuses.
FAULTS = {
    400: N_("La pagina è aperta da molto tempo: ricaricala in un'altra scheda. Qui non è andato perso niente."),
    413: N_("Il file è troppo grande: al massimo 2000 kB. Niente è stato salvato."),
    500: N_("Qualcosa non ha funzionato: niente è stato salvato, riprova tra poco."),
}
WITHOUT_DATABASE = frozenset({"static"})
_log = logging.getLogger("approdo.web")

Note = Callable[[Session], object]


class App(Flask):
    """Flask with the transaction of the house round every request."""

    def full_dispatch_request(self) -> Response:
        """Commit before the reply leaves. A refusal undoes everything; what must be noted is written afterwards."""
        if isinstance(request.routing_exception, SecurityError):  # a host name that is not ours has no pages, nor links
            return security.add_headers(Response("Bad request\n", 400, mimetype="text/plain"))
        if request.endpoint in WITHOUT_DATABASE:
            return super().full_dispatch_request()
        g.afterwards = []
        try:
            with db.transaction() as g.db:
                response = super().full_dispatch_request()
                if response.status_code >= 400:
                    g.db.rollback()
        finally:
            g.pop("db", None)
        for note in g.afterwards:
            with db.transaction() as tx:
                note(tx)
        return response

    def log_exception(self, exc_info: Any) -> None:
        """Where it broke, without the words of the exception: they may hold what somebody typed."""
        g.reference = new_code()
        kind, _, trace = exc_info
        frames = "".join(traceback.format_tb(trace))
        _log.error("fault %s: %s in %s\n%s", g.reference, getattr(kind, "__name__", kind), request.endpoint, frames)


def create_app(config: Config) -> App:
    """The application for one installation: database, keys, guards and pages."""
    app = App(__name__, static_folder="static", template_folder="templates")
    app.config.update(APPRODO=config, PROPAGATE_EXCEPTIONS=False, TRAP_HTTP_EXCEPTIONS=False)
    db.connect(config.database_url)
    vault.load_keys(config.keys)
    passwords.configure(config.password_memory_kib)
    services.offer()
    language.speak(app)
    security.harden(app, config)
    auth.guard(app)
    layout.furnish(app)
    compression.furnish(app)
    for module in PAGES:
        app.register_blueprint(module.pages)
    app.register_error_handler(Refused, refuse)
    app.register_error_handler(HTTPException, refuse_http)
    app.register_error_handler(InternalServerError, apologise)
    return app


def refuse(problem: Refused) -> tuple[str | WerkzeugResponse, int]:
    """A refusal as a page: the same page again when its fields need attention, else a sentence."""
    if auth.is_locked_out():  # what is refused to a locked screen is told after the password
        g.db.rollback()
        locked = auth.to_lock_screen()
        return locked, locked.status_code
    if "on_refusal" in g:
        g.on_refusal(problem)
    if isinstance(problem, NotYours):
        g.lost = True
        _note_refusal()
    if isinstance(problem, TooMany):
        g.afterwards.append(partial(lookups.report, actor=g.actor, problem=problem))
    if isinstance(problem, ModelFault):
        g.afterwards.append(partial(stopped.report, problem=problem))
    if request.endpoint in security.FOR_SCRIPTS:
        said = language.say(problem.sentence, problem.params)
        return jsonify(text=said, **getattr(problem, "details", {})), problem.status
    if isinstance(problem, InvalidForm | BadLogin | Outdated | Overtaken | Unfit) and "again" in g:
        return g.again(problem), problem.status
    return _page(problem.status, language.say(problem.sentence, problem.params)), problem.status


def _note_refusal() -> None:
    """Write down, after the rollback, that this person asked for what is not theirs: which page, never which words."""
    if not g.get("person"):
        return
    actor, page, method = g.person.id, request.endpoint or "unknown", request.method
    g.afterwards.append(
        lambda tx: log.append(tx, "access.refused", f"user:{actor}", by=actor, page=page, method=method)
    )  # fmt: skip


def refuse_http(problem: HTTPException) -> WerkzeugResponse | tuple[str | WerkzeugResponse, int]:
    """What Flask itself refuses. A missing page answers exactly as a page of somebody else."""
    code = problem.code or 500
    if code < 400:
        return problem.get_response()
    if code == 404:
        return refuse(NotYours())
    if request.endpoint in security.FOR_SCRIPTS:
        return jsonify(text=language.say(FAULTS.get(code, FAULTS[400]))), code
    if isinstance(problem, CSRFError) and auth.can_send_again():
        return auth.ask_again(), code
    return _page(code, None), code


def apologise(problem: InternalServerError) -> tuple[str | WerkzeugResponse, int]:
    """A fault of ours, told without a trace; a database that does not answer is told as such."""
    if isinstance(problem.original_exception, Refused):
        return refuse(problem.original_exception)
    if request.endpoint in security.FOR_SCRIPTS:
        return jsonify(text=language.say(FAULTS[500])), 500
    return _page(500, None), 500


def _page(code: int, sentence: str | None) -> str:
    page = "errors/unavailable.html" if code == Unavailable.status else "errors/refused.html"
    return render_template(page, code=code, sentence=sentence, reference=g.get("reference"))
