"""Out of the ordinary: skip a step, add one, close a case early, take it up again. Each with a reason.

What is written in these forms is filed as a sheet of the case or contact, sealed by class; the log line carries the id
of the sheet. The pathway learns codes and nulls only.
"""

from datetime import date, datetime, time

from sqlalchemy.orm import Session

from cases import access, casefile, codes, deadlines, retention, sheets
from cases.access import Actor
from cases.casefile import Case
from cases.sheets import Sheet
from core import calendar, clock
from core.errors import N_, InvalidForm, WrongOrder
from engine import directed, history, instances
from engine.directed import Wanted
from engine.tables import UserTask
from tasks import assignment, formbook, forms, inbox, incidents, lists, pathways
from tasks.components import Form
from tasks.fields import Translate
from tasks.forms import Answers, Submitted
from tasks.spelling import EXTRA

SKIP, ADD, CLOSE, REOPEN = "step_skip", "step_add", "case_close", "case_reopen"
CLOSED = N_("Il caso è chiuso: per lavorarci va prima riaperto.")


def form(db: Session, name: str, *, translate: Translate = str) -> Form:
    """One of the four forms, with today's options."""
    return forms.with_lists(formbook.read(db, name), lambda which: lists.options(db, which, translate))


def skip(db: Session, actor: Actor, task_id: str, submitted: Submitted, *, translate: Translate = str) -> UserTask:
    """Leave a task undone and let the pathway go on: what it was to ask stays null. Returns the task.

    Raises InvalidForm, AlreadyDone (who, when), or WrongOrder if what follows cannot do without its answers.
    """
    held = inbox.hold(db, actor, task_id)
    task = held.waiting.task
    access.require(actor, "task.skip", task.tenant)
    found = _answers(db, SKIP, submitted, translate)
    asked = formbook.read(db, task.form).fields if task.form else ()
    unknown = {part.key: None for part in asked if part.is_fact}
    sheet = _file(db, task.business_key, SKIP, found, actor)
    with incidents.going_on():
        instances.skip(db, held.task, sheet.id, unknown, by=actor.user_id)
    return task


def add(db: Session, actor: Actor, code: str, submitted: Submitted, *, translate: Translate = str) -> UserTask:
    """Add a task to a case: what (of a list), for which group, until when, with a note under the case's key."""
    case = _get(db, actor, code, "step.add")
    found = _answers(db, ADD, submitted, translate)
    day = date.fromisoformat(found.facts["due_on"])
    if day < clock.today():
        raise InvalidForm({"due_on": [translate(N_("Questa data è già passata."))]})
    _refuse_closed(casefile.lock(db, code))
    sheet = _file(db, code, ADD, found, actor)
    task = _start(db, case, found.facts["what"], found.facts["group"], day, sheet, actor)
    if not assignment.has_somebody(db, task):
        nobody = N_("Adesso in questo gruppo nessuno può vedere il caso: scegli un altro gruppo.")
        raise InvalidForm({"group": [translate(nobody)]})
    return task


def close(db: Session, actor: Actor, code: str, submitted: Submitted, *, translate: Translate = str) -> Case:
    """Close a case before its pathway ends. Nobody is told; the way back stays open."""
    _refuse_closed(_get(db, actor, code, "case.close"))
    found = _answers(db, CLOSE, submitted, translate)
    sheet = _file(db, code, CLOSE, found, actor)
    leaves = found.facts["leaves_shelter"] is True
    return pathways.close_case(db, actor, code, found.facts["outcome"], sheet.id, leaves=leaves)


def reopen(db: Session, actor: Actor, code: str, submitted: Submitted, *, translate: Translate = str) -> Case:
    """Take up a case again: its dates come back, nothing is erased, and something waits for somebody at once."""
    _get(db, actor, code, "case.reopen")
    found = _answers(db, REOPEN, submitted, translate)
    case = casefile.reopen(db, code, str(found.by_class["P4"]["reason"]), by=actor.user_id)
    sheet = _file(db, code, REOPEN, found, actor)
    deadlines.take_up(db, code, by=actor.user_id)
    retention.stop(db, casefile.scope_of(code), by=actor.user_id)
    if instances.open_instances(db, code):  # it was only suspended: its pathway never stopped
        return case
    if found.facts["go_on"] == "protection":
        pathways.start_protection(db, case, by=actor.user_id)
    else:
        _decide_how(db, case, sheet, actor)
    return case


def note_of(db: Session, actor: Actor, task: UserTask) -> str:
    """What was written for whoever does an added step, if the actor may read it; the reading is written down."""
    if task.form != EXTRA:
        return ""
    sheet_id = instances.process_facts(history.instance(db, task.instance_id)).get("sheet")
    case = access.get_case(db, actor, task.business_key)
    sheet = next((filed for filed in sheets.list_(db, case.code, ADD) if filed.id == sheet_id), None)
    read = access.read_sheets(db, actor, case, [sheet])[sheet.id] if sheet else {}
    return str(read.get("P4", {}).get("note", ""))


def _get(db: Session, actor: Actor, code: str, action: str) -> Case:
    case = access.get_case(db, actor, code)
    access.require(actor, action, case.post)
    return case


def _refuse_closed(case: Case) -> None:
    if case.status == "closed":
        raise WrongOrder(CLOSED)


def _answers(db: Session, name: str, submitted: Submitted, translate: Translate) -> Answers:
    return forms.answers(form(db, name, translate=translate), submitted, translate=translate)


def _file(db: Session, code: str, name: str, found: Answers, actor: Actor) -> Sheet:
    return sheets.file(db, code, name, found.by_class, schema_version=found.form.version, by=actor.user_id)


def _start(db: Session, case: Case, what: str, group: str, day: date, sheet: Sheet, actor: Actor) -> UserTask:
    end_of_day = datetime.combine(day, time(23, 59), clock.ROME)
    wanted = Wanted(what, codes.label("passo_aggiunto", what), group, case.phase, end_of_day, "colleague")
    stream = casefile.scope_of(case.code)
    return directed.add(
        db, EXTRA, case.code, case.post, wanted, sheet.id, {"sheet": sheet.id}, stream=stream, by=actor.user_id
    )


def _decide_how(db: Session, case: Case, sheet: Sheet, actor: Actor) -> UserTask:
    """Somebody of the group that took the case up again has to say how it goes on, by the next working day."""
    day = calendar.next_working_day(clock.today())
    group = "supervisor" if actor.has("supervisor", case.post) else "case_manager"
    return _start(db, case, codes.RESUME, group, day, sheet, actor)
