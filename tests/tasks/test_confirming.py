"""Two coordinators confirm at the same moment what each would be told of, had the other been a minute faster."""

from sqlalchemy.orm import Session

from core.db import transaction
from core.errors import InvalidModel
from engine import drafts, registry
from engine.drafts import PROCESS
from tasks import workshop
from tests.engine.draw import call, draw, user
from tests.engine.test_races import meanwhile


def confirm(db: Session, key: str) -> None:
    draft = drafts.get(db, PROCESS, key)
    workshop.approve(db, PROCESS, key, draft.revision, workshop.before(db, draft).sha, by="u_piera")


def test_the_two_halves_of_a_ring_are_not_both_confirmed_at_the_same_moment(office):
    both = {"andata": "ritorno", "ritorno": "andata"}
    with transaction() as db:
        for key in both:
            registry.publish(db, draw("s>a>e", user("a", group="case_manager", name="Parla"), process=key), by="test")
        for key, called in both.items():
            drawn = draw("s>c>e", call("c", called), process=key)
            revision = workshop.save(db, PROCESS, key, drawn, 0, by="u_paola").revision
            workshop.propose(db, PROCESS, key, revision, "un giro insieme", None, by="u_paola")

    outcome = meanwhile(lambda db: confirm(db, "andata"), lambda db: confirm(db, "ritorno"))

    assert isinstance(outcome, InvalidModel), repr(outcome)
    assert "cerchio attraverso" in str(outcome.findings)
    with transaction() as db:
        assert [len(registry.versions(db, key)) for key in both] == [2, 1]
