"""Trying a draft: a pathway walked by hand with invented answers and a moved clock.

A trial is no case: it has no person, no row of the engine, no log and no mail. What a service would do is told and not
done; tables and forms are asked as `stage` has them. The state is kept like a half-filled form, sealed for its writer.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy.orm import Session

from cases.access import Actor
from core import clock
from core.errors import N_, InvalidForm, InvalidModel, WrongOrder
from engine import spiff, xml
from engine.drafts import FORM, PROCESS
from engine.game import activities, events, state
from engine.game.env import Fault
from engine.game.program import PEOPLE, Node, Program
from engine.game.run import Run
from engine.game.state import Token
from engine.normalize import normalize
from tasks import drafts as typed_drafts
from tasks import formbook, forms, lists, stage, workshop
from tasks.components import Component, Form
from tasks.fields import Translate
from tasks.forms import Submitted
from tasks.stage import DRAFT, Drafted, Stage, Trial

MOST_PATH = 300
FARTHEST = timedelta(days=3653)
NO_NUMBER = N_("Scrivi un numero di giorni, da 1 a 3650.")
NO_VALUE = N_("Scrivi un valore: un numero, una data come 2026-10-04, sì o no, un testo.")
NOT_WAITING = N_("Qui non c'è più niente che lo attende: guarda dov'è arrivata la prova.")
STOPS = N_("Il percorso si fermerebbe qui: %(why)s.")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task that waits in a trial."""

    key: str
    node: Node
    due: datetime | None


