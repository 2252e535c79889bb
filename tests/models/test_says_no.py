"""The person says no, at every moment between the first bed and the last look back: each time an honest state is left.

One case for each moment: closed with the door open, or in the hands of a colleague who listens to her; nobody told by
itself, nothing that waits for ever, no open case that nothing carries on, today or a year later.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from cases import casefile, deadlines, permits
from core import clock, db
from engine import instances
from tasks import incidents, pathways, schedule
from tasks.forms import Paper
from tests.conftest import Time
from tests.models.conftest import EVERYBODY
from tests.models.test_permits import CONSENT, ISSUED, LODGED, PAPERS
from tests.models.test_programme import JOINS, SOCIAL
from tests.models.walk import Walk

BY_CONSENT = {key: value for key, value in CONSENT.items() if key != "proposer"}
TOLD = {"consent_on": "2026-08-14", "communication_on": "2026-08-14", "measures_on": "2026-08-11"}
RIGHTS = dict.fromkeys(("topic_reflection", "topic_permit", "topic_protection", "topic_refusal"), True)
# Day and hour, what is done, with which answers.
STEPS: tuple[tuple[str, str, Mapping[str, object]], ...] = (
    ("2026-08-11 06:00", "placement", {"placement_kind": "domicilio_proprio", "placed_on": "2026-08-11"}),
    ("2026-08-11 10:00", "risk_assessment", {"risk_on": "2026-08-11", "risk_occasion": "ingresso",
                                             "risk_level": "medio"}),
    ("2026-08-13 10:00", "information_duty", {"information_on": "2026-08-13", "information_language": "en",
                                              "leaflet_version": "diritti-it-1", "understood": "si", **RIGHTS}),
    ("2026-08-14 09:00", "indicators", {"indicators_on": "2026-08-14", "indicators_outcome": "presunta",
                                        "indicators": ["debito_viaggio"]}),
    ("2026-08-14 10:00", "questore_communication", BY_CONSENT | TOLD),
    ("2026-08-20 12:00", "attestato", {"attestato_outcome": "issued", "attestato_on": "2026-08-20", "cui": "05AB",
                                       "number": "MI-42"}),
    ("2026-08-24 12:00", "interview_plan", {"plan_outcome": "already_done"}),
    ("2026-09-25 16:00", "decision", {"decision_on": "2026-09-25", "decision_outcome": "identificata_tratta",
                                      "decision_by": "ente_antitratta", "forms_of_exploitation": ["sessuale"]}),
    ("2026-09-28 10:00", "adhesion", JOINS),
    ("2026-09-28 11:00", "mayor_notice", {"communication_basis": "none", "no_communication_reason": "refuses"}),
    ("2026-09-28 12:00", "track_facts", SOCIAL),
    ("2026-09-30 10:00", "documents", PAPERS),
    ("2026-09-30 11:00", "proposal", CONSENT),
    ("2026-10-02 10:00", "application", LODGED),
    ("2026-10-02 11:00", "prints", {"prints_outcome": "none"}),
    ("2026-10-03 10:00", "pei", {"pei_on": "2026-10-03", "autonomy": 3, "pei_shared": True, "pei_areas": ["casa"],
                                 "goal_casa": "Una stanza"}),
    ("2026-12-15 10:00", "answer", ISSUED),
    ("2027-04-03 10:00", "pei_review", {"pei_reviewed_on": "2027-04-03", "integration_next": "concluso",
                                        "end_shared": True}),
    ("2027-04-05 10:00", "exit_form", {"exited_on": "2027-04-05", "exit_outcome": "conclusione_positiva",
                                       "leaves_house": "non_in_struttura", "follow_up_agreed": "si",
                                       "consent_language": "en", "consent_way": "scritto"}),
    ("2027-07-05 10:00", "follow_up", {"follow_up_on": "2027-07-05", "follow_up_reached": "si", "reentry": "no"}),
)  # fmt: skip
NOT_DUE: dict[str, object] = {"interruption_notice": "not_due"}
ENDED: dict[str, object] = {"interruption_notice": "sent", "interruption_notice_channel": "pec",
                            "legal_reason_words": "Art. 26 c. 4 lett. e"}  # fmt: skip
AFTER = {"no": "open", "sospesa": "suspended", "definitiva": "closed"}
DECISIONS: tuple[dict[str, object], ...] = (
    {"interruption": "no"},
    {"interruption": "sospesa", "interrupted_by": "persona", "interruption_reason": "Ha chiesto di fermarsi"},
    {"interruption": "definitiva", "interrupted_by": "persona", "interruption_reason": "Non vuole proseguire",
     "exit_outcome": "rinuncia", "leaves_house": "no"},
)  # fmt: skip


def strike() -> None:
    """The clock strikes: what is due happens, and the search for forgotten cases finds none."""
    assert schedule.fire_timers().failed == 0
    with db.transaction() as tx:
        found = incidents.park(tx, clock.now() + timedelta(minutes=1))
        assert [(each.business_key, each.element, each.sentence) for each in found] == []


def file_of(walk: Walk) -> casefile.Case:
    with db.transaction() as tx:
        found = casefile.get(tx, walk.key)
        tx.expunge(found)
        return found


def told(walk: Walk) -> int:
    with db.transaction() as tx:
        return len(permits.communications(tx, walk.key))


def say_no(walk: Walk) -> None:
    """She says no, on the page of her case."""
    before = told(walk)
    with db.transaction() as tx:
        pathways.decline_case(tx, EVERYBODY, walk.key, Paper({"declined_on": clock.today()}))
    strike()
    assert told(walk) == before, "an authority was told"


def listen(walk: Walk, decision: dict[str, object]) -> None:
    """In the programme a colleague listens to her and the team decides."""
    today = f"{clock.today()}"
    walk.do("interruption_hearing", heard="yes", heard_on=today)
    walk.do("interruption_decision", interruption_on=today, **decision)
    if "interruption_notice" in walk.waiting():
        with db.transaction() as tx:
            known = {each.subject for each in permits.communications(tx, walk.key)} & {"art18_proposal"}
        walk.do("interruption_notice", **({"interruption_notice_on": today} | ENDED if known else NOT_DUE))
    strike()


def running(walk: Walk) -> set[str]:
    with db.transaction() as tx:
        return {definition.process_id for _, definition in instances.open_instances(tx, walk.key)}


def nothing_waits(walk: Walk) -> bool:
    with db.transaction() as tx:
        left = deadlines.of_case(tx, walk.key, only_open=True)
        running = instances.open_instances(tx, walk.key)
    return not walk.waiting() and not left and not running


def test_a_no_at_any_moment_leaves_an_honest_state(open_case: Callable[[], Walk], time: Time) -> None:
    walks = [open_case() for _ in range(len(STEPS))]
    listened: list[str] = []
    for number, (at, element, answers) in enumerate(STEPS):
        time.at(at)
        strike()
        for walk in walks[number:]:
            walk.do(element, **answers)
        strike()
        leaver = walks[number]
        say_no(leaver)
        found = file_of(leaver)
        if found.status == "closed":
            assert nothing_waits(leaver), element
            assert found.outcome in ("porta_aperta", "conclusione_positiva"), element
            continue
        assert (found.status, leaver.waiting()["interruption_hearing"]) == ("suspended", 1), element
        before, decision = running(leaver) - {"interruption"}, DECISIONS[len(listened) % 3]
        listen(leaver, decision)
        listened.append(element)
        assert file_of(leaver).status == AFTER[str(decision["interruption"])], element
        if decision["interruption"] == "definitiva":
            assert nothing_waits(leaver), element
        else:
            assert before <= running(leaver), f"{element}: something was lost"
    assert listened == [element for _, element, _ in STEPS[8:17]]
    time.at("2028-09-01 10:00")
    strike()
