"""The figures: what is counted, by whom, when; what is unknown is counted as such."""

from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import event

from cases import (
    casefile,
    codes,
    consents,
    contacts,
    lines,
    outings,
    periods,
    persons,
    programmes,
    receipts,
    shelters,
    statistics,
    terms,
    transfers,
    victims,
)
from cases.receipts import Export
from core import clock
from core.errors import InvalidForm, NotYours

TERMS = Path(__file__).parents[2] / "workflows" / "terms.toml"
YEAR = periods.between("year", "2025-01", "2025-12")
FIRST = periods.between("quarter", "2026-01", "2026-03")


@pytest.fixture
def law(db):
    """The terms that are shipped."""
    return terms.load(db, TERMS.read_text(), by="cli")


def a_case(db, post="lombardia-2", **identity):
    case = casefile.open_(db, post, kind="tratta", by="u_luca")
    if identity:
        persons.record(db, case.code, identity, by="u_anna")
    return case


def a_victim(db, status="identificata", on=date(2025, 5, 3), forms=("sessuale_strada",), post="lombardia-2", **identity):
    case = a_case(db, post, **identity)
    casefile.set_victim_status(db, case.code, status, "ente_antitratta", on, by="u_anna")
    victims.know_forms(db, case.code, forms)
    return case


def at(tree, *path):
    """The number of a part: None if it is hidden."""
    cell = tree.cells[0]
    for dim, key in path:
        cell = next(part for part in cell.parts[dim] if part.key == key)
    return cell.total if cell.shown else None


def tree(db, table, name, when, post=None):
    return next(one for one in statistics.tables(db, table, when, post) if one.name == name)


def test_registered_victims_are_counted_by_status_age_sex_form_and_citizenship(db, network):
    for _ in range(7):
        a_victim(db, gender="femmina", citizenships=["NG"])
    for _ in range(5):
        a_victim(db, gender="maschio", citizenships=["BD", "PK"], forms=["lavorativo", "accattonaggio"])
    for _ in range(6):
        a_victim(db, "presunta")
    found = tree(db, "victims", "victims", YEAR)
    women = ("status", "identificata"), ("age", "non_noto"), ("sex", "femmina")
    men = ("status", "identificata"), ("age", "non_noto"), ("sex", "maschio")

    assert at(found) == 18
    assert at(found, ("status", "presunta"), ("age", "non_noto"), ("sex", "non_noto")) == 6
    assert at(found, *women, ("citizenship", "NG")) == 7
    assert at(found, *women, ("form", "sessuale")) == 7
    assert at(found, *men, ("citizenship", "piu")) == 5
    assert at(found, *men, ("form", "piu")) == 5
    assert at(found, ("status", "identificata"), ("decider", "ente_antitratta")) == 12


def test_a_person_counts_once_a_year_with_the_last_word_on_her(db, network):
    for number in range(6):
        case = a_victim(db, "presunta", date(2025, 2, 1))
        casefile.set_victim_status(db, case.code, "identificata", "ente_antitratta", date(2025, 9, 1), by="u_anna")
        if number == 0:
            casefile.set_victim_status(db, case.code, "non_vittima", "magistratura", date(2026, 2, 1), by="u_anna")
    found = tree(db, "victims", "victims", YEAR)

    assert at(found) == 6
    assert at(found, ("status", "identificata")) == 6
    assert at(found, ("status", "presunta")) == 0
    assert at(tree(db, "victims", "victims", periods.between("year", "2024-01", "2024-12"))) == 0


def test_who_was_a_minor_then_stays_one_in_the_figures_of_that_year(db, network):
    for _ in range(5):
        case = a_case(db)
        casefile.note(db, case.code, age_doubt=True, by="u_anna")
        casefile.set_victim_status(db, case.code, "presunta", "ente_antitratta", date(2025, 5, 3), by="u_anna")
        casefile.note(db, case.code, age_doubt=False, minor=False, by="u_anna")

    assert at(tree(db, "victims", "victims", YEAR), ("status", "presunta"), ("age", "minore")) == 5


