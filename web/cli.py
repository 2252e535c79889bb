"""The command line: `approdo`. Every command reads the same settings as the processes do."""

import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import orjson
from sqlalchemy.orm import Session

import migrations
from cases import bodies, offices, posts, search, terms
from core import db, passwords, vault
from core.calendar import Computed
from core.clock import ROME
from core.config import Config, is_installed
from core.errors import N_, BadInput, ConfigError, InvalidForm, Refused
from engine import decisions, feel, incidents, lint, registry, schema
from engine import services as engine_services
from engine.findings import Finding
from notifications import outbox
from notifications import sink as mail_sink
from tasks import (
    beats,
    exchange,
    formbook,
    forms,
    leaflets,
    lists,
    schedule,
    sending,
    services,
    statistics,
)
from tasks import demo as invented
from web import audit_commands, folder_commands, incident_commands, labels, statistics_commands, user_commands

WORKFLOWS = Path(__file__).parents[1] / "workflows"


class Commands(click.Group):
    """A refusal is one sentence and exit 1, never a trace."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigError as problem:
            raise click.ClickException(str(problem)) from problem
        except InvalidForm as problem:
            sentences = [words for found in problem.errors.values() for words in found]
            raise click.ClickException(" ".join(sentences)) from problem
        except Refused as problem:
            raise click.ClickException("\n".join(folder_commands.said(problem))) from problem


@click.group(cls=Commands)
def main() -> None:
    """Approdo: the protection pathway, driven by models."""


def _config() -> Config:
    config = Config.read(os.environ)
    config.var.mkdir(parents=True, exist_ok=True)
    passwords.configure(config.password_memory_kib)
    return config


def _transaction() -> AbstractContextManager[Session]:
    """One transaction on the configured database, with the keys loaded."""
    config = _config()
    vault.load_keys(config.keys)
    db.connect(config.database_url)
    services.offer()
    return db.transaction()


# Processes


@main.command()
def serve() -> None:
    """Answer the browsers."""
    from web import server

    server.serve(_config())


@main.command()
def clock() -> None:
    """Do what is due: timers, reminders, mail."""
    schedule.main()


@main.command()
def sink() -> None:
    """Take mail into a folder, for the demo on this machine."""
    mail_sink.main()


@main.command()
def demo() -> None:
    """Prepare an invented office on this machine; a second time it changes nothing."""
    config = _config()
    if not config.demo:
        raise click.ClickException("La dimostrazione va chiesta: APPRODO_DEMO=1.")
    vault.load_keys(config.keys)
    migrations.upgrade(db.connect(config.database_url))
    with db.transaction() as tx:
        publish_shipped(tx)
    with db.transaction() as tx:
        logins = invented.fill(tx)
    click.echo(f"Approdo: {config.base_url}")
    click.echo(f"Password di tutti: {invented.PASSWORD}")
    for login, who in logins:
        click.echo(f"  {login:<12} {who}")


# Database


@main.group(name="db")
def database() -> None:
    """The database."""


@database.command(name="upgrade")
def upgrade() -> None:
    """Bring the schema to the newest revision."""
    migrations.upgrade(db.connect(_config().database_url))
    click.echo("Lo schema è aggiornato.")


# Models


@main.group()
def models() -> None:
    """Pathways, decisions, forms, terms, directory."""


def publish_shipped(tx: Session) -> list[str]:
    """Terms and directory, then forms, tables and models; each names what stands before it. Return the new files."""
    services.offer()
    terms.load(tx, (WORKFLOWS / "terms.toml").read_text(), by="deploy")
    posts.load(tx, (WORKFLOWS / "directory.toml").read_text(), by="deploy")
    offices.load(tx, (WORKFLOWS / "offices.toml").read_text(), by="deploy")
    bodies.load(tx, (WORKFLOWS / "bodies.toml").read_text(), by="deploy")
    leaflets.load(tx, by="deploy")
    return exchange.publish(tx, exchange.files_of([WORKFLOWS]), by=exchange.DEPLOY)


folder_commands.add_to(models, _transaction, publish_shipped)


@models.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(files: tuple[Path, ...], as_json: bool) -> None:
    """Say what FILES may not contain; exit 1 when one of them could not be published.

    Where no office was made yet, what only an office knows (published tables and pathways) is not judged.
    """
    known = _names()
    found = [(file, finding) for file in files for finding in _check(known, file)]
    if as_json:
        click.echo(orjson.dumps([_record(file, finding) for file, finding in found], option=orjson.OPT_INDENT_2))
    else:
        for file, finding in found:
            click.echo(f"{file}:{folder_commands.line_of(finding)}")
    sys.exit(any(finding.level == "error" for _, finding in found))


def _names() -> lint.Known:
    if is_installed(os.environ):
        with _transaction() as tx:
            return registry.known(tx, formbook.known(tx))
    services.offer()
    return lint.Known(services=engine_services.known(), forms=forms.known())


def _check(known: lint.Known, file: Path) -> Iterable[Finding]:
    data = file.read_bytes()
    if file.suffix == ".dmn":
        return [*decisions.check(data), *schema.check(data)]
    if file.suffix == ".json":
        return forms.check(data, file.stem, lists.known())
    return [*lint.check(data, known), *schema.check(data)]


def _record(file: Path, finding: Finding) -> dict[str, object]:
    return {
        "file": str(file), "line": finding.line, "element": finding.element, "name": finding.name,
        "sentence": finding.text, "level": finding.level,
    }  # fmt: skip


# Log, law


@main.command(name="feel")
@click.argument("expression")
@click.option("--context", default="{}", help="A JSON object of names and values.")
def feel_(expression: str, context: str) -> None:
    """Evaluate a FEEL EXPRESSION and print the result as JSON, or say in one sentence what is wrong."""
    code, answer = feel.explain(expression, context)
    click.echo(answer, err=code > 0)
    sys.exit(code)


@main.group(name="terms")
def terms_() -> None:
    """Terms of law."""


@terms_.command()
@click.argument("term")
@click.option("--from", "start", help="The day of the event, 2027-12-15; for a term in hours also 2027-12-15T10:30.")
@click.option("--office", help="Where the act is filed, by town or province: its closed days count too.")
@click.option("--august", is_flag=True, help="Stand still from 1 to 31 August, as terms of court do.")
@click.option("--saturday", is_flag=True, help="Move on from a Saturday, as acts of court do.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def compute(term: str, start: str | None, office: str | None, august: bool, saturday: bool, as_json: bool) -> None:
    """When TERM ends for an event of a day, and the last working day to act."""
    at = _event(start)
    with _transaction() as tx:
        place = offices.find(tx, office) if office else None
        version = terms.on(tx, term.strip(), at.date())
        where = offices.calendar_of(tx, place.code if place else None)
        day = at if version.unit == "hour" else at.date()
        computed = terms.compute(version, day, office=where, august=august, saturday=saturday)
    found = _computed(version, start, computed, place.code if place else None)
    click.echo(orjson.dumps(found).decode() if as_json else _told(found))


def _event(text: str | None) -> datetime:
    """The event as typed, on the clocks of Italy; a day alone is its first moment."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        raise BadInput(N_("Scrivi il giorno del fatto così: --from 2027-12-15.")) from None
    return at.replace(tzinfo=ROME) if at.tzinfo is None else at.astimezone(ROME)


