"""Applications: what was asked of the Questore for a title, since when, and what one may do meanwhile.

The receipt proves the stay; its number is sealed. From which day one may work follows from the law of the kind that was
asked: art. 18 c. 3-quinquies after 45 days, art. 18-ter c. 6 at once, renewals and conversions art. 5 c. 9-bis.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, codes, deadlines, terms
from core import log, vault
from core.db import Base
from core.errors import N_, InvalidForm, NotYours, WrongOrder
from core.ids import new_id

DECISION, SINGLE_PERMIT, SINGLE_PERMIT_UNSURE = "T12", "T13", "T13c"
WORK_AFTER, RENEW_BY, OBSERVATIONS = "T14", "T11", "T23"
DECIDED = (DECISION, SINGLE_PERMIT, SINGLE_PERMIT_UNSURE, WORK_AFTER, OBSERVATIONS)
WORK_KINDS = frozenset({"lavoro_subordinato", "lavoro_autonomo", "attesa_occupazione"})
SPECIAL = frozenset({"art18", "art18bis"})


class Application(Base):
    """One application with its receipt; pending until the Questore has answered."""

    __tablename__ = "application"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    permit_kind: Mapped[str] = mapped_column(Text)
    lodged_on: Mapped[date]
    receipt: Mapped[bytes | None]
    work_from: Mapped[date | None]
    prints_on: Mapped[date | None]
    late: Mapped[bool]
    noticed_on: Mapped[date | None]
    observed_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(Text, default="pending")
    settled_on: Mapped[date | None]
    recorded_by: Mapped[str] = mapped_column(Text)

    @property
    def may_work_from(self) -> date | None:
        """The first day of lawful work while it is pending; none once the Questura has announced a refusal."""
        return self.work_from if self.noticed_on is None and self.status == "pending" else None


def lodge(
    db: Session,
    case_code: str,
    kind: str,
    permit_kind: str,
    lodged_on: date,
    *,
    receipt: str | None = None,
    prints_on: date | None = None,
    proposed_on: date | None = None,
    by: str,
) -> Application:
    """Record that the person has applied and has her receipt: the terms of the decision begin, and those of work.

    Art. 18-ter needs the proposal of the judicial authority first (`proposed_on`). The same application twice is once.
    """
    codes.check("application_kind", codes.APPLICATION_KINDS, kind)
    codes.check("permit_kind", codes.PERMIT_KINDS, permit_kind)
    casefile.check_not_future("lodged_on", lodged_on)
    if casefile.lock(db, case_code).status == "suspended":
        raise WrongOrder(casefile.STANDS_STILL)
    earlier = pending(db, case_code)
    if earlier is not None:
        if (earlier.kind, earlier.permit_kind, earlier.lodged_on) == (kind, permit_kind, lodged_on):
            return earlier
        raise WrongOrder(N_("C'è già una domanda in attesa: prima va registrata la risposta della Questura."))
    _check_proposal(permit_kind, kind, lodged_on, proposed_on)
    if prints_on is not None and prints_on < lodged_on:
        raise InvalidForm({"prints_on": [N_("L'appuntamento per le impronte viene prima della domanda.")]})
    made = Application(id=new_id(), case_code=case_code, kind=kind, permit_kind=permit_kind, lodged_on=lodged_on)
    made.prints_on, made.recorded_by, made.late = prints_on, by, _is_late(db, case_code, kind, lodged_on)
    made.work_from = _begin_terms(db, made, by=by)
    made.receipt = _seal(db, made, receipt)
    db.add(made)
    db.flush()
    _say(db, "application.lodged", made, by=by, on=lodged_on, work_from=made.work_from, late=made.late)
    return made


def notice(db: Session, case_code: str, noticed_on: date, *, by: str) -> Application:
    """Record the notice that a refusal is coming (art. 10-bis L. 241/1990): ten days to answer, no work meanwhile."""
    made = _pending(db, case_code)
    casefile.check_not_future("noticed_on", noticed_on)
    if noticed_on < made.lodged_on:
        raise InvalidForm({"noticed_on": [N_("Il preavviso viene prima della domanda.")]})
    made.noticed_on = noticed_on
    deadlines.record(db, case_code, OBSERVATIONS, "notice", noticed_on, by=by)
    _say(db, "application.noticed", made, by=by, on=noticed_on)
    return made


def observe(db: Session, case_code: str, observed_on: date, *, by: str) -> Application:
    """Record that the observations have been sent to the Questura."""
    made = _pending(db, case_code)
    casefile.check_not_future("observed_on", observed_on)
    if made.noticed_on is None or observed_on < made.noticed_on:
        raise InvalidForm({"observed_on": [N_("Le osservazioni vengono dopo il preavviso.")]})
    made.observed_on = observed_on
    deadlines.settle(db, case_code, OBSERVATIONS, observed_on, by=by)
    _say(db, "application.observed", made, by=by, on=observed_on)
    return made


def settle(db: Session, case_code: str, status: str, on: date, *, by: str) -> Application | None:
    """The Questore has answered, or the person has withdrawn: nothing is waited for any more."""
    made = pending(db, case_code)
    if made is None:
        return None
    made.status, made.settled_on = status, on
    for term in DECIDED:
        deadlines.settle(db, case_code, term, on, by=by)
    _say(db, "application.settled", made, by=by, status=status, on=on)
    return made


def pending(db: Session, case_code: str) -> Application | None:
    """The application that waits for an answer."""
    query = select(Application).where(Application.case_code == case_code, Application.status == "pending")
    return db.scalar(query.limit(1))


def list_(db: Session, case_code: str) -> list[Application]:
    """The applications of a case, newest first."""
    query = select(Application).where(Application.case_code == case_code)
    return list(db.scalars(query.order_by(Application.lodged_on.desc(), Application.id)))


def receipt(db: Session, made: Application) -> str | None:
    """The number of the receipt. Whoever calls has revealed class P2 of the case (`access.reveal`)."""
    scope = casefile.scope_of(made.case_code)
    return vault.open_(db, scope, f"application.{made.id}.receipt", made.receipt) if made.receipt else None


def _begin_terms(db: Session, made: Application, *, by: str) -> date | None:
    """Record the dates that begin with the application; returns from which day one may work."""
    code, on = made.case_code, made.lodged_on
    for term in (DECISION, *_single_permit(made)):
        deadlines.record(db, code, term, "application", on, by=by)
    if made.kind != "primo_rilascio":
        deadlines.settle(db, code, RENEW_BY, on, by=by)
        return on
    if made.permit_kind == "art18ter":
        return on
    if made.permit_kind == "art18" and _in_force(db, WORK_AFTER, on):
        return deadlines.record(db, code, WORK_AFTER, "application", on, by=by).due_on + timedelta(days=1)
    return None


def _single_permit(made: Application) -> tuple[str, ...]:
    """T13 is for permits that allow work; whether it holds for special cases is an open question of law."""
    if made.permit_kind in WORK_KINDS:
        return (SINGLE_PERMIT,)
    return (SINGLE_PERMIT_UNSURE,) if made.permit_kind in SPECIAL else ()


def _in_force(db: Session, term_id: str, day: date) -> bool:
    return any(
        each.id == term_id
        and (each.valid_from is None or each.valid_from <= day)
        and (each.valid_to is None or day <= each.valid_to)
        for each in terms.list_(db)
    )


def _is_late(db: Session, case_code: str, kind: str, on: date) -> bool:
    if kind == "primo_rilascio":
        return False
    asked_by = [each.due_on for each in deadlines.of_case(db, case_code, only_open=True) if each.term_id == RENEW_BY]
    return bool(asked_by) and on > min(asked_by)


def _check_proposal(permit_kind: str, kind: str, lodged_on: date, proposed_on: date | None) -> None:
    if permit_kind != "art18ter" or kind != "primo_rilascio":
        return
    if proposed_on is None:
        raise WrongOrder(
            N_("Senza la proposta dell'autorità giudiziaria la domanda art. 18-ter non si presenta (art. 18-ter c. 1).")
        )
    if lodged_on < proposed_on:
        raise InvalidForm({"lodged_on": [N_("La domanda viene dopo la proposta dell'autorità giudiziaria.")]})


def _pending(db: Session, case_code: str) -> Application:
    casefile.lock(db, case_code)
    found = pending(db, case_code)
    if found is None:
        raise NotYours(N_("Non c'è nessuna domanda in attesa."))
    return found


def _seal(db: Session, made: Application, words: str | None) -> bytes | None:
    text = (words or "").strip()
    return vault.seal(db, casefile.scope_of(made.case_code), f"application.{made.id}.receipt", text) if text else None


def _say(db: Session, verb: str, made: Application, *, by: str, **facts: Any) -> None:
    facts |= {"application": made.id, "kind": made.kind, "permit_kind": made.permit_kind}
    log.append(db, verb, casefile.scope_of(made.case_code), by=by, case=made.case_code, **facts)
