"""Proposals: how two coordinators change a term. One writes a new version, another approves it; the log names both.

A new version holds for the events of some days. What then becomes of the versions that held on those days is worked
out (`effects`), shown to both, and must be confirmed by who proposes: nothing is overlapped or left without a rule in
silence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Index, Text, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import terms
from cases.terms import Term
from core import clock, log, users
from core.calendar import Computed
from core.db import Base
from core.errors import N_, BadInput, InvalidForm, NotYours, Refused, Stale, WrongOrder
from core.ids import new_id

DAY = timedelta(days=1)
SHORTEST, LONGEST = 10, 500


class AlreadyDecided(Refused):
    """The proposal is no longer open."""

    status = 409
    sentence = N_("Questa proposta non è più aperta: l'ha già decisa %(who)s.")


class OneAtATime(Refused):
    """Another proposal for the same term waits."""

    status = 409
    sentence = N_(
        "Per %(term)s c'è già una proposta aperta di %(who)s: va decisa o ritirata prima di scriverne un'altra."
    )


class Proposal(Base):
    """A version of a term that somebody would like; open until it is approved, rejected or withdrawn."""

    __tablename__ = "term_proposal"
    __table_args__ = (
        Index(
            "uq_term_proposal_open",
            "term_id",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
    )
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    term_id: Mapped[str] = mapped_column(Text, index=True)
    facts: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="open")
    proposed_by: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int | None]

    @property
    def values(self) -> dict[str, Any]:
        """The facts of the version, its days as dates."""
        days = {name: _day(self.facts.get(name)) for name in ("valid_from", "valid_to")}
        return {**self.facts, **days, "id": self.term_id}


@dataclass(frozen=True)
class Effect:
    """What becomes of a version in use: `what` is closed, moved, split or replaced; of no version: a gap of days."""

    what: str
    version: int | None
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True)
class Example:
    """One event: what its date is now and would be; None where no version gives one."""

    day: date
    before: Computed | None
    after: Computed | None
    applies: bool


def propose(
    db: Session, term_id: str, facts: Mapping[str, Any], reason: str, *, confirmed: bool = False, by: str
) -> Proposal:
    """Write down a version for another coordinator to approve; what it does to the others must be confirmed."""
    terms.versions(db, term_id)
    values = {name: facts.get(name) for name in terms.FIELDS} | {"id": term_id}
    wrong = check(db, values)
    if len(reason.strip()) < SHORTEST or len(reason) > LONGEST:
        wrong["reason"] = [N_("Scrivi il motivo, con almeno dieci caratteri.")]
    if not wrong and not confirmed and effects(db, values):
        wrong["confirm"] = [N_("La nuova versione cambia le altre: leggi che cosa succede e conferma.")]
    if wrong:
        raise InvalidForm(wrong)
    if waiting := open_of(db, term_id):
        raise OneAtATime(term=term_id, who=_name(db, waiting.proposed_by))
    kept = {name: _plain(values[name]) for name in terms.FIELDS}
    proposal = Proposal(id=new_id(), term_id=term_id, facts=kept, reason=reason.strip(), status="open", proposed_by=by)
    proposal.proposed_at = clock.now()
    db.add(proposal)
    db.flush()
    log.append(db, "term.proposed", f"term:{term_id}", by=by, proposal=proposal.id, valid_from=values["valid_from"])
    return proposal


def approve(db: Session, proposal_id: str, seen: int, *, by: str) -> Term:
    """Put a proposal of somebody else into use; `seen` is the newest version that the page showed."""
    proposal = _open(db, proposal_id)
    if proposal.proposed_by == by:
        raise WrongOrder(
            N_("Chi ha scritto la proposta non può approvarla: serve una seconda persona del coordinamento.")
        )
    db.scalars(select(Term).where(Term.id == proposal.term_id).with_for_update()).all()
    if terms.versions(db, proposal.term_id)[0].version != seen:
        raise Stale
    values = proposal.values
    if wrong := check(db, values):
        raise InvalidForm(wrong)
    _make_room(db, values, by=by)
    term = terms.add(db, values, proposal=proposal.id, proposed_by=proposal.proposed_by, approved_by=by)
    proposal.version = term.version
    for entry in terms.waiting_entries(db, term.id):
        entry.waits = False
    _decide(db, proposal, "approved", by=by, version=term.version, valid_from=term.valid_from)
    return term


def reject(db: Session, proposal_id: str, reason: str, *, by: str) -> Proposal:
    """Say no to a proposal of somebody else, and why."""
    proposal = _open(db, proposal_id)
    if proposal.proposed_by == by:
        raise WrongOrder(N_("Una proposta propria si ritira, non si respinge."))
    proposal.decision_reason = _why(reason)
    return _decide(db, proposal, "rejected", by=by)


def withdraw(db: Session, proposal_id: str, reason: str, *, by: str) -> Proposal:
    """Take back one's own proposal, and say why."""
    proposal = _open(db, proposal_id)
    if proposal.proposed_by != by:
        raise WrongOrder(N_("Ritira la proposta solo chi l'ha scritta; gli altri la approvano o la respingono."))
    proposal.decision_reason = _why(reason)
    return _decide(db, proposal, "withdrawn", by=by)