@dataclass
class Walk:
    """A trial with its draft: what can be looked at and done now."""

    db: Session
    actor: Actor
    process_id: str
    program: Program
    content: bytes
    trial: Trial | None
    drafted: list[Drafted]

    # -- looking ------------------------------------------------------------------------------------------------------

    @property
    def run(self) -> Run:
        """A run that only looks."""
        return Run(self._here().state, self._stage)

    @property
    def _stage(self) -> Stage:
        trial = self._here()
        used = {each.place: each for each in self.drafted if each.serves(in_force=trial.in_force)}
        return Stage(self.db, trial, self.program, used)

    def _here(self) -> Trial:
        if self.trial is None:
            raise WrongOrder(N_("La prova non è ancora cominciata."))
        return self.trial

    @property
    def over(self) -> bool:
        """Whether the pathway has come to its end."""
        return self.trial is not None and not self.trial.state.scopes

    def tasks(self) -> list[Waiting]:
        """What waits for people, oldest first."""
        run = self.run
        return [
            Waiting(token.key, node, datetime.fromisoformat(token.due) if token.due else None)
            for token in run.state.tokens.values()
            if (node := run.node(token)).kind in PEOPLE and token.loop is None
        ]

    def timers(self) -> list[tuple[datetime, Node]]:
        """What waits for a moment, the next first."""
        found = [
            (datetime.fromisoformat(armed.due), events.event_of(self.run, owner, armed)[0])
            for owner, armed in self._here().state.listeners()
            if armed.due
        ]
        return sorted(found, key=lambda each: each[0])

    def messages(self) -> list[tuple[str, list[Node]]]:
        """The messages and signals that are awaited, each with the elements that wait for it."""
        run, found = self.run, dict[str, dict[str, Node]]()
        for owner, armed in run.state.listeners():
            node, event = events.event_of(run, owner, armed) if armed.key else (None, None)
            if node is not None and event is not None and event.kind in ("message", "signal"):
                found.setdefault(event.name or "", {})[node.id] = node
        return [(name, list(nodes.values())) for name, nodes in sorted(found.items())]

    def facts(self) -> dict[str, Any]:
        """The data of the pathway."""
        return next((dict(each.vars) for each in self._here().state.scopes.values() if each.parent is None), {})

    def passed(self) -> list[tuple[datetime, str, str]]:
        """What happened so far: when by the clock of the trial, at which element, how."""
        return [(datetime.fromisoformat(at), element, how) for at, element, how in self._here().path]

    def named(self, element: str) -> Node | None:
        """The element of the draft with this id."""
        return self.program.nodes.get(element)

    def form(self, key: str, translate: Translate) -> Form | None:
        """The form of a task as a caseworker sees it; days after today are not refused: the clock is moved."""
        task = next((each for each in self.tasks() if each.key == key), None)
        return asked(self.db, self._stage.form(task.node.form), translate) if task and task.node.form else None

    def asks_draft(self, task: Waiting) -> bool:
        """Whether the questions of a task are those of a draft."""
        return (FORM, task.node.form) in self._stage.drafts

    # -- doing --------------------------------------------------------------------------------------------------------

    def begin(self, *, in_force: bool = False) -> None:
        """Start anew, now, at the start event; with drafts of tables and forms, or with what is in force of them."""
        self.trial = Trial(sha_of(self.content), clock.now(), in_force=in_force)
        self._act(lambda run: run.start(DRAFT, self.program, {}))

    def complete(self, key: str, submitted: Submitted, translate: Translate) -> None:
        """Answer a task. Raises InvalidForm with the sentences of each wrong field."""
        form = self.form(key, translate)
        facts = forms.answers(form, submitted, translate=translate).facts if form is not None else {}
        self._act(lambda run: activities.complete(run, _token(run, key), facts))

    def skip(self, key: str) -> None:
        """Leave a task undone."""
        self._act(lambda run: activities.skip(run, _token(run, key)))

    def receive(self, name: str) -> None:
        """Let a message or signal arrive."""
        taken: list[bool] = []
        self._act(lambda run: taken.extend(events.receive(run, kind, name, {}, {}) for kind in ("message", "signal")))
        if not any(taken):
            raise WrongOrder(NOT_WAITING)

    def set_fact(self, name: str, text: str) -> None:
        """Set a datum of the pathway, as a service would."""
        if not name.strip() or len(name) > 100:
            raise InvalidForm({"name": [N_("Scrivi il nome del dato.")]})
        values = {name.strip(): value_of(text)}
        self._act(lambda run: run.assign(min(run.state.scopes), values))

    def move_clock(self, days: str) -> None:
        """Move the clock by so many days, or to the next moment that something waits for ("next")."""
        timers = self.timers()
        if days == "next":
            if not timers:
                raise WrongOrder(NOT_WAITING)
            end = timers[0][0]
        else:
            if not (days.isascii() and days.isdigit() and len(days) <= 4 and 0 < int(days) <= 3650):
                raise InvalidForm({"days": [NO_NUMBER]})
            end = self._here().now + timedelta(days=int(days))
        for _ in range(MOST_PATH):
            due = [each for each in self._armed() if each[0] <= end]
            if not due:
                break
            moment, key = min(due)
            self._here().now = max(self._here().now, moment)
            self._act(lambda run, key=key: events.fire_timer(run, key))
        self._here().now = max(self._here().now, end)
        self.keep()

    def _armed(self) -> list[tuple[datetime, str]]:
        listeners = self._here().state.listeners()
        return [(datetime.fromisoformat(armed.due), armed.key) for _, armed in listeners if armed.due and armed.key]

    def _act(self, act: Any) -> None:
        """Play on a copy, and keep it where it came to rest."""
        trial = self._here()
        if len(trial.path) > MOST_PATH:
            raise WrongOrder(N_("La prova è diventata molto lunga: ricomincia."))
        run = Run(state.loads(state.dumps(trial.state)), self._stage)
        known = {token.key: token.node for token in run.state.tokens.values()}
        try:
            act(run)
            run.settle()
        except Fault as fault:
            raise WrongOrder(STOPS, why=fault.sentence % fault.params if fault.params else fault.sentence) from fault
        at = clock.iso(trial.now)
        trial.path += [(at, known[key], outcome) for key, outcome in run.ended if key in known]
        trial.path += [(at, step.element, step.outcome or "waits") for step in run.steps]
        trial.path += [(at, element, "error") for element, _ in run.uncaught]
        trial.state = run.state
        self.keep()

    def keep(self) -> None:
        """Keep the trial, sealed, for its writer."""
        trial = self._here()
        content = {
            "sha": trial.sha, "now": trial.now.isoformat(), "path": trial.path, "in_force": trial.in_force,
            "state": b64encode(state.dumps(trial.state)).decode(),
        }  # fmt: skip
        scope = f"user:{self.actor.user_id}"
        typed_drafts.save(
            self.db, _place(self.process_id), scope, {"trial": orjson.dumps(content).decode()}, by=self.actor.user_id
        )


