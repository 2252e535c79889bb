"""Sheets: what was answered in a form that was filed, for who may read it; every reading is written down."""

from collections.abc import Iterable

from flask import Blueprint, g, render_template
from flask_babel import get_locale
from sqlalchemy.orm import Session

from cases import access, sheets
from cases.contacts import Contact
from cases.sheets import Sheet
from core.errors import N_, NotYours
from engine import registry
from tasks import formbook, forms, lists, pathways
from tasks.components import Form
from web import subject
from web.language import named, say

pages = Blueprint("sheets", __name__, url_prefix="/sheets")

# Forms that no task of a model carries.
TITLES = {
    "contact_report": N_("Segnalazione"),
    "consent": N_("Informativa e consenso"),
    "indicator_dimensions": N_("Dimensioni degli indicatori"),

    "contact": N_("Primo contatto"),
    "person_declined": N_("La persona per ora dice di no"),
    "step_skip": N_("Passo saltato"),
    "step_add": N_("Passo aggiunto"),
    "case_close": N_("Chiuso prima del tempo"),
    "case_reopen": N_("Caso riaperto"),
    "reentry_request": N_("La persona rientra"),
    "transfer_withdrawal": N_("La persona non parte più"),
}


@pages.get("/<code>/<sheet_id>")
def show(code: str, sheet_id: str) -> str:
    """One filed sheet, as far as the reader may read it."""
    owner = subject.owner(g.db, g.actor, code)
    sheet = next((filed for filed in sheets.list_(g.db, code) if filed.id == sheet_id), None)
    if sheet is None:
        raise NotYours
    sealed = access.read_sheets(g.db, g.actor, owner, [sheet])[sheet.id]
    told = forms.display(form_of(g.db, sheet), sheets.answers(sheet, sealed), str(get_locale()), say)
    return render_template(
        "sheets/show.html", sheet=sheet, code=code, of_contact=isinstance(owner, Contact), told=told,
        title=titles(g.db)[sheet.form],
    )  # fmt: skip


class Titles(dict[str, str]):
    """The names of forms; one that nobody names is called by its key."""

    def __init__(self, db: Session) -> None:
        self.db = db
        super().__init__({form: say(words) for form, words in TITLES.items()})
        self._name(each.id for each in registry.newest(db))

    def __missing__(self, form: str) -> str:
        """A form that no model in force asks any more is called as the last one called it that did."""
        self._name(registry.past(self.db))
        return self.setdefault(form, form)

    def _name(self, models: Iterable[str]) -> None:
        for node in (node for each in models for node in registry.program(self.db, each).nodes.values()):
            if node.form:
                self.setdefault(node.form, named(node))


def titles(db: Session) -> Titles:
    """What each form is called: the name of the task that carries it."""
    return Titles(db)


def form_of(db: Session, sheet: Sheet) -> Form:
    """The form as it was when the sheet was filed, with its options. What a contact brought into a case is read by the
    form of that contact.
    """
    name = pathways.CONTACT_FORMS.get(sheet.public.get("kind", ""), "") if sheet.form == "contact" else sheet.form
    form = formbook.as_filed(db, name or "contact_call", sheet.schema_version)
    return forms.with_lists(form, lambda which: lists.options(db, which, say))
