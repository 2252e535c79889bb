"""Search before you open: many spellings and scripts, keyed fingerprints, and little told to who may not see."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, text

from cases import casefile, contacts, findable, persons, quotas, search, shelters
from cases.findable import SearchKey
from core import clock, log
from core.errors import InvalidForm, NotYours, TooMany


@pytest.fixture
def known(db, a_case):
    """Anna's case, with a person in it."""
    identity = {
        "first_name": "Мохаммед", "last_name": "Osagie", "aliases": ["Blessy", "Bee"], "birth_date": "1999-05-12",
        "phone": "333 1234567",
    }  # fmt: skip
    persons.record(db, a_case.code, identity, {"code_word": "Gira sole", "number": "+234 803 123 4567"}, by="u_anna")
    return a_case.code


def ask(db, actor, purpose="apertura", **typed):
    return search.ask(db, actor, purpose, typed)


def found(db, actor, **typed):
    return [(hit.code, hit.why) for hit in ask(db, actor, **typed).mine]


@pytest.mark.parametrize(
    "name",
    ["Mohammed Osagie", "osaghie muhamad", "محمد Ozagie", "Moamed Osagye", "MohammedOsagie", "Blessi", "Mo\u200bhammed OSAGIE"],
)
def test_a_name_is_found_in_other_spellings_and_scripts(db, known, anna, name):
    assert [code for code, _ in found(db, anna, name=name)] == [known]


@pytest.mark.parametrize(
    "spellings",
    [
        "Оксана Oxana Oksana", "Ксения Xenia Ksenija", "Наталья Natalia", "Галина Halyna", "Олег Oleh", "Сергей Serhii",
        "Жанна Janna", "Евгения Yevgenia Jevgenija", "خديجة Khadidja Hatixhe Хадиджа", "يوسف Youssef Iusuf", "نور Noor",
        "عائشة Aicha Ayesha আয়েশা", "حسين Husayn হোসেন", "عثمان Othman Ousmane", "চৌধুরী Chowdhury Choudhury",
        "মোহাম্মদ MD Mohammad", "জাহাঙ্গীর Zahangir Jahangir", "Hoxha Hodja", "Xhevahire Gevahire", "Gjergj Giergi",
        "Shqipe Schipe", "Ṣadé Shade", "Okpara Opara", "Ọmọ́wùnmí Omowumi", "Igbinosa Ibinosa", "Nkechi Enkechi",
        "Precious Preshus", "Chukwu Ciuku",
    ],
)  # fmt: skip
def test_what_is_one_name_in_the_field_shares_a_sound_or_its_letters(spellings):
    first, *others = (findable.sounds(word) for word in findable.words(spellings))

    assert [word for word, heard in zip(spellings.split()[1:], others, strict=True) if not heard & first] == []


@pytest.mark.parametrize("pair", ["Gina Zina", "Alina Anna", "Chiara Sara", "Eghosa Aisha", "Esohe Osagie", "Happy Aigbe"])
def test_names_that_only_look_alike_stay_apart(pair):
    one, other = (findable.sounds(word) for word in findable.words(pair))

    assert not one & other


def test_the_parts_of_an_arabic_name_are_found_with_and_without_the_article(db, a_case, anna):
    persons.record(db, a_case.code, {"first_name": "عبد الرحمن", "last_name": "الحسين"}, by="u_anna")

    for name in ("Abdurrahman", "Abd al-Rahman Hussein", "Abderrahmane Hossain"):
        assert [code for code, _ in found(db, anna, name=name)] == [a_case.code], name


@pytest.mark.parametrize("name", ["Mohammed Rossi", "Osei", "Joy", "Ahmed Hassan"])
def test_half_a_name_or_another_name_finds_nobody(db, known, anna, name):
    assert found(db, anna, name=name) == []


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"phone": "+39 333 123 45 67"}, ("phone",)),
        ({"phone": "0039-333-1234567"}, ("phone",)),
        ({"phone": "002348031234567"}, ("phone",)),
        ({"code_word": "GIRASOLE"}, ("code_word",)),
        ({"name": "Osagie", "birth_date": "1999-05-12"}, ("name", "birth_date")),
        ({"name": "Ozaghie"}, ("sound",)),
    ],
)
def test_it_says_by_what_somebody_was_found(db, known, anna, typed, why):
    assert found(db, anna, **typed) == [(known, why)]


def test_a_birthday_alone_is_not_enough_and_a_wrong_one_does_not_hide(db, known, anna):
    with pytest.raises(InvalidForm) as refused:
        ask(db, anna, birth_date="1999-05-12")
    assert list(refused.value.errors) == ["name"]
    assert found(db, anna, name="Osagie", birth_date="2001-01-01") == [(known, ("name",))]


