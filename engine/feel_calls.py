"""Reads names, calls of built-in functions and types (DMN 1.3, 10.3.1.2, 10.3.2.13)."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from typing import Final

from core.errors import N_
from engine.feel_builtins import FUNCTIONS, Builtin
from engine.feel_limits import FeelError
from engine.feel_reader import Reader
from engine.feel_tree import Call, Lambda, Name, Node, Type

TYPES: Final = (
    "years and months duration", "days and time duration", "date and time", "Any", "Null", "number", "string",
    "boolean", "date", "time", "list", "context", "range", "function",
)  # fmt: skip


@cache
def _functions(first_word: str) -> tuple[str, ...]:
    return tuple(name for name in FUNCTIONS if name.partition(" ")[0] == first_word)


class CallReader(Reader, ABC):
    """The part of the reading that knows the built-in functions."""

    @abstractmethod
    def _expression(self, power: int = 0) -> Node:
        """Take an expression whose operators bind more tightly than `power`."""

    def _named(self) -> Node:
        function = self._longest(_functions(str(self.token.value)))
        if function and self.tokens[self.place + len(function.split(" "))].value == "(":
            return self._call(function)
        declared = self._longest(name for scope in self.scopes for name in scope if " " in name)
        token = self._next()
        if declared:
            self.place += declared.count(" ")
        name = declared or str(token.value)
        if self._calls():
            raise self._no_function(name, token.at)
        self._need_name(name)
        return Name(name)

    def _calls(self) -> bool:
        """Say whether words and then a bracket follow: what is called is then not a name but a function."""
        place = self.place
        while self._is_word(place):
            place += 1
        return self.tokens[place].kind == "sign" and bool(self.tokens[place].value == "(")

    def _need_name(self, name: str) -> None:
        if not self.filters and not any(name in scope for scope in self.scopes[1:]):
            self.names.add(name)

    def _no_function(self, name: str, at: int) -> FeelError:
        while self._is_word(self.place):
            name += f" {self._next().value}"
        close = get_close_matches(name, FUNCTIONS, n=1, cutoff=0.7)
        if close:
            sentence = N_("la funzione «%(name)s» non esiste (carattere %(position)s): forse «%(close)s»?")
            return FeelError(sentence, name=name, close=close[0], position=at)
        return FeelError(N_("la funzione «%(name)s» non esiste (carattere %(position)s)"), name=name, position=at)

    def _call(self, name: str) -> Node:
        at = self.token.at
        self.place += len(name.split(" ")) + 1
        if self._is_word(self.place) and self._named_follow():
            return self._bound_by_name(name, self._named_arguments(), at)
        values: list[Node] = []
        while not self._take(")"):
            if values:
                self._need_comma(")")
            values.append(self._argument())
        return self._bound(name, values, at)

    def _named_follow(self) -> bool:
        place = self.place
        while self._is_word(place):
            place += 1
        return bool(self.tokens[place].value == ":" and self.tokens[place].kind == "sign")

    def _named_arguments(self) -> dict[str, Node]:
        arguments: dict[str, Node] = {}
        while not self._take(")"):
            if arguments:
                self._need_comma(")")
            at, name = self.token.at, self._words()
            self._need(":")
            if name in arguments:
                raise FeelError(
                    N_("la voce «%(name)s» compare due volte (carattere %(position)s)"), name=name, position=at
                )
            arguments[name] = self._argument()
        return arguments

    def _argument(self) -> Node:
        return self._lambda() if self._take("function") else self._expression()

    def _lambda(self) -> Node:
        self._need("(")
        parameters: list[str] = []
        while not self._take(")"):
            if parameters:
                self._need_comma(")")
            parameters.append(self._words())
            if self._take(":"):
                self._type()
        with self._scope(*parameters):
            return Lambda(tuple(parameters), self._expression())

    def _bound(self, name: str, values: list[Node], at: int) -> Node:
        for function in FUNCTIONS[name]:
            if function.takes(len(values)):
                return self._checked(function, tuple(values), at)
        count = len(values)
        sentence = N_("la funzione «%(name)s» (carattere %(position)s) non si può usare con %(count)s valori")
        raise FeelError(sentence, name=name, count=count, position=at)

    def _bound_by_name(self, name: str, arguments: dict[str, Node], at: int) -> Node:
        order = list(arguments)
        for function in FUNCTIONS[name]:
            places = function.order(order)
            if places is not None:
                values = tuple(None if place is None else arguments[order[place]] for place in places)
                return self._checked(function, values, at)
        sentence = N_("la funzione «%(name)s» (carattere %(position)s) non ha valori con questi nomi")
        raise FeelError(sentence, name=name, position=at)

    def _checked(self, function: Builtin, values: tuple[Node | None, ...], at: int) -> Node:
        for place, value in enumerate(values):
            parameter = function.parameters[min(place, len(function.parameters) - 1)]
            wanted = parameter.name == "precedes"
            if isinstance(value, Lambda) != wanted or (isinstance(value, Lambda) and len(value.parameters) != 2):
                sentence = N_(
                    "la funzione «%(name)s» (carattere %(position)s) vuole un ordinamento: function(a, b) a < b"
                )
                raise FeelError(sentence, name=function.name, position=at)
        return Call(function, values)

    def _type(self) -> Type:
        name = self._longest(TYPES)
        if name is None:
            raise FeelError(N_("al carattere %(position)s ci vuole il nome di un tipo"), position=self.token.at)
        self.place += len(name.split(" "))
        if name in ("list", "range") and self._take("<"):
            part = self._type()
            self._need(">")
            return Type(name, (("", part),))
        return Type(name, tuple(self._entry_types())) if name == "context" and self._take("<") else Type(name)

    def _entry_types(self) -> Iterator[tuple[str, Type]]:
        while True:
            name = self._words()
            self._need(":")
            yield name, self._type()
            if not self._take(","):
                break
        self._need(">")
