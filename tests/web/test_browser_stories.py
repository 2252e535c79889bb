"""Whole stories at the screen, to their very end, while the clock goes on: who does what, and what the others then see.

Each person has a window of her own, wide or narrow, with or without JavaScript.
"""

import re

import pytest
from playwright.sync_api import expect

from tasks import schedule
from tests.web.office import ADDRESS
from tests.web.seat import Sit
from tests.web.test_browser_street import reach
from tests.web.test_consents import YES
from tests.web.test_story_titles import CONSENT as TOLD
from tests.web.test_story_titles import NOTHING, Desk
from tests.web.test_today import colleague
from tests.web.test_transfer_story import CONSENT, Move, move  # noqa: F401 - the office of two projects and a house

pytestmark = pytest.mark.browser

PHONE, TABLET, DESK = ({"width": width, "height": 800} for width in (320, 768, 1440))

def tick() -> None:
    """The clock process looks around."""
    assert schedule.fire_timers().failed == 0
    schedule.end_reveals()


def test_a_transfer_from_the_danger_to_the_arrival(move: Move, sit: Sit):  # noqa: F811
    rosa, sara = (sit(move.app, login, script=False, viewport=PHONE) for login in ("rosa", "sara"))
    paola, gino = sit(move.app, "paola", viewport=TABLET), sit(move.app, "gino", viewport=PHONE)
    move.see_danger()
    move.time.at("2026-11-16 18:00")
    rosa.start(move.case, "Messa in rete")
    rosa.do(
        "Chiedi un altro posto", person_agrees="yes", transfer_reason="sicurezza", urgency="emergenza", gender="femmina",
        age_band="18-24", language="en", place_kind="pronta", excluded=["lombardia-1", "piemonte-valle-d-aosta"],
    )  # fmt: skip

    move.time.at("2026-11-17 10:00")
    page = paola.go("/transfers")
    page.locator("main a", has_text="TR-").first.click()
    code = re.search(r"TR-\w+", page.url)
    assert code
    expect(page.locator("main")).to_contain_text("Profilo anonimo")
    for hidden in (move.case, move.shelter, "Casa Fiume", "cugino"):
        expect(page.locator("body")).not_to_contain_text(hidden)
    assert paola.status(f"/cases/{move.case}") == 404
    page = paola.go(f"/transfers/{code[0]}/offer")
    paola.fill(place_kind="pronta", from_on="2026-11-18", conditions="Due persone per stanza")
    page.locator("main form .primary").click()
    expect(page.locator(".notice[role=status]")).to_contain_text("Offerta mandata")
    paola.whole()

    move.time.at("2026-11-17 16:00")
    rosa.do("Scegli con la persona", choice_outcome="chosen", offer=1, consent_on="2026-11-17", **CONSENT)
    move.time.at("2026-11-18 09:00")
    sara.do("Conferma la partenza", key_outcome="confirmed")
    tick()
    assert paola.status(f"/cases/{move.case}") == 404  # one key is not enough
    paola.do("Conferma l'accoglienza", acceptance="accepted")
    tick()
    expect(paola.go(f"/cases/{move.case}").locator("h1")).to_contain_text(move.case)
    assert gino.status(f"/cases/{move.case}") == 404

    page = rosa.go(f"/transfers/{code[0]}/plan")
    rosa.fill(day="Giovedì 19", means="Treno delle sette e dieci")
    for name in ("Rosa Villa", "Paola Greco", "Gino Russo"):
        page.get_by_label(name).check()
    page.locator("main form .primary").click()
    expect(page.locator(".notice[role=status]")).to_contain_text("Piano di viaggio salvato")
    rosa.do("Prepara il viaggio", departure_ready="true", handed_over=["attestato", "documenti"])

    move.time.at("2026-11-19 21:05")
    gino.do("Conferma l'arrivo", arrival="arrived", arrived_at="2026-11-19T21:05")
    tick()
    page = gino.go(f"/cases/{move.case}")
    expect(page.locator("main")).to_contain_text("Arrivo confermato: 19/11/2026 21:05")
    expect(page.locator("main")).to_contain_text("protetta fino a venerdì 25 dicembre 2026")
    gino.whole()
    gino.task("Dai gli avvisi")
    assert rosa.status(f"/cases/{move.case}") == 404
    expect(sara.go(f"/transfers/{code[0]}").locator("main")).to_contain_text("Arrivo confermato")


