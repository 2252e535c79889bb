"""The inbox and the page of a task, as the people of Milan use them."""

import re
from html import unescape

from sqlalchemy import select

import core.db
from cases.shelters import Shelter
from core import users
from engine import instances
from tests.web.browser import Browser
from tests.web.walk import Walk, complaint


def test_a_line_says_what_whose_and_until_when(picked):
    page = picked.page("carla", "/inbox")

    assert f"Trova un posto sicuro {picked.case} · Protezione immediata · per: Referente del caso, " in page
    assert "oggi alle" in page
    assert "dal percorso" in page


def test_the_helpline_begins_a_call_from_its_first_page_and_the_street_its_outing(app):
    assert '/contacts/new/call"' in Browser(app, "anna").get("/inbox").text
    assert 'data-key="n" href="/outings"' in Browser(app, "ugo").get("/inbox").text
    assert 'data-key="n"' not in Browser(app, "carla").get("/inbox").text


def test_the_next_task_says_when_it_is_about_somebody_else(app, time):
    walk = Walk(app, time)
    walk.meet()
    walk.ring()
    anna = walk.desk("anna")
    for _ in range(2):  # two more who wait for the same desk, after her
        time.forward(minutes=1)
        anna.get("/contacts/new/call")
        anna.send("/contacts/new/call", danger="si", can_speak="no", wants_out="si", province="MI")
        assert anna.reply.status_code == 303, complaint(anna.reply.text)
    bruno = walk.at("2026-08-11 02:40", "bruno")
    walk.do(bruno, "Rispondi e vai incontro", pickup_at="2026-08-11T02:39", pickup_outcome="contact_only")

    page = bruno.follow().text
    assert "riguarda un&#39;altra persona" in page
    head = page.partition('class="page-head"')[2].partition('class="two-columns"')[0]
    assert re.search(r"NV-\w{4}", head), "whose it is stands beside the name of the task"
    assert walk.call not in head
    assert "pericolo immediato" in head
    assert "non può parlare" in head


def test_what_the_writer_does_now_begins_with_the_present(app, time):
    walk = Walk(app, time)
    walk.meet()
    walk.ring()
    bruno = walk.at("2026-08-11 02:40", "bruno")

    assert 'value="2026-08-11T02:40"' in bruno.get(bruno.task("Rispondi e vai incontro")).text


def test_a_date_that_starts_a_term_is_never_filled_in_for_anybody(picked):
    carla = picked.desk("carla")

    page = carla.get(carla.task("Trova un posto sicuro")).text
    assert 'name="placed_on" value=""' in page


def test_the_earliest_due_comes_first(placed):
    page = placed.page("carla", "/inbox")

    assert page.index("Valuta il rischio") < page.index("Spiega i diritti")


def test_claiming_moves_a_task_from_the_group_to_me_and_back(picked):
    carla = picked.desk("carla")
    task = carla.task("Trova un posto sicuro")
    carla.send(f"{task}/claim")
    carla.follow()

    assert "assegnata a me" in picked.page("carla", "/inbox?show=mine")
    assert "Nessuna attività libera" in picked.page("carla", "/inbox?show=group")
    carla.get("/inbox")
    carla.send(f"{task}/release")
    assert "L'attività è tornata al gruppo." in carla.follow().text.replace("&#39;", "'")
    assert "Trova un posto sicuro" in picked.page("carla", "/inbox?show=group")


def test_a_colleagues_task_says_in_whose_hands_it_is_and_stays_there(picked):
    carla, dario = picked.desk("carla"), Browser(picked.app, "dario")
    task = carla.task("Trova un posto sicuro")
    dario.get(task)
    carla.get("/inbox")
    carla.send(f"{task}/claim")

    reply = dario.send(task, placement_kind="sai", placed_on="2026-08-11")
    assert reply.status_code == 409
    assert "È assegnata a Carla Moro" in reply.text
    assert 'value="2026-08-11"' in reply.text, "what was typed is still there"
    assert "in mano a Carla Moro" in dario.get("/inbox?show=others").text


def test_a_supervisor_passes_a_task_to_a_colleague(picked):
    with core.db.transaction() as db:
        rosa = users.add(db, "rosa", "Rosa Lanza", "rosa@example.org", password="sette gatti neri sul tetto", by="cli")
        users.grant(db, rosa, "case_manager", "lombardia-1", by="cli")
        rosa_id = rosa.id
    dario = picked.desk("dario")
    task = dario.task("Trova un posto sicuro")
    dario.get(task)
    dario.send(f"{task}/delegate", to=rosa_id)

    assert "in mano a Rosa Lanza" in picked.page("dario", "/inbox?show=others")


