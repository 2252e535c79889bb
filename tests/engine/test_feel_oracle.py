"""Our FEEL beside bpmn.io's feelin 8.2.0, whose answers are kept in feel_cases.json (frontend/dev writes them).

Where we differ, the paragraph of DMN 1.3 that makes ours right is named; a difference that goes away leaves the list.
"""

import json
import math
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine import feel
from engine.feel_values import text_of

CASES = json.loads((Path(__file__).parent / "feel_cases.json").read_text(encoding="utf-8"))

DIFFERENCES: dict[str, list[str]] = {
    "10.3.2.3.1: numbers are decimal with 34 digits, not binary with 53": ["0.1 + 0.2 = 0.3", "string(1/3)"],
    "10.3.2.15, tables 52-55: values of different kinds are neither equal nor ordered, the comparison is null": [
        '1 < "a"',
        '1 > "a"',
        "true < false",
        "[1] = 1",
        '5 in ["a".."c"]',
        'duration("P1Y") < duration("P400D")',
        'duration("P1Y") = duration("P365D")',
        "< 5 | null",
        '< 5 | "a"',
        '"a" | ["a","b"]',
    ],
    "10.3.4.2, table 73, and 10.3.2.10: the negation of null is null, so `not(< 5)` does not hold for null": [
        "not(< 5) | null"
    ],
    "10.3.2.15, table 49: only true is true": ["if 1 then 1 else 2", 'some x in [1] satisfies "a"'],
    "10.3.2.15, tables 49 and 50: quantifiers are `or` and `and` with three values": [
        "some x in [1,null] satisfies x > 1",
        "every x in [1,null] satisfies x > 0",
    ],
    "10.3.2.15, tables 52 and 55: `e1 in e2` is `e1 = e2`, and null equals null and nothing else": [
        "null in (null)",
        "null in null",
        "5 in null",
        "x | null",
    ],
    "10.3.2.14: a domain that is neither a list nor a range of numbers gives null, not an exception": [
        'for x in @"2026-01-01"..@"2026-01-03" return x',
    ],
    "10.3.2.15, table 68: a filter is a number or a boolean, and may call a function": [
        '[1,2,3]["a"]',
        "[1,2,3][even(item)]",
    ],
    "10.3.1.2: range<...> is a type": ["[1..3] instance of range<number>"],
    "10.3.4.1, table 72, note 1: what is not a numeral is not a number": ['number("")'],
    "10.3.4.1, table 72: date(from) takes a date string, not a date and time string": ['date("2026-01-02T10:00:00")'],
    "10.3.2.3.7: the two kinds of duration do not mix": ['duration("P1Y2D")'],
    "10.3.2.3.8: a years and months duration has whole months and no days": [
        'years and months duration(date("2025-01-15"), date("2026-03-14"))',
        'years and months duration(date("2026-03-15"), date("2025-01-16"))',
        'years and months duration(date("2026-01-31"), date("2026-02-28"))',
    ],
    "10.3.2.15, table 57: a date plus a days and time duration is a date": [
        'date("2026-01-02") + duration("PT36H")',
        'date("2026-01-02") + duration("PT12H")',
    ],
    "10.3.2.15, table 57: date-times are subtracted as instants, and durations of seconds added to them": [
        'date and time("2026-01-02T10:00:00Z") - date and time("2026-01-02T10:00:00+01:00")',
        'date and time("2026-03-28T12:00:00@Europe/Rome") + duration("PT24H")',
        'date and time("2026-03-28T12:00:00@Europe/Rome") + duration("P1D")',
    ],
    "10.3.2.15, table 57: years cannot be added to a time of day": ['time("10:00:00") + duration("P1Y")'],
    "10.3.2.15, tables 59 and 62: durations are multiplied, divided and negated": [
        'duration("P1D") * 2',
        '2 * duration("P1D")',
        'duration("P1D") / 2',
        'duration("P1Y") * 2',
        'duration("P1Y") / 2',
        'duration("P1Y") / 5',
        'duration("P1D") / duration("PT12H")',
        'duration("P1Y") / duration("P1M")',
        'duration("PT1H") * 1.5',
        '-duration("P1D")',
        '-duration("P1Y")',
        'duration("P1D") * duration("P1D")',
    ],
    "10.3.4.3, table 74, note 1: the start position lies in [-L..L] and is not 0, the length is not negative": [
        'substring("foobar", 0)',
        'substring("foobar", 3, -1)',
        'substring("foobar", -10)',
    ],
    "10.3.4.3, table 74, note 2: the flag x of XPath removes spaces from the pattern": [
        'matches("hello world", "hello world", "x")',
    ],
    "10.3.4.4, table 75: lists are compared by their items": ["list contains([[1],[2]], [1])"],
    "10.3.4.4, table 75: min and max take any comparable items": [
        'min("a","b")',
        'min(["b","a"])',
        'min(date("2026-01-02"), date("2026-01-01"))',
        'max("a","b")',
        'max(duration("P1D"), duration("PT25H"))',
    ],
    "10.3.4.4, table 75, notes 1 and 2: the position lies in [-L..L] and is not 0; -1 is the last item": [
        "sublist([4,5,6], 0)",
        "sublist([4,5,6], 4)",
        "sublist([4,5,6], 2, 5)",
        "insert before([1,3],-1,2)",
        "insert before([1,3],3,2)",
        "insert before([1,3],0,2)",
        "insert before([],1,2)",
        "remove([1,2,3], -1)",
        "remove([1,2,3], 4)",
        "remove([1,2,3], 0)",
    ],
    "10.3.4.6, table 77: is() answers true or false": ['is(1, "1")'],
    "10.3.4.7, table 78: the functions on ranges": [
        "overlaps before([1..5], [3..8])",
        "overlaps before([1..5], [6..8])",
        "overlaps after([3..8], [1..5])",
        "finishes(10, [1..10])",
        "finishes(10, [1..10))",
        "finishes([5..10], [1..10])",
        "finishes([5..10), [1..10])",
        "finished by([1..10], 10)",
        "finished by([1..10], [5..10])",
        "during(5, [1..10])",
        "during(12, [1..10])",
        "during([4..6], [1..10])",
        "starts(1, [1..10])",
        "starts(1, (1..10])",
        "starts([1..5], [1..10])",
        "started by([1..10], 1)",
        "started by([1..10], [1..5])",
        "coincides(5, 5)",
        "coincides(3, 4)",
        "coincides([1..5], [1..5])",
        "coincides([1..5], (1..5])",
    ],
    "10.3.1.2: an unknown function, two names in a row, a literal that is none: not FEEL": [
        "foo(1)",
        "a b",
        '@"abc"',
    ],
    "not in DMN, but in the editors of bpmn.io and in our forms: is defined() says that a value is not null": [
        "is defined(a)",
        "is defined(a.b)",
    ],
}


