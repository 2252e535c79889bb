"""Reads a FEEL text into its tree (DMN 1.3, 10.3.1.2), by binding power: one method a construct.

Names of several words are read where they cannot be mistaken: built-in functions and types, keys of a context after a
point, names declared in the text itself or given by the caller, and anything between backquotes.
"""

from collections.abc import Iterator
from typing import Final

from core.errors import N_
from engine import feel_time
from engine.feel_calls import CallReader
from engine.feel_lexer import KEYWORDS
from engine.feel_limits import FeelError
from engine.feel_tree import (
    Between,
    Chain,
    Compare,
    Context,
    Each,
    Filter,
    If,
    In,
    InstanceOf,
    Interval,
    Items,
    Literal,
    Logic,
    Name,
    Negate,
    Node,
    OneSided,
    Path,
    Span,
    Unary,
)

OR, AND, COMPARISON, SUM, PRODUCT, POWER, SIGN, INSTANCE, POSTFIX = range(1, 10)
POWERS: Final = {
    "or": OR, "and": AND, "=": COMPARISON, "!=": COMPARISON, "<": COMPARISON, "<=": COMPARISON, ">": COMPARISON,
    ">=": COMPARISON, "between": COMPARISON, "in": COMPARISON, "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT,
    "**": POWER, "instance": INSTANCE, ".": POSTFIX, "[": POSTFIX, "(": POSTFIX,
}  # fmt: skip
ORDERS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
CONSTANTS: Final = {"true": True, "false": False, "null": None}
CLOSERS: Final = frozenset({*POWERS, ")", "]", "}", ",", ":", "then", "else", "return", "satisfies"}) - {"[", "-", "("}


