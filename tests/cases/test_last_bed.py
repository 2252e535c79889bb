"""Eight colleagues want the last three beds at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

from cases import casefile, posts, shelters
from core import log
from core.db import transaction
from core.errors import ShelterFull

DAY = date(2026, 7, 21)


def a_full_network(wanting):
    with transaction() as tx:
        for code, kind in (("lombardia-2", "project"), ("casa-a", "shelter")):
            posts.record(tx, code, {"name": code, "kind": kind}, by="cli")
        house = shelters.open_shelter(tx, "casa-a", "pronta", 3, by="cli").code
        return house, [casefile.open_(tx, "lombardia-2", by="u_luca").code for _ in range(wanting)]


def try_to_place(case_code, house):
    try:
        with transaction() as tx:
            shelters.place(tx, case_code, house, DAY, by="u_anna")
    except ShelterFull:
        return "full"
    return "placed"


def test_no_bed_is_given_twice_and_the_losers_are_told(database, time):
    house, wanting = a_full_network(8)

    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(lambda code: try_to_place(code, house), wanting))

    assert sorted(answers) == ["full"] * 5 + ["placed"] * 3
    with transaction() as tx:
        assert shelters.free_beds(tx) == []
        assert sum(shelters.current(tx, code) is not None for code in wanting) == 3
        assert log.verify(tx) == []
