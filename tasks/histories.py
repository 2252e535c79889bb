"""The history of a case for who checks it: every line in words, the pathways step by step, a report to print.

An auditor reads what was done, by whom and when, readings and refusals too; never what a sheet says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core import clock, seal
from core.clock import ROME
from core.errors import N_
from core.log import Line
from core.seal import Leaf
from engine import history, lineage, registry
from engine.tables import Instance, Step
from tasks import pdf, timeline
from tasks.fields import Translate
from tasks.timeline import Event

PAGE = 200
# What workers are not told on their timeline.
OTHERS = {
    "access.refused": N_("Chiesta una pagina che non si può vedere: %(page)s"),
    "audit.printed": N_("Il controllo ha stampato la storia"),
    "audit.looked": N_("Il controllo ha aperto la storia"),
    "audit_note.written": N_("Annotazione del controllo"),
    "case.looked": N_("Aperta la scheda del caso"),
    "case.viewed": N_("Letti dati protetti (%(cls)s): %(what)s"),
    "complaint.filed": N_("Registrata una querela o denuncia"),
    "complaint.heard": N_("Registrata un'audizione"),
    "contact.viewed": N_("Lette le note del contatto (%(cls)s)"),
    "decision.taken": N_("Applicata la regola %(decision)s, versione %(version)s"),
    "handout.asked": N_("Chiesta una copia della storia: %(kind)s"),
    "handout.granted": N_("Concessa la copia della storia: %(kind)s"),
    "handout.refused": N_("Negata la copia della storia: %(kind)s"),
    "handout.taken": N_("Presa la copia della storia: %(kind)s"),
    "instance.handed_over": N_("Il percorso passa a un'altra postazione"),
    "instance.move_refused": N_("Il percorso non è passato a un'altra versione: è rimasto com'era"),
    "notice.told": N_("Lasciato un avviso (%(kind)s)"),
    "sheet.filed": N_("Conservata la scheda %(form)s, versione %(version)s"),
    "sheet.viewed": N_("Lette le risposte di una scheda (%(cls)s)"),
    "signal.received": N_("Arrivato un segnale: %(name)s"),
    "travel_plan.viewed": N_("Letto il piano di viaggio"),
    "timer.fired": N_("È scattata una scadenza del percorso"),
    "vault_key.destroyed": N_("Distrutta la chiave: ciò che era cifrato non si legge più"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One line in words, with its leaf once it is sealed; `fields`: of which values it holds commitments."""

    event: Event
    leaf: int | None
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """One step of a pathway: how long, by whom, how it ended; `element` is its place on the version that the pathway
    runs on now ("": it has none there).
    """

    step: Step
    name: str
    name_en: str
    state: str
    took: timedelta
    element: str


def of(db: Session, code: str, language: str, translate: Translate, *, before: int | None = None) -> list[Told]:
    """Every line of a case, the newest first; `before` is the id where the last page ended."""
    query = select(Line, Leaf.number).outerjoin(Leaf, (Leaf.stream == Line.stream) & (Leaf.seq == Line.seq))
    query = query.where(or_(Line.case_code == code, Line.stream == f"case:{code}")).order_by(Line.id.desc()).limit(PAGE)
    rows = db.execute(query if before is None else query.where(Line.id < before)).all()
    events = timeline.tell(db, [line for line, _ in rows], language, translate, OTHERS)
    return [Told(event, leaf, _touched(line)) for event, (line, leaf) in zip(events, rows, strict=True)]


def _touched(line: Line) -> tuple[str, ...]:
    facts = line.facts
    return tuple(sorted({*facts.get("commitments", ()), *facts.get("before", ()), *facts.get("after", ())}))


def passages(db: Session, instance: Instance) -> list[Passage]:
    """The named steps of a pathway, oldest first; the model is the version that the step really ran."""
    # Of what began at the same moment, what still waits comes last.
    steps = sorted(history.steps(db, instance.id), key=lambda step: (step.started_at, step.ended_at is None))
    places = lineage.of(db, instance.id, instance.definition_id)
    return [found for step in steps if (found := _passage(db, step, places.of(step))) is not None]


