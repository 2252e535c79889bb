"""What a case page says of the title: the track, the application, the permit, what one may do from when, each with its
law; and the event that the case comes from, with the other cases that the reader may see anyway."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from cases import access, applications, deadlines, permits, refusals, terms, tracks
from cases import episodes as events
from cases.applications import Application
from cases.deadlines import Deadline
from cases.episodes import Episode
from cases.permits import Permit
from cases.refusals import Refusal
from cases.tracks import Track
from core.errors import N_
from tasks import drafts, episodes, forms
from web.language import say
from web.sheet import Page

pages = Blueprint("permits", __name__, url_prefix="/cases")

# Which term says from when one may work while the answer is awaited.
WORK_TERMS = {"art18": "T14", "art18ter": "T15"}
CONTINUES = "T12"  # its source names art. 5 c. 9-bis: stay and work go on


@dataclass(frozen=True)
class Day:
    """One date of the title: what it is, when, by which law, and whether that has to be verified."""

    what: str
    on: date
    source: str = ""
    is_unsure: bool = False
    is_late: bool = False


@dataclass(frozen=True)
class Title:
    """Where a case stands with its title."""

    tracks: list[Track]
    application: Application | None
    permit: Permit | None
    refusal: Refusal | None
    days: list[Day]
    episode: Episode | None
    others: list[str]


def of(db: Session, code: str) -> Title:
    """Everything the page of a case says of the title; no number is among it."""
    asked = applications.pending(db, code)
    permit, refusal = permits.latest_permit(db, code), refusals.open_(db, code)
    known = {each.term_id: each for each in deadlines.of_case(db, code, only_open=True)}
    days = [*_asked(db, asked, known), *_held(permit, known), *_refused(refusal, known)]
    others = events.others(db, g.actor, code)
    return Title(tracks.history(db, code), asked, permit, refusal, days, events.of_case(db, code), others)


@pages.get("/<code>/episode")
def ask_episode(code: str) -> str:
    """What to write down of an event in which several people were met."""
    case = access.get_case(g.db, g.actor, code)
    access.require(g.actor, "episode.record", case.post)
    form = episodes.form(g.db, translate=say)
    return render_template("permits/episode.html", code=code, sheet=Page(form, drafts.fill(form, None)))


@pages.post("/<code>/episode")
def link_episode(code: str) -> str | Response:
    """Link the case to the event it comes from; nobody's file opens by it."""
    form = episodes.form(g.db, translate=say)
    typed = forms.typed(form, request.form)
    if "_refresh" in request.form:
        return render_template("permits/episode.html", code=code, sheet=Page(form, typed))
    g.again = lambda problem: render_template(
        "permits/episode.html", code=code, sheet=Page(form, typed, problem.errors)
    )
    episodes.link(g.db, g.actor, code, request.form, translate=say)
    return redirect(url_for("cases.show", code=code), 303)


def _asked(db: Session, asked: Application | None, known: dict[str, Deadline]) -> Iterator[Day]:
    if asked is None:
        return
    yield Day(N_("Domanda presentata"), asked.lodged_on, is_late=asked.late)
    if asked.may_work_from:
        first = asked.kind == "primo_rilascio"
        term = terms.on(db, WORK_TERMS.get(asked.permit_kind, CONTINUES) if first else CONTINUES, asked.lodged_on)
        yield Day(N_("Può lavorare dal"), asked.may_work_from, term.source, term.is_unsure)
    if asked.noticed_on:
        yield Day(N_("Preavviso di rigetto: il lavoro in attesa si ferma"), asked.noticed_on)
    if asked.prints_on:
        yield Day(N_("Impronte"), asked.prints_on)
    yield from _by(known, applications.OBSERVATIONS, N_("Osservazioni entro"))
    yield from _by(known, applications.DECISION, N_("La Questura decide entro"))


def _held(permit: Permit | None, known: dict[str, Deadline]) -> Iterator[Day]:
    if permit is None:
        return
    yield Day(N_("Rilasciato"), permit.issued_on)
    if permit.revoked_on:
        yield Day(N_("Revocato"), permit.revoked_on)
        return
    yield Day(N_("Scadenza stampata"), permit.expires_on)
    yield from _by(known, applications.RENEW_BY, N_("Rinnovo o conversione da chiedere entro"))


def _refused(refusal: Refusal | None, known: dict[str, Deadline]) -> Iterator[Day]:
    if refusal is None:
        return
    yield Day(N_("Notifica del provvedimento"), refusal.notified_on)
    yield from _by(known, refusals.APPEAL, N_("Ricorso entro, termine perentorio"))
    if refusal.appealed_on:
        yield Day(N_("Ricorso depositato"), refusal.appealed_on)


def _by(known: dict[str, Deadline], term_id: str, what: str) -> Iterator[Day]:
    if term_id in known:
        found = known[term_id]
        yield Day(what, found.due_on, found.source, found.is_unsure)
