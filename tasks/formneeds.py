"""What a form must go on giving: each fact that a pathway depends on, be it one that asks the form, is called by one
that does, or calls one; in the version in force, in one to come, and in an older one while cases run on it.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

from sqlalchemy.orm import Session

from core import clock
from core.errors import N_
from engine import decisions, migration, needs, registry
from engine.decisions import DecisionTable
from engine.findings import Finding
from engine.game.program import Node, Program
from engine.needs import Use
from tasks import formbook, forms, pathways, transfers
from tasks.components import Form

# which version it is, the first that counts most: in force, with running cases, to come from a day
_When = tuple[int, date | None]
_NOW: Final[_When] = (0, None)
_RUNNING: Final[_When] = (1, None)
# the forms that are filled in beside the pathways, which hear of it by a message
_HEARD: Final = {pathways.DECLINED: pathways.DECLINED, transfers.WITHDRAWAL: transfers.WITHDRAWN}
_STEP: Final = (
    N_("al percorso «%(model)s» serve il campo «%(field)s», che qui non c'è più: lo guarda «%(who)s»"),
    N_(
        "al percorso «%(model)s» serve il campo «%(field)s», che qui non c'è più: lo guarda «%(who)s», in una versione "
        "con casi in corso"
    ),
    N_(
        "al percorso «%(model)s» serve il campo «%(field)s», che qui non c'è più: lo guarda «%(who)s», in una versione "
        "che varrà da %(day)s"
    ),
)
_TABLE: Final = (
    N_("al percorso «%(model)s» serve il campo «%(field)s», che qui non c'è più: lo guarda la tabella «%(who)s»"),
    N_(
        "al percorso «%(model)s» serve il campo «%(field)s», che qui non c'è più: lo guarda la tabella «%(who)s», in "
        "una versione con casi in corso"
    ),
    N_(
        "al percorso «%(model)s» serve il campo «%(field)s», che qui non c'è più: lo guarda la tabella «%(who)s», in "
        "una versione che varrà da %(day)s"
    ),
)


@dataclass(frozen=True, slots=True)
class _Look:
    """A use that the version of a table makes of a datum, or a step by itself."""

    use: Use
    when: _When
    table: DecisionTable | None = None


@dataclass(frozen=True, eq=False)
class _Live:
    """A version of a pathway that runs, or will."""

    program: Program
    when: _When
    tables: Mapping[str, list[tuple[DecisionTable, _When]]]

    def asks(self, form: str) -> bool:
        heard = _HEARD.get(form)
        said = (event.kind == "message" and event.name == heard for node in self.nodes for event in node.events)
        return any(node.form == form for node in self.nodes) or (heard is not None and any(said))

    def is_begun_by(self, form: str) -> bool:
        return self.program.process_id == pathways.BEGUN_BY.get(form)

    @property
    def nodes(self) -> Iterable[Node]:
        return self.program.nodes.values()

    def calls(self, others: Iterable["_Live"]) -> list[Node]:
        called = {each.program.process_id for each in others}
        return [node for node in self.nodes if node.called in called]

    @cached_property
    def looks(self) -> list[_Look]:
        """Each use of a datum; those of tables first, for a table goes on without it and says something else."""
        own = [_Look(use, self.when) for use in needs.uses(self.program)]
        return [*self._of_tables(), *own]

    def _of_tables(self) -> Iterator[_Look]:
        for node in self.nodes:
            given = {target for target, _ in node.inputs}
            for table, when in self.tables.get(node.decision or "", ()):
                for name in sorted(decisions.looks_at(table) - given):
                    yield _Look(Use(name, node), max(self.when, when, key=_place), table)


def missed(db: Session, content: bytes, name: str, *, at: datetime | None = None) -> list[Finding]:
    """Return a warning for each field that this form would no longer give and that a pathway depends on.

    Where it is proposed for a moment to come, it takes the place also of what is confirmed to be in force by then.
    """
    form, _ = forms.parse(content, name)
    if form is None or name not in formbook.known(db):
        return []
    given, then = _given(formbook.read(db, name), name), formbook.current(db, name, at=at) if at else None
    due, _ = forms.parse(then.content, name) if then is not None else (None, [])
    given |= _given(due, name) if due is not None else {}
    gone = {datum: field for datum, field in given.items() if datum not in _given(form, name)}
    return _findings(db, name, gone) if gone else []


def _given(form: Form, name: str) -> dict[str, str]:
    """The data that pathways get from a form, each with its field."""
    if name in pathways.BEGUN_BY:
        return {pathways.CALLED[part.key]: part.key for part in form.fields if part.key in pathways.CALLED}
    return {part.key: part.key for part in form.fields if part.is_fact}


def _findings(db: Session, form: str, gone: Mapping[str, str]) -> list[Finding]:
    live, first = _live(db), dict[tuple[str, str], tuple[_Live, _Look]]()
    asking = [each for each in live if each.asks(form) or each.is_begun_by(form)]
    for each in live:
        for look in _looks(db, each, form, asking, gone):
            key = each.program.process_id, look.use.name
            if key not in first or _place(look.when) < _place(first[key][1].when):
                first[key] = each, look
    return [_finding(each.program, look, gone[look.use.name]) for each, look in first.values()]


def _looks(db: Session, live: _Live, form: str, asking: list[_Live], gone: Container[str]) -> Iterator[_Look]:
    """What this pathway looks at of what the form gave: it asks the form or begins with it, is called, or calls."""
    looks = [look for look in live.looks if look.use.name in gone]
    if not looks or live.asks(form):
        yield from looks
        return
    is_told = live.is_begun_by(form) or any(not node.inputs for each in asking for node in each.calls([live]))
    calling = live.calls(asking)
    for look in looks:
        givers = _givers(db, live.program, look.use.name)
        if (is_told and _is_from_outside(live.program, look.use, givers)) or any(
            _is_from(live.program, node, look.use, givers) for node in calling
        ):
            yield look


def _is_from_outside(program: Program, use: Use, givers: set[str]) -> bool:
    """Whether a step may look at what the pathway was told at its start, before a step of its own says it anew."""
    entered = needs.reached(program, needs.entries(program), givers)
    return use.node.id in entered and not (use.after and use.node.id in givers)


def _is_from(program: Program, call: Node, use: Use, givers: set[str]) -> bool:
    """Whether a step may look at what a call brought back; what stands beside it, at no known moment, may."""
    if call.outputs:
        return use.node is call and use.after
    if use.node is call:
        return use.after
    after = list(needs.behind(program, call.id))
    if use.node.id in needs.reached(program, after, givers):
        return not (use.after and use.node.id in givers)
    is_later = use.node.id in needs.reached(program, after)
    return not is_later and call.id not in needs.reached(program, [use.node.id])


def _givers(db: Session, program: Program, name: str) -> set[str]:
    """The steps behind which a datum is theirs; what a service or a called process gives is not known."""
    return {node.id for node in program.nodes.values() if node.loop is None and _gives(db, node, name)}


def _gives(db: Session, node: Node, name: str) -> bool:
    if node.outputs:
        return any(target == name for target, _ in node.outputs)
    if node.decision:
        return name == (node.result or node.decision)
    form = node.form if node.form is not None and node.form in formbook.known(db) else None
    return form is not None and name in _given(formbook.read(db, form), form)


# -- which versions ----------------------------------------------------------------------------------------------------


def _live(db: Session) -> list[_Live]:
    tables: dict[str, list[tuple[DecisionTable, _When]]] = {}
    for table in decisions.newest(db):
        tables.setdefault(table.decision_id, []).append((table, _NOW))
    for table in decisions.to_come(db):
        tables.setdefault(table.decision_id, []).append((table, _from(table)))
    found: dict[str, _When] = {each.id: _NOW for each in registry.newest(db)}
    for definition_id in migration.in_use(db):
        found.setdefault(definition_id, _RUNNING)
    for each in registry.to_come(db):
        found.setdefault(each.id, _from(each))
    return [_Live(registry.program(db, definition), when, tables) for definition, when in found.items()]


def _from(version: Any) -> _When:
    return 2, version.in_force_from.astimezone(clock.ROME).date()


def _place(when: _When) -> tuple[int, date]:
    return when[0], when[1] or date.min


def _finding(program: Program, look: _Look, field: str) -> Finding:
    rank, day = look.when
    node, table = look.use.node, look.table
    facts: dict[str, object] = {"model": program.name or program.process_id, "field": field}
    facts["who"] = _named(program, node) if table is None else table.name
    sentence = (_STEP if table is None else _TABLE)[rank]
    return Finding(None, field, field, sentence, "warning", facts | ({"day": day} if day else {}))


def _named(program: Program, node: Node) -> str:
    """What a step is called; an event without a name like the step on whose border it is."""
    host = program.nodes.get(node.attached_to or "")
    return node.name or (host.name if host is not None else "") or node.id
