"""Cases: the list, and the page of one: where it stands, what waits, dates, person, stay, consents, what happened."""

from functools import partial

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import (
    access,
    codes,
    comments,
    consents,
    critical_events,
    files,
    looks,
    minors,
    persons,
    referrals,
    reveals,
    shelters,
    transfers,
)
from cases import documents as kept
from cases import sheets as filed
from cases.casefile import Case
from core.errors import N_, NotYours
from notifications import ways
from notifications.parcel import SMS
from tasks import comments as talk
from tasks import drafts, forms, inbox, letters, measures, pathways, reentry
from web import documents, permits, subject
from web.agenda import planned_of
from web.language import say
from web.layout import may
from web.sheet import Page
from web.sheets import titles

pages = Blueprint("cases", __name__, url_prefix="/cases")

PAGE = 100


@pages.get("")
def show_list() -> str:
    """The cases this person may know to exist."""
    access.require(g.actor, "case.list")
    status = request.args.get("status", "open")
    status = status if status in codes.codes_of(codes.CASE_STATUSES) else ""
    start = min(max(request.args.get("start", 0, int), 0), 1_000_000)
    found = access.list_cases(g.db, g.actor, status=status, start=start, limit=PAGE + 1)
    return render_template(
        "cases/list.html", cases=found[:PAGE], status=status, start=start, page=PAGE, more=len(found) > PAGE
    )


@pages.get("/<code>")
def show(code: str) -> str:
    """One case. Names and safe ways are not on it: they are asked for, and the asking is written down."""
    case = access.get_case(g.db, g.actor, code)
    looks.note(g.db, g.actor, case)
    return render_template("cases/show.html", **_facts(case))


@pages.post("/<code>/person")
def show_person(code: str) -> str:
    """The same page with identity and safe ways, as far as this person may read them; every reading is written down."""
    case = access.get_case(g.db, g.actor, code)
    allowed = access.classes(g.db, g.actor, case)
    if not allowed & {"P2", "P4"}:
        raise NotYours
    identity = persons.read(g.db, g.actor, case) if "P2" in allowed else {}
    ways = persons.read_ways(g.db, g.actor, case) if "P4" in allowed else {}
    return render_template("cases/show.html", **_facts(case), identity=identity, ways=ways)


@pages.get("/<code>/looks")
def show_looks(code: str) -> str:
    """Who has looked at this case, and when; the reasons of emergency accesses for who may read them."""
    case = access.get_case(g.db, g.actor, code)
    access.require(g.actor, "case.looks", case.post)
    found = looks.list_(g.db, g.actor, case, before=request.args.get("before", None, int))
    return render_template("cases/looks.html", code=case.code, looks=found, page=looks.PAGE)


@pages.get("/<code>/decline")
def ask_decline(code: str) -> str:
    """What to write down when a person says no."""
    case = access.get_case(g.db, g.actor, code)
    access.require(g.actor, "case.close", case.post)
    form = pathways.decline_form(g.db, translate=say)
    return render_template("cases/decline.html", code=code, sheet=Page(form, drafts.fill(form, None)))


@pages.post("/<code>/decline")
def decline(code: str) -> str | Response:
    """The person says no, for now: the case closes, the door stays open, nobody is told."""
    form = pathways.decline_form(g.db, translate=say)
    typed = forms.typed(form, request.form)
    if "_refresh" in request.form:
        return render_template("cases/decline.html", code=code, sheet=Page(form, typed))
    g.again = lambda problem: render_template("cases/decline.html", code=code, sheet=Page(form, typed, problem.errors))
    pathways.decline_case(g.db, g.actor, code, request.form, translate=say)
    return redirect(url_for("cases.show", code=code, done="declined"), 303)


