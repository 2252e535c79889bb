"""Joining contacts and cases to the models that carry them: receive, open, decline, close."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from cases import (
    access,
    casefile,
    contacts,
    deadlines,
    posts,
    programmes,
    reports,
    retention,
    sheets,
    shelters,
    transfers,
)
from cases.access import Actor
from cases.casefile import Case
from cases.contact_facts import COLUMNS, DETAILS
from cases.contacts import Contact
from core import clock
from core.errors import N_, NotYours, WrongOrder
from engine import instances, messages, registry
from engine.game.program import Program
from engine.tables import Definition, Instance
from tasks import agenda, drafts, formbook, forms, lists
from tasks.components import Form
from tasks.fields import Translate
from tasks.forms import Answers, Submitted, Typed

CONTACT_FORMS = {
    "call": "contact_call",
    "street": "contact_street",
    "desk": "contact_street",
    "online": "contact_street",
    "report": reports.FORM,
}
# which pathway begins with what each of them says, and what it calls the fields that it may decide by
BEGUN_BY = {form: "report" if form == reports.FORM else "contact" for form in CONTACT_FORMS.values()}
CALLED = {
    **{field: field for field in ("danger", "wants_out", "minor", "reason", "province", "meet_again_on")},
    "call_class": "pertinent",
    "report_priority": "report_priority",
    "sender_contact": "sender_reachable",
}
RECORDERS = {
    "call": ("nv_operator", "nv_supervisor"),
    "street": ("street_worker",),
    "desk": ("local_desk", "case_manager", "supervisor"),
    "online": ("street_worker", "local_desk", "case_manager", "nv_operator"),
    "report": ("nv_operator", "nv_supervisor", "local_desk", "case_manager", "supervisor"),
}
PERTINENT = {"pertinente": True, "pertinente_qualificata": True, "non_pertinente": False, "disturbo": False}
OUTREACH = frozenset({"street", "online"})
DECLINED = "person_declined"
ON_A_CASE = "case"  # what a model says of itself when a person may start it on the page of a case
OPEN_DOOR = "porta_aperta"
ALREADY_STILL = N_("Il lavoro su questo caso è già fermo: prima va ascoltata la persona.")
MINORS = "minor"
ADULTS_ONLY = frozenset({"voluntary_return"})  # hidden for whoever is, or may be, a minor
CASE_ENDED = "case_ended"
SEARCH_ENDED = "transfer_search_ended"  # to the search for a place elsewhere: it is over


def kinds_for(actor: Actor) -> list[str]:
    """The kinds of contact that this person may record."""
    return [kind for kind, roles in RECORDERS.items() if actor.posts(*roles)]


def contact_form(db: Session, kind: str, *, translate: Translate = str) -> Form:
    """The form of a kind of contact, with today's options."""
    if kind not in CONTACT_FORMS:
        raise NotYours
    return forms.with_lists(formbook.read(db, CONTACT_FORMS[kind]), lambda name: lists.options(db, name, translate))


def contact_values(db: Session, actor: Actor, kind: str, form: Form) -> Typed:
    """What to show in an open contact form: this person's draft, else the present time and the form's defaults."""
    kept = drafts.load(db, _place(kind), actor.user_id)
    values = drafts.fill(form, kept)
    if kept is None:
        values["at"] = f"{clock.now().astimezone(clock.ROME):%Y-%m-%dT%H:%M}"
    return values


def save_contact_draft(db: Session, actor: Actor, kind: str, submitted: Submitted) -> datetime:
    """Keep what was typed so far, under the writer's own key, and say when."""
    post_for(actor, kind, None)
    typed = forms.typed(contact_form(db, kind), submitted)
    return drafts.save(db, _place(kind), f"user:{actor.user_id}", typed, by=actor.user_id)


