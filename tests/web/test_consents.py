"""Form F04 at the desk: one answer per purpose, taken back at any moment; and what is due to the person."""

from datetime import date

import pytest

import core.db
from cases import consents
from tests.web.walk import Walk

YES = {
    "consent_purpose": "invio_ente", "consent_receiver": "ente", "consent_answer": "dato", "consent_by": "person",
    "consent_on": "2026-08-11", "consent_language": "en", "consent_text_version": "informativa-it-1", "consent_way": "scritto",
    "consent_expires_on": "2027-02-11", "consent_scope": "Solo la lingua e il bisogno di un medico",
}  # fmt: skip


@pytest.fixture
def walk(app, time):
    walk = Walk(app, time)
    for step in (walk.meet, walk.ring, walk.pick_up, walk.house):
        step()
    return walk


def answer(walk, **given):
    desk = walk.desk("carla")
    page = f"/cases/{walk.case}/consents"
    desk.get(page)
    for _ in range(2):
        desk.send(page, _refresh="1", **(YES | given))
    return desk.send(page, **(YES | given), _refresh=[])


def allowed(walk, on=date(2026, 8, 11)):
    with core.db.transaction() as db:
        return consents.allowed(db, walk.case, "invio_ente", "ente", on)


def test_a_yes_is_kept_with_its_evidence_and_its_end(walk):
    assert answer(walk).status_code == 303
    page = walk.page("carla", f"/cases/{walk.case}")

    assert "Invio a un altro ente" in page
    assert "testo informativa-it-1" in page
    assert "bisogno di un medico" not in page
    assert allowed(walk)
    assert not allowed(walk, date(2027, 2, 12))


def test_she_takes_it_back_with_one_press_and_it_counts_no_more(walk):
    answer(walk)
    desk = walk.desk("carla")
    desk.get(f"/cases/{walk.case}")
    with core.db.transaction() as db:
        [given] = [each.id for each in consents.list_(db, walk.case) if each.purpose == "invio_ente"]

    assert desk.send(f"/cases/{walk.case}/consents/{given}/withdraw").status_code == 303
    assert "revocato l" in walk.page("carla", f"/cases/{walk.case}")
    assert not allowed(walk)


def test_a_no_is_an_answer_too(walk):
    assert answer(walk, consent_answer="negato").status_code == 303

    assert "negato" in walk.page("carla", f"/cases/{walk.case}")
    assert not allowed(walk)


def test_an_end_before_the_beginning_is_refused_beside_its_field(walk):
    reply = answer(walk, consent_expires_on="2026-08-01")

    assert reply.status_code == 422
    assert "Il consenso scadrebbe prima di essere dato." in reply.text
    assert "bisogno di un medico" in reply.text


def test_another_territory_takes_nothing_back(walk):
    answer(walk)
    with core.db.transaction() as db:
        given = consents.list_(db, walk.case)[0].id
    piero = walk.desks.setdefault("piero", type(walk.desk("carla"))(walk.app, "piero"))

    page = f"/cases/{walk.case}/consents"
    assert piero.get(page).status_code == 404
    token = piero.token()
    assert piero.client.post(f"{page}/{given}/withdraw", data={"csrf_token": token}).status_code == 404
    assert allowed(walk)


def test_what_is_due_grows_with_what_is_recognised(walk):
    page = walk.page("carla", f"/cases/{walk.case}")
    assert "Informativa sui diritti" in page
    assert "Alloggio sicuro e riservato" not in page
    walk.weigh("medio")
    walk.explain()
    walk.tell_the_questore()

    page = walk.page("carla", f"/cases/{walk.case}")
    assert "Alloggio sicuro e riservato" in page
    assert "Integrazione sociale: programma unico" not in page
