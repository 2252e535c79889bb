"""Published decisions: numbered, kept, chosen by day, logged."""

from datetime import date

import pytest
from sqlalchemy import event

import core.db
from core import log
from core.errors import InvalidModel
from engine import decisions
from engine.findings import Finding
from tests.engine.dmn_files import Column, Table, file, literal


def fees(child: int) -> bytes:
    return file(
        Table([Column("age", "number")], [Column("fee", "number")], [f"< 18 | {child}", ">= 18 | 20"], id="fee")
    )


def test_a_published_table_decides(db):
    (table,) = decisions.publish(db, fees(5), by="u_anna")

    assert (table.decision_id, table.version, table.name, table.published_by) == ("fee", 1, "Tabella", "u_anna")
    assert decisions.decide(db, "fee", {"age": 3}) == 5
    assert decisions.known(db) == {"fee"}


def test_a_new_file_is_a_new_version_and_the_same_file_is_not(db):
    first = decisions.publish(db, fees(5), by="deploy")
    again = decisions.publish(db, fees(5), by="deploy")
    second = decisions.publish(db, fees(6), by="deploy")
    back = decisions.publish(db, fees(5), by="deploy")

    assert [each[0].version for each in (first, again, second, back)] == [1, 1, 2, 3]
    assert decisions.decide(db, "fee", {"age": 3}) == 5
    assert [(each.decision_id, each.version) for each in decisions.newest(db)] == [("fee", 3)]


def test_each_decision_of_a_file_is_published_under_its_own_id(db):
    made = decisions.publish(
        db, file(literal("double", "base * 2", needs=("base",)), literal("base", "n + 1")), by="deploy"
    )

    assert [each.decision_id for each in made] == ["double", "base"]
    assert decisions.decide(db, "double", {"n": 2}) == 6
    assert decisions.decide(db, "base", {"n": 2}) == 3


def test_the_version_of_a_day_in_rome_can_be_asked_for(db, time):
    time.at("2026-07-01 00:30")
    decisions.publish(db, fees(5), by="deploy")
    time.at("2026-08-01 23:59")
    decisions.publish(db, fees(6), by="deploy")

    assert decisions.decide(db, "fee", {"age": 3}, on=date(2026, 7, 1)) == 5
    assert decisions.decide(db, "fee", {"age": 3}, on=date(2026, 7, 31)) == 5
    assert decisions.decide(db, "fee", {"age": 3}, on=date(2026, 8, 1)) == 6
    assert decisions.decide(db, "fee", {"age": 3}) == 6
    with pytest.raises(decisions.UnknownDecision):
        decisions.decide(db, "fee", {"age": 3}, on=date(2026, 6, 30))


def test_a_file_with_errors_is_not_published_and_leaves_nothing(db):
    with pytest.raises(InvalidModel) as caught:
        decisions.publish(db, fees(5).replace(b"18", b"("), by="deploy")

    found = [each for each in caught.value.findings if isinstance(each, Finding)]
    assert [each.element for each in found] == ["fee_row1_if1", "fee_row2_if1"]
    assert decisions.known(db) == set()


def test_a_warning_does_not_forbid_publishing(db):
    data = file(Table([Column("age", "number")], [Column("fee", "number")], ["< 18 | 5"], id="fee"))

    assert [each.level for each in decisions.check(data)] == ["warning"]
    decisions.publish(db, data, by="deploy")
    assert decisions.decide(db, "fee", {"age": 40}) is None


def test_an_unknown_decision_is_refused_by_name(db):
    with pytest.raises(decisions.UnknownDecision) as caught:
        decisions.decide(db, "routing", {})

    assert str(caught.value) == "La tabella di decisione «routing» non è pubblicata."
    assert caught.value.status == 404


def test_publishing_is_a_line_in_the_log(database):
    with core.db.transaction() as db:
        (table,) = decisions.publish(db, fees(5), by="u_anna")
    with core.db.transaction() as db:
        decisions.publish(db, fees(5), by="u_anna")

    with core.db.transaction() as db:
        (line,) = log.lines(db, stream="decision:fee")
        assert (line.verb, line.actor) == ("decision.published", "u_anna")
        assert line.facts == {"version": 1, "sha": table.sha}
        assert log.verify(db) == []


def test_the_file_is_read_once_and_deciding_writes_nothing(database, monkeypatch):
    with core.db.transaction() as db:
        decisions.publish(db, fees(7), by="deploy")
    statements: list[str] = []
    event.listen(database, "before_cursor_execute", lambda *call: statements.append(call[2]))

    for _ in range(3):
        with core.db.transaction() as db:
            assert decisions.decide(db, "fee", {"age": 3}) == 7

    assert [each.split()[0].lower() for each in statements if "decision_table" in each] == ["select"] * 4
    assert sum("decision_table.xml" in each for each in statements) == 1
