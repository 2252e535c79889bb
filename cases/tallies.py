"""Tallies: counts by period, by post and by codes, made by the database in one question each, on both databases."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, SQLColumnExpression, Subquery, and_, case, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from cases.periods import Period, instant
from cases.smallcells import Cell

# The code of what is not known: counted like any other, never dropped.
UNKNOWN = "non_noto"
When = InstrumentedAttribute[Any]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Of:
    """What is counted: rows of a table, on a day or at an instant, in a post; `amount` instead of one for each row."""

    source: type[Any] | FromClause
    when: When
    post: When
    where: tuple[ColumnElement[bool], ...] = ()
    instants: bool = False
    amount: ColumnElement[Any] | None = None


@dataclass(frozen=True)
class By:
    """A dimension: the codes of its list, or None where only what occurs is told; what is told within each; and whether
    it may be unknown."""

    name: str
    codes: Sequence[str] | None
    finer: tuple["By", ...] = ()
    may_be_unknown: bool = True


def count(
    db: Session, of: Of, periods: Sequence[Period], scope: str | None, **dims: SQLColumnExpression[Any]
) -> list[Row]:
    """Rows with `n` (the number of the period), `post`, a code for each dimension (null is UNKNOWN) and `count`."""
    return totals(db, marked(of, periods, scope, **dims), tuple(dims))


def marked(of: Of, periods: Sequence[Period], scope: str | None, **more: SQLColumnExpression[Any]) -> Subquery:
    """Every row of what is counted, marked with its period; to be grouped from outside, for PostgreSQL takes two equal
    expressions with parameters for different ones."""
    spans = [_span(of, period) for period in periods]
    number = case(*((and_(of.when >= a, of.when < b), literal(n)) for n, (a, b) in enumerate(spans)))
    amount = literal(1) if of.amount is None else of.amount
    columns = [number.label("n"), of.post.label("post"), amount.label("amount")]
    query = select(*columns, *(column.label(name) for name, column in more.items())).select_from(of.source)
    query = query.where(of.when >= spans[0][0], of.when < spans[-1][1], *of.where)
    return (query if scope is None else query.where(of.post == scope)).subquery()


def totals(db: Session, rows: Subquery, dims: Sequence[str], *where: ColumnElement[bool]) -> list[Row]:
    """The sums of marked rows by period, post and dimensions."""
    keys = [rows.c[name] for name in ("n", "post", *dims)]
    found = db.execute(select(*keys, func.sum(rows.c.amount).label("summed")).where(*where).group_by(*keys))
    return [
        {**row, **{name: row[name] or UNKNOWN for name in dims}, "count": int(row["summed"] or 0)}
        for row in found.mappings()
    ]


def grow(key: str, rows: Iterable[Row], *dims: By) -> Cell:
    """The cell of these rows, with its parts."""
    rows = list(rows)
    by: Counter[str] = Counter()
    for row in rows:
        by[row["post"]] += row["count"]
    return Cell(key, by, {dim.name: _parts(rows, dim) for dim in dims})


def by_period(rows: Iterable[Row], periods: Sequence[Period], *dims: By) -> list[Cell]:
    """One cell for each period."""
    sorted_: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        sorted_[row["n"]].append(row)
    return [grow(period.code, sorted_[n], *dims) for n, period in enumerate(periods)]


def _parts(rows: Iterable[Row], dim: By) -> list[Cell]:
    sorted_: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        sorted_[row[dim.name]].append(row)
    codes = sorted(sorted_) if dim.codes is None else [*dim.codes, *([UNKNOWN] if dim.may_be_unknown else [])]
    lost = set(sorted_) - set(codes)  # of a list that has lost a code
    return [grow(code, sorted_.get(code, []), *dim.finer) for code in [*codes, *sorted(lost)]]


def _span(of: Of, period: Period) -> tuple[date | datetime, date | datetime]:
    if of.instants:
        return instant(period.since), instant(period.until)
    return period.since, period.until
