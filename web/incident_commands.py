"""`approdo incidents`: what stopped, and the ways on, for who looks after the system without a browser."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager

import click
import orjson
from sqlalchemy.orm import Session

from engine import incidents
from engine.tables import Incident
from tasks import incidents as stopped

Transaction = Callable[[], AbstractContextManager[Session]]
WHAT_IT_DOES = {
    stopped.RETRY: "Let the clock try INCIDENT again.",
    stopped.SKIP: "Let the pathway go on without what fails in INCIDENT.",
    stopped.RESOLVE: "Take INCIDENT off the list with an explanation.",
}


def commands(name: str, transaction: Transaction) -> click.Group:
    """The group of commands, on one installation's database."""
    found = click.Group(name, help="Pathways that stopped.")
    found.add_command(_list(transaction))
    for way in stopped.WAYS:
        found.add_command(_settle(way, transaction))
    return found


def _list(transaction: Transaction) -> click.Command:
    @click.command(name="list")
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
    def command(as_json: bool) -> None:
        """What stopped and waits for somebody, oldest first; exit 1 if there is any."""
        with transaction() as db:
            found = incidents.open_incidents(db)
        if as_json:
            click.echo(orjson.dumps([_record(one) for one in found], option=orjson.OPT_INDENT_2).decode())
        for one in () if as_json else found:
            click.echo(f"{one.id}  {one.raised_at:%Y-%m-%d %H:%M} UTC  {one.business_key}  {one.element}: {one.words}")
        sys.exit(bool(found))

    return command


def _record(incident: Incident) -> dict[str, object]:
    return {
        "id": incident.id, "business_key": incident.business_key, "element": incident.element,
        "raised_at": incident.raised_at, "attempts": incident.attempts, "sentence": incident.words,
    }  # fmt: skip


def _settle(way: str, transaction: Transaction) -> click.Command:
    @click.command(name=way, help=WHAT_IT_DOES[way])
    @click.argument("incident")
    @click.option("--reason", required=True, help="Why; no names.")
    def command(incident: str, reason: str) -> None:
        with transaction() as db:
            stopped.settle(db, incident, way, reason, by="cli")
        click.echo("Fatto.")

    return command
