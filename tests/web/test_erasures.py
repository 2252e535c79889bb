"""On the page of erasures one person asks and another confirms; what is gone says so in one sentence."""

import re

import pytest

import core.db
from cases import casefile, persons, retention
from core import clock, vault
from tests.web.browser import Browser

CHOSEN = re.compile(r'name="chosen" value="(\w+)"')


@pytest.fixture
def left(placed):
    """The case of the walk, whose person left long ago."""
    case = placed.case
    with core.db.transaction() as db:
        persons.record(db, case, {"last_name": "Osagie"}, by="u_test")
        casefile.close(db, case, "conclusione_positiva", by="u_test")
        retention.begin_case(db, case, clock.today(), "conclusione_positiva", by="u_test")
    placed.time.at("2040-01-16 12:00")
    return case


def asked(page):
    """The lines of the page that wait for an answer of this person's."""
    return CHOSEN.findall(page.partition('id="asked"')[2].partition('id="free"')[0])


def test_one_asks_another_confirms_and_nobody_can_read_it_any_more(placed, left):
    dario, lucia = Browser(placed.app, "dario"), Browser(placed.app, "lucia")
    page = dario.get("/erasures").text
    free = CHOSEN.findall(page.partition('id="free"')[2])
    assert len(free) == 3
    assert left in page
    assert "Osagie" not in page
    assert "Scegli almeno una voce" in dario.send("/erasures", act="ask").text
    assert dario.send("/erasures", act="ask", chosen=free).status_code == 303
    assert asked(dario.get("/erasures").text) == []
    token = {"csrf_token": dario.token()}
    own = dario.client.post("/erasures", data={**token, "act": "confirm", "chosen": free, "sure": "yes"})
    assert (own.status_code, "deve confermarla" in own.text) == (422, True)

    waiting = asked(lucia.get("/erasures").text)
    assert sorted(waiting) == sorted(free)
    refused = lucia.send("/erasures", act="confirm", chosen=waiting)
    assert refused.status_code == 422
    assert "quello che si cancella non torna" in refused.text
    assert refused.text.count(" checked>") == 3
    assert lucia.send("/erasures", act="confirm", chosen=waiting, sure="yes").status_code == 303
    with core.db.transaction() as db:
        assert vault.is_destroyed(db, casefile.scope_of(left))
    assert dario.get(f"/cases/{left}").status_code == 200
    gone = dario.get(f"/cases/{left}/people/identity")
    assert gone.status_code == 410
    assert "nessuno può più leggerli" in gone.text


def test_an_entry_of_another_post_does_not_exist(placed, left):
    dario, ines = Browser(placed.app, "dario"), Browser(placed.app, "ines")
    free = CHOSEN.findall(dario.get("/erasures").text)

    assert CHOSEN.findall(ines.get("/erasures").text) == []
    assert ines.client.post("/erasures", data={"csrf_token": ines.token(), "act": "ask", "chosen": free}).status_code == 404
    assert Browser(placed.app, "carla").get("/erasures").status_code == 404
