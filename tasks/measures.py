"""What is due to a person now: the published table `measures`, read for what the register knows of her."""

from sqlalchemy.orm import Session

from cases.casefile import Case
from engine import decisions


def due(db: Session, case: Case) -> list[str]:
    """The codes of the measures due (art. 13 L. 228/2003, art. 18 c. 3-bis D.lgs. 286/1998); in doubt, as a minor."""
    minor = True if case.presumed_minor else case.minor
    return list(decisions.decide(db, "measures", {"victim_status": case.victim_status, "minor": minor}))
