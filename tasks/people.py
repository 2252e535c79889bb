"""Who a person is and how to reach her safely, written down by whoever follows the case, one form each."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from cases import access, persons
from cases.access import Actor
from cases.casefile import Case
from core.errors import NotYours
from tasks import drafts, formbook, forms, lists
from tasks.components import Form
from tasks.fields import Translate
from tasks.forms import Submitted, Typed

# The form of each kind, and the class of what it asks.
KINDS = {"identity": ("identity", "P2"), "ways": ("safe_ways", "P4")}
SEVERAL = frozenset({"aliases", "citizenships", "languages"})


def form(db: Session, kind: str, *, translate: Translate = str) -> Form:
    """The form of a kind, with today's options; NotYours if there is no such kind."""
    if kind not in KINDS:
        raise NotYours
    return forms.with_lists(formbook.read(db, KINDS[kind][0]), lambda name: lists.options(db, name, translate))


def find(db: Session, actor: Actor, code: str, kind: str) -> Case:
    """The case, if the actor may write this kind of thing about its person; else it does not exist."""
    case = access.get_case(db, actor, code)
    access.require(actor, "person.record", case.post)
    if kind not in KINDS or not access.may_read(db, actor, case, KINDS[kind][1]):
        raise NotYours
    return case


def values(db: Session, actor: Actor, case: Case, kind: str) -> Typed:
    """What is known, to show in the form; the reading is written down."""
    read = persons.read if kind == "identity" else persons.read_ways
    known = {name: _one(value) for name, value in read(db, actor, case).items()}
    return drafts.fill(form(db, kind), known)


def record(
    db: Session, actor: Actor, code: str, kind: str, submitted: Submitted, *, translate: Translate = str
) -> Case:
    """Write down what the form says; an emptied field is taken away. Raises InvalidForm with sentences by field."""
    case = find(db, actor, code, kind)
    asked = form(db, kind, translate=translate)
    found = forms.answers(asked, submitted, translate=translate).by_class.get(KINDS[kind][1], {})
    news = {part.key: _kept(part.key, found) for part in asked.fields}
    identity, ways = (news, None) if kind == "identity" else (None, news)
    persons.record(db, code, identity, ways, by=actor.user_id)
    return case


def _kept(key: str, found: Mapping[str, Any]) -> Any:
    value = found.get(key)
    if value in (None, ""):
        return None
    return [part.strip() for part in str(value).split(",") if part.strip()] if key in SEVERAL else value


def _one(value: Any) -> Any:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else value
