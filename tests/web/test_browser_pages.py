"""Every page in Chromium: usable by all (axe: 0), in both languages, light and dark, on a phone and on a desk."""

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import FilePayload, expect
from werkzeug.exceptions import NotFound

import core.db
from cases import consents, persons
from cases.casefile import Case
from cases.transfers import Transfer
from core import clock, users
from tests.web.browser import PASSWORD
from tests.web.screen import Screen

pytestmark = pytest.mark.browser

# Who opens which page; `{...}` are ids of the prepared office.
PAGES = (
    ("", "/login"),
    ("carla", "/inbox"),
    ("carla", "/inbox?show=mine"),
    ("carla", "/inbox?show=done"),
    ("carla", "/inbox/{task_id}"),
    ("bruno", "/inbox/{pickup_id}"),
    ("anna", "/contacts"),
    ("anna", "/contacts/new/call"),
    ("ugo", "/contacts/new/street"),
    ("bruno", "/contacts/{contact}"),
    ("ugo", "/outings"),
    ("ugo", "/outings/new"),
    ("ugo", "/outings/{outing}"),
    ("ugo", "/outings/{outing}/contacts/new"),
    ("bruno", "/desk"),
    ("carla", "/agenda"),
    ("carla", "/agenda?whose=post&span=day"),
    ("carla", "/agenda/new?case={case}"),
    ("carla", "/agenda/{appointment_id}"),
    ("carla", "/cases"),
    ("carla", "/search?purpose=apertura"),
    ("carla", "/cases/{case}"),
    ("carla", "/cases/{case}/decline"),
    ("carla", "/sheets/{case}/{sheet_id}"),
    ("carla", "/transfers"),
    ("carla", "/transfers/{transfer}"),
    ("carla", "/transfers/{transfer}/withdraw"),
    ("piero", "/transfers/{transfer}/offer"),
    ("carla", "/referrals"),
    ("elena", "/shelters"),
    ("elena", "/shelters/{shelter}/address"),
    ("carla", "/guides"),
    ("carla", "/guides/quarantacinque-giorni"),
    ("carla", "/leaflets"),
    ("fatou", "/leaflets/diritti/it"),
    ("lucia", "/leaflets/informativa/en?cover=neutral"),
    ("fatou", "/leaflets/diritti/ar/write"),
    ("dario", "/cases/{case}/address"),
    ("carla", "/cases/{case}/address"),
    ("elena", "/reveals"),
    ("lucia", "/reveals"),
    ("anna", "/directory/bodies"),
    ("lucia", "/directory/bodies/{body}"),
    ("lucia", "/directory/bodies/new"),
    ("anna", "/directory/agreements"),
    ("lucia", "/directory/agreements/{agreement_id}"),
    ("lucia", "/directory/agreements/new"),
    ("anna", "/rota/mine"),
    ("anna", "/rota/shifts/{shift_id}/swap"),
    ("ines", "/rota?week=2026-08-17"),
    ("ines", "/rota/shifts/{shift_id}"),
    ("lucia", "/models"),
    ("lucia", "/models/import"),
    ("lucia", "/models/protection"),
    ("lucia", "/models/protection/people"),
    ("lucia", "/models/protection/moves"),
    ("lucia", "/models/protection/draft/try"),
    ("lucia", "/models/protection/draft/rehearse"),
    ("lucia", "/models/protection/versions"),
    ("lucia", "/models/tables/triage/versions"),
    ("lucia", "/models/new"),
    ("lucia", "/models/forms/new"),
    ("lucia", "/models/errands/draft"),
    ("lucia", "/models/errands/draft/difference"),
    ("lucia", "/models/errands/draft/discard"),
    ("lucia", "/models/contact/draft/steps"),
    ("lucia", "/models/contact/draft/steps/contact_pickup"),
    ("lucia", "/models/contact/draft/steps/gw_pickup/add"),
    ("lucia", "/models/contact/draft/steps/contact_pickup/remove"),
    ("lucia", "/models/contact/draft/steps/contact_pickup/timer"),
    ("lucia", "/models/contact/draft/steps/contact_pickup/repeat"),
    ("lucia", "/models/contact/draft/steps/contact_pickup/mappings"),
    ("lucia", "/models/contact/draft/steps/contact_pickup/place"),
    ("carla", "/pathways/{instance_id}"),
    ("carla", "/cases/{case}/deadlines/{deadline_id}"),
    ("carla", "/terms"),
    ("lucia", "/terms/T09?from=2026-12-15"),
    ("lucia", "/terms/T09/propose"),
    ("lucia", "/terms/{term_id}/proposals/{proposal_id}"),
    ("lucia", "/offices"),
    ("lucia", "/offices/{office}"),
    ("lucia", "/incidents"),
    ("lucia", "/incidents/{incident_id}"),
    ("lucia", "/statistics"),
    ("lucia", "/statistics?table=victims"),
    ("dario", "/statistics?table=helpline&from=2026-01&to=2026-06"),
    ("dario", "/statistics?table=pathway&from=2026-01&to=2026-05"),
    ("dario", "/statistics/print?table=pathway"),
    ("dario", "/statistics/exports/{export_id}"),
    ("dario", "/inbox/{task_id}/skip"),
    ("carla", "/cases/{case}/steps/new"),
    ("carla", "/cases/{case}/close"),
    ("marco", "/audit?outcome="),
    ("marco", "/audit?kind=case"),
    ("marco", "/audit/reviews/{review_id}"),
    ("marco", "/audit/cases/{case}"),
    ("marco", "/audit/cases/{case}/report"),
    ("marco", "/audit/access"),
    ("marco", "/audit/figures"),
    ("carla", "/audit/findings"),
    ("lucia", "/handouts"),
    ("marco", "/pathways/{instance_id}"),
    ("nadia", "/status"),
    ("lucia", "/reminders"),
    ("lucia", "/reminders/rules/task"),
    ("lucia", "/reminders/rules/office"),
    ("lucia", "/reminders/tasks/{task_id}"),
    ("anna", "/account/mail"),
    ("nadia", "/notices"),
    ("anna", "/account"),
    ("dario", "/account/absences"),
    ("carla", "/calendar"),
    ("carla", "/emergency"),
    ("carla", "/cases/{case}/looks"),
    ("carla", "/cases/{case}/consents"),
    ("carla", "/cases/{case}/episode"),
    ("carla", "/cases/{case}/integration"),
    ("carla", "/cases/{case}/people/identity"),
    ("carla", "/cases/{case}/people/ways"),
    ("carla", "/cases/{case}/files/new"),
    ("carla", "/cases/{case}/documents/{document_id}"),
    ("carla", "/cases/{case}/letters/{letter}"),
    ("ugo", "/outings/{outing}/edit"),
    ("ines", "/rota/{post}/new"),
    ("anna", "/directory"),
    ("lucia", "/directory/posts/new"),
    ("lucia", "/directory/posts/{post}"),
    ("lucia", "/directory/referents/new"),
    ("lucia", "/directory/agreements/{agreement_id}/change"),
    ("dario", "/accesses"),
    ("dario", "/erasures"),
    ("marco", "/audit/accesses"),
    ("lucia", "/models/protection/draft"),
    ("lucia", "/models/tables/triage/draft"),
    ("lucia", "/models/tables/triage/draft/try"),
    ("lucia", "/models/forms/risk_assessment/draft"),
    ("lucia", "/models/forms/risk_assessment/draft/try"),
    ("anna", "/not/there"),
)
# Addresses that answer with a file, with data for a script, or with another address: nothing is drawn.
NO_PAGES = {
    "auth.home", "auth.leave_now", "status.health", "static", "feeds.read", "files.download", "documents.download",
    "leaflets.download", "audit.report", "models.xml", "models.heat", "pathways.xml", "pathways.marks", "pathways.replay",
    "workshop.raw", "workshop.copy", "workshop.vocabulary", "workshop.marks", "trying.marks",
    "exchange.everything", "exchange.pathway", "exchange.table", "exchange.form", "versions.file",
}  # fmt: skip
# Pages that need another moment than the prepared office has; the test that looks at them there.
ELSEWHERE = {
    "auth.show_unlock": "test_a_locked_screen_is_for_everybody",
    "steps.ask_reopen": "test_an_early_end_and_the_way_back_are_for_everybody",
    "modeller.show_diagram": "test_browser_modeller",
    "modeller.show_table": "test_browser_modeller",
    "modeller.show_form": "test_browser_modeller",
    "workshop.compare_copy": "test_browser_modeller",
    "files.preview": "test_files",
    "accesses.ask": "test_accesses",
    "audit.show_answers": "test_audit",
    "contacts.ask_more": "test_what_is_added_to_a_contact_of_the_street_later_is_for_everybody",
    "reentry.ask": "test_a_page_that_needs_a_later_day_is_for_everybody",
    "texting.ask": "test_a_text_to_a_person_is_sent_and_stopped_by_everybody",
    "transfers.ask_plan": "test_a_page_that_needs_a_later_day_is_for_everybody",
}


