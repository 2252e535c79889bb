"""Contacts: anonymous, as typed, met again by code, brought into a case without typing twice."""

from datetime import timedelta

import pytest

from cases import access, casefile, contacts, sheets
from core import clock, vault
from core.errors import AlreadyDone, InvalidForm, NotYours, WrongOrder


def met(db, kind="street", post="lombardia-2", notes=None, by="u_sara", **facts):
    return contacts.record(db, kind, post, {"at": clock.now(), **facts}, notes or {}, by=by)


def test_a_hurried_call_is_saved_with_nothing_but_the_time(db, network):
    call = met(db, "call", "nazionale", by="u_olga")

    assert call.code.startswith("NV-")
    assert (call.status, call.post, call.origin, call.operator) == ("open", "nazionale", "nazionale", "u_olga")
    unknown = (call.danger, call.wants_out, call.minor, call.province, call.urgency, call.person_code, call.case_code)
    assert unknown == (None,) * 7


@pytest.mark.parametrize("typed", ["non_noto", None, ""])
def test_not_known_is_null_and_not_no(db, network, typed):
    assert met(db, danger=typed).danger is None


@pytest.mark.parametrize(("typed", "kept"), [("si", True), ("no", False), (True, True), (False, False)])
def test_yes_and_no_are_kept(db, network, typed, kept):
    assert met(db, wants_out=typed).wants_out is kept


def test_every_kind_has_its_own_prefix(db, network):
    codes = {kind: met(db, kind).code[:3] for kind in ("call", "street", "desk", "online")}

    assert codes == {"call": "NV-", "street": "UM-", "desk": "SP-", "online": "OL-"}


def test_what_is_typed_is_sealed_and_opens_only_in_its_own_place(db, a_call):
    note = db.get_one(contacts.ContactNote, (a_call.code, "summary"))

    assert b"andare" not in note.sealed
    assert contacts.notes_of(db, a_call, frozenset({"P3"})) == {"summary": "Chiede di andare via subito"}
    with pytest.raises(Exception, match="non si può leggere"):
        vault.open_(db, f"contact:{a_call.code}", "code_word", note.sealed)


def test_each_class_of_notes_opens_alone(db, a_call):
    assert set(contacts.notes_of(db, a_call, frozenset({"P2", "P4"}))) == {"caller_number", "code_word"}


def test_all_wrong_fields_are_named_at_once(db, network):
    facts = {"danger": "forse", "province": "ZZ", "urgency": "subito", "forms_of_exploitation": ["lavorativo", "boh"]}
    with pytest.raises(InvalidForm) as refusal:
        met(db, **facts, owner_id="u_x")

    assert set(refusal.value.errors) == {*facts, "owner_id"}


def test_a_note_that_nobody_seals_is_refused(db, network):
    with pytest.raises(InvalidForm) as refusal:
        met(db, notes={"surname": "Osei"})

    assert set(refusal.value.errors) == {"surname"}


def test_a_contact_needs_a_time_that_has_come(db, network):
    with pytest.raises(InvalidForm) as missing:
        contacts.record(db, "call", "nazionale", {}, {}, by="u_olga")
    with pytest.raises(InvalidForm) as future:
        met(db, at=clock.now() + timedelta(hours=1))
    with pytest.raises(InvalidForm) as backwards:
        met(db, ended_at=clock.now() - timedelta(hours=1))

    assert [set(r.value.errors) for r in (missing, future, backwards)] == [{"at"}, {"at"}, {"ended_at"}]


def test_who_is_met_in_the_street_gets_a_code_for_the_next_time(db, network, time):
    first = met(db)
    time.at("2026-08-04 15:00")
    second = met(db, person_code=first.code.lower(), notes={"safe_channel": "WhatsApp 15-17"})

    assert first.person_code == first.code
    assert second.person_code == first.code != second.code
    assert [c.code for c in contacts.encounters(db, first.code)] == [first.code, second.code]


def test_a_caller_has_a_code_of_her_own_only_when_she_calls_for_herself(db, network):
    assert met(db, "call", "nazionale", activator="cittadino").person_code is None
    own = met(db, "call", "nazionale", activator="vittima")
    assert own.person_code == own.code


