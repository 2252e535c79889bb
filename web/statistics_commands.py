"""`approdo statistics`: the figures of a table, to read or as a file, for who runs the system without a browser."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import click
from sqlalchemy.orm import Session

from cases import statistics as register
from tasks import figures, statistics
from tasks.statistics import Figures

Transaction = Callable[[], AbstractContextManager[Session]]


def command(name: str, transaction: Transaction) -> click.Command:
    """The command, on one installation's database."""

    @click.command(name=name)
    @click.argument("table", type=click.Choice(list(register.UNITS)))
    @click.option("--from", "first", required=True, help="The first month, 2026-01.")
    @click.option("--to", "last", required=True, help="The last month, 2026-12.")
    @click.option("--post", help="The code of one post; without it, all posts together.")
    @click.option("--csv", "format_", flag_value=statistics.CSV, help="Print a CSV file.")
    @click.option("--json", "format_", flag_value=statistics.JSON, help="Print one JSON object with its manifest.")
    def ask(table: str, first: str, last: str, post: str | None, format_: str | None) -> None:
        """Count TABLE by whole quarters or years; small numbers are hidden, here too."""
        with transaction() as db:
            found = statistics.count(db, statistics.asked(table, first, last, post))
            if format_ is None:
                statistics.note(db, found, statistics.VIEWED, by="cli")
                text: str | bytes = _told(db, found)
            else:
                text, _ = statistics.export(db, found, format_, by="cli")
        click.echo(text, nl=format_ is None)

    return ask


def _told(db: Session, found: Figures) -> str:
    say = figures.words(db, "it", str)
    lines = [f"{figures.table(found.asked.table)['name']} · {' · '.join(at.code for at in found.asked.periods)}"]
    for block in found.blocks:
        lines += ["", " / ".join(figures.DIMENSIONS[dim] for dim in block.dims)]
        for line in block.lines:
            names = " / ".join(say(dim, code) for dim, code in zip(block.dims, line.codes, strict=True))
            lines.append(f"  {names}: {' · '.join('–' if n is None else str(n) for n in line.numbers)}")
    return "\n".join([*lines, "", figures.RULE])
