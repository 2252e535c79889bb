"""The mailbox of one reader: it takes letters again, or it is another one; what did not arrive goes there."""

from sqlalchemy.orm import Session

from cases.access import Actor
from core import clock, users
from core.errors import NotYours
from core.users import User
from notifications import bounces, notices, outbox
from tasks.news import DIGEST, GIVEN, LATE, NEWS, digest_key

ONE_FOR_ALL = (GIVEN, LATE, NEWS)  # a letter of these kinds says how many events there are


def trust(db: Session, actor: Actor) -> User:
    """One's own address works again: write to it from now on."""
    return reopen(db, _myself(db, actor), by=actor.user_id)


def move(db: Session, actor: Actor, address: str) -> User:
    """One's letters go to another address from now on; InvalidForm where it is none."""
    return reopen(db, users.set_mail(db, _myself(db, actor), address, by=actor.user_id), by=actor.user_id)


def reopen(db: Session, user: User, *, by: str) -> User:
    """Her mailbox takes letters: what did not arrive says what is still true, one letter of each kind for all its
    events. A digest of a day that is over does not come again: the next one counts anew.
    """
    bounces.unflag(db, user.id, by=by)
    kept: dict[str, str] = {}
    for message in outbox.not_arrived(db, user.id):
        if message.kind in kept:
            notices.hand_on(db, message.key, kept[message.kind])
        if message.kind in kept or (message.kind == DIGEST and message.key != digest_key(user.id, clock.today())):
            outbox.supersede(db, message.key, by=by)
            continue
        outbox.again(db, message.key, by=by)
        if message.kind in ONE_FOR_ALL:
            kept[message.kind] = message.key
    return user


def _myself(db: Session, actor: Actor) -> User:
    user = users.by_id(db, actor.user_id)
    if user is None:
        raise NotYours
    return user
