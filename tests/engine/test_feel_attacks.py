"""What a hostile or careless author may write: refused or stopped, soon and small (threats A44, A45, A78)."""

import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from engine import feel
from engine.feel import FeelError
from tests.watch import within

SECONDS = 0.1  # of this process alone; the aim is 50 ms on a quiet machine
BYTES = 10_000_000

CODE = [
    '__import__("os").system("id")',
    "().__class__.__base__.__subclasses__()",
    'open("/etc/passwd")',
    'f"{1}"',
    "(x := 1)",
    "lambda: 1",
    "[x for x in [1]]",
    "exec(1)",
    'eval("1")',
    "a; b",
    "import os",
    "x = 1; y",
    "a.__class__()",
    "globals()",
    'getattr(a, "b")',
    "a if b else c",
    "a['b']",
    "not a",
    "a % b",
    "a ? b : c",
    "{{ 7 * 7 }}",
    "${1}",
    "function(x) external {java: {class: 1}}",
    "{f: function(x) f(x)}.f(1)",
    "@import",
    "\0",
]
HUGE = [
    '"%1000000000d" % 1',
    "9 ** 9 ** 8 ** 9 **" + " 9 **" * 300,
    "(" * 5_000 + "1" + ")" * 5_000,
    "[" * 900 + "]" * 900,
    "{a:" * 300 + "1" + "}" * 300,
    "-" * 1_500 + "1",
    "not(" * 300 + "true" + ")" * 300,
    "if true then " * 100 + "1" + " else 1" * 100,
    "a" + ".b" * 400,
    "a" + "[1]" * 400,
    "1" + " + 1" * 600,
    "x" * 1_000_000,
    '"' + "x" * 3_000 + '"',
    "9" * 1_900,
    "0." + "0" * 1_900 + "1",
    "/*" * 900,
    "[" + "1," * 900 + "1]",
    "function(" * 100,
    "sort(" * 100,
    "1 in (" * 100 + "1" + ")" * 100,
    "not(" * 60 + "1" + ")" * 60,
    "x instance of " + "list<" * 200 + "number" + ">" * 200,
]


def bounded(action: Callable[[], Any]) -> None:
    """Do it for its time and again for its memory; it may well be refused."""
    within(SECONDS, lambda: _attempt(action))
    tracemalloc.start()
    try:
        _attempt(action)
        assert tracemalloc.get_traced_memory()[1] < BYTES
    finally:
        tracemalloc.stop()


def _attempt(action: Callable[[], Any]) -> None:
    with suppress(FeelError):
        action()


@pytest.mark.parametrize("text", CODE)
def test_code_is_no_expression(text):
    with pytest.raises(FeelError):
        feel.compile(text)
    bounded(lambda: feel.compile(text))


@pytest.mark.parametrize("text", HUGE, ids=range(len(HUGE)))
@pytest.mark.parametrize("unary", [False, True])
def test_what_is_too_long_or_too_deep_is_refused_when_it_is_saved(text, unary):
    with pytest.raises(FeelError):
        feel.compile(text, unary=unary)
    bounded(lambda: feel.compile(text, unary=unary))


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("rec.__class__", {"rec": {}}),
        ("rec.__class__.__base__", {"rec": []}),
        ("__builtins__", {}),
        ("[].__class__", {}),
        ("rec.keys", {"rec": {"a": 1}}),
        ('"a".upper', {}),
        ('get value({}, "__class__")', {}),
        ("date(2026, 1, 1).resolution", {}),
        ('date and time("2026-01-01T00:00:00Z").tzinfo', {}),
        ('duration("P1D").total_seconds', {}),
        ("[1..2].low", {}),
        ("1.real", {}),
        ('"%1000000000d" = 1', {}),
    ],
)
def test_nothing_of_python_shows_through(text, given):
    assert feel.evaluate(text, given) is None or feel.evaluate(text, given) == []


DOUBLING = "{a: b" + "".join(f", x{i}: [x{i - 1}, x{i - 1}]" if i else ", x0: [1, 1]" for i in range(40)) + "}"
GROWING = '{x0: "0123456789"' + "".join(f", x{i}: x{i - 1} + x{i - 1}" for i in range(1, 60)) + "}"
MERGING = "{x0: {a: 1}" + "".join(f", x{i}: {{a: x{i - 1}, b: x{i - 1}}}" for i in range(1, 35)) + "}"
LIST = {"xs": [str(i) for i in range(5_000)], "long": "a" * 20_000}

