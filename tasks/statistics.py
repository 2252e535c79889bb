"""Statistics as people ask for them: who may have which figures, on a page, on paper, in a file; each is written down.

Who coordinates a post has its figures, never those of all posts together, and who looks at the whole never those of one
post: the two of them side by side would tell small numbers.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import access, lines, periods, posts, receipts, sheets, statistics, victims
from cases.access import Actor
from cases.casefile import Case
from cases.contacts import Contact
from cases.periods import Period
from cases.receipts import Export, Receipt
from core import log
from core.errors import N_, InvalidForm, NotYours
from core.vault import VaultKey
from tasks import figures
from tasks.figures import Block

CSV, JSON = "csv", "json"
FORMATS = (CSV, JSON)
POST_ROLES = ("supervisor", "nv_supervisor")
WHOLE_ROLES = ("coordinator", "auditor", "steering")
VIEWED, PRINTED = "statistics.viewed", "statistics.printed"
LINES = "lines"


@dataclass(frozen=True)
class Asked:
    """Which figures: the table, the periods, the post (None: all together)."""

    table: str
    periods: tuple[Period, ...]
    post: str | None
    first: str
    last: str


@dataclass(frozen=True)
class Figures:
    """The answer: its tables, and the hash of what they say."""

    asked: Asked
    blocks: tuple[Block, ...]
    sha256: str


def sees_whole(actor: Actor) -> bool:
    """May the actor have the figures of all posts together?"""
    return any(actor.has(role) for role in WHOLE_ROLES)


def posts_of(actor: Actor) -> frozenset[str]:
    """The posts whose figures the actor may have."""
    return actor.posts(*POST_ROLES)


def asked(table: str, first: str, last: str, post: str | None) -> Asked:
    """What was typed, checked: InvalidForm by field; a table that there is not is not there."""
    if table not in statistics.UNITS:
        raise NotYours
    found = periods.between(statistics.UNITS[table], first, last)
    return Asked(table, tuple(found), post or None, first, last)


def require(actor: Actor, wanted: Asked) -> None:
    """Refuse like a missing page whoever may not have these figures."""
    access.require(actor, "statistics.read")
    if not (sees_whole(actor) if wanted.post is None else wanted.post in posts_of(actor)):
        raise NotYours


def count(db: Session, wanted: Asked) -> Figures:
    """Count. Whoever calls has asked `require`, and says what the figures were for with `note` or `export`."""
    if wanted.post is not None:
        posts.get(db, wanted.post)
    trees = statistics.tables(db, wanted.table, wanted.periods, wanted.post)
    if wanted.table == "pathway":
        named = {tree.name: tree for tree in trees}
        trees = [named[row["measure"]] for row in figures.columns(wanted.periods[0].since)]
    found = figures.blocks(trees, len(wanted.periods))
    return Figures(wanted, tuple(found), figures.digest(figures.rows(found, wanted.periods)))


def note(db: Session, found: Figures, verb: str, *, by: str) -> Figures:
    """Write down that these figures were looked at or printed."""
    wanted = found.asked
    log.append(
        db, verb, receipts.STREAM, by=by, table=wanted.table, post=wanted.post, first=wanted.first, last=wanted.last,
        sha256=found.sha256,
    )  # fmt: skip
    return found


def export(db: Session, found: Figures, format_: str, *, by: str) -> tuple[bytes, Export]:
    """The figures as a file, kept by its hash."""
    if format_ not in FORMATS:
        raise InvalidForm({"format": [N_("Scegli il formato del file.")]})
    wanted = found.asked
    told = figures.rows(found.blocks, wanted.periods)
    data = figures.as_csv(told) if format_ == CSV else figures.as_json(wanted.table, told, wanted.periods, wanted.post)
    made = Export(subject=wanted.table, format=format_, post=wanted.post, first=wanted.first, last=wanted.last)
    made.mapping, made.sha256 = str(figures.mapping()["version"]), hashlib.sha256(data).hexdigest()
    return data, receipts.keep(db, made, by=by)


def export_lines(db: Session, actor: Actor, receiver: str) -> tuple[bytes, Export]:
    """The pseudonymous lines that this receiver may have today, as a file."""
    access.require(actor, "statistics.lines")
    found = lines.of_receiver(db, receiver)
    data = figures.write_csv(lines.FIELDS, [list(line.values()) for line in found])
    made = Export(subject=LINES, format=CSV, mapping=lines.STANDARD, sha256=hashlib.sha256(data).hexdigest())
    return data, receipts.keep(db, made, by=actor.user_id)


def exports(db: Session, actor: Actor) -> list[Export]:
    """The files that the actor may know of, the newest first."""
    access.require(actor, "statistics.read")
    return receipts.list_(db, posts_of(actor), of_all=sees_whole(actor))


def get_export(db: Session, actor: Actor, export_id: str) -> Export:
    """One of them."""
    access.require(actor, "statistics.read")
    found = receipts.get(db, export_id)
    if not (sees_whole(actor) if found.post is None else found.post in posts_of(actor)):
        raise NotYours
    return found


def record_receipt(db: Session, actor: Actor, export_id: str, typed: Sequence[str]) -> Receipt:
    """Write down what the receiver answered; `typed`: receiver, number, day. InvalidForm by field."""
    access.require(actor, "receipt.record")
    found = get_export(db, actor, export_id)
    receiver, number, day = typed
    return receipts.record(db, found.id, receiver, number, periods.day("received_on", day), by=actor.user_id)


def rebuild(db: Session) -> int:
    """Make the fingerprints of the forms of exploitation anew from what is sealed; how many cases carry one.

    Those of sex and citizenship are made anew with the fingerprints of the search (`search.rebuild`).
    """
    gone = set(db.scalars(select(VaultKey.scope).where(VaultKey.destroyed_at.is_not(None))))
    done = 0
    for code in db.scalars(select(Case.code).order_by(Case.code)).all():
        scope = f"case:{code}"
        told = [] if scope in gone else _forms(db, code)
        victims.know_forms(db, code, told)
        done += bool(told)
    return done


def _forms(db: Session, code: str) -> list[str]:
    """The forms of exploitation as they were decided, else as the contact knew them."""
    sheet = sheets.latest(db, code, "decision")
    if sheet is not None:
        answers = sheets.answers(sheet, sheets.unseal(db, [sheet], {"P3"})[sheet.id])
        if answers.get("forms_of_exploitation"):
            return list(answers["forms_of_exploitation"])
    contact = db.scalar(select(Contact).where(Contact.case_code == code).order_by(Contact.at).limit(1))
    return list(contact.forms_of_exploitation) if contact else []
