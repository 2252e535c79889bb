"""An office that lets its people have no mail."""

from sqlalchemy.orm import Session

from tasks import rules


def allow(db: Session, *, silence: bool = True) -> None:
    """Two coordinators decide whether a reader may do without the digest."""
    facts = {"quiet_from": "20:00", "quiet_to": "07:30", "may_thin": silence, "may_silence": silence}
    made = rules.propose(db, rules.OFFICE, facts, "Ciascuno sa quando guarda la posta", by="u_paola")
    rules.approve(db, made.id, by="u_chiara")