class Parser(CallReader):
    """One reading of one text; `names` are the variables it needs, outside of filters."""

    # -- whole texts ---------------------------------------------------------------------------------------------------

    def whole(self) -> Node:
        """Return the tree of an expression."""
        tree = self._expression()
        self._finish()
        return tree

    def whole_unary(self) -> Node:
        """Return the tree of a decision table's cell (rule 15): tests with commas between, `not(...)` or `-`."""
        if self._at("-") and self.tokens[self.place + 1].kind == "end":
            return Unary((), negated=False)
        if self._at("not") and self.tokens[self.place + 1].value == "(":
            tree = self._negated()
            if tree:
                return tree
        tree = Unary(self._tests(), negated=False)
        self._finish()
        return tree

    def _negated(self) -> Node | None:
        """Return `not(tests)`, or None - nothing taken - if it turns out to be the beginning of an expression."""
        start = self.place
        self.place += 2
        try:
            tests = self._tests()
            if self._take(")") and self.token.kind == "end":
                return Unary(tests, negated=True)
        except FeelError:
            pass  # read again as an expression, which has the better sentence
        self.place = start
        return None

    def _finish(self) -> None:
        if self.token.kind == "end":
            return
        if self._is_word(self.place) and self.place and self._is_word(self.place - 1):
            before, after = self.tokens[self.place - 1].value, self.token.value
            sentence = N_("tra «%(before)s» e «%(after)s» (carattere %(position)s) manca un operatore")
            raise FeelError(sentence, before=before, after=after, position=self.token.at)
        raise self._unexpected()

    # -- expressions ---------------------------------------------------------------------------------------------------

    def _expression(self, power: int = 0) -> Node:
        with self._deeper():
            left = self._prefix()
            while (rank := self._rank()) > power:
                left = self._infix(left, rank)
            return left

    def _rank(self) -> int:
        if self.token.kind not in ("name", "sign") or (self._at("[") and self._ends_interval()):
            return 0
        return POWERS.get(self.token.value, 0)

    def _ends_interval(self) -> bool:
        """Say whether the `[` that comes next closes `]1..2[`: then nothing follows that could be in a filter."""
        following = self.tokens[self.place + 1]
        return following.kind == "end" or (following.kind in ("name", "sign") and following.value in CLOSERS)

    def _infix(self, left: Node, rank: int) -> Node:
        if rank in (SUM, PRODUCT, POWER):
            return Chain(left, tuple(self._operations(rank)))
        if rank in (OR, AND):
            return self._logic(left, rank)
        word = str(self._next().value)
        if word in ORDERS:
            return Compare(word, left, self._expression(COMPARISON))
        if word == "between":
            return self._between(left)
        if word == "in":
            return In(left, self._in_tests())
        if word == "instance":
            self._need("of")
            return InstanceOf(left, self._type())
        if word == ".":
            return Path(left, self._words())
        if word == "[":
            return self._filter(left)
        raise FeelError(N_("al carattere %(position)s manca il nome della funzione"), position=self.token.at - 1)

    def _operations(self, rank: int) -> Iterator[tuple[str, Node]]:
        while self._rank() == rank:
            yield str(self._next().value), self._expression(rank)

    def _logic(self, left: Node, rank: int) -> Node:
        word, items = str(self.token.value), [left]
        while self._take(word):
            items.append(self._expression(rank))
        return Logic(word, tuple(items))

    def _between(self, left: Node) -> Node:
        low = self._expression(COMPARISON)
        self._need("and")
        return Between(left, low, self._expression(COMPARISON))

    def _filter(self, base: Node) -> Node:
        with self._filtering():
            test = self._expression()
        self._need("]")
        return Filter(base, test)

    # -- tests ---------------------------------------------------------------------------------------------------------

    def _in_tests(self) -> tuple[Node, ...]:
        if not self._at("("):
            return (self._test(COMPARISON),)
        start = self.place
        self.place += 1
        tests = self._tests()
        if self._take(")") and self._rank() <= COMPARISON:
            return tests
        self.place = start
        return (self._test(COMPARISON),)

    def _tests(self) -> tuple[Node, ...]:
        tests = [self._test()]
        while self._take(","):
            tests.append(self._test())
        return tuple(tests)

    def _test(self, power: int = 0) -> Node:
        op = self._take(*ORDERS)
        return OneSided(op, self._expression(COMPARISON)) if op else self._expression(power)

    def _interval_end(self, low: Node, *, closed: bool) -> Node:
        self._need("..")
        high = self._expression(COMPARISON)
        end = self._take("]", ")", "[")
        if not end:
            raise self._unexpected("]")
        return Interval(low, high, closed, end == "]")

    # -- beginnings ----------------------------------------------------------------------------------------------------

    def _prefix(self) -> Node:
        token = self.token
        if token.kind in ("number", "text"):
            return Literal(self._next().value)
        if token.kind == "sign":
            return self._sign(str(token.value))
        if token.kind == "name" and token.value in KEYWORDS:
            return self._keyword(str(token.value))
        if self._is_word(self.place):
            return self._named()
        raise self._unexpected()

    def _sign(self, sign: str) -> Node:
        self.place += 1
        if sign == "-":
            return Negate(self._expression(SIGN))
        if sign == "(":
            return self._group()
        if sign == "[":
            return self._list()
        if sign == "]":
            return self._interval_end(self._expression(COMPARISON), closed=False)
        if sign == "{":
            return self._context()
        if sign == "?":
            return Name("?")
        if sign == "@":
            return self._temporal()
        self.place -= 1
        raise self._unexpected()

    def _group(self) -> Node:
        inner = self._expression()
        if self._at(".."):
            return self._interval_end(inner, closed=False)
        self._need(")")
        return inner

    def _list(self) -> Node:
        items: list[Node] = []
        while not self._take("]"):
            if items:
                self._need_comma("]")
            items.append(self._expression())
            if len(items) == 1 and self._at(".."):
                return self._interval_end(items[0], closed=True)
        return Items(tuple(items))

    def _context(self) -> Node:
        entries: list[tuple[str, Node]] = []
        with self._scope() as scope:
            while not self._take("}"):
                if entries:
                    self._need_comma("}")
                key = str(self._next().value) if self.token.kind == "text" else self._words()
                if key in scope:
                    raise FeelError(N_("la voce «%(key)s» compare due volte"), key=key, position=self.token.at)
                self._need(":")
                entries.append((key, self._expression()))
                scope.add(key)
        return Context(tuple(entries))

    def _temporal(self) -> Node:
        token = self._next()
        value = feel_time.parse_any(token.value) if token.kind == "text" else None
        if value is None:
            sentence = N_("@ al carattere %(position)s vuole una data, un'ora o una durata tra virgolette")
            raise FeelError(sentence, position=token.at - 1)
        return Literal(value)

    def _keyword(self, word: str) -> Node:
        self.place += 1
        if word in CONSTANTS:
            return Literal(CONSTANTS[word])
        if word == "if":
            return self._if()
        if word in ("for", "some", "every"):
            return self._each(word)
        self.place -= 1
        if word == "function":
            sentence = N_("«function» al carattere %(position)s si può usare solo come ordinamento di sort(…)")
            raise FeelError(sentence, position=self.token.at)
        raise self._unexpected()

    def _if(self) -> Node:
        test = self._expression()
        self._need("then")
        yes = self._expression()
        self._need("else")
        return If(test, yes, self._expression())

    def _each(self, word: str) -> Node:
        with self._scope() as scope:
            domains = [self._domain(scope)]
            while self._take(","):
                domains.append(self._domain(scope))
            if word == "for":
                scope.add("partial")
            self._need("return" if word == "for" else "satisfies")
            return Each(word, tuple(domains), self._expression())

    def _domain(self, scope: set[str]) -> tuple[str, Node]:
        name = self._words()
        self._need("in")
        domain = self._expression()
        if self._take(".."):
            domain = Span(domain, self._expression())
        scope.add(name)
        return name, domain
