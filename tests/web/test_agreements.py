"""Agreements on the page: written, renewed, ended; the coordinators are told in time and a letter betrays nothing."""

from datetime import date

from sqlalchemy import select

import core.db
from core.users import User
from notifications.outbox import Message
from tasks import outgoing, reminders
from tests.web.browser import Browser
from tests.web.test_today import notices_of, words
from tests.web.walk import Walk, complaint

LIST = "/directory/agreements"
FACTS = {
    "kind": "convenzione", "post": "lombardia-1", "subject": "Accoglienza di emergenza", "others": "Comune di prova",
    "signed_on": "2026-01-10", "expires_on": "2026-11-01", "notice_days": "60",
}  # fmt: skip


def write(desk: Browser, action: str = f"{LIST}/new", **more: str) -> str:
    reply = desk.send(action, **{**FACTS, **more})
    assert reply.status_code == 303, complaint(reply.text)
    return str(reply.location.partition("?")[0])


def new(desk: Browser, **more: str) -> str:
    desk.get(f"{LIST}/new")
    return write(desk, **more)


def told(login: str) -> list[str]:
    return sorted(kind for kind in notices_of(login) if kind.startswith("agreement"))


def letters(db) -> list[Message]:
    lucia = select(User.id).where(User.login == "lucia").scalar_subquery()
    mine = select(Message).where(Message.kind == "digest", Message.user_id == lucia)
    return list(db.scalars(mine.order_by(Message.promised_at)))


def test_the_list_says_when_each_ends(placed: Walk):
    lucia = Browser(placed.app, "lucia")
    new(lucia)
    new(lucia, subject="Mediazione", expires_on="")
    new(lucia, subject="Scaduta", expires_on="2026-08-01")
    page = words(Browser(placed.app, "anna").get(LIST).text)

    assert "scade tra 82 giorni 1 nov 2026" in page
    assert "senza una fine" in page
    assert "scaduta da 10 giorni" in page
    assert page.index("Scaduta") < page.index("Accoglienza di emergenza") < page.index("Mediazione")
    assert "Nuovo accordo" not in page


def test_a_renewal_stands_beside_the_old_one_which_stays(placed: Walk):
    lucia = Browser(placed.app, "lucia")
    old = new(lucia)
    renewal = f"{LIST}/new?renews={old.rpartition('/')[2]}"
    page = lucia.get(renewal).text
    assert "Accoglienza di emergenza" in page
    assert 'value="2026-01-10"' not in page, "the new days are asked for"
    fresh = write(lucia, signed_on="2026-10-20", expires_on="2028-11-01")

    assert "l'accordo firmato il 10 gen 2026" in words(lucia.get(fresh).text)
    said = words(lucia.get(old).text)
    assert "l'accordo firmato il 20 ott 2026" in said
    assert "rinnovato fino al 1 nov 2026" in said
    assert f'href="{renewal}"' not in lucia.reply.text
    assert lucia.get(renewal).status_code == 404, "it is renewed once"
    assert "Rinnovati o finiti prima" in words(lucia.get(LIST).text)


def test_a_slip_is_corrected_and_an_agreement_ends_early(placed: Walk):
    lucia = Browser(placed.app, "lucia")
    page = new(lucia)
    lucia.get(f"{page}/change")
    write(lucia, f"{page}/change", subject="Accoglienza, tre posti")
    assert "Accoglienza, tre posti" in words(lucia.get(page).text)
    assert lucia.send(f"{page}/end", ended_on="").status_code == 422
    lucia.get(page)
    lucia.send(f"{page}/end", ended_on="2026-08-31")
    assert "finito prima 31 ago 2026" in words(lucia.follow().text)


def test_wrong_fields_are_said_beside_them_and_nothing_typed_is_lost(placed: Walk):
    lucia = Browser(placed.app, "lucia")
    for wrong, said in (
        ({"others": ""}, "Scegli con chi è fatto l"),
        ({"expires_on": "2025-01-01"}, "La fine viene prima della firma."),
        ({"notice_days": "1000"}, "Giorni di preavviso"),
    ):
        lucia.get(f"{LIST}/new")
        reply = lucia.send(f"{LIST}/new", **{**FACTS, **wrong})
        assert reply.status_code == 422
        assert said in complaint(reply.text)
        assert "Accoglienza di emergenza" in reply.text


def test_the_coordinators_are_told_before_and_at_the_end_once_each_and_never_after_a_renewal(placed: Walk):
    lucia = Browser(placed.app, "lucia")
    page = new(lucia)
    for day in ("2026-09-01", "2026-09-02", "2026-09-02", "2026-09-03"):
        placed.time.at(f"{day} 08:00")
        with core.db.transaction() as db:
            reminders.plan(db, date.fromisoformat(day))
    assert told("lucia") == ["agreement_due"]
    assert told("carla") == []
    with core.db.transaction() as db:
        message = letters(db)[-1]
        letter = outgoing.letter(db, placed.app.config["APPRODO"], message)
        assert letter
        plain = letter.get_body(("plain",))
        assert plain
        body = plain.get_content()
        assert "Avvisi da leggere: 2" in body
        assert "accordo" not in f"{letter['Subject']} {body}".lower()

    placed.time.at("2026-11-02 08:00")
    with core.db.transaction() as db:
        reminders.plan(db, date(2026, 11, 2))
    assert told("lucia") == ["agreement_due", "agreement_over"]
    lucia.log_in("lucia")
    assert f'href="{LIST}"' in lucia.get("/notices").text
    lucia.get(f"{LIST}/new?renews={page.rpartition('/')[2]}")
    write(lucia, signed_on="2026-11-02", expires_on="2027-11-01")
    placed.time.at("2026-11-03 08:00")
    with core.db.transaction() as db:
        reminders.plan(db, date(2026, 11, 3))
    assert told("lucia") == ["agreement_due", "agreement_over"]