def _key(case: dict[str, Any]) -> str:
    return f"{case['text']} | {case['under test']}" if "under test" in case else str(case["text"])


def _ours(case: dict[str, Any]) -> Any:
    given = case.get("given", {})
    try:
        if "under test" in case:
            tested = {**given, "?": feel.evaluate(case["under test"], given)}
            return _plain(feel.compile(case["text"], unary=True).evaluate(tested))
        return _plain(feel.evaluate(case["text"], given))
    except feel.FeelError:
        return {"error": ""}


def _plain(value: Any) -> Any:
    """Return a value as feelin-oracle.mjs writes it."""
    kinds = {datetime: "date and time", date: "date", time: "time"}
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {"context": {key: _plain(each) for key, each in value.items()}}
    if isinstance(value, feel.Range):
        ends = "[" if value.low_closed else "(", "]" if value.high_closed else ")"
        return {"range": [ends[0], _plain(value.low), _plain(value.high), ends[1]]}
    return {kinds.get(type(value), "duration"): text_of(value)}


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, float) and isinstance(right, int | float):
        return math.isclose(left, right, rel_tol=1e-12)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        if "error" in left and "error" in right:
            return True
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    return bool(left == right)


LISTED = [text for texts in DIFFERENCES.values() for text in texts]


def test_there_are_enough_cases_and_none_is_listed_twice():
    assert len(CASES) > 900
    assert len(set(LISTED)) == len(LISTED)
    assert set(LISTED) <= {_key(case) for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=_key)
def test_an_expression_means_what_feelin_says_unless_the_standard_says_otherwise(case):
    agreed = _same(_ours(case), case["feelin"])

    assert agreed is (_key(case) not in LISTED), f"ours {_ours(case)}, feelin {case['feelin']}"
