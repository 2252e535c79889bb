"""What may be kept: JSON values, the same before a save and after it; anything else is refused with element and sentence."""

import enum
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine import feel_limits as limits
from engine import instances, runs
from engine.game import values
from engine.game.env import Fault
from tests.engine import office
from tests.engine.draw import boundary, draw, mapped, on, service, several, sub, task, throw, user
from tests.engine.office import begin, begun, do, get, transaction, verbs, waiting
from tests.engine.play import Game, failing


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


UNKEPT: dict[str, tuple[Any, str]] = {
    "a huge number": (10**30, "numero troppo grande"),
    "a huge negative number": (-(10**30), "numero troppo grande"),
    "infinity": (float("inf"), "numero troppo grande"),
    "not a number": (float("nan"), "numero troppo grande"),
    "a huge decimal": (Decimal("1e400"), "numero troppo grande"),
    "an infinite decimal": (Decimal("Infinity"), "numero troppo grande"),
    "a decimal that is no number": (Decimal("NaN"), "numero troppo grande"),
    "half a character": ("\ud83d", "un carattere che non si può conservare"),
    "half a character in a key": ({"\ud83d": 1}, "un carattere che non si può conservare"),
    "a deep list": (nested(300), "livelli uno dentro l'altro"),
    "a set": ({1, 2}, "di un tipo che non si può conservare (set)"),
    "bytes": (b"x", "di un tipo che non si può conservare (bytes)"),
    "an object": (object(), "di un tipo che non si può conservare (object)"),
    "a key that is no text": ({1: "x"}, "di un tipo che non si può conservare (int)"),
    "a set in a list": ([{"x": {1}}], "di un tipo che non si può conservare (set)"),
}  # fmt: skip
EVERY_UNKEPT = pytest.mark.parametrize("what", UNKEPT)


def refused(act: Any, element: str, words: str) -> None:
    with pytest.raises(Fault) as caught:
        act()
    assert caught.value.element == element
    assert words in str(caught.value)
    assert "«x»" in str(caught.value)


@EVERY_UNKEPT
def test_a_person_cannot_answer_what_cannot_be_kept(what):
    value, words = UNKEPT[what]

    refused(lambda: Game(draw("s>a>b>e")).do("a", x=value), "a", words)


@EVERY_UNKEPT
def test_a_service_cannot_answer_what_cannot_be_kept(what):
    value, words = UNKEPT[what]
    model = draw("s>k>b>e", service("k", service="say"))

    refused(lambda: Game(model, say=lambda node, facts: {"x": value}), "k", words)


@EVERY_UNKEPT
def test_nothing_else_brings_in_what_cannot_be_kept(what):
    value, words = UNKEPT[what]
    said = draw("s>w>b>e", task("receiveTask", "w", messageRef="m"))
    error = draw("s>k>b>e", "x>c>e1", service("k", service="fail"), boundary("x", "k", on("error", "E")))

    refused(lambda: Game(draw("s>a>e"), facts={"x": value}), "p", words)
    refused(lambda: Game(said).message("m", x=value), "w", words)
    refused(lambda: Game(error, fail=failing("E", x=value)), "k", words)


@EVERY_UNKEPT
def test_on_the_database_it_is_said_and_nothing_is_changed(database, what):
    value, words = UNKEPT[what]
    name = begun("s>a>b>e")

    with pytest.raises(runs.ModelFault) as caught, transaction() as db:
        do(db, "a", x=value)

    assert (caught.value.status, caught.value.element) == (409, "a")
    assert words in str(caught.value)
    with transaction() as db:
        assert waiting(db, name) == ["a"]
        assert verbs(db) == ["instance.started"]


def test_a_value_that_grows_deeper_at_each_turn_is_stopped_with_a_sentence():
    game = Game(draw("s>xor>a>xor1[again]>xor", "xor1>e", user("a", mapped(("x", "[x]"), ("again", "true")))))

    def turns() -> None:
        for _ in range(300):
            game.do("a")

    with pytest.raises(Fault, match="livelli") as caught:
        turns()
    assert caught.value.element == "a"


def test_instances_whose_answers_grow_deeper_at_each_turn_are_stopped_with_a_sentence():
    game = Game(draw("s>xor>a>b>xor1[again]>xor", "xor1>e", user("a", several("1", into="x"))), facts={"x": 0})

    def turns() -> None:
        for _ in range(300):
            game.do("a", y=game.facts["x"]).do("b", again=True)

    refused(turns, "a", "livelli uno dentro l'altro")