def _computed(version: terms.Term, start: str | None, computed: Computed, office: str | None) -> dict[str, Any]:
    at = computed.at.astimezone(ROME).isoformat(timespec="minutes") if computed.at else None
    return {
        "term": version.id, "version": version.version, "name": version.name, "source": version.source,
        "kind": version.kind, "length": version.length, "unit": version.unit, "certainty": version.certainty,
        "unsure": version.is_unsure, "valid_from": _iso(version.valid_from), "valid_to": _iso(version.valid_to),
        "from": start, "office": office, "due": str(computed.due), "at": at,
        "last_working_day": str(computed.last_working_day),
    }  # fmt: skip


def _told(found: Mapping[str, Any]) -> str:
    sure = ", da verificare" if found["unsure"] else ""
    end = found["at"] or found["due"]
    return (
        f"{found['term']}, versione {found['version']}: {found['name']}\n"
        f"fonte: {found['source']} (certezza {found['certainty']}{sure})\n"
        f"scade il {end}, ultimo giorno lavorativo {found['last_working_day']}"
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


@terms_.command(name="offices")
def list_offices() -> None:
    """The offices whose closed days are known."""
    with _transaction() as tx:
        for office in offices.list_(tx):
            click.echo(f"{office.code:<12} {office.name} ({office.province})")


@main.group(name="search")
def search_() -> None:
    """Search before you open."""


@search_.command(name="rebuild")
def rebuild() -> None:
    """Make the fingerprints of every person and contact anew; after an upgrade or a change of index.key."""
    with _transaction() as tx:
        count = search.rebuild(tx, by="cli")
        statistics.rebuild(tx)
    click.echo(f"Si possono ritrovare: {count}")


@main.command()
def status() -> None:
    """Is the clock ticking, is anything parked? Exit 1 if somebody should look."""
    with _transaction() as tx:
        pulse, ticked = beats.pulse(tx), beats.list_(tx)
        parked, by_way = incidents.open_incidents(tx), outbox.by_way(tx)
        stuck, apart = sending.stuck(tx, _config()), schedule.apart(tx)
    unsent = sum(counts.get("failed", 0) for counts in by_way.values())
    for beat in ticked:
        click.echo(f"{beat.name:<10} {beat.at:%Y-%m-%d %H:%M:%S} UTC  fatti {beat.fired}, falliti {beat.failed}")
    click.echo(f"anomalie aperte: {len(parked) + unsent}")
    for way, counts in by_way.items():
        waiting, failed = counts.get("queued", 0), counts.get("failed", 0)
        click.echo(f"messaggi per {labels.OUTWAYS[way]}: in attesa {waiting}, non partiti {failed}")
    click.echo(f"l'orologio è fermo {_since(pulse.clock)}" if pulse.clock else "l'orologio batte")
    click.echo(f"la posta non parte {_since(pulse.mail)}" if pulse.mail else "la posta parte")
    if pulse.jump:
        click.echo(_moved(pulse.jump))
    if apart:
        minutes = int(apart.total_seconds() // 60)
        click.echo(f"l'ora di questa macchina e quella del database differiscono di {minutes} minuti")
    for one in stuck:
        click.echo(f"{labels.OUTWAYS[one.way]}: non parte niente {_since(one.late)} {one.error}".rstrip())
    sys.exit(bool(pulse.clock or pulse.mail or pulse.jump or parked or unsent or stuck or apart))


def _moved(jump: beats.Beat) -> str:
    way, at = "in avanti" if jump.fired > 0 else "indietro", jump.at.astimezone(ROME)
    return (
        f"l'orologio di questa macchina è stato spostato {way} di {abs(jump.fired)} minuti alle {at:%H:%M} del "
        f"{at:%d/%m/%Y}: guarda se l'ora è giusta"
    )


def _since(late: timedelta) -> str:
    return "da sempre" if late > timedelta(days=365) else f"da {int(late.total_seconds() // 60)} minuti"


main.add_command(statistics_commands.command("statistics", _transaction))
main.add_command(user_commands.commands("users", _transaction))
main.add_command(incident_commands.commands("incidents", _transaction))
main.add_command(audit_commands.commands("audit", _transaction, _config))
