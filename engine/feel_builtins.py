"""The register of FEEL functions: what each is called, what it takes, and what becomes of values that do not fit.

A value of the wrong type makes the result null (DMN 1.3, 10.3.2.13.1); a list of one item stands for its item and an
item for a list of one (10.3.2.9.4). A function is pure, gets the Run it has to pay from, and gets only what fits.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, TypeVar

from engine.feel_limits import Run
from engine.feel_time import Months
from engine.feel_values import Range


class Ordering:
    """The value of `function(a, b) ...`: says whether a comes before b."""

    __slots__ = ("precedes",)

    def __init__(self, precedes: Callable[[Any, Any], Any]) -> None:
        self.precedes = precedes


Function = Callable[..., Any]
_F = TypeVar("_F", bound=Function)

TYPES: Final[dict[str, frozenset[type]]] = {
    "any": frozenset(),
    "number": frozenset({Decimal}),
    "string": frozenset({str}),
    "boolean": frozenset({bool}),
    "list": frozenset({list}),
    "context": frozenset({dict}),
    "date": frozenset({date}),
    "moment": frozenset({datetime}),
    "time": frozenset({time}),
    "days": frozenset({timedelta}),
    "duration": frozenset({timedelta, Months}),
    "range": frozenset({Range}),
    "ordering": frozenset({Ordering}),
}
_PARAMETER = re.compile(r"\s*(?P<name>[^:?.]+)(?P<mark>\?|\.\.\.)?:\s*(?P<types>[a-z |]+)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One place of a function; no `types` means any."""

    name: str
    types: frozenset[type]
    optional: bool
    variadic: bool

    def fit(self, value: Any) -> tuple[bool, Any]:
        """Return whether a value fits, and the value in the form that fits."""
        kind = type(value)
        if not self.types or kind in self.types or (value is None and self.optional):
            return True, value
        if value is None:
            return False, None
        if list in self.types:
            return True, [value]
        if kind is list and len(value) == 1 and type(value[0]) in self.types:
            return True, value[0]
        return False, None


@dataclass(frozen=True, slots=True)
class Builtin:
    """One form of a built-in function."""

    name: str
    parameters: tuple[Parameter, ...]
    call: Function

    def takes(self, count: int) -> bool:
        """Say whether it can be called with that many arguments in order."""
        needed = sum(not each.optional for each in self.parameters)
        return needed <= count and (count <= len(self.parameters) or self.parameters[-1].variadic)

    def order(self, names: Sequence[str]) -> list[int | None] | None:
        """Return for each parameter which of the named arguments it gets, or None if the names do not fit."""
        places = {name: place for place, name in enumerate(names)}
        known = {each.name for each in self.parameters}
        needed = {each.name for each in self.parameters if not each.optional}
        if not needed <= places.keys() <= known:
            return None
        return [places.get(each.name) for each in self.parameters]

    def invoke(self, run: Run, values: list[Any]) -> Any:
        """Return the result for these values, null if one does not fit."""
        parameters = self.parameters
        if parameters and parameters[-1].variadic:
            values = _gathered(values, len(parameters))
        fitting = []
        for parameter, value in zip(parameters, values, strict=False):
            fits, value = parameter.fit(value)
            if not fits:
                return None
            fitting.append(value)
        return self.call(run, *fitting)


def _gathered(values: list[Any], count: int) -> list[Any]:
    """Return the values with the surplus ones as one list in the last place; a single list there stays what it is."""
    last = values[count - 1 :]
    if count == 1 and len(last) == 1 and isinstance(last[0], list):
        return [last[0]]
    return [*values[: count - 1], last]


FUNCTIONS: Final[dict[str, list[Builtin]]] = {}


def builtin(signature: str) -> Callable[[_F], _F]:
    """Register a function under a signature such as `split(string: string, delimiter?: string)`.

    `?` marks what may be left out, `...` what may be repeated.
    """
    name, _, rest = signature.rstrip(")").partition("(")
    parameters = tuple(_parameter(each) for each in rest.split(",")) if rest else ()

    def register(function: _F) -> _F:
        FUNCTIONS.setdefault(name, []).append(Builtin(name, parameters, function))
        return function

    return register


def _parameter(text: str) -> Parameter:
    match = _PARAMETER.fullmatch(text)
    if match is None:
        raise ValueError(f"not a parameter: {text}")
    types = [TYPES[each.strip()] for each in match["types"].split("|")]
    variadic = match["mark"] == "..."
    return Parameter(
        match["name"], frozenset().union(*types) if not variadic else frozenset(), match["mark"] == "?", variadic
    )
