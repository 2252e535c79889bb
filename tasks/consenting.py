"""Form F04 at the desk: one answer for one purpose, and its withdrawal, at any moment of a case."""

from sqlalchemy.orm import Session

from cases import access, consents, sheets
from cases.access import Actor
from cases.casefile import Case
from cases.consents import Consent
from core import clock
from core.errors import InvalidForm, NotYours
from tasks import drafts, formbook, forms, lists
from tasks.components import Form
from tasks.fields import Translate, day
from tasks.forms import Submitted, Typed

FORM = "consent"


def form(db: Session, *, translate: Translate = str) -> Form:
    """The form, with today's options."""
    return forms.with_lists(formbook.read(db, FORM), lambda name: lists.options(db, name, translate))


def find(db: Session, actor: Actor, code: str) -> Case:
    """The case, if the actor may write down what its person answers; else it does not exist."""
    case = access.get_case(db, actor, code)
    access.require(actor, "consent.record", case.post)
    return case


def blank(db: Session) -> Typed:
    """An empty form, with the day of today."""
    return drafts.fill(form(db), {"consent_on": clock.today().isoformat()})


def record(db: Session, actor: Actor, code: str, submitted: Submitted, *, translate: Translate = str) -> Consent:
    """Write down a yes or a no, with its evidence; the sheet keeps what it covers in words."""
    case = find(db, actor, code)
    found = forms.answers(form(db, translate=translate), submitted, translate=translate)
    known = {key: value for answers in found.by_class.values() for key, value in answers.items()}
    expires_on = known.get("consent_expires_on")
    try:
        consent = consents.record(
            db,
            case.code,
            known["consent_purpose"],
            known["consent_receiver"],
            known["consent_answer"] == "dato",
            day(known["consent_on"]) or clock.today(),
            expires_on=day(expires_on) if expires_on else None,
            language=known.get("consent_language"),
            mediator=known.get("consent_mediator_code"),
            text_version=known.get("consent_text_version"),
            way=known.get("consent_way"),
            given_by=known.get("consent_by", consents.PERSON),
            assent=known.get("consent_assent"),
            by=actor.user_id,
        )
    except InvalidForm as refusal:
        spoken = {FIELDS.get(name, name): _said(words, translate) for name, words in refusal.errors.items()}
        raise InvalidForm(spoken) from refusal
    sheets.file(db, case.code, FORM, found.by_class, schema_version=found.form.version, by=actor.user_id)
    return consent


def withdraw(db: Session, actor: Actor, code: str, consent_id: str) -> Consent:
    """She takes a consent back, today; she need not say why."""
    case = find(db, actor, code)
    if consent_id not in {each.id for each in consents.list_(db, case.code)}:
        raise NotYours
    return consents.withdraw(db, consent_id, clock.today(), by=actor.user_id)


def _said(words: list[str], translate: Translate) -> list[str]:
    return [str(translate(each)) for each in words]


FIELDS = {
    "purpose": "consent_purpose",
    "receiver": "consent_receiver",
    "on": "consent_on",
    "expires_on": "consent_expires_on",
    "language": "consent_language",
    "mediator": "consent_mediator_code",
    "text_version": "consent_text_version",
    "way": "consent_way",
    "given_by": "consent_by",
    "assent": "consent_assent",
}
