"""Coming in, staying in, being locked out: threats A29-A38, A71."""

from io import BytesIO

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import core.db
from cases.files import File
from core import clock, kept, log, users
from tests.web.browser import PASSWORD, Browser

FAILED = "Nome utente o password non corretti"


def account(db: Session, login: str) -> users.User:
    found = users.by_login(db, login)
    assert found
    return found


def test_a_stranger_is_sent_to_the_login_and_then_to_where_she_was_going(stranger):
    assert stranger.get("/contacts?status=closed").location == "/login?next=/contacts?status%3Dclosed"
    stranger.follow()

    assert stranger.send("/login", login="anna", password=PASSWORD).location == "/contacts?status=closed"


@pytest.mark.parametrize(
    ("login", "password"), [("anna", "sbagliata"), ("nessuno", PASSWORD), ("", ""), ("anna", "x" * 5000)]
)
def test_every_failed_login_has_the_same_answer(stranger, login, password):
    stranger.get("/login")
    reply = stranger.send("/login", login=login, password=password)

    assert reply.status_code == 401
    assert FAILED in reply.text
    assert password not in reply.text or not password


def test_a_disabled_account_gets_the_same_answer(app, stranger):
    with core.db.transaction() as db:
        users.disable(db, account(db, "anna"), by="cli")

    assert FAILED in stranger.log_in("anna").text


def test_after_ten_wrong_passwords_even_the_right_one_waits(app, stranger):
    for _ in range(10):
        assert stranger.log_in("anna", "sbagliata").status_code == 401

    assert stranger.log_in("anna").status_code == 401
    assert FAILED in stranger.reply.text


def test_who_logged_in_here_before_still_can(app, anna):
    anna.get("/account")
    anna.send("/logout")
    for _ in range(10):
        Browser(app).log_in("anna", "sbagliata")

    assert anna.log_in("anna").status_code == 303


def test_the_cookie_changes_at_login_and_dies_at_logout(app, stranger):
    stranger.get("/login")
    before = stranger.client.get_cookie("approdo").value
    stranger.log_in("anna")
    inside = stranger.client.get_cookie("approdo").value
    stranger.get("/account")
    stranger.send("/logout")
    thief = Browser(app)
    thief.client.set_cookie("approdo", inside)

    assert len({before, inside, stranger.client.get_cookie("approdo").value}) == 3
    assert thief.get("/inbox").status_code == 303


@pytest.mark.parametrize("cookie", ["", "x", "ä" * 43, "A" * 43, "../../etc/passwd"])
def test_a_forged_cookie_is_nobody(stranger, cookie):
    stranger.client.set_cookie("approdo", cookie)

    assert stranger.get("/inbox").location.startswith("/login")


def test_a_changed_role_ends_the_session(app, anna):
    with core.db.transaction() as db:
        users.grant(db, account(db, "anna"), "nv_supervisor", "nv-centrale", by="cli")

    assert anna.get("/inbox").location.startswith("/login")


def test_ten_idle_minutes_lock_the_screen_and_the_password_opens_it_where_one_was(anna, time):
    anna.get("/contacts")
    time.forward(minutes=11)

    assert anna.get("/contacts").location == "/unlock?next=/contacts"
    page = anna.follow().text
    assert "Schermo bloccato" in page
    assert "Attività" not in page
    assert anna.send("/unlock", password="sbagliata").status_code == 401
    assert anna.send("/unlock", password=PASSWORD).location == "/contacts"
    assert anna.follow().status_code == 200


def test_lock_now_locks_on_the_server(anna):
    anna.get("/contacts")
    anna.send("/lock")

    assert anna.get("/inbox").location == "/unlock?next=/inbox"


def test_esci_subito_locks_and_leads_to_a_page_that_says_nothing(anna):
    reply = anna.get("/exit")

    assert reply.location.startswith("https://")
    assert "approdo" not in reply.location
    assert anna.get("/inbox").location.startswith("/unlock")