def test_a_list_without_a_choice_says_so_and_what_to_do(picked):
    with core.db.transaction() as db:
        for house in db.scalars(select(Shelter)):
            house.accepting = False
    dario = picked.desk("dario")

    task = dario.task("Trova un posto sicuro")
    dario.get(task)
    dario.send(task, placement_kind="struttura", _refresh="1")
    assert "Adesso qui non c'è niente da scegliere" in unescape(dario.reply.text)


def test_passing_to_nobody_is_refused_beside_the_field(picked):
    dario = picked.desk("dario")
    task = dario.task("Trova un posto sicuro")
    dario.get(task)
    reply = dario.send(f"{task}/delegate", to="u_nobody")

    assert reply.status_code == 422
    assert "Scegli una persona del gruppo" in complaint(reply.text)
    assert '<a href="#f-own-to">' in reply.text


def test_completing_leads_to_the_next_task_of_the_same_case(picked):
    carla = picked.desk("carla")
    picked.house()

    page = carla.follow().text
    assert "Attività completata." in page
    assert picked.case in page
    assert re.search(r"<h1>(Valuta il rischio|Spiega i diritti)</h1>", page)


def test_wrong_answers_come_back_with_everything_typed_and_each_error_beside_its_field(placed):
    carla = placed.desk("carla")
    task = carla.task("Valuta il rischio")
    carla.get(task)
    reply = carla.send(task, risk_on="31/02/2026", risk_occasion="marte", safety_plan="<Mai da sola>")

    assert reply.status_code == 422
    assert 'value="31/02/2026"' in reply.text
    assert "&lt;Mai da sola&gt;" in reply.text
    assert re.search(r'id="f-risk_on-error".*Data non valida', reply.text)
    assert re.search(r'id="f-risk_level-error".*Campo obbligatorio', reply.text)
    assert 'aria-invalid="true"' in reply.text
    assert '<a href="#f-risk_on">' in complaint(reply.text)
    assert "Valuta il rischio" in placed.page("carla", "/inbox")


def test_the_errors_speak_the_readers_language(placed):
    carla = placed.desk("carla")
    carla.get("/account")
    carla.send("/account", language="en")
    task = carla.task("Assess the risk")
    carla.get(task)

    assert "Not a valid date" in carla.send(task, risk_on="x").text
    assert "2 fields to correct" in carla.reply.text or "fields to correct" in carla.reply.text


def test_a_second_click_says_who_and_when(picked):
    task = picked.desk("carla").task("Trova un posto sicuro")
    dario = picked.desk("dario")
    dario.get(task)
    stale = dario.reply
    picked.house()
    dario = picked.desk("dario")
    dario.reply = stale

    token = dario.token()
    reply = dario.send(task, placement_kind="sai", placed_on="2026-08-11", csrf_token=token)
    assert reply.status_code == 409
    assert "Già completata da Carla Moro alle 05:30." in reply.text
    page = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", reply.text))).partition("Uguale?")[2]
    assert "Dove sta la persona da stanotte? In un posto SAI In una nostra struttura diverso" in page
    assert "Dal giorno 11/08/2026 11/08/2026 uguale" in page
    assert dario.get(task).status_code == 409
    assert "È già passato" in dario.reply.text, "who only looks has tried nothing"
    assert "nella bozza" not in dario.reply.text


def test_a_locked_screen_is_not_told_what_happened_meanwhile(picked):
    dario = picked.desk("dario")
    task = dario.task("Trova un posto sicuro")
    dario.get(task)
    picked.house()

    reply = dario.send(task, notes="troppo tardi")
    assert reply.location == f"/unlock?next={task}"
    assert "Carla" not in reply.text


def test_conditional_fields_appear_by_a_button_and_keep_what_was_typed(picked):
    carla = picked.desk("carla")
    task = carla.task("Trova un posto sicuro")
    assert 'name="shelter"' not in carla.get(task).text

    reply = carla.send(task, placement_kind="struttura", notes="Dorme poco", _refresh="1")
    assert reply.status_code == 200
    assert 'name="shelter"' in reply.text
    assert "Dorme poco" in reply.text
    assert "Aggiorna i campi" in reply.text


