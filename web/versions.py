"""The versions of a model, a table or a form: who wrote and who confirmed each, from when it is in force, its file."""

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, url_for
from werkzeug.wrappers import Response as Redirect

from cases import access
from engine import decisions, registry
from engine.drafts import DECISION, FORM
from tasks import workshop as work
from web.workshop import ENDINGS, PLACES, TYPES

pages = Blueprint("versions", __name__, url_prefix="/models")


def show(kind: str, key: str) -> str:
    """Every version, the youngest first; one that is to come may be taken back."""
    access.require(g.actor, "model.read")
    known = work.versions(g.db, kind, key)
    to_come = [each for each in known if registry.is_to_come(each)]
    return render_template(
        "workshop/versions.html",
        kind=kind,
        key=key,
        title=work.title(g.db, kind, key),
        known=known,
        in_force=work.in_force(g.db, kind, key),
        to_come={each.id for each in to_come},
        beside={each.id: decisions.companions(g.db, each) for each in to_come if kind == DECISION},
    )


def withdraw(kind: str, key: str, version_id: str) -> Redirect:
    """A version that is not in force yet never will be."""
    access.require(g.actor, "model.publish")
    work.withdraw(g.db, kind, key, version_id, by=g.actor.user_id)
    return redirect(url_for("versions.show", kind=kind, key=key, done="version_withdrawn"), 303)


def file(kind: str, key: str, version_id: str) -> Response:
    """The file of a version as it was published, under a neutral name."""
    access.require(g.actor, "model.read")
    found: Any = work.version(g.db, kind, key, version_id)
    data, name = (found.content, "form") if kind == FORM else (found.xml, "table" if kind == DECISION else "model")
    headers = {"Content-Disposition": f'attachment; filename="{name}-{found.version}.{ENDINGS[kind]}"'}
    return Response(data, mimetype=TYPES[kind], headers=headers)


for each, place in PLACES.items():
    told, here = {"kind": each}, f"{place}/<key>/versions"
    pages.add_url_rule(here, "show", show, defaults=told)
    pages.add_url_rule(f"{here}/<version_id>/withdraw", "withdraw", withdraw, methods=["POST"], defaults=told)
    pages.add_url_rule(f"{here}/<version_id>.{ENDINGS[each]}", "file", file, defaults=told)
