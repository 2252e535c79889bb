"""From when a version is in force: decided when it is published, asked of the clock whenever somebody starts."""

from datetime import timedelta

import pytest

from core import clock, log
from core.errors import InvalidModel, NotYours, WrongOrder
from engine import decisions, lint, registry
from engine.findings import Finding
from tests.engine.dmn_files import Column, Table, file
from tests.engine.draw import call, draw, user


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


def calling(called: str, process: str) -> bytes:
    return draw("s>c>e", call("c", called), process=process)


def judged(db, data: bytes) -> list[str]:
    return [f"{each.level}: {each.text}" for each in lint.check(data, registry.known(db))]


@pytest.mark.parametrize(("first", "second"), [(2, 2), (2, 5), (5, 2), (2, 0)])
def test_a_call_that_would_come_back_through_a_version_to_come_is_refused_whatever_the_days(db, time, first, second):
    for process in ("one", "two", "three"):
        registry.publish(db, model("a", process), by="u_olga")
    registry.publish(db, calling("three", "two"), by="u_olga")
    day = clock.now() + timedelta(days=first)
    registry.publish(db, calling("two", "one"), in_force_from=day, by="u_olga")

    for process, called in (("two", "one"), ("three", "one")):
        with pytest.raises(InvalidModel) as caught:
            registry.publish(db, calling(called, process), in_force_from=clock.now() + timedelta(days=second), by="u_olga")
        (finding,) = caught.value.findings
        assert isinstance(finding, Finding)
        assert finding.element == "c"
        assert "si richiamerebbero in cerchio attraverso «one»" in finding.text
    registry.withdraw(db, registry.versions(db, "one")[0], by="u_olga")
    assert registry.publish(db, calling("one", "two"), by="u_olga").version == 3


def test_of_versions_to_come_that_come_back_to_nobody_nothing_is_said(db, time):
    for process in ("one", "two", "three"):
        registry.publish(db, model("a", process), by="u_olga")
    for process, called in (("one", "two"), ("one", "three"), ("three", "two")):
        soon = clock.now() + timedelta(days=2)
        registry.publish(db, calling(called, process), in_force_from=soon, by="u_olga")

    for data in (calling("two", "one"), calling("three", "one"), calling("two", "three"), model("b", "two")):
        assert judged(db, data) == []
    assert len(judged(db, calling("one", "three"))) == len(judged(db, calling("three", "two"))) == 1
    time.forward(days=3)
    assert "error: i percorsi si richiamano in cerchio attraverso «three»" in judged(db, calling("three", "two"))


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


def test_what_held_before_may_be_confirmed_again_for_a_day_after_a_version_to_come(db, time):
    soon, later = (clock.now() + timedelta(days=days) for days in (2, 4))
    for start in (None, soon, later):
        registry.publish(db, model("b" if start == soon else "a"), in_force_from=start, by="u_olga")
        decisions.publish(db, fees(12 if start == soon else 11), in_force_from=start, by="u_olga")

    assert [each.version for each in registry.versions(db, "one")] == [3, 2, 1]
    assert [each.version for each in decisions.versions(db, "fee")] == [3, 2, 1]
    time.forward(days=5)
    assert registry.current(db, "one").xml == model("a")
    assert decisions.decide(db, "fee", {"age": 3}) == 11


def test_what_will_be_in_force_by_then_already_is_not_published_twice(db, time):
    soon, later = (clock.now() + timedelta(days=days) for days in (2, 4))
    for start in (None, soon):
        registry.publish(db, model("b" if start else "a"), in_force_from=start, by="u_olga")
        decisions.publish(db, fees(12 if start else 11), in_force_from=start, by="u_olga")

    for start in (soon, later):
        assert registry.publish(db, model("b"), in_force_from=start, by="u_olga").version == 2
        (table,) = decisions.publish(db, fees(12), in_force_from=start, by="u_olga")
        assert table.version == 2
    assert registry.publish(db, model("a"), by="u_olga").version == 1
    assert decisions.publish(db, fees(11), by="u_olga")[0].version == 1
    assert registry.publish(db, model("b"), by="u_olga").version == 3  # sooner than it was to come
    assert decisions.publish(db, fees(12), by="u_olga")[0].version == 3


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