def receive_contact(
    db: Session,
    actor: Actor,
    kind: str,
    submitted: Submitted,
    *,
    post: str | None = None,
    translate: Translate = str,
) -> Contact:
    """Write a contact down as it was typed and start its pathway: triage, then whoever has to answer.

    It needs no person and no name. Raises InvalidForm with the sentences of each wrong field.
    """
    post = post_for(actor, kind, post)
    found = forms.answers(contact_form(db, kind, translate=translate), submitted, translate=translate)
    facts, notes = told(found)
    with forms.spoken(translate):
        contact = contacts.record(db, kind, post, facts, notes, by=actor.user_id)
    if kind == "report":
        _file_report(db, contact, found, by=actor.user_id)
    start_contact(db, contact, by=actor.user_id)
    drafts.remove(db, _place(kind), actor.user_id)
    return contact


def told(found: Answers) -> tuple[dict[str, Any], dict[str, str]]:
    """The answers of a contact form as the register takes them: facts in the clear, and the notes it seals."""
    values = {key: value for answers in found.by_class.values() for key, value in answers.items()}
    facts = {key: _instant(value) if key in ("at", "ended_at") else value for key, value in values.items()}
    notes = {key: str(facts.pop(key)) for key in contacts.NOTES if key in facts}
    return {key: value for key, value in facts.items() if key in COLUMNS or key in DETAILS}, notes


def _file_report(db: Session, contact: Contact, found: Answers, *, by: str) -> None:
    """File form F03 beside its contact; who reports goes to a seal of its own, apart from the person."""
    sender = {key: str(value) for key, value in found.by_class.get("P2", {}).items() if key in reports.SENDER}
    reports.record(db, contact, found.by_class.get("P1", {}), sender, by=by)
    kept = {cls: {key: each for key, each in answers.items() if key not in reports.SENDER}
            for cls, answers in found.by_class.items()}  # fmt: skip
    sheets.file(db, contact.code, reports.FORM, kept, schema_version=found.form.version, by=by)


def start_contact(db: Session, contact: Contact, *, by: str) -> None:
    """Start the pathway of a recorded contact, or of a report, with what triage may know of it."""
    local, report = contact.at.astimezone(clock.ROME), reports.of(db, contact.code)
    facts = {
        "kind": contact.kind,
        "at": local.isoformat(timespec="minutes"),
        "hour": local.hour,
        "danger": contact.danger,
        "wants_out": contact.wants_out,
        "minor": contact.minor,
        "pertinent": PERTINENT.get(contact.call_class or ""),
        "reason": contact.reason,
        "province": contact.province,
        "post": contact.post,
        "meet_again_on": _next_meeting(db, contact),
    }
    if report is not None:
        facts |= {"report_priority": report.priority, "sender_reachable": report.reachable}
    process, stream = "contact" if report is None else "report", contacts.scope_of(contact.code)
    instances.start(db, process, contact.code, contact.post, facts, stream=stream, by=by)


def _next_meeting(db: Session, contact: Contact) -> str | None:
    """The day on which a unit of the territory meets her again; the central desk has nobody to send."""
    here = posts.get_valid(db, contact.post).kind != "central"
    return contact.details.get("meet_again_on") if here and contact.kind in OUTREACH else None


def link_contact(db: Session, actor: Actor, code: str, earlier: str) -> Contact:
    """Say that a contact is with a person met before, whose word or number it repeats: she is one person again."""
    contact = access.get_contact(db, actor, code)
    access.require(actor, "contact.link")
    in_hand = "P4" in access.contact_classes(actor, contact)
    if not in_hand or earlier not in {found.code for found in contacts.alike(db, code)}:
        raise NotYours
    contacts.link(db, code, earlier, by=actor.user_id)
    for met in contacts.encounters_of(db, contact):
        retention.stop(db, contacts.scope_of(met.code), by=actor.user_id)
    return contact


def open_case(db: Session, actor: Actor, post: str, *, kind: str | None = None, minor: bool | None = None) -> Case:
    """Open a case that did not begin with a contact, and start its protection."""
    access.require(actor, "case.open", post)
    case = casefile.open_(db, post, kind=kind, worker=actor.user_id, by=actor.user_id)
    casefile.note(db, case.code, minor=minor, by=actor.user_id)
    start_protection(db, case, by=actor.user_id)
    return case


