"""Half-filled forms, kept while somebody is called away, the tab is killed or the screen locks (threats A38, R28).

A draft holds what a sheet will hold, so it is sealed in the vault of the case or contact it belongs to and is lost with
that key. It is no act of anybody: it is not logged, nobody but its writer reads it, and it goes when the form is filed.
"""

from datetime import datetime, timedelta

import orjson
from sqlalchemy import bindparam, delete, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock, vault
from core.db import Base
from core.errors import BadInput
from notifications.once import insert_once
from tasks.components import Form
from tasks.forms import Paper, Typed, typed

KEPT = timedelta(days=30)
LONGEST = 200_000


class FormDraft(Base):
    """What one user has typed so far in one place: a task, or a page such as the contact form."""

    __tablename__ = "form_draft"
    user_id: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str]
    sealed: Mapped[bytes]
    saved_at: Mapped[datetime] = mapped_column(index=True)


_REMOVE = (
    delete(FormDraft)
    .where(FormDraft.user_id == bindparam("who"), FormDraft.place == bindparam("where"))
    .execution_options(synchronize_session=False)
)


def save(db: Session, place: str, scope: str, values: Typed, *, by: str) -> datetime:
    """Keep what was typed instead of what was kept before, and say when; `scope` is a vault: case, contact or user."""
    text = orjson.dumps(values).decode()
    if len(text) > LONGEST:
        raise BadInput
    row = {"scope": scope, "sealed": vault.seal(db, scope, _field(by, place), text), "saved_at": clock.now()}
    if not insert_once(db, FormDraft, {"user_id": by, "place": place, **row}):
        db.execute(update(FormDraft).where(FormDraft.user_id == by, FormDraft.place == place).values(row))
    return clock.now()


def load(db: Session, place: str, user_id: str) -> Typed | None:
    """What this user typed here and did not file."""
    draft = db.get(FormDraft, (user_id, place))
    if draft is None:
        return None
    found: Typed = orjson.loads(vault.open_(db, draft.scope, _field(user_id, place), draft.sealed))
    return found


def fill(form: Form, kept: Typed | None) -> Typed:
    """What to show in an open form: the draft, else the form's own defaults and the present day or minute where the
    form begins with it."""
    here = clock.now().astimezone(clock.ROME)
    starts = {"today": f"{here:%Y-%m-%d}", "now": f"{here:%Y-%m-%dT%H:%M}"}
    defaults = {part.key: part.default for part in form.fields if part.default is not None}
    defaults |= {part.key: starts[part.start] for part in form.fields if part.start in starts}
    return typed(form, Paper(defaults if kept is None else kept))


def remove(db: Session, place: str, user_id: str) -> None:
    """Forget this draft."""
    db.execute(_REMOVE, {"who": user_id, "where": place})


def sweep(db: Session) -> int:
    """Forget the drafts that nobody has touched for a month; how many there were."""
    old = delete(FormDraft).where(FormDraft.saved_at < clock.now() - KEPT)
    return len(db.scalars(old.returning(FormDraft.place)).all())


def _field(user_id: str, place: str) -> str:
    return f"draft:{user_id}:{place}"
