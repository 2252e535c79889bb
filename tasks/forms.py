"""Forms: one form-js file shows the questions, judges the answers and says which of them the pathway may know.

Which version of a form is in force, `formbook` knows.

The page is made by the server and works without JavaScript; conditions are FEEL and are worked out here, to a fixed
point: the value of a hidden field counts as null, is dropped, and its rules do not run.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Protocol

import marshmallow as ma

from core.clock import ROME
from core.errors import N_, InvalidForm, InvalidModel
from engine.findings import Finding
from tasks import fields
from tasks.components import CHOICES, SEVERAL, Component, Form, Option
from tasks.fields import Translate
from tasks.formjs import KEY, Reader

FOLDER = Path(__file__).parents[1] / "workflows" / "forms"
Lists = Callable[[str], Sequence[Option]]
Typed = dict[str, str | list[str]]


class Submitted(Protocol):
    """What a browser sends (werkzeug's MultiDict), or `Paper`."""

    def get(self, key: str) -> str | None:
        """The first value under this key."""

    def getlist(self, key: str) -> list[str]:
        """All values under this key."""


class Paper:
    """Answers that did not come from a browser: a draft, the command line, the demo."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = {key: _as_typed(value) for key, value in values.items() if value is not None}

    def get(self, key: str) -> str | None:
        """The first value under this key."""
        return next(iter(self.getlist(key)), None)

    def getlist(self, key: str) -> list[str]:
        """All values under this key."""
        value = self._values.get(key, [])
        return value if isinstance(value, list) else [value]


@dataclass(frozen=True, slots=True)
class Answers:
    """Judged answers: by protection class for the sheet, and the few facts that go on to the pathway."""

    form: Form
    by_class: dict[str, dict[str, Any]]
    facts: dict[str, Any]


@cache
def known() -> frozenset[str]:
    """The names of the shipped forms; of all that there are, published ones too: `formbook.known`."""
    return frozenset(path.stem for path in FOLDER.glob("*.json"))


@cache
def sha_of(name: str) -> str:
    """The fingerprint of a shipped form."""
    return hashlib.sha256((FOLDER / f"{name}.json").read_bytes()).hexdigest()


@lru_cache(maxsize=256)
def read(name: str) -> Form:
    """The shipped form of this name; raises InvalidModel with the findings if it is missing or breaks a rule.

    What is in force may be another version: `formbook.read`.
    """
    path = FOLDER / f"{name}.json"
    if not KEY.fullmatch(name) or not path.is_file():
        raise InvalidModel([Finding(None, name, name, N_("il modulo non esiste"))])
    content = path.read_bytes()
    form, findings = parse(content, name)
    if form is None or any(finding.level == "error" for finding in findings):
        raise InvalidModel(findings)
    return form


def check(content: str | bytes, name: str, lists: Iterable[str] | None = None) -> list[Finding]:
    """What this form may not contain, in words; `lists` are the named lists there are (None: any)."""
    return parse(content, name, None if lists is None else frozenset(lists))[1]


def parse(content: str | bytes, name: str, lists: frozenset[str] | None = None) -> tuple[Form | None, list[Finding]]:
    """The form, as far as it can be read, and everything that is wrong with it."""
    reader = Reader(lists)
    try:
        schema = json.loads(content)
    except (ValueError, RecursionError):
        return None, [Finding(None, name, name, N_("il modulo non è scritto in JSON"))]
    if not isinstance(schema, dict):
        return None, [Finding(None, name, name, N_("non è un modulo form-js"))]
    reader.read(schema)
    raw = content.encode() if isinstance(content, str) else content
    return Form(name, hashlib.sha256(raw).hexdigest()[:12], tuple(reader.parts)), reader.findings


def with_lists(form: Form, lists: Lists) -> Form:
    """The same form, its named lists filled with today's options."""
    filled = (
        replace(part, options=tuple(lists(part.list_name))) if part.list_name else part for part in form.components
    )
    return replace(form, components=tuple(filled))


def about(form: Form, lists: Lists) -> Form:
    """The same form without the questions that make no sense for this case (`properties.asked`: list and value)."""
    named = {part.asked[0] for part in form.components} - {""}
    known = {which: {option.value for option in lists(which)} for which in named}
    kept = (part for part in form.components if not part.asked[0] or part.asked[1] in known[part.asked[0]])
    return replace(form, components=tuple(kept))


def typed(form: Form, submitted: Submitted) -> Typed:
    """What the person wrote, field by field, as it came: to show again, or to keep as a draft."""
    found: Typed = {}
    for part in form.fields:
        if part.locked:
            continue
        if part.type in SEVERAL:
            found[part.key] = submitted.getlist(part.key)
        else:
            found[part.key] = (submitted.get(part.key) or "").strip()
    return found


def hidden(form: Form, given: Typed) -> frozenset[str]:
    """The keys of the components that these answers hide."""
    return _settle(form, given)[1]


def answers(form: Form, submitted: Submitted, *, translate: Translate = str) -> Answers:
    """Judge what was submitted; raises InvalidForm with the sentences of each wrong field, in the reader's language."""
    given = typed(form, submitted)
    context, gone = _settle(form, given)
    shown = [part for part in form.fields if part.key not in gone and not part.locked]
    judge = fields.Judge(context, translate)
    schema = ma.Schema.from_dict({part.key: judge.field(part) for part in shown})(unknown=ma.EXCLUDE)
    try:
        good = schema.load({part.key: raw for part in shown if (raw := _raw(part, given[part.key])) is not None})
    except ma.ValidationError as problem:
        raise InvalidForm(_flat(problem.messages)) from problem
    return _sort(form, {key: _plain(value) for key, value in good.items()})


def _settle(form: Form, given: Typed) -> tuple[dict[str, Any], frozenset[str]]:
    """The answers as conditions see them, and what they hide; a circle of conditions ends with all of it shown."""
    values = {part.key: _for_feel(part, given.get(part.key)) for part in form.fields}
    gone: frozenset[str] = frozenset()
    for _ in range(len(form.components) + 1):
        context = {key: None if key in gone else value for key, value in values.items()}
        now = frozenset(part.key for part in form.components if _is_hidden(part, context))
        if now == gone:
            return context, gone
        gone = now
    return values, frozenset()


def _is_hidden(part: Component, context: Mapping[str, Any]) -> bool:
    return any(fields.value_of(condition, context) is True for condition in part.hides)


def _for_feel(part: Component, value: str | list[str] | None) -> Any:
    if part.type == "checkbox":
        return value == "true"
    if not isinstance(value, str):
        return value
    parse = fields.PARSERS.get(part.subtype or part.type)
    found = (parse(value) if parse else value) or None
    return found if found is None or isinstance(found, (str, Decimal)) else _plain(found)


def _raw(part: Component, value: str | list[str]) -> Any:
    """What the schema sees: an empty control is absent, a tick is a truth value."""
    if part.type == "checkbox":
        return value == "true"
    return value or None


def _sort(form: Form, good: Mapping[str, Any]) -> Answers:
    """Split by class. Every fact is named, null if unanswered: a second round must not keep the first one's answer."""
    by_class: dict[str, dict[str, Any]] = {}
    facts = {}
    for part in form.fields:
        value = good.get(part.key)
        if part.is_fact:
            facts[part.key] = value
        if value not in (None, [], ""):
            by_class.setdefault(part.cls, {})[part.key] = value
    return Answers(form, by_class, facts)


def display(form: Form, values: Mapping[str, Any], language: str, translate: Translate = str) -> list[tuple[str, str]]:
    """Label and words of each answer that is there, in the order of the form."""
    said = words_of(form, values, language, translate)
    return [(part.label_in(language), said[part.key]) for part in form.fields if part.key in said]


def words_of(form: Form, values: Mapping[str, Any], language: str, translate: Translate = str) -> dict[str, str]:
    """Words of each answer that is there, by field."""
    answered = (part for part in form.fields if values.get(part.key) not in (None, "", []))
    return {part.key: _words(part, values[part.key], language, translate) for part in answered}


def _words(part: Component, value: Any, language: str, translate: Translate) -> str:
    if part.type == "checkbox":
        return translate(N_("Sì") if value else N_("No"))
    if part.type in CHOICES:
        labels = {option.value: option.label_in(language) for option in part.options}
        return ", ".join(labels.get(str(code), str(code)) for code in (value if isinstance(value, list) else [value]))
    if part.subtype == "date" and (found := fields.day(str(value))):
        return f"{found:%d/%m/%Y}"
    if part.subtype == "datetime" and (instant := fields.moment(str(value))):
        return f"{instant:%d/%m/%Y %H:%M}"
    return str(value).replace(".", ",") if part.type == "number" and language == "it" else str(value)


def _plain(value: Any) -> Any:
    """An answer as JSON: days and instants in ISO form (instants with Rome's offset), numbers as numbers."""
    if isinstance(value, datetime):
        return value.astimezone(ROME).isoformat(timespec="minutes")
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _as_typed(value: Any) -> str | list[str]:
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, (list, tuple)):
        return [str(one) for one in value]
    return value.isoformat() if isinstance(value, (date, datetime, time)) else str(value)


def _flat(messages: Any) -> dict[str, list[str]]:
    """marshmallow's messages, those of list members (by index) brought up to their field."""
    return {key: _sentences(found) for key, found in messages.items()}


def _sentences(found: Any) -> list[str]:
    nested = found if isinstance(found, list) else [words for inner in found.values() for words in inner]
    return list(dict.fromkeys(str(words) for words in nested))


@contextmanager
def spoken(translate: Translate, **places: str) -> Iterator[None]:
    """What the register refuses, in the reader's language, beside the field that the reader sees."""
    try:
        yield
    except InvalidForm as refusal:
        told = {name: [str(translate(words)) for words in found] for name, found in refusal.errors.items()}
        raise InvalidForm({places.get(name, name): found for name, found in told.items()}) from refusal
