"""The access review at work: the clock begins a round per post each quarter, people answer, the pathway goes on."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import accesses, reasons
from cases.access import Actor
from cases.accesses import AccessQuestion, AccessRound
from core.db import transaction
from core.errors import N_, InvalidForm
from engine import instances
from engine.tables import UserTask
from tasks import formbook, forms, news
from tasks.components import Form
from tasks.fields import Translate
from tasks.forms import Submitted

PROCESS, FORM = "access_review", "access_review"
UNIT, OFFICE = "access_unit", "access_office"
NOTICE = "access_review"


def begin_due() -> int:
    """Begin a round for every post not asked about yet in this quarter, each in a transaction; how many."""
    quarter, begun = accesses.current(), 0
    with transaction() as db:
        posts = accesses.due(db, quarter)
    for post in posts:
        with transaction() as db:
            if post in accesses.due(db, quarter):
                begin(db, post, by="clock")
                begun += 1
    return begun


def begin(db: Session, post: str, *, by: str) -> AccessRound:
    """Ask about one post now: its round and its pathway."""
    made = accesses.begin(db, accesses.current(), post, by=by)
    stream = accesses.stream_of(made.code)
    instances.start(db, PROCESS, made.code, post, {}, stream=stream, by=by)
    return made


def form(db: Session) -> Form:
    """What is asked about the round as a whole."""
    return formbook.read(db, FORM)


def field_of(question: AccessQuestion, name: str) -> str:
    """What a field about one question is called on the page."""
    return f"{name}-{question.id}"


def answer(db: Session, actor: Actor, code: str, typed: Submitted, *, translate: Translate = str) -> int:
    """Write down the answers that were given; when none is left that the actor's task asks for, the task is done.

    How many were answered. Raises InvalidForm by field: a reason is missing, or nothing was answered.
    """
    accesses.get(db, actor, code, lock=True)
    asked = [question for question, _ in accesses.questions(db, actor, code)]
    chosen = [(question, typed.get(field_of(question, "answer"))) for question in asked]
    chosen = [(question, kind) for question, kind in chosen if kind in (accesses.KEPT, accesses.TAKEN)]
    said = _said(form(db), asked, chosen, typed, translate)
    for question, kind in chosen:
        accesses.answer(db, actor, question.id, keep=kind == accesses.KEPT, words=_reason(question, typed))
        if kind == accesses.TAKEN:
            _let_go(db, question, by=actor.user_id)
    _go_on(db, code, said, by=actor.user_id)
    return len(chosen)


def _said(
    asks: Form,
    asked: list[AccessQuestion],
    chosen: list[tuple[AccessQuestion, str | None]],
    typed: Submitted,
    translate: Translate,
) -> dict[str, Any]:
    """The facts of the form; raises InvalidForm with all that is wrong at once."""
    errors: dict[str, list[str]] = {
        field_of(question, "reason"): [reasons.TOO_SHORT]
        for question, kind in chosen
        if kind == accesses.TAKEN and len(_reason(question, typed)) < reasons.SHORTEST
    }
    if asked and not chosen:
        errors[field_of(asked[0], "answer")] = [N_("Rispondi almeno per un accesso.")]
    facts: dict[str, Any] = {}
    try:
        facts = forms.answers(asks, typed, translate=translate).facts
    except InvalidForm as problem:
        errors |= problem.errors
    if errors:
        raise InvalidForm(errors)
    return facts


def _reason(question: AccessQuestion, typed: Submitted) -> str:
    return (typed.get(field_of(question, "reason")) or "").strip()


def tell(db: Session, code: str, *, office: bool, by: str) -> None:
    """Whoever has to answer finds a notice, and a mail that says there is news; the clock reminds her later."""
    for user in accesses.answerers(db, db.get_one(AccessRound, code).post, office=office):
        news.tell(db, f"{NOTICE}-{code}-{office}-{user.id}", user.id, NOTICE, letter=news.NEWS, by=by)


def _let_go(db: Session, question: AccessQuestion, *, by: str) -> None:
    """The tasks in the hands of whoever lost the access go back to the group."""
    post = db.get_one(AccessRound, question.round).post
    held = select(UserTask.id).where(
        UserTask.assignee == question.user_id, UserTask.tenant == post, UserTask.group == question.role
    )
    for task_id in db.scalars(held.order_by(UserTask.id)):
        instances.assign(db, task_id, None, by=by)


def _go_on(db: Session, code: str, facts: Mapping[str, object], *, by: str) -> None:
    accesses.settle(db, code, by=by)
    task = db.scalar(select(UserTask).where(UserTask.business_key == code))
    if task is not None and accesses.count_open(db, code, unit=task.element == UNIT) == 0:
        instances.complete(db, task.id, dict(facts), by=by)
