"""What the tables of one office say together: nothing that one of them hides; and fingerprints made anew."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import update

from cases import casefile, contacts, periods, persons, posts, sheets, statistics, victims
from core import clock
from core.errors import ConfigError
from tasks import figures
from tasks import statistics as asked

SPRING = periods.between("quarter", "2026-04", "2026-06")
STREETS = ("MI", "BG", None)


def live(db, time, seed):
    """Some weeks of two posts, at random."""
    chance = random.Random(seed)
    for post in ("lombardia-2", "puglia"):
        posts.record(db, post, {"name": post, "kind": "project"}, by="cli")
        for kind in ("call", "street", "desk"):
            for _ in range(chance.choice((0, 2, 5, 9, 14))):
                time.at("2026-04-01 12:00")
                clock.move(timedelta(days=chance.randrange(90)))
                facts = {"at": clock.now(), "province": chance.choice(STREETS)}
                if kind == "call":
                    facts |= {"activator": chance.choice(("vittima", "cittadino")), "reason": "informazioni"}
                contacts.record(db, kind, post, facts, {}, by="u")
        for _ in range(chance.choice((0, 3, 6, 11))):
            time.at("2026-04-01 12:00")
            clock.move(timedelta(days=chance.randrange(90)))
            case = casefile.open_(db, post, by="u").code
            casefile.set_phase(db, case, chance.choice(("P2", "P3", "P6")), by="u")
    time.at("2026-07-21 09:00")


def published(db, post):
    """Every number of the three tables of a quarter by what it counts; None where it is hidden."""
    found: dict[tuple[tuple[str, str], ...], int | None] = {}
    for table in ("pathway", "helpline", "monitoring"):
        for block in figures.blocks(statistics.tables(db, table, SPRING, post), 1):
            for line in block.lines:
                key = tuple(zip(block.dims, line.codes, strict=True))
                assert found.setdefault(key, line.numbers[0]) == line.numbers[0], key
    same = {"calls": "call", "encounters": "street"}  # two names for one thing
    for name, kind in same.items():
        one, other = found[("measure", name),], found.get((("measure", "contacts"), ("kind", kind)))
        assert one == other or (other is None and one in (None, 0)), (name, one, other)
    return found


def sums(found):
    """Each whole with the parts that make it up, by dimension."""
    together: dict[tuple[tuple[tuple[str, str], ...], str], list[tuple[tuple[str, str], ...]]] = {}
    for key in found:
        if len(key) > 1:
            together.setdefault((key[:-1], key[-1][0]), []).append(key)
    return [(whole, parts) for (whole, _), parts in together.items()]


@pytest.mark.parametrize("post", [None, "lombardia-2"])
@pytest.mark.parametrize("seed", range(12))
def test_no_hidden_number_is_the_rest_of_a_sum_in_all_the_tables_of_a_quarter(db, time, seed, post):
    live(db, time, seed)
    found = published(db, post)
    known = {key: (n, n) if n is not None else (0, 10_000) for key, n in found.items()}
    same = {(("measure", "contacts"), ("kind", kind)): (("measure", name),) for name, kind in
            (("calls", "call"), ("encounters", "street"))}  # fmt: skip
    for _ in range(20):  # narrow what each number may be until nothing changes
        for whole, parts in sums(found):
            low, high = sum(known[one][0] for one in parts), sum(known[one][1] for one in parts)
            known[whole] = max(known[whole][0], low), min(known[whole][1], high)
            for one in parts:
                rest_low, rest_high = low - known[one][0], high - known[one][1]
                known[one] = max(known[one][0], known[whole][0] - rest_high), min(
                    known[one][1], known[whole][1] - rest_low
                )
        for one, other in same.items():
            if one in known:
                low, high = max(known[one][0], known[other][0]), min(known[one][1], known[other][1])
                known[one] = known[other] = low, high

    pinned = {key: span for key, span in known.items() if found[key] is None and span[0] == span[1]}
    assert pinned == {}
    assert all(n is None or n == 0 or n >= 5 for n in found.values())


def test_the_fingerprints_are_made_anew_from_what_is_sealed(db, time):
    posts.record(db, "puglia", {"name": "puglia", "kind": "project"}, by="cli")
    decided, met = (casefile.open_(db, "puglia", by="u").code for _ in range(2))
    sheets.file(db, decided, "decision", {"P3": {"forms_of_exploitation": ["lavorativo"]}}, by="u")
    facts = {"at": clock.now(), "forms_of_exploitation": ["sessuale_online"]}
    call = contacts.record(db, "call", "puglia", facts, {}, by="u")
    contacts.attach_case(db, call.code, met, by="u")
    persons.record(db, met, {"gender": "donna_trans", "citizenships": ["BR"]}, by="u")
    db.execute(update(victims.Trait).values(form=None))
    db.expire_all()

    assert asked.rebuild(db) == 2
    read = victims.forms_by_print()
    assert [read[db.get(victims.Trait, code).form] for code in (decided, met)] == ["lavorativo", "sessuale"]
    assert victims.persons_by_print()[db.get(victims.Trait, met).who] == ("altro", "BR")


def test_the_mapping_names_every_table_and_every_measure_once():
    assert [row["id"] for row in figures.mapping()["table"]] == list(statistics.UNITS)
    assert sorted(row["measure"] for row in figures.mapping()["column"]) == sorted(statistics.MEASURES)


def test_a_mapping_without_a_source_stops_at_once(monkeypatch, tmp_path):
    wrong = tmp_path / "statistics.toml"
    wrong.write_text('version = "1"\n[[column]]\nmeasure = "contacts"\ncode = "x"\ncertainty = "A"\n')
    monkeypatch.setattr(figures, "FILE", wrong)
    figures.mapping.cache_clear()
    with pytest.raises(ConfigError):
        figures.mapping()
    monkeypatch.undo()
    figures.mapping.cache_clear()


def test_what_is_nowhere_hidden_and_does_not_occur_is_zero(db, time):
    live(db, time, 3)
    two = periods.between("quarter", "2026-01", "2026-06")
    winter = [
        line.numbers[0]
        for block in figures.blocks(statistics.tables(db, "monitoring", two, "lombardia-2"), 2)
        for line in block.lines
    ]

    assert set(winter) == {0}
