"""Appointments: fixed on a case or a contact, seen by whoever may see it, told the day before, and what came of them."""

import re
from datetime import date

import core.db
from cases import appointments, grants
from core import clock, log, users
from notifications import choices, outbox
from tasks import agenda, assignment, dates, outgoing, reminders
from tests import silence
from tests.web.browser import Browser
from tests.web.walk import complaint

WHEN = "2026-08-12T10:00"


def fix(desk, case, **answers):
    """Fix an appointment of a case; returns its address."""
    desk.get(f"/agenda/new?case={case}")
    given = {"kind": "questura", "from_at": WHEN, "minutes": "90", **answers}
    reply = desk.send("/agenda/new", **given)
    assert reply.status_code == 303, complaint(reply.text)
    return reply.location.partition("?")[0]


def ids(*logins):
    with core.db.transaction() as db:
        return [user.id for login in logins if (user := users.by_login(db, login))]


def words(reply):
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", reply.text))


def test_an_appointment_is_fixed_from_the_case_and_stands_in_its_story(placed):
    desk = placed.desk("carla")
    where = fix(desk, placed.case, place="altrove", exact_place="Via Cordusio 4")
    page = words(desk.follow())

    assert "Altrove: chiedi a Carla Moro" in page
    assert "Cordusio" not in page
    case = words(desk.get(f"/cases/{placed.case}"))
    assert "Appuntamento fissato: Questura, 12/08/2026 10:00" in case
    assert "Cordusio" not in case
    assert f'href="{where}"' in desk.get("/agenda?from=2026-08-12").text


def test_where_exactly_is_shown_on_request_and_the_reading_is_written_down(placed):
    desk = placed.desk("carla")
    where = fix(desk, placed.case, place="altrove", exact_place="Via Cordusio 4")
    desk.get(where)
    assert "Via Cordusio 4" in desk.send(f"{where}/place").text

    with core.db.transaction() as db:
        viewed = [line for line in log.lines(db, case=placed.case) if line.verb == "case.viewed"]
        assert viewed[0].facts["what"] == "appointment"
        assert not any("Cordusio" in line.body for line in log.lines(db, case=placed.case, limit=500))
        kept = db.get_one(appointments.Appointment, where.rpartition("/")[2])
        assert b"Cordusio" not in (kept.place_sealed or b"")


def test_another_territory_cannot_tell_that_there_is_an_appointment(placed):
    where = fix(placed.desk("carla"), placed.case)
    piero = Browser(placed.app, "piero")

    assert piero.get(where).status_code == piero.get("/agenda/none").status_code == 404
    assert piero.get(f"/agenda/new?case={placed.case}").status_code == 404
    assert placed.case not in piero.get("/agenda?whose=post&from=2026-08-12").text


def test_a_clash_is_told_first_and_fixed_all_the_same_if_asked(placed):
    desk = placed.desk("carla")
    fix(desk, placed.case)
    desk.get(f"/agenda/new?case={placed.case}")
    reply = desk.send("/agenda/new", kind="medico", from_at="2026-08-12T11:00", minutes="60", exact_place="Sala 2")

    assert reply.status_code == 422
    assert "Carla Moro alle 10:00 ha già un impegno." in complaint(reply.text)
    assert "Sala 2" in reply.text
    assert desk.send("/agenda/new", anyway="true").status_code == 303
    assert "alla stessa ora di un altro" in desk.get("/agenda?from=2026-08-12").text
    desk.get(f"/agenda/new?case={placed.case}")
    assert desk.send("/agenda/new", kind="medico", from_at="2026-08-12T12:00", minutes="60").status_code == 303


def test_who_is_absent_that_day_is_told_before_it_is_fixed(placed):
    with core.db.transaction() as db:
        away, deputy = users.by_login(db, "carla"), users.by_login(db, "dario")
        assert away
        assert deputy
        users.add_absence(db, away, deputy, date(2026, 8, 12), date(2026, 8, 14), by="cli")
    desk = placed.desk("carla")
    desk.get(f"/agenda/new?case={placed.case}")

    assert "Carla Moro quel giorno è assente." in desk.send("/agenda/new", kind="medico", from_at=WHEN).text


def test_a_mediator_sees_the_case_in_that_hour_only_and_knows_the_hour_before(placed, time):
    (fatou,) = ids("fatou")
    fix(placed.desk("carla"), placed.case, mediator=fatou)
    desk = Browser(placed.app, "fatou")
    page = words(desk.get("/agenda?from=2026-08-12"))
    assert "Impegno" in page
    assert placed.case not in page
    assert desk.get(f"/cases/{placed.case}").status_code == 404

    time.at("2026-08-12 10:30")
    desk = Browser(placed.app, "fatou")
    assert desk.get(f"/cases/{placed.case}").status_code == 200
    time.at("2026-08-12 11:31")
    desk = Browser(placed.app, "fatou")
    assert desk.get(f"/cases/{placed.case}").status_code == 404


