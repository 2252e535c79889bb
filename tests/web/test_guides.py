"""Notes for colleagues: found by words, read with their source, and told when they are old."""

import pytest

from tasks import guides
from tests.web.browser import Browser


@pytest.fixture
def carla(placed):
    return placed.desk("carla")


def test_a_note_is_found_by_every_word_that_stands_in_it(carla):
    found = carla.get("/guides?q=attestato+Questore").text

    assert "/guides/quarantacinque-giorni" in found
    assert "/guides/la-rete" not in found
    assert "Nessuna nota con queste parole" in carla.get("/guides?q=zeppelin").text


def test_a_note_says_where_it_stands_and_when_to_look_again(carla, time):
    page = carla.get("/guides/che-cosa-non-si-promette").text
    assert "art. 331 c.p.p." in page
    assert "da verificare" in page
    assert "bozza da validare" in page
    assert not guides.get("che-cosa-non-si-promette").is_old

    time.at("2027-02-27 09:00")
    assert guides.get("che-cosa-non-si-promette").is_old
    assert not guides.get("la-rete").is_old


def test_a_note_that_is_none_does_not_exist(carla, placed):
    assert carla.get("/guides/altro").status_code == 404
    assert Browser(placed.app, "nadia").get("/guides").status_code == 404


@pytest.mark.parametrize("guide", guides.known().values(), ids=lambda guide: guide.key)
def test_every_note_is_whole(guide):
    assert all((guide.name, guide.name_en, guide.source, guide.text.startswith("# ")))
    assert guide.certainty in "ABCD"
    assert guide.reviewed_on < guide.review_by