def _passage(db: Session, step: Step, place: str) -> Passage | None:
    node = registry.program(db, step.definition_id).nodes.get(step.element)
    if node is None or not node.name:
        return None
    took = (step.ended_at or clock.now()) - step.started_at
    return Passage(step, node.name, node.name_en, history.state_of(step), took, place)


def frames(passed: Sequence[Passage], names: dict[str, str], language: str) -> list[dict[str, Any]]:
    """The pathway as pictures of a film: at each moment one element begins, becomes late or ends."""
    found: list[tuple[datetime, int, dict[str, Any]]] = []
    for number, passage in enumerate(passed):
        name = (passage.name_en if language == "en" else "") or passage.name
        who = names.get(passage.step.by or "", "")
        about = {"element": passage.element, "name": name, "who": who}
        found.append((passage.step.started_at, number * 3, about | {"state": "active"}))
        if passage.step.due_at is not None and passage.step.due_at < (passage.step.ended_at or clock.now()):
            # a step that was due before it began is late from its beginning
            since = max(passage.step.due_at, passage.step.started_at)
            found.append((since, number * 3 + 1, about | {"state": "late", "who": ""}))
        if passage.step.ended_at is not None:
            state = "skipped" if passage.state == "cancelled" else passage.state
            found.append((passage.step.ended_at, number * 3 + 2, about | {"state": state}))
    found.sort(key=lambda frame: frame[:2])
    return [frame | {"at": f"{at.astimezone(ROME):%d/%m/%Y %H:%M}"} for at, _, frame in found]


def report(db: Session, code: str, language: str, translate: Translate, by: str) -> bytes:
    """The whole history as PDF. Raises WrongOrder if it is too long for a PDF or nothing is sealed yet."""
    return pdf.write(translate(NEUTRAL), language, written(db, code, language, translate, by))


def written(db: Session, code: str, language: str, translate: Translate, by: str) -> list[pdf.Block]:
    """The whole history: the pathways with the versions they run on, every line in words with its place in the seal,
    and the head that covers it. Raises WrongOrder if nothing is sealed yet."""
    head = seal.newest(db)
    told: list[Told] = []
    while page := of(db, code, language, translate, before=told[-1].event.id if told else None):
        told += page
    say = translate
    return [
        pdf.Block("title", [say(TITLE) % {"code": code}]),
        pdf.Block("text", [
            say(PRINTED) % {"at": _moment(clock.now()), "by": by},
            say(SEALED) % {"lines": head.size, "at": _moment(head.at)},
            say(ROOT) % {"root": head.root}, say(KEY) % {"key": head.key},
        ]),
        *_versions(db, code, language, say),
        pdf.Block("part", [say(LINES)]),
        pdf.Block("list", [_line(each, say) for each in reversed(told)]),
    ]  # fmt: skip


def _versions(db: Session, code: str, language: str, say: Translate) -> list[pdf.Block]:
    runs = history.pathways(db, code)
    if not runs:
        return []
    told = []
    for run in runs:
        model = registry.get(db, history.instance(db, run.id).definition_id)
        name = (run.name_en if language == "en" else "") or run.name
        told.append(say(RUN) % {"name": name, "version": model.version, "sha": model.sha})
    return [pdf.Block("part", [say(RUNS)]), pdf.Block("list", told)]


TITLE = N_("Storia del caso %(code)s")
PRINTED = N_("Stampata il %(at)s da %(by)s.")
SEALED = N_("Il sigillo più recente copre %(lines)s righe ed è del %(at)s.")
ROOT = N_("Radice: %(root)s")
KEY = N_("Chiave: %(key)s")
LINES = N_("Che cosa è successo")
RUNS = N_("Percorsi")
RUN = N_("%(name)s, versione %(version)s del modello (impronta %(sha)s)")
NEUTRAL = N_("Documento")
UNSEALED = N_("non ancora sigillata")
LEAF = N_("riga sigillata %(number)s")


def _line(told: Told, say: Translate) -> str:
    place = say(LEAF) % {"number": told.leaf} if told.leaf is not None else say(UNSEALED)
    return f"{_moment(told.event.at)} - {told.event.what} - {told.event.who} ({place})"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(ROME):%d/%m/%Y %H:%M:%S}"
