"""Logging in: passwords checked, guessing slowed down, sessions that live on the server.

The database keeps only the hash of a cookie: whoever reads the table cannot take a session over, and closing one works
at once on every device.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import BigInteger, ForeignKey, Integer, Text, bindparam, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock, log, passwords
from core.db import Base, upsert
from core.errors import BadLogin
from core.users import Membership, User, UserSession, by_login, normalise_login, stream_of

LOCK_AFTER = timedelta(minutes=10)
IDLE_LIMIT = timedelta(hours=2)
LIFETIME = timedelta(hours=12)
# Written at most this often, so that a page with many parts does not queue on its own session row.
SEEN_EVERY = timedelta(seconds=30)
WINDOW = timedelta(minutes=15)
ACCOUNT_LIMIT, ADDRESS_LIMIT = 10, 30
KNOWN_FOR = timedelta(days=90)


class KnownDevice(Base):
    """A browser from which the user logged in before: strangers' guesses do not lock it out."""

    __tablename__ = "known_device"
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id"), primary_key=True)
    device: Mapped[str] = mapped_column(Text, primary_key=True)
    seen_at: Mapped[datetime]


class LoginFailure(Base):
    """A refused login. The name is hashed: people type passwords into the wrong field."""

    __tablename__ = "login_failure"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    login_hash: Mapped[str] = mapped_column(Text, index=True)
    address: Mapped[str] = mapped_column(Text, index=True)
    device: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]


class Found(NamedTuple):
    """Whose session a cookie is; a locked one may do nothing but unlock or end."""

    user: User
    session: UserSession
    locked: bool
    roles: frozenset[tuple[str, str | None]]


def check_password(db: Session, login: str, password: str, *, address: str, device: str | None = None) -> User:
    """The account with this login and password; BadLogin otherwise, the same for every cause and in the same time.

    The request that raises BadLogin is rolled back: who catches it calls `note_failure` in a transaction of its own.
    """
    user = by_login(db, login)
    throttled = is_throttled(db, login, user, address=address, device=device)
    right = passwords.matches(user.password_hash if user and user.active and not throttled else None, password)
    if user is None or not right:
        raise BadLogin
    if user.password_hash and passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hash_(password)
    return user


def is_throttled(db: Session, login: str, user: User | None, *, address: str, device: str | None = None) -> bool:
    """Too many failures of this account or from this address; a known device has a count of its own."""
    if user and _is_known(db, user, device):
        return _failures(db, login_hash=_digest(normalise_login(login)), device=_device_digest(device)) >= ACCOUNT_LIMIT
    account = _failures(db, login_hash=_digest(normalise_login(login)))
    return account >= ACCOUNT_LIMIT or _failures(db, address=address) >= ADDRESS_LIMIT


def note_failure(db: Session, login: str, *, address: str, device: str | None = None) -> None:
    """Count a refused login against the account and the address; beyond both limits nothing more is written."""
    user, login_hash, now = by_login(db, login), _digest(normalise_login(login)), clock.now()
    counts = _failures(db, login_hash=login_hash), _failures(db, address=address)
    known = device is not None and user is not None and _is_known(db, user, device)
    if counts[0] >= ACCOUNT_LIMIT and counts[1] >= ADDRESS_LIMIT and not known:
        return
    db.execute(delete(LoginFailure).where(LoginFailure.at < now - timedelta(days=1)))
    db.add(LoginFailure(login_hash=login_hash, address=address, device=_device_digest(device), at=now))
    if user and counts[0] < ACCOUNT_LIMIT:
        log.append(db, "login.refused", stream_of(user), by=user.id)


def _failures(db: Session, **where: str | None) -> int:
    query = select(func.count()).select_from(LoginFailure).where(LoginFailure.at > clock.now() - WINDOW)
    return db.scalar(query.filter_by(**where)) or 0


def _is_known(db: Session, user: User, device: str | None) -> bool:
    found = db.get(KnownDevice, (user.id, _device_digest(device))) if device else None
    return found is not None and found.seen_at > clock.now() - KNOWN_FOR


