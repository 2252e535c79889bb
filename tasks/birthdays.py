"""Eighteenth birthdays: from that day nobody answers in a person's place, wherever her pathway stands.

The task «Accompagna il passaggio» is what people do about it; the day itself does not wait for them (art. 2 c.c.).
"""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from cases import consents, minors
from cases.casefile import Case
from cases.minors import Minor
from core import clock


def due(db: Session) -> list[str]:
    """The open cases of whoever is still written down as a minor and has turned eighteen, by their codes."""
    young = or_(Case.minor.is_(True), Case.age_doubt.is_(True))
    query = select(Case.code).join(Minor, Minor.case_code == Case.code)
    query = query.where(Case.status != "closed", young, Minor.eighteen_on <= clock.today())
    return list(db.scalars(query.order_by(Case.code)))


def keep(db: Session, case_code: str) -> int:
    """Write down that she is of age, and end what the guardian had agreed to; what she said herself is asked anew."""
    minor = minors.come_of_age(db, case_code, clock.today(), by="clock")
    consents.end_guardians(db, case_code, minor.eighteen_on or clock.today(), by="clock")
    return 1