def start_protection(db: Session, case: Case, *, by: str) -> None:
    """Start the immediate protection of a case, and the way of minors for whoever is one or may be one."""
    _start(db, case, "protection", by=by)
    if case.presumed_minor:
        _start(db, case, MINORS, by=by)


def start_on(db: Session, case: Case, process_id: str, *, by: str) -> None:
    """Start a pathway that nobody chose by hand: an alarm of her house, a way back."""
    _start(db, case, process_id, by=by)


def begin(db: Session, case: Case, message: str, *, by: str) -> None:
    """Start the pathway that a message begins, although no pathway threw it."""
    found = registry.started_by(db, message)
    if found is None:
        raise LookupError(message)
    process, event, stream = found[0].process_id, found[1], casefile.scope_of(case.code)
    instances.start(db, process, case.code, case.post, case_facts(case), stream=stream, event=event, by=by)


def case_facts(case: Case) -> dict[str, Any]:
    """What every pathway of a case may know of it: codes, choices and yes-no-unknown. Null is "non noto"."""
    return {
        "case_code": case.code,
        "contact_code": case.contact_code,
        "post": case.post,
        "province": case.province,
        "phase": case.phase,
        "minor": case.minor,
        "age_doubt": case.age_doubt,
        "eu_citizen": case.eu_citizen,
        "risk_level": case.risk,
        "victim_status": case.victim_status,
    }


def startable(db: Session, actor: Actor, code: str) -> list[tuple[Definition, Program]]:
    """The pathways that this person may start on this case now: those that say so in the model (`approdo:startable`),
    begin in a lane of hers, and do not run already."""
    case = access.get_case(db, actor, code)
    running = {definition.process_id for _, definition in instances.open_instances(db, code)}
    return [
        (definition, program)
        for definition, program in registry.startable(db, ON_A_CASE)
        if case.status == "open"
        and definition.process_id not in running
        and _is_for(case, definition.process_id)
        and _may_start(actor, case, program)
    ]


def start(db: Session, actor: Actor, code: str, process_id: str) -> Instance:
    """Start a pathway on a case by hand: a transfer, a missing person, a compensation. One of each at a time."""
    case = access.get_case(db, actor, code)
    found = next((read for read in registry.startable(db, ON_A_CASE) if read[0].process_id == process_id), None)
    if found is None or not _may_start(actor, case, found[1]):
        raise NotYours
    casefile.lock(db, code)
    if case.status != "open":
        raise WrongOrder(N_("Il caso è chiuso: per lavorarci va prima riaperto."))
    if not _is_for(case, process_id):
        raise WrongOrder(N_("Questo percorso è solo per adulti: la persona è minorenne, o c'è un dubbio sull'età."))
    if any(definition.process_id == process_id for _, definition in instances.open_instances(db, code)):
        raise WrongOrder(N_("Questo percorso è già in corso su questo caso."))
    return _start(db, case, process_id, by=actor.user_id)


def _is_for(case: Case, process_id: str) -> bool:
    return process_id not in ADULTS_ONLY or not case.presumed_minor


def _may_start(actor: Actor, case: Case, program: Program) -> bool:
    return access.may(actor, "pathway.start", case.post) and (
        actor.has("supervisor", case.post) or (program.starter is not None and actor.has(program.starter, case.post))
    )


def _start(db: Session, case: Case, process_id: str, *, by: str) -> Instance:
    stream = casefile.scope_of(case.code)
    return instances.start(db, process_id, case.code, case.post, case_facts(case), stream=stream, by=by)


def decline_form(db: Session, *, translate: Translate = str) -> Form:
    """What is asked when a person in a case says no: when, and whether she leaves the house."""
    return forms.with_lists(formbook.read(db, DECLINED), lambda name: lists.options(db, name, translate))


