"""The world around a trial: the pathway's draft, the drafts of tables and forms that it names, else what is in force.

Nothing of it reaches a case, and nothing that is tried is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from core.errors import N_, NotYours, Refused
from engine import decisions, dmn, drafts, feel, registry, timing
from engine.drafts import DECISION, FORM
from engine.findings import Finding
from engine.game.env import Fault
from engine.game.program import Event, Node, Program
from engine.game.state import State
from tasks import formbook, forms, workshop
from tasks.components import Form
from tasks.workshop import Source

DRAFT = "draft"
TO_CORRECT = {
    FORM: N_("la bozza del modulo «%(what)s» ha punti da correggere: correggila, poi prova"),
    DECISION: N_("la bozza della tabella «%(what)s» ha punti da correggere: correggila, poi prova"),
}


@dataclass
class Trial:
    """One walk: where it stands, what time it is there, and what it went through (when, element, how)."""

    sha: str
    now: datetime
    state: State = field(default_factory=State)
    path: list[tuple[str, str, str]] = field(default_factory=list)
    in_force: bool = False  # tables and forms as they are in force, where there is a version in force


@dataclass(frozen=True)
class Drafted:
    """The draft of a table or form that a pathway names. One with something to correct cannot be tried."""

    source: Source
    content: bytes
    broken: bool
    title: Source | Node  # a form is called like the first step that asks it

    @property
    def place(self) -> tuple[str, str]:
        """Its kind and key."""
        return self.source.kind, self.source.key

    @property
    def is_new(self) -> bool:
        """Whether nothing of this name is in force."""
        return self.source.version is None

    def serves(self, *, in_force: bool) -> bool:
        """Whether it is asked in a trial, also in one that keeps to what is `in_force`."""
        return not self.broken and (self.is_new or not in_force)

    @cached_property
    def form(self) -> Form:
        """The form that it holds."""
        found, _ = forms.parse(self.content, self.source.key)
        assert found is not None, "what cannot be read is broken"  # noqa: S101
        return found

    @cached_property
    def table(self) -> dmn.Model:
        """The decisions that it holds."""
        return dmn.read(self.content)[0]


def drafted(db: Session, program: Program) -> list[Drafted]:
    """The drafts of the tables and forms that a pathway and those it calls name, where they change something."""
    named, found = _named(db, program), list[Drafted]()
    for draft in drafts.open_drafts(db):
        if (draft.kind, draft.key) in named:
            source, content = workshop.source(db, draft.kind, draft.key), drafts.content_of(draft)
            if content != source.content:
                wrong = workshop.findings(db, draft.kind, draft.key, content)
                is_broken = any(each.level == "error" for each in wrong)
                asking = named[draft.kind, draft.key]
                title = asking if draft.kind == FORM and asking.name else source
                found.append(Drafted(source, content, is_broken, title))
    return sorted(found, key=lambda each: each.place)


def missing(found: list[Drafted]) -> list[Finding]:
    """What cannot be asked at all: it is not in force, and its draft has something to correct."""
    return [
        Finding(None, "", "", TO_CORRECT[each.source.kind], params={"what": each.source.key})
        for each in found
        if each.broken and each.is_new
    ]


def _named(db: Session, program: Program) -> dict[tuple[str, str], Node]:
    """Each table and form by kind and key, with the first step that asks it."""
    in_force = {each.process_id: each.id for each in registry.newest(db)}
    found: dict[tuple[str, str], Node] = {}
    called, waiting = set[str](), [program]
    while waiting:
        for node in waiting.pop().nodes.values():
            for kind, name in ((FORM, node.form), (DECISION, node.decision)):
                if name:
                    found.setdefault((kind, name), node)
            if node.called in in_force and node.called not in called:
                called.add(node.called)
                waiting.append(registry.program(db, in_force[node.called]))
    return found


class Stage:
    """The world around a trial (engine.game.env.Env): nothing of it reaches a case."""

    def __init__(self, db: Session, trial: Trial, draft: Program, found: Mapping[tuple[str, str], Drafted]) -> None:
        self.db, self.trial, self.draft, self.drafts = db, trial, draft, found

    def now(self) -> datetime:
        """The clock of the trial."""
        return self.trial.now

    def program(self, definition: str) -> Program:
        """The draft, or a published process that it calls."""
        return self.draft if definition == DRAFT else registry.program(self.db, definition)

    def callee(self, node: Node) -> tuple[str, Program]:
        """The called process as it is in force."""
        try:
            found = registry.current(self.db, node.called or "")
        except NotYours:
            raise Fault(node.id, N_("il percorso richiamato «%(name)s» non è pubblicato"), name=node.called) from None
        return found.id, registry.program(self.db, found.id)

    def service(self, node: Node, facts: dict[str, Any]) -> Mapping[str, Any] | None:
        """Nothing is done in a trial."""
        return None

    def decide(self, node: Node, facts: dict[str, Any]) -> Any:
        """What the draft of the table says, where it is tried, else the table in force."""
        name = node.decision or ""
        draft = self.drafts.get((DECISION, name))
        try:
            if draft is not None:
                return decisions.try_out(draft.table, name, facts).value
            return decisions.decide(self.db, name, facts)
        except Refused as problem:
            raise Fault(node.id, problem.sentence, **problem.params) from problem

    def due(self, element: str, event: Event, facts: Mapping[str, Any]) -> tuple[datetime, int | None]:
        """When a timer is due by the clock of the trial."""
        return timing.due(element, event, facts, self.trial.now)

    def again(
        self, element: str, event: Event, facts: Mapping[str, Any], base: datetime, turn: int
    ) -> tuple[datetime, int]:
        """When a cycle is due next by the clock of the trial."""
        return timing.again(element, event, facts, base, turn, self.trial.now)

    def plain(self, value: Any) -> Any:
        """A FEEL value as JSON."""
        return feel.from_feel(value)

    def form(self, name: str) -> Form:
        """The draft of a form, where it is tried, else the form in force."""
        draft = self.drafts.get((FORM, name))
        return draft.form if draft else formbook.read(self.db, name)