def open_session(db: Session, user: User, *, device: str | None = None) -> str:
    """Start a session and return the value for its cookie, which is not kept here.

    `device` is the value of a long-lived cookie of the browser; it makes the device known.
    """
    now, value = clock.now(), secrets.token_urlsafe(32)
    db.execute(delete(UserSession).where(UserSession.expires_at <= now))
    if device:
        known = upsert(db, KnownDevice).values(user_id=user.id, device=_device_digest(device), seen_at=now)
        db.execute(known.on_conflict_do_update(index_elements=["user_id", "device"], set_={"seen_at": now}))
    session = UserSession(id_hash=_digest(value), user_id=user.id, created_at=now, seen_at=now)
    session.expires_at, session.device = now + LIFETIME, _device_digest(device)
    db.add(session)
    log.append(db, "session.opened", stream_of(user), by=user.id)
    return value


# Asked by every page: whose it is and what she may do, in one statement, made once.
_KNOWN = (
    select(UserSession, User, Membership.role, Membership.post)
    .join(User, User.id == UserSession.user_id)
    .outerjoin(Membership, Membership.user_id == User.id)
    .where(UserSession.id_hash == bindparam("digest"))
)


def find_session(db: Session, value: str, *, touch: bool = True) -> Found | None:
    """Whose session this cookie is, or None: unknown, closed, over after 12 hours or 2 idle ones, account disabled.

    After 10 idle minutes it is locked. `touch=False` is for calls that the page makes by itself.
    """
    known = db.execute(_KNOWN, {"digest": _digest(value)}).all()
    now = clock.now()
    if not known:
        return None
    session, user, _, _ = known[0]
    if not user.active or now >= min(session.expires_at, session.seen_at + IDLE_LIMIT):
        return None
    locked = session.locked or now - session.seen_at > LOCK_AFTER
    if touch and not locked and now - session.seen_at > SEEN_EVERY:
        # An UPDATE, never an INSERT: a slow request must not bring a closed session back to life.
        db.execute(update(UserSession).where(UserSession.id_hash == session.id_hash).values(seen_at=now))
    return Found(user, session, locked, frozenset((role, post or None) for _, _, role, post in known if role))


def left_by(db: Session, value: str) -> Found | None:
    """Whose session this cookie was, if it ended for want of a touch within its 12 hours; None otherwise.

    It opens nothing: it says for whom to keep what was still in her form.
    """
    known = db.execute(_KNOWN, {"digest": _digest(value)}).all()
    if not known:
        return None
    session, user, _, _ = known[0]
    if not user.active or not session.seen_at + IDLE_LIMIT <= clock.now() < session.expires_at:
        return None
    return Found(user, session, True, frozenset((role, post or None) for _, _, role, post in known if role))


def lock_session(db: Session, value: str) -> None:
    """Lock the screen now."""
    db.execute(update(UserSession).where(UserSession.id_hash == _digest(value)).values(locked=True))


def unlock_session(db: Session, value: str, password: str, *, address: str, device: str | None = None) -> Found:
    """Go on with a locked session after the password; BadLogin otherwise."""
    found = find_session(db, value, touch=False)
    if found is None:
        raise BadLogin
    user = check_password(db, found.user.login, password, address=address, device=device)
    change = update(UserSession).where(UserSession.id_hash == found.session.id_hash)
    db.execute(change.values(locked=False, seen_at=clock.now()))
    log.append(db, "session.unlocked", stream_of(user), by=user.id)
    return Found(user, found.session, False, found.roles)


def close_session(db: Session, value: str, *, by: str) -> None:
    """End one session: the cookie is worth nothing from now on."""
    session = db.get(UserSession, _digest(value))
    if session:
        db.delete(session)
        log.append(db, "session.closed", f"user:{session.user_id}", by=by)


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode(errors="replace")).hexdigest()


def _device_digest(device: str | None) -> str | None:
    return _digest(device) if device else None
