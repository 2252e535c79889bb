"""A call passed on by voice, on the page of its contact: offered, taken, declined, taken back."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from cases import calls as offered
from cases import codes
from cases.calls import CallOffer
from cases.contacts import Contact
from cases.rota import OnCall
from core import clock
from tasks import calls, oncall
from web.language import say

pages = Blueprint("calls", __name__, url_prefix="/contacts")


@dataclass(frozen=True, slots=True)
class Voice:
    """What the page of a contact says of the voice that passes it on."""

    on_call: list[OnCall]
    receivers: list[OnCall]
    waiting: CallOffer | None
    asked: bool
    may_offer: bool
    past: list[CallOffer]
    noes: list[tuple[str, str]]

    @property
    def taken_by(self) -> str:
        """Who said yes to the last offer, if somebody did."""
        last = max(self.past, key=lambda made: made.offered_at, default=None)
        return (last.answered_by or "") if last and last.outcome == "accepted" else ""

    @property
    def is_urgent(self) -> bool:
        """Is it the reader's turn to offer the call, or to answer?"""
        return self.asked or (self.may_offer and not self.taken_by)


def of(contact: Contact) -> Voice | None:
    """The same for one contact; None once somebody has picked it up or it is closed."""
    if contact.status != "open" or contact.is_handed_over:
        return None
    waiting = offered.waiting(g.db, contact.code)
    may_offer = calls.may_offer(g.actor, contact)
    return Voice(
        on_call=oncall.answering(g.db, contact.post, clock.now()),
        receivers=calls.receivers(g.db, g.actor, contact) if may_offer else [],
        waiting=waiting,
        asked=waiting is not None and calls.is_asked(g.actor, waiting),
        may_offer=may_offer,
        past=[made for made in offered.of_contact(g.db, contact.code) if made.outcome is not None],
        noes=[(code, say(words)) for code, words in codes.CALL_NOES],
    )


@pages.post("/<code>/offer")
def offer(code: str) -> Response:
    """Offer it to a colleague on call, or to the desk."""
    calls.offer(g.db, g.actor, code, request.form.get("to", ""), _within())
    return _back(code, "call_offered")


@pages.post("/<code>/offers/<offer_id>")
def answer(code: str, offer_id: str) -> Response:
    """Yes, or no and why."""
    outcome = request.form.get("answer", "")
    calls.answer(g.db, g.actor, code, offer_id, outcome, request.form.get("why", ""), _within())
    return _back(code, f"call_{outcome}")


@pages.post("/<code>/offers/<offer_id>/withdraw")
def withdraw(code: str, offer_id: str) -> Response:
    """Never mind."""
    calls.withdraw(g.db, g.actor, code, offer_id)
    return _back(code, "call_withdrawn")


def _within() -> timedelta:
    return timedelta(minutes=current_app.config["APPRODO"].call_answer_minutes)


def _back(code: str, done: str) -> Response:
    return redirect(url_for("contacts.show", code=code, done=done, _anchor="voice"), 303)
