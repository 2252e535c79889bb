"""Outings (uscite): who goes out from where to where and with what, whom the unit met, what it gave.

An outing knows zones, never addresses, and contacts by their codes alone. It is planned or begun on the spot, stays
open until its crew has put it in order (the next morning is soon enough), and ends with a summary by zone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import codes, posts
from cases.access import Actor
from cases.actions import MAY
from cases.codes.agenda import MATERIALS
from cases.contacts import Contact
from cases.territory import check_province
from core import clock, log, vault
from core.db import Base
from core.errors import N_, InvalidForm, NotYours, WrongOrder
from core.ids import new_code

PREFIX = "US"
CREW = MAY["outing.record"]
LONGEST = timedelta(hours=24)
LONGEST_ZONE, MOST_ZONES, MOST = 80, 20, 10_000
# A street and a house number: a zone is coarser than that.
ADDRESS = re.compile(r"\b(via|viale|v\.le|piazza|piazzale|corso|vicolo|largo|strada)\b.*\d", re.IGNORECASE)
VEHICLE = re.compile(r"[A-Za-z0-9 ./-]{0,20}")
STAFF = re.compile(r"[A-Za-z0-9_-]{0,40}")


class Outing(Base):
    """One night (or day) out of one post. `crew` are user ids, `mediator` a code, `materials` how many of each."""

    __tablename__ = "outing"
    __table_args__ = (Index("ix_outing_post_from_at", "post", "from_at"),)
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    post: Mapped[str] = mapped_column(ForeignKey("post.code"))
    status: Mapped[str] = mapped_column(Text)
    from_at: Mapped[datetime]
    to_at: Mapped[datetime | None]
    crew: Mapped[list[str]]
    province: Mapped[str | None] = mapped_column(Text)
    mediator: Mapped[str | None] = mapped_column(Text)
    vehicle: Mapped[str | None] = mapped_column(Text)
    materials: Mapped[dict[str, Any]]
    opened_by: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}

    @property
    def is_overdue(self) -> bool:
        """It has been going on for longer than a night: somebody forgot to close it."""
        return self.status == "running" and self.from_at + LONGEST < clock.now()


class OutingZone(Base):
    """One zone of an outing, its name sealed; `present` are those who were there and were not spoken to."""

    __tablename__ = "outing_zone"
    outing_code: Mapped[str] = mapped_column(ForeignKey("outing.code"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    present: Mapped[int | None]
    sealed: Mapped[bytes]


class OutingContact(Base):
    """One contact of an outing. `once` is the token of the form that recorded it: sent twice, it is recorded once."""

    __tablename__ = "outing_contact"
    __table_args__ = (UniqueConstraint("once"),)
    contact_code: Mapped[str] = mapped_column(ForeignKey("contact.code"), primary_key=True)
    outing_code: Mapped[str] = mapped_column(ForeignKey("outing.code"), index=True)
    zone: Mapped[int]
    once: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone as people read it."""

    number: int
    name: str
    present: int | None


@dataclass(frozen=True, slots=True)
class Count:
    """One line of the summary: a zone, who was there without speaking, contacts, of these never met before."""

    zone: str
    present: int
    contacts: int
    new: int

    @property
    def again(self) -> int:
        """Contacts with somebody met before."""
        return self.contacts - self.new


def scope_of(code: str) -> str:
    """The vault scope and the log stream of an outing."""
    return f"outing:{code}"


def open_(db: Session, post: str, facts: Mapping[str, Any], *, begin: bool, by: str) -> Outing:
    """Plan an outing, or begin it now. `facts`: from_at, to_at, crew, province, mediator, vehicle, zones (names).

    Raises InvalidForm with a sentence for each wrong field.
    """
    posts.get_valid(db, post)
    zones = check_zones(facts.get("zones") or [])
    outing = Outing(code=_free_code(db), post=post, status="running" if begin else "planned", materials={})
    outing.opened_by = by
    _set(outing, facts)
    db.add(outing)
    db.flush()
    _add_zones(db, outing.code, zones, start=1)
    log.append(db, "outing.opened", scope_of(outing.code), by=by, post=post, status=outing.status, zones=len(zones))
    return outing


def begin(db: Session, code: str, *, by: str) -> Outing:
    """The unit leaves: from now on contacts are recorded."""
    outing = lock(db, code)
    if outing.status != "planned":
        raise WrongOrder(N_("Questa uscita è già cominciata."))
    outing.status, outing.from_at = "running", clock.now().replace(second=0, microsecond=0)
    log.append(db, "outing.begun", scope_of(code), by=by)
    return outing


