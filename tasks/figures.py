"""Figures as they are given out: tables of lines, the words and the codes of who receives them, files with a manifest.

What our codes are called elsewhere, by which source and since when, is data (`workflows/statistics.toml`).
"""

import csv
import hashlib
import io
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy.orm import Session

from cases import codes, posts, statistics
from cases.periods import Period
from cases.smallcells import THRESHOLD, Cell
from cases.statistics import Tree
from cases.tallies import UNKNOWN
from cases.victims import SEVERAL
from core import clock
from core.errors import N_, ConfigError
from tasks import lists
from tasks.fields import Translate

FILE = Path(__file__).parents[1] / "workflows" / "statistics.toml"
OTHERS = "altre_voci"
OPEN = frozenset({"citizenship", "zone", "post"})
# Where the words of a dimension's codes stand, the more particular list first.
LISTS = {
    "status": ("stato_vittima",), "decider": ("ente_decisione",), "age": ("eta_statistica",),
    "sex": ("sesso_statistica",), "form": ("forma_statistica", "forma_sfruttamento"), "kind": ("tipo_contatto",),
    "month": ("mese_del_trimestre",), "call_class": ("classe_chiamata",), "activator": ("attivatore",),
    "reason": ("motivo_contatto",), "outcome": ("esito_contatto",), "transfer_reason": ("motivo_trasferimento",),
    "transfer_outcome": ("esito_trasferimento",), "met": ("incontro",), "phase": ("fase",),
    "exit_outcome": ("esito_uscita",), "stay": ("durata_accoglienza",),
}  # fmt: skip
DIMENSIONS = {
    "measure": N_("Che cosa si conta"), "status": N_("Stato"), "decider": N_("Chi ha deciso"), "age": N_("Età"),
    "sex": N_("Sesso"), "form": N_("Forma di sfruttamento"), "citizenship": N_("Cittadinanza"), "kind": N_("Canale"),
    "month": N_("Mese"), "post": N_("Postazione"), "call_class": N_("Classe"), "activator": N_("Chi ha chiamato"),
    "reason": N_("Motivo"), "outcome": N_("Esito"), "transfer_reason": N_("Motivo"), "transfer_outcome": N_("Esito"),
    "zone": N_("Provincia"), "met": N_("Incontro"), "phase": N_("Fase raggiunta"), "exit_outcome": N_("Esito"),
    "stay": N_("Durata"),
}  # fmt: skip
MEASURES = {
    "victims": N_("Vittime registrate"), "calls": N_("Chiamate"), "transfers_opened": N_("Messe in rete aperte"),
    "transfers_ended": N_("Messe in rete concluse"), "encounters": N_("Incontri in strada"),
    "presences": N_("Persone viste nella zona"), "bystanders": N_("Presenti e non avvicinate"),
    "stays": N_("Accoglienze concluse"),
}  # fmt: skip
RULE = N_(
    "Un trattino vuol dire che il numero non si pubblica: è da 1 a 4, oppure permetterebbe di calcolarne uno così "
    "piccolo. Zero vuol dire: nessuno. «Almeno» è la somma dei soli numeri pubblicati."
)
RISKY = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Line:
    """One line of a table: a code for each dimension, a number for each period; None is not given out."""

    codes: tuple[str, ...]
    numbers: tuple[int | None, ...]

    @property
    def at_least(self) -> int:
        """The sum of what is given out."""
        return sum(number or 0 for number in self.numbers)

    @property
    def is_nothing(self) -> bool:
        """Is there nobody in any of the periods?"""
        return set(self.numbers) == {0}

    @property
    def is_whole(self) -> bool:
        """Is nothing of the line hidden?"""
        return None not in self.numbers


@dataclass(frozen=True)
class Block:
    """The lines that tell the same dimensions; the first is always what is counted."""

    dims: tuple[str, ...]
    lines: tuple[Line, ...]


