"""Decides: evaluates decision tables and their chains, pure (DMN 1.3, 8.2.8-8.2.11, 10.3.2.10).

A cell `-` always passes, also on a missing value: what is unknown about a person must not make a table silent.
"""

from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from core.errors import N_, Refused
from engine import feel
from engine.dmn import LISTS, Cell, Column, Decision, Model, Rule, Table
from engine.feel_constants import listed
from engine.feel_limits import STEPS, Run
from engine.feel_values import equal


class DecisionError(Refused):
    """The facts lead a table to more than one answer where it may give one, or a cell cannot be calculated."""

    status = 422
    sentence = N_("La tabella di decisione non dà un risultato.")


# a table is many expressions: together they may cost this much
BUDGET: Final = 20 * STEPS
AGGREGATES: Final = {
    name: feel.compile(f"{function}(values)")
    for name, function in {"SUM": "sum", "COUNT": "count", "MIN": "min", "MAX": "max"}.items()
}

Scope = Mapping[str, Any]
Rows = dict[str, tuple[int, ...]]


def run(model: Model, decision_id: str, facts: Scope, *, rows: Rows | None = None) -> Any:
    """Return the FEEL value of a decision; those it needs are decided first and seen under their name and their id.

    `rows` is told which rows of each table held, by the id of the decision.
    """
    scope, steps = dict(facts), Run(BUDGET)
    result: Any = None
    for decision in model.in_order(decision_id):
        result = _decide(decision, scope, steps, rows)
        scope |= {decision.element: result, decision.name: result, decision.variable: result}
    return result


def _decide(decision: Decision, scope: Scope, steps: Run, rows: Rows | None) -> Any:
    try:
        if isinstance(decision.logic, Table):
            return _Deciding(decision, decision.logic, scope, steps).result(rows)
        return _value(decision.logic, scope, steps)
    except feel.FeelError as problem:
        sentence = N_("La decisione «%(name)s» non si può calcolare: %(why)s.")
        raise DecisionError(sentence, name=decision.name, why=str(problem)) from problem


def _value(cell: Cell | None, scope: Scope, steps: Run) -> Any:
    return cell.expression.evaluate(scope, run=steps) if cell is not None and cell.expression is not None else None


class _Deciding:
    """One evaluation of one table."""

    def __init__(self, decision: Decision, table: Table, scope: Scope, steps: Run) -> None:
        self.decision, self.table, self.scope, self.steps = decision, table, scope, steps

    def result(self, rows: Rows | None) -> Any:
        table = self.table
        hits = self._hits()
        if rows is not None:
            rows[self.decision.element] = tuple(table.rules.index(rule) + 1 for rule in hits)
        outputs = [[self._value(cell) for cell in rule.results] for rule in hits]
        if table.policy == "UNIQUE" and len(hits) > 1:
            raise self._too_many(hits)
        if table.policy == "ANY" and any(not self._same(outputs[0], each) for each in outputs[1:]):
            raise self._too_many(hits)
        if table.policy in ("PRIORITY", "OUTPUT ORDER"):
            outputs.sort(key=self._place)
        if not hits and any(column.default for column in table.outputs):
            outputs = [[self._value(column.default) for column in table.outputs]]
        return self._selected([self._one(output) for output in outputs])

    def _hits(self) -> list[Rule]:
        scopes = [{**self.scope, "?": self._value(column.test)} for column in self.table.inputs]
        self.steps.spend(len(self.table.rules))
        found = (rule for rule in self.table.rules if self._matches(rule, scopes))
        return list(islice(found, 1)) if self.table.policy == "FIRST" else list(found)

    def _matches(self, rule: Rule, scopes: list[dict[str, Any]]) -> bool:
        return all(
            cell.text == "-" or _value(cell, scope, self.steps) is True
            for cell, scope in zip(rule.tests, scopes, strict=True)
        )

    def _value(self, cell: Cell | None) -> Any:
        return _value(cell, self.scope, self.steps)

    def _same(self, left: Any, right: Any) -> bool:
        return equal(left, right, self.steps) is True

    def _too_many(self, hits: list[Rule]) -> DecisionError:
        rows = ", ".join(str(self.table.rules.index(rule) + 1) for rule in hits)
        sentence = N_("La tabella «%(name)s» dà più di una risposta: valgono insieme le righe %(rows)s.")
        return DecisionError(sentence, name=self.decision.name, rows=rows)

    def _place(self, output: list[Any]) -> list[int]:
        """Return where each value of an output stands among the allowed ones, the first column first."""
        return [self._rank(column, value) for column, value in zip(self.table.outputs, output, strict=True)]

    def _rank(self, column: Column, value: Any) -> int:
        order = priorities(column)
        return next((place for place, each in enumerate(order) if self._same(each, value)), len(order))

    def _one(self, output: list[Any]) -> Any:
        if len(self.table.outputs) == 1:
            return output[0]
        return {column.name: value for column, value in zip(self.table.outputs, output, strict=True)}

    def _selected(self, results: list[Any]) -> Any:
        if self.table.aggregation:
            return AGGREGATES[self.table.aggregation].evaluate({"values": results}, run=self.steps)
        if self.table.policy in LISTS:
            return results
        return results[0] if results else None


def priorities(column: Column) -> list[Any]:
    """Return the allowed values of an output in the order they are written, the most important first."""
    expression = column.allowed.expression if column.allowed else None
    return listed(expression.tree) if expression else []