def test_what_statistics_keep_of_a_person_says_nothing_without_the_key(db, network):
    case = a_victim(db, gender="femmina", citizenships=["NG"])
    kept = db.get(victims.Trait, case.code)

    assert len(kept.who) == len(kept.form) == 64
    assert victims.persons_by_print()[kept.who] == ("femmina", "NG")
    assert victims.forms_by_print()[kept.form] == "sessuale"


def test_every_form_of_the_register_has_its_place_in_the_figures(db, network):
    case, read = a_case(db), victims.forms_by_print()
    for code, _ in codes.EXPLOITATION_FORMS:
        if code != "non_nota":
            victims.know_forms(db, case.code, [code])
            assert read[db.get(victims.Trait, case.code).form] in (code, "sessuale")


def live_a_quarter(db, time):
    """Six people of Lombardy and one of Puglia, from the call to the exit, in the first quarter of 2026."""
    house = shelters.open_shelter(db, "casa-a", "pronta", 20, address="", by="cli")
    time.at("2026-01-10 10:00")
    found = []
    for number in range(7):
        post = "lombardia-2" if number < 6 else "puglia"
        facts = {"at": clock.now(), "call_class": "pertinente", "activator": "vittima", "reason": "richiesta_aiuto"}
        call = contacts.record(db, "call", post, facts, {}, by="u_luca")
        case = casefile.open_(db, post, contact_code=call.code, by="u_luca")
        contacts.attach_case(db, call.code, case.code, by="u_luca")
        found.append(case.code)
    time.at("2026-02-10 10:00")
    for code in found[:6]:
        shelters.place(db, code, house.code, clock.today(), by="u_anna")
        programmes.adhere(db, code, clock.today(), clock.today(), residential=True, by="u_anna")
    time.at("2026-03-10 10:00")
    for code in found[:6]:
        casefile.set_phase(db, code, "P6", by="u_anna")
    return found


def test_the_pathway_is_counted_by_month_and_by_post(db, network, law, time):
    live_a_quarter(db, time)
    time.at("2026-07-21 09:00")
    cases = tree(db, "pathway", "cases", FIRST, "lombardia-2")
    joined = tree(db, "pathway", "programmes", FIRST, "lombardia-2")

    assert at(cases) == 6
    assert [at(cases, ("month", month)) for month in "123"] == [6, 0, 0]
    assert [at(joined, ("month", month)) for month in "123"] == [0, 6, 0]
    assert at(tree(db, "pathway", "contacts", FIRST, "lombardia-2"), ("kind", "call")) == 6
    assert at(tree(db, "pathway", "contacts", FIRST, "puglia")) is None


def test_one_person_of_another_post_is_not_told_by_the_whole_less_the_first(db, network, law, time):
    live_a_quarter(db, time)
    time.at("2026-07-21 09:00")

    assert at(tree(db, "pathway", "cases", FIRST, "lombardia-2")) == 6
    assert at(tree(db, "pathway", "cases", FIRST)) is None


def test_calls_are_counted_by_class_caller_reason_and_outcome(db, network, law, time):
    live_a_quarter(db, time)
    time.at("2026-02-01 10:00")
    for _ in range(5):
        contacts.record(db, "call", "lombardia-2", {"at": clock.now()}, {}, by="u_luca")
    time.at("2026-07-21 09:00")
    calls = tree(db, "helpline", "calls", FIRST, "lombardia-2")

    assert at(calls) == 11
    assert at(calls, ("call_class", "pertinente")) == 6
    assert at(calls, ("call_class", "non_noto")) == 5
    assert at(calls, ("activator", "vittima")) == 6
    assert at(calls, ("outcome", "presa_in_carico")) == 6


