from datetime import date

import pytest
from sqlalchemy import delete, select

from cases import deadlines
from cases.deadlines import Deadline
from core import users
from core.db import transaction
from engine import instances
from engine.incidents import raise_incident
from engine.tables import Incident
from notifications import choices, notices, outbox
from notifications.notices import Notice
from notifications.outbox import Message
from tasks import digest, news, reminders, schedule, subjects
from tests import silence
from tests.tasks.conftest import TUSCANY, Office
from tests.tasks.test_pathways import informed, told  # noqa: F401 - fixtures

ISSUED = {"attestato_outcome": "issued", "attestato_on": "2026-08-20", "cui": "05AB12C", "number": "N 77"}


def remind(office: Office, rome: str) -> int:
    office.time.at(rome)
    return schedule.remind().fired


def messages(kind: str) -> list[Message]:
    with transaction() as db:
        return list(db.scalars(select(Message).where(Message.kind == kind).order_by(Message.promised_at, Message.key)))


def everybody_has_read(office: Office) -> None:
    """Nobody has a notice to read."""
    with transaction() as db:
        for user_id in office.ids.values():
            notices.mark_seen(db, user_id, by=user_id)


def letter_of(office: Office, message: Message) -> str | None:
    with transaction() as db:
        made = reminders.facts(db, message, office.user_in(db, office.login_of(message.user_id)))
        return None if made is None else str(dict(made))


@pytest.fixture
def attested(office: Office, told: str) -> str:  # noqa: F811
    """The 45 days run to Sunday 4 October."""
    office.time.at("2026-08-20 12:00")
    office.do("elena", told, "attestato", **ISSUED)
    return told


def test_whoever_has_something_to_do_gets_one_digest_in_the_morning(office):
    office.sheltered()
    everybody_has_read(office)
    remind(office, "2026-08-11 07:29")
    assert messages("digest") == []
    remind(office, "2026-08-11 07:30")
    remind(office, "2026-08-11 07:31")

    found = [(office.login_of(message.user_id), message.facts) for message in messages("digest")]
    same = {"open": 2, "today": 0, "late": 0, "news": 0, "path": "/inbox"}
    assert sorted(found) == [("elena", same), ("fabio", same)]


def test_a_digest_that_breaks_is_told_and_delays_nobody_elses(office, monkeypatch):
    office.sheltered()
    counts = digest.facts

    def broken(db, user, day):
        if user.login == "elena":
            raise ValueError("Grace Osaro")
        return counts(db, user, day)

    monkeypatch.setattr(digest, "facts", broken)
    remind(office, "2026-08-11 07:30")
    remind(office, "2026-08-11 07:31")

    assert "fabio" in {office.login_of(message.user_id) for message in messages("digest")}
    assert "elena" not in {office.login_of(message.user_id) for message in messages("digest")}
    with transaction() as db:
        kinds = [notice.kind for notice in notices.latest(db, office.user_id("paola"), 500)]
    assert kinds.count("reminder_broken") == 1


def test_who_has_more_to_read_than_a_message_may_say_gets_the_digest_all_the_same(office, monkeypatch):
    office.sheltered()
    monkeypatch.setattr(outbox, "MOST", 1)
    remind(office, "2026-08-11 07:30")

    said = {office.login_of(message.user_id): message.facts["open"] for message in messages("digest")}
    assert (said["elena"], said["fabio"]) == (1, 1)


def test_the_digest_comes_late_in_the_day_if_the_clock_was_down_in_the_morning(office):
    office.sheltered()

    assert remind(office, "2026-08-11 16:00") > 0


@pytest.mark.parametrize("holiday", ["2026-08-15 09:00", "2026-08-16 09:00", "2026-10-04 09:00", "2026-12-25 09:00"])
def test_no_digest_comes_on_days_when_nobody_works(office, holiday):
    office.sheltered()
    office.time.at(holiday)

    with transaction() as db:
        reminders.plan(db, date.fromisoformat(holiday[:10]))
    assert messages("digest") == []


def test_on_the_day_of_the_patron_only_who_works_elsewhere_too_gets_a_digest(office):
    office.sheltered()
    with transaction() as db:
        users.grant(db, office.user_in(db, "fabio"), "local_desk", TUSCANY, by="cli")
        for user_id in office.ids.values():
            notices.tell(db, f"told-{user_id}", user_id, "deadline", by="cli")

    def readers(rome: str) -> set[str]:
        remind(office, rome)
        return {office.login_of(each.user_id) for each in messages("digest") if each.key.endswith(rome[:10])}

    at_work = {"anna", "bruno", "fabio", "marta", "oscar", "paola"}  # not in Milan alone
    assert readers("2026-12-04 07:30") > at_work
    assert readers("2026-12-07 07:30") == at_work  # Sant'Ambrogio, a Monday
    with transaction() as db:
        assert news.next_digest(db, office.user_id("elena")) == date(2026, 12, 9)  # the 8th is a holiday of the law
    assert "elena" in readers("2026-12-09 07:30")


