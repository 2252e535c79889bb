"""From when a version is in force: decided when it is published, asked of the clock whenever somebody starts."""

from datetime import timedelta

import pytest

from core import clock, log
from core.errors import NotYours, WrongOrder
from engine import decisions, registry
from tests.engine.dmn_files import Column, Table, file
from tests.engine.draw import draw, user


def model(name: str, process: str = "one") -> bytes:
    return draw(f"s > {name} > e", user(name), process=process, name=name)


def fees(child: int) -> bytes:
    return file(Table([Column("age", "number")], [Column("fee", "number")], [f"< 18 | {child}", ">= 18 | 20"], id="fee"))


def test_a_version_takes_effect_at_its_moment_and_not_before(db, time):
    first = registry.publish(db, model("a"), by="u_anna")
    soon = clock.now() + timedelta(days=3)
    second = registry.publish(db, model("b"), written_by="u_anna", in_force_from=soon, by="u_olga")

    assert (second.version, second.written_by, second.in_force_from) == (2, "u_anna", soon)
    assert registry.current(db, "one").id == first.id
    assert [each.version for each in registry.newest(db)] == [1]
    time.forward(days=3)
    assert registry.current(db, "one").id == second.id
    assert [each.version for each in registry.newest(db)] == [2]
    assert [each.version for each in registry.versions(db, "one")] == [2, 1]


def test_what_was_scheduled_takes_over_on_its_day_whatever_was_published_since(db, time):
    registry.publish(db, model("a"), by="u_anna")
    registry.publish(db, model("b"), in_force_from=clock.now() + timedelta(days=3), by="u_olga")
    registry.publish(db, model("c"), by="u_olga")

    assert registry.current(db, "one").version == 3
    time.forward(days=4)
    assert registry.current(db, "one").version == 2


def test_a_pathway_that_is_not_in_force_yet_cannot_be_called_or_started(db, time):
    registry.publish(db, model("a"), in_force_from=clock.now() + timedelta(days=1), by="u_olga")

    with pytest.raises(NotYours):
        registry.current(db, "one")
    assert registry.known(db).calls == {}
    time.forward(days=1)
    assert set(registry.known(db).calls or ()) == {"one"}


def test_a_version_to_come_can_be_taken_back_and_one_in_force_cannot(db, time):
    registry.publish(db, model("a"), by="u_anna")
    later = registry.publish(db, model("b"), in_force_from=clock.now() + timedelta(days=1), by="u_olga")
    registry.withdraw(db, later, by="u_anna")
    time.forward(days=2)

    assert registry.current(db, "one").version == 1
    for definition in (later, registry.current(db, "one")):
        with pytest.raises(WrongOrder):
            registry.withdraw(db, definition, by="u_anna")


def test_what_was_published_at_once_is_in_force_also_on_a_clock_that_was_set_back(db, time):
    registry.publish(db, model("a"), by="u_anna")
    decisions.publish(db, fees(11), by="u_anna")
    registry.publish(db, model("b"), in_force_from=clock.now() + timedelta(days=1), by="u_olga")
    time.forward(days=-400)

    assert registry.current(db, "one").version == 1
    assert [each.version for each in registry.newest(db)] == [1]
    assert decisions.decide(db, "fee", {"age": 3}) == 11
    assert decisions.known(db) == {"fee"}


def test_tables_are_in_force_from_their_moment_too(db, time):
    decisions.publish(db, fees(11), by="u_anna")
    (later,) = decisions.publish(db, fees(12), written_by="u_anna", in_force_from=clock.now() + timedelta(days=2), by="u_olga")

    assert decisions.decide(db, "fee", {"age": 3}) == 11
    assert [each.version for each in decisions.newest(db)] == [1]
    time.forward(days=2)
    assert decisions.decide(db, "fee", {"age": 3}) == 12
    assert decisions.decide(db, "fee", {"age": 3}, on=clock.today() - timedelta(days=1)) == 11
    assert [each.version for each in decisions.versions(db, "fee")] == [2, 1]
    with pytest.raises(WrongOrder):
        decisions.withdraw(db, later, by="u_anna")


def test_what_came_with_one_file_is_taken_back_together(db, time):
    columns = [Column("age", "number")], [Column("fee", "number")]
    both = file(Table(*columns, ["- | 1"], id="fee"), Table(*columns, ["- | 2"], id="x_fee"))
    fee, x_fee = decisions.publish(db, both, in_force_from=clock.now() + timedelta(days=2), by="u_olga")
    (later,) = decisions.publish(db, fees(11), in_force_from=clock.now() + timedelta(days=4), by="u_olga")
    assert decisions.companions(db, fee) == [x_fee]

    decisions.withdraw(db, fee, by="u_anna")
    assert (x_fee.in_force_from, later.in_force_from) == (None, clock.now() + timedelta(days=4))
    told = [line.content for line in db.info[log.PENDING] if line.content["verb"] == "decision.withdrawn"]
    assert len(told) == 2
    time.forward(days=3)
    assert decisions.known(db) == frozenset()


def test_a_table_to_come_is_no_name_for_a_model_yet(db, time):
    (table,) = decisions.publish(db, fees(11), in_force_from=clock.now() + timedelta(days=2), by="u_olga")
    assert decisions.known(db) == frozenset()

    decisions.withdraw(db, table, by="u_anna")
    time.forward(days=3)
    assert decisions.current(db, "fee") is None
