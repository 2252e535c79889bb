"""Posts (postazioni): the nodes of the network that answer, receive, host; the Questura referents.

A post is central (the national desk), local (a desk of a territory), project (a programma unico) or shelter (the staff
of one house). Territory, telephone and lead body have validity dates: a project ends, its cases do not. Who is on call
for a post is in `cases/rota.py`.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import codes
from cases.territory import check_province
from core import clock, log
from core.db import Base
from core.errors import N_, InvalidForm, NotYours
from core.ids import new_id

KINDS = ("central", "local", "project", "shelter")
LEAD = ("lead", "lead_kind", "register_section", "register_number", "register_checked_on")
# Where a territory has both, its own desk answers before the project does.
ORDER_OF_ANSWER = {"local": 0, "project": 1, "central": 2}


class Post(Base):
    """A node of the network. Public data of a body, never of a person in its care. Section and number are those of its
    lead body in the register of art. 52 DPR 394/1999, with the day on which somebody looked."""

    __tablename__ = "post"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    lead: Mapped[str | None] = mapped_column(Text)
    lead_kind: Mapped[str | None] = mapped_column(Text)
    register_section: Mapped[str | None] = mapped_column(Text)
    register_number: Mapped[str | None] = mapped_column(Text)
    register_checked_on: Mapped[date | None]
    phone: Mapped[str | None] = mapped_column(Text)
    provinces: Mapped[list[str]]
    seat: Mapped[str | None] = mapped_column(Text)  # the province in which its office sits, with that office's calendar
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    # A coordinator has changed it here: what is shipped no longer does.
    kept_here: Mapped[bool] = mapped_column(default=False)


class Referent(Base):
    """The officer named by a Questura as the privileged channel of the projects of its province."""

    __tablename__ = "referent"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    province: Mapped[str] = mapped_column(Text, index=True)
    office: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    contact: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(Text)
    protocol: Mapped[str | None] = mapped_column(Text)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


def get(db: Session, code: str) -> Post:
    """The post with this code, also when it is no longer valid."""
    post = db.get(Post, code)
    if post is None:
        raise NotYours
    return post


def get_valid(db: Session, code: str, *, field: str = "post") -> Post:
    """The post with this code, if it works today; else a sentence beside the field."""
    post = db.get(Post, code)
    if post is None or not _is_valid(post, clock.today()):
        raise InvalidForm({field: [N_("Questa postazione non esiste o non è più attiva.")]})
    return post


def list_(db: Session, on: date, kind: str | None = None) -> list[Post]:
    """The posts that work on a day, by name."""
    query = _valid_on(on).order_by(Post.name)
    return list(db.scalars(query if kind is None else query.where(Post.kind == kind)))


def list_all(db: Session) -> list[Post]:
    """Every post there ever was, those that work today first, by name."""
    today = clock.today()
    return sorted(db.scalars(select(Post)), key=lambda post: (not _is_valid(post, today), post.kind, post.name))


def route(db: Session, province: str | None, on: date) -> Post | None:
    """The post that answers for a province: its desk, else its project, else the central desk."""
    found = [post for post in list_(db, on) if _answers_for(post, province)]
    return min(found, key=lambda post: (ORDER_OF_ANSWER[post.kind], post.code), default=None)


def record(db: Session, code: str, facts: Mapping[str, Any], *, by: str) -> Post:
    """Add a post or change it; the same facts twice change nothing."""
    values = _checked(facts)
    post = db.get(Post, code)
    if post is not None and all(getattr(post, name) == value for name, value in values.items()):
        return post
    verb = "post.added" if post is None else "post.changed"
    post = post or Post(code=code)
    for name, value in values.items():
        setattr(post, name, value)
    db.add(post)
    db.flush()
    log.append(db, verb, f"post:{code}", by=by, kind=post.kind, valid_from=post.valid_from, valid_to=post.valid_to)
    return post


def name_referent(db: Session, province: str, facts: Mapping[str, Any], *, by: str) -> Referent:
    """Record who a Questura has named, one of several perhaps; the same nomination twice is one."""
    province, start = check_province("province", province), facts["valid_from"]
    same = (Referent.province == province, Referent.valid_from == start, Referent.name == facts["name"])
    referent = db.scalar(select(Referent).where(*same))
    if referent is not None and all(getattr(referent, name) == value for name, value in facts.items()):
        return referent
    referent = referent or Referent(id=new_id(), province=province)
    for name, value in facts.items():
        setattr(referent, name, value)
    db.add(referent)
    log.append(db, "referent.named", f"questura:{province}", by=by, valid_from=start, valid_to=referent.valid_to)
    return referent


def referents(db: Session, province: str, on: date) -> list[Referent]:
    """The referents of a Questura on a day."""
    query = select(Referent).where(Referent.province == province, *_in_charge(on))
    return list(db.scalars(query.order_by(Referent.valid_from)))


def list_referents(db: Session) -> list[Referent]:
    """Every officer that a Questura has named, by province, the newest first."""
    return list(db.scalars(select(Referent).order_by(Referent.province, Referent.valid_from.desc())))


def provinces_with_referent(db: Session, on: date) -> frozenset[str]:
    """The provinces whose Questura has an officer in charge on a day."""
    return frozenset(db.scalars(select(Referent.province).where(*_in_charge(on))))


def load(db: Session, toml: str, *, by: str) -> list[Post]:
    """Bring the directory up to date with the text of `workflows/directory.toml`; loading twice changes nothing.

    A post that a coordinator has changed in the browser stays as she left it.
    """
    data = tomllib.loads(toml)
    ours = set(db.scalars(select(Post.code).where(Post.kept_here)))
    entries = [entry for entry in data.get("post", []) if entry["code"] not in ours]
    posts = [record(db, entry.pop("code"), entry, by=by) for entry in entries]
    for entry in data.get("referent", []):
        name_referent(db, entry.pop("province"), entry, by=by)
    return posts


def _checked(facts: Mapping[str, Any]) -> dict[str, Any]:
    if facts.get("kind") not in KINDS:
        raise InvalidForm({"kind": [N_("Una postazione è centrale, locale, di progetto o di struttura.")]})
    for name, known in (("lead_kind", codes.LEAD_KINDS), ("register_section", codes.REGISTER_SECTIONS)):
        if facts.get(name):
            codes.check(name, known, facts[name])
    return {
        "name": facts["name"],
        "kind": facts["kind"],
        **{name: facts.get(name) for name in LEAD},
        "phone": facts.get("phone"),
        "provinces": [check_province("provinces", code) for code in facts.get("provinces", [])],
        "seat": check_province("seat", facts["seat"]) if facts.get("seat") else None,
        "valid_from": facts.get("valid_from"),
        "valid_to": facts.get("valid_to"),
        "kept_here": bool(facts.get("kept_here")),
    }


def _in_charge(on: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Referent.valid_from <= on, or_(Referent.valid_to.is_(None), Referent.valid_to >= on)


def _valid_on(on: date) -> Select[Post]:
    begun = or_(Post.valid_from.is_(None), Post.valid_from <= on)
    not_over = or_(Post.valid_to.is_(None), Post.valid_to >= on)
    return select(Post).where(begun, not_over)


def _is_valid(post: Post, on: date) -> bool:
    return (post.valid_from is None or post.valid_from <= on) and (post.valid_to is None or on <= post.valid_to)


def _answers_for(post: Post, province: str | None) -> bool:
    return post.kind == "central" or (post.kind != "shelter" and province in post.provinces)