def test_a_draft_is_kept_for_its_writer_alone(picked):
    carla = picked.desk("carla")
    task = carla.task("Trova un posto sicuro")
    carla.get(task)
    carla.send(task, notes="Mezza frase", _draft="1")

    assert "Bozza salvata." in carla.follow().text
    assert "Mezza frase" in Browser(picked.app, "carla").get(task).text
    assert "Mezza frase" not in Browser(picked.app, "dario").get(task).text


def test_the_page_saves_by_itself(picked):
    carla = picked.desk("carla")
    task = carla.task("Trova un posto sicuro")
    headers = {"X-CSRFToken": carla.token()}
    reply = carla.client.post(f"{task}/draft", data={"notes": "Da sola"}, headers=headers)

    assert (reply.status_code, reply.text) == (204, "")
    assert "Da sola" in carla.get(task).text


def test_a_task_on_a_locked_screen_is_kept_as_a_draft(picked, time):
    carla = picked.desk("carla")
    task = carla.task("Trova un posto sicuro")
    carla.get(task)
    time.forward(minutes=20)

    assert carla.send(task, notes="Non perdermi").location == f"/unlock?next={task}"
    carla.follow()
    carla.send("/unlock", password="quattro cani blu in fila")
    assert "Non perdermi" in carla.follow().text


def test_what_was_being_typed_when_the_session_ended_waits_for_the_next_login(picked, time):
    carla = picked.desk("carla")
    task = carla.task("Trova un posto sicuro")
    carla.get(task)
    time.forward(minutes=150)

    assert carla.send(task, notes="Non perdermi").location == f"/login?next={task}"
    assert "Non perdermi" not in carla.follow().text
    carla.client.delete_cookie("approdo")
    carla.log_in("carla")
    assert "Non perdermi" in carla.get(task).text


def test_a_session_that_is_over_for_good_keeps_nothing_and_opens_nothing(picked, time):
    carla = picked.desk("carla")
    task = carla.task("Trova un posto sicuro")
    carla.get(task)
    time.forward(minutes=13 * 60)

    assert carla.send(task, notes="Non scrivermi").location == f"/login?next={task}"
    carla.client.delete_cookie("approdo")
    carla.log_in("carla")
    assert "Non scrivermi" not in carla.get(task).text


def test_the_draft_goes_when_the_task_is_done(placed):
    carla = placed.desk("carla")
    task = carla.task("Valuta il rischio")
    carla.get(task)
    carla.send(task, safety_plan="Provvisorio", _draft="1")
    placed.weigh("medio")

    assert carla.get(task).status_code == 409


def test_beside_the_form_stands_what_one_must_know(placed):
    page = placed.page("carla", placed.desk("carla").task("Spiega i diritti"))

    assert "rischio non valutato" in page
    assert "Programma di transizione" in page
    assert "Entrata nella struttura" in page
    assert "Dove si trova nel percorso" in page


def test_who_picks_up_a_call_reads_what_was_said(app, time):
    walk = Walk(app, time)
    walk.meet()
    walk.ring()
    bruno = walk.desk("bruno")

    assert "Vuole uscire adesso" in bruno.get(bruno.task("Rispondi e vai incontro")).text


def test_extra_fields_change_nothing(picked):
    carla = picked.desk("carla")
    task = carla.task("Trova un posto sicuro")
    carla.get(task)
    carla.send(task, placement_kind="sai", placed_on="2026-08-11", is_admin="1", case_code="F-OTHER", risk_level="alto")

    assert carla.reply.status_code == 303
    assert "rischio non valutato" in picked.page("carla", f"/cases/{picked.case}")
    with core.db.transaction() as db:
        instance = next(found for found, _ in instances.open_instances(db, picked.case))
        assert "is_admin" not in instances.process_facts(instance)


def test_another_territory_sees_no_task(placed):
    piero = Browser(placed.app, "piero")

    assert "Nessuna attività in attesa." in piero.get("/inbox").text
    assert piero.get(placed.desk("carla").task("Valuta il rischio")).status_code == 404


def test_a_full_house_is_told_and_nothing_is_lost(picked, monkeypatch):
    with core.db.transaction() as db:
        from cases import shelters

        house = shelters.free_beds(db)[0].code
    carla = picked.desk("carla")
    task = carla.task("Trova un posto sicuro")
    carla.get(task)
    carla.send(task, placement_kind="struttura", _refresh="1")
    with core.db.transaction() as db:
        shelters.set_capacity(db, house, 0, by="cli")

    reply = carla.send(task, placement_kind="struttura", shelter=house, placed_on="2026-08-11", notes="Ha fame")
    assert reply.status_code in (409, 422)
    assert "Trova un posto sicuro" in picked.page("carla", "/inbox")
