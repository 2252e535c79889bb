"""A sealed address, shown by agreement of two: who may ask, who may answer, for how long, and what stays written."""

from datetime import date

import pytest

from cases import casefile, grants, reveals, shelters
from core import log, users
from core.errors import InvalidForm, NotYours, TooMany, WrongOrder
from tests.cases.conftest import worker

ADDRESS = "Via del Roseto 7, Clusone"
WHY = ("accompagnare", "La accompagno alla visita di stasera")


@pytest.fixture
def cora():
    """A coordinator of the whole office."""
    return worker("cora", ("coordinator", None))


@pytest.fixture
def lodged(db, time, a_case, a_house):
    """The person of the case lives in the house."""
    time.at("2026-08-11 10:00")
    shelters.place(db, a_case.code, a_house.code, date(2026, 7, 21), by="u_anna")
    return a_case


def asked(db, actor, case):
    return reveals.ask(db, actor, reveals.find_case(db, actor, case.code), *WHY)


def test_two_people_open_the_address_for_a_quarter_of_an_hour(db, lodged, anna, gina, time, said):
    reveal = asked(db, anna, lodged)
    with pytest.raises(NotYours):
        reveals.look(db, anna, lodged, "0")
    reveals.grant(db, gina, reveal.id, 15)

    assert reveals.look(db, anna, lodged, "0") == ADDRESS
    assert reveals.look(db, anna, lodged, "1") == ADDRESS
    time.forward(minutes=15)
    with pytest.raises(WrongOrder):
        reveals.look(db, anna, lodged, "2")

    assert said(f"case:{lodged.code}")[-4:] == ["reveal.asked", "reveal.granted", "case.viewed", "case.viewed"]
    assert said(f"shelter:{reveal.shelter}").count("shelter.address_viewed") == 2
    written = str([line.content for line in db.info[log.PENDING]])
    assert "Roseto" not in written
    assert "visita" not in written


def test_the_same_press_shows_it_once(db, lodged, anna, gina):
    reveals.grant(db, gina, asked(db, anna, lodged).id, 15)
    reveals.look(db, anna, lodged, "0")

    with pytest.raises(WrongOrder):
        reveals.look(db, anna, lodged, "0")


@pytest.mark.parametrize("other", ["bruno", "olga", "sara", "luca", "mira", "dario", "gina", "cora"])
def test_who_does_not_follow_the_case_or_knows_the_address_anyway_cannot_ask(db, lodged, other, request):
    with pytest.raises(NotYours):
        reveals.find_case(db, request.getfixturevalue(other), lodged.code)


def test_an_emergency_opens_the_case_and_not_the_house(db, lodged, bruno):
    grants.break_glass(db, lodged.code, "È in pronto soccorso e ha paura", by=bruno.user_id)

    assert not reveals.may_ask(db, bruno, lodged)


def test_whom_the_mask_keeps_out_cannot_look_any_more(db, lodged, carla, gina):
    reveals.grant(db, gina, asked(db, carla, lodged).id, 15)
    casefile.mask(db, lodged.code, by="u_anna")

    with pytest.raises(NotYours):
        reveals.find_case(db, carla, lodged.code)


def test_nobody_answers_oneself(db, lodged, time):
    both = worker("both", ("case_manager", "lombardia-2"), ("coordinator", None))
    reveal = asked(db, both, lodged)

    assert reveals.to_answer(db, both) == []
    with pytest.raises(NotYours):
        reveals.grant(db, both, reveal.id, 15)


def test_two_who_ask_for_the_same_house_do_not_answer_each_other(db, lodged, anna):
    both = worker("both", ("case_manager", "lombardia-2"), ("coordinator", None))
    first = asked(db, anna, lodged)
    asked(db, both, lodged)

    with pytest.raises(WrongOrder):
        reveals.grant(db, both, first.id, 15)


def test_a_deputy_does_not_answer_for_whom_they_stand_in(db, lodged):
    away = users.add(db, "away", "Anna Via", "away@example.org", by="cli")
    deputy = users.add(db, "deputy", "Vice", "deputy@example.org", by="cli")
    users.add_absence(db, away, deputy, date(2026, 8, 10), date(2026, 8, 12), by="cli")
    asker = worker(away.id.removeprefix("u_"), ("case_manager", "lombardia-2"))
    answerer = worker(deputy.id.removeprefix("u_"), ("coordinator", None))
    reveal = asked(db, asker, lodged)

    with pytest.raises(WrongOrder):
        reveals.grant(db, answerer, reveal.id, 15)