def speak(login: str, language: str) -> None:
    with core.db.transaction() as db:
        user = users.by_login(db, login)
        assert user
        users.set_preferences(db, user, language=language, by="cli")


def test_no_page_of_the_application_is_left_out(application, prepared):
    """A new page enters PAGES, or says where else axe looks at it."""
    routes = application.url_map.bind("localhost")
    opened = set()
    for _, path in PAGES:
        with contextlib.suppress(NotFound):
            opened.add(routes.match(path.format(**prepared.places).partition("?")[0], method="GET")[0])
    asked = {rule.endpoint for rule in application.url_map.iter_rules() if "GET" in (rule.methods or ())}
    told = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py") if file.name != Path(__file__).name)

    assert asked - opened - NO_PAGES - set(ELSEWHERE) == set()
    assert (NO_PAGES | set(ELSEWHERE)) - asked == set()
    assert set(ELSEWHERE) & opened == set()
    for test in set(ELSEWHERE.values()):
        name = f"def {test}("
        assert name in told or name in Path(__file__).read_text() or (Path(__file__).parent / f"{test}.py").exists(), test


REFUSED = {"/not/there": 404, "/statistics?table=pathway&from=2026-01&to=2026-05": 422}
SPOKEN: tuple[tuple[str, Literal["light", "dark"]], ...] = (("it", "light"), ("en", "dark"))
LANGUAGES = pytest.mark.parametrize(("language", "colours"), SPOKEN)