def test_bad_words_get_a_sentence_beside_their_field(db, known, anna):
    with pytest.raises(InvalidForm) as refused:
        ask(db, anna, purpose="curiosity", name="¿?", phone="no", birth_date="31/12/99")
    assert sorted(refused.value.errors) == ["birth_date", "name", "phone", "purpose"]


def test_a_stranger_learns_only_whom_to_ask(db, known, bruno):
    answer = ask(db, bruno, phone="333 1234567")

    assert (answer.mine, answer.ask, answer.more) == ((), ("lombardia-2",), False)


def test_a_hidden_case_gives_away_no_territory(db, known, bruno, anna):
    casefile.mask(db, known, by="u_anna")

    assert ask(db, bruno, phone="333 1234567").ask == ("nazionale",)
    assert [code for code, _ in found(db, anna, phone="333 1234567")] == [known]


def test_a_house_is_never_named_and_its_staff_does_not_search(db, network, bruno, gina):
    case = casefile.open_(db, "casa-a", by="cli")
    persons.record(db, case.code, {"phone": "333 7654321"}, by="cli")

    assert ask(db, bruno, phone="333 7654321").ask == ("nazionale",)
    with pytest.raises(NotYours):
        ask(db, gina, phone="333 7654321")


def test_a_call_is_found_by_number_and_word_and_is_its_case_afterwards(db, a_call, olga, anna, bruno):
    assert found(db, olga, phone="+393331234567") == [(a_call.code, ("phone",))]
    assert ask(db, bruno, code_word="girasole").ask == ("nazionale",)

    case = casefile.open_(db, "lombardia-2", contact_code=a_call.code, worker="u_anna", by="u_luca")
    contacts.attach_case(db, a_call.code, case.code, by="u_luca")
    assert found(db, anna, code_word="girasole") == [(case.code, ("code_word",))]


def test_what_was_taken_away_is_found_no_more(db, known, anna):
    persons.record(db, known, {"phone": None, "aliases": None}, by="u_anna")

    assert found(db, anna, phone="333 1234567") == []
    assert found(db, anna, name="Blessy") == []
    assert found(db, anna, name="Osagie") != []


def test_the_log_says_who_and_why_but_no_word(db, known, bruno):
    ask(db, bruno, purpose="sicurezza", name="Mohammed Osagie", code_word="girasole")
    said = [line.content for line in db.info[log.PENDING] if line.content["verb"] in ("search.done", "case.found")]

    assert said[0]["facts"] == {"purpose": "sicurezza", "fields": ["code_word", "name"], "found": 0}
    assert said[1]["case"] == known
    assert "osagie" not in str(said).lower()


def test_the_table_holds_no_word_and_no_plain_digest(db, known):
    stored = str(db.execute(text("select * from search_key")).all())

    assert "osagie" not in stored.lower()
    assert "3331234567" not in stored
    assert all(len(key) == 64 for key in db.scalars(select(SearchKey.key)))


def test_looking_around_ends_after_the_searches_of_an_hour(db, known, anna, time):
    for _ in range(quotas.LIMITS[quotas.SEARCHES]):
        ask(db, anna, name="Nessuna Persona")
    with pytest.raises(TooMany):
        ask(db, anna, name="Osagie")
    time.forward(minutes=61)
    assert found(db, anna, name="Osagie") != []


def test_the_same_case_counts_once_in_an_hour(db, network, monkeypatch, time):
    monkeypatch.setitem(quotas.LIMITS, quotas.CASES, 2)
    for code in ("F-1", "F-2", "F-1", "F-2", "F-1"):
        quotas.spend(db, "u_x", quotas.CASES, code)
    with pytest.raises(TooMany):
        quotas.spend(db, "u_x", quotas.CASES, "F-3")


def test_rebuilding_brings_back_what_was_lost(db, known, a_call, anna):
    db.execute(delete(SearchKey))
    assert found(db, anna, name="Osagie") == []

    assert search.rebuild(db, by="cli") == 2
    assert found(db, anna, name="Osagie") != []


def test_an_erased_subject_is_forgotten(db, known, anna):
    findable.forget(db, f"case:{known}")

    assert found(db, anna, name="Osagie") == []


def test_an_address_is_no_way_to_search(db, known, a_house, anna):
    shelters.place(db, known, a_house.code, clock.today(), by="u_anna")

    assert found(db, anna, name="Via del Roseto Clusone") == []


@given(st.text(max_size=60))
def test_whatever_is_typed_has_words_and_sounds_in_plain_letters(typed):
    for word in findable.words(typed):
        assert word.isalnum()
        assert set(findable.sound(word)) <= set("abcdefghijklmnopqrstuvwxyz0123456789")
    findable.telephone(typed)
