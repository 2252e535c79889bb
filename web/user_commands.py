"""`approdo users`: who may come in, for who looks after the system."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import click
from sqlalchemy.orm import Session

from cases import posts
from core import users
from core.users import User
from tasks import accounts, mailboxes

Transaction = Callable[[], AbstractContextManager[Session]]


def commands(name: str, transaction: Transaction) -> click.Group:
    """The group of commands, on one installation's database."""
    found = click.Group(name, help="Accounts.")
    for command in (_add, _mail, _close, _open):
        found.add_command(command(transaction))
    return found


def _add(transaction: Transaction) -> click.Command:
    @click.command(name="add")
    @click.argument("login")
    @click.option("--name", required=True)
    @click.option("--mail", required=True)
    @click.option("--role", "roles", multiple=True, help="ROLE or ROLE@POST, as often as needed.")
    @click.password_option()
    def command(login: str, name: str, mail: str, roles: tuple[str, ...], password: str) -> None:
        """Make the account LOGIN; the password is asked for."""
        with transaction() as db:
            user = users.add(db, login, name, mail, password=password, by="cli")
            for role in roles:
                kind, _, post = role.partition("@")
                users.grant(db, user, kind, posts.get_valid(db, post).code if post else None, by="cli")
        click.echo(f"Creato {user.login}.")

    return command


def _mail(transaction: Transaction) -> click.Command:
    @click.command(name="mail")
    @click.argument("login")
    @click.argument("address")
    def command(login: str, address: str) -> None:
        """Write to LOGIN at ADDRESS from now on."""
        with transaction() as db:
            user = users.set_mail(db, _get(db, login), address, by="cli")
            mailboxes.reopen(db, user, by="cli")
        click.echo(f"Ora scriviamo a {user.login} al nuovo indirizzo.")

    return command


def _close(transaction: Transaction) -> click.Command:
    @click.command(name="close")
    @click.argument("login")
    def command(login: str) -> None:
        """End the account LOGIN with its sessions, its calendar address and its devices; what it did stays written."""
        with transaction() as db:
            user = _get(db, login)
            accounts.close(db, user, by="cli")
        click.echo(f"L'utenza di {user.login} è chiusa.")

    return command


def _open(transaction: Transaction) -> click.Command:
    @click.command(name="open")
    @click.argument("login")
    def command(login: str) -> None:
        """Open the account LOGIN again after it was closed."""
        with transaction() as db:
            user = users.enable(db, _get(db, login), by="cli")
        click.echo(f"L'utenza di {user.login} è di nuovo aperta.")

    return command


def _get(db: Session, login: str) -> User:
    user = users.by_login(db, login)
    if user is None:
        raise click.ClickException(f"Nessuna utenza si chiama «{login}».")
    return user