def get(db: Session, proposal_id: str) -> Proposal:
    """One proposal, open or not."""
    proposal = db.get(Proposal, proposal_id)
    if proposal is None:
        raise NotYours
    return proposal


def open_of(db: Session, term_id: str) -> Proposal | None:
    """The proposal that waits for a decision on this term."""
    return db.scalar(select(Proposal).where(Proposal.term_id == term_id, Proposal.status == "open"))


def list_(db: Session, term_id: str | None = None) -> list[Proposal]:
    """The proposals of a term, the newest first; without one, all that are open."""
    query = select(Proposal).order_by(Proposal.proposed_at.desc())
    here = Proposal.status == "open" if term_id is None else Proposal.term_id == term_id
    return list(db.scalars(query.where(here)))


def check(db: Session, values: Mapping[str, Any]) -> dict[str, list[str]]:
    """What is wrong with a proposed version, as sentences by field."""
    wrong = terms.faults(values)
    if values["length"] is None and not values["note"]:
        wrong.setdefault("note", [N_("Un termine senza durata dice nella nota perché non ne ha.")])
    if not wrong and any(_same(term, values) for term in terms.in_use(db, values["id"])):
        wrong["length"] = [N_("Non cambia niente: questa versione è già in uso.")]
    return wrong


def effects(db: Session, values: Mapping[str, Any]) -> list[Effect]:
    """What a version would do to those in use, and which days it would leave without a rule."""
    start, end = _span(values["valid_from"], values["valid_to"])
    found: list[Effect] = []
    left: list[tuple[date, date]] = []
    for old in terms.in_use(db, values["id"]):
        pieces = _pieces(_span(old.valid_from, old.valid_to), (start, end))
        left += pieces
        if pieces != [_span(old.valid_from, old.valid_to)]:
            found.append(_effect(old, pieces, start))
    return found + _gaps(left, start, end)


def examples(db: Session, values: Mapping[str, Any], days: Sequence[date]) -> list[Example]:
    """What the dates of some events are now and would be."""
    start, end = _span(values["valid_from"], values["valid_to"])
    new = Term(version=0, **{name: values.get(name) for name in ("id", *terms.FIELDS)})
    found = []
    for day in days:
        before, applies = _date_now(db, values["id"], day), start <= day <= end
        found.append(Example(day, before, _date(new, day) if applies else before, applies))
    return found


def example_days(values: Mapping[str, Any]) -> list[date]:
    """Three days worth trying: today, the first day of the new version, the end of a winter month."""
    today = clock.today()
    first = values.get("valid_from") or today + DAY
    return [today, first, date(max(today, first).year + 1, 1, 31)]


def _date_now(db: Session, term_id: str, day: date) -> Computed | None:
    holding = [term for term in terms.in_use(db, term_id) if _holds(term, day)]
    return _date(holding[-1], day) if holding else None


def _date(term: Term, day: date) -> Computed | None:
    try:
        return terms.compute_on(term, day) if term.length is not None else None
    except BadInput:  # the example lies at the edge of the calendar; the others still show
        return None


def _holds(term: Term, day: date) -> bool:
    start, end = _span(term.valid_from, term.valid_to)
    return start <= day <= end


