"""`approdo audit`: is the log whole, and packages for who checks it elsewhere."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import click
from sqlalchemy.orm import Session

from core import audit, log, seal
from core.config import Config
from core.errors import NotYours

Transaction = Callable[[], AbstractContextManager[Session]]


def commands(name: str, transaction: Transaction, config: Callable[[], Config]) -> click.Group:
    """The group of commands, on one installation's database."""
    found = click.Group(name, help="The log.")
    for make in (_verify, _export, _heads):
        found.add_command(make(transaction, config))
    return found


def _verify(transaction: Transaction, config: Callable[[], Config]) -> click.Command:
    @click.command(name="verify")
    @click.option("--stream", help="Only the chain of this stream, for example case:F-7Q2K9X.")
    @click.option("--case", "case", help="Only the lines of this case, with their proofs.")
    @click.option("--heads", type=click.Path(path_type=Path), help="Heads kept outside; else the file of the settings.")
    @click.option("--tsa", type=click.Path(path_type=Path), help="Certificates of time stampers; else of the settings.")
    @click.option("--trust", "trusted", multiple=True, help="Fingerprint of a key that people have vouched for.")
    def command(
        stream: str | None, case: str | None, heads: Path | None, tsa: Path | None, trusted: tuple[str, ...]
    ) -> None:
        """Check the log: name everything that is wrong and exit 1, or say that it is whole."""
        outside = heads or config().heads_file
        kept = audit.read_heads(outside) if outside and (heads or outside.exists()) else []
        with transaction() as db:
            if stream:
                found = [audit.Finding("line", *broken) for broken in log.verify(db, stream)]
            elif case:
                found = audit.verify_case(db, case)
            else:
                found = audit.verify(db, kept, trusted, tsa or config().timestamp_ca)
            told = _told(db, kept) if not stream else ""
        for finding in found:
            click.echo(f"{finding.where}, {_place(finding)} {finding.number}: {finding.sentence}")
        if found:
            sys.exit(1)
        click.echo("Il registro è integro.")
        click.echo(told)

    return command


def _place(finding: audit.Finding) -> str:
    return {"line": "riga", "leaf": "riga", "key": "chiave", "stamp": "marca temporale"}.get(finding.kind, "testa da")


def _told(db: Session, kept: list[dict[str, object]]) -> str:
    """How far the seal reaches: what is not sealed, and not outside, could still be rewritten unseen."""
    sealed, lines = seal.size(db), log.count(db)
    return (
        f"righe: {lines}, sigillate: {sealed}, teste confrontate con quelle tenute fuori: {len(kept)}"
        + ("" if kept else "\nSenza una testa tenuta fuori non si vede una fine tagliata: usa --heads.")
    )


def _export(transaction: Transaction, _config: Callable[[], Config]) -> click.Command:
    @click.command(name="export")
    @click.option("--case", "case", required=True, help="The code of the case.")
    @click.option("--out", "folder", required=True, type=click.Path(path_type=Path), help="A folder, made if missing.")
    def command(case: str, folder: Path) -> None:
        """Write the lines of a case with proofs, heads and keys; approdo-verify checks them without us."""
        with transaction() as db:
            manifest = audit.export(db, case, folder, by="cli")
        click.echo(f"{manifest['lines']} righe in {folder}; impronta del pacchetto: {manifest['sha256']}")

    return command


def _heads(transaction: Transaction, _config: Callable[[], Config]) -> click.Command:
    @click.command(name="head")
    def command() -> None:
        """Print the newest head as one line of JSON, to be kept elsewhere."""
        with transaction() as db:
            if not seal.name(db):
                raise NotYours(seal.NO_HEAD)
            click.echo(log.canonical(seal.record(db, seal.newest(db))))

    return command
