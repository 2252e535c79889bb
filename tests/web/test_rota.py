"""The rota at the desk: a coordinator fills the week, a colleague asks for a swap, a call at night says who is on call."""

import re
from datetime import date, timedelta

import core.db
from cases import calls
from core import users
from tasks import schedule
from tasks import week as week_of
from tests.web import office
from tests.web.browser import Browser
from tests.web.test_today import notices_of, words
from tests.web.walk import Walk, complaint
from web import rota as hours


def id_of(login: str) -> str:
    with core.db.transaction() as db:
        user = users.by_login(db, login)
        assert user
        return user.id


def enter(desk: Browser, login: str, day: str, start: str, stop: str, **more: str):
    page = f"/rota/{office.MILAN}/new"
    desk.get(page)
    return desk.send(page, user=id_of(login), day=day, from_time=start, to_time=stop, **more)


def week(desk: Browser, day: str = "2026-08-10") -> str:
    return words(desk.get(f"/rota?post={office.MILAN}&week={day}").text)


def test_a_coordinator_fills_a_week_and_the_page_says_in_words_what_is_left(placed: Walk):
    lucia = Browser(placed.app, "lucia")
    assert enter(lucia, "bruno", "2026-08-11", "06:00", "22:00", days="6").status_code == 303
    page = words(lucia.follow().text)

    assert "Turno salvato" in page
    assert "06:00–22:00 Bruno Riva 16 ore" in page
    assert "lunedì 10 agosto 2026 nessun turno comincia in questo giorno" in page
    assert "nessuno tutto il giorno" in page
    assert "nessuno fino alle 6" in page
    assert "nessuno dalle 22 alle 6" in page
    assert notices_of("bruno") == ["rota_changed"]


def test_an_overlap_is_shown_and_a_shift_is_changed_and_ended(placed: Walk):
    dario = Browser(placed.app, "dario")
    enter(dario, "bruno", "2026-08-12", "08:00", "16:00")
    enter(dario, "carla", "2026-08-12", "14:00", "20:00")
    assert "insieme dalle 14 alle 16: Bruno Riva, Carla Moro" in week(dario)

    shift = re.findall(r"/rota/shifts/(\w+)\"", dario.get("/rota?week=2026-08-10").text)[1]
    dario.get(f"/rota/shifts/{shift}")
    dario.send(f"/rota/shifts/{shift}", from_time="16:00")
    assert "insieme" not in week(dario)
    assert "16:00–20:00 Carla Moro 4 ore" in week(dario)
    dario.get(f"/rota/shifts/{shift}")
    dario.send(f"/rota/shifts/{shift}/end")
    assert "Turno finito o tolto" in words(dario.follow().text)
    assert "Carla Moro" not in week(dario)


def test_wrong_hours_are_said_beside_their_field_and_what_was_typed_stays(placed: Walk):
    dario = Browser(placed.app, "dario")
    reply = enter(dario, "bruno", "2026-08-12", "8", "16:00")

    assert reply.status_code == 422
    assert "Scrivi un'ora" in complaint(reply.text).replace("&#39;", "'")
    assert 'value="2026-08-12"' in reply.text
    assert f'value="{id_of("bruno")}" selected' in reply.text


def test_a_week_is_copied_to_the_next(placed: Walk):
    dario = Browser(placed.app, "dario")
    enter(dario, "bruno", "2026-08-12", "22:00", "06:00", days="3")
    dario.get("/rota?week=2026-08-10")
    dario.send(f"/rota/{office.MILAN}/copy")
    page = words(dario.follow().text)

    assert "Settimana copiata qui" in page
    assert page.count("22:00–06:00 Bruno Riva") == 3
    dario.get("/rota?week=2026-08-10")
    dario.send(f"/rota/{office.MILAN}/copy")
    assert "Niente da copiare" in words(dario.follow().text)


def test_the_night_of_the_long_hour_has_nine_hours_and_says_why(placed: Walk):
    dario = Browser(placed.app, "dario")
    enter(dario, "bruno", "2026-10-24", "22:00", "06:00")

    assert "22:00–06:00 Bruno Riva 9 ore · nella notte cambia l'ora" in week(dario, "2026-10-24")


