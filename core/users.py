"""The people who work here: accounts, roles per post, absences. How they log in is `core.sessions`.

A membership is a role in a post; `post` is empty (None in `roles_of`) for roles of the whole office.
"""

import re
from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import ForeignKey, Text, delete, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock, log, passwords
from core.db import Base
from core.errors import N_, InvalidForm
from core.ids import new_id

ROLES = frozenset(
    {
        "nv_operator", "nv_supervisor", "street_worker", "local_desk", "case_manager", "shelter_worker",
        "cultural_mediator", "legal_officer", "supervisor", "coordinator", "auditor", "steering", "admin",
    }
)  # fmt: skip
LANGUAGES = ("it", "en")
THEMES = ("auto", "light", "dark")
TEXT_SIZES = ("normal", "large")
# An address that a letter is made for, in plain letters: no domain in brackets, no comment, no second one.
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){0,8}")
NO_ADDRESS = N_("Scrivi un indirizzo di posta elettronica valido.")


class User(Base):
    """An account of one worker."""

    __tablename__ = "user"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    login: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    mail: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text, default="it")
    password_hash: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(default=True)
    theme: Mapped[str] = mapped_column(Text, default="auto")
    text_size: Mapped[str] = mapped_column(Text, default="normal")
    created_at: Mapped[datetime]


class Membership(Base):
    """A role of a user in a post, or in the whole office when `post` is empty."""

    __tablename__ = "membership"
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id"), primary_key=True)
    role: Mapped[str] = mapped_column(Text, primary_key=True)
    post: Mapped[str] = mapped_column(Text, primary_key=True, default="", index=True)


