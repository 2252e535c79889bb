"""Laws that hold for any FEEL text and any value; each found counter-example is kept as a test elsewhere."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine import feel
from engine.feel import Expression, FeelError, Months
from engine.feel_builtins import FUNCTIONS
from engine.feel_limits import Run
from engine.feel_pattern import compiled
from engine.feel_regex import find
from engine.feel_values import KINDS, equal
from tests.engine.feel_trees import Grower

WORDS = [
    *sorted(FUNCTIONS),
    "and", "or", "not", "if", "then", "else", "in", "between", "some", "every", "for", "return", "satisfies", "partial",
    "true", "false", "null", "instance", "of", "function", "item", "a", "b", "list", "number", "?", "(", ")", "[", "]",
    "{", "}", ",", ".", "..", ":", "+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "@", '"x"', '"P1D"', "`",
    "1", "2.5", '"2026-10-04"', "//", "/*", "*/", "\\", '"',
]  # fmt: skip
numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30, places=4)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    numbers,
    st.integers(-100, 100).map(Decimal),
    st.text(max_size=8),
    st.dates(),
    st.datetimes(timezones=st.sampled_from([None, UTC])),
    st.times(),
    st.timedeltas(),
    st.integers(-9999, 9999).map(Months),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


def attempt(action: Callable[[], Any]) -> Any:
    """Return what an expression gives, or None if it is refused with a sentence; nothing else may be raised."""
    try:
        found = action()
        feel.from_feel(found)
    except FeelError as problem:
        return None if str(problem) else pytest.fail("a refusal without a sentence")
    return found


@given(st.text(max_size=200), st.booleans())
@example("'", False)
@example("not(", True)
@settings(max_examples=300)
def test_any_text_is_either_read_or_refused(text: str, unary: bool):
    attempt(lambda: feel.compile(text, unary=unary).evaluate({"a": [1], "?": 1}))


@given(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join), st.booleans())
@settings(max_examples=600)
def test_any_row_of_words_is_either_read_or_refused(text: str, unary: bool):
    attempt(lambda: feel.compile(text, unary=unary).evaluate({"a": [1, {"b": "x"}], "b": 2, "?": 1}))


@given(st.integers(0, 2**64))
@settings(max_examples=2_000)
def test_any_tree_has_a_value_or_runs_out_of_budget(seed: int):
    grower = Grower(seed)
    tree, given = grower.root(), {name: grower.value() for name in ("a", "b", "?")}

    found = attempt(lambda: Expression("tree", tree, frozenset()).evaluate(given))

    assert type(found) in KINDS


# -- values ------------------------------------------------------------------------------------------------------------


@given(values)
def test_every_value_equals_itself(each: Any):
    value = feel.to_feel(each)

    assert equal(value, value, Run()) is True


@given(values, values)
def test_equality_does_not_depend_on_the_side(left: Any, right: Any):
    a, b = feel.to_feel(left), feel.to_feel(right)

    assert equal(a, b, Run()) is equal(b, a, Run())


@given(scalars, scalars)
def test_of_two_comparable_values_exactly_one_relation_holds(left: Any, right: Any):
    found = feel.evaluate("[a < b, a = b, a > b]", {"a": left, "b": right})

    assert found.count(True) == 1 or found in ([None, None, None], [None, False, None], [None, True, None])


@given(st.lists(st.integers(-50, 50)) | st.lists(st.text(max_size=3)) | st.lists(st.dates()))
def test_sort_orders_keeps_all_and_changes_nothing_the_second_time(items: list[Any]):
    once = feel.evaluate("sort(xs, function(a, b) a < b)", {"xs": items})

    assert once == sorted(feel.to_feel(items))
    assert feel.evaluate("sort(xs, function(a, b) a < b)", {"xs": once}) == once


@given(st.integers(-9, 9), st.integers(-9, 9), st.integers(-9, 9), st.sampled_from("[("), st.sampled_from("])"))
def test_a_value_lies_in_a_range_or_before_or_after_it(value: int, low: int, high: int, start: str, end: str):
    if low > high:
        low, high = high, low
    span = f"{start}{low}..{high}{end}"
    empty = low == high and (start, end) != ("[", "]")

    places = feel.evaluate(f"[before(x, {span}), x in {span}, after(x, {span})]", {"x": value})

    assert places.count(True) == 1 or empty
    assert feel.evaluate(f"includes({span}, x) = (x in {span})", {"x": value}) is True


@given(*[st.integers(0, 6)] * 4, *[st.booleans()] * 4)
def test_two_ranges_overlap_unless_one_is_before_the_other(a, b, c, d, e, f, g, h):
    first = feel.Range(Decimal(min(a, b)), Decimal(max(a, b)), e, f)
    second = feel.Range(Decimal(min(c, d)), Decimal(max(c, d)), g, h)
    given = {"p": first, "q": second}

    assert feel.evaluate("overlaps(p, q) = not(before(p, q) or after(p, q))", given) is True
    assert feel.evaluate("overlaps(p, q) = overlaps(q, p)", given) is True
    assert feel.evaluate("meets(p, q) = met by(q, p) and before(p, q) = after(q, p)", given) is True
    assert feel.evaluate("includes(p, q) = during(q, p) and starts(p, q) = started by(q, p)", given) is True


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 600), st.integers(0, 20_000))
def test_what_is_added_to_a_date_can_be_taken_away(day: date, months: int, days: int):
    given = {"d": day, "m": Months(months), "s": timedelta(days=days)}

    assert feel.evaluate("d + s - s = d", given) is True
    assert feel.evaluate("(d + s) - d = s", given) is True
    later = feel.evaluate("d + m", given)
    assert feel.evaluate("years and months duration(d, e) <= m", {**given, "e": later}) is True


@given(st.timedeltas(), st.integers(-(10**6), 10**6).map(Months))
def test_durations_read_back_what_they_write(span: timedelta, months: Months):
    assert feel.evaluate("duration(string(s)) = s", {"s": span}) is True
    assert feel.evaluate("duration(string(m)) = m", {"m": months}) is True


@given(st.datetimes(timezones=st.sampled_from([None, UTC])), st.times())
def test_times_read_back_what_they_write(moment: datetime, clock: Any):
    assert feel.evaluate("date and time(string(m)) = m", {"m": moment}) is True
    assert feel.evaluate("time(string(t)) = t", {"t": clock}) is True


@given(numbers, numbers)
def test_numbers_obey_arithmetic(left: Decimal, right: Decimal):
    given = {"a": left, "b": right}

    assert feel.evaluate("a + b = b + a and a * b = b * a and -(-a) = a and a - a = 0", given) is True
    assert feel.evaluate("floor(a) <= a and a <= ceiling(a) and abs(a) >= 0", given) is True
    assert feel.evaluate("number(string(a)) = a", given) is True


@given(st.integers(-1000, 1000), st.integers(-1000, 1000).filter(bool))
def test_modulo_has_the_sign_of_the_divisor(left: int, right: int):
    assert feel.evaluate("modulo(a, b)", {"a": left, "b": right}) == left % right


@given(st.text(max_size=20), st.integers(-25, 25), st.integers(1, 25))
def test_substring_takes_what_python_takes(text: str, start: int, length: int):
    found = feel.evaluate("substring(t, s, n)", {"t": text, "s": start, "n": length})

    if start == 0 or -start > len(text):
        assert found is None
    else:
        begin = start - 1 if start > 0 else len(text) + start
        assert found == text[begin : begin + length]


# -- patterns: ours against Python's, which goes back where ours goes on -----------------------------------------------

atoms = st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", "\\d", "\\s", "1", "(a)", "(?:ab)", "^", "$", "[a-c1-3]"])


def _longer(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    marks = st.sampled_from(["", "?", "+", "*", "{2}", "{1,2}", "{0,}", "??", "+?", "*?"])
    return st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}|{two[1]})"),
        st.tuples(inner, marks).map(lambda two: _repeated(*two)),
    )


def _repeated(pattern: str, mark: str) -> str:
    """Repeat what matches something: how a repeated nothing ends is left open by F&O, and engines differ."""
    return f"(?:{pattern})" + ("" if re.fullmatch(pattern, "") else mark)


@given(st.recursive(atoms, _longer, max_leaves=6), st.text("abc1 \n", max_size=8))
@settings(max_examples=500)
def test_patterns_match_where_python_says(pattern: str, text: str):
    program = compiled(pattern, "")
    assert program is not None
    python = re.compile(pattern.replace("$", r"\Z").replace(".", r"[^\n\r]"), re.ASCII)

    found, expected = find(program, text, 0, Run()), python.search(text)

    assert (found[:2] if found else None) == (expected.span() if expected else None)


@pytest.mark.parametrize(
    ("pattern", "flags", "text", "span"),
    [
        (r"\p{Lu}\p{Ll}+", "", "la Città", (3, 8)),
        (r"[\p{L}-[aeiou]]+", "", "aeibcd", (3, 6)),
        (r"\w+", "", "!è_", (1, 2)),
        ("CITTÀ", "i", "la città", (3, 8)),
        ("[^A]", "i", "ab", (1, 2)),
        ("a b # c", "x", "xab#c", (1, 5)),
        ("^b", "m", "a\nb", (2, 3)),
        ("a$", "m", "a\nb", (0, 1)),
        ("a.b", "s", "a\nb", (0, 3)),
        (r"\i\c*", "", "1x-2", (1, 4)),
        (r"a{2,3}?", "", "aaa", (0, 2)),
        (r"[a\-z]+", "", "m-a", (1, 3)),
    ],
)
def test_patterns_of_xpath(pattern, flags, text, span):
    program = compiled(pattern, flags)

    assert program is not None
    found = find(program, text, 0, Run())
    assert found is not None
    assert found[:2] == span


@pytest.mark.parametrize(
    "pattern", ["a**", "*", "a{", "a{2,1}", "a{x}", "(", ")", "[", "[]", "[b-a]", "\\q", "\\", "\\p{Xx}", "(?<a>b)"]
)
def test_patterns_that_are_none(pattern):
    assert compiled(pattern, "") is None
    assert compiled("a", "g") is None