def test_a_referral_from_its_sending_over_a_late_answer_to_its_end(placed, sit: Sit):
    carla, dario = sit(placed.app, "carla", viewport=TABLET), sit(placed.app, "dario", script=False, viewport=PHONE)
    carla.start(placed.case, "Invio a un altro ente")
    carla.fill(
        body_kind="consultorio", body="Consultorio di prova", send_outcome="sent", urgency="alta", sent_on="2026-08-11",
        answer_by="2026-08-14", consent_by="person", consent_on="2026-08-11", consent_way="scritto",
    )  # fmt: skip
    carla.page.get_by_role("button", name="Completa").click()
    expect(carla.page.get_by_text("Attività completata.")).to_be_visible()
    expect(carla.go("/referrals").locator("main")).to_contain_text("non ancora visto")

    placed.time.at("2026-08-12 10:00")
    carla.do("Segui la risposta", follow_outcome="seen", follow_on="2026-08-12", answer_by="2026-08-14")
    expect(carla.go("/referrals").locator("main")).to_contain_text("visto 12 ago 2026")
    placed.time.at("2026-08-17 09:00")
    tick()
    expect(carla.go("/referrals").locator("main")).to_contain_text("In ritardo")
    carla.whole()
    page = dario.go(f"/cases/{placed.case}")
    expect(page.locator("main")).to_contain_text("In ritardo")
    expect(page.locator(".timeline").first).to_contain_text("in ritardo")

    carla.do("Segui la risposta", follow_outcome="accepted", follow_on="2026-08-17")
    placed.time.at("2026-08-18 10:00")
    carla.do("Verifica com'è andata", done_on="2026-08-18", done_outcome="accolto")
    expect(carla.go("/referrals").locator("main")).not_to_contain_text("RF-")
    page = carla.go("/referrals?status=all")
    expect(page.locator("main")).to_contain_text("risposta 17 ago 2026 · concluso 18 ago 2026")
    carla.whole()


def test_an_address_is_seen_for_a_quarter_of_an_hour_and_no_longer(placed, sit: Sit):
    carla, elena = sit(placed.app, "carla", viewport=PHONE), sit(placed.app, "elena", script=False, viewport=PHONE)
    where = f"/cases/{placed.case}/address"
    page = carla.go(where)
    carla.fill(why="accompagnare", reason="La accompagno alla visita di stasera")
    page.locator("main form .primary").click()
    expect(page.locator(".notice[role=status]")).to_contain_text("Richiesta mandata")
    page = elena.go("/reveals")
    page.get_by_role("button", name="Concedi per 15 minuti").click()
    expect(page.locator(".notice[role=status]")).to_contain_text("Risposta data.")

    page = carla.go(where)
    page.get_by_role("button", name="Mostra l'indirizzo").click()
    expect(page.locator("#address + p")).to_have_text(ADDRESS)
    carla.whole()
    placed.time.forward(minutes=14)
    page = carla.go(where)
    page.get_by_role("button", name="Mostra l'indirizzo").click()
    expect(page.locator("#address + p")).to_have_text(ADDRESS)

    placed.time.forward(minutes=2)
    page.reload()
    page = carla.go(where)
    expect(page.locator("main")).to_contain_text("è finito")
    expect(page.get_by_role("button", name="Mostra l'indirizzo")).to_have_count(0)
    expect(page.locator("body")).not_to_contain_text(ADDRESS)
    tick()
    page = carla.go(f"/cases/{placed.case}")
    expect(page.locator(".timeline").first).to_contain_text("Finito il tempo per vedere l'indirizzo: Carla Moro")


def test_a_plan_is_written_with_the_person_and_reviewed_by_its_own_goals(placed, sit: Sit):
    carla = sit(placed.app, "carla", viewport=DESK)
    carla.start(placed.case, "Integrazione")
    carla.fill(
        pei_on="2026-08-11", autonomy="2", pei_areas=["italiano", "casa"], goal_casa="Una stanza per sé",
        goal_italiano="Parlare da sola con il medico", strands=["italian"], pei_shared="true",
    )  # fmt: skip
    carla.whole()
    carla.page.get_by_role("button", name="Completa").click()
    expect(carla.page.get_by_text("Attività completata.")).to_be_visible()

    placed.time.at("2027-01-28 10:00")
    tick()
    phone = sit(placed.app, "carla", script=False, viewport=PHONE)
    page = phone.task("Rivedi il PEI con la persona")
    asked = {one.get_attribute("name") for one in page.locator("main [name^=outcome_]").all()}
    assert asked == {"outcome_casa", "outcome_italiano"}
    phone.fill(
        pei_reviewed_on="2027-01-28", outcome_italiano="raggiunto", outcome_casa="in_corso", autonomy_now="3",
        integration_next="avanti",
    )  # fmt: skip
    page.get_by_role("button", name="Completa").click()
    expect(page.get_by_text("Attività completata.")).to_be_visible()
    carla.do("Scrivi il PEI con la persona", pei_on="2027-01-28", autonomy="3", pei_shared="true")
    page = carla.go(f"/cases/{placed.case}/integration")
    expect(page.locator("main")).to_contain_text("Casa")
    carla.whole()


