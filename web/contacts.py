"""Contacts: a call on one screen, an encounter in the street, the list, the page of one contact."""

from functools import partial

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access, calls, codes, contacts, reports, retention
from cases import sheets as filed
from core.errors import InvalidForm, NotYours, Refused
from tasks import completing, forms, inbox, pathways, triage
from tasks.forms import Typed
from web import ahead as ahead_words
from web import auth, subject
from web import calls as voices
from web.agenda import planned_of
from web.language import say
from web.sheet import Page
from web.sheets import titles

pages = Blueprint("contacts", __name__, url_prefix="/contacts")

PAGE = 100
STATUSES = ("open", "closed")


@pages.get("")
def show_list() -> str:
    """The contacts this person may know to exist."""
    access.require(g.actor, "contact.list")
    status = request.args.get("status", "open")
    status = status if status in STATUSES else ""
    start = min(max(request.args.get("start", 0, int), 0), 1_000_000)
    found = access.list_contacts(g.db, g.actor, status=status, start=start, limit=PAGE + 1)
    return render_template(
        "contacts/list.html", contacts=found[:PAGE], status=status, start=start, page=PAGE, more=len(found) > PAGE,
        kinds=pathways.kinds_for(g.actor), offered=calls.waiting_of(g.db, [contact.code for contact in found]),
    )  # fmt: skip


@pages.get("/new/<kind>")
def show_form(kind: str) -> str:
    """An empty form with the present time, or the draft that was left."""
    if kind not in pathways.kinds_for(g.actor):
        raise NotYours
    form = pathways.contact_form(g.db, kind, translate=say)
    return _form_page(kind, Page(form, pathways.contact_values(g.db, g.actor, kind, form)))


@pages.post("/new/<kind>")
def record(kind: str) -> str | Response:
    """Record the contact as it was typed and start its pathway; or look at the fields again, or keep a draft."""
    if "_refresh" in request.form:
        return _form_page(kind, Page(pathways.contact_form(g.db, kind, translate=say), _typed(kind)))
    if "_draft" in request.form:
        pathways.save_contact_draft(g.db, g.actor, kind, request.form)
        return redirect(url_for("contacts.show_form", kind=kind, done="draft"), 303)
    g.again = lambda problem: _form_again(kind, problem)
    contact = pathways.receive_contact(g.db, g.actor, kind, request.form, translate=say)
    return redirect(url_for("contacts.show", code=contact.code, done="recorded"), 303)


@pages.post("/new/<kind>/draft")
def save_draft(kind: str) -> tuple[str, int]:
    """Keep what was typed; the page calls this by itself."""
    pathways.save_contact_draft(g.db, g.actor, kind, request.form)
    return "", 204


@pages.get("/<code>")
def show(code: str) -> str:
    """One contact. What was said is shown to who has it in hand, and the reading is written down."""
    return _page(code)


@pages.post("/<code>/sender")
def show_sender(code: str) -> str:
    """The same page with who reported, for those who must answer; the reading is written down."""
    contact = access.get_contact(g.db, g.actor, code)
    return _page(code, sender=reports.read_sender(g.db, g.actor, contact))


@pages.post("/<code>/link")
def link(code: str) -> Response:
    """The word or number was left before: it is the same person."""
    pathways.link_contact(g.db, g.actor, code, request.form.get("earlier", ""))
    return redirect(url_for("contacts.show", code=code, done="linked"), 303)


def _page(code: str, **more: object) -> str:
    contact = access.get_contact(g.db, g.actor, code)
    in_hand = "P4" in access.contact_classes(g.actor, contact)
    about = subject.of(g.db, g.actor, code, events=subject.ALL, before=request.args.get("before", None, int))
    return render_template(
        "contacts/show.html",
        contact=contact,
        notes=subject.notes(g.db, g.actor, about),
        about=about,
        tasks=inbox.of_subject(g.db, g.actor, code),
        may_open=partial(subject.may_open, g.actor),
        sheets=filed.list_(g.db, code),
        titles=titles(g.db),
        earlier=subject.earlier_contacts(g.db, contact),
        alike=contacts.alike(g.db, code) if in_hand else [],
        report=reports.of(g.db, code),
        may_answer=reports.may_read_sender(g.actor, contact),
        kept=[row for row in retention.of(g.db, contacts.scope_of(code)) if row.status == "running"],
        **planned_of(contact, may_set=in_hand and contact.case_code is None and access.may(g.actor, "agenda.use")),
        may_complete=completing.may(g.actor, contact),
        may_repeat=request.args.get("done") == "recorded" and contact.kind in pathways.kinds_for(g.actor),
        voice=voices.of(contact),
        may_decline=contact.status == "open" and access.may(g.actor, "contact.close"),
        **more,
    )


@pages.post("/<code>/decline")
def decline(code: str) -> Response:
    """The person says no, for now: the door stays open."""
    pathways.decline_contact(g.db, g.actor, code)
    return redirect(url_for("contacts.show", code=code, done="declined"), 303)


@pages.get("/<code>/complete")
def ask_more(code: str) -> str:
    """The whole form F02 with what is known in the clear; what is sealed stays, unless something is written there."""
    contact = completing.may_complete(g.db, g.actor, code)
    form = completing.form(g.db, translate=say)
    return _more_page(code, Page(form, completing.values(g.db, g.actor, contact, form)))


@pages.post("/<code>/complete")
def complete(code: str) -> str | Response:
    """Add what there was no time for; or look at the fields again, or keep a draft."""
    contact = completing.may_complete(g.db, g.actor, code)
    form = completing.form(g.db, translate=say)
    typed = forms.typed(form, request.form)
    if "_refresh" in request.form:
        return _more_page(code, Page(form, typed))
    g.again = lambda problem: _more_page(code, Page(form, typed, problem.errors))
    contact = completing.complete(g.db, g.actor, code, request.form, translate=say)
    done = "reopened" if contact.status == "open" else "kept"
    return redirect(url_for("contacts.show", code=code, done=done), 303)


@pages.post("/<code>/complete/draft")
def save_more(code: str) -> tuple[str, int]:
    """Keep what was typed; the page calls this by itself."""
    completing.save_draft(g.db, g.actor, code, request.form)
    return "", 204


def _more_page(code: str, sheet: Page) -> str:
    return render_template("contacts/complete.html", code=code, sheet=sheet)


def _keep() -> None:
    assert request.view_args  # noqa: S101 - both pages below carry a kind
    pathways.save_contact_draft(g.db, g.actor, request.view_args["kind"], request.form)


def _keep_more() -> None:
    assert request.view_args  # noqa: S101 - both pages below carry a code
    completing.save_draft(g.db, g.actor, request.view_args["code"], request.form)


for endpoint, keep in (("record", _keep), ("save_draft", _keep), ("complete", _keep_more), ("save_more", _keep_more)):
    auth.keeps_draft(f"contacts.{endpoint}", keep)


def _typed(kind: str) -> Typed:
    return forms.typed(pathways.contact_form(g.db, kind), request.form)


def _form_again(kind: str, problem: Refused) -> str:
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    return _form_page(kind, Page(pathways.contact_form(g.db, kind, translate=say), _typed(kind), errors))


def _form_page(kind: str, sheet: Page) -> str:
    title = codes.label("tipo_contatto", kind)
    ahead = triage.ahead(g.db, g.actor, kind, sheet.form, sheet.values)
    told = ahead_words.told(ahead) if ahead else []
    return render_template("contacts/form.html", kind=kind, title=title, sheet=sheet, ahead=ahead, told=told)
