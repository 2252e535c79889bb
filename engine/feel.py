"""FEEL, the one expression language of the house: conditions, timers, decision tables, forms (DMN 1.3, chapter 10).

Expressions are read into a tree and run by functions of our own; nothing is ever handed to Python's `eval`. What an
expression may cost is bounded (`feel_limits`), and the only error is FeelError, with an Italian sentence.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from core.errors import N_
from engine import feel_lists, feel_loops, feel_numbers, feel_ranges, feel_texts, feel_time
from engine.feel_closures import Closure, Given, Scope, build
from engine.feel_limits import STEPS, FeelError, Run
from engine.feel_parser import Parser
from engine.feel_time import Months
from engine.feel_tree import Node, measure
from engine.feel_values import Range, bounded, from_feel, to_feel

__all__ = [
    "Cycle",
    "Expression",
    "FeelError",
    "Months",
    "Range",
    "compile",
    "evaluate",
    "explain",
    "from_feel",
    "temporal",
    "to_feel",
]

# these modules fill the registers of functions and of node builders when they are imported
PARTS = (feel_lists, feel_loops, feel_numbers, feel_ranges, feel_texts)


class Expression:
    """A FEEL text made ready. `names` are the variables it needs; those inside a filter may be keys of its items."""

    __slots__ = ("_closure", "names", "text", "tree")

    def __init__(self, text: str, tree: Node, names: frozenset[str]) -> None:
        measure(tree)
        self.text, self.tree, self.names = text, tree, names
        self._closure: Closure = build(tree)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def evaluate(self, context: Mapping[str, Any], *, budget: int = STEPS, run: Run | None = None) -> Any:
        """Return the FEEL value in this context; unknown variables are null. Raises FeelError if the budget is used up.

        For a unary test the value under test is `context["?"]`, and the answer is True, False or None. Evaluations that
        belong together share one `run`, its budget and its moment.
        """
        value = self._closure(Scope(Given(context), None, run or Run(budget)))
        return bounded(value) if type(value) in (list, dict) else value


def compile(text: str, *, unary: bool = False, names: Iterable[str] = ()) -> Expression:  # noqa: A001 - the word for it
    """Return the expression of a text, or with `unary` of a cell of a decision table. Raises FeelError.

    `names` are variables of several words that the text may use without backquotes.
    """
    return _compile(text, unary, frozenset(name for name in names if " " in name))


@lru_cache(4096)
def _compile(text: str, unary: bool, names: frozenset[str]) -> Expression:
    parser = Parser(text, names)
    tree = parser.whole_unary() if unary else parser.whole()
    return Expression(text, tree, frozenset(parser.names - {"?"}))


def evaluate(text: str, context: Mapping[str, Any]) -> Any:
    """Return the FEEL value of a text in a context. Raises FeelError."""
    return compile(text, names=context).evaluate(context)


# -- times of models ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cycle:
    """A repetition: `count` times (None: without end), one `interval` after the other."""

    count: int | None
    interval: timedelta | Months


_CYCLE = re.compile(r"R([0-9]{0,3})/(P.{1,60})")


def temporal(text: str, context: Mapping[str, Any]) -> date | datetime | timedelta | Months | Cycle:
    """Return what a time in a model stands for: ISO 8601 without quotes (`P3D`, `R3/PT1H`, `2026-10-04T09:00`) or FEEL.

    Raises FeelError if it is neither a date, a date-time, a duration nor a repetition.
    """
    literal = _iso(text.strip())
    value = evaluate(text, context) if literal is None else literal
    found = _iso(value) if isinstance(value, str) else value
    if isinstance(found, date | timedelta | Months | Cycle):
        return found
    raise FeelError(N_("«%(text)s» non dà né una data né una durata"), text=text[:100])


def _iso(text: str) -> date | timedelta | Months | Cycle | None:
    if match := _CYCLE.fullmatch(text):
        interval = feel_time.parse_duration(match[2])
        return Cycle(int(match[1]) if match[1] else None, interval) if interval else None
    return feel_time.parse_date(text) or feel_time.parse_date_time(text) or feel_time.parse_duration(text)


# -- command line ------------------------------------------------------------------------------------------------------


def explain(text: str, context: str = "{}") -> tuple[int, str]:
    """Return 0 and the value of an expression as JSON, or 1 and a sentence. `context` is a JSON object."""
    try:
        given = json.loads(context)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        return 1, N_('Il contesto non è un oggetto JSON, come {"importo": 3}.')
    try:
        return 0, json.dumps(from_feel(evaluate(text, given)), ensure_ascii=False)
    except FeelError as problem:
        sentence = str(problem)
        return 1, f"{sentence[0].upper()}{sentence[1:]}."
