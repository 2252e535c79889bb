"""Statistics (form F20): four tables of counts, by whole periods, with small cells hidden also by difference.

"victims": registered victims by year, for ISTAT and the European Union (L. 228/2003 art. 13-bis; Dir. 2011/36/UE art.
19 bis as changed by Dir. 2024/1712). By quarter, the others: "pathway": contacts and what became of them, by month and
by project, as SIRIT has them; "helpline": calls and messa in rete; "monitoring": presences by province, phases, exits
and stays, for the Gruppo di regia.

The database counts; names are not read. A case counts for the post that has it now, a contact for the post that
recorded it. Nobody's consent is asked: an anonymous count is no longer about a person (GDPR recital 26). What two
tables count stands in one tree, whose whole is the same (`cases/smallcells.py`): calls are a part of the contacts,
months of their quarter. What is recorded late changes the figures of its period: two looks at the same period may
differ by that one person, and every look is in the log.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Date, Integer, case, extract, func, join, literal, outerjoin, type_coerce
from sqlalchemy.orm import Session

from cases import codes, smallcells, victims
from cases.casefile import Case
from cases.contacts import Contact
from cases.courses import Course
from cases.exits import Exit, FollowUp
from cases.internships import Internship
from cases.outings import Outing, OutingZone
from cases.pei import Pei
from cases.periods import QUARTER, YEAR, Period
from cases.programmes import Programme
from cases.sheets import Sheet
from cases.shelters import Placement
from cases.smallcells import Cell
from cases.tallies import UNKNOWN, By, Of, Row, by_period, count, marked, totals
from cases.transfers import Transfer
from cases.victims import Registration, Trait

UNITS = {"victims": YEAR, "pathway": QUARTER, "helpline": QUARTER, "monitoring": QUARTER}
# The columns that F20 (b) may be made of; which, and under what name, is data (`workflows/statistics.toml`).
MEASURES = (
    "contacts", "cases", "evaluations", "placements", "programmes", "plans", "courses", "internships", "exits",
    "follow_ups",
)  # fmt: skip
AGES = ("minore", "adulto")
# Bands of a stay in days: up to so many.
STAYS = ((7, "fino_a_7"), (45, "da_8_a_45"), (90, "da_46_a_90"), (180, "da_91_a_180"), (None, "oltre_180"))
NEW, AGAIN = "nuovi", "gia_noti"


@dataclass(frozen=True)
class Tree:
    """What one series of cells counts, one cell for each period."""

    name: str
    cells: list[Cell]


def tables(db: Session, name: str, periods: Sequence[Period], post: str | None) -> list[Tree]:
    """The cells of a table, each already marked as shown or hidden; `post` None: of all posts together."""
    return _TABLES[name](db, periods, post)


def _victims(db: Session, periods: Sequence[Period], post: str | None) -> list[Tree]:
    """Each person once a year, with the last word on her status in that year."""
    last = Registration.on.desc(), Registration.recorded_at.desc(), Registration.id.desc()
    source = outerjoin(
        join(Registration, Case, Registration.case_code == Case.code), Trait, Trait.case_code == Case.code
    )
    of = Of(source, Registration.on, Case.post)
    minor = case((Registration.minor.is_(True), literal(AGES[0])), (Registration.minor.is_(False), literal(AGES[1])))
    columns: dict[str, Any] = {
        "status": Registration.status, "decider": Registration.decider, "age": minor, "who": Trait.who,
        "form": Trait.form,
    }  # fmt: skip
    within = Registration.case_code, extract("year", Registration.on)
    rank = func.row_number().over(partition_by=within, order_by=last)
    rows = marked(of, periods, post, **columns, rank=rank)
    dims = ("status", "decider", "age", "who", "form")
    found = totals(db, rows, dims, rows.c.rank == 1, rows.c.status.in_(victims.STATUSES))
    persons, forms = victims.persons_by_print(), victims.forms_by_print()
    read = [_read(row, persons, forms) for row in found]
    form, country = By("form", victims.FORMS), By("citizenship", None)
    sex = By("sex", victims.SEXES, (form, country))
    decider = By("decider", [code for code, _ in codes.STATUS_DECIDERS], may_be_unknown=False)
    status = By("status", victims.STATUSES, (decider, By("age", AGES, (sex,))), may_be_unknown=False)
    return [_guarded("victims", by_period(read, periods, status))]


def _read(row: Row, persons: dict[str, tuple[str, str]], forms: dict[str, str]) -> Row:
    sex, country = persons.get(row["who"], ("", ""))
    told = {"sex": sex or UNKNOWN, "citizenship": country or UNKNOWN, "form": forms.get(row["form"]) or UNKNOWN}
    return {**row, **told}


def _pathway(db: Session, periods: Sequence[Period], post: str | None) -> list[Tree]:
    """Every measure, by month of its quarter; for all posts together also by post; contacts also by kind."""
    made = [_guarded("contacts", _contacts(db, periods, post, _parts(post)))]
    for name in MEASURES[1:]:
        made.append(_guarded(name, _by_month(db, _measure(name), periods, post, _parts(post))))
    return made


def _parts(post: str | None) -> tuple[By, ...]:
    month = By("month", ("1", "2", "3"), may_be_unknown=False)
    return (month,) if post else (month, By("post", None))


def _by_month(
    db: Session, of: Of, periods: Sequence[Period], post: str | None, dims: tuple[By, ...], **columns: Any
) -> list[Cell]:
    """Cells by quarter whose rows know which month of it they are of."""
    months = [month for period in periods for month in period.months]
    rows = count(db, of, months, post, **columns)
    return by_period([{**row, "n": row["n"] // 3, "month": str(row["n"] % 3 + 1)} for row in rows], periods, *dims)


def _measure(name: str) -> Of:
    return {
        "cases": lambda: Of(Case, Case.opened_at, Case.post, instants=True),
        "evaluations": lambda: Of(
            join(Sheet, Case, Sheet.scope == literal("case:") + Case.code), Sheet.at, Case.post,
            (Sheet.form == "evaluation", Sheet.version == 1), instants=True,
        ),
        "placements": lambda: _of_case(Placement, Placement.from_on),
        "programmes": lambda: _of_case(Programme, Programme.adhered_on),
        "plans": lambda: _of_case(Pei, Pei.made_on, Pei.version == 1),
        "courses": lambda: _of_case(Course, Course.from_on),
        "internships": lambda: _of_case(Internship, Internship.from_on),
        "exits": lambda: _of_case(Exit, Exit.exited_on),
        "follow_ups": lambda: Of(
            join(join(FollowUp, Exit, FollowUp.exit_id == Exit.id), Case, Exit.case_code == Case.code),
            FollowUp.done_on, Case.post, (FollowUp.status == "done",),
        ),
    }[name]()  # fmt: skip


def _contacts(db: Session, periods: Sequence[Period], post: str | None, dims: tuple[By, ...] = ()) -> list[Cell]:
    """Contacts by kind: what stands under the calls of the helpline and the encounters of the street too."""
    of = Of(Contact, Contact.at, Contact.origin, instants=True)
    kind = By("kind", [code for code, _ in codes.CONTACT_KINDS], may_be_unknown=False)
    return _by_month(db, of, periods, post, (kind, *dims), kind=Contact.kind)


def _contacts_of(
    db: Session, kind: str, finer: tuple[By, ...], periods: Sequence[Period], post: str | None, **columns: Any
) -> list[Cell]:
    """The contacts of one kind with their own parts, as far as the parts of all contacts let them be told."""
    all_, of = (
        _contacts(db, periods, post),
        Of(Contact, Contact.at, Contact.origin, (Contact.kind == kind,), instants=True),
    )
    own = by_period(count(db, of, periods, post, **columns), periods, *finer)
    for contacts, cell in zip(all_, own, strict=True):
        parts = contacts.parts["kind"]
        at = next(n for n, part in enumerate(parts) if part.key == kind)
        parts[at], cell.key = cell, kind
        smallcells.guard(contacts)
    return own


def _helpline(db: Session, periods: Sequence[Period], post: str | None) -> list[Tree]:
    """Calls by class, by who calls, by reason and by outcome; places looked for elsewhere, and how that ended."""
    dims = {
        "call_class": (Contact.call_class, codes.CALL_CLASSES),
        "activator": (Contact.activator, codes.ACTIVATORS),
        "reason": (Contact.reason, codes.CONTACT_REASONS),
        "outcome": (Contact.outcome, codes.CONTACT_OUTCOMES),
    }
    columns = {name: column for name, (column, _) in dims.items()}
    parts = tuple(_list(name, known) for name, (_, known) in dims.items())
    opened = Of(Transfer, Transfer.requested_at, Transfer.from_post, instants=True)
    ended = Of(Transfer, Transfer.ended_at, Transfer.from_post, instants=True)
    reasons = count(db, opened, periods, post, transfer_reason=Transfer.reason)
    outcomes = count(db, ended, periods, post, transfer_outcome=Transfer.outcome)
    return [
        Tree("calls", _contacts_of(db, "call", parts, periods, post, **columns)),
        _guarded("transfers_opened", by_period(reasons, periods, _list("transfer_reason", codes.TRANSFER_REASONS))),
        _guarded("transfers_ended", by_period(outcomes, periods, _list("transfer_outcome", codes.TRANSFER_OUTCOMES))),
    ]


def _monitoring(db: Session, periods: Sequence[Period], post: str | None) -> list[Tree]:
    """Encounters and presences by province, cases by the phase they have come to, exits, how long stays were."""
    first = case((Contact.person_code == Contact.code, literal(NEW)), else_=literal(AGAIN))
    zone = By("zone", None, (By("met", (NEW, AGAIN), may_be_unknown=False),))
    encounters = _contacts_of(db, "street", (zone,), periods, post, zone=Contact.province, met=first)
    zones = join(OutingZone, Outing, OutingZone.outing_code == Outing.code)
    present = Of(zones, Outing.from_at, Outing.post, instants=True, amount=func.coalesce(OutingZone.present, 0))
    unspoken = count(db, present, periods, post, zone=Outing.province)
    phases = count(db, _measure("cases"), periods, post, phase=Case.phase)
    exits = count(db, _measure("exits"), periods, post, exit_outcome=Exit.outcome)
    stays = count(db, _of_case(Placement, Placement.to_on), periods, post, stay=_stay(db))
    return [
        Tree("encounters", encounters),
        _guarded("presences", _presences(db, periods, post, zone)),
        _guarded("bystanders", by_period(unspoken, periods, By("zone", None))),
        _guarded("cases", by_period(phases, periods, _list("phase", codes.PHASES))),
        _guarded("exits", by_period(exits, periods, _list("exit_outcome", codes.EXIT_OUTCOMES))),
        _guarded("stays", by_period(stays, periods, By("stay", [code for _, code in STAYS], may_be_unknown=False))),
    ]


def _presences(db: Session, periods: Sequence[Period], post: str | None, zone: By) -> list[Cell]:
    """The people that outings have counted in a province, and of them those never met before."""
    seen = func.coalesce(Contact.details["people_seen"].as_integer(), 0)
    said = func.coalesce(Contact.details["people_new"].as_integer(), 0)
    new = case((said > seen, seen), else_=said)
    rows: list[Row] = []
    for code, amount in ((NEW, new), (AGAIN, seen - new)):
        of = Of(Contact, Contact.at, Contact.origin, (Contact.kind == "street",), instants=True, amount=amount)
        rows += [{**row, "met": code} for row in count(db, of, periods, post, zone=Contact.province) if row["count"]]
    return by_period(rows, periods, zone)


def _stay(db: Session) -> Any:
    """The band of a stay that has ended."""
    if db.get_bind().dialect.name == "sqlite":
        days: Any = func.julianday(Placement.to_on) - func.julianday(Placement.from_on)
    else:
        days = type_coerce(type_coerce(Placement.to_on, Date) - type_coerce(Placement.from_on, Date), Integer)
    bands = [(days <= literal(most, Integer), literal(code)) for most, code in STAYS if most is not None]
    return case(*bands, else_=literal(STAYS[-1][1]))


def _list(name: str, codelist: codes.CodeList) -> By:
    return By(name, [code for code, _ in codelist])


def _of_case(table: Any, when: Any, *where: Any) -> Of:
    return Of(join(table, Case, table.case_code == Case.code), when, Case.post, where)


def _guarded(name: str, cells: Iterable[Cell]) -> Tree:
    return Tree(name, [smallcells.guard(cell) for cell in cells])


_TABLES: dict[str, Callable[[Session, Sequence[Period], str | None], list[Tree]]] = {
    "victims": _victims,
    "pathway": _pathway,
    "helpline": _helpline,
    "monitoring": _monitoring,
}
