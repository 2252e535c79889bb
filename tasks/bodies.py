"""The bodies of the directory, as people search and write them; coordinators write, everybody who works reads."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from cases import access, bodies, codes
from cases.access import Actor
from cases.bodies import Body
from cases.territory import PROVINCES
from core import clock
from core.errors import N_, InvalidForm
from tasks import directory, drafts
from tasks.fields import Translate
from tasks.forms import Submitted, Typed

FORM = "body"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty means everything. `stale`: only what nobody has checked for long."""

    words: str = ""
    kind: str = ""
    province: str = ""
    stale: bool = False


def search(db: Session, actor: Actor, wanted: Wanted, months: int) -> list[Body]:
    """The bodies that are there today or will be, the newest version of each, by name."""
    access.require(actor, "directory.read")
    kind = wanted.kind if wanted.kind in codes.codes_of(codes.DIRECTORY_KINDS) else ""
    province = wanted.province if wanted.province in dict(PROVINCES) else ""
    today = clock.today()
    found = bodies.search(db, words=wanted.words[:200], kind=kind, province=province)
    there = [body for body in found if body.valid_to is None or body.valid_to >= today]
    return [body for body in there if not wanted.stale or body.is_stale(today, months)]


def values(db: Session, actor: Actor, code: str) -> Typed:
    """What the directory says of a body, to be changed; an empty code begins a new one, valid from today."""
    access.require(actor, "directory.change")
    found: dict[str, Any] = {"valid_from": clock.today().isoformat()}
    if code:
        body = bodies.get(db, code)
        found = {name: directory.typed(getattr(body, name)) for name in bodies.FACTS}
    return drafts.fill(directory.form(db, FORM), found)


def write(db: Session, actor: Actor, code: str, submitted: Submitted, *, translate: Translate = str) -> Body:
    """Add a body (empty code) or write a new version of it. Raises InvalidForm with sentences by field."""
    access.require(actor, "directory.change")
    found = directory.answers(db, FORM, submitted, translate)
    return bodies.write(db, code or None, found, by=actor.user_id)


def verify(db: Session, actor: Actor, code: str, source: str) -> Body:
    """It was asked today and is as written; who, when and by what is kept as a new version."""
    access.require(actor, "directory.change")
    if not source.strip():
        raise InvalidForm({"source": [N_("Scrivi come l'hai controllato.")]})
    return bodies.verify(db, code, source[:300], by=actor.user_id)


def is_stale(body: Body, months: int, on: date | None = None) -> bool:
    """Has nobody checked this version for so many months?"""
    return body.is_stale(on or clock.today(), months)