def test_the_digest_tells_what_is_true_when_it_leaves_not_when_it_was_promised(office):
    code = office.sheltered()
    remind(office, "2026-08-11 07:30")
    [digest] = [message for message in messages("digest") if message.user_id == office.user_id("elena")]
    office.do("elena", code, "risk_assessment", risk_on="2026-08-11", risk_occasion="ingresso", risk_level="basso")

    assert letter_of(office, digest) == str({"open": 1, "today": 0, "late": 0, "news": 0, "path": "/inbox"})


def test_a_digest_about_nothing_is_not_sent(office):
    code = office.call()
    remind(office, "2026-08-11 07:30")
    [digest] = [found for found in messages("digest") if found.user_id == office.user_id("dario")]
    office.do("dario", code, "contact_pickup", pickup_at="2026-08-11T02:40", pickup_outcome="contact_only")
    assert letter_of(office, digest) is None  # what was told of the pick-up is unread, and of no use any more
    other, dario = office.task(office.call(), "contact_pickup").id, office.user_id("dario")
    with transaction() as db:
        for key, about in (("a", None), ("b", "deadline:gone"), ("c", f"task:{other}"), ("d", "task:gone")):
            notices.tell(db, key, dario, "task_late", about=about, by="clock")

    assert (letter_of(office, digest) or "").count("'news': 3") == 1


def test_after_days_without_mail_one_digest_goes_out_and_not_the_backlog(office):
    office.call()
    for morning in ("2026-08-11 07:30", "2026-08-12 07:30", "2026-08-13 07:30"):
        remind(office, morning)

    mine = [found for found in messages("digest") if found.user_id == office.user_id("dario")]
    assert [letter_of(office, digest) is not None for digest in mine] == [False, False, True]


def facts_of(office: Office, kind: str, login: str = "elena") -> dict[str, object]:
    """What the last letter of a kind to somebody says if it leaves now."""
    mine = [found for found in messages(kind) if found.user_id == office.user_id(login)]
    with transaction() as db:
        return dict(reminders.facts(db, mine[-1], office.user_in(db, login)) or {}) if mine else {}


def test_dates_of_one_morning_share_its_letter_and_on_their_last_working_day_have_one_of_their_own(office, attested):
    with transaction() as db:
        [known] = [each for each in deadlines.of_case(db, attested) if each.term_id == "T01"]
        other = Deadline(**{column.key: getattr(known, column.key) for column in Deadline.__table__.columns})
        other.id, other.term_id, other.certainty = "another", "T02", "sure"
        db.add(other)
        db.flush()
        for planned in deadlines.reminders_of(db, known.id):
            db.add(
                deadlines.Reminder(
                    id=f"r{planned.remind_on}", deadline_id="another", remind_on=planned.remind_on, at=planned.at,
                    kind=planned.kind, status="planned",
                )
            )  # fmt: skip
    remind(office, "2026-09-20 07:30")  # a Sunday
    remind(office, "2026-09-21 07:30")
    assert {name: facts_of(office, "digest").get(name) for name in ("dates", "on")} == {"dates": 2, "on": "2026-10-04"}
    assert messages("deadline") == []

    remind(office, "2026-10-02 07:30")
    assert facts_of(office, "deadline") == {"dates": 2, "on": "2026-10-04", "days": 2, "path": "/notices"}
    assert len([found for found in messages("deadline") if found.user_id == office.user_id("elena")]) == 1
    office.time.at("2026-10-05 07:30")  # past: that they are late is told by chasing
    assert facts_of(office, "deadline") == {}


def test_whoever_wants_no_digest_hears_of_a_date_by_a_letter(office, attested):
    with transaction() as db:
        silence.allow(db)
        choices.choose(db, office.user_id("elena"), choices.NEVER, choices.ALL, None, by="cli")
    remind(office, "2026-09-20 07:30")

    assert [office.login_of(found.user_id) for found in messages("deadline")] == ["elena"]


def test_of_a_date_of_which_nobody_else_is_left_the_coordination_gets_the_letter(office, attested):
    with transaction() as db:
        for login in ("dario", "elena", "fabio", "giulia"):
            users.disable(db, office.user_in(db, login), by="cli")
    remind(office, "2026-10-02 07:30")  # its last working day

    assert [office.login_of(each.user_id) for each in messages("deadline")] == ["paola"]
    assert facts_of(office, "deadline", "paola") == {"dates": 1, "on": "2026-10-04", "days": 2, "path": "/notices"}
    with transaction() as db:
        assert [notice.case_code for notice in notices.unseen_of(db, office.user_id("paola"), "deadline", 9)] == [None]


def test_a_date_is_told_in_full_inside_the_application_to_who_works_on_the_case_and_stands_in(office, attested):
    with transaction() as db:
        elena, fabio = office.user_in(db, "elena"), office.user_in(db, "fabio")
        users.add_absence(db, elena, fabio, date(2026, 9, 18), date(2026, 9, 25), by="cli")
    remind(office, "2026-09-20 07:30")

    with transaction() as db:
        told_ = {
            login: notice.case_code
            for login, id_ in office.ids.items()
            for notice in notices.latest(db, id_)
            if notice.kind == "deadline"
        }
    assert told_ == dict.fromkeys(("dario", "elena", "fabio"), attested)


