"""A draft rehearsed on copies of running cases with invented answers; all of it is taken back."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.errors import N_, InvalidForm
from engine import decisions, migration, rehearsal
from engine.drafts import FORM
from engine.migration import Question
from engine.rehearsal import Rehearsed, Wrong
from engine.tables import Instance, UserTask
from tasks import formbook, forms, trying
from tasks.components import Component
from tasks.fields import Translate
from tasks.forms import Paper
from tasks.stage import Drafted

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would happen to each case, and the steps in progress that the draft does not have: where do they go on?"""

    found: Sequence[Rehearsed]
    questions: Sequence[Question]


def cases(db: Session, process_id: str) -> list[Instance]:
    """The oldest open cases that run on any version of a pathway."""
    ids = {each for version in migration.counts(db, process_id) for each in migration.running(db, version)}
    query = select(Instance).where(Instance.id.in_(ids)).order_by(Instance.started_at, Instance.id)
    return list(db.scalars(query.limit(MOST_SHOWN)))


def rehearse(
    db: Session,
    process_id: str,
    chosen: Sequence[str],
    mapping: Mapping[str, str],
    translate: Translate,
    *,
    in_force: bool = False,
) -> Rehearsal:
    """What would happen to these cases on the draft, with invented answers. Raises InvalidForm, InvalidModel.

    `mapping`: in which step of the draft those go on that it does not have. The drafts of the tables and forms that it
    names hold too, unless one keeps to what is `in_force` of them.
    """
    if not 0 < len(chosen) <= rehearsal.MOST_CASES:
        raise InvalidForm({"case": [N_("Scegli da uno a dieci casi.")]})
    known = {each.id for each in cases(db, process_id)}
    content, _, drafted = trying.read(db, process_id)
    wanted = [each for each in chosen if each in known]
    seen: Counter[tuple[str, str]] = Counter()
    turns: Counter[tuple[str, str, str]] = Counter()  # how often an answer was refused: so many choices further

    def answer(task: UserTask, _: Mapping[str, Any], wrong: Wrong) -> dict[str, Any]:
        here = task.instance_id, task.element
        turns.update((*here, key) for key in wrong)
        seen[here] += not wrong
        mine = {key: count for (*at, key), count in turns.items() if tuple(at) == here}
        return _invented(db, task, translate, seen[here] - 1, mine)

    with rehearsal.taken_back(db):
        for each in drafted:
            if each.serves(in_force=in_force):
                _put_in_force(db, each)
        found = rehearsal.rehearse(db, content, wanted, answer, forms=formbook.known(db), mapping=mapping)
    return Rehearsal(found, _together(each for one in found for each in one.questions))


def _put_in_force(db: Session, draft: Drafted) -> None:
    if draft.source.kind == FORM:
        formbook.publish_form(db, draft.content, draft.source.key, by="rehearsal")
    else:
        decisions.publish(db, draft.content, by="rehearsal")


def _together(asked: Iterable[Question]) -> list[Question]:
    """Each step once, however many cases and versions have it, with all in which one of them may go on."""
    found: dict[str, Question] = {}
    for each in asked:
        known = found.get(each.node.id, each)
        choices = {node.id: node for node in (*known.choices, *each.choices)}
        found[each.node.id] = Question(known.node, list(choices.values()), known.chosen)
    return list(found.values())


def _invented(
    db: Session, task: UserTask, translate: Translate, again: int, turns: Mapping[str, int]
) -> dict[str, Any]:
    """The facts of a form that is filled in with the first choices and today's date; none where that is no answer.

    `turns`: by field, how many choices further. A step that comes `again` is answered with what is required only, each
    time with the next choice, or "see you on" and "go on" would go round for ever.
    """
    if not task.form:
        return {}
    form = trying.form_of(db, task.form, translate)
    try:
        asked = [part for part in form.fields if part.required or not again or part.key in turns]
        given = {part.key: _invent(part, turns.get(part.key, again if part.required else 0)) for part in asked}
        return forms.answers(form, Paper(given)).facts
    except InvalidForm:
        return {part.key: None for part in form.fields if part.is_fact}


def _invent(part: Component, turn: int) -> Any:
    if part.options:
        chosen = part.options[turn % len(part.options)].value
        return [chosen] if part.type in ("checklist", "taglist") else chosen
    if part.type == "datetime":
        shapes = {"date": "%Y-%m-%d", "time": "%H:%M"}
        return clock.now().astimezone(clock.ROME).strftime(shapes.get(part.subtype, "%Y-%m-%dT%H:%M"))
    given = {"number": str(part.limits.get("min", 1)), "checkbox": "true"}
    return given.get(part.type, "prova" if part.required else "")