def test_places_looked_for_elsewhere_are_counted_when_opened_and_by_how_they_ended(db, network, law, time):
    time.at("2026-01-10 10:00")
    made = [
        transfers.request(db, a_case(db).code, {"reason": "sicurezza", "urgency": "alta"}, by="u_anna")
        for _ in range(10)
    ]
    for number, transfer in enumerate(made):
        transfers.end(db, transfer.code, "nessun_posto" if number < 5 else "annullato", by="u_anna")
    time.at("2026-07-21 09:00")

    assert at(tree(db, "helpline", "transfers_opened", FIRST), ("transfer_reason", "sicurezza")) == 10
    ended = tree(db, "helpline", "transfers_ended", FIRST)
    assert [at(ended, ("transfer_outcome", code)) for code in ("positivo", "nessun_posto", "annullato")] == [0, 5, 5]


def test_the_street_is_counted_by_province_with_who_was_met_for_the_first_time(db, network, time):
    time.at("2026-01-10 23:00")
    facts = {"at": clock.now(), "province": "BG"}
    first = [contacts.record(db, "street", "lombardia-2", facts, {}, by="u") for _ in range(5)]
    for met in first:
        again = {"at": clock.now(), "province": "BG", "person_code": met.code, "people_seen": 4, "people_new": 1}
        contacts.record(db, "street", "lombardia-2", again, {}, by="u")
    contacts.record(db, "street", "lombardia-2", {"at": clock.now(), "province": "BS"}, {}, by="u")
    time.at("2026-07-21 09:00")
    met = tree(db, "monitoring", "encounters", FIRST, "lombardia-2")
    seen = tree(db, "monitoring", "presences", FIRST, "lombardia-2")

    assert at(met) == 11
    assert at(met, ("zone", "BG")) is None  # else the one of Brescia would be known
    assert at(seen, ("zone", "BG")) == 20
    assert [at(seen, ("zone", "BG"), ("met", code)) for code in ("nuovi", "gia_noti")] == [5, 15]


def test_who_was_there_and_was_not_spoken_to_is_counted_from_the_outings(db, network, time):
    time.at("2026-02-10 23:00")
    facts = {"from_at": clock.now(), "province": "BG", "zones": ["Stazione", "Zona industriale"], "crew": ["u_sara"]}
    outing = outings.open_(db, "lombardia-2", facts, begin=True, by="u_sara")
    outings.count(db, outing.code, {1: 12, 2: 8}, by="u_sara")
    time.at("2026-07-21 09:00")
    found = tree(db, "monitoring", "bystanders", FIRST, "lombardia-2")

    assert at(found) == at(found, ("zone", "BG")) == 20


def test_phases_stays_and_exits_are_counted(db, network, law, time):
    codes_ = live_a_quarter(db, time)
    time.at("2026-03-20 10:00")
    for code in codes_[:6]:
        shelters.leave(db, code, clock.today(), by="u_anna")
    time.at("2026-07-21 09:00")

    assert at(tree(db, "monitoring", "cases", FIRST, "lombardia-2"), ("phase", "P6")) == 6
    assert at(tree(db, "monitoring", "stays", FIRST, "lombardia-2"), ("stay", "da_8_a_45")) == 6
    assert at(tree(db, "monitoring", "exits", FIRST, "lombardia-2")) == 0


def test_a_table_asks_the_same_number_of_questions_whatever_it_counts(db, network, law, time, database):
    asked = []
    event.listen(database, "before_cursor_execute", lambda *told: asked.append(told[2]))

    def questions():
        asked.clear()
        for table in statistics.UNITS:
            when = YEAR if table == "victims" else FIRST
            statistics.tables(db, table, when, None)
        return len(asked)

    before = questions()
    live_a_quarter(db, time)
    for _ in range(12):
        a_victim(db, gender="femmina", citizenships=["NG"])
    time.at("2026-07-21 09:00")

    assert questions() == before