def test_a_worker_sees_her_shifts_and_a_colleague_accepts_to_swap(placed: Walk):
    enter(Browser(placed.app, "dario"), "bruno", "2026-08-12", "22:00", "06:00")
    bruno, carla = Browser(placed.app, "bruno"), Browser(placed.app, "carla")
    assert "mercoledì 12 agosto 2026, 22:00–06:00 Derive e Approdi · 8 ore" in words(bruno.get("/rota/mine").text)
    page = bruno.reply.text
    ask = page.partition('href="/rota/shifts/')[2].partition('"')[0]
    bruno.get(f"/rota/shifts/{ask}")
    assert bruno.send(f"/rota/shifts/{ask}").status_code == 422
    bruno.get(f"/rota/shifts/{ask}")
    bruno.send(f"/rota/shifts/{ask}", asked_of=id_of("carla"))
    assert "in attesa di Carla Moro" in words(bruno.follow().text)
    assert notices_of("carla") == ["swap_asked"]
    assert 'href="/rota/mine"' in carla.get("/notices").text

    page = carla.get("/rota/mine").text
    swap = page.partition('action="/rota/swaps/')[2].partition('"')[0]
    carla.send(f"/rota/swaps/{swap}", answer="accepted")
    assert "Cambio fatto" in words(carla.follow().text)
    assert "22:00–06:00 Carla Moro" in week(carla)
    assert "Non hai turni di reperibilità." in words(bruno.get("/rota/mine").text)


def test_a_call_at_night_names_who_is_on_call_and_is_offered_by_voice_until_somebody_takes_it(placed: Walk):
    placed.time.at("2026-08-11 23:40")
    dario = Browser(placed.app, "dario")
    enter(dario, "bruno", "2026-08-11", "22:00", "06:00")
    placed.time.at("2026-08-11 23:50")
    anna, bruno = placed.desk("anna"), placed.desk("bruno")
    anna.get("/contacts/new/call")
    anna.send("/contacts/new/call", danger="si", wants_out="si", province="MI", activator="vittima")
    page = words(anna.follow().text)
    call = anna.reply.request.path.rpartition("/")[2]
    assert "Di turno Derive e Approdi: Bruno Riva fino alle 6" in page
    assert "Di turno: Bruno Riva" in page, "the timeline says with whom it landed"
    assert "Rispondi e vai incontro" in words(bruno.get("/inbox?show=mine").text)

    anna.send(f"/contacts/{call}/offer", to=id_of("bruno"))
    assert "in attesa di Bruno Riva" in words(anna.follow().text)
    assert "in attesa di Bruno Riva" in words(anna.get("/contacts").text)
    assert "Una chiamata aspetta la tua risposta." in words(bruno.get("/inbox").text)
    assert "Una chiamata aspetta" not in words(dario.get("/inbox").text)
    with core.db.transaction() as db:
        offer = calls.waiting(db, call)
        assert offer
    bruno.get(f"/contacts/{call}")
    bruno.send(f"/contacts/{call}/offers/{offer.id}", answer="accepted")
    assert "La chiamata è tua" in words(bruno.follow().text)
    page = words(anna.get(f"/contacts/{call}").text)
    assert "in attesa di" not in page
    assert "Bruno Riva 23:50 · ha accettato" in page
    assert "Bruno Riva ha preso la chiamata" in page, "and nobody is asked to offer it once more"
    assert "Offri a" not in page
    assert "call_accepted" in notices_of("anna")


def test_a_no_is_told_with_its_word_and_after_five_minutes_without_an_answer_so_is_the_silence(placed: Walk):
    anna, bruno = placed.desk("anna"), placed.desk("bruno")
    call = placed.ring()
    placed.time.at("2026-08-11 02:12")
    anna.get(f"/contacts/{call}")
    assert "nessuno di turno adesso" in words(anna.reply.text)
    anna.send(f"/contacts/{call}/offer", to="")
    assert "in attesa di qualcuno dello sportello" in words(anna.follow().text)
    assert "nobody_on_call" in notices_of("dario")
    with core.db.transaction() as db:
        offer = calls.waiting(db, call)
        assert offer
    bruno.get(f"/contacts/{call}")
    bruno.send(f"/contacts/{call}/offers/{offer.id}", answer="declined", why="non_raggiungo")
    assert "tutto lo sportello 02:12 · non poteva: non posso arrivarci in tempo" in words(
        anna.get(f"/contacts/{call}").text
    )

    anna.send(f"/contacts/{call}/offer", to="")
    placed.time.forward(minutes=5)
    schedule.pass_calls_on(placed.app.config["APPRODO"])
    assert "nessuna risposta" in words(anna.get(f"/contacts/{call}").text)
    assert notices_of("dario").count("call_left") == 2


def test_one_o_clock_and_midnight_are_said_as_people_say_them(app):
    with app.test_request_context():
        day = date(2026, 8, 12)
        spans = [("00:00", "01:00"), ("01:30", "13:00"), ("22:15", "24:00")]
        found = []
        for start, stop in spans:
            first, last = (week_of.midnight(day) + at(text) for text in (start, stop))
            found.append(hours.span_words(week_of.Span(first, last)))
        assert found == ["da mezzanotte all'1", "dall'1:30 alle 13", "dalle 22:15 a mezzanotte"]
        assert [hours.long_words(at(text)) for text in ("00:30", "01:00", "07:30")] == [
            "30 minuti",
            "1 ora",
            "7 ore e 30 minuti",
        ]


def at(text: str) -> timedelta:
    hour, _, minute = text.partition(":")
    return timedelta(hours=int(hour), minutes=int(minute))