class Absence(Base):
    """Days on which a deputy stands in for a user; both days belong to it."""

    __tablename__ = "absence"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id"), index=True)
    deputy_id: Mapped[str] = mapped_column(ForeignKey("user.id"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date]


class UserSession(Base):
    """A browser that logged in. Its id is the hash of the cookie value."""

    __tablename__ = "user_session"
    id_hash: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    locked: Mapped[bool] = mapped_column(default=False)
    device: Mapped[str | None] = mapped_column(Text)


# Accounts


def add(
    db: Session, login: str, name: str, mail: str, *, password: str | None = None, language: str = "it", by: str
) -> User:
    """Make an account without roles; without a password nobody can log in to it yet."""
    login = normalise_login(login)
    _check_account(db, login, name, mail, language)
    user = User(
        id=f"u_{new_id()}", login=login, name=name.strip(), mail=mail, language=language, created_at=clock.now()
    )
    db.add(user)
    db.flush()
    log.append(db, "user.added", stream_of(user), by=by)
    if password is not None:
        set_password(db, user, password, by=by)
    return user


def by_login(db: Session, login: str) -> User | None:
    """The account with this login name, in any case."""
    return db.scalar(select(User).where(User.login == normalise_login(login)))


def by_id(db: Session, user_id: str) -> User | None:
    """The account with this id."""
    return db.get(User, user_id)


def normalise_login(login: str) -> str:
    """One spelling per login name."""
    plain = passwords.normalise(login[: passwords.LONGEST]).strip().casefold()
    return "".join(letter for letter in plain if letter.isprintable())


def stream_of(user: User) -> str:
    """The log stream of an account."""
    return f"user:{user.id}"


def set_password(db: Session, user: User, password: str, *, by: str) -> User:
    """Give the account a new password and end its sessions; InvalidForm when the password is weak."""
    user.password_hash = passwords.hash_(passwords.check_new(password, user.login, user.name))
    log.append(db, "password.set", stream_of(user), by=by)
    close_all(db, user, by=by)
    return user


def set_preferences(
    db: Session,
    user: User,
    *,
    language: str | None = None,
    theme: str | None = None,
    text_size: str | None = None,
    by: str,
) -> User:
    """Choose language, colours and size of text; what is not offered changes nothing."""
    user.language = language if language in LANGUAGES else user.language
    user.theme = theme if theme in THEMES else user.theme
    user.text_size = text_size if text_size in TEXT_SIZES else user.text_size
    chosen = {"language": user.language, "theme": user.theme, "text_size": user.text_size}
    log.append(db, "user.changed", stream_of(user), by=by, **chosen)
    return user


def set_mail(db: Session, user: User, mail: str, *, by: str) -> User:
    """Write to another address from now on; InvalidForm where it is none. The log says that it changed, not to what."""
    if not _is_address(mail.strip()):
        raise InvalidForm({"mail": [NO_ADDRESS]})
    user.mail = mail.strip()
    log.append(db, "user.mail_set", stream_of(user), by=by)
    return user


def has_moved(db: Session, user: User, since: datetime) -> bool:
    """Did her letters begin to go to another address at or after an instant?"""
    hers = select(log.Line.id).where(log.Line.stream == stream_of(user), log.Line.verb == "user.mail_set")
    return db.scalar(hers.where(log.Line.at >= since).limit(1)) is not None


def disable(db: Session, user: User, *, by: str) -> User:
    """Close the account: its sessions end now, its history stays."""
    user.active = False
    log.append(db, "user.disabled", stream_of(user), by=by)
    close_all(db, user, by=by)
    return user


def enable(db: Session, user: User, *, by: str) -> User:
    """Open a disabled account again."""
    user.active = True
    log.append(db, "user.enabled", stream_of(user), by=by)
    return user


def close_all(db: Session, user: User, *, by: str) -> int:
    """End every session of a user, on all devices; returns how many there were."""
    db.flush()
    gone = delete(UserSession).where(UserSession.user_id == user.id).returning(UserSession.id_hash)
    closed = len(db.scalars(gone).all())
    if closed:
        log.append(db, "session.closed", stream_of(user), by=by, sessions=closed)
    return closed


def _check_account(db: Session, login: str, name: str, mail: str, language: str) -> None:
    errors: dict[str, list[str]] = {}
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,63}", login):
        errors["login"] = [N_("Il nome utente ha da 2 a 64 lettere minuscole, cifre, punti o trattini.")]
    elif by_login(db, login):
        errors["login"] = [N_("Questo nome utente esiste già.")]
    if not name.strip() or len(name) > 120 or not name.isprintable():
        errors["name"] = [N_("Scrivi nome e cognome, al massimo 120 caratteri.")]
    if not _is_address(mail):
        errors["mail"] = [NO_ADDRESS]
    if language not in LANGUAGES:
        errors["language"] = [N_("Lingua non disponibile.")]
    if errors:
        raise InvalidForm(errors)


def _is_address(mail: str) -> bool:
    return len(mail) <= 254 and ADDRESS.fullmatch(mail) is not None


# Roles and absences


def grant(db: Session, user: User, role: str, post: str | None = None, *, by: str) -> Membership:
    """Give a role in a post; the user logs in again, so that no old page outlives the change."""
    if role not in ROLES:
        raise InvalidForm({"role": [N_("Questo ruolo non esiste.")]})
    found = db.get(Membership, (user.id, role, post or ""))
    if found:
        return found
    membership = Membership(user_id=user.id, role=role, post=post or "")
    db.add(membership)
    log.append(db, "role.granted", stream_of(user), by=by, role=role, post=post)
    close_all(db, user, by=by)
    return membership


def revoke(db: Session, user: User, role: str, post: str | None = None, *, by: str) -> User:
    """Take a role away; the sessions of the user end now."""
    found = db.get(Membership, (user.id, role, post or ""))
    if found:
        db.delete(found)
        log.append(db, "role.revoked", stream_of(user), by=by, role=role, post=post)
        close_all(db, user, by=by)
    return user


def roles_of(db: Session, user: User) -> frozenset[tuple[str, str | None]]:
    """The roles of a user as (role, post); post is None for the whole office."""
    rows = db.execute(select(Membership.role, Membership.post).where(Membership.user_id == user.id))
    return frozenset((role, post or None) for role, post in rows)


