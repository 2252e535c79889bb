"""What of the expressions of other engines is translated: only what means exactly the same."""

import pytest

from engine import feel, juel

SAME = [
    ("${approved}", "approved = true"),
    ("#{approved}", "approved = true"),
    ("${!approved}", "not(approved = true)"),
    ("${not approved}", "not(approved = true)"),
    ("${approved == true}", "approved = true"),
    ("${level == 'alto'}", 'level = "alto"'),
    ("${n >= 3 and n lt 5}", "n >= 3 and n < 5"),
    ("${a && !b || c eq null}", "a = true and not(b = true) or c = null"),
    ("${ (a || b) && c }", "(a = true or b = true) and c = true"),
    ("${person.age ge 18}", "person.age >= 18"),
    ("${-1 < n}", "-1 < n"),
]


@pytest.mark.parametrize(("theirs", "ours"), SAME)
def test_a_condition_becomes_the_same_in_feel(theirs, ours):
    assert juel.to_feel(theirs, condition=True) == ours


@pytest.mark.parametrize(
    "text",
    [
        *("${f(x)}", "${x.size()}", "${a + 1}", "${a % 2 == 1}", "${a ? b : c}", "${empty a}", "${a[0]}", "x ${a}", "${a} ${b}"),
        *("${execution.id}", "${task.name}", "${now}", "${}", "${a", "${a ==}", "${(a}", "${'it\\'s' == a}", "${for == 1}"),
        "${" + "(" * 5_000 + "a" + ")" * 5_000 + "}",
        "${" + "!" * 900 + "a}",
        "${" + "a" * 2_000 + "}",
        "${''.class.forName('java.lang.Runtime')}",
    ],
)  # fmt: skip
def test_what_calls_calculates_or_chooses_is_left_to_a_person(text):
    assert juel.to_feel(text, condition=True) is None


@pytest.mark.parametrize("value", [True, False, None])
def test_what_is_unknown_is_no_as_it_is_there(value):
    theirs = {True: (True, False), False: (False, True), None: (False, True)}[value]
    found = [juel.to_feel(text, condition=True) or "" for text in ("${x}", "${!x}")]

    assert tuple(feel.compile(text).evaluate({"x": value}) for text in found) == theirs


@pytest.mark.parametrize(("n", "yes"), [(4, True), (6, False), (None, True)])
def test_no_of_a_comparison_with_the_unknown_is_yes_as_it_is_there(n, yes):
    assert feel.compile(juel.to_feel("${!(n > 5)}", condition=True) or "").evaluate({"n": n}) is yes


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("${dateTime().plusDays(3).toDate()}", "P3D"),
        ("${now().plusHours(48)}", "PT48H"),
        ("${dateTime().plusYears(1)}", "P1Y"),
        ("${dateTime().plusDays(x)}", None),
        ("${dateTime().minusDays(3)}", None),
        ("${dateTime().plusDays(3).plusHours(1)}", None),
    ],
)
def test_a_time_from_now_is_a_duration(text, span):
    assert juel.to_span(text) == span