class _Sheet:
    """Lines while they are put together, period by period."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.lines: dict[tuple[str, ...], dict[tuple[str, ...], list[int | None]]] = {}
        self.complete: set[tuple[tuple[str, ...], tuple[str, ...], int]] = set()

    def put(self, dims: tuple[str, ...], keys: tuple[str, ...], at: int, number: int | None) -> None:
        row = self.lines.setdefault(dims, {}).setdefault(keys, [None] * self.width)
        row[at] = number

    def walk(self, dims: tuple[str, ...], keys: tuple[str, ...], at: int, cell: Cell) -> None:
        """The cell's number, and those of its parts as far as they are shown."""
        self.put(dims, keys, at, cell.total if cell.shown else None)
        for name, parts in cell.parts.items() if cell.shown and cell.total else ():
            within, hidden = (*dims, name), [part for part in parts if not part.shown]
            for part in parts:
                if part.shown or name not in OPEN:
                    self.walk(within, (*keys, part.key), at, part)
            if name in OPEN and hidden:
                self.put(within, (*keys, OTHERS), at, sum(part.total for part in hidden))
            elif name in OPEN:
                self.complete.add((within, keys, at))

    def fill(self) -> None:
        """What does not occur where everything that occurs is shown, and all that is within nothing, is zero."""
        for dims in sorted(self.lines, key=len):
            above = self.lines.get(dims[:-1], {})
            for keys, row in self.lines[dims].items():
                for at, number in enumerate(row):
                    nothing = above.get(keys[:-1], [None] * self.width)[at] == 0
                    if number is None and (nothing or (dims, keys[:-1], at) in self.complete):
                        row[at] = 0

    def sorted(self, dims: tuple[str, ...]) -> list[tuple[str, ...]]:
        """The lines in the order of their lists; where only what occurs is told, the largest first, the rest last."""
        ranks: dict[tuple[str, ...], tuple[bool, bool, int, int]] = {}
        for length in range(1, len(dims) + 1):
            for n, (keys, row) in enumerate(self.lines.get(dims[:length], {}).items()):
                size = -sum(number or 0 for number in row) if dims[length - 1] in OPEN else 0
                ranks[keys] = (keys[-1] == UNKNOWN, keys[-1] == OTHERS, size, n)
        return sorted(self.lines[dims], key=lambda keys: [ranks[keys[: n + 1]] for n in range(len(dims))])


def blocks(trees: Sequence[Tree], width: int) -> list[Block]:
    """The cells as lines; the totals first, then each breakdown."""
    sheet = _Sheet(width)
    for tree in trees:
        for at, cell in enumerate(tree.cells):
            sheet.walk(("measure",), (tree.name,), at, cell)
    sheet.fill()
    return [
        Block(dims, tuple(Line(keys, tuple(rows[keys])) for keys in sheet.sorted(dims)))
        for dims, rows in sheet.lines.items()
    ]


# The mapping


@cache
def mapping() -> Mapping[str, Any]:
    """`workflows/statistics.toml`, checked; with the hash of its bytes as "sha256"."""
    data = FILE.read_bytes()
    found = tomllib.loads(data.decode())
    known = {"table": set(statistics.UNITS), "column": set(statistics.MEASURES), "code": set(DIMENSIONS)}
    for kind, names in known.items():
        for row in found.get(kind, []):
            name = row.get({"table": "id", "column": "measure", "code": "dimension"}[kind])
            if name not in names or not row.get("source") or row.get("certainty") not in ("A", "B", "C", "D"):
                raise ConfigError(f"statistics.toml: {kind} {name!r}")
    return {**found, "sha256": hashlib.sha256(data).hexdigest()}


def table(name: str) -> Mapping[str, Any]:
    """What the mapping says of a table: name, name_en, source, certainty."""
    return next(row for row in mapping()["table"] if row["id"] == name)


def columns(on: date) -> list[Mapping[str, Any]]:
    """The columns of the pathway table that hold on a day."""
    return [row for row in mapping()["column"] if _holds(row, on)]


def theirs(dimension: str, code: str, on: date) -> str:
    """What a code of ours is called by the receiver on a day; ours if nothing is said."""
    rows = (row for row in mapping().get("code", []) if row["dimension"] == dimension and row["ours"] == code)
    if dimension == "measure":
        rows = ({"theirs": row["code"], **row} for row in columns(on) if row["measure"] == code)
    return str(next((row["theirs"] for row in rows if _holds(row, on)), code))