def holders(db: Session, role: str, post: str | None = None) -> list[User]:
    """The active users with a role in a post (or in the whole office), by login name."""
    joined = select(User).join(Membership, Membership.user_id == User.id).order_by(User.login)
    return list(db.scalars(joined.where(User.active, Membership.role == role, Membership.post == (post or ""))))


def members(db: Session, posts: Collection[str]) -> list[User]:
    """The active users with any role in these posts, by name."""
    there = select(Membership.user_id).where(Membership.post.in_(posts))
    return list(db.scalars(select(User).where(User.active, User.id.in_(there)).order_by(User.name, User.id)))


def add_absence(db: Session, user: User, deputy: User, from_on: date, to_on: date, *, by: str) -> Absence:
    """Let a deputy, who is not away then, stand in for a user on these days."""
    if to_on < from_on:
        raise InvalidForm({"to_on": [N_("La fine dell'assenza viene prima dell'inizio.")]})
    if deputy.id == user.id:
        raise InvalidForm({"deputy": [N_("Nessuno può sostituire sé stesso.")]})
    if _is_away(db, user.id, from_on, to_on):
        raise InvalidForm({"from_on": [N_("In questi giorni c'è già un'assenza: prima toglila.")]})
    if not deputy.active or _is_away(db, deputy.id, from_on, to_on):
        raise InvalidForm({"deputy": [N_("In questi giorni è assente anche lei o lui: scegli un'altra persona.")]})
    absence = Absence(id=new_id(), user_id=user.id, deputy_id=deputy.id, from_on=from_on, to_on=to_on)
    db.add(absence)
    log.append(db, "absence.recorded", stream_of(user), by=by, deputy=deputy.id, from_on=from_on, to_on=to_on)
    return absence


def end_absence(db: Session, absence: Absence, *, by: str) -> Absence:
    """The user is back from today on; an absence that had not begun is taken away."""
    today = clock.today()
    if absence.from_on >= today:
        db.delete(absence)
    else:
        absence.to_on = min(absence.to_on, today - timedelta(days=1))
    log.append(db, "absence.ended", f"user:{absence.user_id}", by=by, deputy=absence.deputy_id, absence=absence.id)
    return absence


def absences(db: Session, user_ids: Collection[str]) -> list[Absence]:
    """The absences of these users that are not over, and those in which one of them stands in; the earliest first."""
    concerned = or_(Absence.user_id.in_(user_ids), Absence.deputy_id.in_(user_ids))
    query = select(Absence).where(concerned, Absence.to_on >= clock.today())
    return list(db.scalars(query.order_by(Absence.from_on, Absence.id)))


def _is_away(db: Session, user_id: str, from_on: date, to_on: date) -> bool:
    within = (Absence.from_on <= to_on, Absence.to_on >= from_on)
    return db.scalar(select(Absence.id).where(Absence.user_id == user_id, *within).limit(1)) is not None


def stands_in_for(db: Session, user_id: str, on: date) -> frozenset[str]:
    """The ids of the users for whom this one stands in on a day."""
    days = (Absence.from_on <= on, Absence.to_on >= on)
    return frozenset(db.scalars(select(Absence.user_id).where(Absence.deputy_id == user_id, *days)))


def away_on(db: Session, on: date) -> dict[str, str]:
    """The ids of all who are away on a day, each with that of her deputy."""
    found = db.scalars(select(Absence).where(Absence.from_on <= on, Absence.to_on >= on).order_by(Absence.id.desc()))
    return {each.user_id: each.deputy_id for each in found}


def deputy_of(db: Session, user_id: str, on: date) -> str | None:
    """The id of whoever stands in for a user on a day, if the user is away."""
    days = (Absence.from_on <= on, Absence.to_on >= on)
    return db.scalar(select(Absence.deputy_id).where(Absence.user_id == user_id, *days).order_by(Absence.id).limit(1))
