"""The end of an account: whatever it had opened is closed with it, and stays closed if the account is opened again."""

from sqlalchemy.orm import Session

from core import users
from core.errors import N_, WrongOrder
from core.users import User
from notifications import push
from tasks import feeds, subjects


def close(db: Session, user: User, *, by: str) -> None:
    """End an account, its sessions, the address of its calendar and its devices; its history stays.

    Raises WrongOrder for the only one of the coordination: nobody could give roles any more.
    """
    if subjects.coordinators(db) == [user]:
        raise WrongOrder(N_("È l'unica utenza del coordinamento: prima danne il ruolo a un'altra."))
    users.disable(db, user, by=by)
    feeds.end(db, user.id, by=by)
    for device in push.devices(db, user.id):
        push.remove(db, user.id, device.id, by=by)
