"""Leaflets: the texts for the person, in every language: to read, print, take away as PDF, write and sign."""

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from cases import access, leaflets, posts
from cases.leaflets import Leaflet
from core.errors import InvalidForm, NotYours, Refused
from tasks import leaflets as texts
from tasks import pdf
from tasks.leaflets import Kind
from tasks.pdf import Block
from web.documents import as_pdf

pages = Blueprint("leaflets", __name__, url_prefix="/leaflets")


@pages.get("")
def show_list() -> str:
    """Every text and how it stands in each language."""
    access.require(g.actor, "leaflet.read")
    found = [(kind, _states(kind)) for kind in texts.known().values()]
    return render_template("leaflets/list.html", found=found)


@pages.get("/<key>/<lang>")
def show(key: str, lang: str) -> str:
    """One version, as it is printed; what it says otherwise than the one before; who signed it."""
    return _page(key, lang)


@pages.get("/<key>/<lang>.pdf")
def download(key: str, lang: str) -> Response:
    """The same as PDF, on demand without anything that tells what it is about."""
    leaflet = _version(key, lang)
    neutral = request.args.get("cover") == "neutral"
    parts = [*_head(neutral), *texts.blocks(leaflet.text, neutral=neutral), Block("text", [_foot(leaflet)])]
    return as_pdf(f"foglio-{leaflet.version}-{lang}", pdf.write("Foglio", lang, parts))


@pages.get("/<key>/<lang>/write")
def ask(key: str, lang: str) -> str:
    """The text to go on from: the newest in this language, else the Italian one."""
    return _form(key, lang)


@pages.post("/<key>/<lang>/write")
def write(key: str, lang: str) -> Response:
    """Keep the next version: a draft, until somebody else signs it."""
    _allowed(key, lang, "leaflet.write")
    g.again = lambda problem: _form(key, lang, problem)
    texts.write(g.db, g.actor, key, lang, request.form.get("text", ""))
    return redirect(url_for("leaflets.show", key=key, lang=lang, done="leaflet_written"), 303)


@pages.post("/<key>/<lang>/sign")
def sign(key: str, lang: str) -> Response:
    """A mediator has read it all and knows the language."""
    _allowed(key, lang, "leaflet.sign")
    g.again = lambda problem: _page(key, lang, problem)
    version, declared = request.form.get("version", 0, int), request.form.get("declared") == "true"
    leaflets.sign(g.db, g.actor, key, lang, version, declared=declared)
    return redirect(url_for("leaflets.show", key=key, lang=lang, done="leaflet_signed"), 303)


def _states(kind: Kind) -> list[tuple[str, Leaflet | None, Leaflet | None]]:
    """By language: the version in use, and a newer draft if there is one."""
    places = texts.by_language(leaflets.all_of(g.db, [kind.key]))
    rows = ((language, leaflets.in_use(known), known[0] if known else None) for language, known in places.items())
    return [(language, used, newest if newest is not used else None) for language, used, newest in rows]


def _allowed(key: str, lang: str, action: str) -> Kind:
    access.require(g.actor, action)
    return texts.find(key, lang)


def _version(key: str, lang: str) -> Leaflet:
    """The version asked for, else the one in use; NotYours if there is none."""
    _allowed(key, lang, "leaflet.read")
    known, number = leaflets.versions(g.db, key, lang), request.args.get("version", None, int)
    chosen = next((each for each in known if each.version == number), None) if number else leaflets.in_use(known)
    if chosen is None:
        raise NotYours
    return chosen


def _page(key: str, lang: str, problem: Refused | None = None) -> str:
    kind, known = _allowed(key, lang, "leaflet.read"), leaflets.versions(g.db, key, lang)
    facts: dict[str, Any] = {"kind": kind, "lang": lang, "known": known, "rtl": lang in texts.RIGHT_TO_LEFT}
    if not known:
        return render_template("leaflets/show.html", **facts, leaflet=None, errors={})
    wanted = request.form.get("version", None, int) if problem else None
    leaflet = next((each for each in known if each.version == wanted), None) or _version(key, lang)
    before = next((each for each in known if each.version < leaflet.version), None)
    neutral = request.args.get("cover") == "neutral"
    return render_template(
        "leaflets/show.html", **facts, leaflet=leaflet, neutral=neutral, head=_head(neutral), foot=_foot(leaflet),
        blocks=texts.blocks(leaflet.text, neutral=neutral), before=before,
        changes=texts.changes(before.text, leaflet.text) if before else [],
        errors=problem.errors if isinstance(problem, InvalidForm) else {},
    )  # fmt: skip


def _form(key: str, lang: str, problem: Refused | None = None) -> str:
    kind = _allowed(key, lang, "leaflet.write")
    known = leaflets.versions(g.db, key, lang)
    italian = leaflets.in_use(leaflets.versions(g.db, key, "it"))
    start = known[0].text if known else ""
    typed = request.form.get("text", "") if problem else start
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    return render_template(
        "leaflets/write.html", kind=kind, lang=lang, text=typed, errors=errors, rtl=lang in texts.RIGHT_TO_LEFT,
        italian=italian.text if italian and lang != "it" else "",
    )  # fmt: skip


def _head(neutral: bool) -> list[Block]:
    """Who gives it: the body of the reader's post; nobody on a neutral sheet."""
    post = next(iter(sorted(post for _, post in g.actor.roles if post)), None)
    if neutral or post is None:
        return []
    found = posts.get(g.db, post)
    return [Block("text", [found.lead or found.name])]


def _foot(leaflet: Leaflet) -> str:
    """Which version it is, as a consent names it, and whether anybody has signed it."""
    return leaflet.name if leaflet.signed_by else f"{leaflet.name} · {gettext('bozza da validare')}"
