"""Letters about a case: prepared from a template, corrected, kept, printed under a neutral title."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response

from cases import access, documents
from cases.documents import Document
from core.errors import InvalidForm, Refused
from tasks import drafts, letters, pdf
from web import auth

pages = Blueprint("documents", __name__, url_prefix="/cases/<code>")


@pages.get("/letters/<letter>")
def prepare(code: str, letter: str) -> str:
    """The letter with what is known filled in, or this person's unfinished version of it."""
    case, found = letters.find(g.db, g.actor, code, letter)
    kept = drafts.load(g.db, _place(code, letter), g.actor.user_id) or {}
    text = str(kept.get("text") or "") or letters.draft(g.db, g.actor, case, found)
    return _page(code, letter, text)


@pages.post("/letters/<letter>")
def write(code: str, letter: str) -> str | Response:
    """Keep the letter and show it as it will be printed."""
    text = request.form.get("text", "")
    g.again = lambda problem: _page(code, letter, text, problem)
    document = letters.write(g.db, g.actor, code, letter, text)
    drafts.remove(g.db, _place(code, letter), g.actor.user_id)
    return redirect(url_for("documents.show", code=code, document_id=document.id), 303)


@pages.get("/documents/<document_id>")
def show(code: str, document_id: str) -> str:
    """A document, to read and to print; the reading is written down."""
    case = access.get_case(g.db, g.actor, code)
    document, text = documents.read(g.db, g.actor, case, document_id)
    lacking = letters.lacks_consent(g.db, case, document.letter)
    return render_template(
        "documents/show.html", code=code, document=document, text=text, name=name_of(document), lacking=lacking
    )


@pages.get("/documents/<document_id>.pdf")
def download(code: str, document_id: str) -> Response:
    """The same as PDF, made now and not kept; the reading is written down."""
    case = access.get_case(g.db, g.actor, code)
    document, text = documents.read(g.db, g.actor, case, document_id)
    return as_pdf(f"documento-{document.id[:8]}", pdf.write("Documento", "it", pdf.plain(text)))


def as_pdf(name: str, content: bytes) -> Response:
    """A PDF to be saved under a name that says nothing."""
    reply = Response(content, mimetype=pdf.TYPE)
    reply.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return reply


def name_of(document: Document) -> str:
    """What a document is called on a page of its case."""
    return letters.spoken(document.letter, str(get_locale()))


def _page(code: str, letter: str, text: str, problem: Refused | None = None) -> str:
    case, found = letters.find(g.db, g.actor, code, letter)
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    lacking = letters.lacks_consent(g.db, case, letter)
    return render_template("documents/prepare.html", code=code, letter=found, text=text, errors=errors, lacking=lacking)


def _place(code: str, letter: str) -> str:
    return f"letter:{code}:{letter}"


def _keep() -> None:
    assert request.view_args  # noqa: S101 - the page carries both
    code, letter = request.view_args["code"], request.view_args["letter"]
    letters.find(g.db, g.actor, code, letter)
    values = {"text": request.form.get("text", "")}
    drafts.save(g.db, _place(code, letter), f"case:{code}", dict(values), by=g.actor.user_id)


auth.keeps_draft("documents.write", _keep)
