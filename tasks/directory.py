"""The directory of the network, kept by coordinators: posts and projects, and whom each Questura has named."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from cases import access, posts, territory
from cases.access import Actor
from cases.posts import Post, Referent
from core.errors import N_, InvalidForm, NotYours
from tasks import drafts, formbook, forms, lists
from tasks.components import Form
from tasks.fields import Translate
from tasks.forms import Submitted, Typed

CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
FACTS = ("code", "name", "kind", *posts.LEAD, "phone", "provinces", "seat", "valid_from", "valid_to")


def form(db: Session, name: str, *, translate: Translate = str) -> Form:
    """The form `post` or `referent`, with its lists."""
    return forms.with_lists(formbook.read(db, name), lambda which: lists.options(db, which, translate))


def post_values(db: Session, actor: Actor, code: str) -> Typed:
    """What the directory says of a post, to be changed; an empty code begins a new one."""
    access.require(actor, "directory.change")
    post = posts.get(db, code) if code else None
    return drafts.fill(form(db, "post"), {name: typed(getattr(post, name)) for name in FACTS} if post else None)


def record_post(db: Session, actor: Actor, code: str, submitted: Submitted, *, translate: Translate = str) -> Post:
    """Add a post (empty code) or change one. Raises InvalidForm with sentences by field."""
    access.require(actor, "directory.change")
    found = answers(db, "post", submitted, translate)
    wanted = found.pop("code")
    if code and wanted != code:
        raise InvalidForm({"code": [translate(N_("Il codice di una postazione non si cambia."))]})
    if not code:
        _check_new(db, wanted, translate)
    _check_span(found, translate)
    return posts.record(db, wanted, {**found, "kept_here": True}, by=actor.user_id)


def name_referent(db: Session, actor: Actor, submitted: Submitted, *, translate: Translate = str) -> Referent:
    """Record whom a Questura has named, from when, and who said so. Raises InvalidForm with sentences by field."""
    access.require(actor, "directory.change")
    found = answers(db, "referent", submitted, translate)
    _check_span(found, translate)
    return posts.name_referent(db, found.pop("province"), found, by=actor.user_id)


def without_referent(db: Session, on: date) -> list[str]:
    """The provinces whose Questura has named nobody who is in charge on a day, by name."""
    covered = posts.provinces_with_referent(db, on)
    return [code for code, _ in sorted(territory.PROVINCES, key=lambda entry: entry[1]) if code not in covered]


def answers(db: Session, name: str, submitted: Submitted, translate: Translate) -> dict[str, Any]:
    """Every field of a form of the directory: what was answered, days as days, or None."""
    asked = form(db, name, translate=translate)
    given = forms.answers(asked, submitted, translate=translate).by_class.get("P0", {})
    days = {part.key for part in asked.fields if part.type == "datetime"}
    return {part.key: _read(given.get(part.key), is_day=part.key in days) for part in asked.fields}


def typed(value: Any) -> Any:
    """A value as it would have been typed."""
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, int) else value


def _read(value: Any, *, is_day: bool) -> Any:
    return date.fromisoformat(str(value)) if is_day and value else value


def _check_new(db: Session, code: str, translate: Translate) -> None:
    if not CODE.fullmatch(code):
        raise InvalidForm({"code": [translate(N_("Solo lettere minuscole, cifre e trattini."))]})
    try:
        posts.get(db, code)
    except NotYours:
        return
    raise InvalidForm({"code": [translate(N_("C'è già una postazione con questo codice."))]})


def _check_span(found: Mapping[str, Any], translate: Translate) -> None:
    if found["valid_from"] and found["valid_to"] and found["valid_to"] < found["valid_from"]:
        raise InvalidForm({"valid_to": [translate(N_("La fine viene prima dell'inizio."))]})
