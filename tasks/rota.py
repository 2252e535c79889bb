"""The rota as people write it: shifts in hours of Rome, whole weeks copied, swaps of colleagues.

Who keeps it: the coordinators of the post and of the office, the supervision. Who works reads the posts they work in;
the helpline reads all, because it has to know who answers tonight.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlalchemy.orm import Session

from cases import access, posts, rota
from cases.access import Actor
from cases.actions import CENTRAL
from cases.posts import Post
from cases.rota import OnCall, ShiftSwap
from core import clock, users
from core.clock import ROME
from core.errors import N_, InvalidForm, NotYours
from core.ids import new_id
from core.users import User
from notifications import notices
from tasks import oncall
from tasks.week import WEEK, Span, day_of, later, midnight, monday, shift_span

MOST_DAYS = 31
HOUR = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
FIELDS = {"from_at": "day", "to_at": "to_time", "user": "user"}


@dataclass(frozen=True, slots=True)
class Typed:
    """A shift as it was written: who, from which hour of a day, to which hour of that day or of the next."""

    user: str
    day: str
    from_time: str
    to_time: str
    days: str = "1"


@dataclass(frozen=True, slots=True)
class Asked:
    """A swap that waits: the shift, the one offered in return, and whether the reader is the one who is asked."""

    swap: ShiftSwap
    shift: OnCall
    in_return: OnCall | None
    to_me: bool


# Who may


def keeps(actor: Actor, post: str) -> bool:
    """May this person write the rota of a post?"""
    here = any(role in oncall.KEEPERS and where == post for role, where in actor.roles)
    return here or ("coordinator", None) in actor.roles


def readable(db: Session, actor: Actor) -> list[Post]:
    """The posts whose rota this person may read: their own first, then (helpline, office) all others by name."""
    access.require(actor, "rota.read")
    own = {post for _, post in actor.roles if post is not None}
    everywhere = bool(actor.posts(*CENTRAL)) or any(post is None for _, post in actor.roles)
    known = posts.list_(db, clock.today())
    found = [post for post in known if post.code in own or (everywhere and post.kind != "shelter")]
    if not found:
        raise NotYours
    return sorted(found, key=lambda post: (post.code not in own, post.kind != "central", post.name))


def people(db: Session, post: str) -> list[User]:
    """Who may be on call for a post: everybody who works there."""
    return users.members(db, [post])


# Writing


def enter(db: Session, actor: Actor, post: str, typed: Typed) -> list[OnCall]:
    """Put somebody on call, on one day or the same hours of several days in a row; who it is, is told."""
    _require_keeper(actor, post)
    first, hours = _read(db, post, typed)
    many = int(typed.days) if typed.days.isascii() and typed.days.isdigit() and len(typed.days) < 4 else 0
    if not 1 <= many <= MOST_DAYS:
        raise InvalidForm({"days": [N_("Scrivi un numero di giorni da 1 a 31.")]})
    spans = [shift_span(first + timedelta(days=n), *hours) for n in range(many)]
    try:
        made = [rota.enter(db, post, typed.user, span.from_at, span.to_at, by=actor.user_id) for span in spans]
    except InvalidForm as refusal:
        raise _beside(refusal) from refusal
    _tell(db, {typed.user}, "rota_changed", by=actor.user_id)
    return made


def change(db: Session, actor: Actor, shift_id: str, typed: Typed) -> OnCall:
    """Give a shift other hours or another person; both persons are told."""
    shift = _kept(db, actor, shift_id)
    day, hours = _read(db, shift.post, typed)
    span, before = shift_span(day, *hours), shift.user_id
    try:
        rota.change(db, shift_id, typed.user, span.from_at, span.to_at, by=actor.user_id)
    except InvalidForm as refusal:
        raise _beside(refusal) from refusal
    _tell(db, {before, typed.user}, "rota_changed", by=actor.user_id)
    return shift


def end(db: Session, actor: Actor, shift_id: str) -> OnCall:
    """End a shift now, or take it out if it has not begun; who was to be on call is told."""
    shift = _kept(db, actor, shift_id)
    rota.end(db, shift_id, by=actor.user_id)
    _tell(db, {shift.user_id}, "rota_changed", by=actor.user_id)
    return shift


def copy(db: Session, actor: Actor, post: str, day: date) -> list[OnCall]:
    """The shifts that begin in the week of a day, a week later at the same hours of the clock. What is there stays, and
    who works here no more is left out; everybody concerned is told once."""
    _require_keeper(actor, post)
    first, able = monday(day), {user.id for user in people(db, post)}
    made = []
    for shift in rota.between(db, post, midnight(first), midnight(first + WEEK)):
        if shift.user_id in able and day_of(shift.from_at) >= first:
            span = Span(later(shift.from_at), later(shift.to_at))
            try:
                made.append(rota.enter(db, post, shift.user_id, span.from_at, span.to_at, by=actor.user_id))
            except InvalidForm:
                continue  # on call in those hours already
    _tell(db, {shift.user_id for shift in made}, "rota_changed", by=actor.user_id)
    return made


def typed_of(shift: OnCall) -> Typed:
    """A shift as it would have been written."""
    first, last = shift.from_at.astimezone(ROME), shift.to_at.astimezone(ROME)
    return Typed(shift.user_id, first.date().isoformat(), f"{first:%H:%M}", f"{last:%H:%M}")


def get(db: Session, actor: Actor, shift_id: str) -> OnCall:
    """A shift, for who keeps its rota."""
    return _kept(db, actor, shift_id)


# One's own


def mine(db: Session, actor: Actor) -> list[OnCall]:
    """This person's shifts from now on."""
    access.require(actor, "rota.read")
    return rota.of_user(db, actor.user_id, clock.now())


