"""The workshop: the draft of a model, a table or a form; kept, checked, compared, proposed and confirmed by two people.

Scripts of ours call `save`, `check` and `vocabulary`; they answer JSON also when they refuse (`web/security.py`).
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as Redirect

from cases import access
from cases.actions import TASK_ROLES
from core.errors import N_, BadInput, InvalidForm, Refused
from engine import differ, drafts
from engine.drafts import DECISION, FORM, PROCESS, Outdated
from engine.findings import Finding
from engine.tables import Draft
from tasks import workshop as work
from web import labels
from web.language import named, say

pages = Blueprint("workshop", __name__, url_prefix="/models")

PLACES = {PROCESS: "", DECISION: "/tables", FORM: "/forms"}
ENDINGS = {PROCESS: "bpmn", DECISION: "dmn", FORM: "json"}
TYPES = {PROCESS: "application/xml", DECISION: "application/xml", FORM: "application/json"}
EDITORS = {PROCESS: "modeller.show_diagram", DECISION: "modeller.show_table", FORM: "modeller.show_form"}
View = Callable[..., Any]


def on_each(method: str, path: str, *kinds: str) -> Callable[[View], View]:
    """A page that models, tables and forms have alike: its address is that of the draft, and it is told the kind."""

    def offer(view: View) -> View:
        for kind in kinds or PLACES:
            rule = f"{PLACES[kind]}/<key>/draft{path.replace('*', ENDINGS[kind])}"
            pages.add_url_rule(rule, view.__name__, view, methods=[method], defaults={"kind": kind})
        return view

    return offer


@on_each("GET", "")
def show(kind: str, key: str) -> str:
    """One draft: how it stands, what is wrong with it, what can be done next."""
    access.require(g.actor, "model.read")
    return _page(kind, key)


@on_each("GET", ".*")
def raw(kind: str, key: str) -> Response:
    """The draft as a file, or what is in force where there is none; the revision to save on is its ETag."""
    access.require(g.actor, "model.read")
    return _file(kind, key, work.content(g.db, kind, key), drafts.revision_of(g.db, kind, key))


@on_each("PUT", ".*")
def save(kind: str, key: str) -> Response:
    """Keep what was drawn. What comes too late is kept beside it, after everything else was undone; with `?over` the
    writer was told so, and what her colleague saved is kept beside it instead."""
    access.require(g.actor, "model.edit")
    revision, content = _revision_read(), request.get_data()
    g.on_refusal = partial(_keep_late, kind, key, content, revision)
    save_ = work.write_over if "over" in request.args else work.save
    draft = save_(g.db, kind, key, content, revision, by=g.actor.user_id)
    reply = jsonify(revision=draft.revision, findings=said(work.findings(g.db, kind, key, content)))
    reply.set_etag(str(draft.revision))
    return reply


@on_each("POST", "/check")
def check(kind: str, key: str) -> Response:
    """What is wrong with what is being drawn; nothing is kept."""
    access.require(g.actor, "model.edit")
    work.source(g.db, kind, key)
    content = request.get_data()
    drafts.require_readable(kind, content)
    return jsonify(findings=said(work.findings(g.db, kind, key, content)))


@pages.get("/vocabulary.json")
def vocabulary() -> Response:
    """What a model may name, in the reader's language."""
    access.require(g.actor, "model.read")
    words = {kind: _told_apart(found) for kind, found in work.vocabulary(g.db).items()}
    return jsonify(groups=[{"id": role, "name": say(labels.ROLES[role])} for role in sorted(TASK_ROLES)], **words)


@on_each("GET", "/copies/<copy_id>.*")
def copy(kind: str, key: str, copy_id: str) -> Response:
    """A version that was kept beside the draft, as a file."""
    access.require(g.actor, "model.read")
    found = drafts.get_copy(g.db, kind, key, copy_id)
    return _file(kind, key, found.content, found.revision)


@on_each("POST", "/copies/<copy_id>/remove")
def remove_copy(kind: str, key: str, copy_id: str) -> Redirect:
    """A kept version is no longer wanted."""
    access.require(g.actor, "model.edit")
    drafts.remove_copy(g.db, drafts.get_copy(g.db, kind, key, copy_id), by=g.actor.user_id)
    return _to_draft(kind, key, "copy_removed")


@on_each("GET", "/copies/<copy_id>/difference")
def compare_copy(kind: str, key: str, copy_id: str) -> str:
    """What a kept version says otherwise than the draft, or than what is in force where there is none."""
    access.require(g.actor, "model.read")
    kept, present = drafts.get_copy(g.db, kind, key, copy_id), work.content(g.db, kind, key)
    return render_template(
        "workshop/copy.html",
        source=work.source(g.db, kind, key),
        copy=kept,
        draft=drafts.find(g.db, kind, key),
        found=differ.compare(kind, present, kept.content, str(get_locale())),
        lines=differ.lines(kind, present, kept.content),
    )


