"""What others are told of a review: a finding, a case that was opened, a file to grant."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from cases import access, casefile, handouts, reviews
from cases.access import Actor
from cases.handouts import Handout
from cases.reviews import Opening, Remark
from core import users
from core.errors import NotYours
from engine import history
from engine.tables import Instance
from notifications import notices
from tasks import exports


def remark(db: Session, actor: Actor, code: str, given: Mapping[str, str]) -> Remark:
    """Write a note or a finding; its owner is told."""
    made = reviews.remark(db, actor, code, given)
    if made.owner:
        notices.tell(db, f"finding-{made.id}", made.owner, "finding", by=actor.user_id)
    return made


def open_(db: Session, actor: Actor, code: str, words: str) -> Opening:
    """Open the words of a case; the supervision of its post and the coordinators are told at once."""
    made = reviews.open_(db, actor, code, words)
    told = [*users.holders(db, "supervisor", casefile.get(db, code).post), *users.holders(db, "coordinator")]
    for user in dict.fromkeys(told):
        notices.tell(db, f"opening-{made.id}-{user.id}", user.id, "audit_opened", by=actor.user_id)
    return made


def ask(db: Session, actor: Actor, kind: str, codes: Sequence[str], words: str) -> Handout:
    """Ask for a file; who may agree is told."""
    made = handouts.ask(db, actor, kind, codes, words)
    for user in dict.fromkeys([*users.holders(db, "auditor"), *users.holders(db, "coordinator")]):
        if user.id != actor.user_id:
            notices.tell(db, f"handout-{made.id}-{user.id}", user.id, "handout_asked", by=actor.user_id)
    return made


def decide(db: Session, actor: Actor, handout_id: str, *, yes: bool) -> Handout:
    """Agree or not; the asker is told."""
    made = handouts.decide(db, actor, handout_id, yes=yes)
    kind = "handout_granted" if yes else "handout_refused"
    notices.tell(db, f"handout-{made.id}-answer", made.asked_by, kind, by=actor.user_id)
    return made


def fetch(db: Session, actor: Actor, handout_id: str) -> tuple[Handout, bytes]:
    """The file that was granted, made now; the taking is written down."""
    row = handouts.ready(db, actor, handout_id)
    content, sha256 = exports.archive(db, row.kind, row.cases, actor.user_id)
    return handouts.taken(db, row, sha256, by=actor.user_id), content


def pathway(db: Session, actor: Actor, instance_id: str) -> Instance:
    """A pathway for the auditor, who need not reach its case; the look is written down."""
    access.require(actor, "audit.read")
    instance = history.instance(db, instance_id)
    if not instance.stream.startswith("case:"):
        raise NotYours
    reviews.look(db, actor, instance.business_key)
    return instance