@pytest.mark.parametrize(
    ("unit", "first", "last", "field"),
    [
        ("year", "2025-01", "2025-11", "to"),
        ("year", "2025-02", "2026-01", "from"),
        ("quarter", "2026-01", "2026-04", "to"),
        ("quarter", "2026-07", "2026-09", "to"),  # not over
        ("quarter", "2026-04", "2026-03", "to"),
        ("quarter", "2015-01", "2026-03", "to"),
        ("quarter", "gennaio", "2026-03", "from"),
        ("quarter", "2026-13", "2026-03", "from"),
    ],
)
def test_only_whole_periods_that_are_over_are_counted(time, unit, first, last, field):
    with pytest.raises(InvalidForm) as refused:
        periods.between(unit, first, last)

    assert list(refused.value.errors) == [field]


def test_no_two_periods_of_a_table_overlap(time):
    found = periods.between("quarter", "2024-01", "2026-06")

    assert [one.code for one in found][:2] == ["2024-Q1", "2024-Q2"]
    assert all(one.until == other.since for one, other in pairwise(found))
    assert periods.latest("quarter") == ("2026-04", "2026-06")
    assert periods.latest("year") == ("2025-01", "2025-12")


def test_a_contact_of_the_last_minute_of_march_in_rome_is_of_march(db, network, time):
    for moment in ("2026-03-31T23:59+02:00", "2026-04-01T00:00+02:00"):
        for _ in range(5):
            contacts.record(db, "call", "nazionale", {"at": datetime.fromisoformat(moment)}, {}, by="u_olga")

    assert at(tree(db, "pathway", "contacts", FIRST), ("month", "3")) == 5


def test_lines_are_of_those_only_who_agreed_and_each_receiver_has_its_own_pseudonym(db, network, law):
    agreed, other = a_victim(db, gender="femmina", citizenships=["NG"]), a_victim(db)
    withdrawn = a_victim(db)
    for receiver in ("dpo", "oim"):
        consents.record(db, agreed.code, "statistica", receiver, True, date(2026, 7, 1), by="u_anna")
    taken = consents.record(db, withdrawn.code, "statistica", "dpo", True, date(2026, 7, 1), by="u_anna")
    consents.withdraw(db, taken.id, date(2026, 7, 10), by="u_anna")
    consents.record(db, other.code, "trattamento_dati", "dpo", True, date(2026, 7, 1), by="u_anna")
    mine, theirs = lines.of_receiver(db, "dpo"), lines.of_receiver(db, "oim")

    assert len(mine) == len(theirs) == 1
    assert mine[0]["pseudonym"] != theirs[0]["pseudonym"]
    assert mine[0]["prs_Gender"] == "Feminine"
    assert mine[0]["vic_TypeOfExploitation"] == "SexualExploitation"
    assert agreed.code not in str(mine)
    with pytest.raises(InvalidForm):
        lines.of_receiver(db, "tutti")


def test_a_receipt_says_which_file_was_received_by_its_hash(db, network, said):
    made = Export(sha256="a" * 64, subject="victims", format="csv", first="2025-01", last="2025-12", mapping="1")
    receipts.keep(db, made, by="u_silvia")
    receipts.record(db, made.id, "sirit", "2026/14", date(2026, 7, 21), by="u_silvia")

    assert [one.number for one in receipts.of(db, made.id)] == ["2026/14"]
    assert said("statistics") == ["statistics.exported", "receipt.recorded"]


@pytest.mark.parametrize(
    ("receiver", "number", "day", "field"),
    [
        ("nessuno", "1", date(2026, 7, 21), "receiver"),
        ("sirit", "", date(2026, 7, 21), "number"),
        ("sirit", "Blessing O.", date(2026, 7, 21), "number"),
        ("sirit", "1", date(2026, 7, 22), "received_on"),
        ("sirit", "1", date(2026, 7, 20), "received_on"),
    ],
)
def test_a_receipt_that_cannot_be_is_refused_beside_its_field(db, network, receiver, number, day, field):
    made = receipts.keep(db, Export(sha256="a", subject="victims", format="csv", mapping="1"), by="u_silvia")
    with pytest.raises(InvalidForm) as refused:
        receipts.record(db, made.id, receiver, number, day, by="u_silvia")

    assert list(refused.value.errors) == [field]
    with pytest.raises(NotYours):
        receipts.get(db, "none")