def decline_case(db: Session, actor: Actor, code: str, submitted: Submitted, *, translate: Translate = str) -> Case:
    """The person says no, for now: everything that waits is withdrawn, the door stays open, no authority is told."""
    case = access.get_case(db, actor, code)
    access.require(actor, "case.close", case.post)
    if case.status == "suspended":
        raise WrongOrder(ALREADY_STILL)
    found = forms.answers(decline_form(db, translate=translate), submitted, translate=translate)
    if not _is_heard(db, code, found.facts, by=actor.user_id):
        end_case(db, code, OPEN_DOOR, leaves=found.facts["leaves_shelter"] is True, by=actor.user_id)
    sheets.file(db, code, DECLINED, found.by_class, schema_version=found.form.version, by=actor.user_id)
    return case


def _is_heard(db: Session, code: str, facts: Mapping[str, Any], *, by: str) -> bool:
    """Does a pathway hear the no? Whoever has not joined the programme yet owes it nothing, and no decision either."""
    running = {definition.process_id for _, definition in instances.open_instances(db, code)}
    if "programme" in running and programmes.current(db, code) is None:
        return False
    try:
        instances.receive(db, DECLINED, code, facts, by=by)
    except NotYours:
        return False
    return True


def decline_contact(db: Session, actor: Actor, code: str) -> Contact:
    """The person says no, for now: the contact is closed under its code, nobody is told."""
    contact = access.get_contact(db, actor, code)
    access.require(actor, "contact.close")
    _say_no(db, code, {"declined_on": clock.today().isoformat()}, by=actor.user_id)
    return contact


def _say_no(db: Session, code: str, facts: Mapping[str, Any], *, by: str) -> None:
    try:
        instances.receive(db, DECLINED, code, facts, by=by)
    except NotYours:
        raise WrongOrder(N_("Questo percorso è già finito.")) from None


def close_case(db: Session, actor: Actor, code: str, outcome: str, reason: str, *, leaves: bool = True) -> Case:
    """Close a case with an outcome: its pathways, dates and (if she leaves) stay end with it. `reason` is the id of
    the sealed words."""
    case = access.get_case(db, actor, code)
    access.require(actor, "case.close", case.post)
    end_case(db, code, outcome, leaves=leaves, reason=reason, by=actor.user_id)
    return case


def end_case(
    db: Session,
    code: str,
    outcome: str,
    *,
    leaves: bool,
    reason: str = CASE_ENDED,
    spare: str = "",
    left_on: date | None = None,
    by: str,
) -> Case:
    """What ends when a case does: its pathways (but `spare`, the instance that asks for it), the stay (if she leaves
    the house), the dates and their reminders, the file. Then it is kept as long as the rules say, counted from the day
    she left (null: today)."""
    _cancel_all(db, code, reason, spare, by)
    searching = transfers.open_of(db, code)
    if searching is not None:
        transfers.end(db, searching.code, "annullato", by=by)
        messages.leave(db, SEARCH_ENDED, searching.code, {})
    if leaves and shelters.current(db, code) is not None:
        shelters.leave(db, code, clock.today(), by=by)
    deadlines.drop_all(db, code, by=by)
    agenda.call_off(db, code, by=by)
    case = casefile.close(db, code, outcome, by=by)
    _cancel_all(db, code, reason, spare, by)  # what began before the case was locked
    retention.begin_case(db, code, left_on or clock.today(), outcome, by=by)
    return case


def _cancel_all(db: Session, code: str, reason: str, spare: str, by: str) -> None:
    for instance, _ in instances.open_instances(db, code):
        if instance.id != spare:
            instances.cancel(db, instance.id, reason, by=by)


def post_for(actor: Actor, kind: str, post: str | None) -> str:
    """The post in whose name this person records such a contact; the only one, or the one that was chosen."""
    own = sorted(actor.posts(*RECORDERS.get(kind, ())))
    if post is None and own:
        return own[0]
    if post is None or post not in own:
        raise NotYours
    return post


def _instant(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def _place(kind: str) -> str:
    return f"contact:{kind}"