def _pieces(old: tuple[date, date], new: tuple[date, date]) -> list[tuple[date, date]]:
    """What is left of a span of days when another one is taken out of it."""
    if new[0] > old[1] or new[1] < old[0]:
        return [old]
    before = [(old[0], new[0] - DAY)] if new[0] > old[0] else []
    after = [(new[1] + DAY, old[1])] if new[1] < old[1] else []
    return before + after


def _effect(old: Term, pieces: Sequence[tuple[date, date]], start: date) -> Effect:
    if not pieces:
        return Effect("replaced", old.version, old.valid_from, old.valid_to)
    if len(pieces) == 2:
        return Effect("split", old.version, _or_none(pieces[0][1]), _or_none(pieces[1][0]))
    what = "closed" if pieces[0][1] < start else "moved"
    return Effect(what, old.version, _or_none(pieces[0][0]), _or_none(pieces[0][1]))


def _gaps(left: Sequence[tuple[date, date]], start: date, end: date) -> list[Effect]:
    """The days between a new span and its neighbours."""
    before = max((piece[1] for piece in left if piece[1] < start), default=None)
    after = min((piece[0] for piece in left if piece[0] > end), default=None)
    found = []
    if before is not None and before + DAY < start:
        found.append(Effect("gap", None, before + DAY, start - DAY))
    if after is not None and end + DAY < after:
        found.append(Effect("gap", None, end + DAY, after - DAY))
    return found


def _make_room(db: Session, values: Mapping[str, Any], *, by: str) -> None:
    """Give the versions in use what is left of their validity; a split one goes on as a version of its own."""
    new = _span(values["valid_from"], values["valid_to"])
    for old in terms.in_use(db, values["id"]):
        pieces = _pieces(_span(old.valid_from, old.valid_to), new)
        if pieces == [_span(old.valid_from, old.valid_to)]:
            continue
        old.current = bool(pieces)
        for number, (start, end) in enumerate(pieces):
            facts = {
                name: getattr(old, name) for name in ("id", *terms.FIELDS, "proposal", "proposed_by", "approved_by")
            }
            piece = old if number == 0 else terms.add(db, facts, **_decided(facts))
            piece.valid_from, piece.valid_to = _or_none(start), _or_none(end)
            db.flush()
        span: dict[str, Any] = {"valid_from": old.valid_from, "valid_to": old.valid_to}
        log.append(db, "term.narrowed", f"term:{old.id}", by=by, version=old.version, in_use=old.current, **span)


def _decided(facts: Mapping[str, Any]) -> dict[str, str]:
    return {name: facts[name] for name in ("proposal", "proposed_by", "approved_by") if facts[name]}


def _open(db: Session, proposal_id: str) -> Proposal:
    query = select(Proposal).where(Proposal.id == proposal_id).with_for_update()
    proposal = db.scalar(query.execution_options(populate_existing=True))
    if proposal is None:
        raise NotYours
    if proposal.status != "open":
        raise AlreadyDecided(who=_name(db, proposal.decided_by or ""))
    return proposal


def _decide(db: Session, proposal: Proposal, status: str, *, by: str, **facts: Any) -> Proposal:
    proposal.status, proposal.decided_by, proposal.decided_at = status, by, clock.now()
    db.flush()
    stream, author = f"term:{proposal.term_id}", proposal.proposed_by
    log.append(db, f"term.{status}", stream, by=by, proposal=proposal.id, proposed_by=author, **facts)
    return proposal


def _why(reason: str) -> str:
    if not SHORTEST <= len(reason.strip()) <= LONGEST:
        raise InvalidForm({"reason": [N_("Scrivi il motivo, con almeno dieci caratteri.")]})
    return reason.strip()


def _name(db: Session, user_id: str) -> str:
    user = users.by_id(db, user_id)
    return user.name if user else user_id


def _same(term: Term, values: Mapping[str, Any]) -> bool:
    return all(getattr(term, name) == values[name] for name in terms.FIELDS)


def _span(start: date | None, end: date | None) -> tuple[date, date]:
    return start or date.min, end or date.max


def _or_none(day: date) -> date | None:
    return None if day in (date.min, date.max) else day


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