def test_the_proposal_for_a_permit_is_written_printed_and_sent_by_a_person(app, time, sit: Sit):
    desk = Desk(app, time)
    case = desk.open("2026-09-25 17:00", housed=True)
    desk.join(case, "2026-09-25")
    desk.fill("giulia", case, "Valuta il titolo", **(NOTHING | {"trafficking_facts": "si"}), assessed_on="2026-09-25")
    desk.fill("carla", case, "Controlla i documenti", documents_on="2026-09-25", doc_programme="true",
              doc_adhesion="true", doc_acceptance="true", identity_document="none")  # fmt: skip

    giulia = sit(app, "giulia", script=False, viewport=DESK)
    page = giulia.task("Proponi al Questore")
    page.get_by_role("link", name=re.compile("^Prepara la lettera ?: Proposta al Questore")).click()
    expect(page.locator(".notice")).to_contain_text("Questa lettera non deve partire")
    text = page.locator("#f-text")
    text.fill(f"{text.input_value()}\n\nAllegati: adesione e programma.")
    page.get_by_role("button", name="Conserva e prepara la stampa").click()
    expect(page.locator(".letter")).to_contain_text("Allegati: adesione e programma.")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Scarica in PDF").click()
    assert re.fullmatch(r"documento-\w{8}\.pdf", saved.value.suggested_filename)

    page = giulia.task("Proponi al Questore")
    giulia.fill(proposer="registered_body", danger_words="Minacce dalla rete", communication_basis="consent")
    page.get_by_role("button", name="Completa").click()
    expect(page.locator("#errors")).to_be_visible()
    expect(page.locator("[name=danger_words]")).to_have_value("Minacce dalla rete")
    giulia.fill(**{**TOLD, "consent_on": "2026-09-25", "communication_on": "2026-09-25"})
    page.get_by_role("button", name="Completa").click()
    expect(page.get_by_text("Attività completata.")).to_be_visible()
    giulia.task("Accompagna la domanda")
    page = giulia.go(f"/cases/{case}")
    expect(page.locator("main")).to_contain_text("Comunicazione a: ")
    giulia.whole()


def test_a_day_off_and_a_full_inbox_pass_into_other_hands(placed, sit: Sit):
    colleague()
    carla, dario = sit(placed.app, "carla", viewport=TABLET), sit(placed.app, "dario", viewport=PHONE, has_touch=True)
    rosa = sit(placed.app, "rosa", script=False, viewport=PHONE)
    page = carla.go("/account/absences")
    carla.fill(from_on="2026-08-11", to_on="2026-08-20")
    page.get_by_label("Chi sostituisce").select_option("Rosa Lanza")
    page.get_by_role("button", name="Salva").click()
    expect(page.locator(".notice")).to_contain_text("chi sostituisce è avvisato")
    carla.task("Spiega i diritti").get_by_role("button", name="Assegna a me").click()
    expect(rosa.go("/notices").locator("main")).to_contain_text("sostitui")
    expect(rosa.go("/inbox").locator("main")).to_contain_text("per conto di Carla Moro")
    placed.time.at("2026-08-13 10:00")
    rosa.do(
        "Spiega i diritti", information_on="2026-08-13", information_language="en", leaflet_version="diritti-it-1",
        topic_reflection="true", topic_permit="true", topic_protection="true", topic_refusal="true", understood="si",
    )  # fmt: skip
    expect(dario.go(f"/cases/{placed.case}").locator(".timeline").first).to_contain_text("Rosa Lanza per conto di Carla Moro")

    page = dario.go("/inbox")
    for box in page.locator(".tick").all():
        box.tap()
    page.locator("#bulk [value=give]").tap()
    page.locator("#f-to").select_option(label="Rosa Lanza")
    page.get_by_role("button", name="Guarda che cosa succede").tap()
    expect(page.locator("main")).to_contain_text("Non è ancora successo niente.")
    dario.whole()
    page.get_by_role("button", name="Conferma").tap()
    expect(page.locator(".notice[role=status]")).to_contain_text("fatt")
    dario.whole()
    page = rosa.task("Valuta il rischio")
    page.locator("summary", has_text="Promemoria").first.click()
    page.locator("[name=follow_up_on]").fill("2026-08-17")
    page.locator("form", has=page.locator("[name=follow_up_on]")).get_by_role("button", name="Salva").click()
    placed.time.at("2026-08-17 09:00")
    expect(rosa.go("/inbox?show=review").locator("main")).to_contain_text("Valuta il rischio")