def test_a_moved_appointment_shuts_the_door_of_the_old_hour(placed, time):
    (fatou,) = ids("fatou")
    where = fix(placed.desk("carla"), placed.case, mediator=fatou)
    desk = placed.desk("carla")
    desk.get(where)
    assert desk.send(f"{where}/move", from_at="2026-08-13T10:00").status_code == 422
    desk.get(where)
    moved = desk.send(f"{where}/move", from_at="2026-08-13T10:00", reason="persona").location.partition("?")[0]

    assert "spostato" in words(desk.get(where))
    assert moved in desk.reply.text
    time.at("2026-08-12 10:30")
    assert Browser(placed.app, "fatou").get(f"/cases/{placed.case}").status_code == 404
    time.at("2026-08-13 10:30")
    assert Browser(placed.app, "fatou").get(f"/cases/{placed.case}").status_code == 200


def test_calling_off_wants_a_reason_and_what_has_not_begun_is_not_held(placed):
    desk = placed.desk("carla")
    where = fix(desk, placed.case)
    desk.get(where)
    assert desk.send(f"{where}/settle", status="annullato").status_code == 422
    desk.get(where)
    assert desk.send(f"{where}/settle", status="svolto").status_code == 422
    desk.get(where)
    assert desk.send(f"{where}/settle", status="annullato", reason="sicurezza").status_code == 303
    assert "Appuntamento del 12/08/2026 10:00 (Questura): Annullato" in words(desk.get(f"/cases/{placed.case}"))
    assert desk.client.post(f"{where}/confirm", data={"csrf_token": desk.token()}).status_code == 422


def test_who_does_not_come_twice_is_asked_after(placed, time):
    found = []
    for hour in ("10", "14"):
        found.append(fix(placed.desk("carla"), placed.case, from_at=f"2026-08-12T{hour}:00"))
    desk = placed.at("2026-08-12 18:00", "carla")
    desk.get(found[0])
    desk.send(f"{found[0]}/settle", status="non_venuta")
    assert "ultimi due appuntamenti" not in desk.get(f"/cases/{placed.case}").text
    desk.get(found[1])
    desk.send(f"{found[1]}/settle", status="non_venuta", reason="non_raggiunta")

    assert "Non è venuta agli ultimi due appuntamenti." in words(desk.get(f"/cases/{placed.case}"))


def test_today_s_appointments_stand_on_top_of_the_inbox(placed):
    where = fix(placed.desk("carla"), placed.case, from_at="2026-08-11T16:00")
    page = placed.desk("carla").get("/inbox").text

    assert page.index(where) < page.index("Valuta il rischio")
    assert where not in placed.desk("carla").get("/inbox?show=mine").text


def test_the_calendar_program_gets_hours_and_not_a_word_more(placed):
    fix(placed.desk("carla"), placed.case, exact_place="Via Cordusio 4")
    desk = placed.desk("carla")
    desk.get("/calendar")
    (path,) = re.findall(r"/feed/[\w-]{43}\.ics", desk.send("/calendar").text)
    text = Browser(placed.app).client.get(path).text

    assert "DTSTART:20260812T080000Z\r\nDTEND:20260812T093000Z\r\nSUMMARY:Impegno\r\nCLASS:PRIVATE" in text
    assert not re.search("Questura|Cordusio|" + placed.case, text)


def test_the_morning_letter_of_the_working_day_before_counts_the_day(placed, time):
    (carla,) = ids("carla")
    fix(placed.desk("carla"), placed.case, from_at="2026-08-17T09:00")  # a Monday; the 14th is the Friday before
    fix(placed.desk("carla"), placed.case, from_at="2026-08-17T15:00")
    with core.db.transaction() as db:
        user = users.by_id(db, carla)
        assert user
        for day, near in (("13", None), ("14", "2026-08-17")):
            time.at(f"2026-08-{day} 07:30")
            reminders.plan(db, clock.today())
            promised = db.get_one(outbox.Message, f"digest-{carla}-2026-08-{day}")
            assert (reminders.facts(db, promised, user) or {}).get("on") == near
        letter = outgoing.letter(db, placed.app.config["APPRODO"], promised)
        assert letter is not None
        assert "Date vicine: 1" in letter.as_string()
        assert placed.case not in letter.as_string()
        for each in db.query(appointments.Appointment).all():
            appointments.settle(db, each.id, "annullato", "persona", by=carla)
        assert "dates" not in (reminders.facts(db, promised, user) or {})


def test_the_colleague_who_goes_finds_it_among_the_notices(placed):
    (dario,) = ids("dario")
    fix(placed.desk("carla"), placed.case, goes=dario)

    assert "un appuntamento a cui vai tu" in placed.desk("dario").get("/notices").text


