"""What was kept long enough goes because two people agreed; and goes again when an old copy of the data came back."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

import core.db
from cases import casefile, contacts, erasures, persons, posts, retention, search, sheets, shelters, terms, transfers
from cases.retention import Retention
from core import vault
from core.config import Config
from core.db import transaction
from core.errors import InvalidForm, NotYours, WrongOrder
from tasks import erasing
from tests import databases
from tests.cases.conftest import worker

TEXT = (Path(__file__).parents[2] / "workflows" / "terms.toml").read_text()


@pytest.fixture
def paola():
    return worker("paola", ("coordinator", None))


def leave(db, code, house, time):
    """The person lived in the house and left; all was written of her."""
    terms.load(db, TEXT, by="cli")
    persons.record(db, code, {"last_name": "Osagie"}, {"code_word": "girasole"}, by="u_anna")
    sheets.file(db, code, "risk_assessment", {"P4": {"notes": "Il cugino la cerca"}, "P3": {"story": "Racconta"}}, by="u_anna")
    shelters.place(db, code, house, date(2026, 6, 1), by="u_anna")
    shelters.leave(db, code, date(2026, 7, 1), by="u_anna")
    time.at("2028-01-15 12:00")
    casefile.close(db, code, "conclusione_positiva", by="u_anna")
    retention.begin_case(db, code, date(2028, 1, 15), "conclusione_positiva", by="u_anna")
    return code


@pytest.fixture
def left(db, a_case, a_house, time):
    """A case whose person has left."""
    return leave(db, a_case.code, a_house.code, time)


def ids(db, actor):
    return {each.row.rule: each.row.id for each in erasures.due(db, actor)}


def parts(db, code):
    filed = sheets.list_(db, code)
    return {cls for found in sheets.unseal(db, filed, {"P3", "P4"}).values() for cls in found}


def test_nothing_is_due_before_its_date_nor_to_who_has_no_say(db, left, silvia, paola, anna, bruno, time):
    assert erasures.due(db, paola) == []
    time.at("2030-01-16 12:00")

    assert ids(db, paola).keys() == ids(db, silvia).keys() == {"R04", "R05"}
    assert erasures.due(db, worker("vera", ("supervisor", "puglia"))) == []
    with pytest.raises(NotYours):
        erasures.due(db, anna)
    with pytest.raises(NotYours):
        erasures.ask(db, worker("vera", ("supervisor", "puglia")), set(ids(db, paola).values()))


def test_one_asks_another_confirms_and_only_then_house_and_risk_are_forgotten(db, left, silvia, paola, time):
    time.at("2030-01-16 12:00")
    chosen = set(ids(db, silvia).values())
    for actor in (silvia, paola):
        with pytest.raises(WrongOrder, match="due persone"):
            erasures.confirm(db, actor, chosen)
    with pytest.raises(InvalidForm):
        erasures.ask(db, silvia, set())
    assert erasures.ask(db, silvia, chosen) == 2
    assert erasures.ask(db, paola, chosen) == 0  # asked already
    with pytest.raises(WrongOrder, match="un'altra persona"):
        erasures.confirm(db, silvia, chosen)
    assert parts(db, left) == {"P3", "P4"}

    assert erasures.confirm(db, paola, chosen) == 2
    assert [stay.shelter for stay in shelters.stays(db, left)] == [None]
    assert parts(db, left) == {"P3"}
    person = persons.of_case(db, left)
    assert person is not None
    assert (person.ways, person.identity is None) == (None, False)
    assert erasures.due(db, paola) == []


def test_with_the_notes_on_risk_go_those_of_its_contact_and_its_transfer(db, a_call, a_house, silvia, paola, olga, time):
    case = casefile.open_(db, "lombardia-2", contact_code=a_call.code, worker="u_anna", by="u_luca").code
    contacts.attach_case(db, a_call.code, case, by="u_luca")
    moved = transfers.request(db, case, {"reason": "sicurezza", "urgency": "alta"}, by="u_anna").code
    told = {"P4": {"where": "Dove il cugino non la cerca"}, "P3": {"notes": "Mite"}}
    sheets.file(db, moved, "transfer_search", told, by="u_olga")
    transfers.end(db, moved, "annullato", by="u_anna")
    leave(db, case, a_house.code, time)
    assert {"code_word", "safe_channel"} & set(contacts.notes_of(db, a_call, frozenset({"P4"})))
    time.at("2030-01-16 12:00")
    chosen = {ids(db, silvia)["R05"]}
    erasures.ask(db, silvia, chosen)
    erasures.confirm(db, paola, chosen)

    assert parts(db, case) == parts(db, moved) == {"P3"}
    assert contacts.notes_of(db, a_call, frozenset({"P4"})) == {}
    answer = search.ask(db, olga, "apertura", {"code_word": "girasole"})
    assert (answer.mine, answer.hidden) == ((), ())


def test_of_a_file_nothing_can_be_read_any_more_and_every_answer_is_a_line(db, left, silvia, paola, time, said):
    time.at("2038-01-16 12:00")
    chosen = {ids(db, silvia)["R03"]}
    erasures.ask(db, silvia, chosen)
    assert erasures.refuse(db, paola, chosen) == 1
    with pytest.raises(WrongOrder):
        erasures.confirm(db, paola, chosen)
    erasures.ask(db, paola, chosen)
    erasures.confirm(db, silvia, chosen)
    db.flush()

    assert vault.is_destroyed(db, casefile.scope_of(left))
    assert "R03" not in ids(db, silvia)
    verbs = [verb for verb in said(casefile.scope_of(left)) if verb.startswith(("erasure.", "retention.erased"))]
    assert verbs == ["erasure.asked", "erasure.refused", "erasure.asked", "retention.erased"]


@pytest.mark.parametrize("rules", [("R03", "R04", "R05"), ("R05", "R04", "R03")])
def test_rules_of_one_case_that_are_over_together_are_erased_in_any_order(db, left, silvia, rules, time):
    time.at("2038-01-16 12:00")
    found = {each.row.rule: each.row for each in erasures.due(db, silvia)}
    for rule in rules:
        erasures.erase(db, found[rule], by="u_silvia")

    person = persons.of_case(db, left)
    assert person is not None
    assert (person.ways, [stay.shelter for stay in shelters.stays(db, left)]) == (None, [None])
    assert erasures.due(db, silvia) == []


def test_a_hold_takes_it_off_the_list(db, left, silvia, time):
    time.at("2030-01-16 12:00")
    retention.hold(db, casefile.scope_of(left), "Processo in corso, chiede l'avvocata", by="u_silvia")

    assert erasures.due(db, silvia) == []


def test_what_was_erased_goes_again_when_an_old_copy_came_back(template, engine_url, database, tmp_path, time):
    config = Config(database_url="", var=tmp_path, keys=tmp_path)
    with transaction() as tx:
        for post, kind in (("lombardia-2", "project"), ("casa-a", "shelter")):
            posts.record(tx, post, {"name": post, "kind": kind, "provinces": []}, by="cli")
        case = casefile.open_(tx, "lombardia-2", kind="tratta", worker="u_anna", by="u_anna").code
        leave(tx, case, shelters.open_shelter(tx, "casa-a", "pronta", 2, by="cli").code, time)
    time.at("2038-01-16 12:00")
    core.db.dispose()
    backup = template.copy(engine_url)
    databases.connect(engine_url)
    with transaction() as tx:
        for row in tx.scalars(select(Retention).where(Retention.rule == "R03")):
            erasures.erase(tx, row, by="u_silvia")
    assert erasing.work(config) == 0
    core.db.dispose()
    databases.connect(backup)
    with transaction() as tx:
        assert not vault.is_destroyed(tx, casefile.scope_of(case))

    assert [erasing.work(config), erasing.work(config)] == [1, 0]
    with transaction() as tx:
        assert vault.is_destroyed(tx, casefile.scope_of(case))
        assert {row.status for row in tx.scalars(select(Retention).where(Retention.rule == "R04"))} == {"running"}
    core.db.dispose()
    template.drop(backup)
    databases.connect(engine_url)
