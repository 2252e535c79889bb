"""FEEL as coordinators meet it: names, values from process data, times, sentences, the command line."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core import clock
from engine import feel
from engine.feel import FeelError, Months

ROME = ZoneInfo("Europe/Rome")
THREE = [True, False, None]


def value(text: str, **given: Any) -> Any:
    return feel.evaluate(text, given)


def sentence(text: str, *, unary: bool = False) -> str:
    with pytest.raises(FeelError) as caught:
        feel.compile(text, unary=unary)
    return str(caught.value)


# -- names -------------------------------------------------------------------------------------------------------------


def test_a_condition_says_which_variables_it_needs():
    expression = feel.compile(
        'routing.post != null and risk_level in ("alto", level) and some x in beds satisfies x > 1'
    )

    assert expression.names == {"routing", "risk_level", "level", "beds"}


def test_names_declared_in_the_text_are_not_needed_from_outside():
    assert feel.compile("{a: b, c: a}").names == {"b"}
    assert feel.compile("sort(xs, function(x, y) x < y)").names == {"xs"}
    assert feel.compile("for x in 1..3 return x + count(partial)").names == set()
    assert feel.compile("? > limit", unary=True).names == {"limit"}


def test_a_name_inside_a_filter_may_be_a_key_of_the_item_and_is_not_reported():
    assert feel.compile('beds[kind = "donna"]').names == {"beds"}


def test_an_unknown_variable_is_null():
    assert value("missing = null") is True
    assert value("missing.deeper") is None
    assert value("missing > 3") is None


def test_names_of_several_words_are_read_where_the_context_has_them():
    assert value("first name + last name", **{"first name": "Ada", "last name": "Rossi"}) == "AdaRossi"
    assert value("{first name: 1, twice: first name * 2}.twice") == 2
    assert value("for one bed in [1, 2] return one bed * 2") == [2, 4]
    assert value("`first name` = null") is True


def test_a_name_that_begins_like_a_function_is_still_a_name():
    assert value("date + 1", date=1) == 2
    assert value("not", **{"not": 5}) == 5
    assert value("count", count=3) == 3


def test_without_a_hint_two_words_are_a_mistake():
    assert sentence("first name = 3") == "tra «first» e «name» (carattere 7) manca un operatore"


def test_the_nearest_name_hides_the_outer_one():
    assert value("for x in [1] return {x: 2, y: x}.y", x=9) == [2]
    assert value("[{x: 1}, {x: 5}][x > 2].x", x=9) == [5]
    assert value("[{item: 7}][item > 3].item") == [7]


# -- sentences ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "l'espressione finisce troppo presto"),
        ("1 +", "l'espressione finisce troppo presto"),
        ("(1 + 2", "l'espressione finisce troppo presto: manca «)»"),
        ("if a then b", "l'espressione finisce troppo presto: manca «else»"),
        ("if a els b", "al carattere 6 ci vuole «then» e non «els»"),
        ('"aperto', "il testo che comincia al carattere 1 non ha le virgolette finali"),
        ("a # b", "il segno «#» al carattere 3 non è ammesso"),
        ("a = = b", "«=» al carattere 5 non è al posto giusto"),
        ("[1, 2", "l'espressione finisce troppo presto: manca «]»"),
        ("{a: 1, a: 2}", "la voce «a» compare due volte"),
        ("list contain(a, 1)", "la funzione «list contain» non esiste (carattere 1): forse «list contains»?"),
        ("zzz(1)", "la funzione «zzz» non esiste (carattere 1)"),
        ("count()", "la funzione «count» (carattere 1) non si può usare con 0 valori"),
        ("count(1, 2)", "la funzione «count» (carattere 1) non si può usare con 2 valori"),
        ("substring(text: 1)", "la funzione «substring» (carattere 1) non ha valori con questi nomi"),
        ("a.b(1)", "al carattere 4 manca il nome della funzione"),
        ("function(x) x", "«function» al carattere 1 si può usare solo come ordinamento di sort(…)"),
        ("sort([1], 2)", "la funzione «sort» (carattere 1) vuole un ordinamento: function(a, b) a < b"),
        ("sort([1], function(x) x)", "la funzione «sort» (carattere 1) vuole un ordinamento: function(a, b) a < b"),
        ('@"domani"', "@ al carattere 1 vuole una data, un'ora o una durata tra virgolette"),
        ("1 instance of thing", "al carattere 15 ci vuole il nome di un tipo"),
        ('"\\uD800"', "il testo al carattere 1 contiene un carattere che non esiste"),
        ("12345678901234567890123456789012345", "un numero è troppo grande o ha più di 34 cifre"),
    ],
)
def test_what_cannot_be_read_is_refused_with_place_and_reason(text, expected):
    assert sentence(text) == expected


def test_a_refusal_knows_the_place_as_a_number_too():
    with pytest.raises(FeelError) as caught:
        feel.compile("a = = b")

    assert caught.value.position == 5
    assert caught.value.status == 422


@pytest.mark.parametrize("text", ["< 5 <", "not(", "not(1", "-, 1", "1,", ", 1", "[1..2", "..", "not(1) 2"])
def test_a_broken_cell_is_refused(text):
    assert sentence(text, unary=True)


def test_a_regular_expression_nobody_can_read_gives_null():
    assert value('matches("a", "(")') is None


# -- three values ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("left", THREE)
@pytest.mark.parametrize("right", THREE)
def test_and_or_not_follow_the_tables_of_kleene(left, right):
    both = False if False in (left, right) else None if None in (left, right) else True
    either = True if True in (left, right) else None if None in (left, right) else False

    assert value("a and b", a=left, b=right) is both
    assert value("a or b", a=left, b=right) is either
    assert value("not(a)", a=left) is (None if left is None else not left)


def test_what_is_not_a_boolean_counts_as_unknown_in_logic():
    assert value('"x" and true') is None
    assert value('"x" and false') is False
    assert value("1 or true") is True
    assert value("not(1)") is None


# -- process data ------------------------------------------------------------------------------------------------------


class Level(StrEnum):
    HIGH = "alto"


def test_values_from_python_become_values_of_feel():
    assert value("a + 1", a=2) == Decimal(3)
    assert value("a = 0.1", a=0.1) is True
    assert value('a = "alto"', a=Level.HIGH) is True
    assert value("a[2]", a=(1, 2)) == 2
    assert value("a.b.c", a={"b": {"c": None}}) is None
    assert value("a instance of boolean", a=True) is True
    assert value("a", a=float("nan")) is None


def test_dates_in_process_data_stay_texts_until_they_are_asked_to_be_dates():
    assert value('a = "2026-10-04"', a="2026-10-04") is True
    assert value('date(a) + duration("P45D") = date("2026-11-18")', a="2026-10-04") is True


def test_a_value_of_no_kind_is_refused_by_name():
    with pytest.raises(FeelError, match="un valore di tipo «bytes» non si può usare in un'espressione"):
        value("a = 1", a=b"x")


def test_only_the_variables_that_are_used_are_looked_at():
    assert value("1 + 1", a=b"x") == 2


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("2 + 1", 3),
        ("1 / 4", 0.25),
        ('"è"', "è"),
        ("[true, null]", [True, None]),
        ('{a: date("2026-10-04")}', {"a": "2026-10-04"}),
        ('time("09:30:00")', "09:30:00"),
        ('date and time("2026-10-04T09:30:00@Europe/Rome")', "2026-10-04T09:30:00+02:00"),
        ('date and time("2026-10-04T09:30:00Z")', "2026-10-04T09:30:00Z"),
        ('duration("P3DT4H30M")', "P3DT4H30M"),
        ('duration("P14M")', "P1Y2M"),
        ("[1..3)", "[1..3)"),
        ("10 ** 30", 1e30),
    ],
)
def test_results_become_json(text, plain):
    assert feel.from_feel(value(text)) == plain
    assert type(feel.from_feel(value(text))) is type(plain)


def test_what_is_json_already_stays_as_it_is():
    assert feel.from_feel({"a": [1, 2.5, "x", None, True]}) == {"a": [1, 2.5, "x", None, True]}


def test_a_number_that_json_cannot_hold_is_refused():
    with pytest.raises(FeelError):
        feel.from_feel(value("10 ** 5000"))


# -- time --------------------------------------------------------------------------------------------------------------


def test_today_is_the_date_in_rome_and_now_one_moment_for_the_whole_expression():
    clock.freeze(datetime(2026, 8, 10, 22, 30, tzinfo=UTC))
    try:
        assert value("today()") == date(2026, 8, 11)
        assert value("now()") == datetime(2026, 8, 11, 0, 30, tzinfo=ROME)
        assert value('now() > date and time("2026-08-10T22:00:00Z")') is True
    finally:
        clock.thaw()
    assert value("now() = now()") is True


def test_a_local_time_takes_the_offset_of_the_one_it_is_compared_with():
    assert value('date and time("2026-08-11T10:00:00") = date and time("2026-08-11T10:00:00+02:00")') is True
    assert value('date and time("2026-08-11T10:00:00") - date and time("2026-08-11T10:00:00+02:00")') is None
    assert value('time("10:00:00") < time("11:00:00Z")') is True


def test_hours_are_counted_on_the_clock_also_on_the_night_it_changes():
    late = value('date and time("2026-10-24T12:00:00@Europe/Rome") + duration("PT24H")')

    assert late == datetime(2026, 10, 25, 11, 0, tzinfo=ROME)


def test_a_month_ends_on_its_last_day():
    assert value('date("2026-01-31") + duration("P1M")') == date(2026, 2, 28)
    assert value('date("2024-02-29") + duration("P1Y")') == date(2025, 2, 28)
    assert value('date("2026-03-31") - duration("P1M")') == date(2026, 2, 28)


@pytest.mark.parametrize(
    "text",
    [
        'date("9999-12-31") + duration("P1D")',
        'date("0001-01-01") - duration("P1M")',
        'date and time("9999-12-31T23:59:59Z") + duration("PT1S")',
        'duration("P999999999D") * 1000',
        'duration("P1Y") * (10 ** 20)',
        'duration("P9999999999D")',
        "date(2026, 1, 10 ** 20)",
        "10 ** 6000 * 10 ** 6000",
    ],
)
def test_what_lies_beyond_the_calendar_or_the_numbers_is_null(text):
    assert value(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P3D", timedelta(days=3)),
        ("PT48H", timedelta(hours=48)),
        ("P2M", Months(2)),
        (" 2026-10-04 ", date(2026, 10, 4)),
        ("2026-10-04T09:00", datetime(2026, 10, 4, 9)),
        ("2026-10-04T09:00:00Z", datetime(2026, 10, 4, 9, tzinfo=UTC)),
        ("R/P1D", feel.Cycle(None, timedelta(days=1))),
        ("R3/PT1H", feel.Cycle(3, timedelta(hours=1))),
        ('duration("PT30M") * 2', timedelta(hours=1)),
        ("issued_on", date(2026, 8, 20)),
        ("date(issued_on) + duration(wait)", date(2026, 10, 4)),
    ],
)
def test_the_times_of_a_model_need_no_quotes(text, expected):
    assert feel.temporal(text, {"issued_on": "2026-08-20", "wait": "P45D"}) == expected


@pytest.mark.parametrize("text", ["3", '"domani"', "missing", "R/P1", "R/PT0S", 'time("09:00:00")'])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(FeelError):
        feel.temporal(text, {})


def test_parts_of_times():
    moment = 'date and time("2026-10-04T09:08:07.5@Europe/Rome")'

    assert value(f"{moment}.second") == Decimal("7.5")
    assert value(f"{moment}.timezone") == "Europe/Rome"
    assert value(f"{moment}.time offset") == timedelta(hours=2)
    assert value(f"time({moment})") == time(9, 8, 7, 500000, tzinfo=ROME)
    assert value(f"string({moment})") == "2026-10-04T09:08:07.5@Europe/Rome"


# -- functions ---------------------------------------------------------------------------------------------------------


def test_a_single_item_and_a_list_of_it_stand_for_each_other():
    assert value('contains(["foobar"], "ob")') is True
    assert value("count(5)") == 1
    assert value('contains(["a", "b"], "a")') is None


def test_arguments_may_be_named_in_any_order():
    assert value('substring(start position: 3, string: "foobar")') == "obar"
    assert value('split(delimiter: ";", string: "a;b")') == ["a", "b"]
    assert sentence("count(list: [1], list: [2])") == "la voce «list» compare due volte (carattere 18)"


def test_sort_keeps_equal_items_in_their_order():
    text = "sort([{k: 2, n: 1}, {k: 1, n: 2}, {k: 2, n: 3}], function(a, b) a.k < b.k).n"

    assert value(text) == [2, 1, 3]


def test_partial_is_a_list_of_its_own_each_time():
    assert value("for i in 1..3 return count(partial)") == [0, 1, 2]
    assert value("for i in 1..2 return partial") == [[], [[]]]


# -- cells -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tested", "expected"),
    [
        ("-", None, True),
        ('"MI", "MB"', "MB", True),
        ('not("MI", "MB")', "TO", True),
        ('not("MI")', None, True),
        ("[22..24), [0..6]", 23, True),
        ("[22..24), [0..6]", 12, False),
        ("< 5, null", None, True),
        ("provinces", "MI", True),
        ("? > 3 and ? < other", 5, True),
        ('starts with(?, "A")', "Ancona", True),
        ("other = 9", "whatever", True),
        ("other = 9", False, False),
        ("true", True, True),
        ("true", None, False),
        ("agreed", None, False),
        ("agreed", True, True),
        ("not(true)", False, True),
        ("not(other = 9) or true", "x", True),
    ],
)
def test_cells_of_decision_tables(text, tested, expected):
    found = feel.compile(text, unary=True).evaluate(
        {"?": tested, "provinces": ["MI", "RM"], "other": 9, "agreed": True}
    )

    assert found is expected


# -- once --------------------------------------------------------------------------------------------------------------


def test_a_text_is_read_once():
    assert feel.compile("a = 1") is feel.compile("a = 1")
    assert feel.compile("a = 1") is not feel.compile("a = 1", unary=True)


# -- command line ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "context", "expected"),
    [
        ("a + 1", '{"a": 2}', (0, "3")),
        ('"città"', "{}", (0, '"città"')),
        ("date(d) + duration(w)", '{"d": "2026-10-04", "w": "P1D"}', (0, '"2026-10-05"')),
        ("nome proprio", '{"nome proprio": "Ada"}', (0, '"Ada"')),
        ("1 +", "{}", (1, "L'espressione finisce troppo presto.")),
        ("a", "[1]", (1, 'Il contesto non è un oggetto JSON, come {"importo": 3}.')),
        ("a", "{", (1, 'Il contesto non è un oggetto JSON, come {"importo": 3}.')),
        ("a", "[" * 100_000, (1, 'Il contesto non è un oggetto JSON, come {"importo": 3}.')),
        ("10 ** 5000", "{}", (1, "Un numero è troppo grande o ha più di 34 cifre.")),
    ],
)
def test_the_command_line_prints_json_or_one_sentence(text, context, expected):
    assert feel.explain(text, context) == expected
