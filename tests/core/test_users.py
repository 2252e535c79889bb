"""Accounts, roles and absences; every change that takes rights away ends the sessions."""

from datetime import date

import pytest

from core import log, sessions, users
from core.db import transaction
from core.errors import InvalidForm

PASSWORD = "quattro cani blu in fila"


@pytest.fixture
def anna(db, time):
    return users.add(db, "anna.verdi", "Anna Verdi", "anna@example.org", password=PASSWORD, by="cli")


@pytest.fixture
def bruno(db, time):
    return users.add(db, "bruno", "Bruno Neri", "bruno@example.org", by="cli")


def test_an_account_is_found_by_its_login_in_any_spelling(db, anna):
    assert users.by_login(db, " Anna.VERDI ") == anna
    assert users.by_login(db, "ａnna.verdi") == anna
    assert users.by_id(db, anna.id) == anna
    assert users.by_login(db, "nobody") is None
    assert anna.id.startswith("u_")


@pytest.mark.parametrize(
    ("field", "account"),
    [
        ("login", {"login": "anna.verdi"}),
        ("login", {"login": "ANNA.verdi"}),
        ("login", {"login": ""}),
        ("login", {"login": "a b"}),
        ("login", {"login": "x" * 65}),
        ("login", {"login": "../etc"}),
        ("name", {"name": "  "}),
        ("name", {"name": "x" * 121}),
        ("name", {"name": "Anna\r\nBcc: all"}),
        ("mail", {"mail": "anna"}),
        ("mail", {"mail": "a@b.it\r\nBcc: c@d.it"}),
        ("mail", {"mail": "a@b.it, c@d.it"}),
        ("mail", {"mail": "Anna <a@b.it>"}),
        ("mail", {"mail": "anna@example.org."}),
        ("mail", {"mail": "anna@città.example.org"}),
        ("language", {"language": "xx"}),
        ("password", {"password": "short"}),
    ],
)
def test_a_wrong_account_is_refused_beside_its_field(db, anna, field, account):
    given = {"login": "carla", "name": "Carla Bo", "mail": "carla@example.org", **account}

    with pytest.raises(InvalidForm) as refused:
        users.add(db, by="cli", **given)

    assert list(refused.value.errors) == [field]


def test_roles_belong_to_a_post_or_to_the_whole_office(db, anna, bruno):
    users.grant(db, anna, "case_manager", "MI1", by="cli")
    users.grant(db, anna, "case_manager", "MI1", by="cli")
    users.grant(db, anna, "coordinator", by="cli")
    users.grant(db, bruno, "case_manager", "BA1", by="cli")

    assert users.roles_of(db, anna) == {("case_manager", "MI1"), ("coordinator", None)}
    assert users.holders(db, "case_manager", "MI1") == [anna]
    assert users.holders(db, "coordinator") == [anna]
    users.revoke(db, anna, "case_manager", "MI1", by="cli")
    users.revoke(db, anna, "case_manager", "MI1", by="cli")
    assert users.roles_of(db, anna) == {("coordinator", None)}


def test_a_role_that_does_not_exist_is_refused(db, anna):
    with pytest.raises(InvalidForm):
        users.grant(db, anna, "root", by="cli")


def test_a_disabled_user_holds_no_role_in_practice(db, anna):
    users.grant(db, anna, "supervisor", "MI1", by="cli")
    users.disable(db, anna, by="u_admin")

    assert users.holders(db, "supervisor", "MI1") == []
    users.enable(db, anna, by="u_admin")
    assert users.holders(db, "supervisor", "MI1") == [anna]


@pytest.mark.parametrize(
    "change",
    [
        lambda db, anna: users.set_password(db, anna, "cinque gatti rossi e gialli", by=anna.id),
        lambda db, anna: users.grant(db, anna, "supervisor", "MI1", by="u_admin"),
        lambda db, anna: users.revoke(db, anna, "case_manager", "MI1", by="u_admin"),
        lambda db, anna: users.disable(db, anna, by="u_admin"),
    ],
    ids=["new password", "role given", "role taken", "disabled"],
)
def test_a_change_of_rights_ends_every_session(db, anna, change):
    users.grant(db, anna, "case_manager", "MI1", by="cli")
    cookies = [sessions.open_session(db, anna) for _ in range(2)]
    assert sessions.find_session(db, cookies[0])

    change(db, anna)

    assert [sessions.find_session(db, cookie) for cookie in cookies] == [None, None]


def test_preferences_that_are_not_offered_change_nothing(db, anna):
    users.set_preferences(db, anna, language="en", theme="dark", by=anna.id)
    users.set_preferences(db, anna, language="it-IT-x-evil", theme="<script>", by=anna.id)

    assert (anna.language, anna.theme) == ("en", "dark")


def test_a_deputy_stands_in_from_the_first_day_to_the_last(db, anna, bruno):
    users.add_absence(db, anna, bruno, date(2026, 8, 10), date(2026, 8, 21), by=anna.id)

    assert [users.deputy_of(db, anna.id, date(2026, 8, day)) for day in (9, 10, 21, 22)] == [
        None,
        bruno.id,
        bruno.id,
        None,
    ]
    assert users.stands_in_for(db, bruno.id, date(2026, 8, 15)) == {anna.id}
    assert users.stands_in_for(db, bruno.id, date(2026, 9, 1)) == frozenset()


def test_an_absence_that_makes_no_sense_is_refused(db, anna, bruno):
    with pytest.raises(InvalidForm):
        users.add_absence(db, anna, bruno, date(2026, 8, 10), date(2026, 8, 9), by=anna.id)
    with pytest.raises(InvalidForm):
        users.add_absence(db, anna, anna, date(2026, 8, 10), date(2026, 8, 11), by=anna.id)


def test_every_change_of_an_account_leaves_its_line_without_names(database, time):
    with transaction() as db:
        anna = users.add(db, "anna.verdi", "Anna Verdi", "anna@example.org", password=PASSWORD, by="cli")
        users.grant(db, anna, "supervisor", "MI1", by="cli")
        users.disable(db, anna, by="cli")
    with transaction() as db:
        lines = log.lines(db, stream=users.stream_of(anna))

        assert [line.verb for line in reversed(lines)] == [
            "user.added",
            "password.set",
            "role.granted",
            "user.disabled",
        ]
        assert not [line for line in lines if "verdi" in line.body.lower() or "argon2" in line.body]