def test_nobody_goes_who_may_not_see_the_case(placed):
    (piero,) = ids("piero")
    desk = placed.desk("carla")
    desk.get(f"/agenda/new?case={placed.case}")

    assert "Può andarci solo chi vede il caso." in desk.send("/agenda/new", kind="medico", from_at=WHEN, goes=piero).text


def test_the_team_s_own_engagements_need_no_case(placed):
    desk = placed.desk("carla")
    desk.get("/agenda/new")
    desk.send("/agenda/new", kind="altro", from_at=WHEN, minutes="60")

    assert "della squadra" in placed.desk("dario").get("/agenda?whose=post&from=2026-08-12").text


def test_a_contact_s_appointment_goes_with_it_into_the_case(app, time):
    ugo = Browser(app, "ugo")
    ugo.get("/contacts/new/street")
    code = ugo.send("/contacts/new/street", wants_out="si", province="MI").location.partition("?")[0].rpartition("/")[2]
    ugo.get(f"/agenda/new?contact={code}")
    answers = {"kind": "colloquio", "from_at": "2026-07-22T15:00", "exact_place": "Bar della stazione"}
    where = ugo.send("/agenda/new", **answers).location.partition("?")[0]
    assert where in ugo.get(f"/contacts/{code}").text
    bruno = Browser(app, "bruno")
    task = bruno.task("Rispondi e vai incontro")
    bruno.get(task)
    reply = bruno.send(task, pickup_at="2026-07-21T09:00", pickup_outcome="case")
    assert reply.status_code == 303, complaint(reply.text)
    with core.db.transaction() as db:
        found = db.get_one(appointments.Appointment, where.rpartition("/")[2])
        case, contact = found.case_code, found.contact_code

    assert case
    assert contact is None
    bruno.get(where)
    assert "Bar della stazione" in bruno.send(f"{where}/place").text
    assert where in bruno.get(f"/cases/{case}").text


def test_the_end_of_the_case_calls_its_appointments_off(placed):
    (fatou,) = ids("fatou")
    where = fix(placed.desk("carla"), placed.case, mediator=fatou)
    desk = placed.desk("carla")
    desk.get(f"/cases/{placed.case}/decline")
    desk.send(f"/cases/{placed.case}/decline", declined_on="2026-08-11", leaves_shelter="true")
    with core.db.transaction() as db:
        assert db.get_one(appointments.Appointment, where.rpartition("/")[2]).status == "annullato"
        assert [grant for grant in grants.current(db, placed.case) if grant.kind == "appointment"] == []
    assert "un appuntamento a cui vai tu" in Browser(placed.app, "fatou").get("/notices").text


def test_a_locked_screen_keeps_what_was_typed(placed):
    desk = placed.desk("carla")
    desk.get(f"/agenda/new?case={placed.case}")
    form = desk.reply.text
    desk.send("/lock")
    token = form.partition('name="csrf_token" value="')[2].partition('"')[0]
    data = {"csrf_token": token, "case": placed.case, "exact_place": "Sala 2", "kind": "medico"}
    desk.client.post("/agenda/new", data=data)
    desk.get("/unlock")
    desk.send("/unlock", password="quattro cani blu in fila")

    assert "Sala 2" in desk.get(f"/agenda/new?case={placed.case}").text


def test_a_deputy_sees_where_the_absent_colleague_has_to_go(placed, time):
    where = fix(placed.desk("carla"), placed.case)
    with core.db.transaction() as db:
        away, deputy = users.by_login(db, "carla"), users.by_login(db, "dario")
        assert away
        assert deputy
        users.add_absence(db, away, deputy, date(2026, 8, 11), date(2026, 8, 14), by="cli")
        found = agenda.mine(db, assignment.actor_of(db, deputy), date(2026, 8, 12), 1)
    assert [entry.appointment.id for entry in found if entry.appointment] == [where.rpartition("/")[2]]


def test_who_wants_no_digest_is_reminded_by_a_letter_and_so_is_the_deputy(placed, time):
    carla, dario = ids("carla", "dario")
    fix(placed.desk("carla"), placed.case, from_at="2026-08-17T09:00")
    with core.db.transaction() as db:
        away, deputy = users.by_id(db, carla), users.by_id(db, dario)
        assert away
        assert deputy
        users.add_absence(db, away, deputy, date(2026, 8, 17), date(2026, 8, 21), by="cli")
        silence.allow(db)
        choices.choose(db, dario, choices.NEVER, choices.ALL, None, by="cli")
        time.at("2026-08-14 07:30")
        assert [dates.plan_appointments(db, clock.today()) for _ in range(2)] == [1, 0]
        promised = db.get_one(outbox.Message, f"appointment-{dario}-2026-08-17")
        assert reminders.facts(db, promised, deputy) == {"on": "2026-08-17", "path": "/agenda"}
