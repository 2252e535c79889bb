"""A call passed on by voice: whoever took it offers it to the colleague on call or to the desk, who says yes or no.

Until somebody says yes it stays with who took it. A no, or no answer in time, goes to the next colleague on call; when
there is none, the keepers of the rota and the supervision of the helpline are told.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import access, calls, contacts
from cases.access import Actor
from cases.actions import MAY
from cases.calls import CallOffer
from cases.contacts import Contact
from cases.rota import OnCall
from core import clock, users
from core.errors import N_, InvalidForm, NotYours
from core.ids import new_id
from core.users import User
from engine import handing
from engine.tables import UserTask
from notifications import notices
from tasks import assignment, oncall

DESK = MAY["contact.pick_up"]
ANSWERS = ("accepted", "declined")
OFFERED = "call_offered"  # the notice to whoever is asked


def may_offer(actor: Actor, contact: Contact) -> bool:
    """Whoever took a call that nobody has picked up yet, and the supervision of the helpline."""
    took = contact.operator == actor.user_id or actor.has("nv_supervisor", contact.origin)
    return took and not _is_over(contact)


def is_asked(actor: Actor, made: CallOffer) -> bool:
    """Is this offer for the actor, by name or as one of the desk?"""
    if made.to_user is not None:
        return made.to_user == actor.user_id
    return made.post in actor.posts(*DESK) and made.from_user != actor.user_id


def receivers(db: Session, actor: Actor, contact: Contact) -> list[OnCall]:
    """The colleagues on call now to whom the call may be offered, the longest to go first."""
    return [shift for shift in oncall.answering(db, contact.post, clock.now()) if shift.user_id != actor.user_id]


def offer(db: Session, actor: Actor, code: str, to: str, within: timedelta) -> CallOffer:
    """Offer a call to a colleague on call (an id), or to the whole desk (empty)."""
    contact = access.get_contact(db, actor, code)
    if not may_offer(actor, contact):
        raise NotYours
    if to and to not in {shift.user_id for shift in receivers(db, actor, contact)}:
        raise InvalidForm({"to": [N_("Questa persona non è più di turno: scegli di nuovo.")]})
    made = calls.offer(db, code, actor.user_id, to or None, within, by=actor.user_id)
    _tell(db, [to] if to else _desk(db, contact.post), OFFERED, by=actor.user_id)
    return made


def answer(db: Session, actor: Actor, code: str, offer_id: str, outcome: str, why: str, within: timedelta) -> CallOffer:
    """Say yes or no to a call that is offered; a yes makes its task one's own, a no lets the next one be asked."""
    made = _of(db, actor, code, offer_id)
    if outcome not in ANSWERS or not is_asked(actor, made):
        raise NotYours
    made = calls.answer(db, offer_id, outcome, why, by=actor.user_id)
    if outcome == "accepted":
        _take(db, made, by=actor.user_id)
        _tell(db, [made.from_user], "call_accepted", by=actor.user_id)
    else:
        _go_on(db, made, within, by=actor.user_id)
    return made


def withdraw(db: Session, actor: Actor, code: str, offer_id: str) -> CallOffer:
    """Take an offer back: whoever took the call goes on with it, or offers it to somebody else."""
    _of(db, actor, code, offer_id)
    if not may_offer(actor, contacts.get(db, code)):
        raise NotYours
    return calls.answer(db, offer_id, calls.WITHDRAWN, by=actor.user_id)


def pass_on(db: Session, now: datetime, within: timedelta) -> int:
    """Ask the next one for every call that was not answered in time; how many there were."""
    late = calls.late(db, now)
    for made in late:
        over = _is_over(contacts.get(db, made.contact_code))
        calls.answer(db, made.id, calls.WITHDRAWN if over else calls.UNANSWERED, by="clock")
        _go_on(db, made, within, by="clock")
    return len(late)


def offered_to(db: Session, actor: Actor) -> list[CallOffer]:
    """The calls that wait for this person's answer."""
    found = calls.offered_to(db, actor.user_id, actor.posts(*DESK))
    return [made for made in found if is_asked(actor, made)]


def _is_over(contact: Contact) -> bool:
    return contact.status != "open" or contact.is_handed_over


def _of(db: Session, actor: Actor, code: str, offer_id: str) -> CallOffer:
    access.get_contact(db, actor, code)
    made = db.get(CallOffer, offer_id)
    if made is None or made.contact_code != code:
        raise NotYours
    return made


def _take(db: Session, made: CallOffer, *, by: str) -> None:
    """The task of the desk becomes who said yes's; who had it is told."""
    held = select(UserTask.id, UserTask.assignee).where(UserTask.business_key == made.contact_code)
    before = dict(db.execute(held).all())
    for task in handing.give_waiting(db, made.contact_code, oncall.FACT, by):
        if before[task.id] not in (None, by):
            assignment.tell(db, task, before[task.id], "task_taken", by=by)


def _go_on(db: Session, made: CallOffer, within: timedelta, *, by: str) -> None:
    """Ask the next colleague on call not asked yet; tell who offered it, and if there is none those in charge."""
    contact = contacts.lock(db, made.contact_code)
    if _is_over(contact):
        return
    asked = {each.to_user for each in calls.of_contact(db, made.contact_code)}
    _tell(db, [made.from_user], "call_refused", by=by)
    shifts = oncall.answering(db, made.post, clock.now())
    following = next((each.user_id for each in shifts if each.user_id not in {*asked, made.from_user}), None)
    if following is not None:
        calls.offer(db, made.contact_code, made.from_user, following, within, by=by)
        _tell(db, [following], OFFERED, by=by)
        return
    concerned = [*oncall.keepers(db, made.post), *users.holders(db, "nv_supervisor", contact.origin)]
    _tell(db, [user.id for user in concerned], "call_left", by=by)


def _desk(db: Session, post: str) -> list[str]:
    found: list[User] = [user for role in sorted(DESK) for user in users.holders(db, role, post)]
    return [user.id for user in found]


def _tell(db: Session, concerned: Iterable[str], kind: str, *, by: str) -> None:
    for user_id in sorted(set(concerned) - {by}):
        notices.tell(db, f"{kind}-{new_id()}", user_id, kind, by=by)
