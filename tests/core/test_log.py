"""Every change leaves one line, in its own transaction; whoever touches a line afterwards is found out."""

import threading
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError

from core import log
from core.db import transaction


def write(*lines, by="u_anna"):
    """One transaction with a line for every (stream, verb)."""
    with transaction() as db:
        for stream, verb in lines:
            log.append(db, verb, stream, by=by, case=stream.removeprefix("case:"), kind="street", on=date(2026, 7, 21))


def every_line():
    with transaction() as db:
        return [(line.stream, line.seq, line.verb) for line in db.scalars(select(log.Line).order_by(log.Line.id))]


@pytest.fixture
def two_streams(database, time):
    """Three lines about case A and two about case B."""
    write(("case:A", "case.opened"), ("case:B", "case.opened"))
    write(("case:A", "case.assigned"))
    write(("case:A", "case.closed"), ("case:B", "case.closed"))


@pytest.fixture
def tamper(database, two_streams):
    """What an administrator of the database can do: switch the triggers off and write."""

    def run(*statements):
        with database.connect() as connection:
            off = (one for one in log.DROP_TRIGGERS[database.dialect.name] if one.startswith("drop trigger"))
            for statement in (*off, *statements):
                connection.exec_driver_sql(statement)
            connection.commit()
        with transaction() as db:
            return [(broken.stream, broken.seq) for broken in log.verify(db)]

    return run


# Writing


def test_lines_are_numbered_within_their_stream(two_streams):
    assert every_line() == [
        ("case:A", 1, "case.opened"),
        ("case:B", 1, "case.opened"),
        ("case:A", 2, "case.assigned"),
        ("case:A", 3, "case.closed"),
        ("case:B", 2, "case.closed"),
    ]


def test_the_log_verifies_as_it_was_written(two_streams):
    with transaction() as db:
        assert log.verify(db) == []
        assert log.verify(db, "case:A") == []
        assert log.verify(db, "case:never") == []


def test_a_rollback_forgets_its_lines(database):
    with pytest.raises(ZeroDivisionError), transaction() as db:
        log.append(db, "case.opened", "case:A", by="u_anna")
        _ = 1 / 0

    assert every_line() == []


def test_an_undone_savepoint_takes_only_its_own_lines_back(database):
    with transaction() as db:
        log.append(db, "case.opened", "case:A", by="u_anna")
        with db.begin_nested():
            log.append(db, "case.masked", "case:A", by="u_anna")
        with pytest.raises(ZeroDivisionError), db.begin_nested():
            log.append(db, "case.assigned", "case:A", by="u_anna")
            with db.begin_nested():
                log.append(db, "case.suspended", "case:A", by="u_anna")
            _ = 1 / 0
        log.append(db, "case.closed", "case:A", by="u_anna")

    assert [verb for _, _, verb in every_line()] == ["case.opened", "case.masked", "case.closed"]


def test_a_line_tells_who_when_what_and_why(database, time):
    at = time.at("2026-08-11 02:10")
    facts = {
        "kind": "call",
        "on": date(2026, 8, 11),
        "hours": Decimal("1.5"),
        "posts": ("MI1",),
        "at": at,
        "masked": True,
    }

    with transaction() as db:
        log.append(
            db,
            "case.opened",
            "case:A",
            by="u_anna",
            case="A",
            behalf="u_bruno",
            reason="pericolo",
            facts_of="x",
            **facts,
        )
    with transaction() as db:
        line = log.lines(db, case="A")[0]

        assert (line.actor, line.behalf, line.at, line.reason) == ("u_anna", "u_bruno", at, "pericolo")
        assert line.facts == {
            "kind": "call", "on": "2026-08-11", "hours": "1.5", "posts": ["MI1"], "masked": True,
            "at": "2026-08-11T00:10:00.000000Z", "facts_of": "x",
        }  # fmt: skip


def test_however_many_lines_a_transaction_needs_three_statements(database):
    said: list[str] = []
    event.listen(database, "before_cursor_execute", lambda _c, _cur, statement, *_: said.append(statement))

    write(*((f"case:{number % 3}", "case.changed") for number in range(50)))

    assert len([statement for statement in said if "begin" not in statement]) == 3


@pytest.mark.parametrize(
    ("verb", "stream", "by"),
    [
        ("opened", "case:A", "x"),
        ("Case.opened", "case:A", "x"),
        ("case.opened", "", "x"),
        ("case.opened", "case:A", ""),
    ],
)
def test_a_line_without_verb_stream_or_actor_is_refused(db, verb, stream, by):
    with pytest.raises(ValueError):
        log.append(db, verb, stream, by=by)


@pytest.mark.parametrize("fact", [object(), b"bytes", "a story" * 100, float("nan"), 2**70, "\ud800"])
def test_what_is_no_fact_is_refused_at_once(db, fact):
    with pytest.raises(TypeError):
        log.append(db, "case.opened", "case:A", by="u_anna", fact=fact)


def test_pages_of_a_timeline_follow_each_other(two_streams):
    with transaction() as db:
        first = log.lines(db, case="A", limit=2)
        rest = log.lines(db, case="A", limit=2, before=first[-1].id)

        assert [line.verb for line in (*first, *rest)] == ["case.closed", "case.assigned", "case.opened"]
        assert [line.verb for line in log.lines(db, stream="case:B")] == ["case.closed", "case.opened"]