COSTLY = [
    ("for i in 1..1000000000 return i", {}),
    ("for i in 1..1000000000, j in 1..1000000000 return i", {}),
    ("count(for i in 1..100, j in 1..100, k in 1..100 return 1)", {}),
    ("some i in 1..1000000000 satisfies i < 0", {}),
    ("every i in -1000000000..1000000000 satisfies i < 2000000000", {}),
    ("for i in 1..3000 return partial", {}),
    ("for i in 1..3000 return append(partial, partial)", {}),
    (DOUBLING, {}),
    ("string(" + DOUBLING + ")", {}),
    ("flatten([" + DOUBLING + ".x39])", {}),
    (DOUBLING + " = " + DOUBLING, {}),
    (MERGING, {}),
    (GROWING, {}),
    ("for x in xs return long", LIST),
    ("for x in xs return upper case(long)", LIST),
    ("for i in 1..5000 return long + x", LIST),
    ("string join(for x in xs return long, long)", LIST),
    ('replace(long, "a", long)', LIST),
    ("sort(xs, function(a, b) a < b)", LIST),
    ("distinct values(xs)", LIST),
    ("union(xs, xs)", LIST),
    ("concatenate(xs, xs)", LIST),
    ("xs[list contains(xs, item)]", LIST),
    ("for x in xs return xs[item = x]", LIST),
    ("for x in xs return count(xs)", LIST),
    ("for i in 1..5000 return exp(i / 7)", {}),
    ("for i in 1..5000 return 1.000001 ** (i / 3)", {}),
    ('for i in 1..5000 return matches(long, "a")', LIST),
    ("xs.a.b.c.d.e.f.g.h", {"xs": [{"a": [{"b": [{"c": list(range(1000))}] * 50}] * 50}]}),
    ("x", {"x": [0] * 6_000}),
    ("x", {"x": "a" * 30_000}),
    ("x", {"x": 10**40}),
    ("x", {"x": [[[[0] * 30] * 30] * 30] * 30}),
]


@pytest.mark.parametrize(("text", "given"), COSTLY, ids=range(len(COSTLY)))
def test_what_costs_too_much_is_stopped(text, given):
    expression = feel.compile(text)

    with pytest.raises(FeelError):
        expression.evaluate(given)
    bounded(lambda: expression.evaluate(given))


def test_a_value_that_holds_itself_is_refused():
    ring: list[Any] = []
    ring.append(ring)

    with pytest.raises(FeelError):
        feel.evaluate("ring", {"ring": ring})


PATTERNS = [
    "(a+)+$",
    "(a|aa)+$",
    "(a|a?)+$",
    "(.*a){20}$",
    "(a*)*b",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(x+x+)+y",
    "a*a*a*a*a*a*a*a*a*b",
    "(.*)(.*)(.*)(.*)(.*)(.*)[^a]",
    "((a{0,20}){0,20})b",
    "(a?){25}a{25}",
    "[a-z]+@[a-z]+([.-]?[a-z]+)*[.][a-z]{2,3}",
    "((((((((((((((((((a))))))))))))))))))*" + "(a)" * 100 + "$",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("function", ["matches(text, pattern)", 'replace(text, pattern, "x")', "split(text, pattern)"])
def test_no_pattern_takes_long(pattern, function):
    bounded(lambda: feel.evaluate(function, {"text": "a" * 5_000 + "!", "pattern": pattern}))


@pytest.mark.parametrize(
    "pattern", ["((" * 200, "[" * 200, "a{1000000000}", "(a{300}){300}", "(?=a)", "\\1", "(?P<a>b)"]
)
def test_patterns_that_are_too_big_or_look_around_are_not_read(pattern):
    assert feel.evaluate('matches("a", pattern)', {"pattern": pattern}) is None


def test_our_own_expressions_for_words_and_times_are_linear():
    """The regular expressions of the lexer and of dates run on Python's engine: none may be made to go back."""
    for text in [
        '"' + "\\" * 1_900,
        '"' + "\\a" * 900,
        "/*" + "*" * 1_900,
        "1" * 30 + "." * 1_900,
        "`" * 1_900,
        " " * 1_900,
    ]:
        bounded(partial(feel.compile, text))
    for text in ["P" + "1" * 19_000, "P1DT" + "1H" * 9_000, "2026-01-01T" + "00:" * 6_000, "0" * 19_000, "T" * 19_000]:
        readings = feel.compile("[date(x), time(x), date and time(x), duration(x), number(x)]")
        bounded(partial(readings.evaluate, {"x": text}))