def test_who_she_is_and_what_she_agrees_to_is_written_on_a_phone_and_leaves_nothing_in_the_window(placed, sit: Sit):
    carla = sit(placed.app, "carla", script=False, viewport=PHONE)
    case = f"/cases/{placed.case}"
    page = carla.go(f"{case}/people/identity")
    carla.fill(first_name="Oksana", last_name="Prova", birth_date="1999-05-12")
    page.locator("main form .primary").click()
    expect(page.locator(".notice[role=status]")).to_contain_text("Chi legge questi dati resta scritto.")
    page = carla.go(f"{case}/people/ways")
    carla.fill(channel="WhatsApp", hours="15-17", code_word="girasole")
    page.locator("main form .primary").click()
    page = carla.go(f"{case}/consents")
    carla.fill(**{name: value for name, value in YES.items() if name != "consent_scope"})
    page.locator("main form .primary").click()
    expect(page.locator("#consents")).to_contain_text("Invio a un altro ente")

    page = carla.go(case)
    page.get_by_role("button", name="Mostra chi è e come raggiungerla").click()
    for words in ("Oksana", "girasole"):
        expect(page.locator("main")).to_contain_text(words)
        assert words not in page.title() + page.url
    assert carla.screen.overflow(320) == 0
    page.get_by_role("button", name="Blocca ora").click()
    page.wait_for_url("**/unlock**")
    page.go_back()
    expect(page.locator("body")).not_to_contain_text("Oksana")
    page = carla.go("/search")
    carla.fill(purpose="apertura", name="Oxana Prova")
    page.get_by_role("button", name="Cerca").click()
    expect(page.get_by_role("link", name=placed.case)).to_be_visible()


def test_the_directory_is_kept_by_keys_alone_and_read_by_everybody(placed, sit: Sit):
    lucia, anna = sit(placed.app, "lucia", viewport=PHONE), sit(placed.app, "anna", script=False, viewport=PHONE)
    expect(anna.go("/directory").locator("#missing ~ p").first).to_contain_text("Bergamo")
    page = lucia.go("/directory/referents/new")
    typed = {"province": "Bergamo", "office": "Ufficio Immigrazione", "name": "Funzionario referente"}
    for name, value in typed.items():
        reach(page, f"main [name={name}]")
        page.keyboard.type(value)
    page.locator("[name=valid_from]").fill("2026-01-01")
    page.locator("[name=valid_to]").fill("2026-09-30")
    reach(page, "main form .primary")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Funzionario referente")
    lucia.whole()
    expect(anna.go("/directory").locator("#missing ~ p").first).not_to_contain_text("Bergamo")
    page = lucia.go("/directory/agreements/new")
    lucia.fill(
        kind="convenzione", post="lombardia-1", subject="Accoglienza di emergenza", others="Comune di prova",
        signed_on="2026-01-10", expires_on="2026-11-01", notice_days="60",
    )  # fmt: skip
    reach(page, "main form .primary")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/new" not in url)
    expect(anna.go("/directory/agreements").locator("main")).to_contain_text("scade tra 82 giorni")
    placed.time.at("2026-10-01 09:00")
    expect(anna.go("/directory").locator("#missing ~ p").first).to_contain_text("Bergamo")

    carla = sit(placed.app, "carla", viewport=PHONE)
    row = carla.go("/shelters").get_by_role("row", name=placed.shelter)
    expect(row.get_by_role("cell").last).to_have_text(re.compile(r"\d+"))
    expect(carla.page.locator("body")).not_to_contain_text(ADDRESS)
    carla.whole()
