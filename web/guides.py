"""Guides: short notes for colleagues, to search and read."""

from flask import Blueprint, g, render_template, request

from cases import access
from tasks import guides, leaflets

pages = Blueprint("guides", __name__, url_prefix="/guides")


@pages.get("")
def show_list() -> str:
    """The notes in which all the words stand."""
    access.require(g.actor, "leaflet.read")
    words = request.args.get("q", "")[:100].strip()
    return render_template("guides/list.html", found=guides.search(words), q=words)


@pages.get("/<guide>")
def show(guide: str) -> str:
    """One note, with its source and the day to look at it again."""
    access.require(g.actor, "leaflet.read")
    found = guides.get(guide)
    return render_template("guides/show.html", guide=found, blocks=leaflets.blocks(found.text))