def test_a_standstill_makes_one_reminder_of_a_date_and_not_three(office, attested):
    remind(office, "2026-10-03 10:00")

    with transaction() as db:
        [deadline] = [found for found in deadlines.of_case(db, attested) if found.term_id == "T01"]
        assert deadlines.reminders_of(db, deadline.id) == []
        mine = [found for found in notices.latest(db, office.user_id("elena")) if found.about == f"deadline:{deadline.id}"]
    assert [found.kind for found in mine] == ["deadline"]
    assert facts_of(office, "deadline")["on"] == "2026-10-04"


def test_a_date_that_was_met_meanwhile_is_not_reminded(office, attested):
    remind(office, "2026-10-02 07:30")
    assert facts_of(office, "deadline")["dates"] == 1
    with transaction() as db:
        deadlines.settle(db, attested, "T01", date(2026, 10, 2), by="cli")

    assert facts_of(office, "deadline") == {}
    assert "dates" not in facts_of(office, "digest")


def test_a_renewal_is_reminded_in_the_weeks_before_its_90_days_and_a_stay_when_it_is_over_its_term(office):
    code = office.sheltered()
    with transaction() as db:
        renewal = deadlines.record(db, code, "T11", "titolo", date(2027, 12, 15), by="cli")
        assert renewal.due_on == date(2027, 9, 16)
        planned = [each.remind_on for each in deadlines.reminders_of(db, renewal.id)]
        assert planned == [date(2027, 8, 17), date(2027, 9, 2), date(2027, 9, 16)]
        stay = deadlines.record(db, code, "T06", "adesione", date(2026, 8, 11), by="cli")
    for morning in ("2026-11-12 07:30", "2026-11-16 07:30", "2027-08-17 07:30"):
        remind(office, morning)

    with transaction() as db:
        said = {
            (office.login_of(each.user_id), each.kind)
            for one in (stay, renewal)
            for each in notices.of_subject(db, f"deadline:{one.id}")
        }
    assert {("elena", "stay_late"), ("giulia", "stay_up"), ("paola", "stay_up"), ("elena", "deadline")} <= said
    assert facts_of(office, "digest")["on" if not renewal.is_unsure else "check_on"] == "2027-09-16"


def test_a_parked_fault_is_told_to_coordinators_and_to_the_supervisor_of_the_post(office):
    code = office.sheltered()
    with transaction() as db:
        [(instance, _)] = instances.open_instances(db, code)
        reminders.tell_of_incident(db, raise_incident(db, instance, "x", "prova"))

    with transaction() as db:
        told_ = {
            login for login, id_ in office.ids.items() if "incident" in {told.kind for told in notices.latest(db, id_)}
        }
    assert told_ == {"paola", "giulia"}
    before = events_in_urgent_letters(office)
    with transaction() as db:
        db.scalars(select(Incident)).one().status = "resolved"
    after = events_in_urgent_letters(office)
    assert {login: before[login] - after[login] for login in before} == {"paola": 1, "giulia": 1}
    with transaction() as db:
        db.execute(delete(Notice).where(Notice.kind != "incident"))
        for letter in db.scalars(select(Message).where(Message.kind == "news")):
            assert reminders.is_urgent(db, letter)  # also without the call that nobody took


def events_in_urgent_letters(office: Office) -> dict[str, int]:
    """How many events each reader's urgent letter would tell of if it left now."""
    with transaction() as db:
        letters = db.scalars(select(Message).where(Message.kind == "news"))
        readers = {letter: office.login_of(letter.user_id) for letter in letters}
        said = {login: reminders.facts(db, letter, office.user_in(db, login)) for letter, login in readers.items()}
    return {login: facts["news"] if facts else 0 for login, facts in said.items()}


def test_one_part_of_the_morning_that_breaks_costs_nobody_a_digest(office, monkeypatch):
    def broken(db, day):
        raise ValueError("Grace Osaro")

    office.sheltered()
    monkeypatch.setattr(reminders, "plan_agreements", broken)
    remind(office, "2026-08-11 07:30")

    assert {office.login_of(message.user_id) for message in messages("digest")} >= {"elena", "fabio"}
    with transaction() as db:
        kinds = [notice.kind for notice in notices.latest(db, office.user_id("paola"), 500)]
    assert kinds.count("reminder_broken") == 1


def test_a_date_that_cannot_be_told_is_told_of_once_and_tried_again(office, attested, monkeypatch):
    people_of = subjects.people_of

    def broken(db, code):
        raise ValueError("Grace Osaro")

    monkeypatch.setattr(subjects, "people_of", broken)
    office.time.at("2026-09-20 07:30")
    assert schedule.remind().failed == 1
    assert schedule.remind().failed == 0
    monkeypatch.setattr(subjects, "people_of", people_of)
    office.time.forward(minutes=11)
    schedule.remind()

    with transaction() as db:
        assert [notice.kind for notice in notices.latest(db, office.user_id("paola"), 500)].count("reminder_broken") == 1
        assert "deadline" in {notice.kind for notice in notices.latest(db, office.user_id("elena"), 500)}