def test_the_staff_of_another_house_has_nothing_to_answer(db, lodged, anna):
    gino = worker("gino", ("shelter_worker", "casa-b"))
    reveal = asked(db, anna, lodged)

    assert reveals.to_answer(db, gino) == []
    with pytest.raises(NotYours):
        reveals.refuse(db, gino, reveal.id, "Non la conosco affatto")


def test_a_coordinator_answers_without_reading_the_case(db, lodged, anna, cora, gina):
    reveal = asked(db, anna, lodged)

    assert [each.id for each in reveals.to_answer(db, cora)] == [reveal.id]
    assert not reveals.may_read_words(db, cora, reveal)
    with pytest.raises(NotYours):
        reveals.read_words(db, cora, reveal)
    assert reveals.read_words(db, gina, reveal) == WHY[1]
    reveals.grant(db, cora, reveal.id, 15)
    assert reveals.look(db, anna, lodged, "0") == ADDRESS


def test_a_no_needs_words_and_shows_nothing(db, lodged, anna, gina):
    reveal = asked(db, anna, lodged)
    with pytest.raises(InvalidForm):
        reveals.refuse(db, gina, reveal.id, "no")
    reveals.refuse(db, gina, reveal.id, "Stasera la accompagniamo noi")

    with pytest.raises(NotYours):
        reveals.look(db, anna, lodged, "0")
    with pytest.raises(WrongOrder):
        reveals.grant(db, gina, reveal.id, 15)
    assert reveals.why_not(db, reveal) == "Stasera la accompagniamo noi"


def test_a_question_that_nobody_answers_ends_and_a_look_that_is_over_too(db, lodged, anna, carla, gina, time, said):
    waiting = asked(db, anna, lodged)
    granted = asked(db, carla, lodged)
    reveals.grant(db, gina, granted.id, 15)
    time.forward(hours=12)
    assert (waiting.state, granted.state) == ("expired", "over")
    with pytest.raises(WrongOrder):
        reveals.grant(db, gina, waiting.id, 15)

    assert {each.id for each in reveals.expire(db)} == {waiting.id, granted.id}
    assert reveals.expire(db) == []
    assert set(said(f"case:{lodged.code}")[-2:]) == {"reveal.expired", "reveal.over"}


def test_who_moves_out_takes_the_answer_away(db, lodged, anna, carla, gina, a_house):
    open_ = asked(db, anna, lodged)
    reveals.grant(db, gina, asked(db, carla, lodged).id, 15)
    shelters.leave(db, lodged.code, date(2026, 8, 11), by="u_anna")

    with pytest.raises(WrongOrder):
        reveals.grant(db, worker("gia", ("shelter_worker", "casa-a")), open_.id, 15)
    with pytest.raises(NotYours):
        reveals.find_case(db, carla, lodged.code)


def test_one_waits_for_an_answer_before_asking_again_and_not_too_often(db, lodged, anna, gina, time):
    for _ in range(reveals.MOST_A_DAY):
        reveal = asked(db, anna, lodged)
        with pytest.raises(WrongOrder):
            asked(db, anna, lodged)
        reveals.refuse(db, gina, reveal.id, "Non serve, è già partita")
        time.forward(minutes=1)
    with pytest.raises(TooMany):
        asked(db, anna, lodged)
    time.forward(days=1)
    asked(db, anna, lodged)


def test_without_a_listed_reason_and_words_nothing_is_asked(db, lodged, anna):
    for why, words in (("curiosita", WHY[1]), (WHY[0], "boh")):
        with pytest.raises(InvalidForm):
            reveals.ask(db, anna, lodged, why, words)
    assert reveals.newest(db, anna, lodged) is None


def test_a_house_without_an_address_behaves_like_any_other(db, lodged, anna, gina, a_house):
    shelters.set_address(db, gina, a_house.code, "")
    reveal = asked(db, anna, lodged)
    reveals.grant(db, gina, reveal.id, 15)

    assert reveals.look(db, anna, lodged, "0") == ""