def _holds(row: Mapping[str, Any], on: date) -> bool:
    return bool(row.get("valid_from", date.min) <= on < row.get("valid_to", date.max))


# Words


def words(db: Session, language: str, translate: Translate) -> Callable[[str, str], str]:
    """What a code of a dimension is called, in the language of the reader."""
    named = {("post", post.code): post.name for post in posts.list_all(db)}
    name = "name_en" if language == "en" else "name"
    named |= {("measure", row["measure"]): row[name] for row in mapping()["column"]}
    for dim, known in (("citizenship", "countries"), ("zone", "provinces")):
        options = lists.options(db, known, translate)
        named |= {(dim, option.value): option.label_in(language) for option in options}

    def say(dim: str, code: str) -> str:
        special = {UNKNOWN: N_("non noto"), OTHERS: N_("altre voci, insieme")}
        if dim == "citizenship":
            special[SEVERAL] = N_("più cittadinanze")
        if code in special:
            return translate(special[code])
        if (dim, code) in named:
            return named[dim, code]
        if dim == "measure":
            return translate(MEASURES.get(code, code))
        labels = (dict(codes.LISTS[codelist]) for codelist in LISTS.get(dim, ()))
        return translate(next((found[code] for found in labels if code in found), code))

    return say


# Files


def rows(found: Iterable[Block], periods: Sequence[Period]) -> list[dict[str, Any]]:
    """Every number by itself: period, what is counted, codes by dimension, the number or null where it is hidden."""
    return [
        {
            "period": period.code,
            "measure": theirs("measure", line.codes[0], period.since),
            "by": {
                dim: theirs(dim, code, period.since)
                for dim, code in zip(block.dims[1:], line.codes[1:], strict=True)
            },
            "number": number,
            "hidden": number is None,
        }
        for block in found
        for line in block.lines
        for period, number in zip(periods, line.numbers, strict=True)
    ]  # fmt: skip


def digest(found: Sequence[Mapping[str, Any]]) -> str:
    """The hash of the rows, whatever the file they stand in."""
    return hashlib.sha256(orjson.dumps(found, option=orjson.OPT_SORT_KEYS)).hexdigest()


def as_json(name: str, found: Sequence[Mapping[str, Any]], periods: Sequence[Period], post: str | None) -> bytes:
    """One JSON object: a manifest of what this is, and the rows."""
    told = table(name)
    manifest = {
        "table": name, "name": told["name"], "source": told["source"], "certainty": told["certainty"],
        "unit": statistics.UNITS[name], "periods": [period.code for period in periods], "from": f"{periods[0].since}",
        "to_before": f"{periods[-1].until}", "post": post, "counted_at": clock.iso(clock.now()),
        "mapping": {"version": mapping()["version"], "sha256": mapping()["sha256"]},
        "suppression": {"threshold": THRESHOLD, "secondary": True, "single_post": True, "rule": RULE},
        "rows_sha256": digest(found),
    }  # fmt: skip
    return orjson.dumps({"manifest": manifest, "rows": found}, option=orjson.OPT_INDENT_2)


def as_csv(found: Sequence[Mapping[str, Any]]) -> bytes:
    """One line for each number, for a spreadsheet of an Italian office: semicolons, UTF-8 with its mark."""
    deepest = max((len(row["by"]) for row in found), default=0)
    head = ["period", "measure", *(f"{word}_{n}" for n in range(1, deepest + 1) for word in ("by", "code"))]
    lines = [
        [
            row["period"],
            row["measure"],
            *(_pad([part for pair in row["by"].items() for part in pair], 2 * deepest)),
            "" if row["number"] is None else row["number"],
            int(row["hidden"]),
        ]
        for row in found
    ]
    return write_csv([*head, "number", "hidden"], lines)


def write_csv(head: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    """A file for a spreadsheet; nothing in it is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([[_harmless(value) for value in line] for line in lines])
    return out.getvalue().encode("utf-8-sig")


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(RISKY) else value


def _pad(parts: list[str], length: int) -> list[str]:
    return parts + [""] * (length - len(parts))