@pytest.mark.parametrize(("login", "path"), PAGES)
def test_a_page_is_for_everybody(screen, prepared, login, path):
    desk: Screen = screen(login, reduced_motion="reduce")
    address = path.format(**prepared.places)
    for language, colours in SPOKEN:
        desk.page.emulate_media(color_scheme=colours)
        if login:
            speak(login, language)
        desk.open(address if login else f"{address}?language={language}")
        status = desk.page.evaluate("performance.getEntriesByType('navigation')[0].responseStatus")

        assert status == REFUSED.get(path, 200)
        assert desk.page.get_attribute("html", "lang") == language
        assert desk.axe() == []
        assert {width: desk.overflow(width) for width in (320, 768, 1440)} == {320: 0, 768: 0, 1440: 0}


@LANGUAGES
def test_a_page_that_needs_a_later_day_is_for_everybody(screen, prepared, language, colours):
    case, code = prepared.places["case"], prepared.places["transfer"]
    with core.db.transaction() as db:
        db.get_one(Case, case).status = "suspended"
        db.get_one(Transfer, code).status = "accepted"
    for login, path in (("carla", f"/cases/{case}/reentry"), ("carla", f"/transfers/{code}/plan")):
        desk: Screen = screen(login, color_scheme=colours, reduced_motion="reduce")
        speak(login, language)
        page = desk.open(path)
        expect(page.locator("main form .primary")).to_be_visible()
        assert desk.axe() == []
        assert [desk.overflow(width) for width in (320, 768, 1440)] == [0, 0, 0]


@LANGUAGES
def test_a_text_to_a_person_is_sent_and_stopped_by_everybody(
    screen, prepared, application, monkeypatch, language, colours
):
    opened = replace(application.config["APPRODO"], sms_url="https://sms.example.org")
    monkeypatch.setitem(application.config, "APPRODO", opened)
    case = prepared.places["case"]
    desk: Screen = screen("carla", color_scheme=colours, reduced_motion="reduce")
    speak("carla", language)

    def look(button: str, count: int) -> None:
        expect(desk.page.locator(f"main form {button}")).to_have_count(count)
        assert desk.axe() == []
        assert [desk.overflow(width) for width in (320, 768, 1440)] == [0, 0, 0]

    desk.open(f"/cases/{case}/sms")
    look(".button", 0)  # nothing is agreed
    with core.db.transaction() as db:
        ways = {"number": "333 0000000", "cover_text": "Ciao", "sms_from": "15:00", "sms_to": "15:30"}
        persons.record(db, case, ways=ways, by="cli")
        consents.record(db, case, "sms", "interno", True, clock.today(), by="cli")
    page = desk.open(f"/cases/{case}/sms")
    look(".primary", 1)
    page.locator("main form .primary").click()
    page.wait_for_url("**done=sms_promised**")
    page = desk.open(f"/cases/{case}/sms")
    look(".danger", 1)
    page.locator("main form .danger").click()
    page.wait_for_url("**done=sms_stopped**")
    look(".primary", 1)