def test_what_can_be_kept_can_be_used_in_an_expression():
    game = Game(draw("s>a>b>e", user("b", mapped(("n", "count(x)"))))).do("a", x=nested(values.DEEPEST))

    game.do("b")

    assert values.DEEPEST == limits.DEPTH


def test_the_name_of_a_value_may_be_what_cannot_be_kept():
    with pytest.raises(Fault, match="un carattere"):
        Game(draw("s>a>b>e")).complete(Game(draw("s>a>b>e")).people()[0].id, {"\ud83d": 1})


# -- one meaning before and after --------------------------------------------------------------------------------------


class Level(enum.StrEnum):
    HIGH = "alto"


class Number(enum.IntEnum):
    TWO = 2


PLAIN: dict[str, tuple[Any, Any]] = {
    "a day": (date(2026, 1, 31), "2026-01-31"),
    "an instant": (datetime(2026, 1, 31, 8, 30, tzinfo=UTC), "2026-01-31T08:30:00Z"),
    "a time": (time(8, 30), "08:30:00"),
    "a duration": (timedelta(days=2), "P2D"),
    "a decimal": (Decimal("1.10"), 1.1),
    "a whole decimal": (Decimal("3.00"), 3),
    "a tuple": ((1, (2, 3)), [1, [2, 3]]),
    "a code": (Level.HIGH, "alto"),
    "a number with a name": (Number.TWO, 2),
    "days in a list in a context": ({"on": [date(2026, 1, 31)]}, {"on": ["2026-01-31"]}),
    "the largest number": (2**63 - 1, 2**63 - 1),
}  # fmt: skip


@pytest.mark.parametrize("what", PLAIN)
def test_what_a_service_answers_means_the_same_before_a_save_and_after(what):
    value, kept = PLAIN[what]
    told: list[Any] = []
    model = draw("s>k>l>a>m>e", service("k", service="say"), service("l", service="hear"), service("m", service="hear"))

    game = Game(model, say=lambda node, facts: {"x": value}, hear=lambda node, facts: told.append(facts["x"]))
    game.do("a")

    assert told == [kept, kept]
    assert [type(each) for each in told] == [type(kept)] * 2


def test_a_condition_decides_the_same_before_a_save_and_after():
    by_day = 'x = "2026-01-31"'
    model = draw(f"s>k>xor>a[{by_day}]>xor1>b[{by_day}]>e", "xor>c>e", "xor1>d>e", service("k", service="say"))

    game = Game(model, say=lambda node, facts: {"x": date(2026, 1, 31)})

    assert game.waiting == ["a"]
    assert game.do("a").waiting == ["b"]


def test_the_error_of_a_service_says_the_same_before_a_save_and_after():
    model = draw("s>k>z>e", "x>l>b>m>e1", boundary("x", "k", on("error", "E")), service("k", service="fail"), service("l", service="hear"), service("m", service="hear"))
    told: list[Any] = []
    game = Game(model, fail=failing("E", day=date(2026, 1, 31)), hear=lambda node, facts: told.append(facts["day"]))

    game.do("b")

    assert told == ["2026-01-31"] * 2


def test_a_message_carries_what_was_kept():
    game = Game(draw("s>k>t>a>e", service("k", service="say"), throw("t", on("message", "m"), mapped(("day", "x")))), say=lambda node, facts: {"x": date(2026, 1, 31)})

    assert game.carried == [{"day": "2026-01-31"}]


def test_a_service_that_writes_into_what_it_was_told_changes_nothing():
    def meddle(node: Any, facts: dict[str, Any]) -> None:
        facts["list"].append({1})
        facts["context"]["more"] = object()

    model = draw("s>c>z>e", sub("c", "s1>k>a>e1", service("k", service="meddle")))
    game = Game(model, facts={"list": [1], "context": {}}, meddle=meddle)

    assert game.facts == {"list": [1], "context": {}}


def test_who_gave_a_value_cannot_change_it_afterwards():
    given = {"list": [1]}
    game = Game(draw("s>a>b>e"), facts=given)

    given["list"].append(2)

    assert game.facts == {"list": [1]}


def test_a_case_that_began_with_a_day_and_a_code_goes_on_with_their_texts(db):
    instance = begin(db, "s>a>e", on=date(2026, 1, 31), level=Level.HIGH)

    assert instances.process_facts(get(db, instance.id)) == {"on": "2026-01-31", "level": "alto"}
    assert office.waiting(db) == ["a"]