@on_each("POST", "/copies/<copy_id>/take")
def take_up(kind: str, key: str, copy_id: str) -> Redirect:
    """Go on from a kept version; what the draft held is kept instead."""
    access.require(g.actor, "model.edit")
    kept, base = drafts.get_copy(g.db, kind, key, copy_id), work.source(g.db, kind, key).version
    draft = drafts.find(g.db, kind, key)
    if draft is not None:
        draft = drafts.lock(g.db, kind, key, _seen())
    drafts.take_up(g.db, draft, kept, base_version=base, by=g.actor.user_id)
    return _to_draft(kind, key, "copy_taken")


@on_each("GET", "/difference")
def difference(kind: str, key: str) -> str:
    """What the draft changes in what it takes the place of: in words, on the drawing, in the file."""
    access.require(g.actor, "model.read")
    return _difference(kind, key)


@on_each("GET", "/difference.json")
def marks(kind: str, key: str) -> dict[str, list[str]]:
    """The ids of what was added, removed and changed, for the drawing."""
    access.require(g.actor, "model.read")
    draft = drafts.get(g.db, kind, key)
    return differ.compare(kind, work.before(g.db, draft).content, drafts.content_of(draft)).marks()


@on_each("POST", "/propose")
def propose(kind: str, key: str) -> Redirect:
    """Ask another coordinator to confirm the draft, for now or from a day."""
    access.require(g.actor, "model.edit")
    typed = request.form.to_dict()
    g.again = lambda problem: _page(kind, key, problem, typed)
    day = _day(typed.get("in_force_on", ""))
    work.propose(g.db, kind, key, _seen(), typed.get("reason", ""), day, by=g.actor.user_id)
    return _to_draft(kind, key, "draft_proposed")


@on_each("POST", "/approve")
def approve(kind: str, key: str) -> Redirect:
    """Another coordinator says yes: the draft becomes the next version."""
    access.require(g.actor, "model.publish")
    work.source(g.db, kind, key)
    g.again = lambda problem: _difference(kind, key, problem)
    work.approve(g.db, kind, key, _seen(), request.form.get("compared", ""), by=g.actor.user_id)
    return redirect(url_for("versions.show", kind=kind, key=key, done="draft_approved"), 303)


@on_each("POST", "/refuse")
def refuse(kind: str, key: str) -> Redirect:
    """Another coordinator says no, or who proposed it takes it back; the draft stays."""
    access.require(g.actor, "model.edit")
    work.source(g.db, kind, key)
    g.again = lambda problem: _difference(kind, key, problem, request.form.get("refusal", ""))
    draft = drafts.lock(g.db, kind, key, _seen())
    drafts.refuse(g.db, draft, request.form.get("refusal", ""), by=g.actor.user_id)
    return _to_draft(kind, key, "draft_refused")


@on_each("GET", "/discard")
def ask_discard(kind: str, key: str) -> str:
    """Really?"""
    access.require(g.actor, "model.edit")
    source, draft = work.source(g.db, kind, key), drafts.get(g.db, kind, key)
    return render_template("workshop/discard.html", source=source, draft=draft)


@on_each("POST", "/discard")
def discard(kind: str, key: str) -> Redirect:
    """The draft ends; what it held stays for a while as a copy."""
    access.require(g.actor, "model.edit")
    is_new = work.source(g.db, kind, key).version is None
    drafts.discard(g.db, drafts.lock(g.db, kind, key, _seen()), by=g.actor.user_id)
    if is_new:
        return redirect(url_for("models.show_list", done="draft_discarded"), 303)
    return _to_draft(kind, key, "draft_discarded")


@pages.get("/new")
def ask_begin() -> str:
    """A new pathway: its name, and what it is like."""
    access.require(g.actor, "model.edit")
    return _begin_form({"like": request.args.get("like", "")})


@pages.post("/new")
def begin() -> Redirect:
    """Begin the draft of a new pathway."""
    access.require(g.actor, "model.edit")
    typed = request.form.to_dict()
    g.again = lambda problem: _begin_form(typed, problem)
    names = (typed.get("name", ""), typed.get("name_en", ""))
    draft = work.begin(g.db, *names, typed.get("like") or None, by=g.actor.user_id)
    return _to_draft(PROCESS, draft.key, "draft_begun")


@pages.get("/forms/new")
def ask_begin_form() -> str:
    """A new form: its name, and whose questions it begins with."""
    access.require(g.actor, "model.edit")
    return _begin_form({"like": request.args.get("like", "")}, of_form=True)


@pages.post("/forms/new")
def begin_form() -> Redirect:
    """Begin the draft of a new form."""
    access.require(g.actor, "model.edit")
    typed = request.form.to_dict()
    g.again = lambda problem: _begin_form(typed, problem, of_form=True)
    draft = work.begin_form(g.db, typed.get("name", ""), typed.get("like") or None, by=g.actor.user_id)
    return _to_draft(FORM, draft.key, "draft_begun")


def _told_apart(words: list[work.Word]) -> list[dict[str, str]]:
    """Words to choose from; those that are called alike also say their id."""
    names = Counter(named(word) for word in words)
    shown = ((word.id, named(word)) for word in words)
    return [{"id": id_, "name": f"{name} ({id_})" if names[name] > 1 else name} for id_, name in shown]


