"""Who may see what: everything that is not granted is refused, and looks like nothing."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from cases import access, casefile, contacts, grants, persons, sheets, shelters
from cases.access import READS, Actor
from cases.actions import MAY
from core import clock, log
from core.errors import InvalidForm, NotYours, WrongOrder
from core.users import ROLES
from tests.cases.conftest import worker

STORY = {"P1": {"occasion": "ingresso"}, "P3": {"story": "Racconto riservato"}, "P5": {"trial": "Procedimento 1"}}


def sees(db, actor, case):
    return case.code in db.scalars(access.visible_cases(actor)).all()


def test_the_team_of_the_post_sees_the_case(db, a_case, anna, carla, silvia, leo):
    assert all(sees(db, actor, a_case) for actor in (anna, carla, silvia, leo))


@pytest.mark.parametrize("stranger", ["bruno", "olga", "sara", "luca", "gina", "mira", "dario"])
def test_another_post_cannot_tell_that_the_case_exists(db, a_case, stranger, request):
    actor = request.getfixturevalue(stranger)

    with pytest.raises(NotYours) as foreign:
        access.get_case(db, actor, a_case.code)
    with pytest.raises(NotYours) as unknown:
        access.get_case(db, actor, "F-222222")

    assert (str(foreign.value), foreign.value.params) == (str(unknown.value), unknown.value.params)
    assert foreign.value.status == unknown.value.status == 404
    assert access.classes(db, actor, a_case) == frozenset()


def test_a_masked_case_is_there_for_its_workers_and_the_supervisor_only(db, a_case, anna, carla, silvia, leo):
    casefile.mask(db, a_case.code, by="u_anna")

    assert [actor.user_id for actor in (anna, carla, silvia, leo) if sees(db, actor, a_case)] == ["u_anna", "u_silvia"]


def test_the_desk_on_call_sees_the_case_it_was_named_for(db, a_case, luca):
    assert not sees(db, luca, a_case)
    casefile.assign(db, a_case.code, "u_luca", by="u_silvia")

    assert sees(db, luca, a_case)
    assert access.may_read(db, luca, a_case, "P4")
    assert not access.may_read(db, luca, a_case, "P5")


def test_an_assignment_counts_only_while_the_worker_has_a_role_in_the_post(db, a_case):
    casefile.mask(db, a_case.code, by="u_anna")
    moved, left = worker("anna", ("case_manager", "puglia")), worker("anna")

    assert not sees(db, moved, a_case)
    assert not sees(db, left, a_case)


def test_a_casework_role_without_a_post_opens_nothing(db, a_case):
    everywhere = Actor("u_x", "X", "it", frozenset((role, None) for role in ROLES))

    assert not sees(db, everywhere, a_case)
    assert not access.may(everywhere, "case.open")


def test_the_auditor_reads_no_body(db, a_case, a_call, dario):
    sheet = sheets.file(db, a_case.code, "risk_assessment", STORY, by="u_anna")

    assert db.scalars(access.visible_cases(dario)).all() == []
    assert db.scalars(access.visible_contacts(dario)).all() == []
    assert access.read_sheets(db, dario, a_case, [sheet]) == {sheet.id: {}}
    for read in (persons.read, persons.read_ways):
        with pytest.raises(NotYours):
            read(db, dario, a_case)
    with pytest.raises(NotYours):
        access.read_contact(db, dario, a_call)


def test_the_judicial_class_is_for_the_legal_officer_and_the_supervisor(db, a_case, anna, leo, silvia):
    sheet = sheets.file(db, a_case.code, "denuncia", STORY, by="u_anna")

    opened = {a.user_id: set(access.read_sheets(db, a, a_case, [sheet])[sheet.id]) for a in (anna, leo, silvia)}
    assert opened == {"u_anna": {"P3"}, "u_leo": {"P3", "P5"}, "u_silvia": {"P3", "P5"}}


def test_reading_protected_data_is_written_down_with_what_was_read(db, a_case, anna):
    sheet = sheets.file(db, a_case.code, "risk_assessment", STORY, by="u_anna")
    access.read_sheets(db, anna, a_case, [sheet])

    line = db.info[log.PENDING][-1].content
    assert (line["verb"], line["actor"], line["case"]) == ("sheet.viewed", "u_anna", a_case.code)
    assert line["facts"] == {"opened": {"risk_assessment": ["P3"]}}


def test_sheets_of_another_case_cannot_be_read_through_my_own(db, a_case, anna):
    foreign = casefile.open_(db, "puglia", by="u_bruno")
    sheet = sheets.file(db, foreign.code, "risk_assessment", STORY, by="u_bruno")

    with pytest.raises(NotYours):
        access.read_sheets(db, anna, a_case, [sheet])


def test_the_house_knows_its_guest_also_when_masked_and_only_while_she_stays(db, a_case, a_house, gina):
    shelters.place(db, a_case.code, a_house.code, date(2026, 7, 21), by="u_anna")
    casefile.mask(db, a_case.code, by="u_anna")
    assert sees(db, gina, a_case)
    assert access.classes(db, gina, a_case) == READS["shelter_worker"]

    shelters.leave(db, a_case.code, date(2026, 7, 21), by="u_anna")
    assert not sees(db, gina, a_case)
    assert not sees(db, worker("x", ("shelter_worker", "casa-b")), a_case)


def test_a_mediator_sees_who_comes_during_the_appointment_and_not_the_story(db, a_case, mira, time):
    start = clock.now() + timedelta(hours=1)
    grants.appoint(db, a_case.code, "u_mira", start, start + timedelta(hours=2), by="u_anna")
    assert not sees(db, mira, a_case)

    time.forward(hours=1, minutes=1)
    assert access.classes(db, mira, a_case) == {"P0", "P1", "P2"}
    time.forward(hours=2)
    assert not sees(db, mira, a_case)


def test_an_appointment_that_is_cancelled_opens_nothing(db, a_case, mira):
    start = clock.now()
    grant = grants.appoint(db, a_case.code, "u_mira", start, start + timedelta(hours=2), by="u_anna")
    grants.cancel_appointment(db, grant.id, by="u_anna")

    assert not sees(db, mira, a_case)


def test_an_appointment_lasts_hours_not_weeks(db, a_case):
    with pytest.raises(InvalidForm):
        grants.appoint(db, a_case.code, "u_mira", clock.now(), clock.now() + timedelta(days=7), by="u_anna")


def test_breaking_the_glass_needs_a_reason_lasts_an_hour_and_is_written_down(db, a_case, bruno, time, said):
    with pytest.raises(InvalidForm):
        grants.break_glass(db, a_case.code, "", by="u_bruno")
    assert not sees(db, bruno, a_case)

    grants.break_glass(db, a_case.code, "È qui in stazione, sta male e non parla", by="u_bruno")
    assert access.classes(db, bruno, a_case) == READS["glass"]
    assert "case.glass_broken" in said(f"case:{a_case.code}")

    time.forward(minutes=61)
    assert not sees(db, bruno, a_case)


def test_a_second_glass_in_a_day_is_refused_alike_for_real_and_invented_codes(db, a_case, time):
    grants.break_glass(db, a_case.code, "È qui in stazione e sta male", by="u_bruno")
    for code in (a_case.code, "F-222222"):
        with pytest.raises(WrongOrder):
            grants.break_glass(db, code, "Ancora una volta in stazione", by="u_bruno")

    time.forward(days=1, minutes=1)
    with pytest.raises(NotYours):
        grants.break_glass(db, "F-222222", "Ancora una volta in stazione", by="u_bruno")


@pytest.mark.parametrize("role", sorted(ROLES))
def test_nobody_may_do_what_is_not_written(role):
    actor = worker("x", (role, "lombardia-2"))
    allowed = {action for action in MAY if access.may(actor, action)}

    assert allowed == {action for action, roles in MAY.items() if role in roles}
    with pytest.raises(KeyError):
        access.may(actor, "case.export")


def test_a_right_in_one_post_is_none_in_another(anna):
    access.require(anna, "case.close", "lombardia-2")
    with pytest.raises(NotYours):
        access.require(anna, "case.close", "puglia")


def test_every_role_in_the_table_exists():
    assert frozenset().union(*MAY.values()) <= set(ROLES)
    assert set(READS) - {"glass", "receiver"} <= set(ROLES)


POSTS = ("lombardia-2", "puglia", "casa-a")
MEMBERSHIPS = st.frozensets(st.tuples(st.sampled_from(sorted(ROLES)), st.sampled_from([*POSTS, None])), max_size=3)
DOORS = st.sets(st.sampled_from(["mask", "assign", "place", "appoint", "glass"]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(roles=MEMBERSHIPS, doors=DOORS)
def test_the_where_clause_and_the_classes_agree(db, a_house, roles, doors):
    case = casefile.open_(db, "lombardia-2", by="u_luca")
    actor = Actor("u_x", "X", "it", roles)
    now = clock.now()
    if "mask" in doors:
        casefile.mask(db, case.code, by="u_anna")
    if "assign" in doors:
        casefile.assign(db, case.code, "u_x", by="u_silvia")
    if "place" in doors:
        shelters.place(db, case.code, a_house.code, date(2026, 7, 21), by="u_anna")
    if "appoint" in doors:
        grants.appoint(db, case.code, "u_x", now, now + timedelta(hours=1), by="u_anna")
    if "glass" in doors:
        db.add(grants.Grant(id=case.code, case_code=case.code, kind="glass", user_id="u_x", from_at=now))

    assert sees(db, actor, case) == bool(access.classes(db, actor, case))
    if "place" in doors:
        shelters.leave(db, case.code, date(2026, 7, 21), by="u_anna")


def test_a_call_is_read_by_who_took_it_until_the_territory_has_it(db, a_call, olga, luca, time):
    colleague = worker("oscar", ("nv_operator", "nazionale"))
    assert access.contact_classes(olga, a_call) == access.CONTACT_READS
    assert access.contact_classes(colleague, a_call) == access.BARE
    assert access.read_contact(db, colleague, a_call) == {}
    with pytest.raises(NotYours):
        access.get_contact(db, luca, a_call.code)

    contacts.route(db, a_call.code, "lombardia-2", by="u_olga")
    assert access.read_contact(db, luca, a_call)["code_word"] == "girasole"
    contacts.pick_up(db, a_call.code, "case", time.at("2026-08-11 04:30"), by="u_luca")

    assert access.read_contact(db, olga, a_call) == {}
    assert access.get_contact(db, olga, a_call.code) is a_call


def test_another_territory_cannot_tell_that_the_contact_exists(db, a_call, bruno):
    contacts.route(db, a_call.code, "lombardia-2", by="u_olga")

    for code in (a_call.code, "NV-2222"):
        with pytest.raises(NotYours):
            access.get_contact(db, bruno, code)


def test_the_contact_of_a_masked_case_is_hidden_with_it(db, a_call, luca, anna, carla):
    contacts.route(db, a_call.code, "lombardia-2", by="u_olga")
    case = casefile.open_(db, "lombardia-2", contact_code=a_call.code, worker="u_anna", by="u_luca")
    contacts.attach_case(db, a_call.code, case.code, by="u_luca")
    assert access.contact_classes(luca, a_call) == access.BARE

    casefile.mask(db, case.code, by="u_anna")
    visible = {a.user_id: db.scalars(access.visible_contacts(a)).all() for a in (luca, carla, anna)}
    assert visible == {"u_luca": [], "u_carla": [], "u_anna": [a_call.code]}


def test_who_may_not_see_the_case_does_not_learn_its_code_from_the_contact(db, a_call, olga, anna):
    contacts.route(db, a_call.code, "lombardia-2", by="u_olga")
    assert access.case_of(db, anna, a_call) is None
    case = casefile.open_(db, "lombardia-2", contact_code=a_call.code, worker="u_anna", by="u_luca")
    contacts.attach_case(db, a_call.code, case.code, by="u_luca")

    assert access.case_of(db, anna, a_call) == case.code
    assert access.case_of(db, olga, a_call) is None


def test_lists_show_what_may_be_known_and_nothing_else(db, a_case, a_call, anna, bruno, olga):
    assert access.list_cases(db, anna) == [a_case]
    assert access.list_cases(db, anna, status="closed") == access.list_cases(db, bruno) == []
    assert access.list_contacts(db, olga) == [a_call]
    assert access.list_contacts(db, anna) == []


def test_one_of_the_classes_asked_for_is_enough_and_none_is_a_missing_record():
    access.require_class(frozenset({"P1", "P4"}), "P2", "P4")
    with pytest.raises(NotYours):
        access.require_class(frozenset({"P1"}), "P2", "P4")


def test_foreign_and_invented_codes_cost_the_same_statements(db, database, a_case, bruno):
    statements = []
    event.listen(database, "before_cursor_execute", lambda _c, _k, sql, *_: statements.append(sql))
    for code in (a_case.code, "F-222222"):
        with pytest.raises(NotYours):
            access.get_case(db, bruno, code)

    assert len(statements) == 2
    assert statements[0] == statements[1]
