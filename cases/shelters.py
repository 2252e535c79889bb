"""Shelters (strutture): houses, beds, stays. The address is known to the house's own staff; to anybody else it is shown
for some minutes, if a second person agrees (`cases/reveals.py`).

It is sealed under the shelters' key, in blocks of one size, also when there is none: neither the length of a row nor an
error nor a count tells whether a house has an address. Everybody else sees an opaque code and a number of free beds.
"""

from datetime import date
from typing import NamedTuple

from sqlalchemy import ForeignKey, Index, Text, func, select, text, true, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, grants, posts
from cases.access import Actor
from cases.casefile import Case
from core import log, vault
from core.db import Base
from core.errors import N_, InvalidForm, NotYours, ShelterFull, WrongOrder
from core.ids import new_code, new_id

# The sealed address is always this long, whatever it says.
BLOCK = 1024
KINDS = frozenset({"pronta", "prima", "seconda", "semiautonomia", "autonomia", "comunita_minori", "cas_tratta"})
# Houses where minors live, and nobody else (art. 19 D.lgs. 142/2015; art. 13 c. 2 L. 228/2003).
FOR_MINORS = frozenset({"comunita_minori"})


NO_ADULTS = N_(
    "Un minore, o chi forse lo è, non si accoglie mai con gli adulti (art. 19 D.lgs. 142/2015; art. 13 c. 2 L. "
    "228/2003): scegli una comunità per minori."
)
NO_MINORS = N_(
    "Questa è una comunità per minori (art. 19 D.lgs. 142/2015): se la persona è minorenne, o c'è un dubbio sull'età, "
    "prima registralo; altrimenti scegli una casa per adulti."
)


class Shelter(Base):
    """A house. Its staff are the members of its own post."""

    __tablename__ = "shelter"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    post: Mapped[str] = mapped_column(ForeignKey("post.code"), unique=True)
    kind: Mapped[str] = mapped_column(Text)
    capacity: Mapped[int]
    address: Mapped[bytes]
    accepting: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


class Placement(Base):
    """A stay of the person of a case, with the beds it takes (one more for each child)."""

    __tablename__ = "placement"
    __table_args__ = (
        Index(
            "uq_placement_current",
            "case_code",
            unique=True,
            sqlite_where=text("to_on is null"),
            postgresql_where=text("to_on is null"),
        ),
    )
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    shelter: Mapped[str | None] = mapped_column(ForeignKey("shelter.code"), index=True)  # null once it is forgotten
    beds: Mapped[int]
    from_on: Mapped[date]
    to_on: Mapped[date | None]


class FreeBeds(NamedTuple):
    """What everybody who looks for a bed may know of a house."""

    code: str
    kind: str
    free: int


def scope_of(code: str) -> str:
    """The vault scope and the log stream of a house."""
    return f"shelter:{code}"


def open_shelter(db: Session, post: str, kind: str, capacity: int, *, address: str = "", by: str) -> Shelter:
    """Add a house with its beds; its post must be of kind shelter."""
    if posts.get_valid(db, post).kind != "shelter" or db.scalar(select(Shelter.code).where(Shelter.post == post)):
        raise InvalidForm({"post": [N_("Serve una postazione di struttura che non abbia già una casa.")]})
    if kind not in KINDS:
        raise InvalidForm({"kind": [N_("Scegli una voce dell'elenco.")]})
    code = _free_code(db)
    sealed = _seal(db, code, address)
    shelter = Shelter(code=code, post=post, kind=kind, capacity=_capacity(capacity), address=sealed)
    db.add(shelter)
    db.flush()
    log.append(db, "shelter.opened", scope_of(code), by=by, kind=kind, capacity=capacity)
    return shelter


def set_address(db: Session, actor: Actor, code: str, address: str) -> Shelter:
    """Write the address; only the house's own staff can."""
    shelter = _own(db, actor, code)
    shelter.address = _seal(db, code, address)
    log.append(db, "shelter.address_changed", scope_of(code), by=actor.user_id)
    return shelter