@pages.post("/<code>/pathways/<process_id>")
def start_pathway(code: str, process_id: str) -> Response:
    """Start a pathway on this case and go to its first task, if it is this person's; else it is told where it waits."""
    before = {waiting.task.id for waiting in inbox.of_subject(g.db, g.actor, code)}
    pathways.start(g.db, g.actor, code, process_id)
    for waiting in inbox.of_subject(g.db, g.actor, code):
        if waiting.task.id not in before and subject.may_open(g.actor, waiting):
            return redirect(url_for("inbox.show_task", task_id=waiting.task.id, done="started_here"), 303)
    return redirect(url_for("cases.show", code=code, done="started"), 303)


def _facts(case: Case) -> dict[str, object]:
    return {
        "case": case,
        "minor": minors.get(g.db, case.code),
        "about": subject.of(g.db, g.actor, case.code, events=subject.ALL, before=request.args.get("before", None, int)),
        "classes": access.classes(g.db, g.actor, case),
        "tasks": inbox.of_subject(g.db, g.actor, case.code),
        "may_open": partial(subject.may_open, g.actor),
        "stay": shelters.current(g.db, case.code),
        "may_ask_address": reveals.may_ask(g.db, g.actor, case),
        "own_houses": {house.code for house in shelters.houses_of(g.db, g.actor)},
        "consents": consents.list_(g.db, case.code),
        "may_consent": case.status != "closed" and access.may(g.actor, "consent.record", case.post),
        "measures": measures.due(g.db, case) if case.status != "closed" else [],
        "phases": _phases(case),
        "title": permits.of(g.db, case.code),
        "may_link": case.status != "closed" and access.may(g.actor, "episode.record", case.post),
        "sheets": filed.list_(g.db, case.code),
        "titles": titles(g.db),
        "documents": [(each, documents.name_of(each)) for each in kept.list_(g.db, g.actor, case)],
        "files": files.list_(g.db, g.actor, case),
        "may_add_file": case.status != "closed" and access.may(g.actor, "document.write", case.post),
        "letters": letters.for_case(g.db, g.actor, case),
        "may_write_person": access.may(g.actor, "person.record", case.post),
        "may_text": ways.is_open(current_app.config["APPRODO"], SMS),
        **said_of(case),
        **planned_of(case, may_set=case.status != "closed" and "P3" in access.classes(g.db, g.actor, case)),
        "transfers": transfers.of_case(g.db, case.code),
        "referrals": referrals.of_case(g.db, case.code),
        "incidents": critical_events.of_case(g.db, case.code),
        "may_reenter": reentry.may_reenter(g.actor, case),
        "startable": pathways.startable(g.db, g.actor, case.code),
        "changes": _changes(case),
        "may_look_back": access.may(g.actor, "case.looks", case.post),
        "glass_until": looks.glass_until(g.db, g.actor, case),
        "may_decline": case.status == "open" and access.may(g.actor, "case.close", case.post),
    }


def _changes(case: Case) -> list[tuple[str, str]]:
    """What this person may do to the case out of the ordinary, as it stands: address and words."""
    acts = (
        [("steps.ask_reopen", "case.reopen", N_("Riapri il caso"))]
        if case.status == "closed"
        else [
            ("steps.ask_step", "step.add", N_("Aggiungi un passo")),
            ("steps.ask_close", "case.close", N_("Chiudi prima del tempo")),
        ]
    )
    return [(url_for(page, code=case.code), say(words)) for page, right, words in acts if may(right, case.post)]


def said_of(case: Case) -> dict[str, object]:
    """The comments of a case and who may be called into one, for the pages that show them."""
    said = comments.read(g.db, g.actor, case)
    may_comment = access.may_read(g.db, g.actor, case, comments.CLASS)
    return {
        "said": said,
        "may_comment": may_comment,
        "colleagues_here": talk.colleagues(g.db, g.actor, case) if may_comment else [],
    }


def _phases(case: Case) -> list[tuple[str, str]]:
    """Every phase of the pathway and whether it is over, present or to come."""
    names = [code for code, _ in codes.PHASES]
    now = names.index(case.phase) if case.phase in names else 0
    closed = case.status == "closed"
    return [(code, "done" if place < now or (closed and place == now) else "current" if place == now else "next")
            for place, code in enumerate(names)]  # fmt: skip