def amend(db: Session, code: str, facts: Mapping[str, Any], *, by: str) -> Outing:
    """Correct who goes, when and with what; zones are added, never taken away: contacts stand in them."""
    outing = _lock_open(db, code)
    known = zones(db, code)
    added = [name for name in check_zones(facts.get("zones") or []) if name not in {zone.name for zone in known}]
    if len(known) + len(added) > MOST_ZONES:
        raise InvalidForm({"zones": [N_("Al massimo venti zone.")]})
    _set(outing, facts)
    _add_zones(db, code, added, start=len(known) + 1)
    log.append(db, "outing.amended", scope_of(code), by=by, zones=len(added))
    return outing


def count(db: Session, code: str, present: Mapping[int, int | None], *, by: str) -> Outing:
    """How many were in each zone without a contact; null is "not counted"."""
    outing = _lock_open(db, code)
    wrong = {f"present-{number}": [N_("Scrivi un numero intero.")]
             for number, found in present.items() if found is not None and not 0 <= found <= MOST}  # fmt: skip
    if wrong:
        raise InvalidForm(wrong)
    for row in _zones(db, code):
        if row.number in present:
            row.present = present[row.number]
    log.append(db, "outing.counted", scope_of(code), by=by, zones=len(present))
    return outing


def close(db: Session, code: str, to_at: datetime, materials: Mapping[str, int], *, by: str) -> Outing:
    """Put the outing in order: when it ended, what was given. Afterwards nothing of it changes."""
    outing = _lock_open(db, code)
    if outing.status != "running":
        raise WrongOrder(N_("Questa uscita non è ancora cominciata."))
    codes.check_all("materials", MATERIALS, materials)
    wrong = {f"material-{name}": [N_("Scrivi un numero intero.")]
             for name, found in materials.items() if not 0 <= found <= MOST}  # fmt: skip
    if not outing.from_at <= to_at <= min(clock.now() + timedelta(minutes=5), outing.from_at + LONGEST):
        wrong["to_at"] = [N_("La fine sta tra l'inizio dell'uscita e adesso, entro ventiquattro ore dall'inizio.")]
    if wrong:
        raise InvalidForm(wrong)
    outing.status, outing.to_at = "closed", to_at
    outing.materials = {name: found for name, found in materials.items() if found}
    met = len(list(db.scalars(select(OutingContact.contact_code).where(OutingContact.outing_code == code))))
    log.append(db, "outing.closed", scope_of(code), by=by, contacts=met, materials=dict(outing.materials))
    return outing


def attach(db: Session, code: str, contact: str, zone: int, once: str, *, by: str) -> OutingContact:
    """Count a recorded contact among those of this outing, in one of its zones."""
    _lock_running(db, code)
    if db.get(OutingZone, (code, zone)) is None:
        raise InvalidForm({"zone_number": [N_("Scegli la zona.")]})
    row = OutingContact(contact_code=contact, outing_code=code, zone=zone, once=once)
    db.add(row)
    db.flush()
    log.append(db, "outing.met", scope_of(code), by=by, contact=contact, zone=zone)
    return row


def recorded(db: Session, code: str, once: str) -> str | None:
    """The code of the contact that this form has recorded already, if it has; the outing is locked until commit."""
    _lock_running(db, code)
    mine = OutingContact.once == once, OutingContact.outing_code == code
    return db.scalar(select(OutingContact.contact_code).where(*mine))


def get(db: Session, actor: Actor, code: str) -> Outing:
    """The outing, for the street workers and supervisors of its post; unknown and foreign codes are refused alike."""
    outing = db.scalar(select(Outing).where(Outing.code == code, Outing.post.in_(actor.posts(*CREW))))
    if outing is None:
        raise NotYours
    return outing


def list_(db: Session, actor: Actor, *, limit: int = 60) -> list[Outing]:
    """The outings of the actor's posts: those under way first, then the youngest."""
    query = select(Outing).where(Outing.post.in_(actor.posts(*CREW)))
    found = db.scalars(query.order_by(Outing.from_at.desc(), Outing.code).limit(limit))
    order = {"running": 0, "planned": 1, "closed": 2}
    return sorted(found, key=lambda outing: order[outing.status])