def test_writers_of_the_same_streams_wait_for_each_other(database):
    def work(number):
        streams = ["case:A", "case:B", "case:C"] if number % 2 else ["case:C", "case:B", "case:A"]
        for _ in range(5):
            write(*((stream, "case.changed") for stream in streams))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with transaction() as db:
        assert log.verify(db) == []
        assert {stream.stream: stream.seq for stream in db.scalars(select(log.Stream))} == {
            "case:A": 30,
            "case:B": 30,
            "case:C": 30,
        }


@given(st.dictionaries(st.text(max_size=5), st.one_of(st.integers(-9, 9), st.text(max_size=5), st.none()), max_size=6))
def test_the_same_content_is_the_same_text(content):
    backwards = dict(reversed(content.items()))

    assert log.canonical(content) == log.canonical(backwards)


# Append-only


@pytest.mark.parametrize(
    "statement",
    [
        "update log_line set actor = 'nobody' where seq = 1",
        "update log_line set hash = hash",
        "delete from log_line where seq = 2",
        "delete from log_stream",
        pytest.param("truncate log_line", marks=pytest.mark.only_on("postgres")),
        pytest.param("truncate log_stream", marks=pytest.mark.only_on("postgres")),
        pytest.param("insert or replace into log_line select * from log_line", marks=pytest.mark.only_on("sqlite")),
    ],
)
def test_the_database_refuses_to_change_the_log(two_streams, statement):
    before = every_line()

    with pytest.raises(DBAPIError, match="append-only"), transaction() as db:
        db.execute(text(statement))

    assert every_line() == before


# Tampering: the triggers are off, the chain is what is left


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'nobody'",
        "verb = 'case.reopened'",
        "behalf = 'u_other'",
        "case_code = 'Z'",
        "case_code = null",
        "body = replace(body, 'street', 'online')",
        "body = '{}'",
        "body = 'x'",
        "hash = 'x'",
        "at = '2020-01-01T00:00:00.000000Z'",
        "stream = 'case:Z'",
        "seq = 7",
    ],
)
def test_a_changed_line_is_found(tamper, change):
    broken = tamper(f"update log_line set {change} where stream = 'case:A' and seq = 2")

    assert broken[0] == ("case:A", 2) or ("case:A", 3) in broken
    assert "case:B" not in dict(broken)


def test_a_line_changed_together_with_its_hash_breaks_the_next_one(tamper):
    body = '{"stream":"case:A"}'
    broken = tamper(
        f"update log_line set body = '{body}', hash = '{log.chain('', body)}' where stream = 'case:A' and seq = 1"
    )

    assert broken == [("case:A", 1)]


def test_a_forged_line_that_agrees_with_itself_breaks_the_next_one(tamper, database):
    with transaction() as db:
        line = db.scalars(select(log.Line).where(log.Line.stream == "case:A", log.Line.seq == 1)).one()
        body = line.body.replace("u_anna", "u_carl")
    forged = f"body = '{body}', actor = 'u_carl', hash = '{log.chain('', body)}'"

    broken = tamper(f"update log_line set {forged} where stream = 'case:A' and seq = 1")

    assert broken == [("case:A", 2)]


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_a_missing_line_is_found(tamper, seq):
    assert tamper(f"delete from log_line where stream = 'case:A' and seq = {seq}")[0][0] == "case:A"


def test_the_last_lines_cut_off_are_found(tamper):
    broken = tamper("delete from log_line where stream = 'case:A' and seq >= 2")

    assert broken == [("case:A", 3)]


def test_a_stream_emptied_of_its_lines_is_found(tamper):
    assert tamper("delete from log_line where stream = 'case:B'") == [("case:B", 2)]


def test_two_lines_that_changed_places_are_found(tamper):
    broken = tamper(
        "update log_line set seq = 99 where stream = 'case:A' and seq = 1",
        "update log_line set seq = 1 where stream = 'case:A' and seq = 2",
        "update log_line set seq = 2 where stream = 'case:A' and seq = 99",
    )

    assert broken == [("case:A", 1)]


def test_a_line_slipped_in_behind_the_last_one_is_found(tamper):
    with transaction() as db:
        last = log.lines(db, stream="case:A")[0]
    body = last.body.replace('"seq":3', '"seq":4')
    columns = "stream, seq, at, actor, verb, case_code, body, hash"
    copied = f"stream, 4, at, actor, verb, case_code, '{body}', '{log.chain(last.hash, body)}'"

    broken = tamper(
        f"insert into log_line ({columns}) select {copied} from log_line where stream = 'case:A' and seq = 3"
    )

    assert broken == [("case:A", 4)]


def test_a_stream_row_set_back_or_removed_is_found(tamper):
    assert tamper("update log_stream set seq = 2 where stream = 'case:A'") == [("case:A", 2)]


def test_a_removed_stream_row_is_found(tamper):
    assert tamper("delete from log_stream where stream = 'case:A'") == [("case:A", 1)]


def test_only_the_first_broken_line_of_a_stream_is_named(tamper):
    broken = tamper("update log_line set actor = 'nobody'")

    assert broken == [("case:A", 1), ("case:B", 1)]
