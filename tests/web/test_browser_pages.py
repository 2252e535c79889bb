"""Every page in Chromium: usable by all (axe: 0), in both languages, light and dark, on a phone and on a desk."""

import pytest
from playwright.sync_api import expect

import core.db
from core import users
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
    ("lucia", "/models/protection"),
    ("lucia", "/models/protection/people"),
    ("lucia", "/models/protection/moves"),
    ("lucia", "/models/protection/draft/try"),
    ("lucia", "/models/protection/draft/rehearse"),
    ("lucia", "/models/protection/versions"),
    ("lucia", "/models/new"),
    ("lucia", "/models/forms/new"),
    ("lucia", "/models/errands/draft"),
    ("lucia", "/models/errands/draft/difference"),
    ("lucia", "/models/errands/draft/discard"),
    ("lucia", "/models/contact/draft/steps"),
    ("lucia", "/models/contact/draft/steps/contact_pickup"),
    ("lucia", "/models/contact/draft/steps/gw_pickup/add"),
    ("lucia", "/models/contact/draft/steps/contact_pickup/remove"),
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
    ("anna", "/not/there"),
)


def speak(login: str, language: str) -> None:
    with core.db.transaction() as db:
        user = users.by_login(db, login)
        assert user
        users.set_preferences(db, user, language=language, by="cli")


LANGUAGES = pytest.mark.parametrize(("language", "colours"), [("it", "light"), ("en", "dark")])


@LANGUAGES
@pytest.mark.parametrize(("login", "path"), PAGES)
def test_a_page_is_for_everybody(screen, prepared, login, path, language, colours):
    desk: Screen = screen(login, color_scheme=colours, reduced_motion="reduce")
    address = path.format(**prepared.places)
    if login:
        speak(login, language)
    desk.open(address if login else f"{address}?language={language}")

    assert desk.page.get_attribute("html", "lang") == language
    assert desk.axe() == []
    assert {width: desk.overflow(width) for width in (320, 768, 1440)} == {320: 0, 768: 0, 1440: 0}


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
