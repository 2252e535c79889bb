"""Renewal, conversion, refusal and appeal: walked to every end, with the dates of stories A and B."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from cases import applications, casefile, deadlines, permits, refusals
from core import db
from core.errors import WrongOrder
from engine import instances
from engine.tables import Instance, Step
from tasks import pathways
from tests.conftest import Time
from tests.models.conftest import EVERYBODY
from tests.models.walk import Walk, drawn

LODGED = {"application_outcome": "lodged", "lodged_on": "2027-09-10", "receipt": "RIC-0099"}
ISSUED = {"questura_answer": "issued", "permit_issued_on": "2027-11-20", "permit_expires_on": "2028-11-20"}
READ = {"refusal_kind": "diniego", "notified_on": "2027-02-26"}
APPEALED = {"appeal_choice": "appeal", "appealed_on": "2027-03-12", "court": "tribunale_sezione", "legal_aid": "si"}

Begin = Callable[..., Walk]


@pytest.fixture
def begin(shelter: str, time: Time) -> Begin:
    """A case with a permit of 15 December 2026, at the beginning of a pathway that follows it."""

    def begun(process: str, at: str, event: str | None = None) -> Walk:
        time.at(at)
        with db.transaction() as tx:
            made = casefile.open_(tx, "lombardia-1", worker=EVERYBODY.user_id, by="u_anna")
            permits.issue(tx, made.code, "art18", date(2026, 12, 15), date(2027, 12, 15), by="u_anna")
            if event:
                scope = casefile.scope_of(made.code)
                instances.start(tx, process, made.code, made.post, {}, stream=scope, event=event, by="u_anna")
            else:
                pathways.start(tx, EVERYBODY, made.code, process)
            return Walk(EVERYBODY, made.code, process)

    return begun


def dates(walk: Walk) -> dict[str, date]:
    with db.transaction() as tx:
        return {each.term_id: each.due_on for each in deadlines.of_case(tx, walk.key, only_open=True)}


def been(walk: Walk) -> set[str]:
    """What every renewal of this case went through: one begins the next."""
    with db.transaction() as tx:
        mine = select(Step).join(Instance, Instance.id == Step.instance_id).where(Instance.business_key == walk.key)
        return {name for step in tx.scalars(mine) for name in (step.element, step.via) if name}


def pending(walk: Walk) -> applications.Application:
    with db.transaction() as tx:
        found = applications.pending(tx, walk.key)
        assert found is not None
        tx.expunge(found)
        return found


def test_the_conversion_of_story_a_is_in_time_and_work_goes_on(begin: Begin) -> None:
    walk = begin("renewal", "2027-09-10 10:00")
    assert dates(walk)["T11"] == date(2027, 9, 16)
    walk.do("renewal_choice", renewal_kind="employed", contract="open_ended").do("application", **LODGED)

    asked = pending(walk)
    assert (asked.kind, asked.permit_kind, asked.late) == ("conversione", "lavoro_subordinato", False)
    assert asked.may_work_from == date(2027, 9, 10)
    assert dates(walk) == {"T09": date(2027, 12, 15), "T12": date(2027, 12, 9), "T13": date(2027, 10, 11)}


def test_a_late_renewal_is_received_and_says_so(begin: Begin) -> None:
    walk = begin("renewal", "2027-10-01 10:00").do("renewal_choice", renewal_kind="renewal", renewal_ground="insertion")
    walk.do("application", **(LODGED | {"lodged_on": "2027-10-01"}))

    assert pending(walk).late
    assert walk.facts()["application_late"] is True


def test_without_a_permit_there_is_nothing_to_renew(begin: Begin) -> None:
    walk = begin("renewal", "2027-09-10 10:00")
    with db.transaction() as tx:
        permits.revoke(tx, walk.key, date(2027, 9, 1), by="u_anna")

    with pytest.raises(WrongOrder):
        walk.do("renewal_choice", renewal_kind="renewal", renewal_ground="justice")


def test_the_days_to_appeal_roll_past_easter_and_are_to_be_verified(begin: Begin) -> None:
    walk = begin("refusal", "2027-02-26 10:00", "permit_refused").do("refusal_read", **READ)

    assert dates(walk)["T24"] == date(2027, 3, 30)
    assert f"{walk.due('appeal')}" == "2027-03-30 23:59:00"
    with db.transaction() as tx:
        assert next(each for each in deadlines.of_case(tx, walk.key) if each.term_id == "T24").is_unsure


def test_a_revocation_ends_the_permit_and_its_dates(begin: Begin) -> None:
    walk = begin("refusal", "2027-02-26 10:00").do("refusal_read", **(READ | {"refusal_kind": "revoca"}))

    assert set(dates(walk)) == {"T24"}
    with db.transaction() as tx:
        permit = permits.latest_permit(tx, walk.key)
        assert permit is not None
        assert permit.revoked_on == date(2027, 2, 26)


def test_an_appeal_meets_its_term_and_its_number_is_sealed(begin: Begin, time: Time) -> None:
    walk = begin("refusal", "2027-02-26 10:00", "permit_refused").do("refusal_read", **READ)
    time.at("2027-03-12 10:00")
    walk.do("appeal", **APPEALED, register="RG 1234/2027", suspension_on="2027-03-12")

    assert "T24" not in dates(walk)
    with db.transaction() as tx:
        made = refusals.open_(tx, walk.key)
        assert made is not None
        assert (made.appealed_on, made.suspension_on, made.legal_aid) == (date(2027, 3, 12), date(2027, 3, 12), True)
        assert made.register
        assert b"1234" not in made.register


def test_these_walks_go_through_all_of_the_renewal(begin: Begin, time: Time) -> None:
    due, nothing, declined, stopped, refused = (
        begin("renewal", "2027-09-10 10:00", "renewal_time" if number == 0 else None) for number in range(5)
    )
    nothing.do("renewal_choice", renewal_kind="nothing")
    for walk in (due, declined, stopped, refused):
        walk.do("renewal_choice", renewal_kind="renewal", renewal_ground="insertion")
    declined.do("application", application_outcome="declined")
    for walk, answer in ((due, "notice"), (stopped, "withdrawn"), (refused, "refused")):
        walk.do("application", **LODGED)
        given = {"noticed_on": "2027-09-10"} if answer == "notice" else {}
        walk.do("answer", questura_answer=answer, **given)
    due.do("observations_write", observations_outcome="sent", observed_on="2027-09-10")
    assert refused.waiting() == {"refusal_read": 1}
    time.at("2027-11-20 10:00")
    due.do("answer", **ISSUED)
    assert dates(due) == {"T10": date(2028, 11, 20), "T11": date(2028, 8, 22)}
    time.at("2028-07-24 10:00")
    due.tick()

    walks = (due, nothing, declined, stopped, refused)
    assert drawn("renewal") | drawn("observations") <= set().union(*(been(walk) for walk in walks))


def test_these_walks_go_through_all_of_the_refusal(begin: Begin, time: Time) -> None:
    won, lost, accepted = (
        begin("refusal", "2027-02-26 10:00", event) for event in ("permit_refused", "permit_refused", None)
    )
    accepted.do("refusal_read", **(READ | {"refusal_kind": "revoca"})).do("appeal", appeal_choice="no_appeal")
    time.at("2027-06-01 10:00")
    for walk, outcome in ((won, "accolto"), (lost, "respinto")):
        walk.do("refusal_read", **READ).do("appeal", **APPEALED)
        walk.do("appeal_outcome", appeal_outcome=outcome, appeal_outcome_on="2027-06-01")
    won.do("reissue", permit_kind="art18", permit_issued_on="2027-06-01", permit_expires_on="2028-06-01")

    assert drawn("refusal") - set().union(*(walk.been() for walk in (won, lost, accepted))) == set()
