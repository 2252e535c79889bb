"""Makes random FEEL trees from a seed, also such as no text would give; far quicker than hypothesis can draw them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from core.clock import ROME
from engine import feel
from engine.feel_builtins import FUNCTIONS
from engine.feel_tree import (
    Between,
    Call,
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
    Lambda,
    Literal,
    Logic,
    Name,
    Negate,
    Node,
    OneSided,
    Path,
    Span,
    Type,
    Unary,
)

SCALARS: list[Any] = [
    None, True, False, Decimal(0), Decimal(1), Decimal(-1), Decimal(2), Decimal("2.5"), Decimal(10) ** 30,
    Decimal("1e-20"), Decimal("9e6144"), "", "a", "ab", "[a", "(a)*", "2026-10-04", "P1D", "10:00:00@Europe/Rome",
    date(2026, 10, 4), date(1, 1, 1), date(9999, 12, 31), datetime(2026, 10, 4), datetime(2026, 10, 4, tzinfo=UTC),
    datetime(9999, 12, 31, tzinfo=UTC), datetime(1, 1, 1, tzinfo=ROME), datetime(9999, 12, 31, 23, tzinfo=ROME),
    time(9), time(9, tzinfo=UTC), time(9, tzinfo=ROME), timedelta(), timedelta(days=1), timedelta(days=3_660_000),
    timedelta(days=-3_660_000), feel.Months(0), feel.Months(14), feel.Months(-120_000),
]  # fmt: skip
NAMES = ["a", "b", "c", "item", "partial", "?", "year", "start", "time offset", "key", "value"]
ORDERS = ["=", "!=", "<", "<=", ">", ">="]
FUNCTION_NAMES = sorted(FUNCTIONS)


class Grower:
    """Grows one tree from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def tree(self, depth: int = 6) -> Node:
        """Return a tree at most that deep."""
        if depth <= 0 or self.random.random() < 0.2:
            return self._leaf()
        return self.random.choice(self.KINDS)(self, depth - 1)

    def root(self) -> Node:
        """Return a whole expression, sometimes the cell of a table."""
        if self.random.random() < 0.2:
            return Unary(self._several(self._test, 5), self._flip())
        return self.tree()

    def value(self, depth: int = 3) -> Any:
        """Return a value that may come from outside."""
        if depth <= 0 or self.random.random() < 0.4:
            return self.random.choice(SCALARS)
        if self._flip():
            return [self.value(depth - 1) for _ in range(self.random.randrange(4))]
        return {self.random.choice(NAMES): self.value(depth - 1) for _ in range(self.random.randrange(4))}

    def _leaf(self) -> Node:
        return Literal(self.random.choice(SCALARS)) if self._flip() else Name(self.random.choice(NAMES))

    def _flip(self) -> bool:
        return self.random.random() < 0.5

    def _several(self, make: Callable[[int], Any], depth: int, least: int = 0) -> tuple[Any, ...]:
        return tuple(make(depth) for _ in range(self.random.randrange(least, 4)))

    def _test(self, depth: int) -> Node:
        return OneSided(self.random.choice(ORDERS), self.tree(depth)) if self._flip() else self.tree(depth)

    def _operation(self, depth: int) -> tuple[str, Node]:
        return self.random.choice(["+", "-", "*", "/", "**"]), self.tree(depth)

    def _domain(self, depth: int) -> tuple[str, Node]:
        domain = Span(self.tree(depth), self.tree(depth)) if self._flip() else self.tree(depth)
        return self.random.choice(NAMES), domain

    def _entry(self, depth: int) -> tuple[str, Node]:
        return self.random.choice(NAMES), self.tree(depth)

    def _call(self, depth: int) -> Node:
        function = self.random.choice(FUNCTIONS[self.random.choice(FUNCTION_NAMES)])
        wanted = [
            Lambda(("a", "b"), self.tree(depth)) if each.name == "precedes" else self.tree(depth)
            for each in function.parameters
        ]
        more = self._several(self.tree, depth) if wanted and function.parameters[-1].variadic else ()
        return Call(function, (*wanted, *more))

    def _type(self, depth: int) -> Type:
        name = self.random.choice(["number", "string", "list", "context", "range", "date", "Any", "Null"])
        parts = [("a" if name == "context" else "", self._type(depth - 1))] if depth > 0 and self._flip() else []
        return Type(name, tuple(parts))

    KINDS: tuple[Callable[["Grower", int], Node], ...] = (
        lambda self, depth: Path(self.tree(depth), self.random.choice(NAMES)),
        lambda self, depth: Filter(self.tree(depth), self.tree(depth)),
        lambda self, depth: Chain(self.tree(depth), self._several(self._operation, depth, 1)),
        lambda self, depth: Negate(self.tree(depth)),
        lambda self, depth: Compare(self.random.choice(ORDERS), self.tree(depth), self.tree(depth)),
        lambda self, depth: Logic(self.random.choice(["and", "or"]), self._several(self.tree, depth, 2)),
        lambda self, depth: Between(self.tree(depth), self.tree(depth), self.tree(depth)),
        lambda self, depth: In(self.tree(depth), self._several(self._test, depth, 1)),
        lambda self, depth: Interval(self.tree(depth), self.tree(depth), self._flip(), self._flip()),
        lambda self, depth: If(self.tree(depth), self.tree(depth), self.tree(depth)),
        lambda self, depth: Each(
            self.random.choice(["for", "some", "every"]), self._several(self._domain, depth, 1), self.tree(depth)
        ),
        lambda self, depth: Items(self._several(self.tree, depth)),
        lambda self, depth: Context(self._several(self._entry, depth)),
        lambda self, depth: InstanceOf(self.tree(depth), self._type(2)),
        _call,
        _call,
        _call,
    )