def said(findings: list[Finding]) -> list[dict[str, Any]]:
    """Findings for a script, in the reader's language."""
    return [
        {"element": each.element or None, "line": each.line, "level": each.level, "text": words(each)}
        for each in findings
    ]  # fmt: skip


def words(finding: Finding) -> str:
    """One finding in the reader's language, beginning like a sentence."""
    text = say(finding.sentence, finding.params)
    return text[:1].upper() + text[1:]


pages.app_template_global("finding_words")(words)


@pages.app_template_global()
def draft_url(page: str, thing: Any, **more: Any) -> str:
    """The address of a page of the draft of this model, table or form."""
    return url_for(f"workshop.{page}", kind=thing.kind, key=thing.key, **more)


def _page(kind: str, key: str, problem: Refused | None = None, typed: Mapping[str, str] = MappingProxyType({})) -> str:
    source, draft = work.source(g.db, kind, key), drafts.find(g.db, kind, key)
    found = work.findings(g.db, kind, key, drafts.content_of(draft)) if draft else []
    return render_template(
        "workshop/show.html",
        source=source,
        draft=draft,
        findings=found,
        publishable=draft is not None and not any(each.level == "error" for each in found),
        lonely=_is_lonely(draft),
        copies=drafts.copies(g.db, kind, key),
        typed=typed,
        errors=getattr(problem, "errors", {}),
        problem=problem,
    )


def _difference(kind: str, key: str, problem: Refused | None = None, typed: str = "") -> str:
    source, draft = work.source(g.db, kind, key), drafts.get(g.db, kind, key)
    content, before, day = drafts.content_of(draft), work.before(g.db, draft), draft.in_force_from
    drawn_before = kind == PROCESS and before.version
    return render_template(
        "workshop/difference.html",
        source=source,
        draft=draft,
        before=before,
        is_before_to_come=before != source,
        found=differ.compare(kind, before.content, content, str(get_locale())),
        lines=differ.lines(kind, before.content, content),
        decides=draft.proposed_by is not None and drafts.may_confirm(draft, g.actor.user_id),
        findings=work.findings(g.db, kind, key, content) if draft.proposed_by else [],
        lonely=_is_lonely(draft),
        coming=[each for each in work.to_come(g.db, kind, key) if day is None or each.in_force_from > day],
        before_url=url_for("models.xml", process_id=key, definition_id=before.id) if drawn_before else None,
        typed=typed,
        errors=getattr(problem, "errors", {}),
        problem=problem,
        overtaken=isinstance(problem, work.Overtaken),
        bundles=["viewer"],
    )


def _is_lonely(draft: Draft | None) -> bool:
    """Is nobody left who could confirm it? Before it is proposed, whoever looks at it is taken for who will."""
    if draft is None:
        return False
    mine = () if draft.proposed_by else (g.actor.user_id,)
    return all(user_id in mine for user_id in work.confirmers(g.db, draft))


def _begin_form(typed: Mapping[str, str], problem: Refused | None = None, *, of_form: bool = False) -> str:
    words = work.form_words(g.db) if of_form else work.vocabulary(g.db)["calls"]
    errors = getattr(problem, "errors", {})
    return render_template("workshop/begin.html", typed=typed, errors=errors, words=words, of_form=of_form)


def _to_draft(kind: str, key: str, done: str) -> Redirect:
    return redirect(url_for("workshop.show", kind=kind, key=key, done=done), 303)


def _seen() -> int:
    """The revision that the page of a form showed."""
    given = request.form.get("revision", "")
    if not given.isdecimal() or len(given) > 9:
        raise BadInput
    return int(given)


def _day(text: str) -> date | None:
    """A day as a date field sends it; nothing is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidForm({"in_force_on": [N_("Scrivi un giorno, o lascia vuoto.")]}) from None


@pages.app_template_global()
def drawing_page(kind: str) -> str:
    """The endpoint of the editor for this kind (`web/modeller.py`), "" where this installation has none."""
    return EDITORS[kind] if EDITORS[kind] in current_app.view_functions else ""


def _revision_read() -> int:
    """The revision that the page was drawn on; a page of ours always says it, and who opened it (`web/auth.py`)."""
    given = request.headers.get("If-Match", "").removeprefix("W/").strip('"')
    if not given.isdecimal() or len(given) > 9 or not request.headers.get("X-Writer"):
        raise BadInput
    return int(given)


def _keep_late(kind: str, key: str, content: bytes, revision: int, problem: Refused) -> None:
    if isinstance(problem, Outdated):
        by = g.actor.user_id
        g.afterwards.append(lambda tx: drafts.keep_copy(tx, kind, key, content, revision, by=by))


def _file(kind: str, key: str, content: bytes, revision: int) -> Response:
    name = f"{key}-{revision}.{ENDINGS[kind]}" if key.isascii() else f"draft.{ENDINGS[kind]}"
    reply = Response(content, mimetype=TYPES[kind])
    reply.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    reply.headers["X-CSRFToken"] = generate_csrf()
    reply.set_etag(str(revision))
    return reply
