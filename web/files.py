"""Documents that somebody brought: added on a page of the case, sent back to be saved under a neutral name."""

from base64 import b64encode

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from cases import access, codes, files, previews
from cases.casefile import Case
from core.errors import InvalidForm, NotYours, Refused

pages = Blueprint("files", __name__, url_prefix="/cases/<code>/files")


@pages.get("/new")
def ask(code: str) -> str:
    """Which file, and what is it?"""
    return _page(_case(code))


@pages.post("/new")
def add(code: str) -> Redirect:
    """Keep it, and go back to the case."""
    case = _case(code)
    g.again = lambda problem: _page(case, problem)
    sent = request.files.get("file")
    files.add(g.db, g.actor, case, request.form.get("what", ""), sent.read() if sent else b"")
    return redirect(url_for("cases.show", code=code, done="file_added", _anchor="documents"), 303)


@pages.get("/<file_id>")
def download(code: str, file_id: str) -> Response:
    """The file, to be saved and not opened in the page; the reading is written down."""
    file, content = files.read(g.db, g.actor, access.get_case(g.db, g.actor, code), file_id)
    reply = Response(content, mimetype=files.TYPES[file.kind])
    reply.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return reply


@pages.get("/<file_id>/preview")
def preview(code: str, file_id: str) -> str:
    """The file as pictures drawn anew, inside the page and nowhere else; the look is written down."""
    case = access.get_case(g.db, g.actor, code)
    file, seen = previews.look(g.db, g.actor, case, file_id)
    pictures = [f"data:image/{_kind(each)};base64,{b64encode(each).decode()}" for each in seen.pictures]
    return render_template("documents/preview.html", code=code, file=file, pictures=pictures, pages=seen.pages)


def _kind(picture: bytes) -> str:
    return "jpeg" if picture.startswith(b"\xff\xd8") else "png"


def _case(code: str) -> Case:
    case = access.get_case(g.db, g.actor, code)
    access.require(g.actor, "document.write", case.post)
    if case.status == "closed":
        raise NotYours
    return case


def _page(case: Case, problem: Refused | None = None) -> str:
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    readable = access.classes(g.db, g.actor, case)
    kinds = [(kind, words) for kind, words in codes.LISTS["tipo_file"] if files.CLASSES[kind] in readable]
    return render_template("documents/upload.html", code=case.code, kinds=kinds, typed=request.form, errors=errors)
