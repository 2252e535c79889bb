"""`approdo models export` and `publish`: what is in force into a folder, and what was changed there in again."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import click
from sqlalchemy.orm import Session

from core.errors import InvalidModel, Refused
from engine.findings import Finding
from tasks import exchange, folders

Transaction = Callable[[], AbstractContextManager[Session]]
TOLD = {
    folders.PUBLISHED: "pubblicato",
    folders.PROPOSED: "proposto: lo conferma un'altra persona del coordinamento",
    folders.WAITS: "in bozza: nomina un modulo o una tabella che non sono ancora confermati; poi ripeti",
    folders.NOT_CONFIRMED: "non è stato confermato: il motivo è nella bozza; cambia il file, o proponilo nel browser",
    folders.BEHIND: "qui non è cambiato, ma è in vigore la versione {}: esporta di nuovo",
}


def add_to(group: click.Group, transaction: Transaction, publish_shipped: Callable[[Session], list[str]]) -> None:
    """Give the group its two commands, on one installation's database."""
    group.add_command(_publish(transaction, publish_shipped))
    group.add_command(_export(transaction))


def said(problem: Refused) -> list[str]:
    """A refusal as lines: of a model each finding, of a folder each file."""
    if isinstance(problem, InvalidModel):
        return [line_of(finding) for finding in problem.findings if isinstance(finding, Finding)]
    if isinstance(problem, folders.NotAll):
        lines = [f"  {path}: {line}" for path, one in problem.problems for line in said(one)]
        return [str(problem), *lines]
    return [str(problem)]


def line_of(finding: Finding) -> str:
    """One finding as a line: where, and what is wrong."""
    where = f"riga {finding.line}, " if finding.line else ""
    return f"{where}{finding.element}: {finding.text}"


def _publish(transaction: Transaction, publish_shipped: Callable[[Session], list[str]]) -> click.Command:
    @click.command(name="publish")
    @click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
    @click.option("--by", help="Who proposes: the login of a coordinator.")
    @click.option("--reason", default="", help="What changes and why, for who confirms it; no names.")
    def command(files: tuple[Path, ...], by: str | None, reason: str) -> None:
        """Propose what changed in FILES (.bpmn, .dmn, .json) and folders of them; without any, publish what is shipped.

        A folder is one that `export` wrote: bpmn/, dmn/, forms/ and manifest.json, which says from which version each
        file was written. What changed becomes a draft in the name of --by; another coordinator reads the difference and
        confirms it. A file whose version is no longer in force is refused, and then nothing is done. What is not in
        force under any version is published at once while the office has no coordinator.

        Of what is shipped, a new edition does not undo what the office changed itself.
        """
        with transaction() as db:
            if files:
                told = folders.bases(files)
                found = folders.bring(db, exchange.files_of(files), told, reason=reason, by=by)
            else:
                found = [folders.Brought(path, folders.PUBLISHED) for path in publish_shipped(db)]
        for each in found:
            click.echo(f"  {each.path}: {TOLD[each.state].format(each.version)}" if files else f"  {each.path}")
        click.echo(_end({each.state for each in found}))

    return command


def _end(states: set[str]) -> str:
    if folders.PROPOSED in states or folders.WAITS in states:
        return "Proposto." if folders.PROPOSED in states else "Salvato in bozza."
    return "Pubblicato." if folders.PUBLISHED in states else "Niente di nuovo."


def _export(transaction: Transaction) -> click.Command:
    @click.command(name="export")
    @click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
    @click.option("--over", is_flag=True, help="Write also over files that were changed there since.")
    def command(folder: Path, over: bool) -> None:
        """Write into FOLDER what is in force: models, tables, forms, and manifest.json with their versions.

        Whatever else lies there is left alone.
        """
        with transaction() as db:
            changed = folders.write(exchange.everything(db), folder, over=over)
        for path in changed:
            click.echo(f"  {path}")
        click.echo("Scritto." if changed else "Niente di nuovo.")

    return command
