"""The auditor's room: look for cases or draw them, read what was done, write findings, ask for files, see the seal."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response as WerkzeugResponse

from cases import access, accesses, codes, handouts, reviews
from cases.actions import MAY
from cases.reviews import Filters
from core import audit as checks
from core import log, seal, users
from core.errors import N_, InvalidForm, Refused
from engine import history, registry
from tasks import crosscases, forms, histories
from tasks import reviews as work
from web.auditwords import FORMATS
from web.documents import as_pdf
from web.language import say
from web.sheets import form_of, titles

pages = Blueprint("audit", __name__, url_prefix="/audit")

COPY = "copy"  # which of two forms was refused
FIELDS = tuple(asdict(Filters()))
# What happened, by the noun of the log.
KINDS = {
    "case": N_("Il caso: aperto, affidato, chiuso"), "task": N_("Attività"), "instance": N_("Percorsi"),
    "deadline": N_("Scadenze"), "consent": N_("Consensi"), "sheet": N_("Schede"), "reveal": N_("Indirizzi chiesti"),
    "permit": N_("Titoli di soggiorno"), "placement": N_("Strutture"), "transfer": N_("Trasferimenti"),
    "referral": N_("Invii"), "retention": N_("Conservazione e cancellazione"), "incident": N_("Anomalie"),
}  # fmt: skip
@pages.get("")
def show() -> str:
    """Search, reviews, findings, files that wait; and how far the seal reaches."""
    access.require(g.actor, "audit.read")
    g.again = lambda problem: _room(problem=problem)
    asked = _filters(request.args)
    return _room(reviews.search(g.db, g.actor, asked) if any(asdict(asked).values()) else None)


@pages.post("/reviews")
def keep() -> WerkzeugResponse:
    """Keep a search or draw a sample."""
    access.require(g.actor, "audit.read")
    g.again = lambda problem: _room(problem=problem)
    typed = request.form
    made = reviews.keep(
        g.db, g.actor, typed.get("title", ""), _filters(typed), typed.get("count", ""), typed.get("seed", "")
    )
    return redirect(url_for("audit.show_review", review_id=made.id, done="review_kept"), 303)


@pages.get("/reviews/<review_id>")
def show_review(review_id: str) -> str:
    """One review: its cases, and how they were found."""
    return _review(review_id)


@pages.post("/reviews/<review_id>/close")
def close(review_id: str) -> WerkzeugResponse:
    """End a review."""
    reviews.close(g.db, g.actor, review_id)
    return redirect(url_for("audit.show_review", review_id=review_id, done="review_closed"), 303)


@pages.get("/cases/<code>")
def show_case(code: str) -> str:
    """The history of one case in words, its pathways, notes and findings."""
    return _case(code)


@pages.post("/cases/<code>/remarks")
def remark(code: str) -> WerkzeugResponse:
    """Write a note or a finding."""
    access.require(g.actor, "audit.read")
    g.again = lambda problem: _case(code, problem)
    work.remark(g.db, g.actor, code, request.form)
    return redirect(url_for("audit.show_case", code=code, done="remark", _anchor="remarks"), 303)


@pages.post("/remarks/<remark_id>/close")
def settle(remark_id: str) -> WerkzeugResponse:
    """Close a finding."""
    access.require(g.actor, "audit.read")
    code = request.form.get("case", "")
    g.again = lambda problem: _case(code, problem, remark_id)
    made = reviews.settle(g.db, g.actor, remark_id, request.form.get("closing", ""))
    return redirect(url_for("audit.show_case", code=made.case_code, done="finding_closed", _anchor="remarks"), 303)


@pages.post("/cases/<code>/open")
def open_(code: str) -> WerkzeugResponse:
    """Open the words of a case for an hour, with a reason."""
    access.require(g.actor, "audit.read")
    g.again = lambda problem: _case(code, problem)
    work.open_(g.db, g.actor, code, request.form.get("reason", ""))
    return redirect(url_for("audit.show_answers", code=code), 303)


@pages.get("/cases/<code>/answers")
def show_answers(code: str) -> str:
    """What the sheets of an opened case say."""
    filed = reviews.read(g.db, g.actor, code)
    names, language = titles(g.db), str(get_locale())
    told = [
        (sheet, names[sheet.form], forms.display(form_of(g.db, sheet), said, language, say)) for sheet, said in filed
    ]
    return render_template("audit/answers.html", code=code, told=told, until=reviews.open_until(g.db, g.actor, code))


@pages.get("/cases/<code>/report.pdf")
def report(code: str) -> WerkzeugResponse:
    """The history as PDF, with seal and page numbers."""
    reviews.look(g.db, g.actor, code)
    log.append(g.db, "audit.printed", f"case:{code}", by=g.actor.user_id, case=code)
    made = histories.report(g.db, code, str(get_locale()), say, g.actor.name)
    return as_pdf(f"storia-{code}", made)


@pages.get("/cases/<code>/report")
def report_page(code: str) -> str:
    """The same to be read or printed from the browser, however long it is."""
    reviews.look(g.db, g.actor, code)
    log.append(g.db, "audit.printed", f"case:{code}", by=g.actor.user_id, case=code)
    blocks = histories.written(g.db, code, str(get_locale()), say, g.actor.name)
    return render_template("audit/report.html", code=code, blocks=blocks)


@pages.post("/exports")
def ask() -> WerkzeugResponse:
    """Ask a second person for a file of one case, or of the cases of a review."""
    access.require(g.actor, "audit.read")
    typed = request.form
    review, code = typed.get("review", ""), typed.get("case", "")
    g.again = lambda problem: _review(review, problem) if review else _case(code, problem, COPY)
    chosen = reviews.get(g.db, g.actor, review).cases if review else [code]
    work.ask(g.db, g.actor, typed.get("export", ""), chosen, typed.get("reason", ""))
    return redirect(url_for("audit.show", done="handout_asked", _anchor="exports"), 303)


@pages.post("/exports/<handout_id>/file")
def fetch(handout_id: str) -> Response:
    """The file, to be saved; the taking is written down."""
    row, content = work.fetch(g.db, g.actor, handout_id)
    reply = Response(content, mimetype="application/zip")
    reply.headers["Content-Disposition"] = f'attachment; filename="registro-{row.kind}-{row.id[:8]}.zip"'
    return reply


@pages.get("/findings")
def show_owned() -> str:
    """The findings that this person has to see to."""
    return render_template("audit/owned.html", found=reviews.owned(g.db, g.actor))


@pages.get("/figures")
def show_figures() -> str:
    """Across cases: terms, phases and steps of one quarter; what is small is hidden."""
    access.require(g.actor, "audit.read")
    g.again = lambda problem: _figures(problem)
    return _figures()


@pages.get("/access")
def show_access() -> str:
    """Who may do what, from the same table that decides it."""
    access.require(g.actor, "audit.read")
    roles = sorted(users.ROLES)
    return render_template("audit/access.html", roles=roles, actions=sorted(MAY.items()), reads=access.READS)


@pages.get("/accesses")
def show_accesses() -> str:
    """The access reviews: how many kept, taken away, still open, by post and quarter."""
    return render_template("audit/accesses.html", rounds=accesses.tallies(g.db, g.actor))


@pages.post("/verify")
def verify() -> str:
    """Check the whole log now; what is wrong is named."""
    access.require(g.actor, "audit.verify")
    found = checks.verify(g.db, stampers=current_app.config["APPRODO"].timestamp_ca)
    log.append(g.db, "audit.verified", "seal", by=g.actor.user_id, findings=len(found))
    return render_template("audit/verified.html", found=found, lines=log.count(g.db), sealed=seal.size(g.db))


def _room(found: list[Any] | None = None, problem: Refused | None = None) -> str:
    typed = request.values
    return render_template(
        "audit/room.html", found=found, typed=typed, errors=_errors(problem),
        kinds=[(kind, say(words)) for kind, words in KINDS.items()],
        outcomes=[(code, say(words)) for code, words in codes.LISTS["esito_uscita"]],
        kept=[(review, reviews.title(g.db, review)) for review in reviews.list_(g.db, g.actor)],
        findings=reviews.open_findings(g.db, g.actor), mine=handouts.mine(g.db, g.actor), formats=FORMATS,
        waiting=len(handouts.waiting(g.db, g.actor)), sealed=seal.size(g.db), lines=log.count(g.db),
    )  # fmt: skip


def _figures(problem: Refused | None = None) -> str:
    typed = request.args.get("from", "").strip()
    if problem is not None:
        return render_template("audit/figures.html", period=None, typed=typed, errors=_errors(problem))
    period = crosscases.quarter(typed)
    log.append(g.db, "audit.counted", f"user:{g.actor.user_id}", by=g.actor.user_id, period=period.code)
    found = crosscases.steps(g.db, period)
    models = {model.process_id: model for model in registry.newest(g.db)}
    return render_template(
        "audit/figures.html", period=period, typed=typed, errors={}, terms=crosscases.terms(g.db, period),
        phases=crosscases.phases(g.db, period), deviations=crosscases.deviations(g.db, period),
        steps=[(models[process], rows) for process, rows in found.items() if process in models],
    )  # fmt: skip


def _review(review_id: str, problem: Refused | None = None) -> str:
    review = reviews.get(g.db, g.actor, review_id)
    return render_template(
        "audit/review.html", review=review, title=reviews.title(g.db, review), typed=request.form,
        errors=_errors(problem), formats=_formats(),
    )  # fmt: skip


def _formats() -> list[tuple[str, str]]:
    return [(kind, say(words)) for kind, words in FORMATS.items()]


def _case(code: str, problem: Refused | None = None, wrong: str = "") -> str:
    case = reviews.look(g.db, g.actor, code)
    before = request.args.get("before", type=int)
    told = histories.of(g.db, code, str(get_locale()), say, before=before)
    return render_template(
        "audit/case.html", case=case, told=told, page=histories.PAGE, pathways=history.pathways(g.db, code),
        remarks=reviews.remarks(g.db, g.actor, code), until=reviews.open_until(g.db, g.actor, code), wrong=wrong,
        typed=request.form, errors=_errors(problem), formats=_formats(),
    )  # fmt: skip


def _errors(problem: Refused | None) -> dict[str, list[str]]:
    return problem.errors if isinstance(problem, InvalidForm) else {}


def _filters(given: Any) -> Filters:
    return Filters(**{name: given.get(name, "").strip() for name in FIELDS})
