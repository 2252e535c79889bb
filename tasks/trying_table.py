"""A decision table tried by hand: a question for each datum that it looks at, answered by its draft and by what is in
force, with the code that decides in real cases. Nothing of it is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy.orm import Session

from core.errors import N_, InvalidModel, Refused
from engine import decisions, dmn, dmn_inputs, drafts
from engine.dmn import LISTS, Rule, Table
from engine.dmn_inputs import LIST, Input
from engine.drafts import DECISION
from tasks import forms, trying, workshop
from tasks.components import Component, Form, Option
from tasks.fields import Translate
from tasks.forms import Submitted
from tasks.workshop import Source

YES_NO = (Option("true", "Sì", "Yes"), Option("false", "No", "No"))
OTHER = "altro valore"  # a text that the table does not name
ANOTHER = Option(OTHER, "un altro valore", "another value")
DATES = {"date": "date", "time": "time", "date and time": "datetime"}


@dataclass(frozen=True, slots=True)
class Side:
    """One version that is asked: the draft (no number) or the one in force."""

    version: int | None
    model: dmn.Model


@dataclass(frozen=True, slots=True)
class Row:
    """A row that held: its number, and what it asks of each column."""

    number: int
    tests: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one version says: for each result its columns, and the rows; or why it says nothing."""

    side: Side
    results: Sequence[Sequence[tuple[str, Any]]] = ()
    rows: Sequence[Row] = ()
    problem: Refused | None = None

    def says_like(self, other: "Answer") -> bool:
        """Whether both give the same results."""
        return self._said() == other._said()

    def _said(self) -> bytes:
        """As text, for to Python True is 1."""
        why = self.problem and (type(self.problem).__name__, self.problem.sentence, self.problem.params)
        return orjson.dumps((self.results, why), default=str, option=orjson.OPT_SORT_KEYS)


@dataclass(frozen=True, slots=True)
class Asked:
    """A table that can be tried: its versions, and the form with a question for each datum."""

    source: Source
    sides: Sequence[Side]
    inputs: Mapping[str, Input]  # by the key of its question
    form: Form


def asked(db: Session, key: str) -> Asked:
    """The draft and what is in force. Raises NotYours, InvalidModel with what must be corrected in the draft first."""
    source, draft = workshop.source(db, DECISION, key), drafts.find(db, DECISION, key)
    contents: list[tuple[int | None, bytes]] = []
    if draft is not None:
        contents.append((None, drafts.content_of(draft)))
        found = workshop.findings(db, DECISION, key, contents[0][1])
        if wrong := [each for each in found if each.level == "error"]:
            raise InvalidModel(wrong)
    if source.version is not None:
        contents.append((source.version, source.content))
    sides = [Side(version, dmn.read(content)[0]) for version, content in contents]
    inputs = {
        f"datum_{number}": each
        for number, each in enumerate(dmn_inputs.inputs((side.model for side in sides), key), start=1)
    }
    form = Form(key, "", tuple(_question(name, each) for name, each in inputs.items()))
    return Asked(source, sides, inputs, form)


def _question(key: str, datum: Input) -> Component:
    named = datum.label != datum.name
    words: dict[str, Any] = {
        "label": datum.label,
        "description": f"Nel file: {datum.name}" if named else "",
        "properties": {"description_en": f"In the file: {datum.name}"} if named else {},
    }
    values = tuple(Option(each, each) for each in datum.values)
    if datum.kind == "boolean":
        return Component("select", key, options=YES_NO, **words)
    if datum.kind == LIST and values:
        return Component("checklist", key, options=values, **words)
    if datum.kind == "string" and values:
        return Component("select", key, options=values if datum.closed else (*values, ANOTHER), **words)
    if datum.kind in DATES:
        return Component("datetime", key, subtype=DATES[datum.kind], **words)
    if datum.kind == "number":
        return Component("number", key, **words)
    return Component("textfield", key, limits={"maxLength": "200"}, **words)


def answers(table: Asked, submitted: Submitted, translate: Translate) -> list[Answer]:
    """What each version says of these data; what is left empty is not known. Raises InvalidForm."""
    good = forms.answers(table.form, submitted, translate=translate)
    typed = {key: value for found in good.by_class.values() for key, value in found.items()}
    facts = {table.inputs[key].name: _datum(table.inputs[key], value) for key, value in typed.items()}
    return [_answer(side, table.source.key, facts) for side in table.sides]


def _datum(datum: Input, value: Any) -> Any:
    if datum.kind == "boolean":
        return value == "true"
    return trying.value_of(value) if datum.kind == "" and isinstance(value, str) else value


def _answer(side: Side, key: str, facts: Mapping[str, Any]) -> Answer:
    try:
        tried = decisions.try_out(side.model, key, facts)
    except Refused as problem:
        return Answer(side, problem=problem)
    decision = side.model.decisions[key]
    table = decision.logic
    if not isinstance(table, Table):
        return Answer(side, [[(decision.name, tried.value)]])
    several = table.policy in LISTS and not table.aggregation
    results = [_result(table, each) for each in (tried.value or [] if several else [tried.value])]
    return Answer(side, results, [_row(table, number, table.rules[number - 1]) for number in tried.rows])


def _result(table: Table, value: Any) -> list[tuple[str, Any]]:
    if len(table.outputs) > 1 and isinstance(value, Mapping):
        return [(column.label, value.get(column.name)) for column in table.outputs]
    return [(table.outputs[0].label if len(table.outputs) == 1 else N_("Risultato"), value)]


def _row(table: Table, number: int, rule: Rule) -> Row:
    told = zip(table.inputs, rule.tests, strict=True)
    return Row(number, tuple((column.label, cell.text) for column, cell in told if cell.text != "-"))