def open_(db: Session, actor: Actor, process_id: str) -> Walk:
    """The draft of a pathway (or what is in force where there is none), and the actor's trial of just this content.

    Raises NotYours, InvalidModel with the findings where the draft cannot be played.
    """
    content, program, drafted = read(db, process_id)
    return Walk(db, actor, process_id, program, content, _kept(db, actor, process_id, sha_of(content)), drafted)


def read(db: Session, process_id: str) -> tuple[bytes, Program, list[Drafted]]:
    """The draft of a pathway (or what is in force), and the drafts of what it names. Raises NotYours, InvalidModel."""
    content = workshop.content(db, PROCESS, process_id)
    found = workshop.findings(db, PROCESS, process_id, content, to_try=True)
    if wrong := [each for each in found if each.level == "error"]:
        raise InvalidModel(wrong)
    program = spiff.read(normalize(xml.parse(content)), process_id)
    drafted = stage.drafted(db, program)
    if wrong := stage.missing(drafted):
        raise InvalidModel(wrong)
    return content, program, drafted


def _kept(db: Session, actor: Actor, process_id: str, sha: str) -> Trial | None:
    kept = typed_drafts.load(db, _place(process_id), actor.user_id)
    if kept is None:
        return None
    found = orjson.loads(str(kept["trial"]))
    if found["sha"] != sha:
        return None
    path = [(str(at), str(element), str(how)) for at, element, how in found["path"]]
    now, tokens = datetime.fromisoformat(found["now"]), state.loads(b64decode(found["state"]))
    return Trial(sha, now, tokens, path, in_force=found.get("in_force", False))


def _place(process_id: str) -> str:
    return f"trial:{process_id}"


def sha_of(content: bytes) -> str:
    """The fingerprint of a draft."""
    return sha256(content).hexdigest()


def _token(run: Run, key: str) -> Token:
    found = next((token for token in run.state.tokens.values() if token.key == key), None)
    if found is None:
        raise WrongOrder(NOT_WAITING)
    return found


def value_of(text: str) -> Any:
    """What somebody typed as a datum: a number, a yes or no, a date or a text as JSON. Raises InvalidForm."""
    text = text.strip()
    words = {"sì": True, "si": True, "true": True, "no": False, "false": False, "": None}
    if text.lower() in words:
        return words[text.lower()]
    if len(text) > 200:
        raise InvalidForm({"value": [NO_VALUE]})
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return text
    return int(number) if number.is_integer() and abs(number) < 10**15 else number


def form_of(db: Session, name: str, translate: Translate) -> Form:
    """The form in force as it is asked in a trial."""
    return asked(db, formbook.read(db, name), translate)


def asked(db: Session, form: Form, translate: Translate) -> Form:
    """A form with today's options, open to days that are past or to come."""
    form = forms.with_lists(form, lambda each: lists.options(db, each, translate))
    return replace(form, components=tuple(_any_day(part) for part in form.components))


def _any_day(part: Component) -> Component:
    properties = {name: value for name, value in part.properties.items() if name != "not_future"}
    return replace(part, properties=properties, not_past=False)
