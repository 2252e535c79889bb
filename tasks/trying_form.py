"""A form tried by who writes it: asked, judged and read back by the code of real tasks. Nothing of it is kept."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.errors import InvalidModel
from engine.drafts import FORM
from tasks import forms, lists, workshop
from tasks.components import Component, Form
from tasks.fields import Translate
from tasks.forms import Submitted


@dataclass(frozen=True, slots=True)
class Recorded:
    """One answer as a sheet would keep it: the question, the words, and who may know."""

    part: Component
    words: str


def asked(db: Session, key: str, translate: Translate) -> Form:
    """The draft of a form (or what is in force where there is none) with today's options.

    There is no case: what belongs to one is empty, and what only some cases are asked is asked. Raises NotYours,
    InvalidModel with what must be corrected first.
    """
    content = workshop.content(db, FORM, key)
    form, _ = forms.parse(content, key)
    wrong = [each for each in workshop.findings(db, FORM, key, content) if each.level == "error"]
    if form is None or wrong:
        raise InvalidModel(wrong)
    return forms.with_lists(form, lambda each: lists.options(db, each, translate))


def of_cases(form: Form) -> bool:
    """Whether real cases would see it otherwise: with choices of their own, or without some questions."""
    return any(part.asked[0] or lists.is_of_subject(part.list_name) for part in form.components)


def recorded(form: Form, submitted: Submitted, language: str, translate: Translate) -> list[Recorded]:
    """What a sheet would keep of these answers, in the order of the form. Raises InvalidForm as a real task does."""
    good = forms.answers(form, submitted, translate=translate)
    values = {key: value for answers in good.by_class.values() for key, value in answers.items()}
    words = forms.words_of(form, values, language, translate)
    return [Recorded(part, words[part.key]) for part in form.fields if part.key in words]