def address(db: Session, actor: Actor, code: str) -> str:
    """The address, for the house's own staff; every reading is written down. To the rest the house does not exist."""
    shelter = _own(db, actor, code)
    log.append(db, "shelter.address_viewed", scope_of(code), by=actor.user_id)
    return vault.open_(db, scope_of(code), "address", shelter.address).rstrip("\0")


def revealed(db: Session, code: str, *, reveal: str, by: str) -> str:
    """The address, for somebody to whom a second person has granted it (`cases/reveals.py` has checked)."""
    log.append(db, "shelter.address_viewed", scope_of(code), by=by, reveal=reveal)
    return vault.open_(db, scope_of(code), "address", db.get_one(Shelter, code).address).rstrip("\0")


def set_capacity(db: Session, code: str, capacity: int, *, accepting: bool = True, by: str) -> Shelter:
    """Change how many beds there are, or stop new stays ("casa bruciata"); who is there stays."""
    shelter = _lock(db, code)
    shelter.capacity, shelter.accepting = _capacity(capacity), accepting
    log.append(db, "shelter.capacity_changed", scope_of(code), by=by, capacity=capacity, accepting=accepting)
    return shelter


def stop_intake(db: Session, code: str, *, by: str) -> Shelter:
    """The house may be known outside ("casa bruciata"): nobody comes in any more; who is there stays for now."""
    shelter = _lock(db, code)
    if shelter.accepting:
        shelter.accepting = False
        log.append(db, "shelter.intake_stopped", scope_of(code), by=by)
    return shelter


def place(db: Session, case_code: str, shelter_code: str, from_on: date, *, beds: int = 1, by: str) -> Placement:
    """Begin a stay; the stay before it ends on that day. A full or closed house refuses."""
    casefile.check_not_future("placed_on", from_on)
    case, shelter = casefile.lock(db, case_code), _lock(db, shelter_code)
    if case.status == "closed":
        raise WrongOrder(N_("Il caso è chiuso: per lavorarci va prima riaperto."))
    if not suits(case, shelter.kind):
        raise InvalidForm({"shelter": [NO_ADULTS if case.presumed_minor else NO_MINORS]})
    earlier = current(db, case_code)
    if earlier is not None and earlier.shelter == shelter_code:
        return earlier
    if not shelter.accepting or beds < 1 or _taken(db, shelter_code) + beds > shelter.capacity:
        raise ShelterFull(shelter=shelter_code)
    if earlier is not None:
        _end(db, earlier, from_on, by=by)
    stay = Placement(id=new_id(), case_code=case_code, shelter=shelter_code, beds=beds, from_on=from_on)
    db.add(stay)
    db.flush()
    grants.open_house(db, case_code, shelter.post)
    log.append(
        db, "placement.begun", casefile.scope_of(case_code), by=by, case=case_code, shelter=shelter_code, on=from_on
    )
    return stay


def suits(case: Case, kind: str) -> bool:
    """May the person of this case live in a house of this kind? Minors never with adults, adults never with minors."""
    return case.presumed_minor == (kind in FOR_MINORS)


def misplaced(db: Session, case_code: str) -> bool:
    """Does the person live in a house that is not for her age? She must be moved."""
    stay = current(db, case_code)
    return stay is not None and not suits(casefile.get(db, case_code), db.get_one(Shelter, stay.shelter).kind)


def leave(db: Session, case_code: str, on: date, *, by: str) -> Placement:
    """End the present stay: the house loses the case at once."""
    casefile.lock(db, case_code)
    stay = current(db, case_code)
    if stay is None:
        raise WrongOrder(N_("La persona non è in una struttura."))
    return _end(db, stay, casefile.check_not_future("left_on", on), by=by)


def current(db: Session, case_code: str) -> Placement | None:
    """The stay that goes on now, if there is one."""
    return db.scalar(select(Placement).where(Placement.case_code == case_code, Placement.to_on.is_(None)))