def own(db: Session, actor: Actor, shift_id: str) -> OnCall:
    """One of this person's shifts."""
    shift = rota.get(db, shift_id)
    if shift.user_id != actor.user_id:
        raise NotYours
    return shift


def colleagues(db: Session, actor: Actor, shift: OnCall) -> list[User]:
    """Whom this person may ask to take a shift."""
    return [user for user in people(db, shift.post) if user.id != actor.user_id]


def theirs(db: Session, shift: OnCall, user_ids: Iterable[str]) -> list[OnCall]:
    """The coming shifts of these colleagues in the same post, which they may give in return."""
    found = [each for user_id in user_ids for each in rota.of_user(db, user_id, clock.now())]
    return sorted((each for each in found if each.post == shift.post), key=lambda each: (each.from_at, each.id))


def asked(db: Session, actor: Actor) -> list[Asked]:
    """The swaps that wait for this person, or for a colleague whom this person asked."""
    return [
        Asked(swap, rota.get(db, swap.shift), _shift(db, swap.in_return), swap.asked_of == actor.user_id)
        for swap in rota.open_swaps(db, actor.user_id)
    ]


def ask_swap(db: Session, actor: Actor, shift_id: str, asked_of: str, in_return: str) -> ShiftSwap:
    """Ask a colleague to take a shift, who is told."""
    shift = own(db, actor, shift_id)
    if asked_of not in {user.id for user in colleagues(db, actor, shift)}:
        raise InvalidForm({"asked_of": [N_("Scegli una persona che lavora nella stessa postazione.")]})
    if in_return and in_return not in {each.id for each in theirs(db, shift, [asked_of])}:
        raise InvalidForm({"in_return": [N_("Scegli un turno di questa persona.")]})
    swap = rota.ask_swap(db, shift_id, asked_of, in_return or None, by=actor.user_id)
    _tell(db, {asked_of}, "swap_asked", by=actor.user_id)
    return swap


def answer_swap(db: Session, actor: Actor, swap_id: str, outcome: str) -> ShiftSwap:
    """Answer a colleague, or take back what one asked. After a yes those who keep the rota are told too."""
    swap = rota.answer_swap(db, swap_id, outcome, by=actor.user_id)
    _tell(db, {swap.asked_by}, "swap_answered", by=actor.user_id)
    if outcome == "accepted":
        keepers = {user.id for user in oncall.keepers(db, rota.get(db, swap.shift).post)}
        _tell(db, keepers - {swap.asked_by, swap.asked_of}, "swap_done", by=actor.user_id)
    return swap


# What was written


def _read(db: Session, post: str, typed: Typed) -> tuple[date, tuple[time, time]]:
    """The day and the hours that were written. Raises InvalidForm with the sentences of each field."""
    wrong: dict[str, list[str]] = {}
    if typed.user not in {user.id for user in people(db, post)}:
        wrong["user"] = [N_("Scegli una persona che lavora in questa postazione.")]
    day = _date(typed.day)
    if day is None:
        wrong["day"] = [N_("Scrivi un giorno.")]
    found = {name: _hour(getattr(typed, name)) for name in ("from_time", "to_time")}
    wrong |= {name: [N_("Scrivi un'ora, per esempio 22:00.")] for name, at in found.items() if at is None}
    start, stop = found["from_time"], found["to_time"]
    if wrong or day is None or start is None or stop is None:
        raise InvalidForm(wrong)
    return day, (start, stop)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _hour(text: str) -> time | None:
    found = HOUR.fullmatch(text.strip())
    return time(int(found[1]), int(found[2])) if found else None


# Small


def _require_keeper(actor: Actor, post: str) -> None:
    if not keeps(actor, post):
        raise NotYours


def _kept(db: Session, actor: Actor, shift_id: str) -> OnCall:
    shift = rota.get(db, shift_id)
    _require_keeper(actor, shift.post)
    return shift


def _shift(db: Session, shift_id: str | None) -> OnCall | None:
    return db.get(OnCall, shift_id) if shift_id else None


def _beside(refusal: InvalidForm) -> InvalidForm:
    return InvalidForm({FIELDS.get(name, name): words for name, words in refusal.errors.items()})


def _tell(db: Session, concerned: Iterable[str], kind: str, *, by: str) -> None:
    for user_id in sorted(set(concerned) - {by}):
        notices.tell(db, f"{kind}-{new_id()}", user_id, kind, by=by)