def test_a_session_ends_after_twelve_hours_at_work(anna, time):
    for _ in range(12 * 7):
        time.forward(minutes=9)
        anna.get("/inbox")

    assert anna.get("/inbox").location.startswith("/login")


def test_what_was_typed_on_a_locked_screen_is_a_draft_after_the_password(anna, time):
    anna.get("/contacts/new/call")
    time.forward(minutes=15)

    assert (
        anna.send("/contacts/new/call", summary="Piange, <b>sussurra</b>").location == "/unlock?next=/contacts/new/call"
    )
    anna.follow()
    anna.send("/unlock", password=PASSWORD)
    assert "Piange, &lt;b&gt;sussurra&lt;/b&gt;" in anna.follow().text


def test_the_lock_keeps_forms_of_other_tabs_alive(anna, time):
    tab = anna.get("/contacts/new/call").text
    time.forward(minutes=11)
    anna.get("/inbox")
    anna.follow()
    anna.send("/unlock", password=PASSWORD)
    anna.reply = type("Page", (), {"text": tab})()

    assert anna.send("/contacts/new/call", danger="no").status_code == 303


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "\n/x"]
)
def test_the_login_leads_nowhere_else(stranger, target):
    stranger.get("/login", query_string={"next": target})

    assert stranger.send("/login", login="anna", password=PASSWORD).location == "/"


def test_preferences_belong_to_the_user_and_follow_her(app, anna):
    anna.get("/account")
    anna.send("/account", language="en", theme="dark", text_size="large")

    page = Browser(app, "anna").get("/account").text
    assert '<html lang="en" data-theme="dark" data-size="large">' in page
    assert "How I like to read" in page


def test_odd_preferences_change_nothing(anna):
    anna.get("/account")
    anna.send("/account", language="xx", theme="<script>", text_size="huge")

    assert '<html lang="it" data-theme="auto" data-size="normal">' in anna.get("/account").text


@pytest.mark.parametrize("asked", ["it-IT-x-evil", "*", "", "tlh, ;q=x", "en;q=0.9, it;q=0.1"])
def test_any_browser_language_is_survived(stranger, asked):
    assert stranger.get("/login", headers={"Accept-Language": asked}).status_code == 200


def test_who_has_no_role_sees_only_herself(app):
    with core.db.transaction() as db:
        users.add(db, "nuova", "Nuova Persona", "n@example.org", password=PASSWORD, by="cli")
    browser = Browser(app, "nuova")

    assert browser.get("/").location == "/account"
    assert "Nessun ruolo" in browser.follow().text
    assert browser.get("/inbox").status_code == 404


def test_the_first_page_is_the_first_place_one_may_go(at_desk):
    places = {name: at_desk(name).get("/").location for name in ("anna", "lucia", "marco", "nadia")}

    assert places == {"anna": "/inbox", "lucia": "/models", "marco": "/models", "nadia": "/status"}


def test_refused_access_is_written_down_without_what_was_asked(app, carla):
    carla.get("/cases/F-Rossi Maria")

    with core.db.transaction() as db:
        line = next(line for line in log.lines(db) if line.verb == "access.refused")
        assert line.facts == {"page": "cases.show", "method": "GET"}
        assert log.verify(db) == []
    assert clock.now()


OURS = {"Sec-Fetch-Site": "same-origin"}
ABSENCE = "/account/absences"


def absences(app) -> int:
    """How many absences are written down."""
    with core.db.transaction() as db:
        return len(db.scalars(select(users.Absence)).all())