@LANGUAGES
def test_what_is_added_to_a_contact_of_the_street_later_is_for_everybody(screen, prepared, language, colours):
    desk: Screen = screen("ugo", color_scheme=colours, reduced_motion="reduce")
    page = desk.open(f"/outings/{prepared.places['outing']}/contacts/new")
    page.locator("#contact .primary").click()
    page.wait_for_url("**met=**")
    card = page.locator("strong.code").inner_text()
    speak("ugo", language)
    page = desk.open(f"/contacts/{card}/complete")
    expect(page.locator("main form .primary")).to_be_visible()
    assert desk.axe() == []
    assert [desk.overflow(width) for width in (320, 768, 1440)] == [0, 0, 0]


def test_a_refused_form_is_for_everybody_and_shows_its_errors_first(screen, prepared):
    desk: Screen = screen("carla")
    page = desk.open(f"/inbox/{prepared.places['task_id']}")
    page.get_by_role("button", name="Completa").click()
    page.wait_for_selector("#errors")

    expect(page.locator("#errors")).to_be_focused()
    assert desk.axe() == []
    assert desk.overflow(320) == 0
    page.locator("#errors a").first.click()
    assert page.evaluate("document.activeElement.closest('[data-field]')?.dataset.field") == "risk_occasion"


def test_a_locked_screen_is_for_everybody(screen):
    desk: Screen = screen("anna")
    page = desk.open("/contacts")
    page.get_by_role("button", name="Blocca ora").click()
    page.wait_for_url("**/unlock?next=/contacts")

    assert desk.axe() == []
    assert page.title() == "Accesso · Approdo"


@LANGUAGES
def test_what_waits_for_a_password_and_then_to_be_sent_again_is_for_everybody(screen, prepared, language, colours):
    speak("carla", language)
    desk: Screen = screen("carla", color_scheme=colours, reduced_motion="reduce")
    page = desk.open(f"/cases/{prepared.places['case']}/files/new")
    page.locator("[name=what]").select_option("identita")
    paper = FilePayload(name="Blessing.pdf", mimeType="application/pdf", buffer=b"%PDF-1.4")
    page.locator("[name=file]").set_input_files(paper)
    desk.context.clear_cookies()
    page.locator("main form .primary").click()
    page.wait_for_selector("[name=kept]", state="attached")
    assert desk.axe() == []
    assert [desk.overflow(width) for width in (320, 768, 1440)] == [0, 0, 0]

    for wanted in ("en", "it"):  # the other language takes nothing away
        page.locator(f"[name=speak][value={wanted}]").click()
        page.wait_for_selector(f"html[lang={wanted}]")
        assert desk.axe() == []
    page.locator("[name=login]").fill("carla")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.locator("[name=file]").wait_for()
    assert page.get_attribute("html", "lang") == language
    assert desk.axe() == []
    assert [desk.overflow(width) for width in (320, 768, 1440)] == [0, 0, 0]
    page.locator("[name=file]").set_input_files(paper)
    page.locator("main form .primary").click()
    page.wait_for_url("**done=file_added**")


def test_the_large_text_fits_a_phone_and_the_language_is_switched_by_its_name(screen):
    desk: Screen = screen("anna")
    page = desk.open("/account")
    page.get_by_label("Grandi").check()
    page.get_by_label("English").check()
    page.locator("main .button.primary").click()
    page.wait_for_url("**/account?done=settings")
    assert page.locator("h2").first.inner_text() == "My roles"

    for path in ("/inbox", "/contacts/new/call", "/account"):
        desk.open(path)
        assert desk.overflow(320) == 0


def test_the_drawing_shows_what_happened_and_leaves_the_makers_mark_free(screen, prepared):
    desk: Screen = screen("carla")
    page = desk.open(f"/pathways/{prepared.places['instance_id']}")

    assert page.locator(".state-active").count() >= 1
    assert page.locator(".state-done").count() >= 1
    mark = page.locator(".bjs-powered-by")
    box = mark.bounding_box()
    assert box
    mark.scroll_into_view_if_needed()
    assert mark.evaluate(
        "e => { const b = e.getBoundingClientRect();"
        " return e.contains(document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2)) }"
    )


def test_esci_subito_leaves_at_once_and_locks_the_session(screen):
    desk: Screen = screen("anna")
    page = desk.open("/contacts")
    page.locator("[data-quick-exit]").click()
    page.wait_for_url(lambda url: "/contacts" not in url)

    assert not page.url.startswith(desk.url)
    desk.open("/inbox")
    assert page.url.endswith("/unlock?next=/inbox")
