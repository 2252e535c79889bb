"""Linking a case to the event it comes from, through its form: a new event, or one known from another case of hers."""

from datetime import date

from sqlalchemy.orm import Session

from cases import access, episodes
from cases.access import Actor
from cases.episodes import Episode
from tasks import formbook, forms, lists
from tasks.components import Form
from tasks.fields import Translate
from tasks.forms import Submitted

FORM = "episode"


def form(db: Session, *, translate: Translate = str) -> Form:
    """What is asked of an event: its code if it is known, else what it was, when, how many people."""
    return forms.with_lists(formbook.read(db, FORM), lambda name: lists.options(db, name, translate))


def link(db: Session, actor: Actor, code: str, submitted: Submitted, *, translate: Translate = str) -> Episode:
    """Link the case to an event. To whom the case is not, neither exists."""
    case = access.get_case(db, actor, code)
    access.require(actor, "episode.record", case.post)
    found = forms.answers(form(db, translate=translate), submitted, translate=translate)
    told = {name: value for answers in found.by_class.values() for name, value in answers.items()}
    if told.get("episode_code"):
        known = str(told["episode_code"]).strip().upper()
        return episodes.link(db, actor, code, known, by=actor.user_id)
    happened_on = date.fromisoformat(told["happened_on"])
    return episodes.record(db, code, told["episode_kind"], happened_on, told.get("episode_persons"), by=actor.user_id)