@pytest.mark.parametrize("loss", ["cookie", "login", "session", "screen"])
def test_a_form_whose_visit_is_gone_does_nothing_and_waits_with_all_that_was_typed(app, carla, time, loss):
    with core.db.transaction() as db:
        deputy = account(db, "giulia").id
    typed = {"deputy": deputy, "from_on": "2026-09-01", "to_on": "2026-09-11", "odd": 'due "righe" <b>'}
    form = {"csrf_token": carla.token(), **typed}
    if loss == "cookie":
        carla.client.delete_cookie("approdo")
    elif loss == "login":
        carla.client.delete_cookie("approdo")
        carla.log_in("carla")
    elif loss == "session":
        time.forward(hours=3)
    else:
        time.forward(minutes=15)

    assert carla.client.post(ABSENCE, data=form).status_code in (303, 400)  # no proof that a page of ours sent it
    carla.reply = carla.client.post(ABSENCE, data=form, headers=OURS)
    assert (carla.reply.status_code, absences(app)) == (400, 0)
    if loss != "login":
        door = "/unlock" if loss == "screen" else "/login"
        assert "righe" not in carla.reply.text
        assert carla.send(door, login="carla", password="sbagliata").status_code == 401
        assert carla.send(door, login="carla", password=PASSWORD).status_code == 200
    assert "Non è ancora inviato" in carla.reply.text
    assert "due &#34;righe&#34; &lt;b&gt;" in carla.reply.text
    assert absences(app) == 0

    assert carla.send(ABSENCE).status_code == 303
    assert absences(app) == 1


def test_of_a_form_with_a_file_the_words_wait_and_the_file_is_chosen_again(placed):
    desk, path = placed.desk("carla"), f"/cases/{placed.case}/files/new"
    form = {"csrf_token": desk.token(), "what": "identita", "file": (BytesIO(b"%PDF-1.4 uno"), "Blessing.pdf")}
    desk.client.delete_cookie("approdo")
    desk.reply = desk.client.post(path, data=form, headers=OURS)
    assert desk.reply.status_code == 400
    assert "Il file invece non si conserva" in desk.reply.text

    reply = desk.send("/login", speak="en")  # the other language takes nothing away
    assert (reply.status_code, 'lang="en"' in reply.text) == (200, True)
    assert 'name="without_file"' in reply.text
    page = desk.send("/login", login="carla", password=PASSWORD).text
    assert "sceglilo di nuovo" in page
    assert "Blessing" not in page
    assert 'enctype="multipart/form-data"' in page

    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    again = {"csrf_token": token, "what": "identita", "file": (BytesIO(b"%PDF-1.4 due"), "Blessing.pdf")}
    assert desk.client.post(path, data=again).status_code == 303
    with core.db.transaction() as db:
        assert len(db.scalars(select(File)).all()) == 1


def test_a_form_that_waits_for_the_password_goes_to_no_other_site_and_the_login_itself_is_asked_again(stranger):
    page = {"csrf_token": stranger.token(), "login": "anna", "password": PASSWORD}
    forged = kept.seal(b"x" * 32, kept.Kept("https://evil.example/x", [("a", "1")]), None)
    reply = stranger.client.post("/login", data={**page, "kept": forged})
    assert reply.location == "/"

    stranger.client.delete_cookie("approdo")
    reply = stranger.client.post("/login", data=page, headers=OURS)
    assert reply.status_code == 400
    assert 'value="anna"' in reply.text
    assert PASSWORD not in reply.text


@pytest.mark.parametrize("loss", ["session", "cookie"])
def test_whoever_takes_the_phone_next_does_not_read_what_waited_there(app, carla, time, loss):
    with core.db.transaction() as db:
        account(db, "giulia")
    form = {"csrf_token": carla.token(), "odd": "una cosa di Carla"}
    if loss == "session":
        time.forward(hours=3)
    else:
        carla.client.delete_cookie("approdo")
    carla.reply = carla.client.post(ABSENCE, data=form, headers=OURS)
    if loss == "cookie":
        time.forward(minutes=11)

    assert 'name="kept"' in carla.reply.text
    assert carla.send("/login", login="giulia", password=PASSWORD).status_code == 303
    assert "una cosa di Carla" not in carla.reply.text


def test_the_lock_works_from_a_page_of_an_old_visit(anna):
    anna.client.post("/lock", data={"csrf_token": "old"})

    assert anna.get("/inbox").location.startswith("/unlock")