def test_a_call_is_linked_to_earlier_encounters_of_another_post_by_code_alone(db, network, a_call):
    first = met(db)
    contacts.link(db, a_call.code, first.code, by="u_olga")

    assert (a_call.linked_code, a_call.person_code) == (first.code, first.code)
    with pytest.raises(InvalidForm):
        contacts.link(db, a_call.code, "UM-2222", by="u_olga")
    with pytest.raises(InvalidForm):
        contacts.link(db, a_call.code, a_call.code, by="u_olga")


def test_a_code_word_finds_the_contact_again_without_being_stored(db, a_call):
    assert [c.code for c in contacts.find(db, "code_word", " GIRASOLE ")] == [a_call.code]
    assert contacts.find(db, "code_word", "tulipano") == []
    assert contacts.find(db, "summary", "Chiede di andare via subito") == []


def test_what_comes_later_is_added_and_nothing_is_lost(db, a_call):
    contacts.amend(
        db, a_call.code, {"minor": "no", "danger": "non_noto"}, {"zone": "stazione", "summary": ""}, by="u_olga"
    )

    assert (a_call.minor, a_call.danger, a_call.wants_out) == (False, None, True)
    notes = contacts.notes_of(db, a_call, access.CONTACT_READS)
    assert (notes["zone"], notes["summary"]) == ("stazione", "Chiede di andare via subito")


def test_a_contact_may_end_without_a_case_and_takes_no_more_words(db, a_call):
    contacts.close(db, a_call.code, "porta_aperta", by="u_olga")

    assert (a_call.status, a_call.case_code) == ("closed", None)
    with pytest.raises(WrongOrder):
        contacts.amend(db, a_call.code, {"minor": "no"}, {}, by="u_olga")


def test_routing_moves_the_contact_and_says_so_once(db, a_call, said):
    for _ in range(2):
        contacts.route(db, a_call.code, "lombardia-2", by="u_olga")

    assert (a_call.origin, a_call.post) == ("nazionale", "lombardia-2")
    assert said(f"contact:{a_call.code}").count("contact.routed") == 1
    with pytest.raises(InvalidForm):
        contacts.route(db, a_call.code, "luna", by="u_olga")


def test_the_second_to_pick_up_is_told_who_was_first_and_when(db, a_call, time):
    contacts.pick_up(db, a_call.code, "case", time.at("2026-08-11 04:30"), by="u_luca")

    with pytest.raises(AlreadyDone) as refusal:
        contacts.pick_up(db, a_call.code, "case", clock.now(), by="u_anna")
    assert refusal.value.params == {"who": "u_luca", "when": "04:30"}


def test_nobody_is_picked_up_before_the_contact_or_in_the_future(db, a_call):
    for wrong in (a_call.at - timedelta(minutes=1), clock.now() + timedelta(minutes=1)):
        with pytest.raises(InvalidForm):
            contacts.pick_up(db, a_call.code, "case", wrong, by="u_luca")


def test_a_case_opened_from_a_contact_knows_what_the_contact_knew(db, a_call, anna):
    contacts.route(db, a_call.code, "lombardia-2", by="u_olga")
    case = casefile.open_(db, "lombardia-2", contact_code=a_call.code, worker="u_anna", by="u_luca")
    contacts.attach_case(db, a_call.code, case.code, by="u_luca")

    [sheet] = sheets.list_(db, case.code, "contact")
    assert sheet.public["danger"] is True
    assert (sheet.public["province"], sheet.public["language"]) == ("BG", "pcm")
    assert "minor" not in sheet.public
    answers = access.read_sheets(db, anna, case, [sheet])[sheet.id]
    assert answers["P3"] == {"summary": "Chiede di andare via subito"}
    assert answers["P4"] == {"code_word": "girasole"}
    assert answers["P2"] == {"caller_number": "333 1234567"}
    assert (a_call.status, a_call.case_code) == ("closed", case.code)


def test_a_contact_becomes_one_case_only(db, a_call):
    case = casefile.open_(db, "lombardia-2", by="u_luca")
    contacts.attach_case(db, a_call.code, case.code, by="u_luca")

    with pytest.raises(WrongOrder):
        contacts.attach_case(db, a_call.code, case.code, by="u_luca")


def test_destroying_the_key_of_a_contact_leaves_its_codes_and_no_words(db, a_call):
    vault.destroy(db, f"contact:{a_call.code}", by="cli")

    with pytest.raises(Exception, match="cancellati"):
        contacts.notes_of(db, a_call, access.CONTACT_READS)


def test_an_unknown_contact_is_not_there(db, network):
    with pytest.raises(NotYours):
        contacts.get(db, "NV-2222")
