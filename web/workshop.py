"""The workshop: the draft of a model, a table or a form; kept, checked, compared, proposed and confirmed by two people.

Scripts of ours call `save`, `check` and `vocabulary`; they answer JSON also when they refuse (`web/security.py`).
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Response, g, jsonify, render_template, request, url_for
from flask_wtf.csrf import generate_csrf

from cases import access
from cases.actions import TASK_ROLES
from core.errors import BadInput, Refused
from engine import drafts
from engine.drafts import DECISION, FORM, PROCESS, Outdated
from engine.findings import Finding
from tasks import workshop as work
from web import labels
from web.language import named, say

pages = Blueprint("workshop", __name__, url_prefix="/models")

PLACES = {PROCESS: "", DECISION: "/tables", FORM: "/forms"}
ENDINGS = {PROCESS: "bpmn", DECISION: "dmn", FORM: "json"}
TYPES = {PROCESS: "application/xml", DECISION: "application/xml", FORM: "application/json"}
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
    source, draft = work.source(g.db, kind, key), drafts.find(g.db, kind, key)
    found = work.findings(g.db, kind, key, drafts.content_of(draft)) if draft else []
    return render_template(
        "workshop/show.html",
        source=source,
        draft=draft,
        revision=drafts.revision_of(g.db, kind, key),
        findings=found,
        errors_found=[each for each in found if each.level == "error"],
        copies=drafts.copies(g.db, kind, key),
    )


@on_each("GET", ".*")
def raw(kind: str, key: str) -> Response:
    """The draft as a file, or what is in force where there is none; the revision to save on is its ETag."""
    access.require(g.actor, "model.read")
    return _file(kind, key, work.content(g.db, kind, key), drafts.revision_of(g.db, kind, key))


@on_each("PUT", ".*")
def save(kind: str, key: str) -> Response:
    """Keep what was drawn. What comes too late is kept beside it, after everything else was undone."""
    access.require(g.actor, "model.edit")
    revision, content = _revision_read(), request.get_data()
    g.on_refusal = partial(_keep_late, kind, key, content, revision)
    draft = work.save(g.db, kind, key, content, revision, by=g.actor.user_id)
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
    words = {
        kind: [{"id": word.id, "name": named(word)} for word in found] for kind, found in work.vocabulary(g.db).items()
    }
    return jsonify(groups=[{"id": role, "name": say(labels.ROLES[role])} for role in sorted(TASK_ROLES)], **words)


@on_each("GET", "/copies/<copy_id>.*")
def copy(kind: str, key: str, copy_id: str) -> Response:
    """A version that was kept beside the draft, as a file."""
    access.require(g.actor, "model.read")
    found = drafts.get_copy(g.db, kind, key, copy_id)
    return _file(kind, key, found.content, found.revision)


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


def _revision_read() -> int:
    """The revision that the page was drawn on; a page of ours always says it."""
    given = request.headers.get("If-Match", "").removeprefix("W/").strip('"')
    if not given.isdecimal() or len(given) > 9:
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
