"""Takes the words of a FEEL text one by one, and says in a sentence what is wrong where."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from core.errors import N_
from engine import feel_limits as limits
from engine.feel_lexer import KEYWORDS, Token, tokens
from engine.feel_limits import FeelError


class Reader:
    """One reading of one text: the place in it, how deep it is nested, and the names declared around it."""

    def __init__(self, source: str, known: Iterable[str] = ()) -> None:
        self.tokens, self.place, self.depth, self.filters = tokens(source), 0, 0, 0
        self.scopes: list[set[str]] = [{each for each in known if " " in each}]
        self.names: set[str] = set()

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    def _next(self) -> Token:
        token = self.token
        self.place += token.kind != "end"
        return token

    def _at(self, *words: str) -> bool:
        return self.token.kind in ("name", "sign") and self.token.value in words

    def _take(self, *words: str) -> str | None:
        return str(self._next().value) if self._at(*words) else None

    def _need(self, word: str) -> None:
        if not self._take(word):
            raise self._unexpected(word)

    def _need_comma(self, end: str) -> None:
        """Take the comma before the next item of what `end` closes."""
        if not self._take(","):
            raise self._unexpected(end)

    def _unexpected(self, wanted: str = "") -> FeelError:
        at = self.token.at
        if self.token.kind == "end":
            if wanted:
                return FeelError(
                    N_("l'espressione finisce troppo presto: manca «%(wanted)s»"), wanted=wanted, position=at
                )
            return FeelError(N_("l'espressione finisce troppo presto"), position=at)
        found = self.token.value
        if wanted:
            sentence = N_("al carattere %(position)s ci vuole «%(wanted)s» e non «%(found)s»")
            return FeelError(sentence, wanted=wanted, found=found, position=at)
        return FeelError(N_("«%(found)s» al carattere %(position)s non è al posto giusto"), found=found, position=at)

    def _is_word(self, place: int) -> bool:
        token = self.tokens[place]
        return token.kind == "quoted" or (token.kind == "name" and token.value not in KEYWORDS)

    def _words(self) -> str:
        """Take one name of as many words as there are."""
        if not self._is_word(self.place):
            raise self._unexpected()
        words = [str(self._next().value)]
        while self.tokens[self.place - 1].kind == "name" and self.token.kind == "name" and self._is_word(self.place):
            words.append(str(self._next().value))
        return " ".join(words)

    def _longest(self, names: Iterable[str]) -> str | None:
        """Return the longest of these names whose words come next."""
        fitting = [name for name in names if self._comes(name.split(" "))]
        return max(fitting, key=len, default=None)

    def _comes(self, words: list[str]) -> bool:
        ahead = self.tokens[self.place : self.place + len(words)]
        return [token.value for token in ahead if token.kind == "name"] == words

    @contextmanager
    def _scope(self, *names: str) -> Iterator[set[str]]:
        self.scopes.append(set(names))
        try:
            yield self.scopes[-1]
        finally:
            self.scopes.pop()

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self.depth += 1
        if self.depth > limits.DEPTH:
            raise FeelError(limits.TOO_DEEP, limit=limits.DEPTH)
        try:
            yield
        finally:
            self.depth -= 1

    @contextmanager
    def _filtering(self) -> Iterator[None]:
        """Read the inside of a filter, where a name may mean a key of the item."""
        self.filters += 1
        try:
            yield
        finally:
            self.filters -= 1