def zones(db: Session, code: str) -> list[Zone]:
    """The zones of an outing in their order; whoever calls has found the outing by `get`."""
    return [
        Zone(row.number, vault.open_(db, scope_of(code), _field(row.number), row.sealed), row.present)
        for row in _zones(db, code)
    ]


def met(db: Session, code: str) -> list[tuple[OutingContact, Contact]]:
    """The contacts of an outing, the last first."""
    query = select(OutingContact, Contact).join(Contact, Contact.code == OutingContact.contact_code)
    rows = db.execute(query.where(OutingContact.outing_code == code).order_by(Contact.at.desc(), Contact.code))
    return [(row, contact) for row, contact in rows]


def of_contact(db: Session, contact: str) -> str | None:
    """The code of the outing in which a contact was made."""
    return db.scalar(select(OutingContact.outing_code).where(OutingContact.contact_code == contact))


def summary(db: Session, code: str) -> list[Count]:
    """Zone by zone: presences, contacts, new ones. New is who got her code in this contact."""
    found = met(db, code)
    return [
        Count(
            zone.name,
            zone.present or 0,
            sum(1 for row, _ in found if row.zone == zone.number),
            sum(1 for row, contact in found if row.zone == zone.number and contact.person_code == contact.code),
        )
        for zone in zones(db, code)
    ]


def check_zones(names: Sequence[str]) -> list[str]:
    """The names of zones without blanks and doubles; at least one, none of them an address."""
    kept = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    if not kept or len(kept) > MOST_ZONES or any(len(name) > LONGEST_ZONE for name in kept):
        raise InvalidForm({"zones": [N_("Scrivi una zona per riga: da una a venti, al massimo 80 caratteri l'una.")]})
    if any(ADDRESS.search(name) for name in kept):
        raise InvalidForm({"zones": [N_("Scrivi la zona, non l'indirizzo: niente via con il numero.")]})
    return kept


def lock(db: Session, code: str) -> Outing:
    """The outing as it is now, locked until the transaction ends."""
    query = select(Outing).where(Outing.code == code).with_for_update()
    outing = db.scalar(query.execution_options(populate_existing=True))
    if outing is None:
        raise NotYours
    return outing


def _lock_open(db: Session, code: str) -> Outing:
    outing = lock(db, code)
    if outing.status == "closed":
        raise WrongOrder(N_("L'uscita è chiusa."))
    return outing


def _lock_running(db: Session, code: str) -> Outing:
    outing = _lock_open(db, code)
    if outing.status != "running":
        raise WrongOrder(N_("L'uscita non è ancora cominciata: prima premi «Comincia adesso»."))
    return outing


def _set(outing: Outing, facts: Mapping[str, Any]) -> None:
    wrong: dict[str, list[str]] = {}
    start, end = facts.get("from_at"), facts.get("to_at")
    if start is None:
        wrong["from_at"] = [N_("Scrivi una data e un'ora.")]
    elif end is not None and not start < end <= start + LONGEST:
        wrong["to_at"] = [N_("Un'uscita dura al massimo ventiquattro ore.")]
    if not facts.get("crew"):
        wrong["crew"] = [N_("Scegli chi esce.")]
    if not VEHICLE.fullmatch(facts.get("vehicle") or ""):
        wrong["vehicle"] = [N_("Scrivi il numero o la sigla del mezzo, fino a 20 caratteri.")]
    if not STAFF.fullmatch(facts.get("mediator") or ""):
        wrong["mediator"] = [N_("Scrivi il codice, non il nome.")]
    if wrong:
        raise InvalidForm(wrong)
    outing.from_at, outing.to_at, outing.crew = start, end, list(facts["crew"])  # type: ignore[assignment]
    outing.province = check_province("province", facts["province"]) if facts.get("province") else None
    outing.vehicle, outing.mediator = facts.get("vehicle") or None, facts.get("mediator") or None


def _add_zones(db: Session, code: str, names: Sequence[str], *, start: int) -> None:
    for number, name in enumerate(names, start):
        sealed = vault.seal(db, scope_of(code), _field(number), name)
        db.add(OutingZone(outing_code=code, number=number, sealed=sealed))
    db.flush()


def _zones(db: Session, code: str) -> Sequence[OutingZone]:
    return db.scalars(select(OutingZone).where(OutingZone.outing_code == code).order_by(OutingZone.number)).all()


def _field(number: int) -> str:
    return f"zone.{number}"


def _free_code(db: Session) -> str:
    while True:
        code = new_code(PREFIX)
        if db.get(Outing, code) is None:
            return code
