"""In and out: files of other programs become drafts; a pathway, or all that is in force, leaves as a zip."""

from flask import Blueprint, Response, g, render_template, request

from cases import access
from core.errors import InvalidForm
from tasks import exchange, importing
from tasks.exchange import Part
from web.labels import ROLES
from web.language import say

pages = Blueprint("exchange", __name__, url_prefix="/models")


@pages.get("/import")
def ask() -> str:
    """Which file?"""
    access.require(g.actor, "model.edit")
    return _ask()


@pages.post("/import")
def bring() -> str | tuple[str, int]:
    """Read it, make drafts of what can be one, and say of each file what became of it."""
    access.require(g.actor, "model.edit")
    g.again = _ask
    sent = request.files.get("file")
    name, data = (sent.filename or "", sent.read()) if sent else ("", b"")
    if sent:
        sent.close()
    files = importing.unpack(name, data)
    brought = importing.keep(g.db, importing.read(g.db, files, _groups()), by=g.actor.user_id)
    if not brought:
        raise InvalidForm({"file": [importing.EMPTY]})
    page = render_template("exchange/brought.html", brought=brought)
    return page if any(each.state != importing.REFUSED for each in brought) else (page, 422)


@pages.get("/export.zip")
def everything() -> Response:
    """All that is in force."""
    access.require(g.actor, "model.read")
    return _zip(exchange.everything(g.db), "models")


@pages.get("/<process_id>/export.zip")
def pathway(process_id: str) -> Response:
    """One model with all that it calls and uses."""
    access.require(g.actor, "model.read")
    return _zip(exchange.pathway(g.db, process_id), "model")


@pages.get("/tables/<key>/export.dmn")
def table(key: str) -> Response:
    """One table as it was published."""
    access.require(g.actor, "model.read")
    return _file(exchange.table_file(g.db, key), "application/xml", "table", "dmn")


@pages.get("/forms/<key>/export.json")
def form(key: str) -> Response:
    """One form as it was published."""
    access.require(g.actor, "model.read")
    return _file(exchange.form_file(g.db, key), "application/json", "form", "json")


def _ask(problem: InvalidForm | None = None) -> str:
    return render_template("exchange/import.html", errors=problem.errors if problem else {})


def _groups() -> dict[str, str]:
    """By what names people call our groups: the id, and its words in both languages."""
    return {name.casefold(): role for role, words in ROLES.items() for name in (role, words, say(words))}


def _zip(parts: list[Part], name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
    return Response(exchange.zipped(parts), mimetype="application/zip", headers=headers)


def _file(part: Part, kind: str, name: str, ending: str) -> Response:
    """A neutral name: the list of downloads of a shared computer tells nothing."""
    headers = {"Content-Disposition": f'attachment; filename="{name}-{part.version}.{ending}"'}
    return Response(part.data, mimetype=kind, headers=headers)