def stays(db: Session, case_code: str) -> list[Placement]:
    """All the stays of a case, the first one first."""
    query = select(Placement).where(Placement.case_code == case_code)
    return list(db.scalars(query.order_by(Placement.from_on, Placement.to_on.is_(None), Placement.id)))


def forget(db: Session, case_code: str) -> None:
    """Where somebody lived is known no more, only that she was in a house and how long; of stays that are over."""
    over = (Placement.case_code == case_code) & Placement.to_on.is_not(None)
    db.execute(update(Placement).where(over).values(shelter=None))


def free_beds(db: Session, kind: str | None = None) -> list[FreeBeds]:
    """The houses that still take somebody, as codes and numbers, in an order that says nothing."""
    taken = select(Placement.shelter, func.sum(Placement.beds).label("beds")).where(Placement.to_on.is_(None))
    stays_now = taken.group_by(Placement.shelter).subquery()
    free = (Shelter.capacity - func.coalesce(stays_now.c.beds, 0)).label("free")
    query = select(Shelter.code, Shelter.kind, free).outerjoin(stays_now, stays_now.c.shelter == Shelter.code)
    query = query.where(Shelter.accepting, free > 0, true() if kind is None else Shelter.kind == kind)
    return [FreeBeds(*row) for row in db.execute(query.order_by(Shelter.code))]


def houses_of(db: Session, actor: Actor) -> list[Shelter]:
    """The houses whose staff the actor belongs to."""
    own = select(Shelter).where(Shelter.post.in_(actor.posts("shelter_worker")))
    return list(db.scalars(own.order_by(Shelter.code)))


def guests(db: Session, actor: Actor, code: str) -> list[Placement]:
    """Who is in the house now, for its own staff."""
    query = select(Placement).where(Placement.shelter == _own(db, actor, code).code, Placement.to_on.is_(None))
    return list(db.scalars(query.order_by(Placement.from_on, Placement.case_code)))


def _end(db: Session, stay: Placement, on: date, *, by: str) -> Placement:
    if on < stay.from_on:
        raise WrongOrder(N_("La permanenza finirebbe prima di cominciare."))
    stay.to_on = on
    db.flush()
    grants.close_house(db, stay.case_code, db.get_one(Shelter, stay.shelter).post)
    scope = casefile.scope_of(stay.case_code)
    log.append(db, "placement.ended", scope, by=by, case=stay.case_code, shelter=stay.shelter, on=on)
    return stay


def _own(db: Session, actor: Actor, code: str) -> Shelter:
    posts_of_actor = actor.posts("shelter_worker")
    shelter = db.scalar(select(Shelter).where(Shelter.code == code, Shelter.post.in_(posts_of_actor)))
    if shelter is None:
        raise NotYours
    return shelter


def _lock(db: Session, code: str) -> Shelter:
    query = select(Shelter).where(Shelter.code == code).with_for_update()
    shelter = db.scalar(query.execution_options(populate_existing=True))
    if shelter is None:
        raise InvalidForm({"shelter": [N_("Scegli una struttura dall'elenco.")]})
    return shelter


def _taken(db: Session, code: str) -> int:
    beds = select(func.sum(Placement.beds)).where(Placement.shelter == code, Placement.to_on.is_(None))
    return db.scalar(beds) or 0


def _seal(db: Session, code: str, words: str) -> bytes:
    padding = BLOCK - len(words.strip().encode())
    if padding < 0 or "\0" in words:
        raise InvalidForm({"address": [N_("L'indirizzo è troppo lungo.")]})
    return vault.seal(db, scope_of(code), "address", words.strip() + "\0" * padding)


def _capacity(beds: int) -> int:
    if not 0 <= beds <= 500:
        raise InvalidForm({"capacity": [N_("Scrivi un numero di posti tra 0 e 500.")]})
    return beds


def _free_code(db: Session) -> str:
    while True:
        code = new_code("CS")
        if db.get(Shelter, code) is None:
            return code
