"""Which passwords are accepted, and that checking one tells nothing."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import passwords
from core.errors import InvalidForm
from tests.watch import within

GOOD = "quattro cani blu in fila"


def faults(password: str, *about: str) -> list[str]:
    try:
        passwords.check_new(password, *about)
    except InvalidForm as refused:
        return refused.errors["password"]
    return []


@pytest.mark.parametrize(
    "password", [GOOD, "Zwölf Boxkämpfer!", "correct horse battery staple", "мои четыре собаки", "x7#Kp2!vR9@mQ4"]
)
def test_long_and_unusual_passwords_are_welcome(password):
    assert faults(password, "anna.verdi", "Anna Verdi") == []


@pytest.mark.parametrize(
    "password",
    [
        "tredici.carat",  # thirteen characters
        "password123456",
        "Pa ssword PASSWORD",
        "qwertyuiopasdf",
        "aaaaaaaaaaaaaaaa",
        "abababababababab",
        "approdo sul mare blu",
        "Il mio Approdo 2026!",
        "AnNa ha tre cani blu",
        "i verdi hanno vinto!",
        "benvenuti a tutti!!",
        "",
        " " * 20,
    ],
)
def test_short_common_and_personal_passwords_are_refused(password):
    assert faults(password, "anna.verdi", "Anna Verdi")


@pytest.mark.parametrize("password", ["x7#Kp2!vR9@mQ4zz" * 8 + "!", "lunga ma " * 120_000])
def test_an_endless_password_is_refused_before_any_hashing(password):
    passwords.configure(memory_kib=65536)

    assert within(0.05, lambda: faults(password)) == ["La password può avere al massimo 128 caratteri."]
    assert not within(0.05, lambda: passwords.matches(None, password))
    passwords.configure(memory_kib=8)


def test_the_longest_password_is_accepted_and_one_more_letter_is_not():
    longest = ("x7#Kp2!vR9@mQ4zz" * 8)[:128]

    assert faults(longest) == []
    assert faults(longest + "!")


def test_a_character_that_unfolds_does_not_get_past_the_limit():
    assert faults("\ufdfa" * 100)  # one letter, eighteen after normalisation


def test_unicode_equal_passwords_are_the_same():
    composed, decomposed, wide = (
        "perché già è così blu",
        "perche\u0301 gia\u0300 e\u0300 cosi\u0300 blu",
        "ｐerché già è così blu",
    )
    kept = passwords.hash_(composed)

    assert passwords.matches(kept, decomposed)
    assert passwords.matches(kept, wide)
    assert not passwords.matches(kept, composed.upper())


def test_no_kept_password_matches_nothing():
    assert not passwords.matches(None, GOOD)
    assert not passwords.matches(None, "nobody has this password")
    assert not passwords.matches("not a hash", GOOD)


def test_a_hash_is_argon2id_and_is_renewed_when_the_parameters_grow():
    kept = passwords.hash_(GOOD)

    passwords.configure(memory_kib=16)
    grown = passwords.is_outdated(kept)
    passwords.configure(memory_kib=8)

    assert kept.startswith("$argon2id$")
    assert grown
    assert not passwords.is_outdated(kept)


def test_an_unknown_user_costs_as_much_time_as_a_wrong_password():
    passwords.configure(memory_kib=19456)
    kept = passwords.hash_(GOOD)

    def times(stored):
        measured = []
        for _ in range(9):
            started = time.process_time()  # our own work: a busy machine does not blur it
            passwords.matches(stored, "un'altra frase segreta")
            measured.append(time.process_time() - started)
        return min(measured)

    times(None)
    unknown, wrong = times(None), times(kept)
    passwords.configure(memory_kib=8)
    assert 0.5 < unknown / wrong < 2


@given(st.text(max_size=200), st.text(max_size=30))
def test_any_text_is_either_accepted_or_refused_in_sentences(password, name):
    assert all(sentence.endswith(".") for sentence in faults(password, name))
